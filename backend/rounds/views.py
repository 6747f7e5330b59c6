"""What leaves the room of rounds: runs of the planner, published rounds, work orders, planned against actual.

Days are local dates and times of day are seconds after local midnight of the firm's time zone; instants are UTC.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct


class RunState(StrEnum):
    """Where a run of the planner stands."""

    QUEUED = "queued"
    RUNNING = "running"
    PROPOSED = "proposed"
    """There is a plan; nobody has decided about it."""

    COMMITTED = "committed"
    """A manager chose it; technicians do not see it yet."""

    PUBLISHED = "published"
    FAILED = "failed"
    STOPPED = "stopped"
    """Stopped before there was any plan."""

    DISCARDED = "discarded"


class Progress(Struct, frozen=True, kw_only=True):
    """How far the planner is."""

    phase: str
    """`construct`, `search`, `merge` or `done`."""

    share: float
    """Part of the time that is over, 0..1."""

    best_cost: int | None
    """Price of the best plan so far, in seconds of driving; None while there is none."""

    planned: int
    visits: int


class Outline(Struct, frozen=True, kw_only=True):
    """A run in numbers."""

    visits: int = 0
    """Visits of the problem."""

    mandatory: int = 0
    crew_days: int = 0
    left_out_before: int = 0
    """Elevators that were left out before the search, each with its reason."""

    kept: int = 0
    """Elevators that have a published stop already."""

    planned: int | None = None
    """Visits on a round; None before there is a plan, like all that follows."""

    rounds: int | None = None
    missed_mandatory: int | None = None
    deferred: int | None = None
    driving_s: int | None = None
    distance_m: int | None = None
    travel: str = ""
    """Where the travel times come from: `estimate`, `osrm`, `valhalla`, `roads`; empty before an engine was asked."""

    cost: int | None = None
    stopped_early: bool = False
    """The plan is the best at the moment when somebody stopped the search."""


class RunView(Struct, frozen=True, kw_only=True):
    """A run of the planner, without problem and plan."""

    id: UUID
    firm: UUID
    firm_name: str
    state: RunState
    start_date: date
    last_date: date
    """Last day of the horizon, included."""

    days: int
    time_limit_s: float
    seed: int
    requested_by: str
    """Name of the account; empty for a job."""

    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    decided_at: datetime | None
    stop_requested: bool
    progress: Progress | None
    outline: Outline
    error: str
    """Why it failed, as an English sentence of the catalogue or the search's own words; empty otherwise."""


class RunPage(Struct, frozen=True, kw_only=True):
    """A part of the list of runs, newest first."""

    rows: list[RunView]
    next_cursor: str | None
    """What to ask for the part after this one; None at the end."""


class OrderState(StrEnum):
    """Where a work order stands."""

    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    MISSED = "missed"
    """Its day is over and nobody came."""

    CANCELLED = "cancelled"


class WorkOrderView(Struct, frozen=True, kw_only=True):
    """A published stop with the elevator it is about."""

    id: UUID
    firm: UUID
    round: UUID
    crew: UUID
    crew_name: str
    day: date
    elevator: UUID
    position: int
    """0 = first stop."""

    arrive_s: int
    start_s: int
    leave_s: int
    maintenance_class: str
    due_first_day: date
    due_last_day: date
    reason_en: str
    reason_zh: str
    state: OrderState
    state_reason: str
    registration_code: str
    rescue_code: str
    unit_name: str
    bank: str
    equipment_type: str
    rule_pack: str
    site: UUID
    site_name: str
    address: str
    district: str
    access_notes: str
    lat: float | None
    lon: float | None


class CrewPerson(Struct, frozen=True, kw_only=True):
    """A technician of a crew on a day."""

    id: UUID
    name: str
    badge: str


class CrewDay(Struct, frozen=True, kw_only=True):
    """A crew's published day with its stops in order."""

    id: UUID
    """Of the published round."""

    firm: UUID
    crew: UUID
    crew_name: str
    base_lat: float
    base_lon: float
    day: date
    version: int
    """Grows with every change of the day."""

    run: UUID
    published_at: datetime
    depart_s: int
    return_s: int
    break_start_s: int | None
    break_duration_s: int | None
    members: list[CrewPerson]
    """Who is in the crew on this day, absent ones left out."""

    stops: list[WorkOrderView]

    @property
    def etag(self) -> str:
        """Changes with every change of the day; a round that was withdrawn and published again has another."""
        return f'"{self.id}-{self.version}"'


class ActualVisit(Struct, frozen=True, kw_only=True):
    """The visit that was made, as far as it has come."""

    id: UUID
    state: str
    """`open`, `finished` or `abandoned`."""

    arrived_at: datetime
    departed_at: datetime | None
    technician: str
    second_technician: str | None


class PlannedActual(Struct, frozen=True, kw_only=True):
    """One stop of a day as planned and as it came; a visit that nobody had planned has no order."""

    order: WorkOrderView | None
    visit: ActualVisit | None
    elevator: UUID
    registration_code: str
    unit_name: str
    site_name: str
    arrived_s: int | None
    """Local seconds after midnight of the day on which the visit began."""

    departed_s: int | None
    late_s: int | None
    """Seconds that the arrival was later than planned, negative when earlier; of a stop still awaited, seconds that it is
    overdue by now (never negative); None where there is nothing to compare."""

    time_zone: str
