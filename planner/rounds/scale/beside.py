"""Another engine beside our own: searches of the whole problem, each on a member of a team, mixed in the end.

For problems that one search handles whole, more hands are worth most where they search in another way.
"""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import dataclass

import msgspec

from planner.rounds import peer
from planner.rounds.model import Model
from planner.rounds.pool import Pool, pooled
from planner.rounds.scale import task
from planner.rounds.scale.team import Team, is_loss
from planner.rounds.solution import Solution

MANY, LONG_ROUTE = 400, 25
"""Visits of a problem, and stops of its routes on average, from which on PyVRP finds more than a second search of ours.
Measured on published instances, 60 s on two cores, gap to the best known value: with routes of some 50 stops 0.8 against 1.1
to 1.7 per cent, with routes of a dozen 0.6 to 2.6 against 0.9 to 1.9."""
LATE_S = 1.0
"""Seconds after its time that an answer is waited for."""


def is_beside(solution: Solution, team: Team | None) -> bool:
    """Tell whether PyVRP is to search beside us: where its way of searching is worth more than another search of ours."""
    if team is None or team.size() < 2 or team.failure or solution.model.visits < MANY:
        return False
    used = sum(1 for way in solution.ways if way.stops)
    if solution.planned() < LONG_ROUTE * max(1, used):
        return False
    return peer.is_installed() and peer.is_plain(solution.model)


@dataclass
class Beside:
    """A search of the whole problem by PyVRP, under way on one member of a team."""

    future: Future[bytes]

    @classmethod
    def begin(cls, solution: Solution, team: Team, seed: int, seconds: float, *, afresh: bool) -> Beside:
        """Start it from a solution or afresh, for so many seconds."""
        ways = [[] if afresh else list(way.stops) for way in solution.ways]
        terms = task.Terms(ways, seed, seconds, None, 0.0, 0.0)
        return cls(team.submit(run, task.encode(solution.model.problem, solution.model.matrix, terms)))

    def take(self, solution: Solution, pool: Pool, wait_s: float = LATE_S) -> bool:
        """Take what was found into the pool, and into the solution if that is better; a search that was lost is no loss."""
        try:
            better = msgspec.json.decode(self.future.result(wait_s), type=task.Better)
        except TimeoutError:
            self.future.cancel()
            return False
        except Exception as error:
            if not is_loss(error):
                raise
            return False
        for duty, stops, _ in better.met:
            way = solution.way(duty, stops)
            if way is not None:
                pool.add_routes([pooled(way)])
        return _taken(solution, better.ways)


def _taken(solution: Solution, ways: list[list[int]]) -> bool:
    """Put a plan into the solution if it is cheaper."""
    before, old = solution.cost, list(solution.ways)
    solution.clear(range(len(old)))
    for duty, stops in enumerate(ways):
        way = solution.way(duty, stops) if stops else None
        if way is not None:
            solution.put(way)
    if solution.cost < before:
        return True
    solution.clear(range(len(old)))
    solution.restore(old)
    return False


def run(data: bytes) -> bytes:
    """Carry out a search by PyVRP; what a member of the team runs.

    Parameters
    ----------
    data
        Bytes of `planner.rounds.scale.task.encode`, of a whole problem.

    Returns
    -------
    bytes
        JSON of a `planner.rounds.scale.task.Better`; the prices of the routes met are not told.
    """
    begun_s = time.monotonic()
    problem, matrix, terms = task.decode(data)
    model = Model(problem, matrix)
    met: dict[tuple[int, tuple[int, ...]], None] = {}

    def note(ways: list[list[int]]) -> None:
        for duty, stops in enumerate(ways):
            if stops:
                met[duty, tuple(stops)] = None

    def keep_going() -> bool:
        return terms.seconds is None or time.monotonic() - begun_s < terms.seconds

    ways = peer.search(model, terms.ways, terms.seed, keep_going, note)
    routes = [(duty, list(stops), 0) for duty, stops in list(met)[-task.ROUTES_SENT :]]
    return msgspec.json.encode(task.Better(ways, routes, 0))
