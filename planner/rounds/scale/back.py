"""Puts what was found in a part back into the whole plan."""

from __future__ import annotations

import random
from collections.abc import Sequence

from planner.rounds.insertion import Inserter, Neighbourhood
from planner.rounds.pool import PooledRoute
from planner.rounds.scale.part import Part
from planner.rounds.scale.task import Better
from planner.rounds.solution import Solution


def put_back(solution: Solution, part: Part, ways: Sequence[Sequence[int]], near: Neighbourhood, rng: random.Random) -> None:
    """Take over the routes of a part.

    What is at work on a bank elsewhere was not known where the part was searched: stops that it forbids go where they can.

    Parameters
    ----------
    solution
        The whole; on the part's duties, nothing but the part's visits may have been planned since.
    part, ways
        What was searched, and the stops found per duty, in numbers of the part.
    near
        The whole model's neighbourhood.
    rng
        For ties.
    """
    solution.clear(part.duties)
    for duty, stops in zip(part.duties, ways, strict=True):
        _put(solution, duty, [part.visits[i] for i in stops])
    if not solution.has_banks:
        return
    inserter = Inserter(solution, near, rng)
    for visit in part.visits:
        if solution.duty_of[visit] < 0:
            spot = inserter.best(visit, solution.model.price[visit])
            if spot is not None:
                inserter.insert(visit, spot)


class Best:
    """The cheapest state of a solution so far.

    Attributes
    ----------
    cost, planned
        What it costs, and how many visits it plans.
    """

    def __init__(self, solution: Solution) -> None:
        self._solution = solution
        self._note()

    def note(self) -> None:
        """Remember the solution as it is now, if it is cheaper."""
        if self._solution.cost < self.cost:
            self._note()

    def _note(self) -> None:
        self.cost, self.planned = self._solution.cost, self._solution.planned()
        self._ways = list(self._solution.ways)

    def restore(self) -> None:
        """Give the solution this state again."""
        if self._solution.cost != self.cost:
            self._solution.clear(range(len(self._ways)))
            self._solution.restore(self._ways)


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
