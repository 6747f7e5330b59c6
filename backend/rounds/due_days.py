"""On which days of a horizon a visit may be planned and what each day costs: from its window and the days that work. Pure.

A window is law or engineering, a horizon is not: what is overdue, or falls due where nobody works, still gets days, and
the answer says that they are not the window's (`bent`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct

from backend.rounds.preferences import Preferences


class Bent(StrEnum):
    """Why the days asked for are not those of the window."""

    NO = ""
    OVERDUE = "overdue"
    """The last day has passed: as soon as possible."""

    EARLY = "early"
    """Nobody can work inside the window: before it."""

    LATE = "late"
    """Nobody can work inside the window, nor before: after it, as soon as possible."""


class RiskPrices(Struct, frozen=True, kw_only=True):
    """What days cost by expected faults: least on one day of the horizon, more with the square of the distance."""

    best: float
    """Number of that day, which may lie outside of the window and the horizon."""

    steep_s: float

    def of(self, day: int, opens: int, closes: int, wish: Preferences) -> int:
        """Return the price of a day beyond that of the window's best day."""
        inside = self.inside(opens, closes)
        more = self.steep_s * ((day - self.best) ** 2 - (inside - self.best) ** 2)
        return min(wish.risk_most, max(0, round(wish.risk_share * more)))

    def inside(self, opens: int, closes: int) -> int:
        """Return the best day of a window."""
        return min(max(round(self.best), opens), closes)


class DueDays(Struct, frozen=True, kw_only=True):
    """The days of a visit, from the first day of the horizon, both included."""

    first_day: int
    last_day: int
    day_costs: tuple[int, ...]
    mandatory: bool
    defer_cost: int
    bent: Bent


def due_days(
    first: date,
    last: date,
    start: date,
    days: int,
    workable: Sequence[int],
    wish: Preferences,
    target: date | None = None,
    risk: RiskPrices | None = None,
) -> DueDays | None:
    """Place a window on a horizon.

    Parameters
    ----------
    first, last
        The due window, both days included.
    start, days
        First day and length of the horizon.
    workable
        Days of the horizon on which some crew could do the visit, rising, at least one.
    wish
        Prices.
    target
        The day that the levelling chose; None, or one outside of the window, for none.
    risk
        What days cost by expected faults: added to the price of a target day, and in the place of the usual wish otherwise.

    Returns
    -------
    DueDays or None
        None for a visit that is not due within the horizon and cannot be made on the days its window has in it.
    """
    opens, closes = (first - start).days, (last - start).days
    inside = [day for day in workable if opens <= day <= closes]
    mandatory = closes < days
    if closes < 0:
        return _as_soon_as_possible(workable[0], days, -closes, Bent.OVERDUE, wish)
    if inside:
        begin, end = max(opens, 0), min(closes, days - 1)
        chosen = (target - start).days if target is not None and first <= target <= last else None
        costs = tuple(_cost(day, opens, closes, wish, chosen, risk) for day in range(begin, end + 1))
        wanted = chosen
        if chosen is None and risk is not None and risk.inside(opens, closes) < closes:
            wanted = risk.inside(opens, closes)
        defer_cost = 0 if mandatory else _defer_cost(days, closes, wish, wanted)
        return DueDays(first_day=begin, last_day=end, day_costs=costs, mandatory=mandatory, defer_cost=defer_cost, bent=Bent.NO)
    if not mandatory:
        return None
    before = [day for day in workable if day < opens]
    if before:
        begin = before[-wish.early_days :][0]
        costs = tuple(_cost(day, opens, closes, wish) for day in range(begin, closes + 1))
        return DueDays(first_day=begin, last_day=closes, day_costs=costs, mandatory=True, defer_cost=0, bent=Bent.EARLY)
    return _as_soon_as_possible(workable[0], days, 0, Bent.LATE, wish)


def _as_soon_as_possible(soonest: int, days: int, days_late: int, bent: Bent, wish: Preferences) -> DueDays:
    counted = min(days_late, wish.overdue_days_counted)
    base = wish.overdue_first_day + wish.overdue_per_day_late * counted
    costs = tuple(base + wish.overdue_per_day * (day - soonest) for day in range(soonest, days))
    return DueDays(first_day=soonest, last_day=days - 1, day_costs=costs, mandatory=True, defer_cost=0, bent=bent)


def _defer_cost(days: int, closes: int, wish: Preferences, chosen: int | None) -> int:
    """Price leaving out what is not due yet: dear where a day of the horizon is wanted, cheap where a later one is."""
    if chosen is None:
        return max(wish.defer_least, wish.defer_most + wish.defer_per_day * (closes - days))
    return wish.defer_most if chosen < days else wish.defer_least


def _cost(
    day: int, opens: int, closes: int, wish: Preferences, chosen: int | None = None, risk: RiskPrices | None = None
) -> int:
    """Price a day: best is the one that the levelling chose, or that costs least by expected faults, or the last third.

    The very last day of a window is dear in any case, unless the levelling chose it with its eyes open.
    """
    length = closes - opens + 1
    on_last = wish.last_day if day == closes and length > 1 else 0
    by_risk = 0 if risk is None else risk.of(day, opens, closes, wish)
    if chosen is not None:
        return wish.target_per_day * abs(day - chosen) + (on_last if day != chosen else 0) + by_risk
    if risk is not None:
        return on_last + by_risk
    third = opens + math.ceil(2 * length / 3)
    best = max(opens, min(third, closes - 1))
    if day < best:
        return wish.early_per_day * (best - day)
    return on_last
