"""Timing of one route by trying it out, compiled: for longest durations and banks (`planner.rounds.timing.timetable`)."""

from __future__ import annotations

from planner.rounds.kernel.clocks import first_start, last_start, rested
from planner.rounds.kernel.columns import (
    D_BEGIN,
    D_FROM,
    D_LATEST,
    D_LONGEST,
    D_REST,
    D_REST_FIRST,
    D_REST_LAST,
    D_TO,
    G_START,
    L_STOP,
    M_DUTY,
    NEVER,
    R_STOPS,
    T_BUSY,
    T_DRIVE,
    T_FROM,
    T_START0,
    T_START1,
    T_STOP,
    T_TO,
    T_TURN,
    U_SLOT,
    V_BANK,
    V_MATE,
    V_MATE_END,
    V_SERVICE,
    V_WINDOW,
    V_WINDOWS,
)
from planner.rounds.kernel.compiler import compiled
from planner.rounds.kernel.tables import Ints, Small, wide


@compiled
def look_around(
    k: int, count: int, visit: Ints, mate: Small, duty: Ints, moved: Ints, used: Ints, route: Ints, gap: Ints,
    line: Small, draft: Ints,
) -> None:  # fmt: skip
    """Note when the banks of the draft's stops are at work on other routes, in seconds of the duty's day."""
    found = 0
    for p in range(count):
        draft[T_BUSY, p] = found
        i = draft[T_STOP, p]
        if visit[i, V_BANK] < 0:
            continue
        for b in range(visit[i, V_MATE], visit[i, V_MATE_END]):
            j = wide(mate[b])
            other = moved[j, M_DUTY]
            if other < 0 or other == k:
                continue
            s = used[other, U_SLOT]
            for q in range(route[s, R_STOPS]):
                if line[s, L_STOP, q] == j:
                    begin = gap[s, q, G_START] + duty[other, D_BEGIN] - duty[k, D_BEGIN]
                    if begin + visit[j, V_SERVICE] > duty[k, D_FROM] and begin < duty[k, D_LATEST]:
                        draft[T_FROM, found] = begin
                        draft[T_TO, found] = begin + visit[j, V_SERVICE]
                        found += 1
    draft[T_BUSY, count] = found


@compiled
def _free_from(visit: Ints, window: Ints, draft: Ints, p: int, ready: int) -> int:
    """Give the earliest allowed start at or after a time at which the stop's bank is free."""
    i = draft[T_STOP, p]
    start = first_start(visit, window, i, ready)
    again = draft[T_BUSY, p] < draft[T_BUSY, p + 1]
    while again and start < NEVER:
        again = False
        for b in range(draft[T_BUSY, p], draft[T_BUSY, p + 1]):
            if draft[T_FROM, b] - visit[i, V_SERVICE] < start < draft[T_TO, b]:
                start = first_start(visit, window, i, draft[T_TO, b])
                again = True
    return start


@compiled
def _free_until(visit: Ints, window: Ints, draft: Ints, p: int, until: int) -> int:
    """Give the latest allowed start at or before a time at which the stop's bank is free."""
    i = draft[T_STOP, p]
    start = last_start(visit, window, i, until)
    again = draft[T_BUSY, p] < draft[T_BUSY, p + 1]
    while again and start > -NEVER:
        again = False
        for b in range(draft[T_BUSY, p], draft[T_BUSY, p + 1]):
            if draft[T_FROM, b] - visit[i, V_SERVICE] < start < draft[T_TO, b]:
                start = last_start(visit, window, i, draft[T_FROM, b] - visit[i, V_SERVICE])
                again = True
    return start


@compiled
def _walk(k: int, count: int, depart: int, visit: Ints, window: Ints, duty: Ints, draft: Ints) -> int:
    """Do the stops as early as possible from a departure on; give the return, `NEVER` if they cannot be done.

    The starts are left in row `T_START0`.
    """
    first, last, length = duty[k, D_REST_FIRST], duty[k, D_REST_LAST], duty[k, D_REST]
    due = length >= 0 and depart <= last
    now0, now1, taken = depart, NEVER, 0
    for p in range(count):
        drive, service = draft[T_DRIVE, p], visit[draft[T_STOP, p], V_SERVICE]
        ready1 = now1 + drive
        if due:
            on_this = rested(now0, drive, first, last, length)
            if on_this <= ready1:
                taken, ready1 = p, on_this
            draft[T_START1, p] = _free_from(visit, window, draft, p, ready1)
            now1 = draft[T_START1, p] + service
        draft[T_START0, p] = _free_from(visit, window, draft, p, now0 + drive)
        now0 = draft[T_START0, p] + service
    back0 = now0 + draft[T_DRIVE, count]
    if not due:
        return back0 if back0 <= duty[k, D_LATEST] else NEVER
    if back0 <= min(duty[k, D_LATEST], last - 1):
        return int(back0)
    back1 = now1 + draft[T_DRIVE, count]
    on_this = rested(now0, draft[T_DRIVE, count], first, last, length)
    if on_this <= back1:
        taken, back1 = count, on_this
    for p in range(taken, count):
        draft[T_START0, p] = draft[T_START1, p]
    return back1 if back1 <= duty[k, D_LATEST] else NEVER


@compiled
def _latest_departure(k: int, count: int, depart: int, back: int, visit: Ints, window: Ints, duty: Ints, draft: Ints) -> int:
    """Give the latest departure from which a return by a time is possible, by the same side of the break."""
    first, last, length = duty[k, D_REST_FIRST], duty[k, D_REST_LAST], duty[k, D_REST]
    due = length >= 0 and depart <= last
    late1 = back
    late0 = min(back, last - 1) if due else -NEVER
    for p in range(count, -1, -1):
        drive = draft[T_DRIVE, p]
        leave1 = late1 - drive
        if due:
            on_this = min(last, late1 - length - drive) if first + length <= late1 else -NEVER
            late0 = max(on_this, late0 - drive)
        late1 = leave1
        if p > 0:
            service = visit[draft[T_STOP, p - 1], V_SERVICE]
            late1 = _free_until(visit, window, draft, p - 1, leave1 - service)
            if due:
                late0 = _free_until(visit, window, draft, p - 1, late0 - service)
    return late0 if due else late1


@compiled
def _turns(k: int, count: int, visit: Ints, window: Ints, duty: Ints, draft: Ints) -> int:
    """List later departures worth trying under a longest duration (`planner.rounds.timing._departures`), in order."""
    first, last, length = duty[k, D_REST_FIRST], duty[k, D_REST_LAST], duty[k, D_REST]
    plain = length < 0 and draft[T_BUSY, count] == 0
    for p in range(count):
        plain = plain and visit[draft[T_STOP, p], V_WINDOWS] <= 1
    if plain:
        return 0
    found, ahead = count * 0, 0  # a number of the same type throughout saves a second compilation of what takes it
    for p in range(count + 1):
        drive = draft[T_DRIVE, p]
        if length >= 0:
            found = _noted(k, last + 1 - ahead, duty, draft, found)
            found = _noted(k, first - ahead - drive, duty, draft, found)
        ahead += drive
        if p == count:
            break
        i = draft[T_STOP, p]
        for w in range(visit[i, V_WINDOWS]):
            begin, end = window[visit[i, V_WINDOW] + w, 0], window[visit[i, V_WINDOW] + w, 1]
            found = _edges(k, begin - ahead, end + 1 - ahead, length, duty, draft, found)
        for b in range(draft[T_BUSY, p], draft[T_BUSY, p + 1]):
            begin, end = draft[T_TO, b], draft[T_FROM, b] - visit[i, V_SERVICE] + 1
            found = _edges(k, begin - ahead, end - ahead, length, duty, draft, found)
        ahead += visit[i, V_SERVICE]
    if length >= 0:
        found = _noted(k, last + 1, duty, draft, found)
        found = _noted(k, last + 1 - ahead, duty, draft, found)
    return found


@compiled
def _edges(k: int, one: int, other: int, length: int, duty: Ints, draft: Ints, found: int) -> int:
    for lost in range(2 if length > 0 else 1):
        found = _noted(k, one - lost * length, duty, draft, found)
        found = _noted(k, other - lost * length, duty, draft, found)
    return found


@compiled
def _noted(k: int, turn: int, duty: Ints, draft: Ints, found: int) -> int:
    """Put a departure into the ordered list, if it is a possible one that is not there yet."""
    if turn <= duty[k, D_FROM] or turn > duty[k, D_LATEST]:
        return found
    at = found
    while at > 0 and draft[T_TURN, at - 1] > turn:
        at -= 1
    if at > 0 and draft[T_TURN, at - 1] == turn:
        return found
    for q in range(found, at, -1):
        draft[T_TURN, q] = draft[T_TURN, q - 1]
    draft[T_TURN, at] = turn
    return found + 1


@compiled
def exact(k: int, count: int, visit: Ints, window: Ints, duty: Ints, draft: Ints) -> int:
    """Time the draft's stops on a duty with the earliest possible return, beside the busy times that were noted.

    Returns
    -------
    int
        The return; `NEVER` if the stops cannot be done in this order. The starts are in the draft's row `T_START0`.
    """
    longest = duty[k, D_LONGEST]
    found = _walk(k, count, duty[k, D_FROM], visit, window, duty, draft)
    if longest == NEVER:
        if duty[k, D_REST] >= 0 and found > duty[k, D_TO]:
            late = _walk(k, count, duty[k, D_REST_LAST] + 1, visit, window, duty, draft)
            if late < found:
                return late
            return _walk(k, count, duty[k, D_FROM], visit, window, duty, draft)
        return found
    turns = -1
    depart = duty[k, D_FROM]
    at = -1
    while True:
        if found < NEVER:
            latest = _latest_departure(k, count, depart, found, visit, window, duty, draft)
            if found - latest <= longest:
                return _walk(k, count, max(depart, latest), visit, window, duty, draft)
        if turns < 0:
            turns = _turns(k, count, visit, window, duty, draft)
        at += 1
        if at >= turns:
            return NEVER
        depart = draft[T_TURN, at]
        found = _walk(k, count, depart, visit, window, duty, draft)
