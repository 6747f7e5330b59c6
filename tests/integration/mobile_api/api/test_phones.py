"""Phones over HTTP: invite, enrol, list, revoke, server times."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from backend import clock, database, keyfile
from backend.people import service as people
from backend.scope import SYSTEM, Role
from backend.settings import Settings
from qr.base64url import to_base64url
from qr.chain import beacon
from qr.chain.envelope import root_of
from qr.chain.writer import PhoneKey
from tests.support.factory import Factory
from tests.support.http import Site


class Firm:
    """A manager, a technician and their clients."""

    def __init__(self, firm: UUID, technician: UUID, manager: httpx.AsyncClient, own: httpx.AsyncClient) -> None:
        self.firm, self.technician, self.manager, self.own = firm, technician, manager, own

    async def code(self) -> str:
        answer = await self.manager.post(f"/api/v1/technicians/{self.technician}/phone-invites")
        assert answer.status_code == 201, answer.text
        code: str = answer.json()["code"]
        return code


@pytest.fixture
async def office(http: Site, factory: Factory) -> Firm:
    firm = await factory.firm()
    technician = await factory.technician(firm)
    own = await http.api(Role.TECHNICIAN, firm, technician=technician)
    return Firm(firm, technician, await http.api(Role.MANAGER, firm), own)


KEY, OTHER = PhoneKey(7_001), PhoneKey(7_002)


def body(code: str, key: PhoneKey = KEY, **changes: Any) -> dict[str, Any]:
    return {"invite": code, "name": "Redmi 9", "public_key": to_base64url(key.point), "proof": key.proof(code)} | changes


async def test_a_phone_is_enrolled_with_an_invitation(office: Firm, settings: Settings) -> None:
    code = await office.code()
    answer = await office.own.post("/api/v1/phones", json=body(code))
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert told["technician"] == str(office.technician)
    assert told["head"] == {"seq": 0, "sha256": root_of(KEY.point)}
    assert told["handover_key"]["crv"] == "P-256"
    assert "d" not in told["handover_key"]
    at_ms = beacon.read(told["beacon"], keyfile.beacon_keys(settings).public)
    assert abs(at_ms / 1000 - clock.now().timestamp()) < 60
    listed = (await office.manager.get("/api/v1/phones")).json()
    assert [(one["name"], one["revoked_at"], one["entries"]) for one in listed] == [("Redmi 9", None, 0)]


async def test_the_same_enrolment_again_gives_the_same_phone(office: Firm) -> None:
    given = body(await office.code())
    first, second = [(await office.own.post("/api/v1/phones", json=given)).json()["id"] for _ in range(2)]
    assert first == second
    assert len((await office.own.get("/api/v1/phones")).json()) == 1


async def test_an_invitation_enrols_one_phone_only(office: Firm) -> None:
    code = await office.code()
    assert (await office.own.post("/api/v1/phones", json=body(code))).status_code == 201
    answer = await office.own.post("/api/v1/phones", json=body(code, OTHER))
    assert answer.status_code == 400
    assert answer.json()["faults"][0]["path"] == "invite"


async def test_an_invitation_may_be_typed_in_small_letters_and_without_its_hyphen(office: Firm) -> None:
    typed = (await office.code()).replace("-", " ").lower()
    assert (await office.own.post("/api/v1/phones", json=body(typed))).status_code == 201


async def test_an_invitation_is_over_after_a_day_and_when_a_newer_one_is_made_or_it_is_withdrawn(office: Firm) -> None:
    old = await office.code()
    newer = await office.code()
    assert (await office.own.post("/api/v1/phones", json=body(old))).status_code == 400
    async with database.tx(SYSTEM):
        await database.execute("UPDATE phone_invite SET expires_at = $1", clock.now() - timedelta(seconds=1))
    assert (await office.own.post("/api/v1/phones", json=body(newer))).status_code == 400
    third = await office.code()
    assert len((await office.manager.get("/api/v1/phone-invites")).json()) == 1
    assert (await office.manager.delete(f"/api/v1/technicians/{office.technician}/phone-invites")).status_code == 204
    assert (await office.manager.get("/api/v1/phone-invites")).json() == []
    assert (await office.own.post("/api/v1/phones", json=body(third))).status_code == 400


async def test_an_invitation_is_its_technicians_alone(office: Firm, http: Site, factory: Factory) -> None:
    code = await office.code()
    colleague = await http.api(Role.TECHNICIAN, office.firm, technician=await factory.technician(office.firm))
    assert (await colleague.post("/api/v1/phones", json=body(code))).status_code == 400
    assert (await office.own.post("/api/v1/phones", json=body(code))).status_code == 201


async def test_only_the_holder_of_the_private_key_enrols_it(office: Firm) -> None:
    code = await office.code()
    for proof in (OTHER.proof(code), KEY.proof("AAAA-AAAA"), "", "x" * 5_000):
        answer = await office.own.post("/api/v1/phones", json=body(code, proof=proof))
        assert answer.status_code == 400, answer.text
        assert [fault["path"] for fault in answer.json()["faults"]] == ["proof"]


async def test_all_faults_of_an_enrolment_are_told_at_once(office: Firm) -> None:
    answer = await office.own.post("/api/v1/phones", json=body(await office.code(), name=" ", public_key="AAAA"))
    assert sorted(fault["path"] for fault in answer.json()["faults"]) == ["name", "public_key"]


async def test_guessing_invitations_is_stopped_and_seen(office: Firm) -> None:
    code = await office.code()
    statuses = [(await office.own.post("/api/v1/phones", json=body(f"AAAA-AAA{n}"))).status_code for n in range(10)]
    assert set(statuses) == {400}
    answer = await office.own.post("/api/v1/phones", json=body(code))
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    async with database.tx(SYSTEM):
        seen = await database.fetch_value("SELECT count(*) FROM audit_event WHERE action = 'phone.invite_refused'")
    assert seen == 10


async def test_a_key_belongs_to_one_phone(office: Firm, http: Site, factory: Factory) -> None:
    assert (await office.own.post("/api/v1/phones", json=body(await office.code()))).status_code == 201
    assert (await office.own.post("/api/v1/phones", json=body(await office.code()))).status_code == 409
    firm = await factory.firm()
    technician = await factory.technician(firm)
    other = await http.api(Role.TECHNICIAN, firm, technician=technician)
    invited = await (await http.api(Role.MANAGER, firm)).post(f"/api/v1/technicians/{technician}/phone-invites")
    answer = await other.post("/api/v1/phones", json=body(invited.json()["code"]))
    assert answer.status_code == 409, "another firm's key, of which nothing is told"


async def test_a_revoked_phone_says_why_and_is_not_enrolled_again(office: Firm, http: Site) -> None:
    given = body(await office.code())
    phone = (await office.own.post("/api/v1/phones", json=given)).json()["id"]
    address = f"/api/v1/phones/{phone}/revoke"
    assert (await office.manager.post(address, json={"reason": "  "})).status_code == 400
    told = (await office.manager.post(address, json={"reason": "lost on the way"})).json()
    assert told["revoked_reason"] == "lost on the way"
    again = (await office.manager.post(address, json={"reason": "another"})).json()
    assert (again["revoked_at"], again["revoked_reason"]) == (told["revoked_at"], "lost on the way")
    assert (await office.own.get("/api/v1/phones")).status_code == 401, "the session of the phone has ended with it"
    signed_in_anew = await http.api(Role.TECHNICIAN, office.firm, technician=office.technician)
    assert (await signed_in_anew.post("/api/v1/phones", json=given)).status_code == 409
    assert (await signed_in_anew.get(f"/api/v1/phones/{phone}")).json()["revoked_reason"] == "lost on the way"


async def test_everything_leaves_a_line_in_the_audit_trail_without_the_code(office: Firm) -> None:
    code = await office.code()
    phone = (await office.own.post("/api/v1/phones", json=body(code))).json()["id"]
    await office.manager.post(f"/api/v1/phones/{phone}/revoke", json={"reason": "sold"})
    page = await people.trail(SYSTEM, action="phone.")
    assert [event.action for event in page.events] == ["phone.revoked", "phone.enrolled", "phone.invited"]
    assert all(code not in str(event.detail) for event in page.events)


async def test_technicians_see_their_own_phones_and_revoke_none(office: Firm, http: Site, factory: Factory) -> None:
    phone = (await office.own.post("/api/v1/phones", json=body(await office.code()))).json()["id"]
    colleague = await http.api(Role.TECHNICIAN, office.firm, technician=await factory.technician(office.firm))
    assert (await colleague.get("/api/v1/phones")).json() == []
    assert (await colleague.get(f"/api/v1/phones/{phone}")).status_code == 404
    assert (await office.own.post(f"/api/v1/phones/{phone}/revoke", json={"reason": "x"})).status_code == 403
    assert (await office.own.post(f"/api/v1/technicians/{office.technician}/phone-invites")).status_code == 403


async def test_a_server_time_is_signed_and_now(office: Firm, settings: Settings) -> None:
    told = (await office.own.get("/api/v1/beacon")).json()
    assert beacon.read(told["token"], keyfile.beacon_keys(settings).public) == told["at_ms"]
    assert abs(told["at_ms"] / 1000 - clock.now().timestamp()) < 60


@pytest.mark.parametrize("address", ["/api/v1/phones", "/api/v1/phone-invites", "/api/v1/duty-turns"])
async def test_lists_are_bounded_and_a_limit_out_of_bounds_is_told(office: Firm, address: str) -> None:
    assert (await office.manager.get(f"{address}?limit=1")).status_code == 200
    for limit in (0, 1001):
        assert (await office.manager.get(f"{address}?limit={limit}")).status_code == 400


async def test_a_limit_keeps_the_first_of_the_list(office: Firm) -> None:
    for key in range(2):
        answer = await office.own.post("/api/v1/phones", json=body(await office.code(), key=PhoneKey(1000 + key)))
        assert answer.status_code == 201
    everything = (await office.manager.get("/api/v1/phones")).json()
    assert len(everything) == 2
    assert (await office.manager.get("/api/v1/phones?limit=1")).json() == everything[:1]
