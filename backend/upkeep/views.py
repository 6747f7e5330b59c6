"""What leaves the room of upkeep: windows, lists, changes of mode. All days are local dates of the firm's time zone."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from backend.upkeep.areas import Area
from planner.intervals.facts import DeferralReason
from planner.intervals.receipt import Receipt


class DueWindowView(Struct, frozen=True, kw_only=True):
    """When an elevator must be seen next; both days are included."""

    elevator: UUID
    firm: UUID
    first_day: date
    """From this day on a visit is worth making."""

    last_day: date
    """By the end of this day it must have been made."""

    maintenance_class: str
    """`half_month`, `quarter`, `half_year` or `year`: the highest class that is due; it includes the lower ones."""

    mode: str
    """The mode that is registered: `fixed` or `on_demand`."""

    mode_effective: str
    """The mode that counts: `fixed` where an on-demand elevator has fallen back."""

    fallen_back: bool
    fallen_back_on: date | None
    """The day on which the fall back was noticed."""

    paused: bool
    """Whether the elevator is stopped: no visit is due until it is put back into use, and one is due before."""

    gap_days: int | None = None
    """Days between two visits that count for it now; None where it was not computed yet."""

    reason_en: str
    """The rule that fixed the last day, as one sentence."""

    reason_zh: str
    computed_at: datetime


class DueRow(DueWindowView, frozen=True, kw_only=True):
    """A line of the list of what is due."""

    registration_code: str
    rescue_code: str
    unit_name: str
    site: UUID
    site_name: str
    district: str
    days_left: int
    """Days from today to the last day; negative when overdue, 0 on the last day."""

    overdue: bool
    """Whether the last day has passed and the window is not paused."""


class DueFilter(Struct, frozen=True, kw_only=True):
    """Which lines of the list are wanted; None leaves a question open."""

    until: date | None = None
    """Last day not after this day."""

    district: str | None = None
    maintenance_class: str | None = None
    mode_effective: str | None = None
    fallen_back: bool | None = None
    paused: bool | None = None
    overdue: bool = False
    """Only those whose last day has passed and that are not paused."""

    firm: UUID | None = None
    """For those who see every firm."""

    site: UUID | None = None
    text: str | None = None
    """Part of a registration code, rescue code, name, site or address."""


class DuePage(Struct, frozen=True, kw_only=True):
    """A part of the list: paused windows last, then by last day and registration code."""

    rows: list[DueRow]
    next_cursor: str | None
    """What to ask for the part after this one; None at the end."""

    total: int
    """Lines that fit the filter, on all pages."""

    overdue: int
    """How many of these are overdue."""

    on_day: date
    """Today, against which overdue and days left are counted: of the asker's firm, or of the usual time zone where there is
    none (every line is counted by its own firm's day)."""


class WindowChange(Struct, frozen=True, kw_only=True):
    """A window before and after something happened."""

    before: DueWindowView | None
    """None where there was no window yet."""

    after: DueWindowView | None
    """None for an elevator that is no longer maintained (scrapped)."""


class ModeChangeKind(StrEnum):
    """What happened to the mode of an elevator."""

    FALLEN_BACK = "fallen_back"
    RESTORED = "restored"


class ModeChange(Struct, frozen=True, kw_only=True):
    """An on-demand elevator fell back to half-monthly maintenance, or was restored; public (domain: disclosure duties)."""

    elevator: UUID
    kind: ModeChangeKind
    """`fallen_back` or `restored`."""

    on_day: date
    reasons_en: list[str]
    reasons_zh: list[str]
    changed_at: datetime


class Summary(Struct, frozen=True, kw_only=True):
    """What a recomputation did."""

    elevators: int
    """Windows computed."""

    moved: int
    """Windows whose days or class differ from before, new ones included."""

    removed: int
    """Windows of elevators that are no longer maintained."""

    fallen_back: int
    """Elevators that fell back in this run."""

    restored: int
    failed: list[str]
    """Registration codes whose facts could not be used, each with the reason; their old window stays."""


class ReceiptView(Struct, frozen=True, kw_only=True):
    """A due window with the whole reason for it."""

    registration_code: str
    rescue_code: str
    unit_name: str
    site_name: str
    days_left: int
    """Days from today to the last day; negative when overdue."""

    overdue: bool
    """Whether the last day has passed and the window is not paused."""

    window: DueWindowView
    receipt: Receipt


class ToldVisit(Struct, frozen=True, kw_only=True):
    """A completed visit before this system's time, told at import."""

    elevator: UUID
    maintenance_class: str
    on_day: date
    """Local day of the departure."""


class PeriodKind(StrEnum):
    """Why a period is special."""

    MAJOR_EVENT = "major_event"
    """重大活动安保: more visits in the area, no longer gaps."""

    AUTHORITY_ORDER = "authority_order"
    """An order of the authority: more visits, no longer gaps."""

    COMPLAINT = "complaint"
    """A verified complaint that is not closed: no longer gaps."""

    MAJOR_REPAIR = "major_repair"
    """Modernisation or major repair: no longer gaps until the elevator was inspected again."""

    INCIDENT = "incident"
    """An entrapment, unintended movement or the like that no monitor told of, on the first day: no longer gaps for a time."""

    INSPECTION_FAILED = "inspection_failed"
    """The periodic inspection was not passed: no longer gaps until it is."""


class SpecialPeriodInput(Area, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A special period. It holds for one elevator, or for those that fit all of district, kind of site, sector and circle."""

    name: Annotated[str, Meta(max_length=200)]
    kind: PeriodKind
    starts_on: date
    ends_on: date | None = None
    """The last day, included; None = until it is removed."""

    district: Annotated[str, Meta(max_length=200)] = ""
    site_kind: str = ""
    """Only sites of this kind; empty for every kind."""

    sector: str = ""
    """Only sites under this supervision; empty for every sector."""

    lat: float | None = None
    """With `lon` and `radius_m`: only sites inside this circle of the map, WGS-84."""

    lon: float | None = None
    radius_m: int | None = None
    elevator: UUID | None = None
    gap_days: int | None = None
    """Days between two visits where the order names them; None takes the rule pack's."""

    note: Annotated[str, Meta(max_length=2000)] = ""


class SpecialPeriodView(SpecialPeriodInput, frozen=True, kw_only=True):
    """A special period."""

    id: UUID
    firm: UUID
    created_at: datetime


class SpecialCheckView(Struct, frozen=True, kw_only=True):
    """A check with an interval of its own, such as the governor's tripping speed, and when it was made last."""

    check: str
    """Item and key, such as `A-4-06:governor_speed`."""

    title_zh: str
    title_en: str
    done_on: date | None
    """None where nobody has told it yet."""

    note: str


class DeferralInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An authorised deferral (延期) to enter: the user's consent, given before the due day, with its document."""

    days: int
    reason: DeferralReason
    words: Annotated[str, Meta(max_length=2000)] = ""
    """Needed for the reason `other`."""

    document: Annotated[str, Meta(max_length=200)]
    """Number of the document."""

    issuer: Annotated[str, Meta(max_length=200)]
    """Who issued it."""

    dated_on: date
    consent_on: date
    """Day of the user's consent."""

    consent_by: Annotated[str, Meta(max_length=200)] = ""
    """Who agreed for the using unit."""

    file_sha256: Annotated[str, Meta(max_length=64)] = ""
    """SHA-256 of the document's file in hexadecimal, where the file itself is not handed in."""


class DeferralFile(Struct, frozen=True, kw_only=True):
    """The document itself."""

    name: str
    content_type: str
    content: bytes


class DeferralView(DeferralInput, frozen=True, kw_only=True):
    """An authorised deferral."""

    id: UUID
    firm: UUID
    elevator: UUID
    counted_from: date
    """The day from which the gap counts that it defers."""

    due_on: date
    """The last day of that gap before any deferral."""

    deferred_to: date
    """The last day with this deferral and those before it."""

    file_name: str
    has_file: bool
    entered_on: date
    created_at: datetime
    withdrawn_at: datetime | None
    withdrawn_why: str
    running: bool
    """Whether it holds for the gap that runs now."""


class DeferralOffer(Struct, frozen=True, kw_only=True):
    """What may be deferred now, for the form."""

    counted_from: date
    due_on: date
    """The last day of the running gap before any deferral."""

    most_days: int
    """Days that may still be added; 0 where nothing may be deferred."""

    reasons: list[str]
    why_not_zh: str
    why_not_en: str
    """Why nothing may be deferred; empty where something may."""
