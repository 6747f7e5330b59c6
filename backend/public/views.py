"""What the public sees of an elevator, as structs."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from backend.labels.views import LabelZone
from backend.public.rules import PublicRule
from backend.recordlog.views import Logged
from backend.upkeep.views import ModeChangeKind
from backend.visits.inputs import Severity
from backend.visits.public_views import PublicReason
from backend.visits.views import Confirmation


class MonitorState(StrEnum):
    """Whether remote monitoring speaks."""

    NONE = "none"
    ONLINE = "online"
    SILENT = "silent"


class LastVisit(Struct, frozen=True, kw_only=True):
    """The last completed visit."""

    day: date
    maintenance_class: str
    badges: list[str]
    """Badge numbers of those who were there; empty where the visit was told at import."""

    confirmation: Confirmation | None
    """What the owner said; None where the visit was told at import."""

    recorded: bool
    """Whether it was recorded here with two scans; False where it was told at import."""

    log: Logged | None
    """Where its record stands in the tamper-evident log; None where it does not (yet)."""

    verified: bool
    """Whether it was recorded here and no question about its evidence was answered with `failed`."""

    grade: str | None = None
    """How much stands behind it, `A` to `D` (docs/proof.md); None where it was told at import."""

    reasons: list[PublicReason] = []
    """The questions that keep the grade from being A."""


class Deferred(Struct, frozen=True, kw_only=True):
    """An authorised deferral of the visit that is due, with its document."""

    due_on: date
    """The last day before it."""

    deferred_to: date
    reason: str
    """`no_access`, `epidemic`, `disaster`, `building_work` or `other`."""

    document: str
    issuer: str
    dated_on: date


class NextVisit(Struct, frozen=True, kw_only=True):
    """When the elevator is seen next."""

    planned_day: date | None
    """The day of a published round; None where there is none yet."""

    first_day: date
    last_day: date
    """By the end of this day it must have been seen."""

    maintenance_class: str
    overdue: bool
    paused: bool
    """Nothing is due while the elevator is stopped; one is due before it is used again."""

    reason_zh: str
    reason_en: str
    """Empty while paused."""

    deferred: list[Deferred]
    """Deferrals that the user agreed to before the due day; mostly none."""

    rules: list[PublicRule]
    """The rule that decides and those that would be next, with their sources; empty while paused."""


class ModeNote(Struct, frozen=True, kw_only=True):
    """A change of mode that the public is told of."""

    kind: ModeChangeKind
    on_day: date
    reasons_zh: list[str]
    reasons_en: list[str]


class PublicItem(Struct, frozen=True, kw_only=True):
    """An item of the half-month class."""

    name_zh: str
    name_en: str
    remote: bool
    """Whether monitoring can check it between two visits; it is done on site as well."""


class OnDemandFacts(Struct, frozen=True, kw_only=True):
    """What must be disclosed where maintenance is on demand (domain: disclosure duties)."""

    visit_gap_days: int
    """The promise: at most so many days between two visits."""

    remote_within_days: int
    """Items that monitoring can check are checked at least every so many days."""

    filing: str
    """Number of the filing document of the local scheme; empty where there is none."""

    filed_on: date | None
    declared_on: date | None
    """Day of the firm's self-declaration, where it is not a part of the filing."""

    target: str
    """The quality target and promise; empty where the firm has named none."""

    items: list[PublicItem]
    look_back_days: int
    visits: int
    longest_gap_days: int | None
    """Longest time between two visits in the time looked back on, the running one included; None without a visit."""

    entrapments: int


class Mode(Struct, frozen=True, kw_only=True):
    """How the intervals of maintenance are set."""

    registered: str
    """`fixed` or `on_demand`."""

    effective: str
    """`fixed` where an on-demand elevator has fallen back."""

    fallen_back: bool
    changes: list[ModeNote]
    """Newest first, at most three."""

    on_demand: OnDemandFacts | None


class Monitor(Struct, frozen=True, kw_only=True):
    """State of the data."""

    state: MonitorState
    last_seen_at: datetime | None
    health: str | None
    """`good`, `degraded` or `not_usable`; None where nothing is known of the data yet."""

    reasons_zh: list[str]
    reasons_en: list[str]
    """Why the data cannot be relied on, the worst first, at most three; empty while it can."""

    shortens: bool
    """Whether that is why the fixed interval counts now."""


class Inspection(Struct, frozen=True, kw_only=True):
    """The authority's inspection."""

    due_on: date | None
    inspected_on: date | None
    overdue: bool


class Hazard(Struct, frozen=True, kw_only=True):
    """An open hazard."""

    severity: Severity
    title_zh: str
    title_en: str
    since: date


class PublicElevator(Struct, frozen=True, kw_only=True):
    """Everything on the public page."""

    code: str
    zone: LabelZone
    """Where the label hangs that was opened; empty for the car. The others are there for maintenance staff."""

    rescue_phone: str
    rescue_code: str
    registration_code: str
    site_name: str
    unit_name: str
    address: str
    equipment_type: str
    state: str
    """`in_use`, `stopped` or `scrapped`."""

    owner: str | None
    """The using unit (an organisation)."""

    firm: str
    firm_phone: str
    last_visit: LastVisit | None
    next_visit: NextVisit | None
    mode: Mode
    monitor: Monitor
    inspection: Inspection
    hazards: list[Hazard]
    on_day: date
    """The local day against which overdue is counted."""

    time_zone: str
