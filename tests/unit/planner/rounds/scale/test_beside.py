"""A second engine on one of a team: what it found is taken, and its loss is no loss."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from typing import Any

from planner.rounds.evaluate import evaluate
from planner.rounds.kernel import ready
from planner.rounds.model import Model
from planner.rounds.pool import Pool
from planner.rounds.scale.beside import MANY, Beside, is_beside
from planner.rounds.scale.team import Team
from planner.rounds.solution import Solution
from planner.rounds.solve import Search, solve
from planner.rounds.stop import Progress, Stop
from planner.rounds.travel import travel_matrix
from tests.bench.rounds.classes import instance

PROBLEM = instance("vrptw", "rc2", 60, 1)


def empty() -> Solution:
    return Solution(Model(PROBLEM, travel_matrix(PROBLEM.travel, PROBLEM.locations)))


class Lost(Executor):
    """Workers that die at once."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(BrokenExecutor("killed"))
        return future


def test_its_plan_and_its_routes_are_taken() -> None:
    solution, pool = empty(), Pool()
    with ThreadPoolExecutor(2) as executor:
        team = Team.of(executor, 2)
        other = Beside.begin(solution, team, 1, 0.5, afresh=True)
        before = solution.cost
        assert other.take(solution, pool, 60)
    assert solution.cost < before
    assert len(solution.left_out()) == 0
    assert len(pool) > sum(1 for way in solution.ways if way.stops)


def test_a_search_that_was_lost_leaves_everything_as_it_is() -> None:
    solution, pool = empty(), Pool()
    other = Beside.begin(solution, Team.of(Lost(), 2), 1, 0.5, afresh=True)
    before = solution.cost
    assert not other.take(solution, pool)
    assert (solution.cost, len(pool)) == (before, 0)


def constructed(layout: str, clients: int) -> Solution:
    search = Search(instance("vrptw", layout, clients, 1), Stop(rounds=0), 1)
    search.construct()
    return search._solution


def test_many_visits_on_long_routes_are_searched_with_a_second_engine_and_nothing_else() -> None:
    two, one = Team.of(Lost(), 2), Team.of(Lost(), 1)
    long_routes = constructed("r2", MANY)
    assert is_beside(long_routes, two)
    assert not is_beside(long_routes, one)
    assert not is_beside(long_routes, None)
    assert not is_beside(constructed("r2", MANY - 1), two)
    assert not is_beside(constructed("r1", MANY), two)


def test_a_plan_of_two_engines_is_a_plan() -> None:
    ready.load()  # the engines are to search, not the compiler
    seen: list[Progress] = []
    problem = instance("vrptw", "r2", MANY, 1)
    with ThreadPoolExecutor(2) as executor:
        plan = solve(problem, Stop(4.0), team=Team.of(executor, 2), progress=seen.append)
    assert evaluate(problem, plan).valid
    assert len(plan.unplanned) <= len(list(constructed("r2", MANY).left_out()))
    assert seen[-1].phase == "done"
