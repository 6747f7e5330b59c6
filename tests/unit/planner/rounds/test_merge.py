"""The mix of routes: better than each plan it comes from, never worse than the one at hand."""

from __future__ import annotations

import pytest

from planner.rounds.alike import kinds
from planner.rounds.merge import Limits, merge
from planner.rounds.model import Model
from planner.rounds.pool import Pool, PooledRoute, pooled
from planner.rounds.problem import Problem
from planner.rounds.solution import Solution
from planner.rounds.travel import travel_matrix
from tests.support.rounds import parsed, small_problem

LIMITS = Limits(left_s=None, effort=1.0)


def two_by_two(**of_visits: object) -> Problem:
    """Two crews on one day, two visits at a, two at b: the best plan has one crew at each place."""
    document = small_problem(published=None, days=1)
    document["crews"] = [document["crews"][1] | {"id": name} for name in ("c1", "c2")]
    for crew in document["crews"]:
        crew["shifts"] = crew["shifts"][:1]
    places = {"v1": "a", "v2": "a", "v3": "b", "v4": "b"}
    visit = {"service_s": 1800, "first_day": 0, "last_day": 0} | of_visits
    document["visits"] = [visit | {"id": name, "location": place} for name, place in places.items()]
    return parsed(document)


def solution_of(problem: Problem, *routes: list[int]) -> Solution:
    solution = Solution(Model(problem, travel_matrix(problem.travel, problem.locations)))
    for duty, stops in enumerate(routes):
        way = solution.way(duty, stops)
        assert way is not None
        solution.put(way)
    return solution


def test_the_good_halves_of_two_bad_plans_make_a_better_one() -> None:
    problem = two_by_two()
    pool = Pool()
    for routes in ([[0, 1], []], [[], [2, 3]], [[0, 2], [1, 3]]):
        pool.add(solution_of(problem, *routes).ways)
    solution = solution_of(problem, [0, 2], [1, 3])
    before = solution.cost
    assert merge(solution, pool, 1, LIMITS)
    assert [way.stops for way in solution.ways] == [[0, 1], [2, 3]]
    # the bad plan drives home-a-b-home twice, 1800 s each; the good one home-a-home and home-b-home
    assert before - solution.cost == 2 * 1800 - (600 + 660) - (900 + 900)


def test_routes_of_duties_that_are_alike_are_mixed_whosever_they_were() -> None:
    problem = two_by_two()
    pool = Pool()
    for routes in ([[0, 1], []], [[2, 3], []]):  # both good halves were met on the first crew
        pool.add(solution_of(problem, *routes).ways)
    solution = solution_of(problem, [0, 2], [1, 3])
    assert merge(solution, pool, 1, LIMITS)
    assert sorted(way.stops for way in solution.ways) == [[0, 1], [2, 3]]


def test_duties_are_alike_unless_hours_or_visits_tell_them_apart() -> None:
    def found(**of_visits: object) -> list[int]:
        problem = two_by_two(**of_visits)
        return kinds(Model(problem, travel_matrix(problem.travel, problem.locations)))

    assert found() == [0, 0]
    assert found(crew_costs={"c1": 0, "c2": 1}) == [0, 1]
    assert found(pinned={"crew": "c1", "day": 0}) == [0, 1]


def test_the_best_plan_at_hand_is_left_alone() -> None:
    problem = two_by_two()
    pool = Pool()
    pool.add(solution_of(problem, [0, 2], [1, 3]).ways)
    solution = solution_of(problem, [0, 1], [2, 3])
    assert not merge(solution, pool, 1, LIMITS)
    assert [way.stops for way in solution.ways] == [[0, 1], [2, 3]]


def test_without_other_routes_there_is_nothing_to_mix() -> None:
    solution = solution_of(two_by_two(), [0, 1], [2, 3])
    pool = Pool()
    assert not merge(solution, pool, 1, LIMITS)
    pool.add(solution.ways)
    assert not merge(solution, pool, 1, LIMITS)


def test_a_visit_that_no_route_covers_stays_out() -> None:
    problem = two_by_two()
    pool = Pool()
    pool.add(solution_of(problem, [0, 1], []).ways)
    solution = solution_of(problem, [], [2])
    assert merge(solution, pool, 1, LIMITS)
    assert solution.left_out() == [3]


def test_a_mix_keeps_banks_apart() -> None:
    problem = two_by_two(bank="lobby", windows=[{"from_s": 30000, "to_s": 30000}])
    pool = Pool()
    for routes in ([[0], []], [[], [2]]):
        pool.add(solution_of(problem, *routes).ways)
    solution = solution_of(problem, [], [])
    assert merge(solution, pool, 1, LIMITS)
    assert solution.planned() == 1


@pytest.mark.parametrize("price", [1, 10**12])
def test_prices_of_any_size_are_mixed(price: int) -> None:
    document = two_by_two()
    costs = document.costs.__class__(price, price, price, price * 10, price)
    problem = document.__class__(**{name: getattr(document, name) for name in document.__struct_fields__} | {"costs": costs})
    pool = Pool()
    pool.add(solution_of(problem, [0, 1], [2, 3]).ways)
    solution = solution_of(problem, [0, 2], [1, 3])
    assert merge(solution, pool, 1, LIMITS)


def test_a_pool_keeps_the_cheapest_order_and_forgets_the_oldest() -> None:
    problem = two_by_two()
    pool = Pool(size=2)
    for routes in ([[0, 2], []], [[2, 0], []], [[], [1]]):
        pool.add(solution_of(problem, *routes).ways)
    # home-a-b-home takes 600 + 300 + 900, home-b-a-home 900 + 300 + 660
    assert [route.stops for route in pool.routes()] == [(0, 2), (1,)]
    pool.add_routes([PooledRoute(1, (3,), 1, {})])
    assert [route.stops for route in pool.routes()] == [(1,), (3,)]
    assert len(pool) == 2


def test_a_pooled_route_is_what_its_way_was() -> None:
    way = solution_of(two_by_two(), [0, 1]).ways[0]
    assert pooled(way) == PooledRoute(0, (0, 1), way.cost, None)
