"""Ruin and recreate on arrays, compiled: the moves and the acceptance of `planner.rounds.search`."""

from __future__ import annotations

import math

from planner.rounds.kernel.chance import lot, pick
from planner.rounds.kernel.columns import (
    D_END,
    D_START,
    K_GENEROUS,
    K_LEFT_OUT,
    K_LONGEST,
    K_MEAN,
    K_OPEN,
    K_SPLIT,
    K_SPLIT_DEPTH,
    K_TAILS,
    K_TAILS_GATE,
    K_WHOLE,
    L_STOP,
    M_ABSENT,
    M_DUTY,
    M_FIXED,
    M_OUT,
    M_OUT_AT,
    M_RANK,
    N_ABSENT,
    N_BEST,
    N_BEST_OUT,
    N_COST,
    N_FAILED,
    N_FULL,
    N_NOTES,
    N_OPENED,
    N_OUT,
    N_ROUND,
    N_SPARE,
    N_STAMP,
    N_TOUCHED,
    NEVER,
    O_DUTY,
    P_PER_S,
    P_PINNED,
    P_SHIFT,
    R_COST,
    R_STOPS,
    U_BEFORE,
    U_MARK,
    U_SLOT,
    U_TOUCHED,
    V_FIRST,
    V_HOME,
    V_HOME_END,
    V_LAST,
    V_LOAD,
    V_MISSING,
    V_NEAR,
    V_NEAR_END,
    V_OPTION,
    V_OPTION_END,
    V_PLACE,
    V_SERVICE,
)
from planner.rounds.kernel.compiler import compiled, inlined
from planner.rounds.kernel.notes import note_best, note_left_out
from planner.rounds.kernel.routes import keep, put_in, settle, take_back, take_out, touch
from planner.rounds.kernel.seek import of_home, seek
from planner.rounds.kernel.tables import Bits, Ints, Real, Small, State, Tables, wide
from planner.rounds.kernel.tails import exchange_tails

LOTS = 11
"""Weights of the orders in which visits are put back, in all."""


@inlined
def _trip(
    i: int, travel: Small, back: Small, visit: Ints, duty: Ints, option: Ints, option_at: Small, home: Small, member: Small,
    used: Ints, route: Ints,
) -> int:  # fmt: skip
    """Give the drive to a visit alone and back, by the nearest crew that has nothing to do yet; -1 if there is none."""
    here = visit[i, V_PLACE]
    for at in range(visit[i, V_HOME], visit[i, V_HOME_END]):
        o = of_home(i, wide(home[at]), visit, option_at, member, used, route)
        if o >= 0:
            k = option[o, O_DUTY]
            return wide(back[here, duty[k, D_START]]) + wide(travel[here, duty[k, D_END]])
    return -1


@compiled
def _ruin(
    travel: Small, back: Small, visit: Ints, window: Ints, duty: Ints, near: Small, mate: Small, option: Ints,
    option_at: Small, home: Small, member: Small, price: Ints, moved: Ints, used: Ints, movable: Small, spare: Small,
    route: Ints, line: Small, gap: Ints, draft: Ints, counter: Ints, chance: Bits, tune: Real,
) -> None:  # fmt: skip
    """Take strings of visits out of routes around a seed, and with them visits left out that are met on the way."""
    seed = wide(movable[pick(chance, len(movable))])
    if counter[N_OUT] > 0 and lot(chance) < tune[K_LEFT_OUT]:
        seed = moved[pick(chance, counter[N_OUT]), M_OUT]
        trip = _trip(seed, travel, back, visit, duty, option, option_at, home, member, used, route)
        if trip >= 0 and lot(chance) < tune[K_OPEN]:
            counter[N_OPENED] = seed + 1
    longest, strings = _sizes(seed, moved, used, route, chance, tune)
    most = (2 if counter[N_OPENED] == 0 else 4) * tune[K_MEAN]
    for at in range(visit[seed, V_NEAR] - 1, visit[seed, V_NEAR_END]):
        i = seed if at < visit[seed, V_NEAR] else wide(near[at])
        k = moved[i, M_DUTY]
        if k < 0:
            if moved[i, M_OUT_AT] >= 0 and counter[N_ABSENT] < most:
                moved[counter[N_ABSENT], M_ABSENT] = i
                counter[N_ABSENT] += 1
            continue
        if used[k, U_MARK] == counter[N_ROUND] or moved[i, M_FIXED] != 0 or counter[N_TOUCHED] >= strings:
            continue
        s = touch(k, used, spare, route, line, counter)
        begin, end, gap_begin, gap_end = _string(s, i, longest, route, line, chance, tune)
        for _ in range(2):
            take_out(s, k, begin, end, gap_begin, gap_end, travel, visit, option, moved, used, route, line, counter)
            fits = settle(s, k, visit, window, mate, duty, price, moved, used, route, line, gap, draft)
            if fits:
                break
            # where travel times break the triangle inequality, a detour was a short cut, and what is left may not fit
            begin, end, gap_begin, gap_end = 0, route[s, R_STOPS], 0, 0
        if not fits:
            counter[N_FAILED] = 1
        if counter[N_SPARE] == 0 or (counter[N_TOUCHED] >= strings and counter[N_OPENED] == 0):
            break


@inlined
def _sizes(seed: int, moved: Ints, used: Ints, route: Ints, chance: Bits, tune: Real) -> tuple[int, int]:
    """Give how long strings may be, and how many of them are taken out."""
    if lot(chance) < tune[K_WHOLE]:
        return len(moved), 1 + pick(chance, 2)
    longest = int(tune[K_LONGEST])
    if moved[seed, M_DUTY] >= 0:
        longest = min(longest, route[used[moved[seed, M_DUTY], U_SLOT], R_STOPS])
    return longest, int(lot(chance) * (4 * tune[K_MEAN] / (1 + longest) - 1) + 1)


@inlined
def _string(s: int, i: int, longest: int, route: Ints, line: Small, chance: Bits, tune: Real) -> tuple[int, int, int, int]:
    """Choose a string of stops around a visit, with a gap in half of the cases; give where both begin and end."""
    n = route[s, R_STOPS]
    length = pick(chance, min(n, longest)) + 1
    kept = 0
    if length > 1 and lot(chance) < tune[K_SPLIT]:
        kept = 1
        while length + kept < n and lot(chance) < tune[K_SPLIT_DEPTH]:
            kept += 1
    span = length + kept
    if span > n:
        kept, span = n - length, n
    at = 0
    while line[s, L_STOP, at] != i:
        at += 1
    low, high = max(0, at - span + 1), min(at, n - span)
    begin = low + pick(chance, high - low + 1)
    gap = begin + pick(chance, length + 1) if kept > 0 else 0
    return begin, begin + span, gap, gap + kept


@compiled
def _order(travel: Small, visit: Ints, price: Ints, moved: Ints, counter: Ints, chance: Bits) -> None:
    """Put the absent visits in an order drawn by lot."""
    count = counter[N_ABSENT]
    seed = visit[moved[0, M_ABSENT], V_PLACE]
    for q in range(count - 1, 0, -1):
        r = pick(chance, q + 1)
        moved[q, M_ABSENT], moved[r, M_ABSENT] = moved[r, M_ABSENT], moved[q, M_ABSENT]
    kind = int(lot(chance) * LOTS)
    for q in range(count):
        i = moved[q, M_ABSENT]
        if kind < 4:
            key = 0 if visit[i, V_MISSING] < price[P_PINNED] else -1
        elif kind < 5:
            key = -visit[i, V_MISSING]
        elif kind < 6:
            key = -visit[i, V_SERVICE]
        elif kind < 7:
            key = -visit[i, V_LOAD]
        elif kind < 8:
            key = visit[i, V_OPTION_END] - visit[i, V_OPTION]
        elif kind < 9:
            key = visit[i, V_LAST] - visit[i, V_FIRST]
        elif kind < 10:
            key = -wide(travel[seed, visit[i, V_PLACE]])
        else:
            key = wide(travel[seed, visit[i, V_PLACE]])
        if i + 1 == counter[N_OPENED]:
            key = -NEVER
        at = q
        while at > 0 and moved[at - 1, M_RANK] > key:
            moved[at, M_RANK] = moved[at - 1, M_RANK]
            moved[at, M_ABSENT] = moved[at - 1, M_ABSENT]
            at -= 1
        moved[at, M_RANK] = key
        moved[at, M_ABSENT] = i


@compiled
def _recreate(
    travel: Small, back: Small, visit: Ints, window: Ints, duty: Ints, near: Small, mate: Small, option: Ints,
    option_at: Small, home: Small, member: Small, price: Ints, known_stamp: Small, known_cost: Ints, known_position: Small,
    moved: Ints, used: Ints, spare: Small, route: Ints, line: Small, gap: Ints, draft: Ints, counter: Ints, chance: Bits,
    tune: Real,
) -> None:  # fmt: skip
    """Put the absent visits back, each at its cheapest place, or leave them out where that costs less."""
    generous = lot(chance) if lot(chance) < tune[K_GENEROUS] else 0.0
    for q in range(counter[N_ABSENT]):
        i = moved[q, M_ABSENT]
        limit = visit[i, V_MISSING]
        if generous > 0:
            limit += int(generous * (limit + price[P_SHIFT]))
        if i + 1 == counter[N_OPENED]:
            limit += price[P_SHIFT] + price[P_PER_S] * _trip(
                i, travel, back, visit, duty, option, option_at, home, member, used, route
            )
        k, p, o = seek(
            i, limit, travel, back, visit, window, duty, near, mate, option, option_at, home, member, price, known_stamp,
            known_cost, known_position, moved, used, route, line, gap, draft, counter, chance, tune,
        )  # fmt: skip
        if k < 0 or (used[k, U_MARK] != counter[N_ROUND] and counter[N_SPARE] == 0):
            continue
        s = touch(k, used, spare, route, line, counter)
        if route[s, R_STOPS] + 3 > line.shape[2]:  # no room: the caller makes some after this round
            counter[N_FULL] = 1
            continue
        put_in(s, p, i, o, travel, back, visit, option, route, line)
        moved[i, M_DUTY] = k
        if not settle(s, k, visit, window, mate, duty, price, moved, used, route, line, gap, draft):
            counter[N_FAILED] = 1
            return


@compiled
def _difference(visit: Ints, moved: Ints, used: Ints, route: Ints, counter: Ints) -> int:
    """Give what the changes of this round cost."""
    difference = 0
    for t in range(counter[N_TOUCHED]):
        difference += route[used[used[t, U_TOUCHED], U_SLOT], R_COST] - route[used[t, U_BEFORE], R_COST]
    for q in range(counter[N_ABSENT]):
        i = moved[q, M_ABSENT]
        if moved[i, M_DUTY] < 0:
            difference += visit[i, V_MISSING]
        if moved[i, M_OUT_AT] >= 0:
            difference -= visit[i, V_MISSING]
    return difference


@compiled
def _begin(
    visit: Ints, window: Ints, mate: Small, duty: Ints, price: Ints, moved: Ints, used: Ints, route: Ints, line: Small,
    gap: Ints, draft: Ints, counter: Ints,
) -> None:  # fmt: skip
    """Time and price all routes as they were handed over."""
    cost = 0
    for k in range(len(duty)):
        s = used[k, U_SLOT]
        if not settle(s, k, visit, window, mate, duty, price, moved, used, route, line, gap, draft):
            counter[N_FAILED] = 1
        cost += route[s, R_COST]
    for i in range(len(visit)):
        if moved[i, M_DUTY] < 0:
            cost += visit[i, V_MISSING]
    counter[N_COST] = counter[N_BEST] = cost
    counter[N_BEST_OUT] = counter[N_OUT]
    counter[N_STAMP] = len(duty)


@compiled
def run(m: Tables, now: State, rounds: int, warm: float, factor: float, tune: Real) -> int:
    """Do rounds of ruin and recreate.

    Parameters
    ----------
    m, now
        The model, and the state that is changed.
    rounds
        How many at most; fewer where a route needs more room, or the notes are full.
    warm, factor
        Temperature of the first round, in units of cost, and of every next one as a share of the one before.
    tune
        Sizes and chances of the moves, see `columns`.

    Returns
    -------
    int
        Rounds done; -1 if the routes that were handed over cannot be done.
    """
    travel, back, visit, window, duty, near, mate, option, option_at, home, member, price = m
    known_stamp, known_cost, known_position, moved, used, movable, spare, route, line, gap, best, draft, note, noted, counter, chance = now  # fmt: skip  # noqa: E501
    if counter[N_STAMP] == 0:
        _begin(visit, window, mate, duty, price, moved, used, route, line, gap, draft, counter)
        if counter[N_FAILED] != 0:
            return -1
    if len(movable) == 0:
        return rounds
    temperature = warm
    for done in range(rounds):
        counter[N_ROUND] += 1
        counter[N_FAILED] = counter[N_ABSENT] = counter[N_OPENED] = 0
        _ruin(
            travel, back, visit, window, duty, near, mate, option, option_at, home, member, price, moved, used, movable,
            spare, route, line, gap, draft, counter, chance, tune,
        )  # fmt: skip
        if counter[N_FAILED] == 0:
            _order(travel, visit, price, moved, counter, chance)
            _recreate(
                travel, back, visit, window, duty, near, mate, option, option_at, home, member, price, known_stamp,
                known_cost, known_position, moved, used, spare, route, line, gap, draft, counter, chance, tune,
            )  # fmt: skip
        difference = _difference(visit, moved, used, route, counter)
        if tune[K_TAILS] > 0 and counter[N_FAILED] == 0 and difference < temperature * tune[K_TAILS_GATE]:
            exchange_tails(
                travel, visit, window, mate, duty, near, option, option_at, price, moved, used, spare, route, line, gap,
                draft, counter, tune,
            )  # fmt: skip
            difference = _difference(visit, moved, used, route, counter)
        if counter[N_FAILED] == 0 and difference < -temperature * math.log(1.0 - lot(chance)):
            counter[N_COST] += difference
            note_left_out(moved, counter)
            keep(used, spare, route, line, counter)
            if counter[N_COST] < counter[N_BEST]:
                note_best(used, route, line, gap, best, note, noted, counter)
        else:
            take_back(moved, used, spare, route, line, counter)
        temperature *= factor
        if counter[N_FULL] != 0 or counter[N_NOTES] > len(note) // 2:
            return done + 1
    return rounds
