"""A technician's day as the phone keeps it. Times of day are seconds after local midnight of the firm's time zone."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec import Struct

from backend.rounds.day_change_views import DayChanges
from backend.visits.views import ChecklistItem, FindingView, Person, StopUseChoice, VisitState, VisitSummary


class DayLabel(Struct, frozen=True, kw_only=True):
    """A label of an elevator, by the first half of its code."""

    id: str
    """8 characters. The second half proves that a code is genuine, and is known to the server alone."""

    state: str
    """`active`, or `revoked` or `replaced`: then it opens nothing any more."""

    zone: str = ""
    """Where it hangs: `machine_room`, `car_top`, `pit`; empty for the car."""


class KnownLabel(DayLabel, frozen=True, kw_only=True):
    """A label that a phone may meet, with the elevator that it stands for."""

    elevator: UUID
    registration_code: str
    unit_name: str
    site_name: str


class PhoneLabels(Struct, frozen=True, kw_only=True):
    """Labels around a technician's rounds, the nearest first."""

    rows: list[KnownLabel]
    is_complete: bool
    """False where there are more around than are told."""

    etag: str


class DayElevator(Struct, frozen=True, kw_only=True):
    """The elevator of a stop."""

    id: UUID
    registration_code: str
    rescue_code: str
    unit_name: str
    equipment_type: str
    bank: str
    """Elevators side by side share it; empty = alone."""

    site_name: str
    address: str
    district: str
    access_notes: str
    lat: float | None
    """WGS-84, of the site; None where the register does not know."""

    lon: float | None
    state: str
    state_reason: str
    gcj02: tuple[float, float] | None = None
    """The same place as Amap and Tencent have it: latitude, longitude."""

    bd09: tuple[float, float] | None = None
    """The same place as Baidu has it."""

    labels: list[DayLabel] = []
    skills: list[str] = []
    """What it asks of whoever works on it."""


class DayStop(Struct, frozen=True, kw_only=True):
    """A stop of the day's round."""

    work_order: UUID
    position: int
    """0 = first stop."""

    state: str
    """Of the work order: `scheduled`, `in_progress`, `done`, `missed`, `cancelled`."""

    arrive_s: int
    start_s: int
    leave_s: int
    maintenance_class: str
    due_first_day: date
    due_last_day: date
    why_zh: str
    """Why this visit, in a line."""

    why_en: str
    elevator: DayElevator
    rule_pack: str
    checklist: list[ChecklistItem]
    excluded: dict[str, str]
    """Items that this elevator does not have, with the registered reason."""

    open_findings: list[FindingView]
    """Of earlier visits, not yet closed."""

    visit: UUID | None
    """The visit made at this stop; None before the arrival."""

    visit_state: VisitState | None
    expected_s: int | None = None
    """Seconds on site that a visit of this class takes here; None where nobody knows."""


class TechnicianDay(Struct, frozen=True, kw_only=True):
    """A technician's day in one answer."""

    day: date
    time_zone: str
    technician: Person
    crew_name: str | None
    """None without a published round on this day."""

    round_version: int | None
    depart_s: int | None
    return_s: int | None
    break_start_s: int | None
    break_duration_s: int | None
    stops: list[DayStop]
    open_visits: list[VisitSummary]
    """Those of the technician that still wait for a departure, of any day."""

    second_technicians: list[Person]
    """Who may be named as the second one: active, certificate valid on this day, crew mates first."""

    minimum_technicians: int
    """The most that a rule pack of these stops asks for."""

    stop_use_conditions: dict[str, list[StopUseChoice]]
    """Per rule pack of these stops."""

    etag: str
    """Changes when anything above changes; quoted, as in the header."""

    changes: DayChanges | None = None
    """What technicians changed of the day themselves; None for who belongs to no crew on it."""

    beacon: str = ""
    """A signed server time for the phone's next entries."""
