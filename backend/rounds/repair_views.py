"""Repairs of a day as others see them: what has happened, what is proposed, what changes for whom.

Times of day are seconds after local midnight of the present day; they pass 86 400 after midnight.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

MOST_EVENTS = 20
"""Things of one kind that are told at once."""

GOOD_FOR = timedelta(minutes=15)
"""How long a proposal may be carried out: after that the crews are somewhere else."""

Minutes = Annotated[int, Meta(ge=1, le=1440)]
SecondOfDay = Annotated[int, Meta(ge=0, le=172_800)]
Note = Annotated[str, Meta(max_length=200)]


class RepairState(StrEnum):
    """Where a repair stands."""

    PROPOSED = "proposed"
    APPLIED = "applied"
    UNDONE = "undone"
    DISCARDED = "discarded"


class EmergencyEvent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody has to go to an elevator today."""

    elevator: UUID
    minutes: Minutes = 40
    """Work on site."""

    within_minutes: Minutes | None = 30
    """The work should begin within so many minutes from now: 30 where people are trapped; null for any time today."""

    people: Annotated[int, Meta(ge=1, le=10)] = 2
    note: Note = ""
    """What has happened, for the technicians."""


class CrewOutEvent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A crew cannot work: from a time of today (now without one), through a day (today without one)."""

    crew: UUID
    from_s: SecondOfDay | None = None
    through: date | None = None


class ClosedEvent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A building, or one stop, cannot be entered: from a time (now without one) to a time (all day without one)."""

    site: UUID | None = None
    order: UUID | None = None
    from_s: SecondOfDay | None = None
    to_s: SecondOfDay | None = None


class DelayEvent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stop takes longer, or a crew is late; one of the two is named."""

    minutes: Minutes
    order: UUID | None = None
    crew: UUID | None = None


class CancelEvent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stop is off for today; its elevator stays due."""

    order: UUID


class Events(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that has happened."""

    emergencies: Annotated[list[EmergencyEvent], Meta(max_length=MOST_EVENTS)] = []
    crews_out: Annotated[list[CrewOutEvent], Meta(max_length=MOST_EVENTS)] = []
    closed: Annotated[list[ClosedEvent], Meta(max_length=MOST_EVENTS)] = []
    delays: Annotated[list[DelayEvent], Meta(max_length=MOST_EVENTS)] = []
    cancelled: Annotated[list[CancelEvent], Meta(max_length=MOST_EVENTS)] = []
    search_s: Annotated[float, Meta(ge=0, le=10)] = 0.0
    """Seconds to look for something better than the first answer, 0 to 10."""


class Part(Struct, frozen=True, kw_only=True):
    """A part of a crew's day for a drawing: `drive` (the whole time out), `work` or `break`; `changed` is new or moved here."""

    kind: str
    from_s: int
    to_s: int
    changed: bool = False


class StopLine(Struct, frozen=True, kw_only=True):
    """A stop of a changed round; frozen ones are over or under way."""

    order: UUID
    elevator: UUID
    name: str
    arrive_s: int
    start_s: int
    leave_s: int
    frozen: bool


class VisitLine(Struct, frozen=True, kw_only=True):
    """What changes for one stop: `kind` as in `planner.today.answer`, with its day and crew on either side."""

    order: UUID
    elevator: UUID
    name: str
    kind: str
    code: str
    crew_before: str | None
    day_before: date | None
    start_before_s: int | None
    crew_after: str | None
    day_after: date | None
    start_after_s: int | None
    by_s: int | None
    last_day: date
    en: str
    zh: str


class CrewLine(Struct, frozen=True, kw_only=True):
    """What changes for one crew on one day; `round` is its published one, None where it had none."""

    crew: UUID
    crew_name: str
    day: date
    round: UUID | None
    en: str
    zh: str
    before: list[Part]
    after: list[Part]
    depart_s: int | None
    return_s: int | None
    break_start_s: int | None
    break_duration_s: int | None
    stops: list[StopLine]
    """As they would be; empty where the crew has no round any more."""


class OptionView(Struct, frozen=True, kw_only=True):
    """A way to repair the day. Of an emergency there are several, by crew; `arrive_s` and what follows are None otherwise."""

    number: int
    en: str
    zh: str
    crew: UUID | None
    crew_name: str | None
    arrive_s: int | None
    late_s: int | None
    redirect: bool
    visits: list[VisitLine]
    crews: list[CrewLine]


class RepairNote(Struct, frozen=True, kw_only=True):
    """Something that had to be bent, in a sentence."""

    en: str
    zh: str


class RepairView(Struct, frozen=True, kw_only=True):
    """A proposal for a day under way, and what became of it."""

    id: UUID
    firm: UUID
    day: date
    time_zone: str
    now_s: int
    """When it was made, as the clock on the wall showed."""

    state: RepairState
    asked_by: str
    asked_at: datetime
    decided_at: datetime | None
    events: Events
    options: list[OptionView]
    """The best first; empty where nobody can take an emergency."""

    chosen: int | None
    """Number of the option that was carried out."""

    notes: list[RepairNote]


class RepairLine(Struct, frozen=True, kw_only=True):
    """A repair in a list."""

    id: UUID
    day: date
    state: RepairState
    asked_by: str
    asked_at: datetime
    decided_at: datetime | None
    events: Events


class StoredAnswer(Struct, frozen=True, kw_only=True):
    """What is kept of the planner's answer."""

    now_s: int
    time_zone: str
    options: list[OptionView]
    notes: list[RepairNote]
