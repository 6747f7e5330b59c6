"""What may bring a visit forward, one function per rule: many faults, special periods."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date

from planner.intervals.days import plus_days
from planner.intervals.facts import Holiday, PeriodFact
from planner.intervals.fallback import faults_reached
from planner.intervals.items import CLASSES
from planner.intervals.pack import HolidayRule
from planner.intervals.receipt import Candidate, Input, Text
from planner.intervals.situation import Situation
from planner.intervals.wording import allowed, counted_from


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


def holidays(now: Situation) -> Iterator[Candidate]:
    """Yield a visit before a long public holiday: the last one must not lie too long before its first day."""
    for rule in now.limits.holidays:
        if rule.site_kinds and now.facts.site_kind not in rule.site_kinds:
            continue
        for holiday in sorted(now.facts.holidays, key=lambda one: one.starts_on):
            if holiday.days < rule.least_days or holiday.ends_on < now.today or holiday.starts_on <= now.counted_from:
                continue
            if now.counted_from >= plus_days(holiday.starts_on, -rule.within_days):
                break  # seen in time for the next one; the ones after it come with later visits
            yield _before_holiday(now, rule, holiday)
            break


def _before_holiday(now: Situation, rule: HolidayRule, holiday: Holiday) -> Candidate:
    day = plus_days(holiday.starts_on, -1)
    sentence = Text(
        f"{holiday.name}（{holiday.starts_on}至{holiday.ends_on}）之前{rule.within_days}日内须到场一次",
        f"a visit within {rule.within_days} days before {holiday.name} ({holiday.starts_on} to {holiday.ends_on})",
    )
    begins = Input(name=Text("节假日", "holiday"), value=holiday.starts_on.isoformat())
    since = counted_from(now.counted_from, known=now.last is not None)
    return now.candidate("holiday", day, CLASSES[0], rule, sentence, begins, since)


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
