"""Passkeys over HTTP with an authenticator in software: whose they are, and every answer that must not sign in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import structs

from backend import clock, database
from backend.people import passkeys, sessions
from backend.scope import SYSTEM, Role
from backend.settings import Settings
from tests.support.authenticator import Authenticator
from tests.support.factory import Factory
from tests.support.http import PASSWORD, Site, running
from tests.support.visits import value

ORIGIN = "https://lifts.example.cn"
PARTY = "lifts.example.cn"


@pytest.fixture
async def site(http: Site, settings: Settings) -> AsyncIterator[Site]:
    """The application under a name over HTTPS; `http` gives it the keys of this test run."""
    async with running(structs.replace(settings, public_url=ORIGIN)) as app:
        site = Site(app)
        yield site
        await site.close()


class Person:
    """Somebody signed in with a password, and their authenticator."""

    def __init__(self, client: httpx.AsyncClient, **options: Any) -> None:
        self.client = client
        self.authenticator = Authenticator(origin=ORIGIN, party=PARTY, **options)

    async def challenge(self, password: str = PASSWORD) -> dict[str, Any]:
        answer = await self.client.post("/api/v1/passkey-challenges", json={"password": password})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()["public_key"]
        return found

    async def send(self, credential: dict[str, Any], name: str = "my phone") -> httpx.Response:
        return await self.client.post("/api/v1/passkeys", json={"name": name, "credential": credential})

    async def register(self) -> str:
        answer = await self.send(self.authenticator.make(await self.challenge()))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


@pytest.fixture
async def person(site: Site, factory: Factory) -> Person:
    """A manager with a passkey."""
    made = Person(await site.api(Role.MANAGER, await factory.firm()))
    await made.register()
    return made


@pytest.fixture
def anybody(site: Site) -> httpx.AsyncClient:
    """A browser that nobody is signed in to."""
    return site.anybody(headers={"Accept-Language": "en"})


async def asked(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.post("/api/v1/sessions/passkey-challenges")
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["public_key"]
    return found


async def shown(client: httpx.AsyncClient, credential: object) -> httpx.Response:
    return await client.post("/api/v1/sessions/passkeys", json={"credential": credential})


async def events(action: str) -> list[dict[str, Any]]:
    async with database.tx(SYSTEM):
        return [row["detail"] for row in await database.fetch("SELECT detail FROM audit_event WHERE action = $1", action)]


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.MANAGER, Role.OWNER, Role.REGULATOR, Role.ADMIN])
async def test_everybody_with_an_account_signs_in_with_a_passkey_and_types_nothing(
    site: Site, factory: Factory, anybody: httpx.AsyncClient, role: Role
) -> None:
    made = Person(await site.api(role, await factory.firm()))
    await made.register()
    options = await asked(anybody)
    assert options.get("allowCredentials", []) == []
    assert options["userVerification"] == "required"
    answer = await shown(anybody, made.authenticator.sign(options))
    assert answer.status_code == 201, answer.text
    anybody.headers["Authorization"] = f"Bearer {answer.json()['token']}"
    assert (await anybody.get("/api/v1/sessions/current")).json()["role"] == role.value
    assert {"way": "passkey"} in await events("sign_in.done")


async def test_what_is_asked_of_the_browser_is_a_key_that_needs_no_login_and_knows_its_holder(person: Person) -> None:
    options = await person.challenge()
    assert options["rp"] == {"id": PARTY, "name": "Liftrounds"}
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert [each["id"] for each in options["excludeCredentials"]] == [person.authenticator.make(options)["id"]]


async def test_one_who_finds_a_signed_in_browser_makes_no_key_without_the_password(person: Person) -> None:
    answer = await person.client.post("/api/v1/passkey-challenges", json={"password": "wrong password"})
    assert (answer.status_code, answer.json()["faults"][0]["path"]) == (400, "password")
    for _ in range(sessions.MAX_FAILED_ATTEMPTS - 1):
        await person.client.post("/api/v1/passkey-challenges", json={"password": "wrong password"})
    assert (await person.client.post("/api/v1/passkey-challenges", json={"password": PASSWORD})).status_code == 429


async def test_the_list_names_them_and_a_removed_one_opens_nothing(person: Person, anybody: httpx.AsyncClient) -> None:
    await shown(anybody, person.authenticator.sign(await asked(anybody)))
    (row,) = (await person.client.get("/api/v1/passkeys")).json()
    assert row["name"] == "my phone"
    assert row["last_used_at"] is not None
    assert (await person.client.delete(f"/api/v1/passkeys/{row['id']}")).status_code == 204
    assert (await shown(anybody, person.authenticator.sign(await asked(anybody)))).status_code == 401
    assert len(await events("passkey.removed")) == 1
    assert (await person.client.delete(f"/api/v1/passkeys/{row['id']}")).status_code == 404


async def test_a_removed_passkey_leaves_the_password(person: Person, site: Site) -> None:
    (row,) = (await person.client.get("/api/v1/passkeys")).json()
    await person.client.delete(f"/api/v1/passkeys/{row['id']}")
    login = await value("SELECT login FROM account WHERE role = 'manager'")
    again = await site.anybody().post("/api/v1/sessions", json={"login": login, "password": PASSWORD})
    assert again.status_code == 201


async def test_nobody_sees_or_removes_the_passkey_of_a_colleague(person: Person, site: Site) -> None:
    firm: UUID = await value("SELECT firm FROM account WHERE role = 'manager'")
    colleague = await site.api(Role.MANAGER, firm)
    (row,) = (await person.client.get("/api/v1/passkeys")).json()
    assert (await colleague.get("/api/v1/passkeys")).json() == []
    assert (await colleague.delete(f"/api/v1/passkeys/{row['id']}")).status_code == 404


WRONG: dict[str, dict[str, Any]] = {
    "another site": {"origin": "https://lifts.example.com"},
    "the same name over plain http": {"origin": "http://lifts.example.cn"},
    "another port": {"origin": "https://lifts.example.cn:8443"},
    "a name below": {"origin": "https://a.lifts.example.cn"},
    "another party": {"party": "example.cn"},
    "a touch without finger or code": {"verified": False},
    "another account's name": {"user": bytes(16)},
    "no account's name": {"user": b""},
    "another key": {"key": ec.generate_private_key(ec.SECP256R1())},
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_an_answer_that_does_not_hold_is_refused_and_noted(
    person: Person, anybody: httpx.AsyncClient, wrong: str
) -> None:  # fmt: skip
    answer = await shown(anybody, person.authenticator.sign(await asked(anybody), **WRONG[wrong]))
    assert answer.status_code == 401
    assert answer.json()["detail"] == "this passkey does not sign in here: use your password"
    (noted,) = await events("sign_in.refused")
    assert noted["way"] == "passkey"
    assert (await shown(anybody, person.authenticator.sign(await asked(anybody)))).status_code == 201


async def test_an_answer_signs_in_once(person: Person, anybody: httpx.AsyncClient) -> None:
    signed = person.authenticator.sign(await asked(anybody))
    assert (await shown(anybody, signed)).status_code == 201
    assert (await shown(anybody, signed)).status_code == 401
    assert [each["reason"] for each in await events("sign_in.refused")] == ["challenge"]


async def test_a_wrong_answer_uses_up_its_challenge(person: Person, anybody: httpx.AsyncClient) -> None:
    options = await asked(anybody)
    await shown(anybody, person.authenticator.sign(options, verified=False))
    assert (await shown(anybody, person.authenticator.sign(options))).status_code == 401


async def test_a_challenge_is_good_for_five_minutes(
    person: Person, anybody: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = await asked(anybody)
    later = clock.now() + passkeys.CHALLENGE_LIFETIME
    monkeypatch.setattr(clock, "now", lambda: later)
    assert (await shown(anybody, person.authenticator.sign(options))).status_code == 401


async def test_a_challenge_that_we_never_gave_is_refused(person: Person, anybody: httpx.AsyncClient) -> None:
    assert (await shown(anybody, person.authenticator.sign({"challenge": "A" * 43}))).status_code == 401


async def test_a_challenge_to_make_a_key_signs_nobody_in_and_the_other_way_round(
    person: Person, anybody: httpx.AsyncClient
) -> None:
    assert (await shown(anybody, person.authenticator.sign(await person.challenge()))).status_code == 401
    other = Authenticator(origin=ORIGIN, party=PARTY)
    asked_to_sign_in = await asked(anybody)
    made = other.make((await person.challenge()) | {"challenge": asked_to_sign_in["challenge"]})
    assert (await person.send(made)).status_code == 400


async def test_a_key_is_made_for_the_account_that_asked(person: Person, site: Site, factory: Factory) -> None:
    other = Person(await site.api(Role.MANAGER, await factory.firm()))
    made = other.authenticator.make(await person.challenge())
    assert (await other.send(made)).status_code == 400
    assert (await other.client.get("/api/v1/passkeys")).json() == []
    assert [each["reason"] for each in await events("passkey.refused")] == ["challenge"]


@pytest.mark.parametrize("wrong", [{"origin": "https://evil.example"}, {"verified": False}], ids=["origin", "unverified"])
async def test_a_key_made_elsewhere_or_without_its_holder_is_not_taken(person: Person, wrong: dict[str, Any]) -> None:
    other = Authenticator(origin=ORIGIN, party=PARTY)
    assert (await person.send(other.make(await person.challenge(), **wrong))).status_code == 400
    assert len(await events("passkey.refused")) == 1


async def test_a_key_that_is_there_already_is_not_taken_twice(person: Person) -> None:
    assert (await person.send(person.authenticator.make(await person.challenge()))).status_code == 409


async def test_a_copied_key_shows_by_its_count_and_is_refused(person: Person, anybody: httpx.AsyncClient) -> None:
    for _ in range(2):
        assert (await shown(anybody, person.authenticator.sign(await asked(anybody)))).status_code == 201
    person.authenticator.uses = 0  # the copy was made before
    assert (await shown(anybody, person.authenticator.sign(await asked(anybody)))).status_code == 401
    assert await events("passkey.copied") == [{"way": "passkey", "reason": "counter"}]


async def test_a_key_that_does_not_count_signs_in_again_and_again(
    site: Site, factory: Factory, anybody: httpx.AsyncClient
) -> None:
    made = Person(await site.api(Role.MANAGER, await factory.firm()), counts=False)
    await made.register()
    for _ in range(3):
        assert (await shown(anybody, made.authenticator.sign(await asked(anybody)))).status_code == 201


async def test_wrong_answers_in_the_name_of_a_key_lock_it_for_a_while(person: Person, anybody: httpx.AsyncClient) -> None:
    for _ in range(sessions.MAX_FAILED_ATTEMPTS):
        await shown(anybody, person.authenticator.sign(await asked(anybody), verified=False))
    locked = await shown(anybody, person.authenticator.sign(await asked(anybody)))
    assert locked.status_code == 429
    assert int(locked.headers["Retry-After"]) <= sessions.LOCK.total_seconds() + 1


async def test_an_account_that_is_switched_off_signs_in_by_no_key(person: Person, anybody: httpx.AsyncClient) -> None:
    async with database.tx(SYSTEM):
        await database.execute("UPDATE account SET active = false WHERE role = 'manager'")
    assert (await shown(anybody, person.authenticator.sign(await asked(anybody)))).status_code == 401


@pytest.mark.parametrize(
    "credential",
    [
        {}, {"id": 1, "rawId": [], "response": "x"}, {"rawId": "é", "response": {"clientDataJSON": "%%"}},
        {"response": {"clientDataJSON": "W10"}}, {"response": {"clientDataJSON": "gICA"}}, {"rawId": "A" * 100_000},
    ],
)  # fmt: skip
async def test_what_is_no_answer_is_refused_without_a_trace(anybody: httpx.AsyncClient, credential: dict[str, Any]) -> None:
    assert (await shown(anybody, credential)).status_code == 401
    assert await events("sign_in.refused") == []


async def test_unanswered_challenges_are_bounded_and_go(
    anybody: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(passkeys, "MOST_CHALLENGES", 2)
    for _ in range(2):
        await asked(anybody)
    assert (await anybody.post("/api/v1/sessions/passkey-challenges")).status_code == 429
    later = clock.now() + passkeys.CHALLENGE_LIFETIME + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    await asked(anybody)
    await sessions.remove_expired()
    assert await value("SELECT count(*) FROM passkey_challenge") == 1


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\nb"])
async def test_a_key_has_a_name_that_can_be_read(person: Person, name: str) -> None:
    other = Authenticator(origin=ORIGIN, party=PARTY)
    answer = await person.send(other.make(await person.challenge()), name)
    assert (answer.status_code, answer.json()["faults"][0]["path"]) == (400, "name")


async def test_without_a_name_or_https_there_are_none_and_it_says_why(http: Site) -> None:
    answer = await http.anybody(headers={"Accept-Language": "en"}).post("/api/v1/sessions/passkey-challenges")
    assert answer.status_code == 409
    assert "need HTTPS" in answer.json()["detail"]
