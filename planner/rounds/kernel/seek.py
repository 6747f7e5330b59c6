"""Where a visit is put back: its cheapest place on all routes it may be on, compiled."""

from __future__ import annotations

import math

from planner.rounds.kernel.chance import lot
from planner.rounds.kernel.columns import (
    K_ALL,
    K_BLINK,
    K_NEAR,
    M_DUTY,
    N_BLINK,
    N_CALL,
    N_ROUND,
    NO_PLACE,
    O_DUTY,
    O_PRICE,
    P_BANKS,
    R_BANKED,
    R_STAMP,
    R_STOPS,
    R_WIDEST,
    U_FREE,
    U_GROUP,
    U_MARK,
    U_MEMBER_END,
    U_SEEN,
    U_SLOT,
    V_BANK,
    V_HOME,
    V_HOME_END,
    V_KIND,
    V_KNOWN,
    V_NEAR,
    V_NEAR_END,
    V_OPTION,
    V_OPTION_END,
    V_SERVICE,
)
from planner.rounds.kernel.compiler import compiled, inlined
from planner.rounds.kernel.places import cheapest, cheapest_whole
from planner.rounds.kernel.tables import Bits, Ints, Real, Small, wide


@inlined
def seek(
    i: int, limit: int, travel: Small, back: Small, visit: Ints, window: Ints, duty: Ints, near: Small, mate: Small,
    option: Ints, option_at: Small, home: Small, member: Small, price: Ints, known_stamp: Small, known_cost: Ints,
    known_position: Small, moved: Ints, used: Ints, route: Ints, line: Small, gap: Ints, draft: Ints, counter: Ints,
    chance: Bits, tune: Real,
) -> tuple[int, int, int]:  # fmt: skip
    """Find the cheapest place for a visit that is on no route; give duty (-1: none), position and option.

    A visit with few options looks at all of them, others at the duties of its neighbours and at empty ones near by.
    """
    counter[N_CALL] += 1
    best, to, position, chosen = limit, -1, -1, -1
    first, count = visit[i, V_OPTION], visit[i, V_OPTION_END] - visit[i, V_OPTION]
    all_of_them = count <= tune[K_ALL]
    near_by = min(visit[i, V_NEAR_END] - visit[i, V_NEAR], int(tune[K_NEAR]))
    if not all_of_them:
        count = near_by + visit[i, V_HOME_END] - visit[i, V_HOME]
    for turn in range(count):
        if all_of_them:
            o = _if_new(first + turn, option, used, route, counter)
        elif turn < near_by:
            o = _of_neighbour(i, wide(near[visit[i, V_NEAR] + turn]), visit, option_at, moved, used, counter)
        else:
            o = of_home(i, wide(home[visit[i, V_HOME] + turn - near_by]), visit, option_at, member, used, route)
        if o < 0:
            continue
        k = option[o, O_DUTY]
        s = used[k, U_SLOT]
        if visit[i, V_SERVICE] > route[s, R_WIDEST]:
            continue
        at = visit[i, V_KNOWN] + o - first
        fresh = used[k, U_MARK] == counter[N_ROUND]
        if not fresh and known_stamp[at] == route[s, R_STAMP]:
            cost, p = known_cost[at], wide(known_position[at])
        else:
            cost, p = cheapest(
                s, k, i, option[o, O_PRICE], best if fresh else NO_PLACE, travel, back, visit, window, duty, price, route,
                line, gap, draft,
            )  # fmt: skip
            if not fresh:
                known_stamp[at], known_cost[at], known_position[at] = route[s, R_STAMP], cost, p
        if cost >= best or _overlooked(counter, chance, tune):
            continue
        if price[P_BANKS] != 0 and (visit[i, V_BANK] >= 0 or route[s, R_BANKED] > 0):
            cost, p = _beside_banks(
                s, k, i, cost, p, option[o, O_PRICE], best, travel, back, visit, window, mate, duty, price, moved, used, route,
                line, gap, draft,
            )  # fmt: skip
            if cost >= best:
                continue
        best, to, position, chosen = cost, k, p, o
    return to, position, chosen


@compiled
def _beside_banks(
    s: int, k: int, i: int, alone: int, at: int, wish: int, limit: int, travel: Small, back: Small, visit: Ints,
    window: Ints, mate: Small, duty: Ints, price: Ints, moved: Ints, used: Ints, route: Ints, line: Small, gap: Ints,
    draft: Ints,
) -> tuple[int, int]:  # fmt: skip
    """Give the cheapest place beside routes at work on the same banks: where it is best without them, otherwise anywhere."""
    only = at
    for _ in range(2):
        cost, p = cheapest_whole(
            s, k, i, wish, limit, only, travel, back, visit, window, mate, duty, price, moved, used, route, line, gap, draft
        )
        if cost <= alone:
            break
        only = -1
    return cost, p


@inlined
def _overlooked(counter: Ints, chance: Bits, tune: Real) -> bool:
    """Tell whether a place is to be overlooked, which keeps a search from repeating itself."""
    counter[N_BLINK] -= 1
    if counter[N_BLINK] >= 0:
        return False
    counter[N_BLINK] = int(math.log(1.0 - lot(chance)) / math.log(1.0 - tune[K_BLINK]))
    return True


@inlined
def _if_new(o: int, option: Ints, used: Ints, route: Ints, counter: Ints) -> int:
    """Give an option, or -1 for an empty duty that is equal to one that was looked at."""
    k = option[o, O_DUTY]
    if route[used[k, U_SLOT], R_STOPS] == 0:
        group = used[k, U_GROUP]
        if used[group, U_SEEN] == counter[N_CALL]:
            return -1
        used[group, U_SEEN] = counter[N_CALL]
    return o


@inlined
def _of_neighbour(i: int, j: int, visit: Ints, option_at: Small, moved: Ints, used: Ints, counter: Ints) -> int:
    """Give the option of a visit to be with another one; -1 if there is none, or it was looked at."""
    k = moved[j, M_DUTY]
    if k < 0 or used[k, U_SEEN] == counter[N_CALL]:
        return -1
    used[k, U_SEEN] = counter[N_CALL]
    return wide(option_at[visit[i, V_KIND], k])


@inlined
def of_home(i: int, group: int, visit: Ints, option_at: Small, member: Small, used: Ints, route: Ints) -> int:
    """Give the option of a visit to be alone on a duty of a group of equal ones; -1 if there is none."""
    for at in range(used[group, U_FREE], used[group, U_MEMBER_END]):  # those before `U_FREE` have stops
        k = wide(member[at])
        if route[used[k, U_SLOT], R_STOPS] == 0:
            used[group, U_FREE] = at
            return wide(option_at[visit[i, V_KIND], k])
    used[group, U_FREE] = used[group, U_MEMBER_END]
    return -1
