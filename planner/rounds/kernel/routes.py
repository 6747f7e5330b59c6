"""Changing routes and taking changes back, compiled.

A duty's route lies in a slot. The first change of a round copies it into a spare slot, so that taking the round back
means pointing at the old slots again.
"""

from __future__ import annotations

from planner.rounds.kernel.clocks import retime
from planner.rounds.kernel.columns import (
    D_LONGEST,
    D_REST,
    D_TO,
    G_DEPART,
    G_START,
    L_DRIVE,
    L_OPTION,
    L_PLACE,
    L_STOP,
    M_ABSENT,
    M_DUTY,
    M_FIXED,
    N_ABSENT,
    N_DIFFERING,
    N_ROUND,
    N_SPARE,
    N_STAMP,
    N_TOUCHED,
    NEVER,
    O_PRICE,
    P_OVERTIME,
    P_PER_S,
    P_SEVERAL,
    P_SHIFT,
    R_BANKED,
    R_COST,
    R_DRIVE,
    R_FROM,
    R_LOAD,
    R_RETURN,
    R_STAMP,
    R_STOPS,
    R_WISHES,
    R_WORK,
    ROUTE_COLUMNS,
    T_BUSY,
    T_DRIVE,
    T_START0,
    T_STOP,
    U_BEFORE,
    U_DIFFERING,
    U_DIFFERS,
    U_FREE,
    U_GROUP,
    U_MARK,
    U_MEMBER,
    U_SLOT,
    U_TOUCHED,
    V_BANK,
    V_LOAD,
    V_PLACE,
    V_SERVICE,
)
from planner.rounds.kernel.compiler import compiled, inlined
from planner.rounds.kernel.exact import exact, look_around
from planner.rounds.kernel.tables import Ints, Small


@inlined
def touch(k: int, used: Ints, spare: Small, route: Ints, line: Small, counter: Ints) -> int:
    """Give the slot of a duty's route that may be changed in this round."""
    s = used[k, U_SLOT]
    if used[k, U_MARK] == counter[N_ROUND]:
        return int(s)
    used[k, U_MARK] = counter[N_ROUND]
    counter[N_SPARE] -= 1
    fresh = spare[counter[N_SPARE]]
    used[counter[N_TOUCHED], U_TOUCHED] = k
    used[counter[N_TOUCHED], U_BEFORE] = s
    counter[N_TOUCHED] += 1
    n = route[s, R_STOPS]
    for c in range(ROUTE_COLUMNS):
        route[fresh, c] = route[s, c]
    for p in range(n):
        line[fresh, L_STOP, p] = line[s, L_STOP, p]
        line[fresh, L_OPTION, p] = line[s, L_OPTION, p]
    for p in range(n + 1):
        line[fresh, L_PLACE, p] = line[s, L_PLACE, p]
        line[fresh, L_DRIVE, p] = line[s, L_DRIVE, p]
    line[fresh, L_PLACE, n + 1] = line[s, L_PLACE, n + 1]
    used[k, U_SLOT] = fresh
    return int(fresh)


@compiled
def settle(
    s: int, k: int, visit: Ints, window: Ints, mate: Small, duty: Ints, price: Ints, moved: Ints, used: Ints, route: Ints,
    line: Small, gap: Ints, draft: Ints,
) -> bool:  # fmt: skip
    """Time and price a route after its stops have changed; False if it cannot be done."""
    if not retime(s, k, visit, window, duty, route, gap, line):
        return False
    n = route[s, R_STOPS]
    if n == 0:
        route[s, R_COST] = 0
        return True
    if route[s, R_BANKED] == 0 and price[P_SEVERAL] == 0 and duty[k, D_REST] < 0:
        if max(route[s, R_RETURN] - gap[s, n, G_DEPART], route[s, R_WORK]) > duty[k, D_LONGEST]:
            return False
    elif route[s, R_BANKED] > 0 or route[s, R_RETURN] - route[s, R_FROM] > duty[k, D_LONGEST]:
        for p in range(n):
            draft[T_STOP, p] = line[s, L_STOP, p]
            draft[T_DRIVE, p] = line[s, L_DRIVE, p]
            draft[T_BUSY, p] = 0
        draft[T_DRIVE, n] = line[s, L_DRIVE, n]
        draft[T_BUSY, n] = 0
        if route[s, R_BANKED] > 0:
            look_around(k, n, visit, mate, duty, moved, used, route, gap, line, draft)
        end = exact(k, n, visit, window, duty, draft)
        if end == NEVER:
            return False
        route[s, R_RETURN] = end
        for p in range(n):
            gap[s, p, G_START] = draft[T_START0, p]
    overtime = max(0, route[s, R_RETURN] - duty[k, D_TO])
    driven = price[P_PER_S] * route[s, R_DRIVE]
    route[s, R_COST] = price[P_SHIFT] + driven + overtime * price[P_OVERTIME] + route[s, R_WISHES]
    return True


@inlined
def put_in(
    s: int, p: int, i: int, o: int, travel: Small, back: Small, visit: Ints, option: Ints, route: Ints, line: Small
) -> None:
    """Write a visit into a slot before the stop at a position, by one of its options; the clocks are not kept."""
    n = route[s, R_STOPS]
    here = visit[i, V_PLACE]
    line[s, L_PLACE, n + 2] = line[s, L_PLACE, n + 1]
    for q in range(n, p, -1):
        line[s, L_STOP, q] = line[s, L_STOP, q - 1]
        line[s, L_OPTION, q] = line[s, L_OPTION, q - 1]
        line[s, L_PLACE, q + 1] = line[s, L_PLACE, q]
        line[s, L_DRIVE, q + 1] = line[s, L_DRIVE, q]
    line[s, L_STOP, p] = i
    line[s, L_OPTION, p] = o
    line[s, L_PLACE, p + 1] = here
    there, on = back[here, line[s, L_PLACE, p]], travel[here, line[s, L_PLACE, p + 2]]
    longer = there + on - line[s, L_DRIVE, p]
    line[s, L_DRIVE, p] = there
    line[s, L_DRIVE, p + 1] = on
    route[s, R_DRIVE] += longer
    route[s, R_WORK] += visit[i, V_SERVICE] + longer
    route[s, R_LOAD] += visit[i, V_LOAD]
    route[s, R_STOPS] = n + 1
    route[s, R_WISHES] += option[o, O_PRICE]
    if visit[i, V_BANK] >= 0:
        route[s, R_BANKED] += 1


@compiled
def take_out(
    s: int, k: int, begin: int, end: int, gap_begin: int, gap_end: int, travel: Small, visit: Ints, option: Ints,
    moved: Ints, used: Ints, route: Ints, line: Small, counter: Ints,
) -> None:  # fmt: skip
    """Take the movable stops from `begin` to `end` out of a slot, but for those from `gap_begin` to `gap_end`.

    They join the visits that are absent in this round; the clocks are not kept.
    """
    n = route[s, R_STOPS]
    kept = begin
    joined = False
    drive = 0
    for p in range(begin):
        drive += line[s, L_DRIVE, p]
    for p in range(begin, n):
        i = line[s, L_STOP, p]
        if p < end and not gap_begin <= p < gap_end and moved[i, M_FIXED] == 0:
            moved[counter[N_ABSENT], M_ABSENT] = i
            counter[N_ABSENT] += 1
            moved[i, M_DUTY] = -1
            route[s, R_WISHES] -= option[line[s, L_OPTION, p], O_PRICE]
            route[s, R_LOAD] -= visit[i, V_LOAD]
            route[s, R_WORK] -= visit[i, V_SERVICE]
            if visit[i, V_BANK] >= 0:
                route[s, R_BANKED] -= 1
            joined = True
            continue
        line[s, L_STOP, kept] = i
        line[s, L_OPTION, kept] = line[s, L_OPTION, p]
        line[s, L_PLACE, kept + 1] = line[s, L_PLACE, p + 1]
        leg = line[s, L_DRIVE, p]
        if joined:
            leg = travel[line[s, L_PLACE, kept], line[s, L_PLACE, kept + 1]]
        line[s, L_DRIVE, kept] = leg
        drive += leg
        joined = False
        kept += 1
    line[s, L_PLACE, kept + 1] = line[s, L_PLACE, n + 1]
    leg = line[s, L_DRIVE, n]
    if joined:
        leg = travel[line[s, L_PLACE, kept], line[s, L_PLACE, kept + 1]]
    if kept == 0:
        leg = 0
    line[s, L_DRIVE, kept] = leg
    drive += leg
    route[s, R_WORK] += drive - route[s, R_DRIVE]
    route[s, R_DRIVE] = drive
    route[s, R_STOPS] = kept
    if kept == 0:
        group = used[k, U_GROUP]
        used[group, U_FREE] = used[group, U_MEMBER]


@inlined
def _same(s: int, other: int, route: Ints, line: Small) -> bool:
    """Tell whether two slots hold the same stops and times: what was found out about one is true of the other."""
    if route[s, R_STOPS] != route[other, R_STOPS] or route[s, R_BANKED] > 0:
        return False
    for p in range(route[s, R_STOPS]):  # noqa: SIM110 - the compiler knows no generators
        if line[s, L_STOP, p] != line[other, L_STOP, p]:
            return False
    return True


@compiled
def keep(used: Ints, spare: Small, route: Ints, line: Small, counter: Ints) -> None:
    """Let the changes of a round stand: slots that changed get new stamps, the old ones are free."""
    for t in range(counter[N_TOUCHED]):
        k, before = used[t, U_TOUCHED], used[t, U_BEFORE]
        s = used[k, U_SLOT]
        if _same(s, before, route, line):
            used[k, U_SLOT] = before
            before = s
        else:
            counter[N_STAMP] += 1
            route[s, R_STAMP] = counter[N_STAMP] if route[s, R_STOPS] > 0 else 0
            if used[k, U_DIFFERS] == 0:
                used[k, U_DIFFERS] = 1
                used[counter[N_DIFFERING], U_DIFFERING] = k
                counter[N_DIFFERING] += 1
        spare[counter[N_SPARE]] = before
        counter[N_SPARE] += 1
    counter[N_TOUCHED] = 0


@compiled
def take_back(moved: Ints, used: Ints, spare: Small, route: Ints, line: Small, counter: Ints) -> None:
    """Undo the changes of a round."""
    for q in range(counter[N_ABSENT]):
        moved[moved[q, M_ABSENT], M_DUTY] = -1
    for t in range(counter[N_TOUCHED]):
        k, s = used[t, U_TOUCHED], used[t, U_BEFORE]
        spare[counter[N_SPARE]] = used[k, U_SLOT]
        counter[N_SPARE] += 1
        used[k, U_SLOT] = s
        if route[s, R_STOPS] == 0:
            group = used[k, U_GROUP]
            used[group, U_FREE] = used[group, U_MEMBER]
        for p in range(route[s, R_STOPS]):
            moved[line[s, L_STOP, p], M_DUTY] = k
    counter[N_TOUCHED] = 0
