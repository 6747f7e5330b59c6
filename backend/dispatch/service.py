"""Entrapment dispatch (困人救援): raised once, rung by the ladder, answered, arrived, released, closed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec

from backend import clock, database
from backend.dispatch import people_queries, queries, reading, ringing, rules, wording
from backend.dispatch.inputs import AnswerInput, ArriveInput, CloseInput, RaiseInput
from backend.dispatch.queries import DispatchRow, Facts, NewDispatch
from backend.dispatch.reading import dispatch, dispatches
from backend.dispatch.views import Answer, DispatchView, Outcome, Source
from backend.errors import Conflict, Fault, InvalidInput, NotAllowed, NotFound
from backend.labels import service as labels
from backend.messages.live import tell_inside
from backend.people.service import audit
from backend.scope import Role, Scope
from qr.keys import KeyRing

__all__ = ["answer", "arrive", "arrived_inside", "close", "dispatch", "dispatches", "raise_dispatch", "raise_inside", "release"]

OLDEST_CALL = timedelta(hours=2)
"""A call that comes to us later than this is no reason to ring anybody: whoever was inside is out, or the fire brigade came."""

MOST_TEXT = 500
"""Characters of what was said, told or reported: a page of the record of the rescue shows it whole."""

MOST_CALL_ID = 200
MOST_PEOPLE = 100
"""Inside of one car: the largest take some eighty."""


async def raise_dispatch(scope: Scope, given: RaiseInput) -> DispatchView:
    """Take a call for help: the first of an elevator raises a dispatch, later ones are merged into it. Safe to repeat.

    Raises
    ------
    InvalidInput
        With all faults, such as an elevator that is not named clearly.
    NotFound
        If the asker's firm has no such elevator.
    Conflict
        If the call's id was used for another elevator.
    """
    now = clock.now()
    faults = _faults(given, now)
    if faults:
        raise InvalidInput("the call cannot be taken", faults=faults)
    async with database.tx(scope):
        elevator = await _elevator(given.elevator.strip())
        id = await raise_inside(elevator, given, scope.account, now)  # noqa: A001 - as in the table
        return await reading.view_inside(id)


async def raise_inside(elevator: UUID, given: RaiseInput, account: UUID | None, now: datetime) -> UUID:
    """Take a call for help inside the caller's transaction; return its dispatch.

    Raises
    ------
    NotFound
        If there is no such elevator in sight.
    Conflict
        If the call's id was used for another elevator.
    """
    facts = await queries.facts(elevator)
    if facts is None:
        raise NotFound("no elevator {elevator}", elevator=elevator)
    await queries.lock_elevator(elevator)
    known = await queries.dispatch_of_call(facts.firm, given.source.value, given.call)
    if known is not None:
        if known[1] != elevator:
            raise Conflict("the call {call} was of another elevator: make a new id", call=given.call)
        return known[0]
    open_one = await queries.open_at(elevator)
    if open_one is not None:
        return await _merged(open_one, given, account, now)
    return await _raised(facts, given, account, now)


async def _merged(row: DispatchRow, given: RaiseInput, account: UUID | None, now: datetime) -> UUID:
    await queries.insert_call(row.firm, row.id, given.source.value, given.call, given.at or now)
    detail = _told(given)
    await queries.add_node(row.firm, row.id, now, "merged", account, detail)
    await audit(row.firm, account, "dispatch.merged", str(row.id), {"source": given.source.value})
    await tell_inside(ringing.topic(row.firm))
    return row.id


async def _raised(facts: Facts, given: RaiseInput, account: UUID | None, now: datetime) -> UUID:
    at = min(given.at or now, now)
    day = clock.local_date(now, facts.time_zone)
    limit = rules.limit_of(facts.rule_pack, day, facts.region, facts.district)
    own = await people_queries.ladder(facts.firm)
    rungs = own[0] if own is not None else msgspec.to_builtins(rules.ladder_of(facts.rule_pack, day))
    new = NewDispatch(
        id=uuid4(), firm=facts.firm, elevator=facts.elevator, source=given.source.value, caller=given.caller.strip(),
        words=given.words.strip(), people=given.people, raised_at=at, raised_by=account, ladder=rungs, limit_s=limit.limit_s,
        limit_rule=limit.rule, due_at=at + timedelta(seconds=limit.limit_s),
    )  # fmt: skip
    await queries.insert(new)
    await queries.insert_call(facts.firm, new.id, given.source.value, given.call, at)
    await queries.add_node(facts.firm, new.id, at, "raised", account, _told(given))
    detail = {"elevator": str(facts.elevator), "source": given.source.value}
    await audit(facts.firm, account, "dispatch.raised", str(new.id), detail)
    row = await queries.locked(new.id)
    assert row is not None  # noqa: S101 - it was written just now
    await ringing.tell_bots_inside(row, facts, now)
    await ringing.ring_next_inside(row, now)
    await ringing.put_off_inside(new.id, now)
    return new.id


def _told(given: RaiseInput) -> dict[str, Any]:
    told: dict[str, Any] = {"source": given.source.value, "caller": given.caller.strip(), "words": given.words.strip()}
    return told | ({} if given.people is None else {"people": given.people})


async def answer(scope: Scope, id: UUID, given: AnswerInput) -> DispatchView:  # noqa: A002 - as everywhere
    """Take what somebody answers: "I am going" stops the ladder, "I cannot" rings the next at once where nobody is left.

    A technician answers for themselves; the office for itself, or for a technician who answered by telephone. Safe to repeat.

    Raises
    ------
    NotFound
        If the asker's firm has no such dispatch or technician.
    NotAllowed
        If a technician who was not rung says that they cannot; whoever is near may go.
    Conflict
        If it is closed, or somebody is there already.
    """
    if len(given.reason) > MOST_TEXT:
        raise InvalidInput("the answer cannot be taken", faults=[_too_long("reason")])
    async with database.tx(scope):
        row = await _open(id)
        if row.arrived_at is not None:
            raise Conflict("somebody is at the elevator already")
        account, technician, name = await _person(scope, row, given.technician)
        now = clock.now()
        was_rung = await queries.set_answer(id, account, technician, given.answer.value, given.reason.strip(), now)
        if not was_rung and scope.role is Role.TECHNICIAN and given.answer is Answer.CANNOT:
            raise NotAllowed("you were not rung for this")
        detail: dict[str, Any] = {"name": name} | ({"reason": given.reason.strip()} if given.reason.strip() else {})
        await queries.add_node(row.firm, id, now, given.answer.value, scope.account, detail)
        await audit(row.firm, scope.account, f"dispatch.{given.answer.value}", str(id), detail)
        if given.answer is Answer.GOING:
            await _going(row, account, name, now)
        else:
            await _cannot(row, account, now)
        await tell_inside(ringing.topic(row.firm))
        return await reading.view_inside(id)


async def _going(row: DispatchRow, account: UUID | None, name: str, now: datetime) -> None:
    await queries.set_going(row.id, account, now)
    facts = await queries.facts(row.elevator)
    if row.acknowledged_at is None and facts is not None:
        title = wording.going_title(facts, name)
        await ringing.tell_managers_inside(row, f"going:{name}", title, wording.Both("", ""), now)


async def _cannot(row: DispatchRow, account: UUID | None, now: datetime) -> None:
    """Ring the next rung at once where nobody of this one is left, or where whoever was to go does not."""
    if row.acknowledged_at is not None:
        if row.acknowledged_by != account:
            return
        await queries.set_not_going(row.id)
    elif not await queries.all_refused(row.id, row.rung):
        return
    again = await queries.locked(row.id)
    assert again is not None  # noqa: S101 - it is locked
    await ringing.ring_next_inside(again, now)
    await ringing.put_off_inside(row.id, now)


async def arrive(scope: Scope, ring: KeyRing, id: UUID, given: ArriveInput) -> DispatchView:  # noqa: A002
    """Note that somebody is there: by the label in the car, or by the button. The first time counts. Safe to repeat.

    Raises
    ------
    NotFound
        If the asker's firm has no such dispatch or technician, or the code opens nothing of it.
    Conflict
        If the label is of another elevator (it is named), or the dispatch is closed.
    """
    async with database.tx(scope):
        row = await _open(id)
        how = "button"
        if given.code.strip():
            label = await labels.resolve_inside(ring, given.code, firm=row.firm)
            if label.elevator != row.elevator:
                other = await queries.facts(label.elevator)
                raise Conflict(
                    "this is the label of another elevator: {elevator}",
                    elevator=wording.place(other) if other else label.elevator,
                )
            how = "scan"
        account, technician, name = await _person(scope, row, given.technician)
        await _arrived(row, account, technician, name, clock.now(), how)
        return await reading.view_inside(id)


async def arrived_inside(elevator: UUID, account: UUID | None, technician: UUID, at: datetime) -> None:
    """Note that an arrival scan was made at an elevator, inside the caller's transaction: it stops a rescue's clock.

    The scan may come late; it counts for the rescue that was under way when it was made. One before the first call does not:
    whoever was in the building still has to come.
    """
    row = await queries.under_way_at(elevator, at)
    if row is None:
        return
    found = await people_queries.account_of(row.firm, technician)
    name = found[1] if found else ""
    await _arrived(row, account or (found[0] if found else None), technician, name, at, "scan")


async def _arrived(row: DispatchRow, account: UUID | None, technician: UUID | None, name: str, at: datetime, how: str) -> None:
    """Write an arrival, unless there is one that was earlier."""
    if row.arrived_at is not None and row.arrived_at <= at:
        return
    await queries.set_arrived(row.id, account, at, how)
    if row.acknowledged_at is None:
        await queries.set_going(row.id, account, at)
    await queries.add_node(row.firm, row.id, at, "arrived", account, {"name": name, "how": how})
    await audit(row.firm, account, "dispatch.arrived", str(row.id), {"how": how, "technician": str(technician or "")})
    facts = await queries.facts(row.elevator)
    if facts is not None and row.closed_at is None and row.arrived_at is None:
        title = wording.arrived_title(facts, name)
        await ringing.tell_managers_inside(row, "arrived", title, wording.Both("", ""), clock.now())
    await tell_inside(ringing.topic(row.firm))


async def release(scope: Scope, id: UUID) -> DispatchView:  # noqa: A002
    """Note that the people are out. The first time counts. Safe to repeat.

    Raises
    ------
    NotFound
        If the asker's firm has no such dispatch.
    Conflict
        If it is closed.
    """
    async with database.tx(scope):
        row = await _open(id)
        if row.released_at is None:
            now = clock.now()
            await queries.set_released(id, now)
            await queries.add_node(row.firm, id, now, "released", scope.account, {})
            await audit(row.firm, scope.account, "dispatch.released", str(id))
            await tell_inside(ringing.topic(row.firm))
        return await reading.view_inside(id)


async def close(scope: Scope, id: UUID, given: CloseInput) -> DispatchView:  # noqa: A002
    """Close a rescue with how it ended; it is kept as the record of the event, and cannot be opened again.

    Raises
    ------
    InvalidInput
        Without a reason.
    NotFound
        If the asker's firm has no such dispatch.
    Conflict
        If it is closed already.
    """
    reason = given.reason.strip()
    if not 1 <= len(reason) <= MOST_TEXT:
        fault = Fault.of("reason", reason[:60] or None, "say what happened in up to {most} characters", most=MOST_TEXT)
        raise InvalidInput("the rescue cannot be closed like this", faults=[fault])
    async with database.tx(scope):
        row = await _open(id)
        now = clock.now()
        if given.outcome is not Outcome.FALSE_ALARM and row.released_at is None:
            await queries.set_released(id, now)
            await queries.add_node(row.firm, id, now, "released", scope.account, {"with_the_close": True})
        await queries.set_closed(id, scope.account, now, given.outcome.value, given.cause.value, reason)
        detail = {"outcome": given.outcome.value, "cause": given.cause.value, "reason": reason}
        await queries.add_node(row.firm, id, now, "closed", scope.account, detail)
        await audit(row.firm, scope.account, "dispatch.closed", str(id), detail)
        await tell_inside(ringing.topic(row.firm))
        return await reading.view_inside(id)


async def _open(id: UUID) -> DispatchRow:  # noqa: A002
    row = await queries.locked(id)
    if row is None:
        raise NotFound("no dispatch {id}", id=id)
    if row.closed_at is not None:
        raise Conflict("this rescue is closed")
    return row


async def _person(scope: Scope, row: DispatchRow, technician: UUID | None) -> tuple[UUID | None, UUID | None, str]:
    """Return account, technician and name of whoever acts: the asker, or whom the office names."""
    if scope.role is Role.TECHNICIAN:
        if technician not in (None, scope.technician):
            raise NotFound("no technician {technician}", technician=technician)  # nobody speaks for a colleague
        technician = scope.technician
    if technician is None:
        return scope.account, None, await reading.account_name_inside(scope.account)
    found = await people_queries.account_of(row.firm, technician)
    if found is None:
        raise NotFound("no technician {technician}", technician=technician)
    return found[0], technician, found[1]


async def _elevator(name: str) -> UUID:
    try:
        return UUID(name)
    except ValueError:
        pass
    found = await queries.elevators_named(name)
    if not found:
        raise NotFound("no elevator {elevator}", elevator=name)
    if len(found) > 1:
        reason = "several elevators have this rescue code: give the registration code"
        raise InvalidInput("the call cannot be taken", faults=[Fault("elevator", name[:40], reason)])
    return found[0]


def _faults(given: RaiseInput, now: datetime) -> list[Fault]:
    faults = [_too_long(name) for name in ("caller", "words") if len(getattr(given, name)) > MOST_TEXT]
    if not 1 <= len(given.call.strip()) <= MOST_CALL_ID:
        faults.append(Fault.of("call", given.call[:60], "give the call an id of up to {most} characters", most=MOST_CALL_ID))
    if not given.elevator.strip():
        faults.append(Fault("elevator", None, "name the elevator: its registration code or its rescue code"))
    if given.source is Source.TELEMETRY:
        faults.append(
            Fault("source", given.source.value, "monitors raise their calls by telemetry: use office, phone or import")
        )
    if given.people is not None and not 0 <= given.people <= MOST_PEOPLE:
        faults.append(Fault("people", str(given.people), "use a whole number from 0 to 100"))
    if given.at is not None and (given.at.tzinfo is None or not now - OLDEST_CALL <= given.at <= now + timedelta(minutes=1)):
        reason = "give the time of the call with its offset, at most two hours ago and not in the future"
        faults.append(Fault("at", given.at.isoformat(), reason))
    return faults


def _too_long(name: str) -> Fault:
    return Fault.of(name, None, "use up to {most} characters", most=MOST_TEXT)
