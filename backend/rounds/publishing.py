"""From a proposed plan to rounds that technicians see: commit, publish, withdraw. Old plans and taken days are refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid4

import msgspec

from backend import clock, database
from backend.errors import Conflict, Fault, InvalidInput, NotFound, OutdatedSnapshot, RoundTaken
from backend.messages.telling import tell_crews_inside
from backend.people.service import audit
from backend.rounds import order_queries, queries
from backend.rounds.changes import Change, ChangeKind, changes
from backend.rounds.order_queries import NewOrder, NewRound
from backend.rounds.queries import RunRow
from backend.rounds.runs import existing, stored_snapshot, view
from backend.rounds.snapshot import Snapshot
from backend.rounds.snapshots import snapshot_inside
from backend.rounds.views import RunState, RunView
from backend.scope import Scope
from planner.rounds.plan import Plan

MAX_REASON = 500
_NAMED = 5
"""Changes that the message itself names; the faults list all."""

_TOLD = {
    ChangeKind.WINDOW: "its due window or class has changed since: run the planner again",
    ChangeKind.ELEVATOR: "its place, hours, work or needs have changed since: run the planner again",
    ChangeKind.ORDER: "it was published meanwhile, or is no longer: run the planner again",
    ChangeKind.CREW_DAY: "the crew's hours or people on this day have changed since: run the planner again",
    ChangeKind.ROUND: "the crew's published round on this day has changed since: run the planner again",
    ChangeKind.PRICES: "this version of the planner prefers other things: run it again",
    ChangeKind.DAY_PASSED: "the first day of the plan has passed: run the planner from today on",
}


async def commit_run(scope: Scope, id: UUID) -> RunView:  # noqa: A002 - as everywhere in this room
    """Choose a proposed plan; refused where its data has changed since. Safe to repeat.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    RoundTaken
        If one of its crews has a published round on that day.
    OutdatedSnapshot
        Naming what has changed.
    Conflict
        If there is no plan to commit.
    """
    async with database.tx(scope):
        row = await existing(id, lock=True)
        if row.state in (RunState.COMMITTED, RunState.PUBLISHED):
            return view(row)
        if row.state is not RunState.PROPOSED:
            raise Conflict("only a plan that is proposed can be committed")
        if not row.outline.rounds:
            raise Conflict("this plan has no rounds: there is nothing to commit")
        await _checked_plan(row)
        await queries.decide(id, RunState.COMMITTED, clock.now())
        await audit(row.firm, scope.account, "plan_run.committed", str(id))
        return view(await existing(id))


async def publish_run(scope: Scope, id: UUID) -> RunView:  # noqa: A002
    """Turn a committed plan into rounds and work orders that technicians see. Safe to repeat.

    Of several that publish for the same crew and day at the same time exactly one succeeds.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    RoundTaken
        If one of its crews has a published round on that day.
    OutdatedSnapshot
        Naming what has changed.
    Conflict
        If the plan is not committed.
    """
    async with database.tx(scope):
        row = await existing(id, lock=True)
        if row.state is RunState.PUBLISHED:
            return view(row)
        if row.state is not RunState.COMMITTED:
            raise Conflict("this plan is not committed: commit it first")
        await queries.lock_publishing(row.firm)
        snapshot, plan = await _checked_plan(row)
        rounds, orders = _published(snapshot, plan)
        now = clock.now()
        written = await order_queries.insert_rounds(row.firm, row.id, rounds, now)
        for each in rounds:
            if each.id not in written:
                names = await queries.crew_names(row.firm)
                raise _taken(names[each.crew], each.day)
        await order_queries.insert_orders(row.firm, orders, now)
        await queries.decide(id, RunState.PUBLISHED, now)
        detail = {"rounds": len(rounds), "orders": len(orders)}
        await audit(row.firm, scope.account, "plan_run.published", str(id), detail)
        days: dict[UUID, list[date]] = {}
        for each in rounds:
            days.setdefault(each.crew, []).append(each.day)
        await tell_crews_inside(row.firm, days, "您有新的维保路线：{days}", "You have a round on {days}")
        return view(await existing(id))


async def _checked_plan(row: RunRow) -> tuple[Snapshot, Plan]:
    """Return snapshot and plan of a run that nothing stands against."""
    snapshot = await stored_snapshot(row)
    plan = msgspec.convert(await queries.plan_of(row.id), Plan)
    used = [(snapshot.crew_of[route.crew], snapshot.day(route.day)) for route in plan.routes if route.stops]
    taken = await order_queries.taken([crew for crew, _ in used], [day for _, day in used])
    if taken is not None:
        raise _taken(*taken)
    await _refuse_outdated(row, snapshot, plan)
    return snapshot, plan


def _taken(crew: str, day: date) -> RoundTaken:
    return RoundTaken("the crew {crew} already has a published round on {day}", crew=crew, day=day.isoformat())


async def _refuse_outdated(row: RunRow, snapshot: Snapshot, plan: Plan) -> None:
    found: list[Change] = []
    if row.start_date < clock.today(row.time_zone):
        found = [Change(kind=ChangeKind.DAY_PASSED, day=row.start_date)]
    else:
        now = await snapshot_inside(row.firm, row.start_date, row.days, row.requested_at)
        if now.sha256() != row.snapshot_hash:
            found = changes(snapshot, now, plan)
    if not found:
        return
    names = await _names(row.firm, found)
    first = ", ".join(names[:_NAMED]) + (", …" if len(found) > _NAMED else "")
    faults = [Fault(name, _value(change), _TOLD[change.kind]) for name, change in zip(names, found, strict=True)]
    raise OutdatedSnapshot(
        "the data has changed since this plan was made ({count}: {names}); run the planner again",
        count=len(found), names=first, faults=faults,
    )  # fmt: skip


async def _names(firm: UUID, found: Sequence[Change]) -> list[str]:
    """Return what each change is about, in words."""
    elevators = await queries.elevator_names([each.elevator for each in found if each.elevator is not None])
    crews = await queries.crew_names(firm)
    names = []
    for change in found:
        elevator = elevators.get(change.elevator) if change.elevator else None
        words = [f"{elevator.site_name} {elevator.unit_name}".strip(), f"({elevator.registration_code})"] if elevator else []
        words += [crews.get(change.crew, str(change.crew))] if change.crew else []
        words += [change.day.isoformat()] if change.day else []
        names.append(" ".join(words) or change.kind.value)
    return names


def _value(change: Change) -> str | None:
    if not change.before and not change.after:
        return None
    return f"{change.before or '–'} → {change.after or '–'}"


def _published(snapshot: Snapshot, plan: Plan) -> tuple[list[NewRound], list[NewOrder]]:
    """Return what is to be published of a plan."""
    items = {str(item.elevator): item for item in snapshot.items}
    pauses = {
        (crew.id, shift.day): shift.break_.duration_s
        for crew in snapshot.problem.crews
        for shift in crew.shifts
        if shift.break_
    }
    rounds: list[NewRound] = []
    orders: list[NewOrder] = []
    for route in plan.routes:
        if not route.stops:
            continue
        paused = route.break_start_s is not None
        new = NewRound(
            id=uuid4(),
            crew=snapshot.crew_of[route.crew],
            day=snapshot.day(route.day),
            depart_s=route.depart_s,
            return_s=route.return_s,
            break_start_s=route.break_start_s,
            break_duration_s=pauses[route.crew, route.day] if paused else None,
        )
        rounds.append(new)
        for position, stop in enumerate(route.stops):
            item = items[stop.visit]
            orders.append(
                NewOrder(
                    id=uuid4(),
                    round=new.id,
                    elevator=item.elevator,
                    position=position,
                    arrive_s=stop.arrive_s,
                    start_s=stop.start_s,
                    leave_s=stop.leave_s,
                    maintenance_class=item.maintenance_class,
                    due_first_day=item.first_day,
                    due_last_day=item.last_day,
                    reason_en=item.reason_en,
                    reason_zh=item.reason_zh,
                )
            )
    return rounds, orders


async def withdraw_round(scope: Scope, round_id: UUID, reason: str) -> None:
    """Take back a published round that nobody has started; its elevators can be planned again.

    Raises
    ------
    InvalidInput
        Without a reason.
    NotFound
        If the asker's firm has no such round.
    Conflict
        If somebody has started it.
    """
    reason = needed_reason(reason)
    async with database.tx(scope):
        firm = await order_queries.firm_of_round(round_id)
        if firm is not None:
            await queries.lock_publishing(firm)
        row = await order_queries.round_of(round_id, lock=True)
        if row is None:
            raise NotFound("no published round {id}", id=round_id)
        if await order_queries.touched_orders(round_id):
            raise Conflict("this round has been started: cancel single stops instead")
        stops = await order_queries.delete_round(round_id)
        detail = {"crew": row.crew_name, "day": row.day.isoformat(), "stops": stops, "reason": reason}
        await audit(row.firm, scope.account, "round.withdrawn", str(round_id), detail)
        await tell_crews_inside(row.firm, {row.crew: [row.day]}, "{days}的维保路线已撤回", "Your round on {days} was withdrawn")


def needed_reason(reason: str) -> str:
    """Return a reason without spaces around it.

    Raises
    ------
    InvalidInput
        If there is none, or a whole story.
    """
    reason = reason.strip()
    if not 1 <= len(reason) <= MAX_REASON:
        fault = Fault.of("reason", reason[:60] or None, "give a reason of up to {most} characters", most=MAX_REASON)
        raise InvalidInput("a reason is needed", faults=[fault])
    return reason
