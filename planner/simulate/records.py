"""The truth of a simulated elevator, and what its monitor tells of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from planner.simulate.fleet import SimulatedElevator
from planner.simulate.weeks import FIRST_WEEK, HOURS, start_of_weeks, walk, week_of, weeks_between

TOLD_AT_S = 3570
"""Seconds into an hour at which its record is made: the growth of an hour counts in that hour."""

TRIPS_UNTIL_DOUBLE = 15_000
"""Trips since the last visit at which the rate of faults has doubled."""


class Growth(Struct, frozen=True, kw_only=True):
    """The truth of one hour."""

    hour: datetime
    """Its beginning, UTC."""

    counters: dict[str, int]
    """What each counter grew by."""


class SimulatedEvent(Struct, frozen=True, kw_only=True):
    """The truth of something that happened."""

    at: datetime
    code: str


def counters_of(one: SimulatedElevator, trips: int) -> dict[str, int]:
    """Return the totals that belong to a number of trips since the counters began."""
    return {
        "trips": trips,
        "door_cycles": trips + int(trips * one.reopenings),
        "run_s": int(trips * one.run_s_per_trip),
        "run_m": int(trips * one.run_m_per_trip),
        "rope_bends": trips * one.rope_bends_per_trip,
        "brake_actuations": trips + int(trips * one.relevelings),
    }


def truth(one: SimulatedElevator, since: datetime, until: datetime, *, utc_offset_s: int = 0) -> list[Growth]:
    """Return what an elevator's counters really grew by in each hour that begins in [since, until)."""
    found = []
    for start, week, totals, before in walk(one, since, until, utc_offset_s):
        for h in range(HOURS):
            hour = start + timedelta(hours=h)
            if since <= hour < until:
                earlier = 0 if h == week.restart_h else totals[h - 1] if h else before
                old, new = counters_of(one, earlier), counters_of(one, totals[h])
                found.append(Growth(hour=hour, counters={name: new[name] - old[name] for name in new}))
    return found


def happened(
    one: SimulatedElevator, since: datetime, until: datetime, *, visits: Sequence[datetime] = (), utc_offset_s: int = 0
) -> list[SimulatedEvent]:
    """Return the faults of an elevator in [since, until), with what follows them, in the order of time.

    Parameters
    ----------
    one
        The elevator.
    since, until
        Aware instants.
    visits
        Instants of maintenance, ascending: after one, faults are rarer again. Without any, a visit every fortnight.
    utc_offset_s
        Of the elevator's place, seconds east of UTC.
    """
    found: list[SimulatedEvent] = []
    for number in weeks_between(since - timedelta(days=1), until, utc_offset_s):  # a repair may follow a day after the fault
        start = start_of_weeks(utc_offset_s) + timedelta(weeks=number)
        week = week_of(one, number)
        for second, luck, code, trapped in week.candidates:
            at = start + timedelta(seconds=second)
            age_days = _days_since_visit(at, visits)
            rate = 1 + age_days * one.trips_per_day / TRIPS_UNTIL_DOUBLE
            if luck < min(rate / 10, 1):
                found.extend(_course(at, code, trapped, luck))
    return sorted((event for event in found if since <= event.at < until), key=lambda event: (event.at, event.code))


def _days_since_visit(at: datetime, visits: Sequence[datetime]) -> float:
    done = [visit for visit in visits if visit <= at]
    if done:
        return (at - done[-1]) / timedelta(days=1)
    return ((at - FIRST_WEEK) / timedelta(days=1)) % 15


def _course(at: datetime, code: str, trapped: bool, luck: float) -> Iterator[SimulatedEvent]:
    """Yield a fault and what follows: the alarm of somebody trapped, the repair, the return to service."""
    yield SimulatedEvent(at=at, code=code)
    if trapped:
        yield SimulatedEvent(at=at + timedelta(seconds=50), code="gbt24476:90")
        yield SimulatedEvent(at=at + timedelta(seconds=90), code="liftrounds:entrapment")
    repair = at + timedelta(minutes=25 + int(luck * 1000) % 240)
    yield SimulatedEvent(at=repair, code="gbt24476:43")
    yield SimulatedEvent(at=repair + timedelta(minutes=35), code="gbt24476:40")


def records(
    one: SimulatedElevator, since: datetime, until: datetime, *, visits: Sequence[datetime] = (), utc_offset_s: int = 0
) -> Iterator[dict[str, Any]]:
    """Yield what an elevator's monitor tells of the hours in [since, until), as native records, in the order of arrival.

    A record's number is the hour's since the epoch; its time is in epoch milliseconds.

    Parameters
    ----------
    one, since, until, visits, utc_offset_s
        As for `happened`.
    """
    events = happened(one, since, until, visits=visits, utc_offset_s=utc_offset_s)
    place = 0
    held: list[dict[str, Any]] = []
    for start, week, totals, _before in walk(one, since, until, utc_offset_s):
        first_s = int(start.timestamp())
        for h in range(HOURS):
            hour_s = first_s + 3600 * h
            at_s = hour_s + TOLD_AT_S
            if not since.timestamp() <= hour_s or not at_s < until.timestamp():
                continue
            told = []
            while place < len(events) and events[place].at.timestamp() <= at_s:
                told.append({"code": events[place].code, "at": int(events[place].at.timestamp() * 1000)})
                place += 1
            if h in week.silent:
                continue  # a monitor that is off tells nothing afterwards either
            record = _record(one, at_s, totals[h], h, told)
            if week.held is not None and week.held[0] <= h < week.held[1]:
                held.append(record)
                continue
            yield record
            if held:
                yield from reversed(held)  # the newest first, as monitors with a stack do
                held = []
    yield from held


def _record(one: SimulatedElevator, at_s: int, trips: int, h: int, told: list[dict[str, Any]]) -> dict[str, Any]:
    warm = 22 + 6 * math.sin((h % 24 - 9) / 24 * 2 * math.pi)
    record: dict[str, Any] = {
        "elevator": one.registration_code,
        "at": at_s * 1000,
        "seq": at_s // 3600,
        "counters": counters_of(one, trips),
        "gauges": {"temperature_c": round(warm, 1)},
    }
    if told:
        record["events"] = told
    return record


def fleet_records(
    elevators: Iterable[SimulatedElevator], since: datetime, until: datetime, *, utc_offset_s: int = 0
) -> Iterator[dict[str, Any]]:
    """Yield the records of a fleet, one elevator after the other."""
    for one in elevators:
        yield from records(one, since, until, utc_offset_s=utc_offset_s)
