"""The clock of a rescue: rings the next rung when its time has come, tells the office when nobody is there in time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from backend import clock, database
from backend.dispatch import choosing, people_queries, queries, wording
from backend.dispatch.choosing import Call, Place
from backend.dispatch.queries import DispatchRow, Facts
from backend.jobs.service import enqueue
from backend.messages.live import tell_inside
from backend.messages.service import is_phone, send_inside
from backend.messages.views import Kind, Message, ToAccount, ToBots, ToPhone
from backend.registry import numbers
from backend.rounds.preferences import TRAVEL
from backend.scope import SYSTEM
from planner.intervals.pack_rescue import Rung

LAST_SEEN = timedelta(hours=12)
"""A scan so long ago still says where somebody is: a working day."""

SENT_WITHIN = timedelta(minutes=30)
"""A ring that could not be delivered for so long is not delivered any more."""


def topic(firm: UUID) -> str:
    """Return the topic under which a firm's rescues are live."""
    return f"dispatch:{firm}"


async def step(dispatch: UUID) -> None:
    """Do what the clock says: ring the next rung, tell that it is late. Safe to repeat, and by several at once."""
    async with database.tx(SYSTEM):
        row = await queries.locked(dispatch)
        if row is None or row.closed_at is not None:
            return
        now = clock.now()
        if row.next_rung_at is not None and row.next_rung_at <= now:
            await ring_next_inside(row, now)
        if row.due_at <= now and row.arrived_at is None:
            await _tell_late(row, now)
        await put_off_inside(dispatch, now)


async def put_off_inside(dispatch: UUID, now: datetime) -> None:
    """Have the clock looked at again when the next thing is due, inside the caller's transaction."""
    row = await queries.locked(dispatch)
    if row is None or row.closed_at is not None:
        return
    instants = [row.next_rung_at] if row.next_rung_at is not None else []
    if row.arrived_at is None and row.due_at > now:
        instants.append(row.due_at)
    if instants:
        await enqueue("dispatch_clock", {"dispatch": dispatch}, delay=max(min(instants) - now, timedelta(0)))


async def ring_next_inside(row: DispatchRow, now: datetime) -> None:
    """Ring the next rung that has anybody, inside the caller's transaction."""
    facts = await queries.facts(row.elevator)
    assert facts is not None  # noqa: S101 - a dispatch keeps its elevator
    ladder = msgspec.convert(row.ladder, list[Rung])
    rung = row.rung
    calls: Sequence[Call] = ()
    while not calls and rung < len(ladder):
        rung += 1
        calls = await _of_rung(row, facts, ladder, rung, now)
        if not calls and rung < len(ladder):
            await queries.add_node(row.firm, row.id, now, "nobody", None, {"rung": rung, "who": ladder[rung].who})
    last = len(ladder) + choosing.REPEATS
    over = rung >= last or not calls
    next_at = None if over else now + timedelta(seconds=choosing.wait_of(ladder, rung))
    await queries.set_rung(row.id, rung, now, next_at)
    for call in sorted(calls, key=lambda each: each.who):
        if await queries.insert_ring(row.firm, row.id, rung, call, now):
            await _ring(row, facts, rung, call, now)
    if calls:
        detail = {"rung": rung, "names": [call.name for call in calls], "again": rung >= len(ladder)}
        await queries.add_node(row.firm, row.id, now, "rung", None, detail)
    if over:
        await queries.add_node(row.firm, row.id, now, "ladder_ended", None, {})
    await tell_inside(topic(row.firm))


async def _of_rung(row: DispatchRow, facts: Facts, ladder: Sequence[Rung], rung: int, now: datetime) -> Sequence[Call]:
    """Return whom a rung rings; beyond the ladder's end, everybody again."""
    before = await queries.rung_so_far(row.id)
    if rung >= len(ladder):
        return choosing.again(before, await queries.refused(row.id))
    match ladder[rung].who:
        case "managers":
            return await people_queries.managers(row.firm)
        case "firm_phone":
            phone = facts.phone_24h.strip()
            call = Call(
                who=phone, name=facts.firm_name, phone=phone, why_zh="公司24小时电话", why_en="the firm's 24-hour phone"
            )
            return [call] if is_phone(phone) else []
        case _:
            day = clock.local_date(now, facts.time_zone)
            people = await people_queries.people(row.firm, now, day, now - LAST_SEEN)
            place = Place(lat=facts.lat, lon=facts.lon, skills=facts.skills)
            rung_already = {call.technician for call in before if call.technician is not None}
            return choosing.nearest(people, place, TRAVEL, rung_already, ladder[rung].people)


async def _ring(row: DispatchRow, facts: Facts, rung: int, call: Call, now: datetime) -> None:
    """Tell one of a rung: by account with everything that reaches it, else by SMS."""
    title, text = wording.ring_title(facts), wording.ring_text(facts, row.due_at, call)
    if call.account is not None:
        to: ToAccount | ToPhone = ToAccount(call.account)
        link = f"/work/dispatches/{row.id}" if call.technician is not None else f"/office/dispatches/{row.id}"
    elif is_phone(call.phone):
        to, link = ToPhone(numbers.dialled(call.phone)), ""
    else:
        detail = {"name": call.name, "reason": "no account and no number"}
        await queries.add_node(row.firm, row.id, now, "cannot_be_rung", None, detail)
        return
    message = Message(
        to=to, kind=Kind.RESCUE, title_zh=title.zh, title_en=title.en, text_zh=text.zh, text_en=text.en, urgent=True,
        expires_at=now + SENT_WITHIN, subject=str(row.id), link=link, dedupe_key=f"dispatch:{row.id}:{rung}:{call.who}",
    )  # fmt: skip
    await send_inside(row.firm, message)


async def tell_bots_inside(row: DispatchRow, facts: Facts, now: datetime) -> None:
    """Tell the firm's bots that somebody is trapped, inside the caller's transaction."""
    title, text = wording.ring_title(facts), wording.ring_text(facts, row.due_at, None)
    message = Message(
        to=ToBots(), kind=Kind.RESCUE, title_zh=title.zh, title_en=title.en, text_zh=text.zh, text_en=text.en, urgent=True,
        expires_at=now + SENT_WITHIN, subject=str(row.id), link=f"/office/dispatches/{row.id}",
        dedupe_key=f"dispatch:{row.id}:bots",
    )  # fmt: skip
    await send_inside(row.firm, message)


async def tell_managers_inside(row: DispatchRow, what: str, title: wording.Both, text: wording.Both, now: datetime) -> None:
    """Tell the firm's managers of a turn that a rescue has taken, inside the caller's transaction."""
    for manager in sorted(await people_queries.managers(row.firm), key=lambda each: each.who):
        assert manager.account is not None  # noqa: S101 - managers are found by their accounts
        message = Message(
            to=ToAccount(manager.account), kind=Kind.RESCUE, title_zh=title.zh, title_en=title.en, text_zh=text.zh,
            text_en=text.en, urgent=True, expires_at=now + SENT_WITHIN, subject=str(row.id),
            link=f"/office/dispatches/{row.id}", dedupe_key=f"dispatch:{row.id}:{what}:{manager.who}",
        )  # fmt: skip
        await send_inside(row.firm, message)


async def _tell_late(row: DispatchRow, now: datetime) -> None:
    """Say once that nobody is there in time."""
    if await queries.has_node(row.id, "late"):
        return
    facts = await queries.facts(row.elevator)
    assert facts is not None  # noqa: S101 - a dispatch keeps its elevator
    await queries.add_node(row.firm, row.id, now, "late", None, {"due_at": row.due_at.isoformat()})
    await tell_managers_inside(row, "late", wording.late_title(facts), wording.late_text(facts, row), now)
    await tell_inside(topic(row.firm))


async def watch() -> int:
    """Take up rescues whose clock nobody has looked at; return how many."""
    now = clock.now()
    async with database.tx(SYSTEM):
        behind = await queries.due_steps(now)
        for dispatch in behind:
            await enqueue("dispatch_clock", {"dispatch": dispatch})
    return len(behind)
