"""What leaves the room of visits. Instants are UTC; days are local dates of the firm's time zone."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from backend.errors import Fault
from backend.upkeep.views import DueWindowView
from backend.visits.decider import How
from backend.visits.inputs import Result, Severity, Source
from backend.visits.record import RecordBody


class VisitState(StrEnum):
    """Where a visit stands."""

    OPEN = "open"
    """Arrived, not departed: does not count."""

    FINISHED = "finished"
    ABANDONED = "abandoned"
    """Closed by a manager without a departure: does not count."""


class Confirmation(StrEnum):
    """What the owner said about the newest version of the record; it does not hold up the count of days."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class Review(StrEnum):
    """Where the review of a visit stands."""

    NONE = "none"
    """Nothing asks for one."""

    WAITING = "waiting"
    """Its grade is D, or below what the contract demands: somebody has to look at it."""

    ACCEPTED = "accepted"
    DISPUTED = "disputed"
    """A manager withdrew it: it does not count."""


class Planned(StrEnum):
    """What the published rounds say about a visit."""

    OWN_ROUND = "own_round"
    """A stop of the technician's crew on that day."""

    OTHER_CREW = "other_crew"
    """A stop of another crew on that day."""

    OTHER_DAY = "other_day"
    """A stop of another day."""

    UNPLANNED = "unplanned"
    """No published round had asked for it."""


class Limit(Struct, frozen=True, kw_only=True):
    """A number the rules set for an item; both ends are included."""

    least: float | None
    most: float | None
    unit: str


class SpecialCheckChoice(Struct, frozen=True, kw_only=True):
    """A check inside an item that has its own interval, such as the governor's tripping speed."""

    key: str
    title_zh: str
    title_en: str


class AskedReason(Struct, frozen=True, kw_only=True):
    """Why an item is looked at first, or asked for besides the class."""

    key: str
    """`finding`, `dated`, `worn`, or a signal such as `doors`."""

    zh: str
    en: str


class ChecklistItem(Struct, frozen=True, kw_only=True):
    """A line of the checklist of a class for an equipment type."""

    code: str
    period: str
    """The class in which the item first appears."""

    zone: str
    """Where it is done: `MR` machine room, `CT` car top, `CAR`, `LD` landing, `SH` shaft, `PIT` …"""

    name_zh: str
    name_en: str
    requirement_zh: str
    requirement_en: str
    limit: Limit | None
    special_interval: str
    is_test: bool
    special_checks: list[SpecialCheckChoice]
    added: bool = False
    """Whether a signal asks for it and not the class: its answer is welcome, but a departure does not wait for it."""

    reasons: list[AskedReason] = []
    """Why it comes before others of its zone, or was added; the weightiest first."""


class Person(Struct, frozen=True, kw_only=True):
    """A technician."""

    id: UUID
    name: str
    badge: str


class ScanView(Struct, frozen=True, kw_only=True):
    """A scan as received, without its position."""

    id: UUID
    kind: str
    at: datetime
    received_at: datetime
    clock_ahead_s: int
    source: Source
    has_position: bool
    zone: str = ""
    """`machine_room`, `car_top` or `pit`, of a zone's label; empty for the label in the car."""

    technician: UUID | None = None
    """Who scanned."""


class AnswerView(Struct, frozen=True, kw_only=True):
    """The answer to one item."""

    item: str
    result: Result
    measured: float | None
    unit: str
    note: str
    special_checks: list[str]
    answered_at: datetime


class FindingView(Struct, frozen=True, kw_only=True):
    """Something wrong with an elevator."""

    id: UUID
    elevator: UUID
    registration_code: str
    unit_name: str
    site_name: str
    visit: UUID | None
    item: str
    severity: Severity
    stop_use_condition: str
    title_zh: str
    """The hazard in a line, as its notice names it: nothing that somebody typed."""

    title_en: str
    description: str
    place: str
    proposal: str
    found_at: datetime
    closed_at: datetime | None
    closed_reason: str
    notice: UUID | None
    notice_number: str | None
    time_zone: str
    """Of the firm."""


class VisitSummary(Struct, frozen=True, kw_only=True):
    """A line of a list of visits."""

    id: UUID
    elevator: UUID
    registration_code: str
    unit_name: str
    site_name: str
    maintenance_class: str
    state: VisitState
    scheduled: bool
    """False for a visit that no published round had asked for."""

    planned: Planned

    arrived_at: datetime
    departed_at: datetime | None
    technician: Person
    second_technician: Person | None
    confirmation: Confirmation
    confirmation_reason: str
    """Why the owner refused the newest version; empty otherwise."""

    withdrawn: str
    """The reason if a correction said that the visit does not count; empty otherwise."""

    grade: str | None
    """The newest grade of its proof, `A` to `D`; None before the departure, and for visits from before there were grades."""

    review: Review
    held_back: bool
    """Whether it is kept from counting until a manager accepts it."""

    version: int | None
    """Newest version of the record; None without one."""

    findings: int
    time_zone: str
    """Of the firm."""


class VisitView(Struct, frozen=True, kw_only=True):
    """A visit with all that belongs to it."""

    summary: VisitSummary
    equipment_type: str
    rescue_code: str
    address: str
    access_notes: str
    elevator_state: str
    rule_pack: str
    closed_reason: str
    scans: list[ScanView]
    checklist: list[ChecklistItem]
    excluded: dict[str, str]
    """Items that this elevator does not have, with the registered reason."""

    answers: list[AnswerView]
    open_items: list[str]
    """Items that still need an answer before the departure."""

    findings: list[FindingView]
    """Those of this visit."""

    stop_use_conditions: list[StopUseChoice]
    """What a finding of severity `stop_use` may name."""

    departed: Departed | None
    """What the departure changed; None before it."""

    time_zone: str
    """Of the firm."""


class StopUseChoice(Struct, frozen=True, kw_only=True):
    """A condition of GB 45067-2024 under which an elevator must not be used."""

    key: str
    zh: str
    en: str
    clause: str


class VisitPage(Struct, frozen=True, kw_only=True):
    """A part of a list of visits, newest arrival first."""

    rows: list[VisitSummary]
    next_cursor: str | None
    """What to ask for the part after this one; None at the end."""


class VisitFilter(Struct, frozen=True, kw_only=True):
    """Which visits are wanted; None leaves a question open."""

    state: VisitState | None = None
    confirmation: Confirmation | None = None
    review: Review | None = None
    grade: str | None = None
    scheduled: bool | None = None
    elevator: UUID | None = None
    technician: UUID | None = None
    """As first or second technician."""

    from_day: date | None = None
    """First day of arrival, included."""

    to_day: date | None = None
    """Last day of arrival, included."""


class AnswersSaved(Struct, frozen=True, kw_only=True):
    """What became of a set of answers: good ones are kept, the others listed with their reason."""

    saved: list[str]
    forced_findings: list[str]
    """Items whose measured value is outside its limit: their result became `finding`, and a finding must be written."""

    rejected: list[Fault]
    open_items: list[str]


class EvidenceCheck(Struct, frozen=True, kw_only=True):
    """One question about a visit's evidence: `passed`, `failed` or `skipped`, and why."""

    name: str
    outcome: str
    reason_zh: str
    reason_en: str


class Departed(Struct, frozen=True, kw_only=True):
    """What a departure changed."""

    visit: UUID
    arrived_at: datetime
    departed_at: datetime
    record_version: int
    record_sha256: str
    evidence: list[EvidenceCheck]
    window_before: DueWindowView | None
    window_after: DueWindowView | None
    grade: str | None = None
    """What the evidence was worth at the departure, `A` to `D`; later evidence makes a new grade."""

    review: Review = Review.NONE


class RecordVersion(Struct, frozen=True, kw_only=True):
    """One version of a record."""

    version: int
    reason: str
    body: RecordBody
    sha256: str
    intact: bool
    """Whether the stored body still has this hash."""

    written_at: datetime
    written_by: str
    """Name of the account."""

    decision: Confirmation
    """What the owner said about this version."""

    decision_reason: str
    decided_at: datetime | None
    decision_how: How | None
    """By what the owner was known: their account, or the number that the register has; None while it is pending."""

    decided_by: str
    """Name of the owner's account; empty without one."""

    number_tail: str
    """Last digits of the number that signed; empty with an account."""


class OwnerVisit(Struct, frozen=True, kw_only=True):
    """A finished visit as its owner sees it."""

    summary: VisitSummary
    records: list[RecordVersion]
    """Newest last."""
