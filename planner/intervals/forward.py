"""What may bring a visit forward, one function per rule: wear, many faults, special periods."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date

from planner.intervals.days import plus_days
from planner.intervals.facts import PeriodFact
from planner.intervals.fallback import faults_reached
from planner.intervals.items import CLASSES
from planner.intervals.pack import WearBudget
from planner.intervals.receipt import Candidate, Input, Text
from planner.intervals.situation import ItemState, Situation
from planner.intervals.wear import Reached, budgets_by_item, reached, usage_of
from planner.intervals.wording import allowed, counted_from, number


def wear(now: Situation) -> Iterator[Candidate]:
    """Yield the wear budgets: of each budget the items that use it up first.

    They are those of the elevator's own pack, whatever gaps count: falling back never gives more use.
    """
    budgets = budgets_by_item(now.pack.wear_budgets)
    found: dict[str, tuple[WearBudget, list[tuple[ItemState, Reached]]]] = {}
    for state in now.states:
        budget = budgets.get(state.item.code)
        usage = None if budget is None or state.left_out else usage_of(now.facts.usage, budget.counter, state.since)
        when = None if budget is None or usage is None else reached(budget.most, usage, now.today)
        if budget is not None and when is not None:
            found.setdefault(budget.id, (budget, []))[1].append((state, when))
    for budget, worn in found.values():
        yield _worn(now, budget, worn)


def _worn(now: Situation, budget: WearBudget, worn: list[tuple[ItemState, Reached]]) -> Candidate:
    day = min(when.day for _, when in worn)
    first = [(state, when) for state, when in worn if when.day == day]
    state, when = max(first, key=lambda pair: pair[1].expected)
    share = when.expected / budget.most
    sample_zh, sample_en = ("（示例值，非法规）", " (a sample value, not law)") if budget.sample else ("", "")
    sentence = Text(
        f"磨损预算{number(budget.most)}{budget.unit_zh}{sample_zh}已用{share:.0%}，按每日{number(when.per_day)}计，于{day}用完",
        f"{share:.0%} of the wear budget of {number(budget.most)} {budget.unit_en}{sample_en} is used; "
        f"at {number(when.per_day)} a day it is used up on {day}",
    )
    return now.candidate(
        "wear", day, budget.period, budget, sentence, counted_from(state.since, known=state.known),
        Input(name=Text("已用", "used"), value=f"{number(when.expected)} {budget.unit_en}"),
        Input(name=Text("每日", "daily rate"), value=f"{number(when.per_day)} {budget.unit_en}"),
        Input(name=Text("预算", "budget"), value=f"{number(budget.most)} {budget.unit_en}"),
        items=tuple(one.item.code for one, _ in first), pack=now.pack,
    )  # fmt: skip


def fault_rate(now: Situation) -> Iterator[Candidate]:
    """Yield more visits for an elevator with many faults."""
    rule = now.limits.fault_rate
    filled_on = faults_reached(now.facts, rule.kinds, rule.within_days, rule.count, now.today)
    if filled_on is None:
        return
    since = now.counted_from
    day = max(plus_days(since, rule.days), plus_days(filled_on, rule.grace_days))
    sentence = Text(
        f"{rule.within_days}日内故障达到{rule.count}次（{filled_on}）：维保间隔不超过{rule.days}日",
        f"{rule.count} faults or more in {rule.within_days} days (by {filled_on}): at most {rule.days} days between visits",
    )
    yield now.candidate(
        "fault_rate", day, CLASSES[0], rule, sentence, counted_from(since, known=now.last is not None), allowed(rule.days)
    )


def special_periods(now: Situation) -> Iterator[Candidate]:
    """Yield more visits during a major event or by an order: no day of it may lie too long after a visit."""
    rule = now.limits.major_event
    for period in now.facts.periods:
        days = period.gap_days or (rule.days if period.kind == "major_event" else None)
        if days is None:
            continue
        day = _last_day_in(now, period, days)
        if day is None:
            continue
        until = period.ends_on or "…"
        sentence = Text(
            f"{period.name}（{period.starts_on}至{until}）期间，维保间隔不超过{days}日",
            f"during {period.name} ({period.starts_on} to {until}) at most {days} days between visits",
        )
        yield now.candidate(
            "special_period",
            day,
            CLASSES[0],
            rule,
            sentence,
            counted_from(now.counted_from, known=now.last is not None),
            allowed(days),
        )


def _last_day_in(now: Situation, period: PeriodFact, days: int) -> date | None:
    """Return the last day for a visit because of a period, None where the period asks for none."""
    needed = plus_days(now.counted_from, days)
    if period.ends_on is not None and (needed > period.ends_on or period.ends_on < now.today):
        return None
    day = plus_days(period.starts_on, -1) if needed < period.starts_on else needed
    if period.announced_on is None:
        return day
    return max(day, plus_days(period.announced_on, math.ceil(now.limits.fall_back.past_due.hours / 24)))
