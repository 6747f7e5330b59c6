"""Runs the kernel in short pieces, between which others are heard."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection

import numpy as np

from planner.rounds.insertion import ALL_DUTIES, NEAR_VISITS, Neighbourhood
from planner.rounds.kernel import columns as c
from planner.rounds.kernel.arrays import STAMPS, grown, state, tables, take_over, with_new_stamps
from planner.rounds.kernel.tables import Real, State
from planner.rounds.model import without_pins
from planner.rounds.pool import Pool, PooledRoute
from planner.rounds.solution import Solution

_LOG = logging.getLogger(__name__)
PIECE_S = 0.05
"""Seconds that one piece should take."""
FIRST_PIECE = 200
"""Rounds of the first piece, from which the length of the others is worked out."""
MOST_GROWTH = 4.0
"""A piece is at most so many times as long as the one before."""
MEAN_REMOVED, LONGEST_STRING, SPLIT_CHANCE, SPLIT_DEPTH = 12.0, 10.0, 0.5, 0.01
BLINK, GENEROUS_CHANCE, LEFT_OUT_CHANCE = 0.03, 0.05, 0.2
WHOLE_CHANCE = 0.02
"""Share of rounds in which strings may be as long as whole routes: a crew's day is never given up in pieces of ten."""
OPEN_CHANCE = 0.5
"""Share of the rounds beside a visit left out in which it may take a crew with it that has nothing to do. The drive there is
worth it for many visits together only, so that no single one would go."""
TAILS, TAILS_GATE = 10, 2.0
"""Neighbours with which ends of routes are exchanged, and up to which loss such rounds are worth the trouble, as a multiple of
the temperature."""

TUNE = np.zeros(c.MOVES, np.float64)
for _column, _value in (
    (c.K_MEAN, MEAN_REMOVED),
    (c.K_LONGEST, LONGEST_STRING),
    (c.K_SPLIT, SPLIT_CHANCE),
    (c.K_SPLIT_DEPTH, SPLIT_DEPTH),
    (c.K_BLINK, BLINK),
    (c.K_GENEROUS, GENEROUS_CHANCE),
    (c.K_LEFT_OUT, LEFT_OUT_CHANCE),
    (c.K_ALL, ALL_DUTIES),
    (c.K_NEAR, NEAR_VISITS),
    (c.K_TAILS, TAILS),
    (c.K_TAILS_GATE, TAILS_GATE),
    (c.K_WHOLE, WHOLE_CHANCE),
    (c.K_OPEN, OPEN_CHANCE),
):
    TUNE[_column] = _value


def scale_of(solution: Solution) -> float:
    """Give the yardstick of temperatures: the mean cost of a planned visit's drive; where driving is free, of its route."""
    driven = sum(sum(way.legs) for way in solution.ways) * solution.model.problem.costs.travel_per_s
    driven = driven or sum(abs(way.cost) for way in solution.ways)
    return max(1.0, driven / max(1, solution.planned()))


def drive(
    solution: Solution,
    near: Neighbourhood,
    seed: int,
    rounds: int | None,
    keep_going: Callable[[], float | None],
    warm: float,
    cold: float,
    pool: Pool | None,
    free: Collection[int] | None,
    tell: Callable[[int, int], None] | None,
    last: list[list[int]] | None = None,
    tune: Real = TUNE,
) -> int:
    """Do what `planner.rounds.kernel.improve` promises, the machine code being at hand."""
    from planner.rounds.kernel.entry import search

    m = tables(solution.model, near)
    now = state(m, solution, seed, free)
    if not len(now.movable) or not len(m.duty):
        return 0
    idle = sum(duty < 0 for duty in solution.duty_of) - int(now.counter[c.N_OUT])  # left out, and may not be moved
    scale = scale_of(solution)
    done = count = 0
    piece = FIRST_PIECE
    share_before, pace = 0.0, 0.0
    while (rounds is None or done < rounds) and (share := keep_going()) is not None:
        if rounds is not None:
            share, pace = max(share, done / rounds), 1.0 / rounds
            piece = min(piece, rounds - done)
        elif count:
            pace = max(0.0, share - share_before) / count
        share_before = share
        temperature = scale * warm * (cold / warm) ** min(1.0, share)
        begun_s = time.perf_counter()
        count = search(m, now, piece, temperature, (cold / warm) ** pace, tune)
        if count < 0:
            _LOG.error("the kernel cannot do a route that it was given, this is a mistake of ours; the plan stays as it was")
            return done
        took_s = time.perf_counter() - begun_s
        done += count
        piece = max(1, int(count * min(MOST_GROWTH, PIECE_S / max(took_s, 1e-6))))
        if now.counter[c.N_FULL]:
            now = grown(m, now)
        if now.counter[c.N_STAMP] > STAMPS:
            now = with_new_stamps(m, now)
        _hand_over_notes(now, pool)
        if tell is not None:
            cost = without_pins(int(now.counter[c.N_BEST]), int(m.price[c.P_PINNED])) * int(m.price[c.P_UNIT])
            tell(cost, len(m.visit) - idle - int(now.counter[c.N_BEST_OUT]))
    if last is not None:
        slots = now.used[:, c.U_SLOT].tolist()
        last[:] = [now.line[s, c.L_STOP, : now.route[s, c.R_STOPS]].tolist() for s in slots]
    take_over(now, solution)
    return done


def _hand_over_notes(now: State, pool: Pool | None) -> None:
    """Give the pool the routes that were noted, and make room for more."""
    count = int(now.counter[c.N_NOTES])
    now.counter[c.N_NOTES] = 0
    if pool is None or not count:
        return
    noted = now.note[:count].tolist()
    routes = []
    at = 0
    while at < count:
        duty, stops, cost = noted[at : at + 3]
        routes.append(PooledRoute(duty, tuple(noted[at + 3 : at + 3 + stops]), cost, None))
        at += 3 + stops
    pool.add_routes(routes)
