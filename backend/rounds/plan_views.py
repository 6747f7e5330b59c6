"""A proposed plan with names and reasons: all that a table, a map or a file of it needs."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec import Struct

from backend.rounds.views import RunView


class ElevatorName(Struct, frozen=True, kw_only=True):
    """What people call an elevator, and where it is."""

    elevator: UUID
    registration_code: str
    rescue_code: str
    unit_name: str
    site: UUID
    site_name: str
    address: str
    district: str
    lat: float | None
    """WGS-84; None where the register does not know."""

    lon: float | None


class PlannedStop(Struct, frozen=True, kw_only=True):
    """A visit on a proposed round."""

    position: int
    """0 = first stop."""

    place: ElevatorName
    maintenance_class: str
    due_first_day: date
    """The window as upkeep states it, not as the planner was asked."""

    due_last_day: date
    days_late: int
    """Days that the visit comes after the last day of its window; 0 in time."""

    mandatory: bool
    bent: str
    """Why the planner was asked for other days than the window's: `overdue`, `early`, `late`; empty for none."""

    bent_en: str
    bent_zh: str
    reason_en: str
    """The rule that fixed the window, a line of the receipt."""

    reason_zh: str
    drive_s: int
    """Driving from the place before."""

    arrive_s: int
    start_s: int
    leave_s: int


class PlannedRound(Struct, frozen=True, kw_only=True):
    """What one crew does on one day."""

    crew: UUID
    crew_name: str
    day: date
    people: int
    """Technicians who are there with a valid certificate."""

    base_lat: float
    base_lon: float
    shift_from_s: int
    shift_to_s: int
    depart_s: int
    return_s: int
    break_start_s: int | None
    break_duration_s: int | None
    driving_s: int
    distance_m: int
    service_s: int
    overtime_s: int
    utilisation: float
    """Driving, work and break as a part of the shift; above 1 with overtime."""

    stops: list[PlannedStop]


class LeftOut(Struct, frozen=True, kw_only=True):
    """An elevator that no round visits, and why."""

    place: ElevatorName
    maintenance_class: str | None
    """None where there is no due window."""

    due_first_day: date | None
    due_last_day: date | None
    mandatory: bool
    """It falls due within the horizon."""

    before_search: bool
    """It was left out before the search, so no plan could have had it."""

    code: str
    reason_en: str
    reason_zh: str
    help_kind: str = ""
    """Kind of the cheapest change that would let it be planned, see `Help.kind`; empty where none would, or none was looked
    for: a plan that leaves out very many is helped with the most urgent ones."""

    help_en: str = ""
    help_zh: str = ""


class LostCrewDay(Struct, frozen=True, kw_only=True):
    """A crew that should work on a day and cannot, or not fully, and why."""

    crew: UUID
    crew_name: str
    day: date
    code: str
    reason_en: str
    reason_zh: str


class KeptRound(Struct, frozen=True, kw_only=True):
    """A round inside the horizon that is published already and was left alone."""

    round: UUID
    crew: UUID
    crew_name: str
    day: date
    stops: int


class CrewBase(Struct, frozen=True, kw_only=True):
    """Where a crew starts and ends."""

    crew: UUID
    crew_name: str
    lat: float
    lon: float


class PlanPrice(Struct, frozen=True, kw_only=True):
    """What the plan costs by kind, in seconds of driving, worked out by the independent evaluator."""

    travel: float
    shifts: float
    overtime: float
    days: float
    """Preferences for days; negative where overdue visits come first."""

    crews: float
    deferred: float
    missed: float
    changes: float
    total: float


class MovedVisit(Struct, frozen=True, kw_only=True):
    """An elevator whose crew or day differs between two plans; None on the side that leaves it out."""

    place: ElevatorName
    day_before: date | None
    crew_before: str | None
    day_after: date | None
    crew_after: str | None


class WhatChanged(Struct, frozen=True, kw_only=True):
    """What is different from the plan before it over the same days."""

    compared_with: UUID
    state: str
    added: list[MovedVisit]
    moved: list[MovedVisit]
    removed: list[MovedVisit]
    unchanged: int
    driving_s_before: int
    missed_before: int


class TravelNote(Struct, frozen=True, kw_only=True):
    """Something about travel times that somebody should mend."""

    text_en: str
    text_zh: str
    site: UUID | None
    """The site that it is about, if it is about one."""


class PlanTravel(Struct, frozen=True, kw_only=True):
    """Where a plan's travel times come from."""

    kind: str
    """`estimate`, `given`, `osrm`, `valhalla` or `roads`."""

    source_en: str
    source_zh: str
    attribution: str
    """What the licence of the road data asks to be shown; empty for none."""

    measure: str
    """How kilometres came about: `roads`, `coordinates` or `durations`."""

    notes: list[TravelNote]
    """An engine that was silent, places without a road: each with the way out."""


class ProposedPlan(Struct, frozen=True, kw_only=True):
    """The plan of a run."""

    run: RunView
    time_zone: str
    rounds: list[PlannedRound]
    """By day, then name of the crew."""

    left_out: list[LeftOut]
    """Mandatory ones first, then by last day."""

    lost_crew_days: list[LostCrewDay]
    kept: list[KeptRound]
    crews: list[CrewBase]
    violations: list[str]
    """What the independent evaluator finds against the plan; empty for a valid one."""

    price: PlanPrice
    bound: float | None
    planned: int
    missed_mandatory: int
    deferred: int
    driving_s: int
    distance_m: int
    travel: PlanTravel
    service_s: int
    overtime_s: int
    utilisation: float
    """Over all crew-days that could be used."""

    changed: WhatChanged | None
    """None where there is no plan to compare with."""
