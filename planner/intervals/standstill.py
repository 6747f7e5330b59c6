"""Days on which a counter stood still although the elevator ran, as a stuck counter does, taken out of the history of use.

Such days say nothing of how much a day varies; the day on which the counter catches up says it even less: it holds the use of
all of them. Taken as it stands, one such day makes every forecast of the next eight weeks so uncertain that visits are asked
for every few days.
"""

from __future__ import annotations

from collections.abc import Sequence

IMPROBABLE = 1e-4
"""Days without use are a standstill where they are less probable than this, each geometric about the mean of its weekday."""

CAUGHT_UP = 1.5
"""A day after a standstill catches up if it holds more than so many times what nine in ten days hold at most."""

MOST_COUNTED = 4
"""Days of one weekday that are counted: more only make small numbers smaller."""

MOST_OF_DAYS = 0.9
WEEK = 7

Days = list[tuple[int, float]]
"""Days by their number, in order, with what was counted."""


def even_days(kept: Sequence[tuple[int, float]]) -> Days:
    """Return days with the use of a standstill spread evenly over it, or without those whose use was never counted.

    Parameters
    ----------
    kept
        Days by their number, in order; days that nobody counted are left out.
    """
    days = list(kept)
    usual = sorted(grown for _, grown in days)[int(MOST_OF_DAYS * (len(days) - 1))]
    if days[0][1] > CAUGHT_UP * usual > 0:
        days = days[1:]  # it may catch up what came before the history
    if all(grown > 0 for _, grown in days):
        return days
    use = _Use(days)
    found: Days = []
    run: list[int] = []
    for day, grown in days:
        if grown <= 0:
            run.append(day)
            continue
        found += _settled(run, day, grown, usual, use)
        run = []
    return found + ([] if use.rules_out(run) else [(day, 0.0) for day in run]) or days


def _settled(run: Sequence[int], day: int, grown: float, usual: float, use: _Use) -> Days:
    """Return a run of days without use and the day after it; none of them where it began before the history."""
    if not use.rules_out(run):
        return [*((one, 0.0) for one in run), (day, grown)]
    if grown <= CAUGHT_UP * usual:
        return [(day, grown)]
    share = grown / (len(run) + 1)
    return [(one, share) for one in (*run, day)] if share <= CAUGHT_UP * usual else []


class _Use:
    """Use by weekday."""

    def __init__(self, days: Days) -> None:
        self._sums, self._counts = [0.0] * WEEK, [0] * WEEK
        for day, grown in days:
            self._sums[day % WEEK] += grown
            self._counts[day % WEEK] += 1

    def rules_out(self, run: Sequence[int]) -> bool:
        """Return whether so many days without use are as good as impossible, by the same weekdays outside of them."""
        inside = [0] * WEEK
        for day in run:
            inside[day % WEEK] += 1
        chance = 1.0
        for weekday, count in enumerate(inside):
            outside = self._counts[weekday] - count
            if count and outside:
                chance /= (1 + self._sums[weekday] / outside) ** min(count, MOST_COUNTED)
        return chance < IMPROBABLE
