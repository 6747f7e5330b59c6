"""Where on a route one more visit costs least (`planner.rounds.insertion`), compiled."""

from __future__ import annotations

from planner.rounds.kernel.clocks import first_start, rested
from planner.rounds.kernel.columns import (
    AS_IS,
    D_CAPACITY,
    D_FROM,
    D_LATEST,
    D_LONGEST,
    D_PRICED,
    D_REST,
    D_REST_FIRST,
    D_REST_LAST,
    D_TO,
    D_VARIANTS,
    G_AFTER,
    G_DEPART,
    G_DUE0,
    G_DUE1,
    G_EDGE,
    G_LEAVE0,
    G_LEAVE1,
    L_DRIVE,
    L_PLACE,
    L_STOP,
    NEVER,
    NO_PLACE,
    P_OVERTIME,
    P_PER_S,
    P_SEVERAL,
    P_SHIFT,
    R_FROM,
    R_LOAD,
    R_RESTED,
    R_RETURN,
    R_STOPS,
    R_WORK,
    T_BUSY,
    T_DRIVE,
    T_STOP,
    V_FIRST,
    V_LAST,
    V_LOAD,
    V_PLACE,
    V_SERVICE,
)
from planner.rounds.kernel.compiler import compiled, inlined
from planner.rounds.kernel.exact import exact, look_around
from planner.rounds.kernel.tables import Ints, Small, wide

MANY_STOPS = 16
"""Stops of a route from which on it pays to find out first where on it a visit can be in time."""


@inlined
def cheapest(
    s: int, k: int, i: int, wish: int, limit: int, travel: Small, back: Small, visit: Ints, window: Ints, duty: Ints,
    price: Ints, route: Ints, line: Small, gap: Ints, draft: Ints,
) -> tuple[int, int]:  # fmt: skip
    """Give cost and position of a visit's cheapest place on one route, other routes' banks left aside.

    Parameters
    ----------
    s, k, i
        Slot of the route, its duty, and the visit.
    wish
        What the visit costs on this duty.
    limit
        Places that cost as much or more are not looked for.

    Returns
    -------
    tuple[int, int]
        `NO_PLACE` and -1 if there is none below the limit.
    """
    n = route[s, R_STOPS]
    best, position = limit, -1
    if route[s, R_LOAD] + visit[i, V_LOAD] > duty[k, D_CAPACITY]:
        return NO_PLACE, -1
    base = wish if n > 0 else wish + price[P_SHIFT]
    if n == 0 and duty[k, D_VARIANTS] != AS_IS:  # an empty route shows one variant of its duty only
        return _on_empty(s, k, i, base, limit, travel, back, visit, window, duty, price, route, line, draft)
    per_s = price[P_PER_S]
    here = visit[i, V_PLACE]
    service = visit[i, V_SERVICE]
    return_counts = duty[k, D_PRICED] != 0 or duty[k, D_LONGEST] < NEVER
    with_rest = route[s, R_RESTED] != 0
    first, last, length = duty[k, D_REST_FIRST], duty[k, D_REST_LAST], duty[k, D_REST]
    begin, end = _in_time(s, n, G_LEAVE0 if with_rest else G_LEAVE1, visit[i, V_FIRST] + service, visit[i, V_LAST], gap)
    for p in range(begin, end):
        there = wide(back[here, line[s, L_PLACE, p]])
        on = wide(travel[here, line[s, L_PLACE, p + 1]])
        cost = base + per_s * (there + on - line[s, L_DRIVE, p])
        if cost >= best:
            continue
        done0 = NEVER
        if with_rest:
            leave0 = gap[s, p, G_LEAVE0]
            ready1 = min(gap[s, p, G_LEAVE1] + there, rested(leave0, there, first, last, length))
            done0 = first_start(visit, window, i, leave0 + there) + service
            done1 = first_start(visit, window, i, ready1) + service
            next1 = min(done1 + on, rested(done0, on, first, last, length))
            if next1 > gap[s, p, G_DUE1] and done0 + on > gap[s, p, G_DUE0]:
                continue
        else:
            done1 = first_start(visit, window, i, gap[s, p, G_LEAVE1] + there) + service
            if done1 + on > gap[s, p, G_DUE1]:
                continue
        if return_counts:
            cost += _for_return(s, k, i, p, there, on, done0, done1, visit, window, duty, price, route, line, gap, draft)
            if cost >= best:
                continue
        best, position = cost, p
    return (best, position) if position >= 0 else (NO_PLACE, -1)


@inlined
def _in_time(s: int, n: int, leaves: int, done: int, last: int, gap: Ints) -> tuple[int, int]:
    """Give the first gap and the one after the last in which a visit can be in time: what is before and after them never can.

    Both clocks run on along a route, so that halving finds them.
    """
    low, high = 0, n
    if n < MANY_STOPS:
        return 0, n + 1
    if gap[s, 0, G_DUE1] < done:
        low, top = 1, n + 1
        while low < top:
            middle = (low + top) >> 1
            if gap[s, middle, G_DUE1] < done:
                low = middle + 1
            else:
                top = middle
    if gap[s, n, leaves] > last:
        bottom, high = -1, n - 1
        while bottom < high:
            middle = (bottom + high + 1) >> 1
            if gap[s, middle, leaves] > last:
                high = middle - 1
            else:
                bottom = middle
    return low, high + 1


@compiled
def _for_return(
    s: int, k: int, i: int, p: int, there: int, on: int, done0: int, done1: int, visit: Ints, window: Ints,
    duty: Ints, price: Ints, route: Ints, line: Small, gap: Ints, draft: Ints,
) -> int:  # fmt: skip
    """Give the price of the later return that a place brings; `NO_PLACE` if the route becomes too long."""
    longest = duty[k, D_LONGEST]
    if price[P_SEVERAL] == 0 and route[s, R_RESTED] == 0:
        end = max(done1 + on, gap[s, p, G_EDGE]) + gap[s, p, G_AFTER]
    else:
        end = _return(s, k, p, done0, done1, on, visit, window, duty, route, line)
    if end - route[s, R_FROM] > longest:
        work = route[s, R_WORK] + visit[i, V_SERVICE] + there + on - line[s, L_DRIVE, p]
        if shortest(k, work, duty) > longest:
            return NO_PLACE
        if price[P_SEVERAL] == 0 and duty[k, D_REST] < 0:
            ready = route[s, R_WORK] - gap[s, p, G_AFTER] - line[s, L_DRIVE, p] + there
            depart = min(gap[s, p, G_DEPART], visit[i, V_LAST] - ready)
            depart = min(depart, gap[s, p, G_DUE1] - ready - visit[i, V_SERVICE] - on)
            if end - depart > longest:
                return NO_PLACE
            return int(price[P_OVERTIME] * (max(0, end - duty[k, D_TO]) - max(0, route[s, R_RETURN] - duty[k, D_TO])))
        _draft(s, p, i, there, on, route, line, draft)
        end = exact(k, route[s, R_STOPS] + 1, visit, window, duty, draft)
        if end == NEVER:
            return NO_PLACE
    overtime = max(0, end - duty[k, D_TO]) - max(0, route[s, R_RETURN] - duty[k, D_TO])
    return int(price[P_OVERTIME] * overtime)


@compiled
def _return(
    s: int, k: int, p: int, done0: int, done1: int, on: int, visit: Ints, window: Ints, duty: Ints, route: Ints, line: Small
) -> int:
    """Give the return of a crew that is done at these times with what comes before the stops from a position on."""
    n = route[s, R_STOPS]
    if route[s, R_RESTED] == 0:
        now = done1 + on
        for q in range(p, n):
            i = wide(line[s, L_STOP, q])
            now = first_start(visit, window, i, now) + visit[i, V_SERVICE] + line[s, L_DRIVE, q + 1]
        return now
    first, last, length = duty[k, D_REST_FIRST], duty[k, D_REST_LAST], duty[k, D_REST]
    now0, now1, drive = done0, done1, on
    for q in range(p, n):
        i = wide(line[s, L_STOP, q])
        ready1 = min(now1 + drive, rested(now0, drive, first, last, length))
        now0 = first_start(visit, window, i, now0 + drive) + visit[i, V_SERVICE]
        now1 = first_start(visit, window, i, ready1) + visit[i, V_SERVICE]
        drive = wide(line[s, L_DRIVE, q + 1])
    if now0 + drive < last:
        return now0 + drive
    return min(now1 + drive, rested(now0, drive, first, last, length))


@compiled
def shortest(k: int, work: int, duty: Ints) -> int:
    """Give the least time from departure to return of a route with so many seconds of driving and service."""
    if duty[k, D_REST] < 0:
        return work
    over_before = duty[k, D_FROM] + work < duty[k, D_REST_LAST]
    gone_after = duty[k, D_REST_LAST] + 1 + work <= duty[k, D_LATEST]
    return work if over_before or gone_after else work + duty[k, D_REST]


@compiled
def _draft(s: int, p: int, i: int, there: int, on: int, route: Ints, line: Small, draft: Ints) -> None:
    """Write down a route with one more visit, with no bank in use elsewhere."""
    n = route[s, R_STOPS]
    for q in range(p):
        draft[T_STOP, q] = line[s, L_STOP, q]
        draft[T_DRIVE, q] = line[s, L_DRIVE, q]
    draft[T_STOP, p] = i
    draft[T_DRIVE, p] = there
    draft[T_DRIVE, p + 1] = on
    for q in range(p, n):
        draft[T_STOP, q + 1] = line[s, L_STOP, q]
        draft[T_DRIVE, q + 2] = line[s, L_DRIVE, q + 1]
    for q in range(n + 2):
        draft[T_BUSY, q] = 0


@compiled
def _on_empty(
    s: int, k: int, i: int, cost: int, limit: int, travel: Small, back: Small, visit: Ints, window: Ints, duty: Ints,
    price: Ints, route: Ints, line: Small, draft: Ints,
) -> tuple[int, int]:  # fmt: skip
    """Give the same for a route without stops, by every way to see its duty; `cost` is that of being there at all."""
    here = visit[i, V_PLACE]
    there, on = wide(back[here, line[s, L_PLACE, 0]]), wide(travel[here, line[s, L_PLACE, 1]])
    cost += price[P_PER_S] * (there + on)
    if cost >= limit or shortest(k, visit[i, V_SERVICE] + there + on, duty) > duty[k, D_LONGEST]:
        return NO_PLACE, -1
    _draft(s, route[s, R_STOPS], i, there, on, route, line, draft)
    end = exact(k, route[s, R_STOPS] + 1, visit, window, duty, draft)
    if end == NEVER:
        return NO_PLACE, -1
    cost += price[P_OVERTIME] * max(0, end - duty[k, D_TO])
    return (cost, 0) if cost < limit else (NO_PLACE, -1)


@compiled
def cheapest_whole(
    s: int, k: int, i: int, wish: int, limit: int, only: int, travel: Small, back: Small, visit: Ints,
    window: Ints, mate: Small, duty: Ints, price: Ints, moved: Ints, used: Ints, route: Ints, line: Small, gap: Ints,
    draft: Ints,
) -> tuple[int, int]:  # fmt: skip
    """Give the same beside other routes that are at work on the same banks, by timing the whole route with the visit.

    Parameters
    ----------
    only
        The one position to try; -1 for all.
    """
    n = route[s, R_STOPS]
    best, position = limit, -1
    base = wish if n > 0 else wish + price[P_SHIFT]
    here = visit[i, V_PLACE]
    overtime = max(0, route[s, R_RETURN] - duty[k, D_TO])
    if route[s, R_LOAD] + visit[i, V_LOAD] > duty[k, D_CAPACITY]:
        return NO_PLACE, -1
    for p in range(n + 1):
        if 0 <= only != p:
            continue
        there, on = wide(back[here, line[s, L_PLACE, p]]), wide(travel[here, line[s, L_PLACE, p + 1]])
        longer = there + on - line[s, L_DRIVE, p]
        cost = base + price[P_PER_S] * longer
        if cost >= best or shortest(k, route[s, R_WORK] + visit[i, V_SERVICE] + longer, duty) > duty[k, D_LONGEST]:
            continue
        _draft(s, p, i, there, on, route, line, draft)
        look_around(k, n + 1, visit, mate, duty, moved, used, route, gap, line, draft)
        end = exact(k, n + 1, visit, window, duty, draft)
        if end == NEVER:
            continue
        cost += price[P_OVERTIME] * (max(0, end - duty[k, D_TO]) - overtime)
        if cost < best:
            best, position = cost, p
    return (best, position) if position >= 0 else (NO_PLACE, -1)
