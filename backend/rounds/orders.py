"""Published rounds and their stops: the crew's day, what an arrival serves, states, planned against actual."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from backend import clock, database
from backend.errors import Conflict, NotFound
from backend.people.service import audit
from backend.rounds import order_queries as queries
from backend.rounds.fact_queries import time_zone
from backend.rounds.order_queries import RoundRow, VisitOfDay
from backend.rounds.publishing import needed_reason
from backend.rounds.queries import lock_publishing
from backend.rounds.views import ActualVisit, CrewDay, OrderState, PlannedActual, WorkOrderView
from backend.scope import SYSTEM, Scope
from backend.settings import DEFAULT_TIME_ZONE


async def published_rounds(scope: Scope, day: date | None = None) -> list[CrewDay]:
    """Return the published rounds of a day, today when None, by name of the crew."""
    async with database.tx(scope):
        return await _crew_days(await queries.rounds_of_day(scope.firm, day or await _today(scope)))


async def _today(scope: Scope) -> date:
    """Return the local date of the asker's firm; of the default time zone for those who see every firm."""
    return clock.today(await time_zone(scope.firm) if scope.firm else DEFAULT_TIME_ZONE)


async def crew_day_inside(technician: UUID, day: date) -> CrewDay | None:
    """Return the published day of a technician's crew inside the caller's transaction; None without one."""
    row = await queries.round_of_technician(technician, day)
    return None if row is None else (await _crew_days([row]))[0]


async def _crew_days(rows: Sequence[RoundRow]) -> list[CrewDay]:
    stops: dict[UUID, list[WorkOrderView]] = defaultdict(list)
    for stop in await queries.orders_of_rounds([row.id for row in rows], clock.now()):
        stops[stop.round].append(stop)
    return [
        CrewDay(
            id=row.id,
            firm=row.firm,
            crew=row.crew,
            crew_name=row.crew_name,
            base_lat=row.base_lat,
            base_lon=row.base_lon,
            day=row.day,
            version=row.version,
            run=row.run,
            published_at=row.published_at,
            depart_s=row.depart_s,
            return_s=row.return_s,
            break_start_s=row.break_start_s,
            break_duration_s=row.break_duration_s,
            members=await queries.people_of_crew(row.crew, row.day),
            stops=stops[row.id],
        )
        for row in rows
    ]


async def order_for_arrival_inside(
    firm: UUID, technician: UUID, elevator: UUID, day: date, order: UUID | None
) -> WorkOrderView | None:
    """Return the work order that an arrival serves, locked until the end of the caller's transaction.

    Parameters
    ----------
    firm, technician, elevator
        Who arrives where.
    day
        Local date of the arrival.
    order
        The order that the technician's phone names, if it does.

    Returns
    -------
    WorkOrderView or None
        The named one; otherwise the elevator's order of the day, of the technician's own crew first; otherwise its next
        one whose due window is open, or its last missed one; None for an unscheduled visit.

    Raises
    ------
    NotFound
        If the named order is not this firm's, or of another elevator.
    Conflict
        If the named order is done or cancelled.
    """
    now = clock.now()
    if order is None:
        found = await queries.orders_for_arrival(elevator, day, technician, now)
        return found[0] if found else None
    named = await queries.order(order, now, lock=True)
    if named is None or named.firm != firm or named.elevator != elevator:
        raise NotFound(
            "this label is of another elevator than the chosen stop: scan the label in that car, or scan from the day's page"
        )
    if named.state is OrderState.DONE:
        raise Conflict("this stop is done already")
    if named.state is OrderState.CANCELLED:
        raise Conflict("this stop was cancelled: {reason}", reason=named.state_reason)
    return named


async def set_order_state_inside(order: UUID, state: OrderState) -> None:
    """Move a work order on (or back, when its visit was abandoned) and its round's version, in the caller's transaction.

    Raises
    ------
    NotFound
        If there is no such order.
    Conflict
        If it was cancelled.
    """
    found = await queries.order(order, clock.now(), lock=True)
    if found is None:
        raise NotFound("no stop {id}", id=order)
    if found.state is state:
        return
    if found.state is OrderState.CANCELLED:
        raise Conflict("this stop was cancelled: {reason}", reason=found.state_reason)
    await queries.set_state(order, state)


async def cancel_order(scope: Scope, order: UUID, reason: str) -> WorkOrderView:
    """Take one stop out of a published round: a closed building, an owner's wish. Its elevator can be planned again.

    Raises
    ------
    InvalidInput
        Without a reason.
    NotFound
        If the asker's firm has no such stop.
    Conflict
        If it is under way or done.
    """
    reason = needed_reason(reason)
    async with database.tx(scope):
        firm = await queries.firm_of_order(order)
        if firm is not None:
            await lock_publishing(firm)
        found = await queries.order(order, clock.now(), lock=True)
        if found is None:
            raise NotFound("no stop {id}", id=order)
        if found.state in (OrderState.IN_PROGRESS, OrderState.DONE):
            raise Conflict("this stop is under way or done")
        if found.state is not OrderState.CANCELLED:
            await queries.set_state(order, OrderState.CANCELLED, reason)
            await audit(found.firm, scope.account, "work_order.cancelled", str(order), {"reason": reason})
        return (await queries.orders_by_id([order], clock.now()))[0]


async def miss_past_orders() -> int:
    """Mark the stops of past days that nobody came to as missed, of all firms; return how many."""
    async with database.tx(SYSTEM):
        return await queries.miss_orders(clock.now())


async def planned_against_actual(scope: Scope, day: date | None = None) -> list[PlannedActual]:
    """Return every stop of a day (today when None) with the visit that was made of it, then visits that nobody had planned.

    A visit that served the stop of another day stands among the latter, with that stop.
    """
    now = clock.now()
    async with database.tx(scope):
        day = day or await _today(scope)
        rows = await queries.rounds_of_day(scope.firm, day)
        orders = await queries.orders_of_rounds([row.id for row in rows], now)
        visits = await queries.visits_of_day(scope.firm, day, [order.id for order in orders])
        elsewhere = {visit.work_order for visit in visits if visit.work_order} - {order.id for order in orders}
        others = {order.id: order for order in await queries.orders_by_id(sorted(elsewhere), now)}
    rank = {row.id: number for number, row in enumerate(rows)}
    zone_of = {row.id: row.time_zone for row in rows}
    made: dict[UUID, VisitOfDay] = {}
    for visit in visits:  # abandoned ones come last, so that they never hide one that counts
        if visit.work_order is not None:
            made.setdefault(visit.work_order, visit)
    lines = [
        _line(order, made.get(order.id), day, zone_of[order.round], now)
        for order in sorted(orders, key=lambda each: (rank[each.round], each.position))
    ]
    told = {made[order.id].id for order in orders if order.id in made}
    lines += [
        _unplanned(others.get(visit.work_order) if visit.work_order else None, visit, day)
        for visit in visits
        if visit.id not in told
    ]
    return lines


def _line(order: WorkOrderView, visit: VisitOfDay | None, day: date, zone: str, now: datetime) -> PlannedActual:
    arrived_s = None if visit is None else _second_of(visit.arrived_at, day, zone)
    late_s = None
    if arrived_s is not None:
        late_s = arrived_s - order.arrive_s
    elif order.state is OrderState.SCHEDULED:
        late_s = max(0, _second_of(now, day, zone) - order.arrive_s)
    departed = visit.departed_at if visit else None
    return PlannedActual(
        order=order,
        visit=_actual(visit) if visit else None,
        elevator=order.elevator,
        registration_code=order.registration_code,
        unit_name=order.unit_name,
        site_name=order.site_name,
        arrived_s=arrived_s,
        departed_s=_second_of(departed, day, zone) if departed else None,
        late_s=late_s,
        time_zone=zone,
    )


def _unplanned(order: WorkOrderView | None, visit: VisitOfDay, day: date) -> PlannedActual:
    return PlannedActual(
        order=order,
        visit=_actual(visit),
        elevator=visit.elevator,
        registration_code=visit.registration_code,
        unit_name=visit.unit_name,
        site_name=visit.site_name,
        arrived_s=_second_of(visit.arrived_at, day, visit.time_zone),
        departed_s=_second_of(visit.departed_at, day, visit.time_zone) if visit.departed_at else None,
        late_s=None,
        time_zone=visit.time_zone,
    )


def _actual(visit: VisitOfDay) -> ActualVisit:
    return ActualVisit(
        id=visit.id,
        state=visit.state,
        arrived_at=visit.arrived_at,
        departed_at=visit.departed_at,
        technician=visit.technician,
        second_technician=visit.second_technician,
    )


def _second_of(at: datetime, day: date, time_zone: str) -> int:
    """Return seconds from a day's local midnight to an instant, as a clock on the wall shows them."""
    local = at.astimezone(ZoneInfo(time_zone)).replace(tzinfo=None)
    return int((local - datetime.combine(day, time.min)).total_seconds())
