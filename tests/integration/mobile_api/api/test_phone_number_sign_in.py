"""Signing in with a telephone number: Firebase's own emulator verifies it, and the register says whose it is."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import crypt, jwt
from msgspec import structs

from backend import clock, database
from backend.people import firebase, sessions
from backend.scope import SYSTEM, Role
from backend.settings import Settings
from tests.support.factory import Factory
from tests.support.firebase import PROJECT, Emulator, claims_of, emulator, unsigned
from tests.support.http import Site, account, running
from tests.support.phone import SoftPhone
from tests.support.visits import value

NUMBER = "+8613800138000"


@pytest.fixture(scope="module")
def at_firebase() -> Iterator[Emulator]:
    """The emulator; it remembers numbers from test to test, as Firebase does."""
    with emulator() as started:
        yield started


@pytest.fixture
async def site(
    http: Site, settings: Settings, at_firebase: Emulator, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Site]:  # fmt: skip
    """The application with phone sign-in by the emulator; `http` gives it the keys of this test run."""
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", at_firebase.host)  # the library reads it by itself
    using = structs.replace(settings, firebase_project=PROJECT, auth_emulator=at_firebase.host)
    async with running(using) as app:
        site = Site(app)
        yield site
        await site.close()


async def technician(factory: Factory, phone: str = NUMBER, firm: UUID | None = None, **columns: Any) -> UUID:
    """A technician with an account and a number in the register."""
    firm = firm or await factory.firm()
    made = await factory.technician(firm, phone=phone, **columns)
    await account(firm, Role.TECHNICIAN, technician=made)
    return made


async def shown(site: Site, token: str) -> httpx.Response:
    client = site.anybody(headers={"Accept-Language": "en"})
    return await client.post("/api/v1/sessions/phone-numbers", json={"id_token": token})


async def refusals() -> list[str]:
    async with database.tx(SYSTEM):
        rows = await database.fetch("SELECT detail FROM audit_event WHERE action = 'sign_in.refused' ORDER BY at")
    assert all(row["detail"]["way"] == "phone_number" for row in rows)
    return [row["detail"]["reason"] for row in rows]


def assert_refused(answer: httpx.Response) -> None:
    """Whoever asks is told the same, whatever the reason."""
    assert answer.status_code == 401
    assert answer.json()["detail"].startswith("this number does not sign in here")


async def test_the_code_of_the_sms_opens_the_technicians_day(site: Site, factory: Factory, at_firebase: Emulator) -> None:
    made = await technician(factory)
    answer = await shown(site, at_firebase.token(NUMBER))
    assert answer.status_code == 201, answer.text
    assert answer.json()["technician"] == str(made)
    client = site.anybody(headers={"Authorization": f"Bearer {answer.json()['token']}"})
    day = await client.get("/api/v1/day")
    assert day.status_code == 200, day.text
    assert await value("SELECT detail FROM audit_event WHERE action = 'sign_in.done'") == {"way": "phone_number"}


@pytest.mark.parametrize(
    "written", ["13800138000", "138-0013-8000", "+86 138 0013 8000", "0086 13800138000", "010-8888 7777 / 138 0013 8000"]
)
async def test_a_number_is_known_however_the_office_wrote_it(
    site: Site, factory: Factory, at_firebase: Emulator, written: str
) -> None:
    await technician(factory, written)
    assert (await shown(site, at_firebase.token(NUMBER))).status_code == 201


@pytest.mark.parametrize("written", ["", "+1 380 013 8000", "3800138000", "113800138000", "+852 13800138000"])
async def test_a_number_that_is_only_like_it_is_nobodys(
    site: Site, factory: Factory, at_firebase: Emulator, written: str
) -> None:  # fmt: skip
    await technician(factory, written)
    assert_refused(await shown(site, at_firebase.token(NUMBER)))
    assert await refusals() == ["nobody's number"]


async def test_a_number_of_two_people_signs_in_neither(site: Site, factory: Factory, at_firebase: Emulator) -> None:
    await technician(factory)
    await technician(factory, "138 0013 8000")
    assert_refused(await shown(site, at_firebase.token(NUMBER)))
    assert await refusals() == ["the number of several technicians"]


async def test_one_who_has_left_does_not_sign_in_and_frees_the_number(
    site: Site, factory: Factory, at_firebase: Emulator
) -> None:
    await technician(factory, active=False)
    assert_refused(await shown(site, at_firebase.token(NUMBER)))
    made = await technician(factory)
    assert (await shown(site, at_firebase.token(NUMBER))).json()["technician"] == str(made)


async def test_an_account_that_is_switched_off_does_not_sign_in(site: Site, factory: Factory, at_firebase: Emulator) -> None:
    made = await technician(factory)
    async with database.tx(SYSTEM):
        await database.execute("UPDATE account SET active = false WHERE technician = $1", made)
    assert_refused(await shown(site, at_firebase.token(NUMBER)))


async def test_the_number_of_a_lost_phone_opens_nothing_until_a_phone_is_enrolled_anew(
    site: Site, factory: Factory, at_firebase: Emulator
) -> None:
    firm = await factory.firm()
    made = await technician(factory, firm=firm)
    manager = await site.api(Role.MANAGER, firm)
    client = await site.api(Role.TECHNICIAN, firm, technician=await factory.technician(firm))
    client.headers["Authorization"] = f"Bearer {(await shown(site, at_firebase.token(NUMBER))).json()['token']}"
    lost, new = SoftPhone(at=clock.now()), SoftPhone(at=clock.now())
    await lost.enrol(client, (await manager.post(f"/api/v1/technicians/{made}/phone-invites")).json()["code"])
    assert (await manager.post(f"/api/v1/phones/{lost.id}/revoke", json={"reason": "lost"})).status_code == 200
    assert_refused(await shown(site, at_firebase.token(NUMBER)))
    assert await refusals() == ["the phone was revoked and none was enrolled since"]
    again = await site.api(Role.TECHNICIAN, firm, technician=made)  # by password, on the new phone
    await new.enrol(again, (await manager.post(f"/api/v1/technicians/{made}/phone-invites")).json()["code"])
    async with database.tx(SYSTEM):  # the two accounts of this test are one person's
        await database.execute(
            "UPDATE account SET active = false WHERE technician = $1 AND id NOT IN (SELECT account FROM phone"
            " WHERE technician = $1 AND revoked_at IS NULL)",
            made,
        )
    assert (await shown(site, at_firebase.token(NUMBER))).status_code == 201


def changed(token: str, **claims: Any) -> str:
    return unsigned(claims_of(token) | claims)


async def test_tokens_of_another_project_of_nobody_or_of_before_open_nothing(
    site: Site, factory: Factory, at_firebase: Emulator
) -> None:
    await technician(factory)
    token, now = at_firebase.token(NUMBER), int(time.time())
    other = f"https://securetoken.google.com/{PROJECT}-2"
    wrong = [
        changed(token, aud=f"{PROJECT}-2"), changed(token, iss=other), changed(token, sub="nobody"),
        changed(token, auth_time=now - int(firebase.FRESH.total_seconds()) - 5), changed(token, auth_time=now + 3600),
        changed(token, exp=now - 1),
        changed(token, auth_time="x"), changed(token, phone_number="+8613900139000"), changed(token, phone_number=None),
        changed(token, firebase={"sign_in_provider": "password"}), at_firebase.mail_token(), "", "a.b.c", "x" * 9_000,
    ]  # fmt: skip
    for each in wrong:
        assert_refused(await shown(site, each))
    assert len(await refusals()) == len(wrong)
    assert await value("SELECT count(*) FROM session WHERE client LIKE '%'") == 0


@pytest.mark.parametrize(
    "change", [{"disableUser": True}, {"validSince": str(int(time.time()) + 3600)}], ids=["off", "revoked"]
)
async def test_a_sign_in_that_was_taken_back_at_firebase_opens_nothing(
    site: Site, factory: Factory, at_firebase: Emulator, change: dict[str, Any]
) -> None:
    number = f"+86139{8 if 'disableUser' in change else 9}0000000"
    await technician(factory, number)
    token = at_firebase.token(number)
    at_firebase.change(token, **change)
    assert_refused(await shown(site, token))


async def test_refusals_in_a_row_lock_a_number_for_a_while(site: Site, factory: Factory, at_firebase: Emulator) -> None:
    token = at_firebase.token(NUMBER)
    for _ in range(sessions.MAX_FAILED_ATTEMPTS):
        assert_refused(await shown(site, token))
    await technician(factory)
    assert (await shown(site, token)).status_code == 429


async def test_browsers_are_told_where_their_number_is_verified(site: Site, http: Site, at_firebase: Emulator) -> None:
    told = (await site.anybody().get("/api/v1/sign-in-ways")).json()
    assert told["phone_number"] == {
        "project": PROJECT, "api_key": "none", "url": f"http://{at_firebase.host}/identitytoolkit.googleapis.com",
        "recaptcha": False,
    }  # fmt: skip
    assert (await http.anybody().get("/api/v1/sign-in-ways")).json()["phone_number"] is None


async def test_where_it_is_not_set_up_nothing_is_taken(http: Site) -> None:
    answer = await shown(http, "a.b.c")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


class TestWithoutTheEmulator:
    """As in production: every token is signed by Google, or opens nothing."""

    @pytest.fixture
    async def real(self, http: Site, settings: Settings, tmp_path: Path) -> AsyncIterator[Site]:
        """The application with phone sign-in by a project with a service account."""
        using = structs.replace(settings, firebase_project=PROJECT, firebase_api_key="k", fcm_account=service_account(tmp_path))
        async with running(using) as app:
            site = Site(app)
            yield site
            await site.close()

    async def test_a_token_that_nobody_signed_is_refused(
        self, real: Site, factory: Factory, at_firebase: Emulator
    ) -> None:  # fmt: skip
        await technician(factory)
        assert_refused(await shown(real, at_firebase.token(NUMBER)))
        assert "kid" in (await refusals())[0]

    async def test_a_token_with_another_algorithm_or_project_is_refused_before_any_key_is_fetched(
        self, real: Site, factory: Factory, at_firebase: Emulator
    ) -> None:
        await technician(factory)
        claims = claims_of(at_firebase.token(NUMBER))
        for alg, project in (("HS256", PROJECT), ("none", PROJECT), ("RS256", "another")):
            assert_refused(await shown(real, signed(claims | {"aud": project}, alg=alg)))
        assert len(await refusals()) == 3

    async def test_an_emulator_that_only_the_library_knows_of_is_not_believed(
        self, real: Site, factory: Factory, at_firebase: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await technician(factory)
        monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", at_firebase.host)
        assert (await shown(real, at_firebase.token(NUMBER))).status_code == 503

    async def test_a_signature_is_checked_against_the_keys_of_google(
        self, settings: Settings, tmp_path: Path, at_firebase: Emulator
    ) -> None:
        """A token signed by a key of ours is taken where Google publishes that key, and forged where it does not."""
        using = structs.replace(settings, firebase_project=PROJECT, fcm_account=service_account(tmp_path))
        claims = claims_of(at_firebase.token(NUMBER))
        genuine, forged = signed(claims), signed(claims, key=rsa_key())
        assert checked_signature(using, genuine) == ""
        assert "signature" in checked_signature(using, forged)
        late = claims | {"iat": 1, "exp": int(time.time() - timedelta(hours=1).total_seconds())}
        assert "expired" in checked_signature(using, signed(late))


_OWN = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()  # fmt: skip


def service_account(folder: Path) -> Path:
    """The file of a service account that is none of Google's."""
    path = folder / "account.json"
    told = {
        "type": "service_account", "project_id": PROJECT, "private_key": pem(_OWN), "private_key_id": "1",
        "client_email": "a@example.com", "token_uri": "http://127.0.0.1:1/token",
    }  # fmt: skip
    path.write_text(json.dumps(told))
    return path


def signed(claims: dict[str, Any], *, key: rsa.RSAPrivateKey = _OWN, alg: str = "RS256") -> str:
    """A token with a signature."""
    signer: Any = crypt.RSASigner.from_string(pem(key), key_id="1")  # type: ignore[no-untyped-call]
    token: bytes = jwt.encode(signer, claims, header={"alg": alg})  # type: ignore[no-untyped-call]
    return token.decode()


def checked_signature(using: Settings, token: str) -> str:
    """What firebase-admin finds wrong with a token where Google's published key is `_OWN`; empty if nothing."""
    from firebase_admin import auth

    published = _OWN.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()  # fmt: skip

    class Published:
        status = 200
        headers: ClassVar[dict[str, str]] = {}
        data = json.dumps({"1": published}).encode()

    verifier = auth._get_client(firebase._app(using))._token_verifier
    try:
        verifier.id_token_verifier.verify(token, lambda *_args, **_kwargs: Published())
    except auth.InvalidIdTokenError as error:
        return str(error).lower()
    return ""
