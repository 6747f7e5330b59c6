"""Whether a limit was passed, judged with code of its own: from visits, luck and a pack's numbers, never from due windows.

Which mode is permitted on a night follows from what the scheme's conditions ask and what had been told by then. While longer
gaps are permitted, the gap on demand counts (and for items checked from afar the last night on which they were); when they
end, the fixed gap or the grace; once they have ended, the fixed gap until a visit was made and every reason is gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from msgspec import Struct

from planner.backtest.replay import Course
from planner.backtest.told import EQUIPMENT
from planner.intervals.items import CLASSES, checklist, class_rank, items_by_code
from planner.intervals.pack import Condition, DayLimit, OnDemandRules, RulePack, SpecialCheck, Trigger
from planner.simulate.lives import LEAD_DAYS, Life
from planner.simulate.monitors import NIGHT_H, Monitor

WEEKS_BEFORE = 56
"""Days before a night in which use by weekday is looked at."""


_ASKED_BY: dict[str, set[str]] = {
    "insurance": {"E5", "insurance"},
    "complaint": {"complaint"},
    "authority_order": {"authority_order"},
    "major_event": {"major_event"},
    "withdrawn": {"E2", "agreement"},
}
"""What is not in order → the conditions and triggers that ask for it; not every regime does."""


class Passed(Struct, frozen=True):
    """A limit that was passed."""

    limit: str
    """`visit_gap`, a class, a special check or `self_check`."""

    last_day: int
    day: int
    """On which it was made up for; the end of the simulation where it was not."""


def passed(course: Course, life: Life, monitor: Monitor | None, pack: RulePack, longer: DayLimit) -> list[Passed]:
    """Return the legal limits that were passed.

    Parameters
    ----------
    course, life, monitor
        What happened.
    pack
        The policy's pack; its fixed base counts for an elevator at fixed intervals.
    longer
        Between two visits on demand, by the filing or the pack.
    """
    fixed = pack.fixed
    found = list(_gaps(course, life, monitor, pack, longer))
    found += _classes(course, life, fixed)
    found += _checks(course, life, fixed)
    return found + list(_self_checks(course, life, fixed))


def _gaps(course: Course, life: Life, monitor: Monitor | None, pack: RulePack, longer: DayLimit) -> Iterator[Passed]:
    """Yield the gaps between visits that were too long, by the mode permitted on each night."""
    fixed = pack.fixed.visit_gap
    days = sorted({visit.day for visit in course.visits})
    last = max(course.before.values())
    if course.mode == "fixed" or monitor is None or pack.on_demand is None:
        for day in [*days, life.days]:
            if day > _allowed(fixed, life, last):
                yield Passed("visit_gap", _allowed(fixed, life, last), day)
            last = day
        return
    judge = _Judge(course, life, monitor, pack, longer, last)
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

    def __init__(self, course: Course, life: Life, monitor: Monitor, pack: RulePack, longer: DayLimit, last: int) -> None:
        rules = pack.on_demand
        assert rules is not None  # noqa: S101 - asked for on demand only
        self._rules, self._monitor = rules, monitor
        self._fixed, self._longer, self._life = pack.fixed.visit_gap, longer, life
        self._grace, self._urgent = pack.fixed.fall_back.grace.days, -(-pack.fixed.fall_back.past_due.hours // 24)
        self._barred = _barred(course, life, rules)
        self._faults = [(known, (event.day - life.begins).days) for known, event in course.told]
        self._last, self._checked, self._ended, self._limit = last, LEAD_DAYS, -1, last
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
        barred = (
            self._barred[night] or _silent(self._monitor, hour, self._rules) or self._missing(hour) or self._still(night, hour)
        )
        if not self._begun:
            self._limit = _allowed(self._fixed, self._life, self._last)
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
            by_items = max(_allowed(self._fixed, self._life, self._last), self._checked + self._rules.remote_check.within_days)
            self._limit = min(_allowed(self._longer, self._life, self._last), by_items)
        return self._limit

    def _missing(self, hour: float) -> bool:
        """Return whether data is missing from the time that the monitor must vouch for, for longer than the pack allows."""
        health = self._rules.data_health
        if health is None:
            return False
        since = min(hour - 24.0 * health.within_days, 24.0 * (self._last + 1))
        missing = (min(hour, one.until_h) - max(since, one.from_h) for one in self._monitor.silences if one.from_h < hour)
        return any(int(hours) >= health.gap_hours for hours in missing)

    def _still(self, night: int, hour: float) -> bool:
        """Return whether the counters stand still while the elevator breaks down, or longer than the same weekdays allow."""
        health, told = self._rules.data_health, self._monitor.told
        if health is None or told[night] > told[night - 1] or self._monitor.at(hour) is not None:
            return False
        first = night - 1
        while first > 0 and told[first] <= told[first - 1]:
            first -= 1
        if night - first < health.stuck_days:
            return False
        if any(known <= night and first <= day < night for known, day in self._faults):
            return True  # it ran, for it broke down
        chance = 1.0
        for day in range(first, night):
            before = [told[one + 1] - told[one] for one in range(day - 7, max(0, night - WEEKS_BEFORE), -7) if one < first]
            chance /= 1 + (sum(before) / len(before) if len(before) > 1 else 0.0)
        return chance < health.zero_chance

    def _fall_back(self, night: int) -> None:
        self._ended = night
        ordinary = _allowed(self._fixed, self._life, self._last)
        if ordinary >= night:
            self._limit = min(ordinary, night + self._grace)
        else:
            self._limit = min(night + self._urgent, max(self._limit, ordinary))

    def visit(self, day: int) -> None:
        """Take a visit; what follows is judged in the next night."""
        self._last = day
        self._limit = _allowed(self._fixed, self._life, day)


def _asked(rules: OnDemandRules) -> list[Condition | Trigger]:
    return [*rules.conditions, *rules.triggers]


def _silent(monitor: Monitor, hour: float, rules: OnDemandRules) -> bool:
    """Return whether the monitor has been silent for longer than the scheme allows, or was in the time it vouches for."""
    silence = monitor.at(hour)
    hours = min((one.hours for one in _asked(rules) if one.hours is not None), default=None)
    return silence is not None and hours is not None and hour - silence.from_h > hours


def _barred(course: Course, life: Life, rules: OnDemandRules) -> list[bool]:
    """Return for each night whether papers, age, faults or periods bar longer gaps."""
    barred = [False] * (life.days + 1)

    def bar(first: int, last: int) -> None:
        for night in range(max(0, first), min(last, life.days) + 1):
            barred[night] = True

    keys = {one.key for one in _asked(rules)}
    for lapse in life.lapses:
        if keys & _ASKED_BY[lapse.kind]:
            bar(lapse.first, lapse.last)
    for due, made in life.inspections if keys & {"E3", "inspection"} else ():
        bar(due + 1, made)
    asked = _asked(rules)
    years = min((one.most_years for one in asked if one.most_years is not None), default=None)
    if years is not None:
        bar((_months_later(life.in_use_since, 12 * years) - life.begins).days + 1, life.days)
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
        if not any(item.period == name for item in checklist(EQUIPMENT, CLASSES[-1], fixed.item_list)):
            continue  # the regime has no items of this class
        limit, last = fixed.class_gaps.of(name), course.before[name]
        done = [visit.day for visit in course.visits if class_rank(visit.maintenance_class) >= class_rank(name)]
        for day in [*done, life.days]:
            if day > _allowed(limit, life, last):
                yield Passed(name, _allowed(limit, life, last), day)
            last = day


def _checks(course: Course, life: Life, fixed: RulePack) -> Iterator[Passed]:
    """Yield special checks that were made too late, by the age of the elevator."""
    for check in fixed.special_checks:
        key = f"{check.item}:{check.key}"
        if key not in course.checked_before or items_by_code()[check.item].equipment_type != EQUIPMENT:
            continue
        last = course.checked_before[key]
        for day in [*(visit.day for visit in course.visits if key in visit.checks), life.days]:
            limit = (_check_due(check, life.date_of(last), life.in_use_since) - life.begins).days
            if day > limit:
                yield Passed(key, limit, day)
            last = day


def _check_due(check: SpecialCheck, last: date, in_use_since: date) -> date:
    """Return by when a check is due again; the interval of an age holds from the day on which that age is passed."""
    allowed = []
    older_than = date.min
    for band in check.bands:
        allowed.append(max(_months_later(last, band.months), older_than))
        if band.up_to_years is None:
            break
        older_than = _months_later(in_use_since, 12 * band.up_to_years)
    return min(allowed)


def _allowed(limit: DayLimit, life: Life, last: int) -> int:
    """Return the last day that a limit in days or calendar months allows after a day."""
    if limit.months is None:
        return last + limit.days
    return min(last + limit.days, (_months_later(life.date_of(last), limit.months) - life.begins).days)


def _months_later(day: date, months: int) -> date:
    """Return the same day so many months later, or the last that the month has."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for there_is in range(day.day, 27, -1):
        try:
            return date(year, month + 1, there_is)
        except ValueError:
            continue
    return date(year, month + 1, day.day)


def _self_checks(course: Course, life: Life, fixed: RulePack) -> Iterator[Passed]:
    """Yield inspections before which no year class was done since the one before."""
    if fixed.self_check is None:
        return
    years = [visit.day for visit in course.visits if visit.maintenance_class == CLASSES[-1]]
    for (_, before), (due, _) in zip(life.inspections, life.inspections[1:], strict=False):
        if (
            due - fixed.self_check.covers_days >= LEAD_DAYS
            and due < life.days
            and not any(before < day <= due for day in years)
        ):
            yield Passed("self_check", due, due + 1)
