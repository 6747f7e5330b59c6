"""Carrying a repair out, and taking it back: published rounds are rewritten, those alone whose day changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid4

import msgspec
from msgspec.structs import replace

from backend import clock, database
from backend.errors import Conflict, Fault, InvalidInput, Outdated, RoundTaken
from backend.messages.telling import tell_crews_inside
from backend.people.service import audit
from backend.rounds import fact_queries, order_queries, queries, repair_queries
from backend.rounds.order_queries import NewOrder, NewRound
from backend.rounds.repair import existing_repair, view
from backend.rounds.repair_queries import Kept, OrderState, RepairRow, RoundState
from backend.rounds.repair_views import GOOD_FOR, CrewLine, OptionView, RepairState, RepairView, VisitLine
from backend.scope import Scope
from backend.upkeep import service as upkeep
from planner.today.words import CODES

DEFAULT_CLASS = "half_month"
"""Class of an emergency's stop where its elevator has no due window."""


async def apply_repair(scope: Scope, id: UUID, number: int = 1) -> RepairView:  # noqa: A002 - as everywhere in this room
    """Carry a proposal out: the technicians see their new day at once. Safe to repeat.

    Parameters
    ----------
    scope
        A manager of the firm.
    id
        Of the proposal.
    number
        Which of its options.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    InvalidInput
        If there is no such option.
    Outdated
        If a round that it changes has changed since, or it is too old: ask anew.
    RoundTaken
        If a crew has got a round meanwhile where the proposal makes one.
    Conflict
        If it was discarded or undone.
    """
    async with database.tx(scope):
        row = await existing_repair(id, lock=True)
        if row.state == RepairState.APPLIED and row.chosen == number:
            return view(row)
        if row.state != RepairState.PROPOSED:
            raise Conflict("this proposal has been decided about: tell anew what has happened")
        option = _option(row, number)
        await queries.lock_publishing(row.firm)
        await _refuse_outdated(row, option)
        before, after = await _carried_out(row, option)
        await repair_queries.keep(id, msgspec.to_builtins(before), msgspec.to_builtins(after))
        await repair_queries.decide(id, RepairState.APPLIED, scope.account, clock.now(), number)
        detail = {"day": row.day.isoformat(), "crews": len(option.crews), "stops": len(option.visits), "reason": option.en}
        await audit(row.firm, scope.account, "repair.applied", str(id), detail)
        await _tell(row, option)
        return view(await existing_repair(id))


async def _tell(row: RepairRow, option: OptionView) -> None:
    """Tell those whose day has changed, and nobody else."""
    days: dict[UUID, list[date]] = {}
    for line in option.crews:
        days.setdefault(line.crew, []).append(line.day)
    await tell_crews_inside(row.firm, days, "您{days}的维保路线有变动", "Your round on {days} has changed")


def _option(row: RepairRow, number: int) -> OptionView:
    options = view(row).options
    if not options:
        raise Conflict("nobody can take the emergency today: there is nothing to carry out")
    if not 1 <= number <= len(options):
        fault = Fault.of("option", str(number), "use a number from 1 to {most}", most=len(options))
        raise InvalidInput("there is no such option", faults=[fault])
    return options[number - 1]


async def _refuse_outdated(row: RepairRow, option: OptionView) -> None:
    """Refuse what was made from another day than the one that is there: rounds changed, time passed, rounds come up."""
    if row.asked_at + GOOD_FOR < clock.now() or row.day != clock.today(await fact_queries.time_zone(row.firm)):
        raise Outdated("this proposal is too old, the crews are somewhere else by now: ask anew")
    last = max([row.day, *(line.day for line in option.crews)])
    now = {each.id: each for each in await repair_queries.rounds_from(row.firm, row.day, last)}
    names: list[str] = []
    for line in option.crews:
        if line.round is None:
            if any((each.crew, each.day) == (line.crew, line.day) for each in now.values()):
                raise RoundTaken(
                    "the crew {crew} already has a published round on {day}", crew=line.crew_name, day=line.day.isoformat()
                )
        elif line.round not in now or now[line.round].version != row.seen.get(str(line.round)):
            names.append(line.crew_name)
    if names:
        told = ", ".join(dict.fromkeys(names))
        raise Outdated("the day has moved on since this was proposed ({crews}): ask anew", crews=told)


async def _carried_out(row: RepairRow, option: OptionView) -> tuple[Kept, Kept]:
    """Rewrite the rounds; return what was there and what is there now."""
    touched = [line.round for line in option.crews if line.round is not None]
    moved = [change.order for change in option.visits]
    before = await repair_queries.state_of(touched, moved)
    old = {order.id: order for order in before.orders}
    rounds = {(line.crew, line.day): line.round or uuid4() for line in option.crews}
    run = next(each.run for each in await repair_queries.rounds_from(row.firm, row.day, row.day))
    made = [_new_round(line, rounds[line.crew, line.day]) for line in option.crews if line.round is None and line.stops]
    now = clock.now()
    await order_queries.insert_rounds(row.firm, run, made, now)
    await repair_queries.make_room(touched)
    fresh = {change.order for change in option.visits if change.kind == "added"}
    await repair_queries.set_stops(rewritten(option, old, rounds, before))
    await order_queries.insert_orders(row.firm, await _new_orders(row, option, fresh, rounds), now)
    states = {each.id: each for each in before.rounds}
    for line in option.crews:
        if line.round is not None:
            await repair_queries.set_round(times_of(line, states[line.round]))
    gone = await repair_queries.remove_empty(touched)
    left = [*(each for each in touched if each not in gone), *(each.id for each in made)]
    return before, await repair_queries.state_of(left, [])


def _new_round(line: CrewLine, id: UUID) -> NewRound:  # noqa: A002
    return NewRound(
        id=id, crew=line.crew, day=line.day, depart_s=line.depart_s or 0, return_s=line.return_s or 0,
        break_start_s=line.break_start_s, break_duration_s=line.break_duration_s,
    )  # fmt: skip


def times_of(line: CrewLine, state: RoundState) -> RoundState:
    """Give a round its new times; one without stops keeps those it had."""
    if line.depart_s is None or line.return_s is None:
        return state
    return replace(
        state, depart_s=line.depart_s, return_s=line.return_s, break_start_s=line.break_start_s,
        break_duration_s=line.break_duration_s,
    )  # fmt: skip


def rewritten(
    option: OptionView, old: dict[UUID, OrderState], rounds: dict[tuple[UUID, date], UUID], before: Kept
) -> list[OrderState]:
    """Give the stops of all changed rounds: places and times, and why some are out; what is over keeps its planned times."""
    found: dict[UUID, OrderState] = {}
    used: dict[UUID, int] = {}
    for line in option.crews:
        here = rounds[line.crew, line.day]
        used[here] = len(line.stops)
        for position, stop in enumerate(line.stops):
            if stop.order not in old:
                continue
            known = replace(old[stop.order], round=here, position=position)
            if not stop.frozen or known.state == "scheduled":
                known = replace(known, arrive_s=stop.arrive_s, start_s=stop.start_s, leave_s=stop.leave_s)
            found[stop.order] = known
    lost = {change.order: change for change in option.visits if change.kind in ("dropped", "cancelled")}
    for order in before.orders:  # those that stand on no round any more keep theirs, behind its stops
        if order.id in found:
            continue
        position = used.get(order.round, 0)
        used[order.round] = position + 1
        kept = replace(order, position=position)
        if order.id in lost and order.state == "scheduled":
            kept = replace(kept, state="cancelled", state_reason=_reason(lost[order.id]))
        found[order.id] = kept
    return list(found.values())


def _reason(change: VisitLine) -> str:
    """Say why a stop is out, in both languages: the office and the technicians read it."""
    en, zh = CODES.get(change.code, (change.code, change.code))
    return f"{zh} / {en}"


async def _new_orders(
    row: RepairRow, option: OptionView, fresh: set[UUID], rounds: dict[tuple[UUID, date], UUID]
) -> list[NewOrder]:
    """Make the stops of emergencies; they carry the class that is due, for whoever makes the whole visit at once."""
    events = {event.elevator: event for event in view(row).events.emergencies}
    orders = []
    for line in option.crews:
        for position, stop in enumerate(line.stops):
            if stop.order not in fresh:
                continue
            window = await upkeep.window_inside(stop.elevator)
            note = events[stop.elevator].note if stop.elevator in events else ""
            orders.append(
                NewOrder(
                    id=stop.order,
                    round=rounds[line.crew, line.day],
                    elevator=stop.elevator,
                    position=position,
                    arrive_s=stop.arrive_s,
                    start_s=stop.start_s,
                    leave_s=stop.leave_s,
                    maintenance_class=window.maintenance_class if window else DEFAULT_CLASS,
                    due_first_day=min(window.first_day, row.day) if window else row.day,
                    due_last_day=max(window.last_day, row.day) if window else row.day,
                    reason_en=f"Emergency: {note}" if note else "Emergency",
                    reason_zh=f"急修：{note}" if note else "急修",
                )
            )
    return orders


async def undo_repair(scope: Scope, id: UUID) -> RepairView:  # noqa: A002
    """Take a repair back: the rounds are as before, as long as nothing was carried out of them since. Safe to repeat.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    Conflict
        If it was not carried out, or anything on its rounds has moved on since.
    """
    async with database.tx(scope):
        row = await existing_repair(id, lock=True)
        if row.state == RepairState.UNDONE:
            return view(row)
        if row.state != RepairState.APPLIED:
            raise Conflict("this repair has not been carried out: there is nothing to undo")
        await queries.lock_publishing(row.firm)
        raw_before, raw_after = await repair_queries.kept(id)
        before, after = msgspec.convert(raw_before, Kept), msgspec.convert(raw_after, Kept)
        await _refuse_moved_on(before, after)
        await _taken_back(row.firm, before, after)
        await repair_queries.decide(id, RepairState.UNDONE, scope.account, clock.now())
        await audit(row.firm, scope.account, "repair.undone", str(id), {"day": row.day.isoformat()})
        if row.chosen is not None:
            await _tell(row, view(row).options[row.chosen - 1])
        return view(await existing_repair(id))


async def _refuse_moved_on(before: Kept, after: Kept) -> None:
    now = await repair_queries.state_of([each.id for each in after.rounds], [])
    fresh = {each.id for each in after.orders} - {each.id for each in before.orders}
    if now != after or await repair_queries.visited(sorted(fresh)):
        raise Conflict("something has been done or changed on these rounds since: tell anew what has happened instead")


async def _taken_back(firm: UUID, before: Kept, after: Kept) -> None:
    there = {each.id for each in after.rounds}
    for state in before.rounds:
        if state.id not in there:
            await _put_back(firm, state)
    await repair_queries.make_room(sorted(there))
    fresh = {each.id for each in after.orders} - {each.id for each in before.orders}
    await repair_queries.remove_stops(sorted(fresh))
    await repair_queries.set_stops(before.orders)
    for state in before.rounds:
        if state.id in there:
            await repair_queries.set_round(state)
    made: Sequence[UUID] = sorted(there - {each.id for each in before.rounds})
    await repair_queries.remove_empty(made)


async def _put_back(firm: UUID, state: RoundState) -> None:
    found = await order_queries.taken([state.crew], [state.day])
    if found is not None:
        raise Conflict("something has been done or changed on these rounds since: tell anew what has happened instead")
    await repair_queries.put_round_back(firm, state)
