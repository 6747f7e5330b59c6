"""A firm with one of everything that has an id, so that another firm's requests for each can be tried."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from msgspec import Struct

from backend import clock, database
from backend.confirmations import service as confirmations
from backend.dispatch import service as dispatch
from backend.dispatch.inputs import RaiseInput
from backend.levelling import service as levelling
from backend.people.sessions import sign_in
from backend.recordlog import service as recordlog
from backend.risk import nightly
from backend.rounds import comparisons
from backend.rounds import service as rounds
from backend.scope import SYSTEM, Role, Scope
from backend.telemetry import service as telemetry
from backend.visits import service as visits
from backend.visits.inputs import FindingInput, Severity
from qr.chain.writer import PhoneKey
from qr.keys import KeyRing
from tests.support.factory import Factory
from tests.support.http import PASSWORD, account
from tests.support.logged import RING
from tests.support.visits import Workplace, value


class World(Struct, frozen=True, kw_only=True):
    """The ids of a firm's things by kind."""

    place: Workplace
    ids: dict[str, str]

    @property
    def firm(self) -> UUID:
        return self.place.firm


async def world(factory: Factory, ring: KeyRing, marker: str) -> World:
    """Make a firm with one of everything; what has a name has the marker in it."""
    place = await Workplace.open(factory, ring)
    firm = place.firm
    await _mark(place, marker)
    ids: dict[str, Any] = {"firm": firm, "owner": place.owner, "site": place.site, "elevator": place.elevator}
    ids["technician"] = place.technician.technician
    ids["second_technician"] = place.second.technician
    ids["contract"] = await factory.row(
        "contract", firm=firm, owner=place.owner, number=f"{marker} contract", starts_on=date(2026, 1, 1)
    )
    ids["certificate"] = await value("SELECT id FROM certificate WHERE technician = $1", ids["technician"])
    ids["absence"] = await factory.row(
        "absence", firm=firm, technician=ids["technician"], starts_on=date(2027, 1, 4), ends_on=date(2027, 1, 5), reason=marker
    )
    ids["period"] = await factory.row(
        "special_period", firm=firm, name=f"{marker} period", kind="major_event", starts_on=date(2027, 2, 1),
        ends_on=date(2027, 2, 2),
    )  # fmt: skip
    ids["deferral"] = await factory.row(
        "deferral", firm=firm, elevator=place.elevator, counted_from=date(2026, 1, 1), due_on=date(2026, 1, 16), days=3,
        reason="no_access", document=f"{marker} deferral", issuer=f"{marker} issuer", dated_on=date(2026, 1, 10),
        consent_on=date(2026, 1, 10), entered_on=date(2026, 1, 11), file=b"%PDF-1.7", file_name=f"{marker}.pdf",
        file_type="application/pdf",
    )  # fmt: skip
    device, key = await telemetry.add_device(place.manager, place.elevator, f"{marker}-device")
    ids |= {"device": device.id, "device_key": key}
    heard_of = await value("SELECT registration_code FROM elevator WHERE id = $1", place.elevator)
    await telemetry.ingest(place.manager, [{"elevator": heard_of, "at": clock.now().isoformat(), "seq": 1}])
    await nightly.fit_firm(firm)
    ids |= await _visits(place, marker)
    ids |= await _rounds(place, marker)
    ids |= await _told(place, marker)
    ids["owner_code"] = await confirmations.make_code(place.technician, ids["visit"])
    ids["known_phone"] = await factory.row(
        "known_phone", firm=firm, owner=place.owner, number_mac=marker, number_tail="123", token_sha256=f"{marker}{firm}",
        client=f"{marker} phone", expires_at=clock.now() + timedelta(days=9),
    )  # fmt: skip
    ids["label"] = await value("SELECT id FROM label WHERE elevator = $1", place.elevator)
    ids["batch"] = await value("SELECT batch FROM label WHERE elevator = $1", place.elevator)
    ids["phone"] = await factory.row(
        "phone", firm=firm, technician=ids["technician"], account=place.technician.account, name=f"{marker} phone",
        public_key=PhoneKey(secrets.randbits(255) + 1).point, head_sha256="0" * 64,
    )  # fmt: skip
    ids |= await _handed_in(factory, firm, ids, marker)
    login = await account(firm, Role.MANAGER)
    ids["account"] = await value("SELECT id FROM account WHERE login = $1", login)
    _token, signed_in = await sign_in(login, PASSWORD, api=True)
    ids["session"] = signed_in.session
    ids["passkey"] = await factory.row(
        "passkey", account=ids["account"], credential_id=secrets.token_bytes(16), public_key=b"key", name=f"{marker} passkey"
    )
    return World(place=place, ids={kind: str(found) for kind, found in ids.items()} | {"code": place.code})


async def _handed_in(factory: Factory, firm: UUID, ids: dict[str, Any], marker: str) -> dict[str, Any]:
    """A photo of the finished visit whose content has not come, and an entry that is held."""
    entry = await factory.row(
        "intake_entry", firm=firm, phone=ids["phone"], technician=ids["technician"], seq=1, sha256=f"{marker}{firm}",
        kind="departure", visit=ids["open_visit"], at=clock.now(), state="held",
        reason={"template": f"{marker} reason", "params": {}}, faults=[],
    )  # fmt: skip
    photo = await factory.row(
        "photo", firm=firm, technician=ids["technician"], visit=ids["visit"], claimed_visit=ids["visit"], item=marker,
        sha256="0" * 64, bytes=1, width_px=1, height_px=1, taken_at=clock.now(),
    )  # fmt: skip
    return {"entry": entry, "photo": photo}


async def _mark(place: Workplace, marker: str) -> None:
    """Put the marker into the names of what the workplace has made."""
    async with database.tx(SYSTEM):
        await database.execute("UPDATE firm SET name = $2 || ' firm' WHERE id = $1", place.firm, marker)
        await database.execute("UPDATE owner SET name = $2 || ' owner' WHERE firm = $1", place.firm, marker)
        await database.execute("UPDATE site SET name = $2 || ' site', district = $2 WHERE firm = $1", place.firm, marker)
        await database.execute(
            "UPDATE elevator SET unit_name = $2 || ' car', manufacturer = $2 WHERE firm = $1", place.firm, marker
        )
        await database.execute("UPDATE technician SET name = $2 || ' technician' WHERE firm = $1", place.firm, marker)


async def _visits(place: Workplace, marker: str) -> dict[str, Any]:
    """A finished visit with a finding and its notice, and one under way at another elevator."""
    arrived = await place.arrive(at=clock.now() - timedelta(minutes=50))
    finding = await visits.add_finding(
        place.technician,
        arrived.summary.id,
        FindingInput(id=uuid4(), severity=Severity.GENERAL, description=f"{marker} finding", place="pit"),
    )
    await place.answer_all(arrived)
    await place.depart(arrived.summary.id)
    await recordlog.append(RING)
    _elevator, code = await place.another_elevator(unit_name=f"{marker} second car")
    under_way = await place.arrive(code)
    return {"visit": arrived.summary.id, "finding": finding.id, "notice": finding.notice, "open_visit": under_way.summary.id}


async def _rounds(place: Workplace, marker: str) -> dict[str, Any]:
    """A published round of tomorrow with a stop, its crew and its run."""
    (order,) = await place.publish(day=clock.today("Asia/Shanghai") + timedelta(days=1))
    async with database.tx(SYSTEM):
        (found,) = await database.fetch(
            "SELECT r.id AS round, r.crew, m.id AS member FROM work_order o JOIN published_round r ON r.id = o.round"
            " JOIN crew_member m ON m.crew = r.crew WHERE o.id = $1 ORDER BY m.id LIMIT 1",
            order,
        )
        await database.execute("UPDATE crew SET name = $2 || ' crew' WHERE id = $1", found["crew"], marker)
    for weekday in range(7):
        await place.factory.row("shift", firm=place.firm, crew=found["crew"], weekday=weekday, from_s=28_800, to_s=61_200)
    run = await rounds.request_run(place.manager, clock.today("Asia/Shanghai") + timedelta(days=2), 3)
    answer = {"now_s": 0, "time_zone": "Asia/Shanghai", "options": [], "notes": []}
    repair = await place.factory.row("day_repair", firm=place.firm, day=clock.today("Asia/Shanghai"), answer=answer)
    compared = await comparisons.request_comparison(place.manager)
    levelled = await levelling.request_levelling(place.manager)
    ids = await _day_changes(place, found["crew"], order, marker)
    return (
        ids
        | dict(found)
        | {
            "run": run.id,
            "comparison": compared.id,
            "levelling": levelled.id,
            "order": order,
            "work_order": order,
            "repair": repair,
        }
    )


async def _day_changes(place: Workplace, crew: UUID, order: UUID, marker: str) -> dict[str, Any]:
    """A stop of tomorrow that was handed back and taken up again, and a swap that is offered to the same crew."""
    firm, day, technician = place.firm, clock.today("Asia/Shanghai") + timedelta(days=1), place.technician.technician
    rejection = await place.factory.row(
        "stop_rejection", firm=firm, work_order=order, elevator=place.elevator, crew=crew, technician=technician, day=day,
        reason="other", note=f"{marker} note", at=clock.now(), round_version=1, undone_at=clock.now(),
    )  # fmt: skip
    side = {
        "drive_by_s": 0, "metres_by": 0, "return_s": None, "return_before_s": None, "overtime_s": 0, "overtime_most_s": 0,
    }  # fmt: skip
    figures = {"gives_name": marker, "takes_name": "", "mine": side, "theirs": side, "zh": marker, "en": marker}
    swap = await place.factory.row(
        "swap_offer", firm=firm, day=day, technician=technician, crew=crew, to_crew=crew, gives=order, note=f"{marker} note",
        figures=figures, expires_at=clock.now() + timedelta(minutes=30),
    )  # fmt: skip
    return {"rejection": rejection, "swap": swap}


async def _told(place: Workplace, marker: str) -> dict[str, Any]:
    """A rescue under way, a duty turn, a bot, a message with a delivery, a subscription."""
    firm, now = place.firm, clock.now()
    raised = await dispatch.raise_dispatch(
        place.manager, RaiseInput(call=marker, elevator=str(place.elevator), words=f"{marker} words", caller=f"{marker} caller")
    )
    turn = await place.factory.row(
        "duty_turn", firm=firm, technician=place.technician.technician, starts_at=now, ends_at=now + timedelta(hours=8)
    )
    bot = await place.factory.row(
        "message_bot", firm=firm, kind="wecom", name=f"{marker} bot", sealed="AAAA", shown=f"{marker} shown"
    )
    message = await place.factory.row(
        "message",
        firm=firm,
        account=place.manager.account,
        kind="notice",
        title_zh=f"{marker} title",
        title_en=f"{marker} title",
    )
    delivery = await place.factory.row(
        "message_delivery",
        firm=firm,
        message=message,
        channel="email",
        target=f"{marker}@example.com",
        shown=marker,
        state="failed",
    )
    subscription = await place.factory.row(
        "push_subscription", firm=firm, account=place.manager.account, kind="fcm", endpoint=f"{marker}-token",
        endpoint_hash=f"{marker}{firm}", name=f"{marker} browser",
    )  # fmt: skip
    return {
        "dispatch": raised.summary.id, "duty_turn": turn, "bot": bot, "message": message, "delivery": delivery,
        "subscription": subscription,
    }  # fmt: skip


def asker_scope(place: Workplace, role: Role) -> Scope:
    """The scope of the workplace's person of a role."""
    return {Role.TECHNICIAN: place.technician, Role.OWNER: place.owner_scope}.get(role, place.manager)
