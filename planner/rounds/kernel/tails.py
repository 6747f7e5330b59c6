"""Exchanging the ends of two routes (2-opt*: Potvin and Rousseau, Journal of the Operational Research Society 46, 1995).

Ruin and recreate moves short strings of visits; on long routes it cannot move the whole rest of a day to another crew.
"""

from __future__ import annotations

from planner.rounds.kernel.clocks import rested
from planner.rounds.kernel.columns import (
    D_CAPACITY,
    D_END,
    D_REST,
    D_REST_FIRST,
    D_REST_LAST,
    G_DUE0,
    G_DUE1,
    G_LEAVE0,
    G_LEAVE1,
    K_TAILS,
    L_DRIVE,
    L_OPTION,
    L_PLACE,
    L_STOP,
    M_ABSENT,
    M_DUTY,
    M_FIXED,
    N_ABSENT,
    N_ROUND,
    N_SPARE,
    N_TOUCHED,
    O_PRICE,
    R_BANKED,
    R_COST,
    R_DRIVE,
    R_LOAD,
    R_RESTED,
    R_STOPS,
    R_WISHES,
    R_WORK,
    U_BEFORE,
    U_FREE,
    U_GROUP,
    U_MARK,
    U_MEMBER,
    U_SLOT,
    U_TOUCHED,
    V_KIND,
    V_LOAD,
    V_NEAR,
    V_NEAR_END,
    V_PLACE,
    V_SERVICE,
)
from planner.rounds.kernel.compiler import compiled, inlined
from planner.rounds.kernel.routes import settle
from planner.rounds.kernel.tables import Ints, Real, Small, wide


@inlined
def _position(s: int, i: int, line: Small) -> int:
    """Give where on a route a visit is."""
    at = 0
    while line[s, L_STOP, at] != i:
        at += 1
    return at


@compiled
def exchange_tails(
    travel: Small, visit: Ints, window: Ints, mate: Small, duty: Ints, near: Small, option: Ints, option_at: Small,
    price: Ints, moved: Ints, used: Ints, spare: Small, route: Ints, line: Small, gap: Ints, draft: Ints, counter: Ints,
    tune: Real,
) -> None:  # fmt: skip
    """Exchange the ends of routes beside the visits that were put back in this round, wherever that saves something."""
    reach = int(tune[K_TAILS])
    for q in range(counter[N_ABSENT]):
        i = moved[q, M_ABSENT]
        if moved[i, M_DUTY] < 0:
            continue
        end = min(visit[i, V_NEAR_END], visit[i, V_NEAR] + reach)
        k = moved[i, M_DUTY]
        a = used[k, U_SLOT]
        p = _position(a, i, line)
        for at in range(visit[i, V_NEAR], end):
            j = wide(near[at])
            other = moved[j, M_DUTY]
            if other < 0 or other == k or counter[N_SPARE] < 2:
                continue
            if option_at[visit[i, V_KIND], other] < 0 and option_at[visit[j, V_KIND], k] < 0:
                continue
            b = used[other, U_SLOT]
            r = _position(b, j, line)
            for after in range(2):  # j follows i, or i follows j
                cut_a, cut_b = p + 1 - after, r + after
                if _promises(a, b, k, other, cut_a, cut_b, travel, duty, route, line, gap) and _exchanged(
                    a, b, k, other, cut_a, cut_b, travel, visit, window, mate, duty, option, option_at, price, moved, used,
                    spare, route, line, gap, draft, counter,
                ):  # fmt: skip
                    k = moved[i, M_DUTY]
                    a = used[k, U_SLOT]
                    p = _position(a, i, line)
                    break


@inlined
def _promises(
    a: int, b: int, k: int, other: int, cut_a: int, cut_b: int, travel: Small, duty: Ints, route: Ints, line: Small,
    gap: Ints,
) -> bool:  # fmt: skip
    """Tell whether an exchange saves driving and seems possible by the clocks of both routes."""
    if route[a, R_BANKED] > 0 or route[b, R_BANKED] > 0:
        return False
    join_a = wide(travel[line[a, L_PLACE, cut_a], line[b, L_PLACE, cut_b + 1]])
    saved = line[a, L_DRIVE, cut_a] + line[b, L_DRIVE, cut_b] - join_a
    if saved <= 0:
        return False
    join_b = wide(travel[line[b, L_PLACE, cut_b], line[a, L_PLACE, cut_a + 1]])
    if saved - join_b <= 0:
        return False
    return _meet(a, k, cut_a, b, cut_b, join_a, duty, route, gap) and _meet(b, other, cut_b, a, cut_a, join_b, duty, route, gap)


@inlined
def _meet(a: int, k: int, cut_a: int, b: int, cut_b: int, drive: int, duty: Ints, route: Ints, gap: Ints) -> bool:
    """Tell whether the stops of one route before a cut leave time for those of the other after it."""
    if route[a, R_RESTED] == 0 or route[b, R_RESTED] == 0:
        return bool(gap[a, cut_a, G_LEAVE1] + drive <= gap[b, cut_b, G_DUE1]) or route[a, R_RESTED] != route[b, R_RESTED]
    leave0 = gap[a, cut_a, G_LEAVE0]
    ready1 = min(
        gap[a, cut_a, G_LEAVE1] + drive, rested(leave0, drive, duty[k, D_REST_FIRST], duty[k, D_REST_LAST], duty[k, D_REST])
    )
    return bool(ready1 <= gap[b, cut_b, G_DUE1] or leave0 + drive <= gap[b, cut_b, G_DUE0])


@inlined
def _joined(
    fresh: int, a: int, k: int, cut_a: int, b: int, cut_b: int, travel: Small, visit: Ints, duty: Ints, option: Ints,
    option_at: Small, moved: Ints, route: Ints, line: Small,
) -> bool:  # fmt: skip
    """Write into a slot the stops of one route before a cut and those of the other after it; False if they do not fit."""
    more = route[b, R_STOPS] - cut_b
    n = cut_a + more
    if n + 3 > line.shape[2]:
        return False
    drive = work = load = wishes = 0
    line[fresh, L_PLACE, 0] = line[a, L_PLACE, 0]
    for p in range(n):
        if p < cut_a:
            i = wide(line[a, L_STOP, p])
            o = wide(line[a, L_OPTION, p])
            leg = wide(line[a, L_DRIVE, p])
        else:
            i = wide(line[b, L_STOP, cut_b + p - cut_a])
            o = wide(option_at[visit[i, V_KIND], k])
            if o < 0 or moved[i, M_FIXED] != 0:
                return False
            leg = wide(line[b, L_DRIVE, cut_b + p - cut_a])
            if p == cut_a:
                leg = wide(travel[line[fresh, L_PLACE, p], visit[i, V_PLACE]])
        line[fresh, L_STOP, p] = i
        line[fresh, L_OPTION, p] = o
        line[fresh, L_DRIVE, p] = leg
        line[fresh, L_PLACE, p + 1] = visit[i, V_PLACE]
        drive += leg
        work += visit[i, V_SERVICE]
        load += visit[i, V_LOAD]
        wishes += option[o, O_PRICE]
    line[fresh, L_PLACE, n + 1] = duty[k, D_END]
    leg = wide(travel[line[fresh, L_PLACE, n], duty[k, D_END]]) if n > 0 else 0
    line[fresh, L_DRIVE, n] = leg
    route[fresh, R_STOPS] = n
    route[fresh, R_LOAD] = load
    route[fresh, R_DRIVE] = drive + leg
    route[fresh, R_WORK] = drive + leg + work
    route[fresh, R_WISHES] = wishes
    route[fresh, R_BANKED] = 0
    return True


@compiled
def _exchanged(
    a: int, b: int, k: int, other: int, cut_a: int, cut_b: int, travel: Small, visit: Ints, window: Ints, mate: Small,
    duty: Ints, option: Ints, option_at: Small, price: Ints, moved: Ints, used: Ints, spare: Small, route: Ints,
    line: Small, gap: Ints, draft: Ints, counter: Ints,
) -> bool:  # fmt: skip
    """Exchange what comes after the cuts of two routes, if that costs less; tell whether it was done."""
    one, two = wide(spare[counter[N_SPARE] - 1]), wide(spare[counter[N_SPARE] - 2])
    if not _joined(one, a, k, cut_a, b, cut_b, travel, visit, duty, option, option_at, moved, route, line):
        return False
    if not _joined(two, b, other, cut_b, a, cut_a, travel, visit, duty, option, option_at, moved, route, line):
        return False
    if route[one, R_LOAD] > duty[k, D_CAPACITY] or route[two, R_LOAD] > duty[other, D_CAPACITY]:
        return False
    if not settle(one, k, visit, window, mate, duty, price, moved, used, route, line, gap, draft):
        return False
    if not settle(two, other, visit, window, mate, duty, price, moved, used, route, line, gap, draft):
        return False
    if route[one, R_COST] + route[two, R_COST] >= route[a, R_COST] + route[b, R_COST]:
        return False
    counter[N_SPARE] -= 2
    _install(k, a, one, moved, used, spare, route, line, counter)
    _install(other, b, two, moved, used, spare, route, line, counter)
    return True


@inlined
def _install(
    k: int, old: int, fresh: int, moved: Ints, used: Ints, spare: Small, route: Ints, line: Small, counter: Ints
) -> None:
    """Give a duty the route in another slot."""
    if used[k, U_MARK] == counter[N_ROUND]:
        spare[counter[N_SPARE]] = old
        counter[N_SPARE] += 1
    else:
        used[k, U_MARK] = counter[N_ROUND]
        used[counter[N_TOUCHED], U_TOUCHED] = k
        used[counter[N_TOUCHED], U_BEFORE] = old
        counter[N_TOUCHED] += 1
    used[k, U_SLOT] = fresh
    for p in range(route[fresh, R_STOPS]):
        moved[line[fresh, L_STOP, p], M_DUTY] = k
    if route[fresh, R_STOPS] == 0:
        group = used[k, U_GROUP]
        used[group, U_FREE] = used[group, U_MEMBER]
