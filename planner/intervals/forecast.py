"""Use of the days to come: by weekday, with its uncertainty, from the daily sums of some whole weeks.

The model is that of a two-way table of days: a day's use is its weekday's mean and a rest, and the rests of neighbouring days
may hang together. Of the sum over the coming days, taken as k_w times the weekday w, follow

* the mean, the sum of k_w m_w;
* the variance c (sum of k_w s_w^2 + sum of k_w^2 s_w^2 / n_w): the days' own spread, and that of the weekday means, which n_w
  days have told. The second part makes a short history uncertain, and grows with the square of the time ahead;
* the chance of passing a budget, from Student's t with the degrees of freedom of the rests (Geisser, Predictive Inference,
  1993, ch. 2: the predictive distribution of a sum of normal values whose mean and variance are not known).

`s_w` is the weekday's own spread, drawn to that of all days (Efron and Morris, 1975), because a weekday has few days of its
own. `c` is how much more a sum spreads than independent days would: (1 + r) / (1 - r) for rests with the correlation r from one
day to the next (Bartlett, 1946, who also gives the degrees of freedom that are left), and not less than what the sums of whole
weeks show. Fewer than two weeks are one kind of day only, and what they lack in degrees of freedom comes from the pack's prior.

Days on which a counter stood still are spread or left out (`standstill`). Public holidays and shifted working days are left
out of the history, since they tell nothing of an ordinary weekday. Those to come are taken as the busiest weekday: an office
empties, a mall fills, and use may only bring a visit forward.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import lru_cache

from msgspec import Struct

from planner.intervals.days import plus_days
from planner.intervals.pack import Forecast
from planner.intervals.standstill import even_days
from planner.intervals.student import chance_above, quantile_above

WEEK = 7
TWO_WEEKS = 14
"""Whole days from which on weekdays are told apart: fewer hold most weekdays once, which says nothing of their spread."""

DRAWN_DAYS = 4.0
"""Days that the spread of all weekdays is worth where a weekday's own spread is estimated: half of its own in eight weeks."""

STRONGEST = 0.9
"""Largest correlation from one day to the next that is believed: a stronger one is a change of level."""

LEAST_DEGREES = 3
"""Fewest degrees of freedom: below them the variance of Student's t does not exist, and no day would be early enough."""

LEAST_WEEKS = 3
"""Whole weeks from which on their sums say something of how weeks vary."""

FARTHEST_DAYS = 3660
"""How far ahead a forecast goes; no limit of a pack reaches further."""

_Rests = Sequence[tuple[int, float]]
"""Days by their number (1 = 1 January of year 1), in order, with what they lie above the mean of their weekday."""


class UsePattern(Struct, frozen=True, kw_only=True):
    """How much a counter grows on each weekday, Monday first, and how well that is known."""

    means: tuple[float, ...]
    """Growth on a weekday, in the counter's unit."""

    variances: tuple[float, ...]
    """Of a single day around the mean of its weekday, in the square of the unit."""

    counts: tuple[int, ...]
    """Days that told each mean; where `by_weekday` is false, all days told the one mean."""

    by_weekday: bool
    """False where the history is too short to tell weekdays apart."""

    degrees: int
    """Degrees of freedom of the spread."""

    inflation: float = 1.0
    """How many times more a sum varies than independent days would; 1 or more."""

    days: int = 0
    """Whole days behind it."""

    first: date | None = None
    """Days from which and to which it was counted; None where nothing was."""

    last: date | None = None
    holidays: tuple[date, ...] = ()
    """Special days to come, in order: each is taken as the busiest weekday."""

    @property
    def per_day(self) -> float:
        """Mean over a week."""
        return sum(self.means) / WEEK


def pattern_of(
    days: Mapping[date, float], limits: Forecast, *, holidays: Collection[date] = (), upcoming: tuple[date, ...] = ()
) -> UsePattern | None:
    """Return the pattern of a counter's daily growth; None without any day.

    Parameters
    ----------
    days
        Growth of whole local days, none of them negative. Days that nobody counted are left out, not zero.
    limits
        The pack's forecast: how far back days count, and what is taken where they are few.
    holidays
        Special days of the past, which are left out.
    upcoming
        Special days to come.
    """
    ordinary = [(day.toordinal(), grown if grown > 0 else 0.0) for day, grown in days.items() if day not in holidays]
    if not ordinary:
        return None
    newest = max(ordinary)[0]
    kept = even_days(sorted(pair for pair in ordinary if newest - pair[0] < limits.within_days))
    told: list[list[float]] = [[] for _ in range(WEEK)]
    for day, grown in kept:
        told[_weekday(day)].append(grown)
    by_weekday = len(kept) >= TWO_WEEKS and all(told)
    level = sum(grown for _, grown in kept) / len(kept)
    means = tuple(sum(some) / len(some) for some in told) if by_weekday else (level,) * WEEK
    rests = [(day, grown - means[_weekday(day)]) for day, grown in kept]
    free = len(kept) - (WEEK if by_weekday else 1)
    lacking = max(0, TWO_WEEKS - free)
    prior = (limits.prior_spread * level) ** 2
    spread = (sum(rest * rest for _, rest in rests) + lacking * prior) / (free + lacking)
    counts = tuple(len(some) for some in told) if by_weekday else (len(kept),) * WEEK
    variances = _variances(rests, counts, spread) if by_weekday else (spread,) * WEEK
    correlation = _correlation(rests, variances)
    of_days = ((1 + correlation) / (1 - correlation), (free + lacking) * (1 - correlation**2) / (1 + correlation**2))
    inflation, left = max(of_days, _of_weeks(rests, sum(variances)))
    return UsePattern(
        means=means, variances=variances, counts=counts, by_weekday=by_weekday, degrees=max(LEAST_DEGREES, int(left)),
        inflation=inflation, days=len(kept), first=date.fromordinal(kept[0][0]), last=date.fromordinal(newest),
        holidays=tuple(sorted(upcoming)),
    )  # fmt: skip


def _weekday(ordinal: int) -> int:
    """Return the weekday of a day's number, as `date.weekday` does of the date."""
    return (ordinal - 1) % WEEK


def _variances(rests: _Rests, counts: tuple[int, ...], spread: float) -> tuple[float, ...]:
    squares = [0.0] * WEEK
    for day, rest in rests:
        squares[_weekday(day)] += rest * rest
    return tuple(
        (square + DRAWN_DAYS * spread) / (count - 1 + DRAWN_DAYS) for square, count in zip(squares, counts, strict=True)
    )


def _correlation(rests: _Rests, variances: tuple[float, ...]) -> float:
    """Return the correlation of a day's rest with that of the day before, 0 or more.

    The estimate of a short series is too small by (1 + 3 r) / n on average (Kendall, 1954), which is added.
    """
    factors = [1 / math.sqrt(variance) if variance > 0 else 0.0 for variance in variances]
    square = product = before = 0.0
    day_before = 0
    for day, rest in rests:
        value = rest * factors[_weekday(day)]
        square += value * value
        if day == day_before + 1:
            product += value * before
        day_before, before = day, value
    if square <= 0:
        return 0.0
    found = product / square
    return min(STRONGEST, max(0.0, found + (1 + 3 * found) / len(rests)))


def _of_weeks(rests: _Rests, expected: float) -> tuple[float, float]:
    """Return how much more the sums of whole weeks vary than independent days would, drawn to 1, and the degrees of freedom.

    A rest that stays for weeks, such as that of a tenant who moves in, hardly shows from one day to the next.

    Parameters
    ----------
    rests
        Of the days.
    expected
        Variance of a week of independent days.
    """
    newest = rests[-1][0]
    weeks: dict[int, list[float]] = {}
    for day, rest in rests:
        weeks.setdefault((newest - day) // WEEK, []).append(rest)
    sums = [sum(some) for some in weeks.values() if len(some) == WEEK]
    if len(sums) < LEAST_WEEKS or expected <= 0:
        return 0.0, 0.0
    free = len(sums) - 1
    found = sum(total * total for total in sums) / free / expected
    return (free * found + DRAWN_DAYS) / (free + DRAWN_DAYS), free + DRAWN_DAYS


class _Ahead(Struct, frozen=True):
    """Sums of a pattern from one weekday on: of whole weeks, and of the days that begin one."""

    week_mean: float
    week_variance: float
    week_level: float
    means: tuple[float, ...]
    """Sums of the first 0 to 6 days; so are those below."""

    variances: tuple[float, ...]
    levels: tuple[float, ...]


@lru_cache(maxsize=4096)
def _ahead(pattern: UsePattern, weekday: int) -> _Ahead:
    order = [(weekday + step) % WEEK for step in range(WEEK)]
    means, variances, levels = [0.0], [0.0], [0.0]
    for day in order:
        means.append(means[-1] + pattern.means[day])
        variances.append(variances[-1] + pattern.variances[day])
        levels.append(levels[-1] + pattern.variances[day] / pattern.counts[day])
    return _Ahead(means[-1], variances[-1], levels[-1], tuple(means), tuple(variances), tuple(levels))


class Outlook(Struct, frozen=True, kw_only=True):
    """A pattern seen from the last reading on."""

    pattern: UsePattern
    since: date
    """Local day of the last reading."""

    rest: float = 0.0
    """Share of that day that was still to come, 0..1."""

    def mean(self, days: int) -> float:
        """Return the use that is expected from the last reading to the end of the day so many days later."""
        ahead = _ahead(self.pattern, (self.since.weekday() + 1) % WEEK)
        weeks, more = divmod(days, WEEK)
        total = self.rest * self.pattern.means[self.since.weekday()] + weeks * ahead.week_mean + ahead.means[more]
        return total + self._holidays(days)

    def variance(self, days: int) -> float:
        """Return the variance of that use, the uncertainty of the means included."""
        pattern = self.pattern
        ahead = _ahead(pattern, (self.since.weekday() + 1) % WEEK)
        weeks, more = divmod(days, WEEK)
        own = self.rest * pattern.variances[self.since.weekday()] + weeks * ahead.week_variance + ahead.variances[more]
        if pattern.by_weekday:
            level = weeks * weeks * ahead.week_level + (2 * weeks + 1) * ahead.levels[more]
        else:
            level = (days + self.rest) ** 2 * pattern.variances[0] / pattern.counts[0]
        return pattern.inflation * (own + level)

    def chance(self, left: float, days: int) -> float:
        """Return the chance that what is left of a budget is passed by the end of the day so many days later."""
        mean, variance = self.mean(days), self.variance(days)
        if variance <= 0:
            return 1.0 if mean > left else 0.0
        return chance_above((left - mean) / math.sqrt(variance), self.pattern.degrees)

    def upper(self, days: int, chance: float) -> float:
        """Return the use that is passed with a chance by the end of the day so many days later."""
        return self.mean(days) + quantile_above(chance, self.pattern.degrees) * math.sqrt(self.variance(days))

    def days_within(self, left: float, chance: float) -> int | None:
        """Return the most days until whose end the chance of passing what is left is at most a chance.

        Parameters
        ----------
        left
            What is left of the budget, above 0.
        chance
            Above 0, at most 0.5.

        Returns
        -------
        int | None
            Whole days after that of the last reading, 0 or more; None where the use never reaches it.
        """
        most = quantile_above(chance, self.pattern.degrees)

        def passes(days: int) -> bool:
            return self.mean(days) + most * math.sqrt(self.variance(days)) > left

        days = self._guess(left, most)
        if passes(days):
            while days > 0 and passes(days):
                days -= 1
            return days
        while days < FARTHEST_DAYS and not passes(days + 1):
            days += 1
        return days if days < FARTHEST_DAYS else None

    def _guess(self, left: float, most: float) -> int:
        """Return about the day on which even use and spread reach what is left: the root of a quadratic equation."""
        pattern = self.pattern
        ahead = _ahead(pattern, (self.since.weekday() + 1) % WEEK)
        mean = ahead.week_mean / WEEK
        spread = most * most * pattern.inflation * ahead.week_variance / WEEK
        level = ahead.week_level / WEEK**2 if pattern.by_weekday else pattern.variances[0] / pattern.counts[0]
        square = mean * mean - most * most * pattern.inflation * level
        half = mean * left + spread / 2
        root = half * half - square * left * left
        divisor = half + math.sqrt(max(0.0, root))
        days = left * left / divisor if divisor > 0 else FARTHEST_DAYS
        return int(min(max(days, 0.0), FARTHEST_DAYS))

    def _holidays(self, days: int) -> float:
        """Return what special days add to the mean."""
        pattern = self.pattern
        if not pattern.holidays:
            return 0.0
        begin = bisect_right(pattern.holidays, self.since)
        end = bisect_right(pattern.holidays, plus_days(self.since, days))
        busiest = max(pattern.means)
        return sum(busiest - pattern.means[day.weekday()] for day in pattern.holidays[begin:end])
