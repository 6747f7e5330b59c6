"""Runs the kernel in short pieces, between which others are heard."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

import numpy as np

from planner.rounds.insertion import Neighbourhood
from planner.rounds.kernel import columns as c
from planner.rounds.kernel.arrays import grown, state, tables, take_over
from planner.rounds.kernel.types import Real, State
from planner.rounds.pool import Pool, PooledRoute
from planner.rounds.solution import Solution

PIECE_S = 0.05
"""Seconds that one piece should take."""
FIRST_PIECE = 200
"""Rounds of the first piece, from which the length of the others is worked out."""
MEAN_REMOVED, LONGEST_STRING, SPLIT_CHANCE, SPLIT_DEPTH = 12.0, 10.0, 0.5, 0.01
BLINK, GENEROUS_CHANCE, LEFT_OUT_CHANCE = 0.03, 0.05, 0.2

TUNE = np.array(
    [MEAN_REMOVED, LONGEST_STRING, SPLIT_CHANCE, SPLIT_DEPTH, BLINK, GENEROUS_CHANCE, LEFT_OUT_CHANCE], np.float64
)


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
    tune: Real = TUNE,
) -> int:
    """Do what `planner.rounds.kernel.improve` promises."""
    from planner.rounds.kernel.entry import search

    m, option = tables(solution.model, near)
    now = state(m, option, solution, seed, free)
    if not len(now.movable) or not len(m.duty):
        return 0
    scale = scale_of(solution)
    done, piece = 0, FIRST_PIECE
    at_share, at_s = 0.0, time.perf_counter()
    pace = 0.0  # share of the search that a round is
    while (share := keep_going()) is not None and (rounds is None or done < rounds):
        now_s = time.perf_counter()
        if rounds is not None:
            share, pace = max(share, done / rounds), 1.0 / rounds
            piece = min(piece, rounds - done)
        temperature = scale * warm * (cold / warm) ** min(1.0, share)
        factor = (cold / warm) ** pace
        begun_s = time.perf_counter()
        count = search(m, now, piece, temperature, factor, tune)
        if count < 0:
            raise AssertionError("the kernel cannot do a route that it was given, this is a mistake of ours")
        done += count
        took_s = time.perf_counter() - begun_s
        if rounds is None:
            pace = max(0.0, share - at_share) / count if now_s > at_s else 0.0
            at_share = share
        piece = max(1, int(count * min(4.0, PIECE_S / max(took_s, 1e-6))))
        if now.counter[c.N_FULL]:
            now = grown(m, now)
        _hand_over_notes(now, pool)
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
