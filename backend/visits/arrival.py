"""The arrival scan: opens the visit of exactly the elevator whose label was scanned."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from backend import clock, database
from backend.dispatch import service as dispatch
from backend.errors import Conflict, Fault, InvalidInput, NotAllowed
from backend.people import service as people
from backend.rounds import service as rounds
from backend.rounds.views import OrderState, WorkOrderView
from backend.scope import Scope
from backend.upkeep import service as upkeep
from backend.visits import access, asking, queries, reading, repeats, scanning
from backend.visits.checklists import require_annex
from backend.visits.inputs import ArrivalInput
from backend.visits.rows import ElevatorFacts, NewVisit, TechnicianRow, VisitRow
from backend.visits.signed import Signed
from backend.visits.views import Planned, VisitView
from planner.intervals.items import CLASSES
from qr.keys import KeyRing

DEFAULT_CLASS = "half_month"
"""Of an unscheduled visit to an elevator without a due window."""


async def arrive(scope: Scope, ring: KeyRing, arrival: ArrivalInput) -> VisitView:
    """Open the visit of the scanned elevator.

    An elevator has one open visit at a time, because two would share its evidence. A technician may have several: whoever
    forgot to scan out must still be able to work elsewhere. That two visits overlap in time shows in their evidence.

    Parameters
    ----------
    scope
        The technician who scanned.
    ring
        Keys of this installation.
    arrival
        What was scanned; its id names the visit. Sent again it is the same visit.

    Raises
    ------
    InvalidInput
        With all faults of the request.
    LabelRefused
        If the code opens no elevator of the firm.
    NotAllowed
        If the technician has no valid certificate.
    NotFound
        If the named work order is not of this elevator.
    Conflict
        If the label is not the car's, the elevator has an open visit or is scrapped, or an id was used before with other
        content.
    """
    access.acting_technician(scope)
    async with database.tx(scope):
        return await reading.view_inside(await arrive_inside(scope, ring, arrival))


async def arrive_inside(scope: Scope, ring: KeyRing, arrival: ArrivalInput, signed: Signed | None = None) -> VisitRow:
    """Open the visit inside the caller's transaction; `signed` is what is known of the time of a signed entry.

    Raises
    ------
    LiftroundsError
        As `arrive`.
    """
    technician = access.acting_technician(scope)
    firm = scope.require_firm()
    received_at = signed.received_at if signed else clock.now()
    sha256 = repeats.arrival_sha256(arrival)
    if await _is_repeated(arrival, technician, sha256):
        return await access.existing(arrival.id)
    if faults := scanning.scan_faults("scan.", arrival.scan, received_at, signed):
        raise InvalidInput("the arrival cannot be taken", faults=faults)
    label = await scanning.label_inside(ring, arrival.scan, firm=firm, signed=signed)
    scanning.require_car(label, signed)
    await queries.lock_elevator(label.elevator)
    if await _is_repeated(arrival, technician, sha256):  # the same request, sent twice at the same time
        return await access.existing(arrival.id)
    elevator = await reading.elevator_inside(label.elevator)
    at = signed.at if signed else scanning.taken_at(arrival.scan, received_at)
    day = clock.local_date(at, elevator.time_zone)
    require_annex(elevator.equipment_type)
    await _require_free(elevator)
    await _require_people(technician, arrival.second_technician, day)
    order, planned = await _order(firm, technician, elevator.id, day, arrival)
    due = order.maintenance_class if order else await _class_due(elevator.id)
    maintenance_class = class_of_visit(due, signed.maintenance_class if signed else "")
    if order is not None and maintenance_class != due and not includes(maintenance_class, due):
        order, planned = None, Planned.UNPLANNED  # less was done than the stop asks for: it stays to be done
    asked = (await asking.asked_inside(firm, {elevator.id: maintenance_class})).get(elevator.id)
    new = NewVisit(
        id=arrival.id, firm=firm, elevator=elevator.id, work_order=order.id if order else None, planned=planned,
        maintenance_class=maintenance_class, rule_pack=elevator.rule_pack, technician=technician,
        second_technician=arrival.second_technician, arrived_at=at, opened_at=received_at,
        asked=None if asked is None else msgspec.to_builtins(asked),
    )  # fmt: skip
    if not await queries.insert_visit(new):
        raise Conflict("the visit {id} was sent before with other content: make a new id", id=arrival.id)
    await scanning.keep_inside(
        arrival.scan, kind="arrival", firm=firm, visit=new.id, label=label, technician=technician,
        received_at=received_at, sha256=sha256,
    )  # fmt: skip
    if order is not None:
        await rounds.set_order_state_inside(order.id, OrderState.IN_PROGRESS)
    detail = {"elevator": str(elevator.id), "planned": planned.value}
    await people.audit(firm, scope.account, "visit.opened", str(new.id), detail)
    await dispatch.arrived_inside(new.elevator, scope.account, technician, at)
    return await access.existing(new.id)


def class_of_visit(due: str, shown: str) -> str:
    """Return the class of a visit: what the phone showed and the technician therefore did, else what is due."""
    return shown if shown in CLASSES else due


def includes(one: str, other: str) -> bool:
    """Return whether a class includes another: each includes the lower ones (TSG T5002-2017, annexes, note 1)."""
    return CLASSES.index(one) >= CLASSES.index(other)


async def set_second_technician(scope: Scope, visit: UUID, second: UUID | None) -> VisitView:
    """Name, change or leave out the second technician of an open visit.

    Raises
    ------
    InvalidInput
        If the second one cannot work here.
    """
    async with database.tx(scope):
        await set_second_inside(scope, visit, second)
        return await reading.view_inside(await access.existing(visit))


async def set_second_inside(scope: Scope, visit: UUID, second: UUID | None) -> None:
    """Name the second technician inside the caller's transaction.

    Raises
    ------
    InvalidInput
        If the second one cannot work here.
    """
    row = await access.mine(scope, visit, second_too=False)
    if row.second_technician != second:
        access.require_open(row)
        day = clock.local_date(row.arrived_at, await queries.time_zone_of(row.firm))
        if faults := await second_faults_inside(row.technician, second, day):
            raise InvalidInput("the second technician cannot be taken", faults=faults)
        await queries.set_second_technician(visit, second)


async def _is_repeated(arrival: ArrivalInput, technician: UUID, sha256: str) -> bool:
    """Return whether this very request was taken before.

    Raises
    ------
    Conflict
        If its id was used for another one.
    """
    row = await queries.visit(arrival.id)
    if row is None:
        return False
    scans = await queries.scans(arrival.id)
    if row.technician == technician and any(scan.kind == "arrival" and scan.request_sha256 == sha256 for scan in scans):
        return True
    raise Conflict("the visit {id} was sent before with other content: make a new id", id=arrival.id)


async def _require_free(elevator: ElevatorFacts) -> None:
    if elevator.state == "scrapped":
        raise Conflict("this elevator is scrapped: there is nothing to maintain")
    open_visit = await queries.open_visit_of_elevator(elevator.id)
    if open_visit is not None:
        line = await reading.summary_inside(open_visit)
        raise Conflict(
            "this elevator has an open visit of {name} ({badge}): finish it with the departure scan, or ask the office to"
            " abandon it",
            name=line.technician.name, badge=line.technician.badge, visit=open_visit,
        )  # fmt: skip


async def _require_people(first: UUID, second: UUID | None, day: date) -> None:
    row = await queries.technician(first)
    if row is None or not row.active:
        raise NotAllowed("you are not registered as an active technician: ask the office")
    if not row.certified_on(day):
        raise NotAllowed("you have no certificate T that is valid on {day}: ask the office to register it", day=day.isoformat())
    if faults := await second_faults_inside(first, second, day):
        raise InvalidInput("the arrival cannot be taken", faults=faults)


async def second_faults_inside(first: UUID, second: UUID | None, day: date) -> list[Fault]:
    """Return what is wrong with a second technician; none is not wrong here, the rules' demand shows in the evidence."""
    if second is None:
        return []
    row: TechnicianRow | None = await queries.technician(second)
    if second == first:
        reason = "name another technician than yourself"
    elif row is None:
        reason = "name a technician of your firm"
    elif not row.active:
        reason = "name an active technician"
    elif not row.certified_on(day):
        reason = "name a technician whose certificate T is valid"
    else:
        return []
    return [Fault("second_technician", str(second), reason)]


async def _order(
    firm: UUID, technician: UUID, elevator: UUID, day: date, arrival: ArrivalInput
) -> tuple[WorkOrderView | None, Planned]:
    """Return the work order that the visit serves, and how it fits the technician's day."""
    try:
        order = await rounds.order_for_arrival_inside(firm, technician, elevator, day, arrival.work_order)
    except Conflict:  # done or cancelled while the phone was offline: the work was done all the same
        order = None
    if order is None or await queries.order_is_taken(order.id, arrival.id):
        return None, Planned.UNPLANNED
    if order.day != day:
        return order, Planned.OTHER_DAY
    crew_day = await rounds.crew_day_inside(technician, day)
    own = crew_day is not None and crew_day.id == order.round
    return order, Planned.OWN_ROUND if own else Planned.OTHER_CREW


async def _class_due(elevator: UUID) -> str:
    window = await upkeep.window_inside(elevator)
    return window.maintenance_class if window else DEFAULT_CLASS
