"""Both clocks of a route (`planner.rounds.timing`), compiled."""

from __future__ import annotations

from planner.rounds.kernel.columns import (
    AS_IS,
    D_FROM,
    D_LATEST,
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
    L_STOP,
    LATE_FIRST,
    NEVER,
    R_FROM,
    R_RESTED,
    R_RETURN,
    R_STOPS,
    R_WIDEST,
    V_FIRST,
    V_LAST,
    V_SERVICE,
    V_WINDOW,
    V_WINDOWS,
)
from planner.rounds.kernel.compiler import compiled, inlined
from planner.rounds.kernel.tables import Ints, Small, wide


@compiled
def _first_of_several(window: Ints, begin: int, count: int, ready: int) -> int:
    for w in range(begin, begin + count):
        if ready <= window[w, 1]:
            return int(max(ready, window[w, 0]))
    return NEVER


@compiled
def _last_of_several(window: Ints, begin: int, count: int, until: int) -> int:
    for w in range(begin + count - 1, begin - 1, -1):
        if window[w, 0] <= until:
            return int(min(until, window[w, 1]))
    return -NEVER


@inlined
def first_start(visit: Ints, window: Ints, i: int, ready: int) -> int:
    """Give the earliest allowed start at or after a time; `NEVER` if there is none."""
    if ready > visit[i, V_LAST]:
        return NEVER
    if visit[i, V_WINDOWS] > 1:
        return _first_of_several(window, visit[i, V_WINDOW], visit[i, V_WINDOWS], ready)
    return int(max(ready, visit[i, V_FIRST]))


@inlined
def last_start(visit: Ints, window: Ints, i: int, until: int) -> int:
    """Give the latest allowed start at or before a time; a negative number if there is none."""
    if until < visit[i, V_FIRST]:
        return -NEVER
    if visit[i, V_WINDOWS] > 1:
        return _last_of_several(window, visit[i, V_WINDOW], visit[i, V_WINDOWS], until)
    return int(min(until, visit[i, V_LAST]))


@inlined
def rested(leave: int, drive: int, first: int, last: int, length: int) -> int:
    """Give the earliest arrival of a drive with the break taken on it, `NEVER` if it is too late for the break."""
    if leave > last:
        return NEVER
    return max(leave + drive, first) + length


@compiled
def retime(s: int, k: int, visit: Ints, window: Ints, duty: Ints, route: Ints, gap: Ints, line: Small) -> bool:
    """Work out the clocks of a route from its stops and drives, other routes' banks and the longest duration left aside.

    Parameters
    ----------
    s, k
        Row of the route in the state's tables, and its duty.

    Returns
    -------
    bool
        Whether it can be done.
    """
    late = duty[k, D_VARIANTS] == LATE_FIRST
    back = _forward(s, k, late, visit, window, duty, route, gap, line)
    if route[s, R_STOPS] == 0:
        back = duty[k, D_FROM]
    elif duty[k, D_VARIANTS] != AS_IS and back > duty[k, D_TO]:
        other = _forward(s, k, not late, visit, window, duty, route, gap, line)
        if other >= back:
            _forward(s, k, late, visit, window, duty, route, gap, line)
        back = min(back, other)
    route[s, R_RETURN] = back
    if back > duty[k, D_LATEST]:
        return False
    _backward(s, k, visit, window, duty, route, gap, line)
    if route[s, R_STOPS] == 0 and duty[k, D_VARIANTS] != AS_IS:
        route[s, R_WIDEST] = NEVER  # its clocks are those of one variant only
    return True


@compiled
def _forward(s: int, k: int, late: bool, visit: Ints, window: Ints, duty: Ints, route: Ints, gap: Ints, line: Small) -> int:
    """Fill in the earliest leaves; give the earliest return."""
    n = route[s, R_STOPS]
    length = duty[k, D_REST]
    if late or length < 0:
        now = duty[k, D_REST_LAST] + 1 if late else duty[k, D_FROM]
        route[s, R_RESTED] = 0
        route[s, R_FROM] = now
        depart, work = duty[k, D_LATEST], 0
        for p in range(n):
            gap[s, p, G_LEAVE1] = now
            gap[s, p, G_DEPART] = depart
            i = wide(line[s, L_STOP, p])
            now = first_start(visit, window, i, now + line[s, L_DRIVE, p]) + visit[i, V_SERVICE]
            work += line[s, L_DRIVE, p]
            depart = min(depart, visit[i, V_LAST] - work)
            work += visit[i, V_SERVICE]
        gap[s, n, G_LEAVE1] = now
        gap[s, n, G_DEPART] = depart
        return int(now + line[s, L_DRIVE, n])
    first, last = duty[k, D_REST_FIRST], duty[k, D_REST_LAST]
    now0, now1 = duty[k, D_FROM], NEVER
    route[s, R_RESTED] = 1
    route[s, R_FROM] = now0
    for p in range(n):
        gap[s, p, G_LEAVE0] = now0
        gap[s, p, G_LEAVE1] = now1
        i = wide(line[s, L_STOP, p])
        ready0 = now0 + line[s, L_DRIVE, p]
        ready1 = min(now1 + line[s, L_DRIVE, p], rested(now0, wide(line[s, L_DRIVE, p]), first, last, length))
        now0 = first_start(visit, window, i, ready0) + visit[i, V_SERVICE]
        now1 = first_start(visit, window, i, ready1) + visit[i, V_SERVICE]
    gap[s, n, G_LEAVE0] = now0
    gap[s, n, G_LEAVE1] = now1
    if now0 + line[s, L_DRIVE, n] < last:
        return int(now0 + line[s, L_DRIVE, n])
    return min(int(now1 + line[s, L_DRIVE, n]), rested(now0, wide(line[s, L_DRIVE, n]), first, last, length))


@compiled
def _backward(s: int, k: int, visit: Ints, window: Ints, duty: Ints, route: Ints, gap: Ints, line: Small) -> None:
    """Fill in the latest times of being ready."""
    n = route[s, R_STOPS]
    late1 = duty[k, D_LATEST]
    if route[s, R_RESTED] == 0:
        edge, after = -NEVER, 0
        widest = late1 - gap[s, n, G_LEAVE1]
        gap[s, n, G_DUE1] = late1
        gap[s, n, G_EDGE] = edge
        gap[s, n, G_AFTER] = 0
        for p in range(n - 1, -1, -1):
            i = wide(line[s, L_STOP, p])
            step = line[s, L_DRIVE, p + 1] + visit[i, V_SERVICE]
            late1 = last_start(visit, window, i, late1 - step)
            edge = max(edge - step, visit[i, V_FIRST])
            after += step
            gap[s, p, G_DUE1] = late1
            gap[s, p, G_EDGE] = edge
            gap[s, p, G_AFTER] = after
            widest = max(widest, late1 - gap[s, p, G_LEAVE1])
        route[s, R_WIDEST] = widest
        return
    first, last, length = duty[k, D_REST_FIRST], duty[k, D_REST_LAST], duty[k, D_REST]
    late0 = min(late1, last - 1)
    gap[s, n, G_DUE0] = late0
    gap[s, n, G_DUE1] = late1
    widest = late1 - min(gap[s, n, G_LEAVE0], gap[s, n, G_LEAVE1])
    for p in range(n - 1, -1, -1):
        i = wide(line[s, L_STOP, p])
        drive, service = line[s, L_DRIVE, p + 1], visit[i, V_SERVICE]
        late0 -= drive
        if first + length <= late1:
            late0 = max(late0, min(last, late1 - length - drive))
        late0 = last_start(visit, window, i, late0 - service)
        late1 = last_start(visit, window, i, late1 - drive - service)
        gap[s, p, G_DUE0] = late0
        gap[s, p, G_DUE1] = late1
        widest = max(widest, late1 - min(gap[s, p, G_LEAVE0], gap[s, p, G_LEAVE1]))
    route[s, R_WIDEST] = widest
