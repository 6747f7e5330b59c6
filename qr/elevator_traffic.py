"""How many trips are usual between two instants, and how seldom so few or so many come by chance.

The elevator is its own measure: the same hours of the same weekday in the last weeks, and the time just around the visit, which
tells how busy that day was. Trips of a day are taken as Poisson with a Gamma factor for the day (negative binomial), widened by
the bursts in which people come and by how few weeks there are. The prior of the day's factor is never narrower than the
pattern file says, so that a quiet history alone never makes a sharp statement.

Source: the conjugate Gamma–Poisson model, e.g. Gelman et al., Bayesian Data Analysis (3rd ed.), section 2.6.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import exp, log
from typing import NamedTuple

import msgspec

from qr.elevator_patterns import Limits
from qr.elevator_span import PastHour, Reading, Span

_HOUR = timedelta(hours=1)


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be expected of a stretch of time: mean and variance of the trips."""

    mean: float
    variance: float

    def at_most(self, trips: float) -> float:
        """Return the chance of so many trips or fewer."""
        return _distribution(self.mean, self.variance, trips)

    def at_least(self, trips: float) -> float:
        """Return the chance of so many trips or more."""
        return 1.0 if trips <= 0 else max(0.0, 1.0 - _distribution(self.mean, self.variance, trips - 1))

    def between(self, other: "Expected") -> "Expected":
        """Return what is to be expected where either may be true: a mean between, and the spread of not knowing."""
        apart = (self.mean - other.mean) / 2
        return Expected(mean=(self.mean + other.mean) / 2, variance=max(self.variance, other.variance) + apart * apart)

    def times(self, share: float) -> "Expected":
        """Return what is to be expected if only a share of the passengers can ride; rather too wide than too narrow.

        The spread of bursts shrinks with the mean; that between days, which shrinks with its square, is taken to do no more.
        """
        return Expected(mean=self.mean * share, variance=self.variance * share)


def _distribution(mean: float, variance: float, most: float) -> float:
    """Return the negative binomial distribution with a mean and a variance at `most`, summed up term by term."""
    if most < 0:
        return 0.0
    if mean <= 0:
        return 1.0
    variance = max(variance, mean * 1.0001)  # as good as Poisson
    size = mean * mean / (variance - mean)
    keep = mean / variance
    logarithm = size * log(keep)  # of the chance of none
    total = exp(logarithm)
    for count in range(int(most)):
        logarithm += log((size + count) / (count + 1)) + log(1 - keep)
        total += exp(logarithm)
    return min(1.0, total)


class Stretch(NamedTuple):
    """What was counted between the first and the last of some readings."""

    since: datetime
    until: datetime
    trips: float


class Usual(msgspec.Struct, frozen=True, kw_only=True):
    """The usual traffic of the hours around a visit: per hour of that day the trips of earlier weeks, least and most."""

    hours: Mapping[datetime, tuple[float, float]]
    """Mean per hour: the least and the most that it can be, where few readings leave open in which hour trips were."""

    weeks: int
    day_shape: float
    """Shape of the Gamma factor of days: 1 over the square of their coefficient of variation."""

    def mean(self, since: datetime, until: datetime) -> tuple[float, float] | None:
        """Return the least and the most usual trips between two instants; None where an hour is not known."""
        least = most = 0.0
        for hour, share in _hours(since, until):
            if hour not in self.hours:
                return None
            least += self.hours[hour][0] * share
            most += self.hours[hour][1] * share
        return least, most


def _hours(since: datetime, until: datetime) -> Iterable[tuple[datetime, float]]:
    """Yield the hours that meet a stretch, with the share of each that lies in it."""
    hour = hour_of(since)
    while hour < until:
        overlap = min(hour + _HOUR, until) - max(hour, since)
        yield hour, overlap / _HOUR
        hour += _HOUR


def hour_of(at: datetime) -> datetime:
    """Return the beginning of the hour that an instant lies in, in UTC."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def usual_of(past: Sequence[PastHour], counter: str, per: int, limits: Limits) -> Usual | None:
    """Return the usual traffic as earlier weeks tell it; None where there are too few of them.

    Parameters
    ----------
    past : sequence of PastHour
        Of the weeks before.
    counter : str
        Which counter is traffic.
    per : int
        Of its unit, one trip.
    limits : Limits
        How many weeks are enough, and how much days differ at least.
    """
    known: dict[tuple[datetime, int], tuple[float, int]] = {
        (each.hour, each.weeks_ago): (each.growth[counter] / per, each.readings)
        for each in past
        if counter in each.growth and each.weeks_ago <= limits.weeks
    }
    samples: dict[datetime, list[tuple[float, float]]] = {}
    for (hour, week), (trips, readings) in known.items():
        if readings >= limits.fine_readings:
            samples.setdefault(hour, []).append((trips, trips))
        else:  # a record an hour counts an hour's trips up to one hour late
            later = known.get((hour + _HOUR, week), (trips, 0))[0]
            samples.setdefault(hour, []).append((min(trips, later), max(trips, later)))
    full = {hour: each for hour, each in samples.items() if len(each) >= limits.least_weeks}
    if not full:
        return None
    means = {
        hour: (sum(low for low, _ in each) / len(each), sum(high for _, high in each) / len(each))
        for hour, each in full.items()
    }
    weeks = min(len(each) for each in full.values())
    return Usual(hours=means, weeks=weeks, day_shape=_day_shape(known, set(full), limits))


def _day_shape(known: Mapping[tuple[datetime, int], tuple[float, int]], hours: set[datetime], limits: Limits) -> float:
    """Estimate how much days differ from the totals of whole weeks, by moments, and never less than the limits say."""
    totals = [
        sum(known[hour, week][0] for hour in hours)
        for week in sorted({week for _, week in known})
        if all((hour, week) in known for hour in hours)
    ]
    widest = 1 / limits.least_day_spread**2
    if len(totals) < limits.least_weeks:
        return widest
    mean = sum(totals) / len(totals)
    variance = sum((total - mean) ** 2 for total in totals) / (len(totals) - 1)
    beyond = variance - limits.burstiness * mean
    return widest if beyond <= 0 or mean <= 0 else min(widest, mean * mean / beyond)


def expected_of(usual: Usual, stretch: Stretch, around: Sequence[Stretch], limits: Limits) -> tuple[Expected, Expected] | None:
    """Return what was to be expected of a stretch, at the least and at the most; None where the weeks do not tell.

    Parameters
    ----------
    usual : Usual
        Of earlier weeks.
    stretch : Stretch
        Of the visit.
    around : sequence of Stretch
        Just before and just after it: how busy the day was.
    limits : Limits
        Of the model.
    """
    means = usual.mean(stretch.since, stretch.until)
    if means is None:
        return None
    found = []
    for end, mean in enumerate(means):
        shape = rate = usual.day_shape
        for beside in around:
            other = usual.mean(beside.since, beside.until)
            if other is not None:
                shape += beside.trips / limits.burstiness
                rate += other[1 - end] / limits.burstiness  # the other end: the day's factor is as wide as the hours are open
        expected = mean * shape / rate
        day = expected * expected / shape
        weeks = (expected * limits.burstiness + expected * expected / usual.day_shape) / max(1, usual.weeks)
        found.append(Expected(mean=expected, variance=expected * limits.burstiness + day + weeks))
    return found[0], found[1]


def stretch_of(readings: Sequence[Reading], counter: str, per: int) -> Stretch | None:
    """Return the growth of a counter from the first to the last reading; None for fewer than two, or if it was set back."""
    told = [each for each in readings if counter in each.counters]
    if len(told) < 2:
        return None
    if any(after.counters[counter] < before.counters[counter] for before, after in pairwise(told)):
        return None
    return Stretch(told[0].at, told[-1].at, (told[-1].counters[counter] - told[0].counters[counter]) / per)


def longest_standstill_s(span: Span, counters: Mapping[str, float], *, slack: timedelta = timedelta()) -> float:
    """Return the longest that normal traffic can have stood still between the scans, seconds.

    Two readings tell of growth, but not when in between it was: a standstill can begin within one interval with growth and end
    within the next such. It takes at most what the trips of the interval leave of it. So what is returned is an upper bound;
    without readings it is the whole visit. An inspection run moves the car but no passenger's door: an interval counts as
    traffic only where every counter grew.

    Parameters
    ----------
    span : Span
        The visit.
    counters : mapping of str to float
        Which must all have grown, with the least seconds that one of each takes.
    slack : datetime.timedelta
        By how much the clocks of phone and monitor may differ: a standstill so far outside of the scans counts too.
    """
    first, last = span.arrival - slack, span.departure + slack
    told = [each for each in span.readings if all(name in each.counters for name in counters)]
    longest = free = 0.0
    since = first  # the end of the last interval with traffic
    for before, after in pairwise(told):
        busy_s = min((after.counters[name] - before.counters[name]) * took_s for name, took_s in counters.items())
        if busy_s <= 0 or before.at >= last or after.at <= first:
            continue
        begin, end = max(before.at, first), min(after.at, last)
        whole_s, cut_s = (after.at - before.at).total_seconds(), (end - begin).total_seconds()
        left = min(cut_s, max(0.0, whole_s - busy_s))
        longest = max(longest, free + (begin - since).total_seconds() + left)
        since, free = end, left
    return max(longest, free + (last - since).total_seconds())


def sure_standstill_s(readings: Sequence[Reading], counter: str) -> float:
    """Return the longest time, from reading to reading, over which a counter surely did not grow, seconds."""
    longest = run = 0.0
    told = [each for each in readings if counter in each.counters]
    for before, after in pairwise(told):
        still = after.counters[counter] == before.counters[counter]
        run = run + (after.at - before.at).total_seconds() if still else 0.0
        longest = max(longest, run)
    return longest


def chance_of_standstill(expected: Expected, share: float) -> float:
    """Return the chance that usual traffic leaves a standstill so long anywhere in a stretch, at the most.

    Such a standstill begins with the stretch or with one of its trips; for each of these beginnings the chance of none in the
    time after it is added (Bonferroni).

    Parameters
    ----------
    expected : Expected
        Of the whole stretch.
    share : float
        The standstill's share of it.
    """
    return min(1.0, (1 + expected.mean) * expected.times(share).at_most(0))
