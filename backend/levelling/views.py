"""What leaves the room of levelling. Days are local dates, instants are UTC."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from planner.levelling.calendar import SpecialDay


class CalendarSource(StrEnum):
    """Where a firm's public holidays come from."""

    NONE = "none"
    CHINA = "cn"
    """China's public holidays and working weekends, as announced."""

    OWN = "own"
    """A file that was uploaded."""


class CalendarView(Struct, frozen=True, kw_only=True):
    """The calendar that a firm goes by."""

    source: CalendarSource
    chosen: bool
    """Whether somebody chose it; otherwise it is what the firm's region suggests."""

    name: str
    crews_rest: bool
    """Crews rest on public holidays and work on working weekends; otherwise their shifts count as they are."""

    years: list[int]
    """The years it speaks about."""

    unknown_years: list[int]
    """Years of the next months of which it says nothing."""

    days: list[SpecialDay]
    """The special days of the next months."""


class LevellingState(StrEnum):
    """Where a levelling stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    """Stopped before it began."""


class LevellingProgress(Struct, frozen=True, kw_only=True):
    """How far a levelling is: `settle`, `improve`, `bound` or `done`, and the part that is done, 0..1."""

    phase: str
    share: float


class LevellingOutline(Struct, frozen=True, kw_only=True):
    """A levelling in numbers; None before there is an answer."""

    elevators: int = 0
    left_out: int = 0
    """Elevators without a due window or with a rule pack that is not known."""

    published: int = 0
    """Elevators whose next visit is published; their chain goes on from it."""

    visits: int | None = None
    unplaced: int | None = None
    on_holidays: int | None = None
    on_weekends: int | None = None
    peak_percent: int | None = None
    """The fullest day of any team, in percent of its hours."""

    gap_percent: float | None = None
    """How far the answer may be from the best, in percent of its cost."""


class LevellingView(Struct, frozen=True, kw_only=True):
    """A levelling, without its target days."""

    id: UUID
    firm: UUID
    state: LevellingState
    start_date: date
    last_date: date
    days: int
    time_limit_s: float
    seed: int
    requested_by: str
    requested_at: datetime
    finished_at: datetime | None
    progress: LevellingProgress | None
    outline: LevellingOutline
    error: str


class LevellingPage(Struct, frozen=True, kw_only=True):
    """Levellings, newest first."""

    rows: list[LevellingView]
    next_cursor: str | None


class LoadCell(Struct, frozen=True, kw_only=True):
    """A team's day, or the night that begins on it."""

    day: date
    load_s: int
    capacity_s: int
    visits: int
    kind: str
    """`ordinary`, `weekend` or `holiday`."""


class LoadRow(Struct, frozen=True, kw_only=True):
    """The load of a team day by day."""

    team: str
    night: bool
    cells: list[LoadCell]


class CrewShare(Struct, frozen=True, kw_only=True):
    """What a crew works of the hours it has."""

    crew: str
    name: str
    team: str
    work_s: int
    available_s: int
    off_days_s: int
    off_days_available_s: int
    night_s: int
    night_available_s: int


class UnplacedVisit(Struct, frozen=True, kw_only=True):
    """A visit that found no day."""

    elevator: UUID
    name: str
    registration_code: str
    first_day: date
    last_day: date
    maintenance_class: str
    code: str
    """`no_crew`, `no_day` or `full`."""

    team: str
    days: list[date]
    """The days on which it could be made if there were hours, or somebody there."""

    needed_s: int


class LevellingAnswer(Struct, frozen=True, kw_only=True):
    """What a levelling found."""

    levelling: LevellingView
    loads: list[LoadRow]
    shares: list[CrewShare]
    unplaced: list[UnplacedVisit]
    unknown_years: list[int]


class TargetView(Struct, frozen=True, kw_only=True):
    """A visit of an elevator's chain, by the newest levelling."""

    day: date
    first_day: date
    last_day: date
    maintenance_class: str
    placed: bool
