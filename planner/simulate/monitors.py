"""What an elevator's monitor tells day by day, and what it hides: silences, lost events, counters that stand still."""

from __future__ import annotations

import math
from bisect import bisect_right
from itertools import accumulate

from msgspec import Struct

from planner.simulate.known_truth import MonitorTruth, Truth
from planner.simulate.lives import LEAD_DAYS, Life
from planner.simulate.luck import poisson_days

NIGHT_H = 2
"""Hour of the day at which windows are computed."""

NOON_H = 12
"""Hour at which a day's fault is taken to happen, as far as the monitor is concerned."""


class Silence(Struct, frozen=True):
    """Hours in which nothing is heard, counted from the beginning of day 0: from, until."""

    from_h: float
    until_h: float
    held_back: bool
    """Whether what happened is told afterwards."""


class Monitor(Struct, frozen=True, kw_only=True):
    """What one monitor tells."""

    silences: tuple[Silence, ...]
    """By time; none overlap."""

    ends_h: tuple[float, ...]
    """The ends of the silences."""

    told: tuple[float, ...]
    """Trips that its counters have grown by before the beginning of each day; one more than there are days."""

    stuck: tuple[tuple[int, int], ...] = ()
    """Days on which its counters stand still although the elevator runs: first, and the day after the last."""

    def at(self, hour: float) -> Silence | None:
        """Return the silence that an hour lies in."""
        index = bisect_right(self.ends_h, hour)
        if index < len(self.silences) and self.silences[index].from_h <= hour:
            return self.silences[index]
        return None

    def online_share(self, hour: float, days: int) -> float:
        """Return the share of the hours of some days before an hour in which it was heard."""
        since = hour - 24 * days
        silent = 0.0
        for index in range(bisect_right(self.ends_h, since), len(self.silences)):
            silence = self.silences[index]
            if silence.from_h >= hour:
                break
            silent += min(hour, silence.until_h) - max(since, silence.from_h)
        return 1 - silent / (24 * days)

    def told_on(self, day: int) -> int | None:
        """Return the day from which on a fault of a day is known; None where that is never told."""
        silence = self.at(24 * day + NOON_H)
        if silence is None:
            return day + 1
        return math.floor((silence.until_h - NIGHT_H) / 24) + 1 if silence.held_back else None


def monitor(life: Life, truth: Truth) -> Monitor:
    """Return the monitor of an elevator; always the same for the same life and truth."""
    silences = tuple(_silences(life, truth.monitor))
    told, stuck = _told(life, truth.monitor)
    return Monitor(silences=silences, ends_h=tuple(each.until_h for each in silences), told=told, stuck=stuck)


def _silences(life: Life, truth: MonitorTruth) -> list[Silence]:
    chance = life.luck("silences")
    found: list[Silence] = []
    for day in poisson_days(chance, truth.outages_per_year.value, life.days):
        from_h = 24 * day + 24 * chance.random()
        lasts_h = truth.outage_median_h.value * math.exp(chance.gauss(0, truth.outage_log_sd.value))
        held_back = chance.random() < truth.held_back.value
        if not found or from_h > found[-1].until_h:
            found.append(Silence(from_h, from_h + lasts_h, held_back))
    return found


def _told(life: Life, truth: MonitorTruth) -> tuple[tuple[float, ...], tuple[tuple[int, int], ...]]:
    """Return what the counters tell, and when they stand still: the truth, but for that, restarts, and clocks that are off."""
    stuck: list[tuple[int, int]] = []
    chance = life.luck("counters")
    daily = [after - before for before, after in zip(life.trips, life.trips[1:], strict=False)]
    for day in poisson_days(chance, truth.stuck_per_year.value, life.days):
        lasts = max(1, round(truth.stuck_median_days.value * math.exp(chance.gauss(0, truth.stuck_log_sd.value))))
        catches_up = chance.random() < truth.stuck_catches_up.value
        end = min(day + lasts, life.days - 1)
        if day >= LEAD_DAYS // 2 and end > day:
            missed = sum(daily[day:end])
            daily[day:end] = [0.0] * (end - day)
            daily[end] += missed if catches_up else 0.0
            stuck.append((day, end))
    if chance.random() < truth.restless.value:
        for day in poisson_days(chance, truth.restarts_per_year.value, life.days):
            daily[day] = 0.0
            stuck.append((day, day + 1))
    if chance.random() < truth.skewed.value:
        daily = [0.0, *daily[:-1]]
    return tuple(accumulate(daily, initial=0.0)), tuple(sorted(stuck))
