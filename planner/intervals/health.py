"""Can a monitor's data be relied on: gaps, stuck values, the device's clock, faults of the monitor itself.

Two steps. `observe_*` turns what was counted into evidence, the same under every rule pack. `assess` holds the evidence
against a pack's limits and yields a state with its reasons. Silence is risk: fewer hours with a record never improve the state.
"""

from __future__ import annotations

import itertools
import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from msgspec import Struct

from planner.intervals.pack_health import DataHealth
from planner.intervals.receipt import Input, Text
from planner.intervals.wording import COUNTER_NAMES

HealthState = Literal["good", "degraded", "not_usable"]

ReasonKey = Literal["gap", "online", "stuck", "frozen", "clock", "drift", "monitor_fault"]

LEAST_GAP_H = 2
"""Gaps of fewer whole hours are none: a record that comes a little late leaves an hour empty."""

MOST_GAPS = 20
"""Gaps that are told apart, the longest; what is lost with the shorter ones still counts in the share."""

CLOCK_DAYS = 3
"""A clock is judged by the arrivals of its latest days; how it drifts, by all of them."""

DRIFT_DAYS = 5
"""A drift needs as many days with arrivals; on fewer a late message looks like one."""

_ZEROS = re.compile("0+")


class Gap(Struct, frozen=True, kw_only=True):
    """Whole hours without a record, one after the other. Local times of the elevator's place, without a zone."""

    begins_at: datetime
    ends_at: datetime | None
    """None: it still lasts."""

    hours: int


class StuckCounter(Struct, frozen=True, kw_only=True):
    """A counter that sent readings and did not grow, on the latest whole days with readings."""

    counter: str
    since: date
    """The first of those days."""

    days: int
    beside: int
    """The most that another counter of use grew on those days."""

    faults: int
    """Faults that the elevator reported on those days."""

    chance: float
    """How probable as many days without use are, going by the same days of the week before; 1 where those are not known."""


class FrozenGauge(Struct, frozen=True, kw_only=True):
    """A gauge that showed one value only."""

    gauge: str
    value: float
    since: date
    hours: int
    records: int


class ClockFact(Struct, frozen=True, kw_only=True):
    """A device's time against the time of arrival; positive where the device is behind."""

    median_s: int
    spread_s: int
    """From the lower to the upper quartile."""

    drift_s_per_day: float | None
    """None where too few days are known."""

    samples: int


class HealthFacts(Struct, frozen=True, kw_only=True):
    """Evidence about a monitor's data. What was not observed is empty."""

    watched_since: datetime | None = None
    """Begin of the time that was looked at, local: the monitor vouches for nothing before it."""

    hours: int = 0
    """Whole hours of that time, up to now."""

    hours_seen: int = 0
    """Those with a record."""

    gaps: tuple[Gap, ...] = ()
    """By time."""

    stuck: tuple[StuckCounter, ...] = ()
    frozen: tuple[FrozenGauge, ...] = ()
    clock: ClockFact | None = None
    monitor_faults: int = 0

    @property
    def online_share(self) -> float | None:
        """Share of the hours with a record; None where none was looked at."""
        return self.hours_seen / self.hours if self.hours else None


class HealthReason(Struct, frozen=True, kw_only=True):
    """One thing that is wrong with the data."""

    key: ReasonKey
    state: HealthState
    """What it makes of the data: `degraded` or `not_usable`."""

    since: date | None
    text: Text
    inputs: tuple[Input, ...] = ()
    lasts: bool = False
    """Whether it is a gap that lasts."""


class Health(Struct, frozen=True, kw_only=True):
    """How far the data can be relied on."""

    state: HealthState
    reasons: tuple[HealthReason, ...]
    """The worst first."""

    @property
    def ends_longer_gaps(self) -> HealthReason | None:
        """The first reason for which longer gaps may not lean on the data."""
        return next((reason for reason in self.reasons if reason.state == "not_usable"), None)


class CounterDays(Struct, frozen=True, kw_only=True):
    """What a counter grew by per day, for the days with readings."""

    counter: str
    growth: Mapping[date, int]


class GaugeDay(NamedTuple):
    """The least and the greatest value of a gauge on a day, and of how many records."""

    least: float
    most: float
    records: int


class ClockSample(NamedTuple):
    """How long after the device's own time a record arrived that was new then."""

    day: date
    delay_s: int


# ------------------------------------------------------------------------------------------------ evidence


def observe_hours(begin: datetime, seen: int, hours: int, local: Callable[[int], datetime] | None = None) -> HealthFacts:
    """Return gaps and share of a time.

    Parameters
    ----------
    begin
        Local time at which its first hour begins.
    seen
        Bit h stands for the hour h hours later; set where it holds a record.
    hours
        Whole hours of the time.
    local
        Gives the local time so many hours after the begin, where clocks are put forward and back; None where they are not.
    """
    local = local or (lambda hour: begin + timedelta(hours=hour))
    if hours <= 0:
        return HealthFacts(watched_since=begin)
    told = f"{seen & (1 << hours) - 1:0{hours}b}"[::-1]
    runs = [match.span() for match in _ZEROS.finditer(told)]
    longest = sorted((run for run in runs if run[1] - run[0] >= LEAST_GAP_H), key=lambda run: (run[0] - run[1], run[0]))
    gaps = tuple(
        Gap(
            begins_at=local(first),
            ends_at=local(end) if end < hours else None,
            hours=end - first,
        )
        for first, end in sorted(longest[:MOST_GAPS])
    )
    return HealthFacts(watched_since=begin, hours=hours, hours_seen=told.count("1"), gaps=gaps)


def observe_counters(
    counters: Sequence[CounterDays], together: Sequence[str], fault_days: Mapping[date, int], until: date
) -> tuple[StuckCounter, ...]:
    """Return the counters that stood still on the latest whole days.

    Parameters
    ----------
    counters
        What each grew by, some weeks back.
    together
        Those that grow with every use.
    fault_days
        Day → faults that the elevator reported.
    until
        The day that is under way: it is not whole and does not count.
    """
    moving = [one for one in counters if one.counter in together]
    found = []
    for one in moving:
        days = sorted((day for day in one.growth if day < until), reverse=True)
        still = days[: next((i for i, day in enumerate(days) if one.growth[day] > 0), len(days))]
        if not still or len(still) == len(days):
            continue  # it grows, or it never did: an elevator that is not used yet
        since = still[-1]
        others = (sum(other.growth.get(day, 0) for day in still) for other in moving if other is not one)
        found.append(
            StuckCounter(
                counter=one.counter, since=since, days=len(still), beside=max(others, default=0),
                faults=sum(fault_days.get(day, 0) for day in still), chance=_chance_of_zeros(one.growth, still, since),
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda stuck: stuck.counter))


def _chance_of_zeros(growth: Mapping[date, int], still: Sequence[date], since: date) -> float:
    """Return the chance of no use on days, each geometric about the mean of its day of the week before.

    The geometric distribution spreads wider than any count of use that is met, so that the chance is never put too low.
    """
    by_weekday: dict[int, list[int]] = {}
    for day, count in growth.items():
        if day < since:
            by_weekday.setdefault(day.weekday(), []).append(count)
    chance = 1.0
    for day in still:
        before = by_weekday.get(day.weekday())
        if before and len(before) > 1:
            chance /= 1 + statistics.fmean(before)
    return chance


def observe_gauges(days: Mapping[date, Mapping[str, GaugeDay]]) -> tuple[FrozenGauge, ...]:
    """Return the gauges that showed one value only on their latest days, two days or more."""
    found = []
    for gauge in sorted({name for told in days.values() for name in told}):
        told = sorted(((day, one[gauge]) for day, one in days.items() if gauge in one), reverse=True)
        value = told[0][1].least
        run = list(itertools.takewhile(lambda pair: pair[1].least == pair[1].most == value, told))  # noqa: B023 - used at once
        if len(run) > 1:
            records = sum(one.records for _, one in run)
            hours = 24 * ((run[0][0] - run[-1][0]).days + 1)
            found.append(FrozenGauge(gauge=gauge, value=value, since=run[-1][0], hours=hours, records=records))
    return tuple(found)


def observe_clock(samples: Sequence[ClockSample]) -> ClockFact | None:
    """Return how a device's clock goes; None without an arrival."""
    if not samples:
        return None
    newest = max(sample.day for sample in samples)
    delays = sorted(sample.delay_s for sample in samples if sample.day > newest - timedelta(days=CLOCK_DAYS))
    low, high = delays[len(delays) // 4], delays[(3 * len(delays) - 1) // 4]
    by_day: dict[date, list[int]] = {}
    for sample in samples:
        by_day.setdefault(sample.day, []).append(sample.delay_s)
    medians = [(day.toordinal(), statistics.median(told)) for day, told in sorted(by_day.items())]
    return ClockFact(
        median_s=round(statistics.median(delays)), spread_s=high - low, drift_s_per_day=_slope(medians), samples=len(delays)
    )


def _slope(points: Sequence[tuple[int, float]]) -> float | None:
    """Return the median of the slopes between all pairs: a few odd days do not bend it (Theil 1950, Sen 1968)."""
    if len(points) < DRIFT_DAYS:
        return None
    slopes = [(y - v) / (x - u) for i, (x, y) in enumerate(points) for u, v in points[:i]]
    return round(statistics.median(slopes), 1)


# ------------------------------------------------------------------------------------------------ judgement


def assess(facts: HealthFacts, limits: DataHealth) -> Health:
    """Hold evidence against a pack's limits."""
    found = [*_gaps(facts, limits), *_share(facts, limits), *_stuck(facts, limits), *_frozen(facts, limits)]
    found += [*_clock(facts, limits), *_monitor(facts, limits)]
    reasons = tuple(sorted(found, key=lambda reason: reason.state != "not_usable"))
    return Health(state=reasons[0].state if reasons else "good", reasons=reasons)


def when(at: datetime) -> str:
    """Write a local hour."""
    return at.strftime("%Y-%m-%d %H:%M")


def _gaps(facts: HealthFacts, limits: DataHealth) -> list[HealthReason]:
    too_long = [gap for gap in facts.gaps if gap.hours >= limits.gap_hours]
    found = []
    for gap in sorted(too_long, key=lambda gap: -gap.hours)[:3]:
        ends_zh, ends_en = ("现在", "now") if gap.ends_at is None else (when(gap.ends_at), when(gap.ends_at))
        begins = when(gap.begins_at)
        found.append(
            HealthReason(
                key="gap", state="not_usable", since=gap.begins_at.date(),
                text=Text(
                    f"监测数据缺失{gap.hours}小时（{begins}至{ends_zh}），上限{limits.gap_hours}小时",
                    f"no data from the monitor for {gap.hours} h ({begins} to {ends_en}); the limit is {limits.gap_hours} h",
                ),
                inputs=(
                    Input(name=Text("数据缺失自", "gap from"), value=begins),
                    Input(name=Text("至", "to"), value=when(gap.ends_at) if gap.ends_at else "–"),
                    *_share_input(facts),
                ),
                lasts=gap.ends_at is None,
            )
        )  # fmt: skip
    return found


def _share_input(facts: HealthFacts) -> tuple[Input, ...]:
    share = facts.online_share
    return () if share is None else (Input(name=Text("在线率", "online share"), value=f"{share:.1%} ({facts.hours} h)"),)


def _share(facts: HealthFacts, limits: DataHealth) -> list[HealthReason]:
    share = facts.online_share
    if share is None:
        return []
    # Of a monitor that is new a few lost hours are a large share of little: they are held against the whole time.
    counted = 1 - (facts.hours - facts.hours_seen) / max(facts.hours, limits.within_days * 24)
    if counted >= limits.least_online:
        return []
    unusable = counted < limits.worst_online
    least = limits.worst_online if unusable else limits.least_online
    text = Text(
        f"监测在线率{share:.1%}，低于{least:.0%}（{facts.hours}小时内）",
        f"the monitor was online for {share:.1%} of {facts.hours} h, less than {least:.0%}",
    )
    since = None if facts.watched_since is None else facts.watched_since.date()
    return [
        HealthReason(
            key="online", state="not_usable" if unusable else "degraded", since=since, text=text, inputs=_share_input(facts)
        )
    ]


def _stuck(facts: HealthFacts, limits: DataHealth) -> list[HealthReason]:
    found = []
    for one in facts.stuck:
        name = COUNTER_NAMES.get(one.counter, Text(one.counter, one.counter))
        zh, en = f"{name.zh}自{one.since}起{one.days}日无增长", f"{name.en} did not grow for {one.days} days since {one.since}"
        if one.days >= limits.stuck_days and one.beside >= limits.stuck_beside:
            why = Text("而其他计数仍在增长", "while other counters did")
        elif one.days >= limits.stuck_days and one.faults:
            why = Text("而电梯仍有故障上报", "while the elevator reported faults")
        elif one.chance < limits.zero_chance:
            why = Text("而按以往同星期日的使用量几乎不可能", "which use on the same days of the week before rules out")
        else:
            continue
        inputs = (
            Input(name=Text("计数停滞自", "no growth since"), value=one.since.isoformat()),
            Input(name=Text("其他计数同期增长", "growth of another counter"), value=str(one.beside)),
            Input(name=Text("无使用的概率", "chance of no use"), value=f"{one.chance:.1g}"),
        )
        text = Text(f"{zh}，{why.zh}", f"{en}, {why.en}")
        found.append(HealthReason(key="stuck", state="not_usable", since=one.since, text=text, inputs=inputs))
    return found


def _frozen(facts: HealthFacts, limits: DataHealth) -> list[HealthReason]:
    found = []
    for one in facts.frozen:
        if one.hours < limits.frozen_hours or one.records < limits.frozen_hours / 2:
            continue
        # A whole number may come from a sensor that tells no finer; a fraction that never moves comes from none.
        state: HealthState = "degraded" if one.value == int(one.value) else "not_usable"
        text = Text(
            f"测量值{one.gauge}自{one.since}起始终为{one.value:g}（{one.records}条记录）",
            f"{one.gauge} has been {one.value:g} to the last digit since {one.since} ({one.records} records)",
        )
        inputs = (Input(name=Text("数值不变自", "same value since"), value=one.since.isoformat()),)
        found.append(HealthReason(key="frozen", state=state, since=one.since, text=text, inputs=inputs))
    return found


def _clock(facts: HealthFacts, limits: DataHealth) -> list[HealthReason]:
    clock = facts.clock
    if clock is None or clock.samples < limits.least_samples:
        return []
    inputs = (
        Input(
            name=Text("设备与到达时间之差（中位数）", "device time against arrival (median)"), value=f"{clock.median_s} s"
        ),
        Input(name=Text("四分位距", "spread (quartiles)"), value=f"{clock.spread_s} s"),
    )
    if clock.median_s < -limits.ahead_s:
        ahead = -clock.median_s
        text = Text(
            f"监测装置时钟快{ahead}秒，上限{limits.ahead_s}秒",
            f"the monitor's clock is {ahead} s ahead; the limit is {limits.ahead_s} s",
        )
        return [HealthReason(key="clock", state="not_usable", since=None, text=text, inputs=inputs)]
    if clock.median_s > limits.behind_s:
        text = Text(
            f"监测装置时钟慢或者数据迟到{clock.median_s}秒，上限{limits.behind_s}秒",
            f"the monitor's clock is behind, or its data late, by {clock.median_s} s; the limit is {limits.behind_s} s",
        )
        return [HealthReason(key="clock", state="not_usable", since=None, text=text, inputs=inputs)]
    drift = clock.drift_s_per_day
    if drift is None or abs(drift) <= limits.drift_s_per_day:
        return []
    text = Text(
        f"监测装置时钟每日漂移{drift:g}秒，上限{limits.drift_s_per_day}秒",
        f"the monitor's clock drifts by {drift:g} s a day; the limit is {limits.drift_s_per_day} s",
    )
    return [HealthReason(key="drift", state="degraded", since=None, text=text, inputs=inputs)]


def _monitor(facts: HealthFacts, limits: DataHealth) -> list[HealthReason]:
    count = facts.monitor_faults
    if not count:
        return []
    state: HealthState = "not_usable" if count >= limits.most_monitor_faults else "degraded"
    text = Text(
        f"监测装置自身故障{count}次（监测期内）", f"the monitor itself reported {count} {'fault' if count == 1 else 'faults'}"
    )
    inputs = (Input(name=Text("监测装置故障次数", "faults of the monitor"), value=str(count)),)
    return [HealthReason(key="monitor_fault", state=state, since=None, text=text, inputs=inputs)]
