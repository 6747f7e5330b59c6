"""Spans for tests of the elevator's word, made by hand: trips at chosen times, read at chosen times."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from qr.elevator_span import Happened, PastHour, Reading, Span
from qr.elevator_traffic import hour_of

ARRIVAL = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
MARGIN_MIN = 60


def steady(per_hour: float, lasts_min: float, *, pause: tuple[float, float] | None = None) -> list[float]:
    """Trips at even distances from an hour before the arrival to an hour after the departure, minutes after the arrival."""
    step = 60 / per_hour
    count = int((lasts_min + 2 * MARGIN_MIN) / step)
    times = [-MARGIN_MIN + step * (number + 0.5) for number in range(count)]
    return [at for at in times if pause is None or not pause[0] <= at < pause[1]]


def poisson(chance: Random, per_hour: float, lasts_min: float) -> list[float]:
    """The same at random distances."""
    at = -float(MARGIN_MIN)
    times = []
    while (at := at + chance.expovariate(per_hour / 60)) < lasts_min + MARGIN_MIN:
        times.append(at)
    return times


def past(per_hour: Sequence[int], lasts_min: float, *, readings: int = 60) -> tuple[PastHour, ...]:
    """Earlier weeks: so many trips in every hour of the stretch, one number per week."""
    hour, found = hour_of(ARRIVAL - timedelta(minutes=MARGIN_MIN)), []
    while hour < ARRIVAL + timedelta(minutes=lasts_min + MARGIN_MIN):
        for weeks, trips in enumerate(per_hour, 1):
            growth = {"trips": trips, "door_cycles": trips, "run_s": trips * 20}
            found.append(PastHour(hour=hour, weeks_ago=weeks, growth=growth, readings=readings))
        hour += timedelta(hours=1)
    return tuple(found)


def span(
    trips_min: Sequence[float],
    *,
    lasts_min: float = 40,
    every_min: float = 1,
    usual: Sequence[int] = (30,) * 8,
    events: Sequence[tuple[float, str]] = (),
    **values: Any,
) -> Span:
    """A visit with trips (and one door cycle each) and events at so many minutes after the arrival."""
    readings = []
    at = -float(MARGIN_MIN)
    while at <= lasts_min + MARGIN_MIN:
        count = bisect_right(trips_min, at)
        readings.append(Reading(at=minute(at), counters={"trips": 1000 + count, "door_cycles": 900 + count}))
        at += every_min
    given: dict[str, Any] = {
        "arrival": ARRIVAL, "departure": minute(lasts_min), "monitored": True, "readings": tuple(readings), "landings": 8,
        "events": tuple(Happened(at=minute(when), kind=kind) for when, kind in sorted(events)), "clock_off_s": 0,
        "past": past(usual, lasts_min),
    }  # fmt: skip
    return Span(**(given | values))


def minute(after_arrival: float) -> datetime:
    """The instant so many minutes after the arrival."""
    return ARRIVAL + timedelta(minutes=after_arrival)
