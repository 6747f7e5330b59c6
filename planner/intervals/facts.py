"""What is known of one elevator on one day. All days are local dates of the elevator's place."""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec import Struct, field

from planner.intervals.forecast import UsePattern
from planner.intervals.health_evidence import HealthFacts
from planner.intervals.receipt import Mode
from planner.risk.best_day import RiskFacts

State = Literal["in_use", "stopped", "scrapped"]

PeriodKind = Literal["major_event", "authority_order", "complaint", "major_repair", "inspection_failed", "incident"]


class VisitFact(Struct, frozen=True, kw_only=True):
    """A completed visit: the latest of its class."""

    day: date
    """Local day of the departure."""

    maintenance_class: str
    left_out: tuple[str, ...] = ()
    """Items of the class that were answered as not applicable."""


class UsageFact(Struct, frozen=True, kw_only=True):
    """How much a counter grew from the end of a day's visit on, in the counter's own unit."""

    counter: str
    since: date
    used: int
    per_day: float
    """Daily rate, for what is not known yet; not negative."""

    known_until: date
    """Day of the last reading: from here on the rate counts, so that silence is no rest."""

    crossed: tuple[tuple[int, date], ...] = ()
    """For budgets that are used up already: the budget, and the day on which the counter reached it."""

    pattern: UsePattern | None = None
    """Use by weekday with its uncertainty; None where only the rate is known."""

    rest: float = 0.0
    """Share of the day of the last reading that was still to come then, 0..1."""


class EventFact(Struct, frozen=True, kw_only=True):
    """Something the elevator reported."""

    day: date
    kind: str
    """A kind of the telemetry's table of events, such as `entrapment`."""


class PeriodFact(Struct, frozen=True, kw_only=True):
    """A special period that concerns the elevator; both ends included."""

    name: str
    kind: PeriodKind
    starts_on: date
    ends_on: date | None
    """None = until it is removed."""

    gap_days: int | None = None
    """Days between two visits where the order names them."""

    announced_on: date | None = None
    """Day on which it was entered: nobody can have come sooner because of it."""

    def covers(self, day: date) -> bool:
        """Return whether a day lies in the period."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class FirmFacts(Struct, frozen=True, kw_only=True):
    """The maintenance firm."""

    licence_number: str = ""
    licence_expires_on: date | None = None
    credit_class: str = ""
    violation_since: date | None = None
    """Day since which it stands in the authority's record of serious violations; None = it does not."""


class AgreementFacts(Struct, frozen=True, kw_only=True):
    """The contract with the owner."""

    starts_on: date | None = None
    ends_on: date | None = None
    """Last day, included; None = open end."""

    consent_on: date | None = None
    withdrawn_on: date | None = None
    insurance_until: date | None = None
    """Last day, included."""


class MonitorFacts(Struct, frozen=True, kw_only=True):
    """The remote monitor."""

    since: date | None = None
    """Day of installation; None = there is none."""

    silent_h: float | None = None
    """Hours since the last sign of life; None = there never was one."""

    seen_on: date | None = None
    """Day of the last sign of life."""

    online_share: float | None = None
    """Share of the hours of the pack's period with a record, 0..1; None = not known."""

    checked_on: date | None = None
    """The last day on which items counted as checked from afar; None = never."""

    health: HealthFacts | None = None
    """What is known of its data; None = nobody has looked."""


class ProgrammeFacts(Struct, frozen=True, kw_only=True):
    """The elevator's own document about its intervals: the maker's instructions, a maintenance control program."""

    document: str
    """Number or title, with its edition."""

    dated_on: date
    gap_days: int
    """Days between two visits that it names."""


DeferralReason = Literal["no_access", "epidemic", "disaster", "building_work", "other"]


class DeferralFact(Struct, frozen=True, kw_only=True):
    """An authorised deferral of one running gap: it ends with the visit that ends the gap."""

    counted_from: date
    """The day from which the gap counts that it defers."""

    days: int
    reason: DeferralReason
    words: str = ""
    document: str
    """Number of the document."""

    issuer: str
    dated_on: date
    consent_on: date
    """Day of the user's consent."""

    entered_on: date
    """Day on which it came into this system."""


class Holiday(Struct, frozen=True, kw_only=True):
    """Public holidays in a row, days off between them included; both ends included."""

    name: str
    starts_on: date
    ends_on: date

    @property
    def days(self) -> int:
        """How long it lasts."""
        return (self.ends_on - self.starts_on).days + 1


class ModeHistory(Struct, frozen=True, kw_only=True):
    """What the computation before found."""

    effective: Mode | None = None
    """None = there was none."""

    fixed_again_on: date | None = None


class ElevatorFacts(Struct, frozen=True, kw_only=True):
    """Everything that a due window depends on, besides the rules and the day. The order of lists does not matter."""

    equipment_type: str
    state: State = "in_use"
    state_reason: str = ""
    mode: Mode = "fixed"
    site_kind: str = ""
    registered_on: date
    """Day on which it came into this system."""

    in_use_since: date | None = None
    inspection_due_on: date | None = None
    inspected_on: date | None = None
    filing: str = ""
    """Number of the filing (备案) of on-demand maintenance."""

    filed_on: date | None = None
    filed_gap_days: int | None = None
    """Days between two visits that the filing names; None where it names none."""

    declared_on: date | None = None
    """Day of the firm's self-declaration (自我声明), where it is not a part of the filing."""

    watch: str = ""
    """On which list of the authority it stands: `three_without` (三无), `listed_hazard` (挂牌督办); empty for none."""

    special_kind: str = ""
    """`firefighter` or `explosion_proof`; empty for an ordinary one."""

    programme: ProgrammeFacts | None = None
    hazard_since: date | None = None
    """Day of the oldest open hazard that is serious or forbids use; None = none is open."""

    excluded: tuple[str, ...] = ()
    """Items that the elevator does not have, by the register."""

    visits: tuple[VisitFact, ...] = ()
    """The latest completed visit of each class."""

    done: dict[str, date] = field(default_factory=dict)
    """Items done, and special checks made (`A-4-06:governor_speed`), outside of visits of their class."""

    usage: tuple[UsageFact, ...] = ()
    events: tuple[EventFact, ...] = ()
    periods: tuple[PeriodFact, ...] = ()
    deferrals: tuple[DeferralFact, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    """Public holidays that are known and not over."""

    firm: FirmFacts = FirmFacts()
    agreement: AgreementFacts = AgreementFacts()
    monitor: MonitorFacts = MonitorFacts()
    history: ModeHistory = ModeHistory()
    risk: RiskFacts | None = None
    """How often it is expected to fail; None where that is not known. It chooses a day of the window and moves no end of it."""
