"""The day inside the legal window on which a visit costs least, by its cost and the faults it prevents. No numpy: it is quick.

After a visit faults come rarer, and then more often day by day. With a mean rate λ under visits every G days and a preventable
share p, t days after a visit

    λ(t) = λ · ((1 − p) + 2 p t / G)

so that the mean over G days is λ. A visit costs v, the faults (and entrapments) of a day cost c = Σ rate · cost. Visits every T
days cost (v + c (1 − p) T + c p T² / G) / T a day, least at T* = √(v G / (c p)); a single visit T days after the last one costs
a (T − T*)² more than at T*, with a = c p / G (renewal reward; Barlow and Hunter 1960 for the idea).
The law's days come first: the best day is looked for between the first and the last day only.
"""

from __future__ import annotations

import datetime
import math
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from planner.intervals.receipt import BestDay, Text

Mark = Literal["verified", "expert", "design"]

LONGEST_WINDOW_DAYS = 400
"""Days whose costs are listed at most; no rule has a longer window."""


class CostValue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number with where it comes from."""

    value: float
    mark: Mark
    source: str
    valid_from: datetime.date = msgspec.field(name="from")


class Costs(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What things cost, in one currency; all more than 0."""

    currency: str
    visit: CostValue
    fault: CostValue
    entrapment: CostValue
    crew_hour: CostValue
    preventable_share: CostValue
    """0..1, both excluded."""

    usual_gap_days: CostValue


class RiskFacts(Struct, frozen=True, kw_only=True):
    """How often an elevator is expected to fail, under the visits it had."""

    faults_per_day: float
    entrapments_per_day: float = 0.0
    thin: bool = False
    """Nobody knows this elevator or its like yet: these are the rates of any."""

    costs: Costs | None = None
    """The firm's own; None for the samples."""


@cache
def sample_costs() -> Costs:
    """Return the samples of this version, read once."""
    return msgspec.toml.decode((Path(__file__).parent / "costs.toml").read_bytes(), type=Costs)


def best_day(risk: RiskFacts, last_visit: date | None, first_day: date, last_day: date) -> BestDay | None:
    """Find the best day of a window.

    Parameters
    ----------
    last_visit
        None where there was none: then nothing is known of how long ago it was.
    first_day, last_day
        The window, both included; risk moves neither.

    Returns
    -------
    BestDay | None
        None without a last visit, without a day, or where nothing is expected to fail.
    """
    costs = risk.costs or sample_costs()
    cost_per_day = risk.faults_per_day * costs.fault.value + risk.entrapments_per_day * costs.entrapment.value
    if last_visit is None or cost_per_day <= 0 or first_day > last_day:
        return None
    curve = curve_of(risk, costs)
    days = min((last_day - first_day).days, LONGEST_WINDOW_DAYS)
    since = (first_day - last_visit).days
    priced = [curve.more_than_best(since + day) for day in range(days + 1)]
    cheapest = min(priced)
    chosen = priced.index(cheapest)
    day = first_day + timedelta(days=chosen)
    until_last = curve.faults(max(0, (last_day - last_visit).days))
    return BestDay(
        day=day, from_day=first_day, reason=_reason(risk, curve, day, first_day, last_day),
        faults_until_last_day=round(until_last, 3),
        day_costs=tuple(round(each - cheapest, 2) for each in priced), currency=costs.currency,
    )  # fmt: skip


class Curve(Struct, frozen=True, kw_only=True):
    """How costs go with the days since the last visit."""

    steepness: float
    """a, in the currency per day squared."""

    best_gap_days: float
    """T*, free of any law."""

    faults_per_day: float
    preventable: float
    usual_gap_days: float

    def more_than_best(self, days: float) -> float:
        """Return what a visit so many days after the last costs more than at the best gap."""
        return self.steepness * (days - self.best_gap_days) ** 2

    def faults(self, days: float) -> float:
        """Return the faults that are expected in the first days after a visit."""
        grown = self.preventable * days * days / self.usual_gap_days
        return self.faults_per_day * ((1 - self.preventable) * days + grown)


def curve_of(risk: RiskFacts, costs: Costs) -> Curve:
    """Return the curve of an elevator with a rate above 0."""
    cost_per_day = risk.faults_per_day * costs.fault.value + risk.entrapments_per_day * costs.entrapment.value
    share, gap = costs.preventable_share.value, costs.usual_gap_days.value
    return Curve(
        steepness=cost_per_day * share / gap, best_gap_days=math.sqrt(costs.visit.value * gap / (cost_per_day * share)),
        faults_per_day=risk.faults_per_day, preventable=share, usual_gap_days=gap,
    )  # fmt: skip


def _reason(risk: RiskFacts, curve: Curve, day: date, first_day: date, last_day: date) -> Text:
    a_year = risk.faults_per_day * 365.25
    gap = round(curve.best_gap_days)
    begin_zh = f"预计每年故障{a_year:.1f}次；按费用，两次维保相隔{gap}日最省"
    begin_en = f"{a_year:.1f} faults a year expected; by their cost a visit is best {gap} days after the last one"
    if risk.thin:
        begin_zh, begin_en = f"（历史不足，按一般水平）{begin_zh}", f"{begin_en} (too little history: the rate of any elevator)"
    if day == last_day:
        return Text(f"{begin_zh}，因此取窗口的最后一天", f"{begin_en}: the last day of the window")
    if day == first_day:
        return Text(f"{begin_zh}，因此窗口一开始就去", f"{begin_en}: as soon as the window opens")
    return Text(f"{begin_zh}，该日在窗口之内", f"{begin_en}, and that day lies inside the window")


def seconds(money: float, costs: Costs) -> float:
    """Return money as seconds of a crew's work, the unit of a round's prices."""
    return money / costs.crew_hour.value * 3600
