"""Wear: by which day an item's budget of use must be renewed. It may bring a visit forward, never push one back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache

import msgspec
from msgspec import Struct

from planner.intervals.days import plus_days
from planner.intervals.facts import UsageFact
from planner.intervals.forecast import Outlook, UsePattern
from planner.intervals.items import all_items
from planner.intervals.pack import CounterFactor, WearBudget

EVEN = 0.5
"""Chance on either side of the day on which a budget is used up as likely as not."""


class Reached(Struct, frozen=True, kw_only=True):
    """By when a budget is due."""

    day: date
    """The last day until whose end the chance of passing the budget is within the limit; of a budget that is used up the day
    on which it was; of a use without a pattern the day on which its rate reaches the budget."""

    even_day: date
    """The day on which it is used up as likely as not."""

    used: int
    """Counted so far."""

    expected: float
    """Counted so far, and what the days without a reading add up to today at the upper end."""

    per_day: float
    """Mean daily use."""

    chance: float | None = None
    """Of passing the budget by the end of `day`; None where it is passed, or no pattern is known."""

    chance_next: float | None = None
    """Of passing it by the end of the day after."""


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
    patterns = [fact.pattern for fact in fitting if fact.pattern is not None]
    return UsageFact(
        counter=counter, since=since, used=max(fact.used for fact in fitting), per_day=max(fact.per_day for fact in fitting),
        known_until=min(fact.known_until for fact in fitting), crossed=tuple(pair for fact in fitting for pair in fact.crossed),
        pattern=max(patterns, key=lambda pattern: (pattern.per_day, pattern.variances), default=None),
        rest=max(fact.rest for fact in fitting),
    )  # fmt: skip


def factor_of(counter: str, factors: Iterable[CounterFactor]) -> CounterFactor | None:
    """Return how a counter follows from another where it is not counted itself."""
    return next((factor for factor in factors if factor.counter == counter), None)


def threshold(most: int, factor: CounterFactor) -> int:
    """Return the growth of the counter that is read at which a budget of the derived one is used up."""
    return max(1, math.ceil(most / factor.factor))


def usage_for(
    usage: Iterable[UsageFact], budget: WearBudget, since: date, factors: Iterable[CounterFactor] = ()
) -> tuple[UsageFact | None, CounterFactor | None]:
    """Return the use that a budget is held against, and the factor where it is derived from another counter."""
    own = usage_of(usage, budget.counter, since)
    factor = None if own is not None else factor_of(budget.counter, factors)
    read = None if factor is None else usage_of(usage, factor.from_counter, since)
    if factor is None or read is None:
        return own, None
    at = threshold(budget.most, factor)
    derived = UsageFact(
        counter=budget.counter, since=since, used=math.ceil(read.used * factor.factor), per_day=read.per_day * factor.factor,
        known_until=read.known_until, crossed=tuple((budget.most, day) for most, day in read.crossed if most == at),
        pattern=None if read.pattern is None else scaled(read.pattern, factor.factor), rest=read.rest,
    )  # fmt: skip
    return derived, factor


def scaled(pattern: UsePattern, factor: float) -> UsePattern:
    """Return a pattern of so many times the use."""
    return msgspec.structs.replace(
        pattern, means=tuple(mean * factor for mean in pattern.means),
        variances=tuple(variance * factor**2 for variance in pattern.variances),
    )  # fmt: skip


def outlook_of(usage: UsageFact) -> Outlook | None:
    """Return the forecast of a use; None where only a rate is known."""
    return None if usage.pattern is None else Outlook(pattern=usage.pattern, since=usage.known_until, rest=usage.rest)


def reached(most: int, usage: UsageFact, today: date, most_chance: float = EVEN) -> Reached | None:
    """Return the day by which a budget is due, None where that is never.

    The forecast begins with the last reading, so that a silent monitor wears as one that speaks, and its uncertainty grows
    with the silence. A budget that is used up already was so on the day on which the counter reached it; where that is not
    known, on the day on which an even use would have. That day stays, however the use goes on; it is never the day of the
    work itself.

    Parameters
    ----------
    most
        The budget, in the counter's unit; 1 or more.
    usage
        Use since the item was done.
    today
        The local day, up to which silence is made up for.
    most_chance
        The pack's limit of the chance that the budget is passed; above 0, at most 0.5.

    Raises
    ------
    ValueError
        If the budget is zero or less.
    """
    if most < 1:
        raise ValueError(f"the wear budget of {usage.counter} is {most}; it must be 1 or more")
    earliest = plus_days(usage.since, 1)
    expected = usage.used + _silent(usage, today, most_chance)
    if usage.used >= most:
        seen = [day for budget, day in usage.crossed if budget == most]
        elapsed = max(0, (usage.known_until - usage.since).days)
        day = max(min(seen, default=plus_days(usage.since, math.floor(elapsed * (most / usage.used)))), earliest)
        return Reached(day=day, even_day=day, used=usage.used, expected=expected, per_day=usage.per_day)
    outlook = outlook_of(usage)
    if outlook is None:
        return _at_the_rate(most, usage, expected, earliest)
    left = most - usage.used
    days = outlook.days_within(left, most_chance)
    if days is None:
        return None
    even = outlook.days_within(left, EVEN)
    return Reached(
        day=max(plus_days(usage.known_until, days), earliest),
        even_day=date.max if even is None else max(plus_days(usage.known_until, even), earliest),
        used=usage.used, expected=expected, per_day=outlook.pattern.per_day,
        chance=outlook.chance(left, days), chance_next=outlook.chance(left, days + 1),
    )  # fmt: skip


def _at_the_rate(most: int, usage: UsageFact, expected: float, earliest: date) -> Reached | None:
    if usage.per_day <= 0:
        return None
    day = plus_days(usage.known_until, math.floor(min((most - usage.used) / usage.per_day, 10_000_000)))
    day = max(day, earliest)
    return Reached(day=day, even_day=day, used=usage.used, expected=expected, per_day=usage.per_day)


def _silent(usage: UsageFact, today: date, most_chance: float) -> float:
    """Return what the days without a reading add: the upper end of the forecast, or the rate where no pattern is known."""
    days = max(0, (today - usage.known_until).days)
    outlook = outlook_of(usage)
    if days == 0 or outlook is None:
        return usage.per_day * days
    return outlook.upper(days, most_chance)
