"""What a search writes down after a round that is kept, compiled."""

from __future__ import annotations

from planner.rounds.kernel.columns import (
    B_START,
    B_STOP,
    G_START,
    L_STOP,
    M_ABSENT,
    M_DUTY,
    M_OUT,
    M_OUT_AT,
    N_ABSENT,
    N_BEST,
    N_BEST_OUT,
    N_COST,
    N_DIFFERING,
    N_NOTES,
    N_OUT,
    R_BANKED,
    R_COST,
    R_RETURN,
    R_STOPS,
    U_DIFFERING,
    U_DIFFERS,
    U_SLOT,
)
from planner.rounds.kernel.compiler import compiled, inlined
from planner.rounds.kernel.tables import Ints, Small

HASH_STEP = 1_000_003


@compiled
def note_left_out(moved: Ints, counter: Ints) -> None:
    """Keep the list of visits left out."""
    for q in range(counter[N_ABSENT]):
        i = moved[q, M_ABSENT]
        at = moved[i, M_OUT_AT]
        if moved[i, M_DUTY] < 0 and at < 0:
            moved[i, M_OUT_AT] = counter[N_OUT]
            moved[counter[N_OUT], M_OUT] = i
            counter[N_OUT] += 1
        elif moved[i, M_DUTY] >= 0 and at >= 0:
            counter[N_OUT] -= 1
            last = moved[counter[N_OUT], M_OUT]
            moved[at, M_OUT] = last
            moved[last, M_OUT_AT] = at
            moved[i, M_OUT_AT] = -1


@compiled
def note_best(used: Ints, route: Ints, line: Small, gap: Ints, best: Ints, note: Ints, noted: Ints, counter: Ints) -> None:
    """Copy the routes that differ from the best solution before."""
    for q in range(counter[N_DIFFERING]):
        k = used[q, U_DIFFERING]
        used[k, U_DIFFERS] = 0
        s = used[k, U_SLOT]
        n = route[s, R_STOPS]
        best[k, B_STOP, 0] = n
        for p in range(n):
            best[k, B_STOP, p + 1] = line[s, L_STOP, p]
        if route[s, R_BANKED] > 0:
            best[k, B_START, 0] = route[s, R_RETURN]
            for p in range(n):
                best[k, B_START, p + 1] = gap[s, p, G_START]
        if n > 0:
            _note_route(k, s, n, route, line, note, noted, counter)
    counter[N_DIFFERING] = 0
    counter[N_BEST] = counter[N_COST]
    counter[N_BEST_OUT] = counter[N_OUT]


@inlined
def _note_route(k: int, s: int, n: int, route: Ints, line: Small, note: Ints, noted: Ints, counter: Ints) -> None:
    """Note a route for the pool, unless it was noted lately or the notes are full."""
    key = k + 1
    for p in range(n):
        key = key * HASH_STEP + line[s, L_STOP, p] + 7
    key ^= key >> 29
    at = key & (len(noted) - 1)
    begin = counter[N_NOTES]
    if noted[at] == key or begin + n + 3 > len(note):
        return
    noted[at] = key
    note[begin] = k
    note[begin + 1] = n
    note[begin + 2] = route[s, R_COST]
    for p in range(n):
        note[begin + 3 + p] = line[s, L_STOP, p]
    counter[N_NOTES] = begin + 3 + n
