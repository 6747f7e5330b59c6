"""Evidence about a monitor's data, the same under every rule pack: hours with a record, counters, gauges, the clock."""

from __future__ import annotations

import itertools
import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from msgspec import Struct

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
