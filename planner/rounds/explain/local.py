"""A small search around one visit: some routes are planned anew, all others stay as they are.

Plain Python on purpose: a few hundred rounds over a handful of routes are done in less time than it takes to load the
compiled search. The moves are those of ruin and recreate (`planner.rounds.search`), accepted only where nothing is lost.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from planner.rounds.explain.look import inserter_of
from planner.rounds.solution import Solution, Way

MOST_REMOVED = 8
"""Visits taken out in one round."""
NEAR_CHANCE = 0.7
"""Share of rounds that take out neighbours; the others take out any."""


def resettle(solution: Solution, duties: Sequence[int], rounds: int, rng: random.Random) -> None:
    """Look for cheaper routes on some duties; never ends with dearer ones.

    Parameters
    ----------
    solution
        Changed in place. Visits of these duties, and visits left out that may go there, should have no other options.
    duties
        The routes that may change.
    rounds
        How often visits are taken out and put back.
    rng
        All chance comes from here.
    """
    inserter = inserter_of(solution)
    chosen = set(duties)
    outside = [i for i in solution.left_out() if not chosen.isdisjoint(solution.model.options[i])]
    for _ in range(rounds):
        here = [i for k in duties for i in solution.ways[k].stops]
        if not here:
            return
        before = solution.cost
        saved: dict[int, Way] = {}
        absent = _take_out(solution, here, rng, saved)
        absent += [i for i in outside if solution.duty_of[i] < 0 and i not in absent]
        rng.shuffle(absent)
        absent.sort(key=lambda i: -solution.model.price[i])
        for i in absent:
            spot = inserter.best(i, solution.model.price[i], everywhere=True)
            if spot is not None:
                saved.setdefault(spot.duty, solution.ways[spot.duty])
                inserter.insert(i, spot)
        if solution.cost >= before:  # what gains nothing would only be one more change
            solution.restore(list(saved.values()), before)


def _take_out(solution: Solution, here: list[int], rng: random.Random, saved: dict[int, Way]) -> list[int]:
    """Take some visits out, neighbours of one drawn by lot in most rounds; notes the ways as they were."""
    model = solution.model
    seed = rng.choice(here)
    count = rng.randint(1, min(MOST_REMOVED, len(here)))
    if rng.random() < NEAR_CHANCE:
        away = model.travel[model.place[seed]]
        taken = sorted(here, key=lambda i: away[model.place[i]] * (0.7 + 0.6 * rng.random()))[:count]
    else:
        taken = rng.sample(here, count)
    gone = set(taken)
    absent: list[int] = []
    for k in dict.fromkeys(solution.duty_of[i] for i in taken):
        way = solution.ways[k]
        saved.setdefault(k, way)
        shorter = solution.way(k, [i for i in way.stops if i not in gone])
        if shorter is None:  # a detour was a short cut
            shorter = solution.way(k, [])
            absent += way.stops
        else:
            absent += [i for i in way.stops if i in gone]
        assert shorter is not None  # noqa: S101 - an empty way can always be made
        solution.put(shorter)
    return absent
