"""Wear: on which day an item's budget of use is used up. It may bring a visit forward, never push one back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache

from msgspec import Struct

from planner.intervals.days import plus_days
from planner.intervals.facts import UsageFact
from planner.intervals.items import all_items
from planner.intervals.pack import WearBudget


class Reached(Struct, frozen=True, kw_only=True):
    """When a budget is used up."""

    day: date
    used: int
    """Counted so far."""

    expected: float
    """Counted so far, and what the rate adds up to today where no reading has come."""

    per_day: float


@lru_cache(maxsize=64)
def budgets_by_item(budgets: tuple[WearBudget, ...]) -> Mapping[str, WearBudget]:
    """Return the budget of each item: its own before that of its wear driver and class; items without one are left out."""
    general = {(budget.driver, budget.period): budget for budget in budgets if not budget.items}
    own = {code: budget for budget in budgets for code in budget.items}
    found = ((item, own.get(item.code) or general.get((item.wear_driver, item.period))) for item in all_items())
    return {item.code: budget for item, budget in found if budget is not None}


def usage_of(usage: Iterable[UsageFact], counter: str, since: date) -> UsageFact | None:
    """Return what is known of a counter since a day; of several facts, of each part the one that wears more."""
    fitting = [fact for fact in usage if fact.counter == counter and fact.since == since]
    if len(fitting) < 2:
        return fitting[0] if fitting else None
    return UsageFact(
        counter=counter, since=since, used=max(fact.used for fact in fitting), per_day=max(fact.per_day for fact in fitting),
        known_until=min(fact.known_until for fact in fitting), crossed=tuple(pair for fact in fitting for pair in fact.crossed),
    )  # fmt: skip


def reached(most: int, usage: UsageFact, today: date) -> Reached | None:
    """Return the day on which a budget is used up, None where that is never.

    Days without readings are taken at the daily rate, so that a silent monitor wears as one that speaks. A budget that is
    used up already was so on the day on which the counter reached it; where that is not known, on the day on which an even
    use would have. That day stays, however the use goes on; it is never the day of the work itself.

    Parameters
    ----------
    most
        The budget, in the counter's unit; 1 or more.
    usage
        Use since the item was done.
    today
        The local day, up to which silence is made up for.
    """
    silent_days = max(0, (today - usage.known_until).days)
    expected = usage.used + usage.per_day * silent_days
    if usage.used >= most:
        seen = [day for budget, day in usage.crossed if budget == most]
        elapsed = max(0, (usage.known_until - usage.since).days)
        day = min(seen, default=plus_days(usage.since, math.floor(elapsed * (most / usage.used))))
    elif usage.per_day > 0:
        day = plus_days(usage.known_until, math.floor(min((most - usage.used) / usage.per_day, 10_000_000)))
    else:
        return None
    earliest = plus_days(usage.since, 1)
    return Reached(day=max(day, earliest), used=usage.used, expected=expected, per_day=usage.per_day)
