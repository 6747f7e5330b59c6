"""What technicians change of their day as others see it. Times of day are seconds after local midnight of the day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from backend.rounds.rejection_reasons import RejectionReason

OFFER_GOOD_FOR = timedelta(minutes=30)
"""How long a colleague may think about a swap: by then both are somewhere else."""

MOST_NOTE = 500
"""Characters of free text."""

MOST_SWAPS = 12
"""Swaps that are offered for a stop: as many as somebody reads on a phone."""

WORSE_BY_S = 600
"""Seconds of driving more than was shown, that a swap may come to by the time it is accepted."""

LATE_SENT = timedelta(days=7)
"""A phone may have been without a signal for so long."""

Note = Annotated[str, Meta(max_length=MOST_NOTE)]


class MarkKind(StrEnum):
    """What a technician says about their round."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"


class RoundState(StrEnum):
    """Where a crew's day stands, by what its technicians said."""

    WAITING = "waiting"
    """Nobody has pressed start; scans may have come all the same."""

    RUNNING = "running"
    PAUSED = "paused"


class Said(Struct, frozen=True, kw_only=True):
    """A sentence."""

    zh: str
    en: str


class MarkInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mark as the phone sends it, at once or days later."""

    id: UUID
    kind: MarkKind
    at: datetime
    """By the phone's clock, with its offset from UTC."""

    note: Note = ""


class RejectionInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stop handed back, as the phone sends it."""

    id: UUID
    work_order: UUID
    reason: str
    """A code of the list that comes with the day."""

    at: datetime
    note: Note = ""


class RoundStanding(Struct, frozen=True, kw_only=True):
    """How far a crew says it is."""

    crew: UUID
    state: RoundState
    started_at: datetime | None = None
    since: datetime | None = None
    """When the present state began."""

    paused_s: int = 0
    """Seconds of pause that are over."""

    note: str = ""
    """What was said of the present pause."""

    technician: str = ""
    """Who said it."""


class RejectionView(Struct, frozen=True, kw_only=True):
    """A stop that was handed back."""

    id: UUID
    firm: UUID
    work_order: UUID
    elevator: UUID
    name: str
    """Site and unit."""

    crew: UUID
    crew_name: str
    technician: str
    day: date
    reason: str
    reason_zh: str
    reason_en: str
    note: str
    at: datetime
    undone_at: datetime | None


class SideView(Struct, frozen=True, kw_only=True):
    """What a change comes to for one crew."""

    drive_by_s: int
    """Seconds of driving more, negative when fewer."""

    metres_by: int
    return_s: int | None
    """None where it has nothing left to do."""

    return_before_s: int | None
    overtime_s: int
    overtime_most_s: int


class StopTime(Struct, frozen=True, kw_only=True):
    """A stop with the time at which it would be begun."""

    work_order: UUID
    start_s: int
    by_s: int | None
    """Seconds later than without the change, negative when earlier; None where it comes from another round."""


class BreachView(Said, frozen=True, kw_only=True):
    """Something that a change breaks."""

    code: str
    work_order: UUID | None
    already: bool
    """It breaks without the change too: the day is late as it is."""


class OrderCheck(Struct, frozen=True, kw_only=True):
    """What another order of a round would mean; nothing is changed."""

    round_version: int
    breaks: list[BreachView]
    """What forbids it; empty where it can be done."""

    warnings: list[Said]
    """What has to be confirmed: a later end, overtime inside its limit."""

    changes: list[Said]
    stops: list[StopTime]
    side: SideView | None

    @property
    def is_possible(self) -> bool:
        """Whether it can be done, with or without confirmation."""
        return not self.breaks


class OrderInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The order wanted: all stops of one's round that nobody has begun, from the next one on."""

    round_version: int
    work_orders: Annotated[list[UUID], Meta(max_length=200)]
    confirmed: bool = False
    """The warnings were read."""


class SwapChoice(Struct, frozen=True, kw_only=True):
    """A swap that could be made now."""

    to_crew: UUID
    crew_name: str
    people: list[str]
    gives: UUID
    takes: UUID | None
    takes_name: str
    """Empty where the stop is simply given away."""

    mine: SideView
    theirs: SideView
    zh: str
    en: str


class SwapChoices(Struct, frozen=True, kw_only=True):
    """Swaps that could be made of a stop, the cheapest first."""

    round_version: int
    rows: list[SwapChoice]


class SwapInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A swap that is offered to a colleague's crew."""

    id: UUID
    """Made by the phone: sent twice it is one offer."""

    gives: UUID
    to_crew: UUID
    takes: UUID | None = None
    note: Note = ""


class SwapState(StrEnum):
    """Where an offer stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    """Nobody answered in time."""


class SwapFigures(Struct, frozen=True, kw_only=True):
    """What is kept of an offer as both sides saw it."""

    gives_name: str
    takes_name: str
    mine: SideView
    theirs: SideView
    zh: str
    en: str


class SwapView(Struct, frozen=True, kw_only=True):
    """An offer."""

    id: UUID
    firm: UUID
    day: date
    technician: str
    crew: UUID
    crew_name: str
    to_crew: UUID
    to_crew_name: str
    gives: UUID
    takes: UUID | None
    state: SwapState
    note: str
    figures: SwapFigures
    """`mine` is the side of who offers."""

    offered_at: datetime
    expires_at: datetime
    decided_at: datetime | None


class DayChanges(Struct, frozen=True, kw_only=True):
    """What a technician's phone has to know beside the stops."""

    crew: UUID
    standing: RoundStanding
    reasons: list[RejectionReason]
    rejections: list[RejectionView]
    """Of the crew's day, those that stand."""

    incoming: list[SwapView]
    """Offers of colleagues that wait for an answer."""

    outgoing: list[SwapView]
    """One's crew's own offers of the day."""


class OfficeChanges(Struct, frozen=True, kw_only=True):
    """What technicians changed of a day, for the office."""

    rounds: list[RoundStanding]
    rejections: list[RejectionView]
    swaps: list[SwapView]
