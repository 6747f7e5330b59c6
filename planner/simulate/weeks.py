"""What an elevator does, week by week: trips, restarts of its counters, outages of its monitor, faults that may happen."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from random import Random

from msgspec import Struct

from planner.simulate.fleet import PROFILES, SimulatedElevator

HOURS = 168
"""Of a week."""

FIRST_WEEK = datetime(2020, 1, 6, tzinfo=UTC)
"""A Monday, on which all counters begin."""

RESTARTS_PER_WEEK = 0.04
"""Of the few elevators whose monitors restart at all."""

OUTAGES_PER_WEEK = 0.08
LONGEST_OUTAGE_H = 36
HELD_BACK = 0.6
"""Share of outages that are the network's: their records come late. The others are the monitor's own: theirs are lost."""

FAULTS_PER_TRIP = 1 / 40_000
"""Of an elevator just visited; domain knowledge: a few faults a year at 300 trips a day."""

ENTRAPMENT_SHARE = 0.04

_FAULTS = (("gbt24476:2", 40), ("gbt24476:3", 20), ("gbt24476:4", 6), ("gbt24476:1", 12), ("gbt24476:6", 3),
           ("gbt24476:7", 12), ("gbt24476:8", 6), ("gbt24476:5", 1))  # fmt: skip
"""Codes and weights; doors lead in every published statistic of elevator faults."""


class Week(Struct, frozen=True):
    """What an elevator does in one week."""

    trips: tuple[int, ...]
    """Per hour."""

    restart_h: int | None
    """The hour at whose beginning the counters restart."""

    silent: frozenset[int]
    """Hours whose records are lost."""

    held: tuple[int, int] | None
    """From, until (excluded): hours whose records come at its end."""

    candidates: tuple[tuple[int, float, str, bool], ...]
    """Faults that may happen: second of the week, luck 0..1, code, whether somebody is trapped."""


@lru_cache(maxsize=64)
def _weights(kind: str) -> tuple[float, ...]:
    """Return the share of a week's trips that each of its hours has."""
    profile = PROFILES[kind]
    raw = [w * (profile.weekend if day >= 5 else 1.0) for day in range(7) for w in profile.hours]
    return tuple(w / sum(raw) for w in raw)


class _Sum(Struct, frozen=True):
    """What must be known of every week since the beginning."""

    trips: int
    restart_h: int | None
    """The hour at whose beginning the counters restart."""


def _sum(one: SimulatedElevator, number: int) -> _Sum:
    chance = Random(f"{one.seed}:{one.registration_code}:{number}")  # noqa: S311 - a simulation
    profile = PROFILES[one.kind]
    holiday = 0.4 if number % 52 in (4, 39) else 1.0  # about the Spring Festival and the National Day
    expected = one.trips_per_day * (5 + 2 * profile.weekend) * holiday * chance.gauss(1, 0.06)
    # An hour has 3600 s, doors need some of them, and the busiest hour gets up to half as many trips again by chance.
    most = 3300 / one.run_s_per_trip / 1.5 / max(_weights(one.kind))
    restart_h = chance.randrange(HOURS) if one.restless and chance.random() < RESTARTS_PER_WEEK else None
    return _Sum(int(max(0.0, min(expected, most))), restart_h)


def week_of(one: SimulatedElevator, number: int) -> Week:
    """Return what an elevator does in a week."""
    total = _sum(one, number)
    chance = Random(f"{one.seed}:{one.registration_code}:{number}:hours")  # noqa: S311 - a simulation
    trips = _spread(total.trips, _weights(one.kind), chance)
    silent: frozenset[int] = frozenset()
    held = None
    if chance.random() < OUTAGES_PER_WEEK:
        first = chance.randrange(HOURS - 1)
        end = min(first + chance.randint(1, LONGEST_OUTAGE_H), HOURS - 1)  # ends inside the week, so that weeks stand alone
        if chance.random() < HELD_BACK:
            held = (first, end)
        else:
            silent = frozenset(range(first, end))
    return Week(trips, total.restart_h, silent, held, _candidates(chance, trips, one.frailty))


def _spread(total: int, weights: Sequence[float], chance: Random) -> tuple[int, ...]:
    """Return how a number of trips falls on hours: about as the weights say, to the last trip."""
    drawn = []
    for weight in weights:
        mean = total * weight
        drawn.append(min(max(0.0, chance.gauss(mean, math.sqrt(mean + 0.01))), 1.45 * mean + 3))
    scale = total / (sum(drawn) or 1.0)
    ends = [round(end * scale) for end in accumulate(drawn)]
    return tuple(end - start for start, end in zip([0, *ends], ends, strict=False))


def _candidates(chance: Random, trips: Sequence[int], frailty: float) -> tuple[tuple[int, float, str, bool], ...]:
    """Return faults at ten times the usual rate, each with the luck that decides how many of them happen."""
    mean = 10 * FAULTS_PER_TRIP * frailty * sum(trips)
    count = 0
    level, product = math.exp(-mean), chance.random()
    while product > level:  # Knuth, The Art of Computer Programming 2, 3.4.1: a Poisson number
        count += 1
        product *= chance.random()
    if not count:
        return ()
    hours = chance.choices(range(HOURS), weights=[each + 0.001 for each in trips], k=count)
    codes = chance.choices([code for code, _ in _FAULTS], weights=[weight for _, weight in _FAULTS], k=count)
    return tuple(
        sorted(
            (hour * 3600 + chance.randrange(60, 3000), chance.random(), code, chance.random() < ENTRAPMENT_SHARE)
            for hour, code in zip(hours, codes, strict=True)
        )
    )


def start_of_weeks(utc_offset_s: int) -> datetime:
    """Return the first local Monday's midnight, in UTC."""
    return FIRST_WEEK - timedelta(seconds=utc_offset_s)


def weeks_between(since: datetime, until: datetime, utc_offset_s: int) -> range:
    """Return the weeks that meet [since, until); none lies before the first."""
    start = start_of_weeks(utc_offset_s)
    return range(max(0, (since - start) // timedelta(weeks=1)), max(0, (until - start) // timedelta(weeks=1)) + 1)


def walk(
    one: SimulatedElevator, since: datetime, until: datetime, utc_offset_s: int
) -> Iterator[tuple[datetime, Week, list[int], int]]:
    """Yield each week that meets [since, until): beginning, week, trips on the counter after each hour, and before."""
    numbers = weeks_between(since, until, utc_offset_s)
    before = _trips_before(one, numbers.start)
    for number in numbers:
        week = week_of(one, number)
        restart_h = week.restart_h or 0
        totals = list(accumulate(week.trips[:restart_h], initial=before))[1:]
        totals += list(accumulate(week.trips[restart_h:], initial=before if week.restart_h is None else 0))[1:]
        yield start_of_weeks(utc_offset_s) + timedelta(weeks=number), week, totals, before
        before = totals[-1]


def _trips_before(one: SimulatedElevator, number: int) -> int:
    """Return the trips on the counter at the beginning of a week."""
    trips = one.trips_before
    for earlier in range(number):
        total = _sum(one, earlier)
        trips = trips + total.trips if total.restart_h is None else sum(week_of(one, earlier).trips[total.restart_h :])
    return trips
