"""What leaves the room of dispatch. Instants are UTC."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from planner.intervals.pack_rescue import Rung


class Source(StrEnum):
    """Where a call for help came from."""

    TELEMETRY = "telemetry"
    OFFICE = "office"
    PHONE = "phone"
    """The duty phone: a passenger or somebody on their behalf."""

    IMPORT = "import"
    """Another system, such as the city's rescue centre (96333)."""


class DispatchState(StrEnum):
    """How a rescue stands."""

    RINGING = "ringing"
    GOING = "going"
    ARRIVED = "arrived"
    RELEASED = "released"
    CLOSED = "closed"


class Answer(StrEnum):
    """What somebody who was rung answers."""

    GOING = "going"
    CANNOT = "cannot"


class Outcome(StrEnum):
    """How a rescue ended."""

    RELEASED = "released"
    """By our technician."""

    BY_OTHERS = "by_others"
    """By somebody else: the next rescue station, the fire brigade."""

    BY_ITSELF = "by_itself"
    """The car ran again, or the door opened."""

    FALSE_ALARM = "false_alarm"
    """Nobody was inside."""


class Cause(StrEnum):
    """Why people were trapped, in the classes that rescue centres report."""

    DOOR = "door"
    CONTROL = "control"
    DRIVE = "drive"
    SAFETY = "safety"
    POWER = "power"
    WATER = "water"
    MISUSE = "misuse"
    OTHER = "other"
    UNKNOWN = ""


class RingView(Struct, frozen=True, kw_only=True):
    """Somebody who was rung."""

    rung: int
    """Which rung of the ladder, from 0."""

    account: UUID | None
    technician: UUID | None
    name: str
    phone: str
    why_zh: str
    """Why them."""

    why_en: str
    travel_s: int | None
    """Estimated seconds to the elevator; None where nobody knows where they are."""

    rung_at: datetime
    answer: str
    """A value of `Answer`; empty while there is none."""

    answered_at: datetime | None
    answer_reason: str


class NodeView(Struct, frozen=True, kw_only=True):
    """A point of time in a rescue."""

    at: datetime
    what: str
    """`raised`, `merged`, `rung`, `nobody`, `going`, `cannot`, `arrived`, `late`, `released`, `closed`."""

    by: str
    """Name of the account that did it; empty for the clock and for monitors."""

    detail: dict[str, object]


class DispatchSummary(Struct, frozen=True, kw_only=True):
    """A rescue in a list."""

    id: UUID
    elevator: UUID
    registration_code: str
    unit_name: str
    site_name: str
    source: Source
    raised_at: datetime
    rung_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    arrived_at: datetime | None
    released_at: datetime | None
    closed_at: datetime | None
    outcome: str
    due_at: datetime
    """By when somebody must be there."""

    limit_s: int
    time_zone: str
    state: DispatchState = DispatchState.RINGING
    late_s: int = 0
    """Seconds after `due_at` that somebody came, or has not come so far; 0 = in time."""


class DispatchView(Struct, frozen=True, kw_only=True):
    """A rescue."""

    summary: DispatchSummary
    rescue_code: str
    address: str
    district: str
    access_notes: str
    lat: float | None
    lon: float | None
    gcj02: tuple[float, float] | None
    """Latitude and longitude as Amap takes them; None where the place is not known."""

    bd09: tuple[float, float] | None
    """The same as Baidu takes them."""

    caller: str
    words: str
    people: int | None
    raised_by: str
    arrived_by: str
    arrived_how: str
    """`scan` of the label in the car, or `button`."""

    closed_by: str
    cause: str
    close_reason: str
    limit_zh: str
    """The clause that sets the limit, with its source."""

    limit_en: str
    ladder: list[Rung]
    rung: int
    """Which rung rings, from 0; from the ladder's length on everybody is rung again; -1 before the first."""

    next_rung_at: datetime | None
    """When the next rung rings unless somebody goes; None where none will."""

    rescue_phone: str
    """Of the city's rescue centre."""

    rings: list[RingView]
    nodes: list[NodeView]
    now: datetime
    """The server's clock as this was read, so that a countdown is not a phone's own."""


class DispatchPage(Struct, frozen=True, kw_only=True):
    """A part of the list of rescues, newest first."""

    rows: list[DispatchSummary]
    next_cursor: str | None
    open: int
    """On all pages."""

    now: datetime


class DutyTurnView(Struct, frozen=True, kw_only=True):
    """A technician's turn on the duty roster (值班表)."""

    id: UUID
    technician: UUID
    name: str
    badge: str
    starts_at: datetime
    ends_at: datetime


class LadderView(Struct, frozen=True, kw_only=True):
    """Whom a firm rings."""

    rungs: list[Rung]
    own: bool
    """Whether the firm has set it; else it is the rule pack's."""

    changed_at: datetime | None
