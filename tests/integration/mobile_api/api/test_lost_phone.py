"""A phone is lost: whoever has it is out at once, and what the technician had not sent is still taken, for review."""

from __future__ import annotations

import pytest
from msgspec import structs

from backend import clock, keyfile
from backend.scope import Role
from backend.settings import Settings
from qr.chain import handover
from qr.chain.envelope import Envelope
from qr.chain.times import milliseconds
from tests.support.authenticator import Authenticator
from tests.support.factory import Factory
from tests.support.http import PASSWORD, Site, running
from tests.support.phone import SoftPhone
from tests.support.signed import SignedPlace
from tests.support.visits import Workplace, value

LOCALHOST = "http://localhost:8000"


@pytest.fixture
async def signed(factory: Factory, http: Site, settings: Settings) -> SignedPlace:
    """Two technicians with phones at an elevator."""
    return await SignedPlace.open(await Workplace.open(factory, keyfile.label_keys(settings)), http)


async def revoke(signed: SignedPlace) -> None:
    answer = await signed.manager.post(f"/api/v1/phones/{signed.phone.id}/revoke", json={"reason": "left on the bus"})
    assert answer.status_code == 200, answer.text


async def test_its_session_ends_and_its_records_come_in_by_a_later_sign_in(signed: SignedPlace) -> None:
    visit = signed.visit()
    await revoke(signed)
    assert (await signed.phone.send(signed.first, signed.phone.queue)).status_code == 401
    assert (await signed.first.get("/api/v1/day")).status_code == 401
    await signed.sign_in_again()
    told = (await signed.first.get(f"/api/v1/phones/{signed.phone.id}")).json()
    assert told["revoked_reason"] == "left on the bus"  # what the app shows
    results = await signed.sync()
    assert [result["state"] for result in results] == ["kept"] * 3
    assert all("revoked" in result["reason_en"] for result in results)
    assert await value("SELECT count(*) FROM visit") == 0
    rows = (await signed.manager.get("/api/v1/entries/held")).json()["rows"]
    done = await signed.manager.post(f"/api/v1/entries/{rows[0]['id']}/take-by-hand", json={"reason": "found again"})
    assert done.json()["state"] == "applied"
    assert (await signed.manager.get(f"/api/v1/visits/{visit}")).json()["summary"]["review"] == "waiting"


async def test_its_records_come_in_by_a_file_without_anybody_signing_in_on_it(signed: SignedPlace, settings: Settings) -> None:
    signed.visit()
    await revoke(signed)
    file = handover.HandoverFile(
        format="liftrounds-handover/1", phone=signed.phone.id, made_at_ms=milliseconds(clock.now()), part=1, parts=1,
        entries=[Envelope(payload=one["payload"], signature=one["signature"]) for one in signed.phone.queue], photos=[],
    )  # fmt: skip
    content = handover.encrypt(file, handover.public_jwk(keyfile.handover_keys(settings)))
    taken = await signed.manager.post("/api/v1/phones/handover", content=content)
    assert taken.status_code == 200, taken.text
    assert [result["state"] for result in taken.json()["results"]] == ["kept"] * 3
    assert await value("SELECT count(*) FROM visit") == 0


async def test_the_technicians_other_phone_and_everybody_else_stay_signed_in(signed: SignedPlace) -> None:
    technician = signed.place.technician.technician
    assert technician is not None
    other = await signed.site.api(Role.TECHNICIAN, signed.place.firm, technician=technician)
    await signed.enrol(SoftPhone(at=clock.now()), other, technician)
    somewhere = await signed.site.api(Role.TECHNICIAN, signed.place.firm, technician=technician)
    await revoke(signed)
    assert (await other.get("/api/v1/day")).status_code == 200
    assert (await signed.second.get("/api/v1/day")).status_code == 200
    assert (await somewhere.get("/api/v1/day")).status_code == 401  # on no phone that is known: it may be the lost one
    detail = await value("SELECT detail FROM audit_event WHERE action = 'phone.revoked'")
    assert (detail["sessions"], detail["passkeys"]) == (2, 0)


async def test_a_session_that_has_sent_a_phones_records_is_on_it(signed: SignedPlace) -> None:
    signed.visit()
    await signed.sign_in_again()
    await signed.sync()
    assert await value("SELECT count(*) FROM session WHERE phone = $1", signed.phone.id) == 2


async def test_a_session_is_not_on_a_colleagues_phone_whatever_it_sends(signed: SignedPlace) -> None:
    signed.visit()
    await signed.phone.send(signed.second, signed.phone.queue)
    assert await value("SELECT count(*) FROM session WHERE phone = $1", signed.phone.id) == 1


async def test_its_passkey_opens_nothing(signed: SignedPlace, settings: Settings) -> None:
    async with running(structs.replace(settings, public_url=LOCALHOST)) as app:
        site = Site(app)
        phone = site.anybody(headers=dict(signed.first.headers))
        made = Authenticator(origin=LOCALHOST, party="localhost")
        options = (await phone.post("/api/v1/passkey-challenges", json={"password": PASSWORD})).json()["public_key"]
        added = await phone.post("/api/v1/passkeys", json={"name": "phone", "credential": made.make(options)})
        assert added.status_code == 201, added.text
        await revoke(signed)
        asked = (await phone.post("/api/v1/sessions/passkey-challenges")).json()["public_key"]
        answer = await phone.post("/api/v1/sessions/passkeys", json={"credential": made.sign(asked)})
        assert answer.status_code == 401
        await site.close()
