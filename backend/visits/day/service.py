"""A technician's day in one answer, fit to be kept on the phone: stops, checklists, open work, colleagues."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from uuid import UUID

import msgspec

from backend import clock, database
from backend.errors import NotAllowed
from backend.rounds import service as rounds
from backend.rounds.views import OrderState, WorkOrderView
from backend.scope import Scope
from backend.service_times import service as service_times
from backend.service_times.service import Learnt
from backend.visits import access, asking, checklists, finding_queries, queries, reading
from backend.visits.day import label_queries
from backend.visits.day.views import DayElevator, DayLabel, DayStop, TechnicianDay
from backend.visits.rows import ElevatorFacts, VisitRow
from backend.visits.views import FindingView, Person
from planner.intervals.rules import load_pack
from planner.travel.coordinates import Datum, from_wgs84


async def technician_day(scope: Scope, day: date | None = None) -> TechnicianDay:
    """Return the signed-in technician's day.

    Parameters
    ----------
    scope
        The technician.
    day
        Local date; None means today.

    Raises
    ------
    NotAllowed
        For anybody but a technician.
    """
    technician = access.acting_technician(scope)
    async with database.tx(scope):
        time_zone = await queries.time_zone_of(scope.require_firm())
        day = day or clock.today(time_zone)
        row = await queries.technician(technician)
        if row is None:
            raise NotAllowed("you are not registered as an active technician: ask the office")
        crew_day = await rounds.crew_day_inside(technician, day)
        orders = [order for order in crew_day.stops if order.state is not OrderState.CANCELLED] if crew_day else []
        packs = sorted({order.rule_pack for order in orders})
        found = TechnicianDay(
            day=day,
            time_zone=time_zone,
            technician=Person(id=row.id, name=row.name, badge=row.badge),
            crew_name=crew_day.crew_name if crew_day else None,
            round_version=crew_day.version if crew_day else None,
            depart_s=crew_day.depart_s if crew_day else None,
            return_s=crew_day.return_s if crew_day else None,
            break_start_s=crew_day.break_start_s if crew_day else None,
            break_duration_s=crew_day.break_duration_s if crew_day else None,
            stops=await _stops(scope.require_firm(), orders),
            open_visits=await queries.open_visits_of(technician),
            second_technicians=await queries.colleagues(technician, day),
            minimum_technicians=max((load_pack(pack, day).visit.minimum_technicians for pack in packs), default=1),
            stop_use_conditions=reading.stop_use_choices(packs, day),
            changes=await rounds.day_changes_inside(scope.require_firm(), technician, day),
            etag="",
        )
    return msgspec.structs.replace(found, etag=etag_of(found))


def etag_of(day: TechnicianDay) -> str:
    """Return a name for all that a day shows, in quotes, as the header wants it (RFC 9110 section 8.8.3)."""
    shown = msgspec.structs.replace(day, etag="", beacon="")
    return f'"{hashlib.sha256(msgspec.json.encode(shown, order="deterministic")).hexdigest()[:32]}"'


async def _stops(firm: UUID, orders: list[WorkOrderView]) -> list[DayStop]:
    visits = await queries.visits_of_orders([order.id for order in orders])
    hazards: dict[UUID, list[FindingView]] = {}
    for finding in await finding_queries.open_findings_of([order.elevator for order in orders]):
        hazards.setdefault(finding.elevator, []).append(finding)
    asked = await asking.asked_inside(firm, {order.elevator: order.maintenance_class for order in orders})
    elevators = [order.elevator for order in orders]
    known = _Known(
        labels=await label_queries.labels_of(elevators),
        skills=await label_queries.skills_of(elevators),
        learnt=await service_times.learnt_inside(firm, elevators) if orders else None,
    )
    stops = []
    for order in orders:
        elevator = await reading.elevator_inside(order.elevator)
        stop = _stop(order, elevator, visits, hazards.get(order.elevator, []), asked.get(order.elevator))
        stops.append(_with_known(stop, elevator, known))
    return stops


class _Known(msgspec.Struct):
    """What is read once for all stops."""

    labels: dict[UUID, list[DayLabel]]
    skills: dict[UUID, list[str]]
    learnt: Learnt | None


def _with_known(stop: DayStop, elevator: ElevatorFacts, known: _Known) -> DayStop:
    here = msgspec.structs.replace(
        stop.elevator, labels=known.labels.get(elevator.id, []), skills=known.skills.get(elevator.id, [])
    )
    rules = load_pack(elevator.rule_pack, stop.due_last_day).visit
    times = rules.service_s if known.learnt is None else known.learnt.service_s(elevator.id, rules)
    return msgspec.structs.replace(stop, elevator=here, expected_s=times.get(stop.maintenance_class))


def _stop(
    order: WorkOrderView,
    elevator: ElevatorFacts,
    visits: Mapping[UUID, VisitRow],
    hazards: list[FindingView],
    asked: list[checklists.AskedItem] | None,
) -> DayStop:
    pack = load_pack(elevator.rule_pack, order.day)
    checklist = checklists.checklist_for(elevator.equipment_type, order.maintenance_class, elevator.item_exclusions, pack)
    made = visits.get(order.id)
    checklist = checklists.with_asked(checklist, asked if made is None else asking.read(made.asked))
    return DayStop(
        work_order=order.id,
        position=order.position,
        state=order.state.value,
        arrive_s=order.arrive_s,
        start_s=order.start_s,
        leave_s=order.leave_s,
        maintenance_class=order.maintenance_class,
        due_first_day=order.due_first_day,
        due_last_day=order.due_last_day,
        why_zh=order.reason_zh,
        why_en=order.reason_en,
        elevator=_elevator(elevator),
        rule_pack=elevator.rule_pack,
        checklist=checklists.shown(checklist),
        excluded=checklist.excluded,
        open_findings=hazards,
        visit=made.id if made else None,
        visit_state=made.state if made else None,
    )


def _elevator(elevator: ElevatorFacts) -> DayElevator:
    return DayElevator(
        id=elevator.id, registration_code=elevator.registration_code, rescue_code=elevator.rescue_code,
        unit_name=elevator.unit_name, equipment_type=elevator.equipment_type, bank=elevator.bank,
        site_name=elevator.site_name, address=elevator.address, district=elevator.district,
        access_notes=elevator.access_notes, lat=elevator.lat, lon=elevator.lon, state=elevator.state,
        state_reason=elevator.state_reason, gcj02=_as(Datum.GCJ02, elevator), bd09=_as(Datum.BD09, elevator),
    )  # fmt: skip


def _as(datum: Datum, elevator: ElevatorFacts) -> tuple[float, float] | None:
    """Return the place of an elevator in the coordinates of a Chinese map, to the seventh digit: a centimetre."""
    if elevator.lat is None or elevator.lon is None:
        return None
    there = from_wgs84(elevator.lat, elevator.lon, datum)
    return round(there.lat, 7), round(there.lon, 7)
