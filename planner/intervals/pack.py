"""The shape of a rule pack: every limit as data, each with its clause, source, effective date, region and mark.

`planner.intervals.rules` reads packs; docs/rules.md says how to add or change one.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, field

from planner.intervals.pack_health import DataHealth
from planner.intervals.pack_proof import ProofRules
from planner.intervals.pack_rescue import RescueRules
from planner.intervals.pack_rule import (
    Count,
    DayLimit,
    Days,
    HourLimit,
    Mark,
    Part,
    Rule,
    Share,
    Source,
)
from planner.intervals.pack_steps import ClassTitle, DeferralRules, HolidayRule, ProgrammeRules, RecordRule

__all__ = [
    "AgeBand",
    "ClassGaps",
    "ClassTitle",
    "Condition",
    "ConditionKey",
    "Count",
    "DayLimit",
    "Days",
    "DeferralRules",
    "FallBackRules",
    "FaultRate",
    "FirstDay",
    "Forecast",
    "HolidayRule",
    "HourLimit",
    "Mark",
    "OnDemandRules",
    "Part",
    "ProgrammeRules",
    "RecordRule",
    "RemoteCheck",
    "Rule",
    "RulePack",
    "Season",
    "SelfCheck",
    "Share",
    "Source",
    "SpecialCheck",
    "StopUseCondition",
    "Trigger",
    "TriggerKey",
    "VisitRules",
    "WearBudget",
]

ConditionKey = Literal["E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8", "E9"]

TriggerKey = Literal[
    "monitor_silent",
    "inspection",
    "incident",
    "fault_rate",
    "major_event",
    "credit_class",
    "insurance",
    "agreement",
    "major_repair",
    "age",
    "complaint",
    "authority_order",
]
"""The twelve reasons for going back to the fixed interval."""


class ClassGaps(Part, frozen=True, kw_only=True):
    """Days that may pass, for each class, between two times that its items are done."""

    half_month: DayLimit
    quarter: DayLimit
    half_year: DayLimit
    year: DayLimit

    def of(self, maintenance_class: str) -> DayLimit:
        """Return the limit of a class."""
        limit: DayLimit = getattr(self, maintenance_class)
        return limit


class FirstDay(Rule, frozen=True, kw_only=True):
    """From when a visit is worth making."""

    share: Share
    """Share of the days from the last visit to the last day that should have passed, rounded down."""


class AgeBand(Part, frozen=True, kw_only=True):
    """An interval that holds up to an age."""

    up_to_years: Annotated[int, Meta(ge=1, le=100)] | None = None
    """Years of use up to which it holds, included; None holds for every age above the bands before."""

    months: Annotated[int, Meta(ge=1, le=240)]


class SpecialCheck(Rule, frozen=True, kw_only=True):
    """A check inside an item that has its own interval, such as the governor's tripping speed; recorded on its own."""

    key: str
    title_zh: str
    title_en: str
    item: str
    """The item it belongs to."""

    bands: tuple[AgeBand, ...]
    """By age; the last one is open."""


class Season(Rule, frozen=True, kw_only=True):
    """Items that must be done before a season begins."""

    title_zh: str
    title_en: str
    items: tuple[str, ...]
    month: Annotated[int, Meta(ge=1, le=12)]
    day: Annotated[int, Meta(ge=1, le=31)]
    """The season begins on this day of every year; the items are done by the day before."""

    lead_days: Days
    """Done within so many days before the season counts for it."""


class SelfCheck(Rule, frozen=True, kw_only=True):
    """The yearly self-check: the year class, before the inspection."""

    lead_days: Days
    """Days before the inspection by which it is done."""

    covers_days: Days
    """A self-check counts for an inspection at most so many days later."""


class FaultRate(Rule, frozen=True, kw_only=True):
    """More visits for elevators with many faults."""

    count: Count
    """From this number of faults on …"""

    within_days: Days
    """… in so many days, the gap between two visits is at most …"""

    days: Days
    """… this, but never sooner than …"""

    grace_days: Days
    """… so many days after the fault that filled the count."""

    kinds: tuple[str, ...]
    """Kinds of events that count as faults."""


class Forecast(Rule, frozen=True, kw_only=True):
    """How use is carried forward."""

    within_days: Days
    """Use is taken from so many days back (whole weeks, so that every weekday weighs the same)."""

    most_chance: Annotated[float, Meta(gt=0, le=0.5)]
    """A budget is due on the last day until whose end the chance of passing it is at most this."""

    prior_spread: Annotated[float, Meta(gt=0, le=10)]
    """Standard deviation of a day's use as a share of the mean, taken for as long as an elevator's own history is short."""


class CounterFactor(Rule, frozen=True, kw_only=True):
    """How a counter that a monitor does not have follows from one that it has."""

    counter: str
    from_counter: str
    factor: Annotated[float, Meta(gt=0, le=1000)]
    """Growth of `counter` for each growth of `from_counter` by 1, at the upper end."""


class WearBudget(Rule, frozen=True, kw_only=True):
    """How much use an item may see between two times that it is done; it may only bring a visit forward."""

    driver: str
    """Wear driver of the items it holds for."""

    period: str
    """Class in which these items first appear."""

    items: tuple[str, ...] = ()
    """Only these items of them; empty for all."""

    counter: str
    """The telemetry counter that measures it, in the counter's own unit."""

    most: Count
    sample: bool
    """Whether it is a sample value for demonstrations: neither law nor the manufacturer's."""

    unit_zh: str
    unit_en: str


class RemoteCheck(Rule, frozen=True, kw_only=True):
    """When a half-month item counts as checked from afar."""

    least_online: Share
    """The monitor must have been online for this share of the hours …"""

    within_days: Days
    """… of so many days, and the check holds for as many."""

    signals: tuple[str, ...]
    """Signals that can check an item; an item whose signal is not among them is done on site."""


class Condition(Rule, frozen=True, kw_only=True):
    """A condition of on-demand maintenance; which of the parameters it reads depends on the key."""

    key: ConditionKey
    title_zh: str
    title_en: str
    worst_credit_class: str | None = None
    most_years: Annotated[int, Meta(ge=1, le=100)] | None = None
    within_days: Days | None = None
    hours: Annotated[int, Meta(ge=1, le=24 * 366)] | None = None
    least_online: Share | None = None
    kinds: tuple[str, ...] = ()
    site_kinds: tuple[str, ...] = ()
    special_kinds: tuple[str, ...] = ()
    """Kinds of elevators that are left out, such as `firefighter`."""

    gap_days: tuple[Days, ...] = ()
    """The gaps that a filing may name; the one it names is the elevator's own. Empty: the pack's own gap."""

    trial_months: Annotated[int, Meta(ge=1, le=60)] | None = None
    """Months of monitoring at the fixed gap that lie before the approval."""


class Trigger(Rule, frozen=True, kw_only=True):
    """A reason for going back to the fixed interval; which of the parameters it reads depends on the key."""

    key: TriggerKey
    title_zh: str
    title_en: str
    worst_credit_class: str | None = None
    most_years: Annotated[int, Meta(ge=1, le=100)] | None = None
    within_days: Days | None = None
    count: Count | None = None
    hours: Annotated[int, Meta(ge=1, le=24 * 366)] | None = None
    kinds: tuple[str, ...] = ()


class OnDemandRules(Part, frozen=True, kw_only=True):
    """What longer gaps depend on."""

    hard_cap: DayLimit
    """No gap between two visits under this pack is longer, whatever a filing names."""

    remote_check: RemoteCheck
    conditions: tuple[Condition, ...]
    triggers: tuple[Trigger, ...]
    not_asked: dict[str, Rule] = field(default_factory=dict)
    """Conditions and triggers that this regime does not know, each with the reason as its clause."""

    data_health: DataHealth | None = None
    """What the monitor's data must be like; a pack without it has a fault."""


class FallBackRules(Part, frozen=True, kw_only=True):
    """When an elevator that comes back from longer gaps must be seen."""

    grace: DayLimit
    """Within so many days, or by the fixed interval, whichever is first."""

    past_due: HourLimit
    """Where the fixed interval has already passed: within so many hours, counted in days begun."""


class VisitRules(Part, frozen=True, kw_only=True):
    """What a visit is held to."""

    minimum_technicians: Annotated[int, Meta(ge=1, le=10)]
    minimum_dwell_s: Annotated[int, Meta(ge=0, le=86_400)]
    """Seconds from the arrival scan to the departure scan."""

    geofence_radius_m: Annotated[float, Meta(gt=0, le=100_000)]
    coarsest_accuracy_m: Annotated[float, Meta(gt=0, le=100_000)]
    """A position less exact than this says nothing."""

    service_s: dict[str, Annotated[int, Meta(ge=60, le=86_400)]]
    """Seconds on site by class, for planning."""

    rules: dict[str, Rule]
    """Where each of these numbers comes from, by the field's name."""

    proof: ProofRules
    """What its proof is held to."""


class StopUseCondition(Part, frozen=True, kw_only=True):
    """A major-accident hazard: the elevator must not be used until it is gone."""

    key: str
    zh: str
    en: str
    clause: str


class RulePack(Part, frozen=True, kw_only=True):
    """All limits that hold for an elevator."""

    id: str
    title_zh: str
    title_en: str
    region: str
    effective_from: date
    effective_until: date | None = None
    """Last day on which it holds, included; None = until a later version."""

    item_list: str = "tsg-t5002"
    """Whose items are done: see `planner.intervals.items.ITEM_LISTS`."""

    class_names: dict[str, ClassTitle] = field(default_factory=dict)
    """What its classes are called where the names of TSG T5002-2017 do not fit."""

    sources: dict[str, Source]
    visit_gap: DayLimit
    """Days between two completed visits."""

    class_gaps: ClassGaps
    first_day: FirstDay
    special_checks: tuple[SpecialCheck, ...]
    seasons: tuple[Season, ...]
    self_check: SelfCheck | None = None
    """None where the regime knows no self-check before an inspection."""

    holidays: tuple[HolidayRule, ...] = ()
    deferral: DeferralRules | None = None
    """None where nothing may be deferred, as on demand."""

    programme: ProgrammeRules | None = None
    """Where the gap is the elevator's own; None where the pack sets it."""

    records: RecordRule | None = None
    rescue: RescueRules | None = None
    """None where the regime's rules of rescue are not in the pack."""

    major_event: DayLimit
    """Days between two visits during a major event or an authority's order."""

    fault_rate: FaultRate
    fall_back: FallBackRules
    forecast: Forecast
    counter_factors: tuple[CounterFactor, ...] = ()
    wear_budgets: tuple[WearBudget, ...]
    visit: VisitRules
    stop_use_conditions: tuple[StopUseCondition, ...]
    on_demand: OnDemandRules | None = None
    """None in a pack of fixed intervals."""

    base: RulePack | None = None
    """The pack of fixed intervals that an on-demand pack falls back to; None in a pack of fixed intervals."""

    version: date = date.min
    """The day from which this reading holds: its own first day, or that of a later version of its base. Set when it is read."""

    next: RulePack | None = None
    """What holds from `next.version` on; None where no change is known. Set when it is read."""

    @property
    def fixed(self) -> RulePack:
        """The fixed intervals: of the base, or its own."""
        return self.base or self
