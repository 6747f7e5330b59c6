"""When the stops of one route can be done, exactly: windows, the break, overtime and the longest duration.

Every stop has two clocks. The first runs as if the break were still to come, the second as if it had been taken. A break
is taken on the way to a stop (before the drive, within it, or while waiting at its end), so the second clock at a stop
comes from the second clock of the stop before, or from its first clock plus drive and break. Both clocks are monotone in
the departure, and so are their mirror images, the latest times at which a stop can be reached; that makes the test of an
insertion a matter of constant time. The idea of forward and backward slacks is Savelsbergh's (M. W. P. Savelsbergh, The
vehicle routing problem with time windows: minimizing route duration, ORSA Journal on Computing 4(2), 1992); the second
clock extends it by the break.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from planner.rounds.model import NEVER_S, Duty, Model, Windows

Rest = tuple[int, int, int]
WindowsOf = Callable[[int], Windows | None]


class Clocks(NamedTuple):
    """Times along a route of n stops.

    Attributes
    ----------
    leave0, leave1
        n + 1 earliest departures, the start location first, with the break to come and with the break taken.
    due0, due1
        n + 1 latest times of being ready at a stop, the end location last, in the same two cases.
    back0, back1
        Earliest return in the two cases.
    """

    leave0: list[int]
    leave1: list[int]
    due0: list[int]
    due1: list[int]
    back0: int
    back1: int


class Timetable(NamedTuple):
    """Stated times of one route; `break_start_s` None if no break is taken."""

    depart_s: int
    arrive_s: list[int]
    start_s: list[int]
    return_s: int
    break_start_s: int | None


def first_start(windows: Windows | None, ready_s: int) -> int:
    """Give the earliest allowed start at or after a time; `NEVER_S` if there is none."""
    if windows is None:
        return ready_s
    for begin, end in windows:
        if ready_s <= end:
            return max(ready_s, begin)
    return NEVER_S


def last_start(windows: Windows | None, until_s: int) -> int:
    """Give the latest allowed start at or before a time; a negative number if there is none."""
    if windows is None:
        return until_s
    for begin, end in reversed(windows):
        if begin <= until_s:
            return min(until_s, end)
    return -NEVER_S


def rested(leave_s: int, drive_s: int, rest: tuple[int, int, int]) -> int:
    """Give the earliest arrival of a drive with the break taken on it, `NEVER_S` if it is too late for the break."""
    if leave_s > rest[1]:
        return NEVER_S
    arrive_s = leave_s + drive_s
    return (arrive_s if arrive_s > rest[0] else rest[0]) + rest[2]


def drives(model: Model, duty: Duty, stops: Sequence[int]) -> list[int]:
    """Give the drives to every stop and home, in seconds; nothing is driven without stops."""
    if not stops:
        return [0]
    places = [duty.start, *(model.place[i] for i in stops), duty.end]
    travel = model.travel
    return [travel[a][b] for a, b in zip(places, places[1:], strict=False)]  # noqa: RUF007 - hot, pairwise is slower


def clocks(model: Model, duty: Duty, stops: Sequence[int], legs: list[int]) -> Clocks:
    """Work out both clocks of a route that leaves as early as it may, other routes' banks left aside."""
    rest = duty.rest
    service, windows = model.service_s, model.windows
    if rest is None:
        leave1, back1 = _forward_simple(duty, stops, legs, service, windows)
        due1 = _backward_simple(duty, stops, legs, service, windows)
        return Clocks([NEVER_S] * len(legs), leave1, [-NEVER_S] * len(legs), due1, NEVER_S, back1)
    leave0, leave1, back0, back1 = _forward_rested(duty, rest, stops, legs, service, windows)
    due0, due1 = _backward_rested(duty, rest, stops, legs, service, windows)
    return Clocks(leave0, leave1, due0, due1, back0, back1)


def _forward_rested(
    duty: Duty, rest: Rest, stops: Sequence[int], legs: list[int], service: list[int], windows: list[Windows | None]
) -> tuple[list[int], list[int], int, int]:
    first_s, last_s, rest_s = rest
    now0, now1 = duty.from_s, NEVER_S
    leave0, leave1 = [now0], [now1]
    for i, leg in zip(stops, legs, strict=False):
        ready0, ready1 = now0 + leg, now1 + leg
        if now0 <= last_s:  # `rested`, written out for speed
            on_this_drive = (ready0 if ready0 > first_s else first_s) + rest_s
            if on_this_drive < ready1:
                ready1 = on_this_drive
        window = windows[i]
        if window is not None:
            ready0, ready1 = first_start(window, ready0), first_start(window, ready1)
        now0, now1 = ready0 + service[i], ready1 + service[i]
        leave0.append(now0)
        leave1.append(now1)
    return leave0, leave1, now0 + legs[-1], min(now1 + legs[-1], rested(now0, legs[-1], rest))


def _backward_rested(
    duty: Duty, rest: Rest, stops: Sequence[int], legs: list[int], service: list[int], windows: list[Windows | None]
) -> tuple[list[int], list[int]]:
    first_s, last_s, rest_s = rest
    late1 = duty.latest_s
    late0 = min(late1, last_s - 1)
    due0, due1 = [late0] * len(legs), [late1] * len(legs)
    for j in range(len(stops) - 1, -1, -1):
        i, leg = stops[j], legs[j + 1]
        late0 -= leg
        if first_s + rest_s <= late1:  # `_latest_leave`, written out for speed
            on_this_drive = min(last_s, late1 - rest_s - leg)
            if on_this_drive > late0:
                late0 = on_this_drive
        late0 -= service[i]
        late1 -= leg + service[i]
        window = windows[i]
        if window is not None:
            late0, late1 = last_start(window, late0), last_start(window, late1)
        due0[j], due1[j] = late0, late1
    return due0, due1


def _forward_simple(
    duty: Duty, stops: Sequence[int], legs: list[int], service: list[int], windows: list[Windows | None]
) -> tuple[list[int], int]:
    now = duty.from_s
    leave = [now]
    for i, leg in zip(stops, legs, strict=False):
        now += leg
        window = windows[i]
        if window is not None:
            now = first_start(window, now)
        now += service[i]
        leave.append(now)
    return leave, now + legs[-1]


def _backward_simple(
    duty: Duty, stops: Sequence[int], legs: list[int], service: list[int], windows: list[Windows | None]
) -> list[int]:
    latest = duty.latest_s
    due = [latest] * len(legs)
    for j in range(len(stops) - 1, -1, -1):
        i = stops[j]
        latest -= legs[j + 1] + service[i]
        window = windows[i]
        if window is not None:
            latest = last_start(window, latest)
        due[j] = latest
    return due


def latest_departure(model: Model, stops: Sequence[int], legs: Sequence[int], return_s: int) -> int:
    """Give the latest departure of a route without a break that is back by a time that it can keep."""
    latest = return_s
    service, windows = model.service_s, model.windows
    for j in range(len(stops) - 1, -1, -1):
        i = stops[j]
        latest -= legs[j + 1] + service[i]
        window = windows[i]
        if window is not None:
            latest = last_start(window, latest)
    return latest - legs[0]


def due_times(
    duty: Duty, stops: Sequence[int], legs: list[int], service: list[int], windows_of: WindowsOf, back_s: int
) -> tuple[list[int], list[int]]:
    """Work out the latest times at every stop from which a return by `back_s` is possible, for both clocks."""
    due1 = [back_s] * len(legs)
    due0 = [-NEVER_S if duty.rest is None else min(back_s, duty.rest[1] - 1)] * len(legs)
    for j in range(len(stops) - 1, -1, -1):
        i = stops[j]
        windows = windows_of(i)
        due1[j] = last_start(windows, due1[j + 1] - legs[j + 1] - service[i])
        if duty.rest is not None:
            due0[j] = last_start(windows, _latest_leave(duty, due0[j + 1], due1[j + 1], legs[j + 1]) - service[i])
    return due0, due1


def _latest_leave(duty: Duty, due0: int, due1: int, leg: int) -> int:
    """Give the latest departure on a drive if the break is still to come: taken on it, or later."""
    if duty.rest is None:
        return due1 - leg
    first, last, length = duty.rest
    on_it = min(last, due1 - length - leg) if first + length <= due1 else -NEVER_S
    return max(on_it, due0 - leg)


def timetable(
    model: Model, duty: Duty, stops: Sequence[int], busy: dict[int, list[tuple[int, int]]] | None = None
) -> Timetable | None:
    """Find times for a route with the earliest possible return, or None if its stops cannot be done in this order.

    Parameters
    ----------
    model, duty, stops
        The route.
    busy
        Per visit, times (begin, end in seconds of the duty's day) during which another visit of its bank is at work on
        another route; the visit may touch them, not overlap.
    """
    legs = drives(model, duty, stops)
    free = {i: without(model.windows[i], busy.get(i, []), model.service_s[i]) for i in stops} if busy else None
    windows_of: WindowsOf = free.__getitem__ if free is not None else model.windows.__getitem__
    found = _walk(model, duty, stops, legs, windows_of, duty.from_s)
    if duty.max_duration_s is None:
        if duty.rest is not None and (found is None or found.return_s > duty.to_s):
            late = _walk(model, duty, stops, legs, windows_of, duty.rest[1] + 1)  # so late that no break is due
            if found is None or (late is not None and late.return_s < found.return_s):
                return late
        return found
    if shortest_s(duty, sum(legs) + sum(map(model.service_s.__getitem__, stops))) > duty.max_duration_s:
        return None
    for depart_s in _departures(model, duty, stops, legs, windows_of):
        found = _walk(model, duty, stops, legs, windows_of, depart_s)
        if found is None:
            continue
        due0, due1 = due_times(duty, stops, legs, model.service_s, windows_of, found.return_s)
        latest_s = _latest_leave(duty, due0[0], due1[0], legs[0])
        if duty.rest is not None and depart_s > duty.rest[1]:
            latest_s = due1[0] - legs[0]
        if found.return_s - latest_s <= duty.max_duration_s:
            return _walk(model, duty, stops, legs, windows_of, max(depart_s, latest_s))
    return None


def shortest_s(duty: Duty, work_s: int) -> int:
    """Give the least time from departure to return of a route with so many seconds of driving and service."""
    if duty.rest is None:
        return work_s
    over_before = duty.from_s + work_s < duty.rest[1]
    gone_after = duty.rest[1] + 1 + work_s <= duty.latest_s
    return work_s if over_before or gone_after else work_s + duty.rest[2]


def _departures(model: Model, duty: Duty, stops: Sequence[int], legs: list[int], windows_of: WindowsOf) -> Iterator[int]:
    """Give departures worth trying under a longest duration, earliest first.

    The return is constant while the crew has time to wait and then moves with the departure, so the earliest return is
    the shortest route, unless a departure makes the crew miss a window or the break and wait for the next: those
    departures are the others.
    """
    yield duty.from_s
    if duty.rest is None and all(len(windows_of(i) or ()) <= 1 for i in stops):
        return
    lost = (0, duty.rest[2]) if duty.rest else (0,)
    turns = set()
    ahead = 0
    for i, leg in zip(stops, legs, strict=False):
        if duty.rest:
            turns |= {duty.rest[1] + 1 - ahead, duty.rest[0] - ahead - leg}
        ahead += leg
        for begin, end in windows_of(i) or ():
            turns |= {edge - ahead - pause for edge in (begin, end + 1) for pause in lost}
        ahead += model.service_s[i]
    if duty.rest:
        turns |= {duty.rest[1] + 1, duty.rest[1] + 1 - ahead, duty.rest[0] - ahead - legs[-1]}
    yield from sorted(turn for turn in turns if duty.from_s < turn <= duty.latest_s)


def without(windows: Windows | None, busy: list[tuple[int, int]], service_s: int) -> Windows | None:
    """Take the starts out of windows at which a service would overlap a busy time."""
    if not busy:
        return windows
    free = [(0, NEVER_S)] if windows is None else list(windows)
    for begin, end in busy:
        first, last = begin - service_s + 1, end - 1  # starts from first to last overlap
        if first > last:
            continue
        pieces = [piece for a, b in free for piece in ((a, min(b, first - 1)), (max(a, last + 1), b))]
        free = [(a, b) for a, b in pieces if a <= b]
    return tuple(free)


def _walk(
    model: Model, duty: Duty, stops: Sequence[int], legs: list[int], windows_of: WindowsOf, depart_s: int
) -> Timetable | None:
    """Do the stops as early as possible from a departure on; None if a window or the latest return is missed."""
    rest = duty.rest if duty.rest is not None and depart_s <= duty.rest[1] else None
    service = model.service_s
    now0, now1, taken_on = depart_s, NEVER_S, 0
    starts0: list[int] = []
    starts1: list[int] = []
    for j, i in enumerate(stops):
        windows = windows_of(i)
        rested_s = rested(now0, legs[j], rest) if rest else NEVER_S
        if rested_s <= now1 + legs[j]:  # the second clock now stands for a break on this drive
            taken_on = j
        ready1 = min(now1 + legs[j], rested_s)
        starts0.append(first_start(windows, now0 + legs[j]))
        starts1.append(first_start(windows, ready1))
        now0, now1 = starts0[j] + service[i], starts1[j] + service[i]
    last = len(stops)
    back0 = now0 + legs[last]
    if back0 <= (duty.latest_s if rest is None else min(duty.latest_s, rest[1] - 1)):
        return _stated(model, duty, stops, legs, depart_s, starts0, None, back0)
    if rest is None:
        return None
    rested_s = rested(now0, legs[last], rest)
    back1 = min(now1 + legs[last], rested_s)
    if back1 > duty.latest_s:
        return None
    if rested_s <= now1 + legs[last]:
        taken_on = last
    starts = starts0[:taken_on] + starts1[taken_on:]
    return _stated(model, duty, stops, legs, depart_s, starts, taken_on, back1)


def _stated(
    model: Model,
    duty: Duty,
    stops: Sequence[int],
    legs: list[int],
    depart_s: int,
    starts: list[int],
    taken_on: int | None,
    return_s: int,
) -> Timetable:
    """Write down a route's times; the crew sets off just in time for its first stop, where that changes nothing else."""
    rest = duty.rest
    if taken_on != 0:
        depart_s = max(depart_s, starts[0] - legs[0])
    elif rest is not None:
        depart_s = max(depart_s, min(rest[1], starts[0] - rest[2] - legs[0]))
    arrive, break_start_s, left = [], None, depart_s
    for j, leg in enumerate(legs):
        arrived = left + leg
        if j == taken_on and rest is not None:
            break_start_s = max(left, rest[0])
            if break_start_s < arrived:
                arrived += rest[2]
        arrive.append(arrived)
        if j < len(stops):
            left = starts[j] + model.service_s[stops[j]]
    return Timetable(depart_s, arrive[:-1], starts, return_s, break_start_s)
