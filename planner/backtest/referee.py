"""Whether a limit was passed, judged with code of its own: from visits, luck and a pack's numbers, never from due windows.

Which mode is permitted on a night follows from what the scheme's conditions ask and what had been told by then. While longer
gaps are permitted, the gap on demand counts (and for items checked from afar the last night on which they were); when they
end, the fixed gap or the grace; once they have ended, the fixed gap until a visit was made and every reason is gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from msgspec import Struct

from planner.backtest.replay import Course
from planner.intervals.items import CLASSES, class_rank
from planner.intervals.pack import OnDemandRules, RulePack
from planner.simulate.lives import LEAD_DAYS, Life
from planner.simulate.monitors import NIGHT_H, Monitor


class Passed(Struct, frozen=True):
    """A limit that was passed."""

    limit: str
    """`visit_gap`, a class, a special check or `self_check`."""

    last_day: int
    day: int
    """On which it was made up for; the end of the simulation where it was not."""


def passed(course: Course, life: Life, monitor: Monitor | None, pack: RulePack, gap_days: int) -> list[Passed]:
    """Return the legal limits that were passed.

    Parameters
    ----------
    course, life, monitor
        What happened.
    pack
        The policy's pack; its fixed base counts for an elevator at fixed intervals.
    gap_days
        Days between two visits that the filing or the pack allows on demand.
    """
    fixed = pack.fixed
    found = list(_gaps(course, life, monitor, pack, gap_days))
    found += _classes(course, life, fixed)
    found += _checks(course, life, fixed)
    return found + list(_self_checks(course, life, fixed))


def _gaps(course: Course, life: Life, monitor: Monitor | None, pack: RulePack, gap_days: int) -> Iterator[Passed]:
    """Yield the gaps between visits that were too long, by the mode permitted on each night."""
    fixed_days = pack.fixed.visit_gap.days
    days = sorted({visit.day for visit in course.visits})
    last = max(course.before.values())
    if course.mode == "fixed" or monitor is None or pack.on_demand is None:
        for day in [*days, life.days]:
            if day > last + fixed_days:
                yield Passed("visit_gap", last + fixed_days, day)
            last = day
        return
    judge = _Judge(course, life, monitor, pack, gap_days, last)
    visited = set(days)
    for night in range(LEAD_DAYS, life.days):
        limit = judge.limit(night)
        if night in visited:
            if night > limit:
                yield Passed("visit_gap", limit, night)
            judge.visit(night)
    if life.days > judge.limit(life.days - 1) + 1:
        yield Passed("visit_gap", judge.limit(life.days - 1), life.days)


class _Judge:
    """The limit of an elevator that is registered on demand, night after night."""

    def __init__(self, course: Course, life: Life, monitor: Monitor, pack: RulePack, gap_days: int, last: int) -> None:
        rules = pack.on_demand
        assert rules is not None  # noqa: S101 - asked for on demand only
        self._rules, self._monitor = rules, monitor
        self._fixed, self._longer = pack.fixed.visit_gap.days, gap_days
        self._grace, self._urgent = pack.fixed.fall_back.grace.days, -(-pack.fixed.fall_back.past_due.hours // 24)
        self._barred = _barred(course, life, rules)
        self._last, self._checked, self._ended, self._limit = last, LEAD_DAYS, -1, last + gap_days
        self._judged = -1
        self._begun = False  # whether longer gaps were ever permitted: before that there is nothing to fall back from

    def limit(self, night: int) -> int:
        """Return the last day that is allowed, by what had been told in a night; nights are asked for in order."""
        if night == self._judged:
            return self._limit
        self._judged = night
        hour = 24.0 * night + NIGHT_H
        share = self._monitor.online_share(hour, self._rules.remote_check.within_days)
        enough = share >= self._rules.remote_check.least_online
        barred = self._barred[night] or _silent(self._monitor, hour, self._rules) or self._missing(hour)
        if not self._begun:
            self._limit = self._last + self._fixed
            if barred or not enough:
                return self._limit
            self._begun = True
        if self._ended >= 0:
            if barred or self._last < self._ended or not enough:
                return self._limit
            self._ended = -1
        if barred:
            self._fall_back(night)
        else:
            self._checked = night if enough else self._checked
            by_items = max(self._last + self._fixed, self._checked + self._rules.remote_check.within_days)
            self._limit = min(self._last + self._longer, by_items)
        return self._limit

    def _missing(self, hour: float) -> bool:
        """Return whether data is missing from the time that the monitor must vouch for, for longer than the pack allows."""
        health = self._rules.data_health
        if health is None:
            return False
        since = min(hour - 24.0 * health.within_days, 24.0 * (self._last + 1))
        missing = (min(hour, one.until_h) - max(since, one.from_h) for one in self._monitor.silences if one.from_h < hour)
        return any(int(hours) >= health.gap_hours for hours in missing)

    def _fall_back(self, night: int) -> None:
        self._ended = night
        ordinary = self._last + self._fixed
        if ordinary >= night:
            self._limit = min(ordinary, night + self._grace)
        else:
            self._limit = min(night + self._urgent, max(self._limit, ordinary))

    def visit(self, day: int) -> None:
        """Take a visit; what follows is judged in the next night."""
        self._last = day
        self._limit = day + self._fixed


def _silent(monitor: Monitor, hour: float, rules: OnDemandRules) -> bool:
    """Return whether the monitor has been silent for longer than the scheme allows, or was in the time it vouches for."""
    silence = monitor.at(hour)
    hours = min((one.hours for one in (*rules.triggers, *rules.conditions) if one.hours is not None), default=None)
    return silence is not None and hours is not None and hour - silence.from_h > hours


def _barred(course: Course, life: Life, rules: OnDemandRules) -> list[bool]:
    """Return for each night whether papers, age, faults or periods bar longer gaps."""
    barred = [False] * (life.days + 1)

    def bar(first: int, last: int) -> None:
        for night in range(max(0, first), min(last, life.days) + 1):
            barred[night] = True

    for lapse in life.lapses:
        bar(lapse.first, lapse.last)
    for due, made in life.inspections:
        bar(due + 1, made)
    asked = [*rules.conditions, *rules.triggers]
    years = min((one.most_years for one in asked if one.most_years is not None), default=None)
    if years is not None:
        bar((life.in_use_since - life.begins + timedelta(int(365.25 * years) + 2)).days, life.days)
    for rule in asked:
        if not rule.kinds or rule.within_days is None:
            continue
        told = sorted((event.day, known) for known, event in course.told if event.kind in rule.kinds)
        count = getattr(rule, "count", None) or 1
        for index in range(count - 1, len(told)):
            first = (told[index - count + 1][0] - life.begins).days
            known = max(night for _, night in told[index - count + 1 : index + 1])
            bar(known, first + rule.within_days - 1)
    return barred


def _classes(course: Course, life: Life, fixed: RulePack) -> Iterator[Passed]:
    """Yield classes above the lowest that were done too late: those are never stretched."""
    for name in CLASSES[1:]:
        limit, last = fixed.class_gaps.of(name).days, course.before[name]
        done = [visit.day for visit in course.visits if class_rank(visit.maintenance_class) >= class_rank(name)]
        for day in [*done, life.days]:
            if day > last + limit:
                yield Passed(name, last + limit, day)
            last = day


def _checks(course: Course, life: Life, fixed: RulePack) -> Iterator[Passed]:
    """Yield special checks that were made too late, by the age of the elevator."""
    for check in fixed.special_checks:
        key = f"{check.item}:{check.key}"
        if key not in course.checked_before or not check.item.startswith("A-"):
            continue
        last = course.checked_before[key]
        for day in [*(visit.day for visit in course.visits if key in visit.checks), life.days]:
            age = ((life.date_of(last) - life.in_use_since).days) / 365.25
            months = next(band.months for band in check.bands if band.up_to_years is None or age <= band.up_to_years)
            limit = last + int(months * 30.4375) + 2
            if day > limit:
                yield Passed(key, limit, day)
            last = day


def _self_checks(course: Course, life: Life, fixed: RulePack) -> Iterator[Passed]:
    """Yield inspections before which no year class was done since the one before."""
    if fixed.self_check is None:
        return
    years = [visit.day for visit in course.visits if visit.maintenance_class == CLASSES[-1]]
    for (_, before), (due, _) in zip(life.inspections, life.inspections[1:], strict=False):
        if due - fixed.self_check.covers_days >= LEAD_DAYS and due < life.days and not any(before < day <= due for day in years):
            yield Passed("self_check", due, due + 1)
