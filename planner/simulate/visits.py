"""What a visit leaves in a simulated elevator's telemetry, minute by minute, and what an invented one does not.

A technician who works takes the car out of service, runs it from the car top in inspection mode, presses stop switches there
and in the pit, opens doors landing by landing, tries the alarm; passengers take the stairs meanwhile. Not everybody
works alike and not every monitor tells everything, so every trace comes with a chance of its own. Whoever was not there, or
scanned, waited and scanned, leaves the traffic as it was.

All numbers are the house's own assumptions. They are kept apart from the patterns that such visits are held against
(`qr/data/elevator_patterns.toml`) and are drawn more widely than those ask for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any, Literal

from msgspec import Struct

from planner.simulate.fleet import SimulatedElevator
from planner.simulate.records import TOLD_AT_S, counters_of, records
from planner.simulate.weeks import HOURS, walk

Conduct = Literal["works", "idles", "absent"]
"""Does the work; scans, waits and scans; scans from elsewhere."""

LEAD_S = 3600
"""Minutes are told from so long before a visit until so long after it."""

_HOUR_S = 3600

_STAGES = {"machine_room": 0.2, "car_top": 0.25, "landings": 0.25, "pit": 0.15, "car": 0.15}
"""Shares of the time between the scans, about."""

_TELLS = {"modes": 0.75, "safety_chain": 0.5, "alarm": 0.7, "floor": 0.4}
"""Share of monitors that tell such things at all."""

_HURRIED = 0.06
"""Share of visits whose work lets passengers ride in between, so that no stage stops the car for long."""

_OPEN_MACHINE_ROOM = 0.5
"""Share of visits in which passengers ride while the machine room is looked at."""


class SimulatedVisit(Struct, frozen=True, kw_only=True):
    """A visit as it was recorded, and what was really done."""

    arrival: datetime
    departure: datetime
    conduct: Conduct = "works"
    landings: int = 8


class Work(Struct, frozen=True, kw_only=True):
    """What the elevator noticed of a visit; seconds since the epoch."""

    closed: tuple[tuple[float, float], ...] = ()
    """When no passenger could ride."""

    events: tuple[tuple[float, str], ...] = ()
    own_trips: tuple[float, ...] = ()
    door_tries: tuple[tuple[float, int], ...] = ()
    """Doors opened without a trip, and at which landing."""


def tells(one: SimulatedElevator) -> frozenset[str]:
    """Return what an elevator's monitor tells besides counters."""
    chance = Random(f"{one.seed}:{one.registration_code}:tells")  # noqa: S311 - a simulation
    return frozenset(name for name, share in _TELLS.items() if chance.random() < share)


def work_of(one: SimulatedElevator, visit: SimulatedVisit) -> Work:
    """Return what an elevator notices of a visit."""
    since, until = visit.arrival.timestamp(), visit.departure.timestamp()
    chance = Random(f"{one.seed}:{one.registration_code}:{since:.0f}:visit")  # noqa: S311 - a simulation
    if visit.conduct == "absent" or until <= since:
        return Work()
    if visit.conduct == "idles":  # rides up and down once to look at something
        return Work(own_trips=(since + 40, until - 60) if until - since > 120 else ())
    return _worked(chance, since, until, visit.landings, tells(one))


def _worked(chance: Random, since: float, until: float, landings: int, told: frozenset[str]) -> Work:
    order = list(_STAGES)
    chance.shuffle(order)
    weights = [_STAGES[name] * chance.uniform(0.7, 1.3) for name in order]
    lasts, at = until - since, since
    hurried = chance.random() < _HURRIED
    closed: list[tuple[float, float]] = []
    events: list[tuple[float, str]] = []
    trips: list[float] = []
    doors: list[tuple[float, int]] = []
    if "modes" in told and chance.random() < 0.5:
        events += [(since + 90, "gbt24476:42"), (until - 90, "gbt24476:40")]
    open_machine_room = chance.random() < _OPEN_MACHINE_ROOM
    for name, weight in zip(order, weights, strict=True):
        begin, end = at, at + lasts * weight / sum(weights)
        at = end
        if name == "car" or (name == "machine_room" and open_machine_room):
            if name == "car":
                trips += [begin + (end - begin) * share for share in (0.3, 0.6)]
                if "alarm" in told and chance.random() < 0.8:
                    events.append(((begin + end) / 2, "gbt24476:90"))
            continue
        closed += _stops(begin, end, hurried)
        if name == "car_top" and "modes" in told and chance.random() < 0.9:
            events += [(begin + 20, "gbt24476:43"), (end - 20, "gbt24476:40")]
        if name in ("car_top", "pit") and "safety_chain" in told and chance.random() < 0.85:
            events.append((begin + 10, "gbt24476:1"))
        if name == "landings":
            each_s = (end - begin) / landings
            trips += [begin + each_s * (number + 0.2) for number in range(landings)]
            doors += [
                (begin + each_s * (number + 0.2 + 0.6 * turn), number + 1) for number in range(landings) for turn in (0, 1)
            ]
    return Work(
        closed=tuple(sorted(closed)), events=tuple(sorted(events)), own_trips=tuple(sorted(trips)),
        door_tries=tuple(sorted(doors)),
    )  # fmt: skip


def _stops(begin: float, end: float, hurried: bool) -> Iterator[tuple[float, float]]:
    """Yield when a stage keeps passengers out: all of the time, or in bits with rides in between."""
    if not hurried:
        yield begin, end
        return
    at = begin
    while at < end:
        yield at, min(at + 180, end)
        at += 330


class _Window(Struct, frozen=True, kw_only=True):
    """The hours around a visit, with every trip in them."""

    since: float
    until: float
    before: int
    """Trips on the counter when the window begins, had there been no visit ever."""

    planned: int
    """Trips in the window, had nobody come."""

    trips: tuple[float, ...]
    """When trips really were, those of the work among them."""

    doors: tuple[float, ...]
    """When doors were tried without a trip."""

    work: Work
    landings: int

    def counters(self, one: SimulatedElevator, at: float, left: _Left) -> dict[str, int]:
        """Return the totals at an instant."""
        return _totals(one, self.before + bisect_right(self.trips, at), left, bisect_right(self.doors, at))

    def floor(self, chance: Random, at: float) -> int:
        """Return the landing that the car is at."""
        tried = [landing for when, landing in self.work.door_tries if when <= at < when + 120]
        return tried[-1] if tried else chance.randint(1, self.landings)


class _Left(Struct, frozen=True):
    """What earlier visits have left on the counters."""

    trips: int = 0
    """Trips more than without them; fewer where passengers could not ride."""

    doors: int = 0


def _left_at(windows: Sequence[_Window], restarts: Sequence[float], at: float) -> _Left:
    """Return what the visits before an instant have left; a restart of the counters takes it away."""
    restart = max((each for each in restarts if each <= at), default=0.0)
    over = [each for each in windows if each.until <= at and each.since >= restart]
    return _Left(sum(len(each.trips) - each.planned for each in over), sum(len(each.doors) for each in over))


def _restarts(one: SimulatedElevator, since: float, until: float, utc_offset_s: int) -> list[float]:
    """Return when the counters restarted."""
    if not one.restless:
        return []
    return [
        start.timestamp() + _HOUR_S * week.restart_h
        for start, week, _totals, _before in walk(one, _utc(since), _utc(until), utc_offset_s)
        if week.restart_h is not None
    ]


def _totals(one: SimulatedElevator, trips: int, left: _Left, doors: int = 0) -> dict[str, int]:
    found = counters_of(one, max(0, trips + left.trips))
    found["door_cycles"] += left.doors + doors
    return found


def _window(one: SimulatedElevator, visit: SimulatedVisit, utc_offset_s: int) -> _Window | None:
    """Return the hours around a visit; None where counters restart in them, which hides what they were."""
    since = int(visit.arrival.timestamp() - LEAD_S) // _HOUR_S * _HOUR_S
    until = -(-int(visit.departure.timestamp() + LEAD_S) // _HOUR_S) * _HOUR_S
    work = work_of(one, visit)
    chance = Random(f"{one.seed}:{one.registration_code}:{since}:trips")  # noqa: S311 - a simulation
    trips: list[float] = []
    start: int | None = None
    for week_start, week, totals, before in walk(one, _utc(since), _utc(until), utc_offset_s):
        for h in range(HOURS):
            hour_s = int(week_start.timestamp()) + _HOUR_S * h
            if not since <= hour_s < until:
                continue
            if week.restart_h == h:
                return None
            earlier = totals[h - 1] if h else before
            start = earlier if start is None else start
            trips += [hour_s + chance.uniform(0, TOLD_AT_S) for _ in range(totals[h] - earlier)]
    if start is None:
        return None
    ridden = [at for at in trips if not any(begin <= at < end for begin, end in work.closed)]
    return _Window(
        since=since, until=until, before=start, planned=len(trips), trips=tuple(sorted([*ridden, *work.own_trips])),
        doors=tuple(when for when, _ in work.door_tries), work=work, landings=visit.landings,
    )  # fmt: skip


def _utc(at_s: float) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)


def records_with_visits(
    one: SimulatedElevator,
    since: datetime,
    until: datetime,
    visits: Sequence[SimulatedVisit],
    *,
    utc_offset_s: int = 0,
    every_s: int = 60,
) -> Iterator[dict[str, Any]]:
    """Yield what a monitor tells in [since, until): hourly, and around visits every minute, in the order of arrival.

    Parameters
    ----------
    one
        The elevator.
    since, until
        Aware instants.
    visits
        By time; their windows (`LEAD_S` and what follows) must not meet.
    utc_offset_s
        Of the elevator's place, seconds east of UTC.
    every_s
        Seconds between two records around a visit; 3600 tells no more than the hourly ones.
    """
    windows: list[_Window] = []
    for visit in visits:
        window = _window(one, visit, utc_offset_s)
        if window is not None and (not windows or windows[-1].until <= window.since):
            windows.append(window)
    floors, worked = "floor" in tells(one), [visit.departure for visit in visits if visit.conduct == "works"]
    restarts = _restarts(one, windows[0].since, until.timestamp(), utc_offset_s) if windows else []
    for record in records(one, since, until, visits=worked, utc_offset_s=utc_offset_s):  # late ones come out of order
        at = record["at"] / 1000
        left = _left_at(windows, restarts, at)
        window = next((each for each in windows if each.since <= at < each.until), None)
        if window is None:
            yield record | {"counters": _totals(one, record["counters"]["trips"], left)} if windows else record
            continue
        happened = [event for event in window.work.events if at - _HOUR_S < event[0] <= at]
        yield from _minutes(one, window, left, (at - _HOUR_S, at, every_s), happened, floors=floors)
        late = [event for event in happened if every_s >= _HOUR_S or event[0] > at - every_s]
        events = {"events": [*record.get("events", ()), *_native(late)]} if late else {}
        yield record | {"counters": window.counters(one, at, left)} | events


def _minutes(
    one: SimulatedElevator, window: _Window, left: _Left, times: tuple[float, float, int],
    happened: Sequence[tuple[float, str]], *, floors: bool,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Yield the records of an hour but its last; `times` are its beginning, its end and the seconds between two records."""
    begin, end, every_s = times
    chance = Random(f"{one.seed}:{one.registration_code}:{begin}:floors")  # noqa: S311 - a simulation
    if every_s >= _HOUR_S:
        return
    at = begin + every_s
    while at < end:
        record: dict[str, Any] = {
            "elevator": one.registration_code, "at": int(at * 1000), "seq": int(at), "counters": window.counters(one, at, left),
        }  # fmt: skip
        if floors:
            record["gauges"] = {"floor": window.floor(chance, at)}
        new = [event for event in happened if at - every_s < event[0] <= at]
        if new:
            record["events"] = _native(new)
        yield record
        at += every_s


def _native(events: Sequence[tuple[float, str]]) -> list[dict[str, Any]]:
    return [{"code": code, "at": int(at * 1000)} for at, code in events]
