"""Puts what was found in a part back into the whole plan."""

from __future__ import annotations

import random
from collections.abc import Sequence

from planner.rounds.insertion import Inserter, Neighbourhood
from planner.rounds.pool import PooledRoute
from planner.rounds.scale.part import Part
from planner.rounds.scale.task import Better
from planner.rounds.solution import Solution


def put_back(solution: Solution, part: Part, better: Better, near: Neighbourhood, rng: random.Random) -> bool:
    """Take over the routes of a part, if the whole plan is cheaper with them.

    What is at work on a bank elsewhere was not known where the part was searched: stops that it forbids go where they can.

    Parameters
    ----------
    solution
        The whole; on the part's duties, nothing but the part's visits may have been planned since.
    part, better
        What was searched, and what was found.
    near
        The whole model's neighbourhood.
    rng
        For ties.

    Returns
    -------
    bool
        Whether the solution is better now.
    """
    before, old = solution.cost, [solution.ways[k] for k in part.duties]
    solution.clear(part.duties)
    for duty, stops in zip(part.duties, better.ways, strict=True):
        _put(solution, duty, [part.visits[i] for i in stops])
    if solution.has_banks:
        inserter = Inserter(solution, near, rng)
        for visit in part.visits:
            if solution.duty_of[visit] < 0:
                spot = inserter.best(visit, solution.model.price[visit])
                if spot is not None:
                    inserter.insert(visit, spot)
    if solution.cost < before:
        return True
    solution.clear(part.duties)
    solution.restore(old)
    return False


def _put(solution: Solution, duty: int, stops: list[int]) -> None:
    """Put in a route, without the visits of shared banks where those of other routes are in the way."""
    way = solution.way(duty, stops)
    if way is None:
        way = solution.way(duty, [i for i in stops if solution.model.bank[i] < 0])
    if way is not None:
        solution.put(way)


def met_routes(part: Part, better: Better) -> Sequence[PooledRoute]:
    """Give the routes met, in numbers of the whole."""
    return [
        PooledRoute(part.duties[duty], tuple(part.visits[i] for i in stops), cost, None) for duty, stops, cost in better.met
    ]
