"""One elevator, one rule pack, day after day: what is told, the window the product's rules make of it, visits, what breaks.

Windows are computed in the nights in which they could change: after a visit, when something is told, when the monitor's state
or the papers change, half-way to the planned day and on it. In between nothing that the rules look at has changed but use,
which is looked at again before it matters.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import date
from random import Random

from msgspec import Struct

from planner.backtest.told import Told
from planner.intervals.days import plus_days, plus_months
from planner.intervals.due import DueWindow, due_window
from planner.intervals.facts import EventFact, ModeHistory
from planner.intervals.items import CLASSES
from planner.intervals.pack import Condition, OnDemandRules, RulePack, Trigger
from planner.intervals.receipt import Mode, Receipt
from planner.simulate.ageing import Ageing, done_before
from planner.simulate.known_truth import Truth
from planner.simulate.lives import LEAD_DAYS, Fault, Life
from planner.simulate.monitors import NIGHT_H, Monitor

LOOK_AGAIN = 0.6
"""Share of the days until a budget is used up after which use is looked at again."""

EVENTS_KEPT_DAYS = 400
"""Days for which an event is kept: no rule looks back further."""


class Visit(Struct, frozen=True, kw_only=True):
    """A completed visit."""

    day: int
    maintenance_class: str
    due: int
    """Last day of its window, as it was known in the night before."""

    checks: tuple[str, ...] = ()
    """Special checks made, as `item:key`."""


class Course(Struct, frozen=True, kw_only=True):
    """What came of one elevator under one pack."""

    mode: Mode
    before: dict[str, int]
    """Day of the latest visit of each class before the first night."""

    checked_before: dict[str, int]
    visits: tuple[Visit, ...]
    faults: tuple[Fault, ...]
    """Those of chance and those of wear, by day."""

    told: tuple[tuple[int, EventFact], ...]
    """Night from which each event was known."""

    expected: float
    """Faults of wear to be expected from `counted_from` on: the rates added up."""

    windows: int
    """How many were computed."""


class Crew(Struct, frozen=True):
    """How crews come: somewhere inside the window, or later by a number of days with a chance."""

    late_days: tuple[tuple[int, float], ...] = ()
    """Days after the planned day, with their chances; what is left to 1 comes on the day."""

    def late(self, luck: float) -> int:
        """Return how many days after the planned one a crew comes, by luck 0..1."""
        for days, chance in self.late_days:
            if luck < chance:
                return days
            luck -= chance
        return 0


class _Run:
    """The state of a replay."""

    def __init__(
        self, life: Life, monitor: Monitor | None, truth: Truth, pack: RulePack, crew: Crew, filed_gap: int | None,
        before: Mapping[str, int] | None,
    ) -> None:  # fmt: skip
        self.mode: Mode = (
            "on_demand" if pack.on_demand is not None and monitor is not None and qualifies(life, pack) else "fixed"
        )
        self.pack = pack if self.mode == "on_demand" or pack.on_demand is None else pack.fixed
        self.life, self.truth, self.crew = life, truth, crew
        self.told = Told(life, monitor, self.pack, self.mode, filed_gap)
        self.monitor = monitor
        self.last = dict(before) if before is not None else done_before(life, LEAD_DAYS)
        self.ageing = Ageing(life, truth, self.last)
        self.luck: Random = life.luck("crew")
        checks = Random(f"{life.seed}:{life.code}:checks")  # noqa: S311 - a simulation
        self.checked = {f"{check.item}:{check.key}": LEAD_DAYS - checks.randint(30, 330) for check in self.pack.special_checks}
        self.history = ModeHistory(effective="fixed") if self.mode == "on_demand" else ModeHistory()
        self.checked_on: date | None = None
        self.computed_on: date | None = None
        self.known: list[tuple[int, EventFact]] = []
        self.faults: list[Fault] = []
        self.visits: list[Visit] = []
        self.wakes: list[int] = []
        self.windows = 0
        self.rules = tuple(_counting(self.pack))
        self.kinds = frozenset(kind for kinds, _, _ in self.rules for kind in kinds)

    def tell(self, fault: Fault) -> None:
        """Take a fault, and what the monitor tells of it."""
        self.faults.append(fault)
        if self.monitor is None:
            return
        night = self.monitor.told_on(fault.day)
        if night is None:
            return
        day = self.life.date_of(fault.day)
        kinds = (fault.kind, "entrapment") if fault.trapped else (fault.kind,)
        self.known += [(night, EventFact(day=day, kind=kind)) for kind in kinds]
        over = list(self._over(fault.day)) if any(kind in self.kinds for kind in kinds) else []
        for wake in (night, *over) if over else ():
            heapq.heappush(self.wakes, wake)

    def _over(self, day: int) -> Iterator[int]:
        """Yield the nights from which on the events that a rule counts on a day are too old for it."""
        for kinds, within, count in self.rules:
            counted = sorted(
                (event.day - self.life.begins).days for _, event in self.known
                if event.kind in kinds and (event.day - self.life.begins).days > day - within
            )  # fmt: skip
            if len(counted) >= count:
                yield from (one + within for one in counted)

    def compute(self, night: int) -> tuple[DueWindow, Receipt]:
        """Compute the window of a night, as the product does, and keep what it is to be told the next time."""
        oldest = self.life.date_of(max(0, night - EVENTS_KEPT_DAYS))
        events = tuple(event for known, event in self.known if known <= night and event.day >= oldest)
        done = {name: self.life.date_of(day) for name, day in self.checked.items()}
        if self.checked_on is not None and self.checked_on == self.computed_on:
            # The product looks every night; the monitor's state is the same in all nights since the last look here.
            self.checked_on = self.life.date_of(night - 1)
        facts = self.told.facts(night, self.last, done, events, self.history, self.checked_on)
        found = due_window(facts, self.pack, self.life.date_of(night))
        assert found is not None  # noqa: S101 - no simulated elevator is scrapped
        self.windows += 1
        window = found[0]
        if self.mode == "on_demand":
            self.history = ModeHistory(effective=window.mode_effective, fixed_again_on=window.fixed_again_on)
            self.checked_on, self.computed_on = window.checked_on, self.life.date_of(night)
        return found

    def visit(self, day: int, window: DueWindow, receipt: Receipt) -> None:
        """Do the work of a visit."""
        name = window.maintenance_class
        following = plus_days(max(window.last_day, receipt.on_day), window.gap_days)
        rules = {one.cites.rule for one in receipt.candidates if one.kind == "special_check" and one.day < following}
        checks = tuple(f"{check.item}:{check.key}" for check in self.pack.special_checks if check.id in rules)
        self.ageing.visit(day, name, self.pack.visit.service_s[name] / 60)
        for lower in CLASSES[: CLASSES.index(name) + 1]:
            self.last[lower] = day
        for check in checks:
            self.checked[check] = day
        due = (window.last_day - self.life.begins).days
        self.visits.append(Visit(day=day, maintenance_class=name, due=due, checks=checks))


def replay(
    life: Life, monitor: Monitor | None, truth: Truth, pack: RulePack, *, crew: Crew, filed_gap: int | None = None,
    counted_from: int = LEAD_DAYS, before: Mapping[str, int] | None = None,
) -> Course:  # fmt: skip
    """Maintain an elevator under a pack to the end of its life.

    Parameters
    ----------
    life, monitor, truth
        The elevator; None for one without a monitor.
    pack
        The rules; those of on-demand maintenance for an elevator that qualifies for it, else the fixed ones behind them.
    crew
        How crews come.
    filed_gap
        Days that the filing names, where the pack lets a filing name them.
    counted_from
        The day from which expected faults are counted.
    before
        Day of the latest visit of each class before the first night; drawn if None.
    """
    run = _Run(life, monitor, truth, pack, crew, filed_gap, before)
    began, checked_before = dict(run.last), dict(run.checked)
    chance = iter([fault for fault in life.faults if fault.day >= LEAD_DAYS - 120])
    pending = next(chance, None)
    while pending is not None and pending.day < LEAD_DAYS:
        run.tell(pending)
        pending = next(chance, None)
    while run.ageing.next_day < LEAD_DAYS:
        run.tell(run.ageing.fail())
    known = _known_wakes(life, monitor, run.pack) if run.mode == "on_demand" else _paper_wakes(life)
    run.wakes += known
    heapq.heapify(run.wakes)
    expected_before: float | None = None
    night, part, late = LEAD_DAYS, run.luck.random(), crew.late(run.luck.random())
    while night < life.days:
        window, receipt = run.compute(night)
        planned = _planned(window, life, part, night) + late
        target = max(night, planned)
        until = min(target, _upcoming(run.wakes, night), _look_again(receipt, life, night, target), life.days)
        # What breaks on the way may be told before the next look.
        while True:
            worn = run.ageing.next_day
            first = min(worn, pending.day if pending is not None else worn)
            if first > min(life.days - 1, until if until == target else until - 1):
                break
            if pending is not None and pending.day <= worn:
                run.tell(pending)
                pending = next(chance, None)
            else:
                run.tell(run.ageing.fail())
            until = min(until, max(night, _upcoming(run.wakes, night)))
        if expected_before is None and until >= counted_from:
            run.ageing.close(until)
            expected_before = run.ageing.expected()
        # What is told in a night is looked at before anybody goes.
        looked = until == night or _upcoming(run.wakes, night) > until
        night = until
        if target == until and looked and until < life.days:
            run.visit(until, window, receipt)
            part, late = run.luck.random(), crew.late(run.luck.random())
            night += 1
    run.ageing.close(life.days)
    return Course(
        mode=run.mode, before=began, checked_before=checked_before, visits=tuple(run.visits),
        faults=tuple(sorted(run.faults, key=lambda fault: fault.day)), told=tuple(run.known),
        expected=run.ageing.expected() - (expected_before or 0.0), windows=run.windows,
    )  # fmt: skip


def qualifies(life: Life, pack: RulePack) -> bool:
    """Return whether a firm would register the elevator on demand when the simulation begins: by age and kind of building."""
    if pack.on_demand is None:
        return False
    start = life.date_of(LEAD_DAYS)
    for condition in pack.on_demand.conditions:
        if life.kind in condition.site_kinds:
            return False
        if condition.most_years is not None and (start - life.in_use_since).days > 365.25 * condition.most_years:
            return False
    return True


def _planned(window: DueWindow, life: Life, part: float, night: int) -> int:
    """Return the day of the window on which a crew comes, by luck 0..1."""
    first, last = (window.first_day - life.begins).days, (window.last_day - life.begins).days
    return max(night, first + int(part * (last - first + 1)))


def _look_again(receipt: Receipt, life: Life, night: int, target: int) -> int:
    """Return the night in which use must be looked at again: well before more of it than expected could use up a budget."""
    worn = min((one.day for one in receipt.candidates if one.kind == "wear"), default=None)
    if worn is None:
        return target
    ahead = (worn - life.begins).days - night
    again = night + max(1, math.ceil(LOOK_AGAIN * ahead))
    return target if again >= target else again


def _upcoming(wakes: list[int], night: int) -> int:
    """Return the next night in which something is told; those that have passed are dropped."""
    while wakes and wakes[0] <= night:
        heapq.heappop(wakes)
    return wakes[0] if wakes else 10**9


def _counting(pack: RulePack) -> Iterator[tuple[frozenset[str], int, int]]:
    """Yield the rules of a pack that count events: of which kinds, in how many days, from what number on."""
    for rate in (pack.fault_rate, pack.fixed.fault_rate):
        yield frozenset(rate.kinds), rate.within_days, rate.count
    if pack.on_demand is not None:
        for rule in asked(pack.on_demand):
            if rule.kinds and rule.within_days is not None:
                yield frozenset(rule.kinds), rule.within_days, getattr(rule, "count", None) or 1


def asked(rules: OnDemandRules) -> list[Condition | Trigger]:
    """Return everything that ends longer gaps or keeps them from beginning."""
    return [*rules.conditions, *rules.triggers]


def _paper_wakes(life: Life) -> Iterator[int]:
    """Yield the nights in which papers, periods and inspections change."""
    for lapse in life.lapses:
        notice = lapse.first - 30 if lapse.kind == "major_event" else lapse.first
        yield from (max(LEAD_DAYS, notice), lapse.first, lapse.last + 1)
    for due, made in life.inspections:
        if due >= LEAD_DAYS - 30:
            yield from (due + 1, made + 1)


def _known_wakes(life: Life, monitor: Monitor | None, pack: RulePack) -> Iterator[int]:
    """Yield the nights in which papers change, an age or the monitor's state."""
    yield from _paper_wakes(life)
    if monitor is None or pack.on_demand is None:
        return
    for condition in pack.on_demand.conditions:
        if condition.most_years is not None:
            yield (plus_months(life.in_use_since, 12 * condition.most_years) - life.begins).days + 1
    yield from _monitor_wakes(life, monitor, pack)


def _monitor_wakes(life: Life, monitor: Monitor, pack: RulePack) -> Iterator[int]:
    rules = pack.on_demand
    assert rules is not None  # noqa: S101 - asked for on demand only
    health = rules.data_health
    for begin, end in monitor.stuck:
        yield from range(begin + 1, min(end + 3, life.days))
    reach = max(rules.remote_check.within_days, 0 if health is None else health.within_days) + 2
    looked = -1
    for silence in monitor.silences:
        if silence.until_h - silence.from_h < 4 or silence.until_h < 24 * (LEAD_DAYS - reach):
            continue  # so short that no share falls by it
        first, last = int(silence.from_h // 24), int(silence.until_h // 24) + reach
        state = None
        for night in range(max(first, looked), min(last, life.days) + 1):
            now = _monitor_state(monitor, night, pack)
            if state is not None and now != state:
                yield night
            state = now
        looked = max(looked, last)


def _monitor_state(monitor: Monitor, night: int, pack: RulePack) -> tuple[bool, ...]:
    """Return everything about silences that a rule could look at in a night."""
    rules = pack.on_demand
    assert rules is not None  # noqa: S101 - asked for on demand only
    hour = 24.0 * night + NIGHT_H
    silence = monitor.at(hour)
    silent_h = 0.0 if silence is None else hour - silence.from_h
    share = monitor.online_share(hour, rules.remote_check.within_days)
    limits = [condition.hours for condition in asked(rules) if condition.hours is not None]
    found = [silent_h > hours for hours in limits] + [share >= rules.remote_check.least_online]
    if rules.data_health is not None:
        since = hour - 24 * rules.data_health.within_days
        index = bisect_right(monitor.ends_h, since)
        found.append(
            any(
                min(hour, one.until_h) - max(since, one.from_h) >= rules.data_health.gap_hours
                for one in monitor.silences[index : index + 8]
                if one.from_h < hour
            )
        )
        found.append(share >= rules.data_health.worst_online)
    return tuple(found)


def totals(course: Course, counted_from: int) -> Mapping[str, float]:
    """Return what is counted of a course from a day on, without what needs its pack."""
    faults = [fault for fault in course.faults if fault.day >= counted_from]
    visits = [visit for visit in course.visits if visit.day >= counted_from]
    return {
        "visits": len(visits),
        "faults": len(faults),
        "wear_out_faults": sum(1 for fault in faults if fault.part),
        "entrapments": sum(1 for fault in faults if fault.trapped),
        "overdue_days": sum(max(0, visit.day - visit.due) for visit in visits),
    }
