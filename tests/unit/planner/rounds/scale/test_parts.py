"""Parts of a plan: what is in them, that prices stay what they are, and that nothing gets worse by putting them back."""

from __future__ import annotations

import random

import msgspec
import numpy as np

from planner.rounds.construct import insert_all
from planner.rounds.insertion import Neighbourhood
from planner.rounds.model import Model
from planner.rounds.problem import Problem
from planner.rounds.scale.back import Best, put_back
from planner.rounds.scale.part import part_of
from planner.rounds.scale.task import Better, Terms, encode, run, search
from planner.rounds.scale.territory import Atlas, Territory
from planner.rounds.solution import Solution
from planner.rounds.travel import travel_matrix
from tests.unit.planner.rounds.test_solve import town


def rng() -> random.Random:
    return random.Random(1)  # noqa: S311 - a search, not a secret


def first_plan(problem: Problem) -> tuple[Solution, Neighbourhood]:
    model = Model(problem, travel_matrix(problem.travel, problem.locations))
    near, solution = Neighbourhood(model), Solution(model)
    insert_all(solution, near, range(model.visits), rng(), lambda: False)
    return solution, near


def test_a_part_has_its_duties_visits_and_places_and_nothing_else() -> None:
    solution, _ = first_plan(town(visits=60, crews=4))
    model = solution.model
    duties = [1, 2, 6]
    visits = [i for k in duties for i in solution.ways[k].stops]
    part = part_of(model, duties, visits)
    own = Model(part.problem, part.matrix)
    assert part.duties == duties
    assert [visit.id for visit in part.problem.visits] == [model.problem.visits[i].id for i in visits]
    assert len(part.problem.locations) <= len(visits) + 2 * len(duties)
    inside = Solution(own)
    for n, k in enumerate(duties):
        way = inside.way(n, [visits.index(i) for i in solution.ways[k].stops])
        assert way is not None
        assert way.cost == solution.ways[k].cost
        assert way.legs == solution.ways[k].legs


def test_a_territory_is_whole_routes_around_one_place_and_keeps_clear_of_busy_ones() -> None:
    solution, _ = first_plan(town(visits=150, crews=8))
    atlas = Atlas(solution.model, rng())
    busy: list[Territory] = []
    for _ in range(3):
        found = atlas.choose(solution, 40, busy)
        assert found is not None
        planned = {i for k in found.duties for i in solution.ways[k].stops}
        assert planned <= set(found.visits)
        assert all(solution.duty_of[i] < 0 for i in set(found.visits) - planned)
        assert len(planned) <= 40
        assert not any(set(found.duties) & set(other.duties) or set(found.visits) & set(other.visits) for other in busy)
        busy.append(found)


def test_territories_cover_everything_and_are_cut_elsewhere_every_time() -> None:
    solution, _ = first_plan(town(visits=150, crews=8))
    atlas = Atlas(solution.model, rng())
    found = [atlas.choose(solution, 40) for _ in range(12)]
    worked = {k for k, way in enumerate(solution.ways) if way.stops}
    assert worked <= {k for each in found if each for k in each.duties}
    assert len({tuple(each.duties) for each in found if each}) > 6


def test_visits_left_out_are_brought_in_where_there_is_something_to_do() -> None:
    solution, _ = first_plan(town(visits=90, crews=2))
    assert solution.left_out()
    found = Atlas(solution.model, rng()).choose(solution, 30)
    assert found is not None
    assert any(solution.duty_of[i] < 0 for i in found.visits)


def test_of_a_plan_without_routes_the_empty_duties_are_a_territory() -> None:
    problem = town(visits=30)
    solution = Solution(Model(problem, travel_matrix(problem.travel, problem.locations)))
    found = Atlas(solution.model, rng()).choose(solution, 40)
    assert found is not None
    assert found.duties == list(range(4))
    assert found.visits


def test_a_task_finds_better_routes_and_says_the_same_whether_as_bytes_or_not() -> None:
    solution, near = first_plan(town(visits=60, crews=4))
    found = Atlas(solution.model, rng()).choose(solution, 30)
    assert found is not None
    part = part_of(solution.model, found.duties, found.visits)
    ways = [[part.visits.index(i) for i in solution.ways[k].stops] for k in part.duties]
    terms = Terms(ways, seed=1, seconds=None, rounds=300, warm=0.5, cold=0.02)
    better = search(part.problem, part.matrix, terms, lambda: 0.0)
    assert msgspec.json.decode(run(encode(part.problem, part.matrix, terms)), type=Better).ways == better.ways
    before, best = solution.cost, Best(solution)
    put_back(solution, part, better.ways, near, rng())
    assert solution.cost < before
    best.note()
    put_back(solution, part, ways, near, rng())
    assert solution.cost == before
    best.note()
    best.restore()
    assert solution.cost == best.cost < before


def test_routes_whose_banks_are_busy_elsewhere_by_now_are_mended_or_left_aside() -> None:
    problem = town(visits=40, crews=4, bank="lobby", windows=[{"from_s": 28800, "to_s": 43200}])
    solution, near = first_plan(problem)
    model = solution.model
    duties = [k for k, way in enumerate(solution.ways) if way.stops][:2]
    visits = [i for k in duties for i in solution.ways[k].stops]
    part = part_of(model, duties, visits)
    ways = [[visits.index(i) for i in solution.ways[k].stops] for k in duties]
    put_back(solution, part, [ways[0] + ways[1], []], near, rng())
    assert solution.cost == sum(way.cost for way in solution.ways) + sum(model.price[i] for i in solution.left_out())


def test_travel_times_reach_the_worker_unchanged() -> None:
    solution, _ = first_plan(town(visits=30))
    part = part_of(solution.model, [0, 1], range(30))
    data = encode(
        part.problem,
        part.matrix,
        Terms(
            [[], []],
            1,
            None,
            0,
            1.0,
            0.5,
        ),
    )
    assert np.frombuffer(data[-part.matrix.nbytes :], "<i4").tolist() == part.matrix.ravel().tolist()
