"""The compiled search: its pieces, its limits and what it tells."""

from __future__ import annotations

import logging
import random
import threading
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from planner.rounds import kernel
from planner.rounds.answer import plan_of
from planner.rounds.construct import by_urgency, insert_all
from planner.rounds.evaluate import evaluate
from planner.rounds.insertion import Neighbourhood
from planner.rounds.kernel import arrays, drive, entry, ready
from planner.rounds.kernel import columns as c
from planner.rounds.model import PIN_PRICE, Model
from planner.rounds.pool import Pool
from planner.rounds.problem import MAX_COST, parse_problem
from planner.rounds.solution import Solution
from planner.rounds.solve import solve
from planner.rounds.stop import Stop
from planner.rounds.travel import travel_matrix
from tests.support.rounds import parsed

DAY_S = 30_000


def town(visits: int = 40, crews: int = 2, days: int = 2, seed: int = 1, **changes: Any) -> Solution:
    """Visits strewn over a town, and nothing planned yet; later ones may be deferred."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    spots = [(rng.randrange(60), rng.randrange(60)) for _ in range(visits + crews)]
    table = [[20 * (abs(a - x) + abs(b - y)) for x, y in spots] for a, b in spots]
    homes = [f"p{visits + n}" for n in range(crews)]
    document = {
        "schema": "liftrounds/problem/1",
        "start_date": "2026-11-30",
        "days": days,
        "time_zone": "Asia/Shanghai",
        "locations": [{"id": f"p{n}"} for n in range(len(spots))],
        "travel": {"durations_s": table},
        "visits": [
            {"id": f"v{n}", "location": f"p{n}", "service_s": 600, "first_day": 0, "last_day": days - 1}
            | ({"mandatory": False, "defer_cost": 900} if n % 4 == 3 else {})
            for n in range(visits)
        ],
        "crews": [
            {"id": f"c{n}"}
            | {
                "shifts": [
                    {"day": day, "from_s": 0, "to_s": DAY_S, "start_location": home, "end_location": home}
                    for day in range(days)
                ]
            }
            for n, home in enumerate(homes)
        ],
        "costs": {"travel_per_s": 1, "shift_used": 0, "overtime_per_s": 0, "missed_mandatory": 50_000, "change": 0},
    }
    problem = parsed(document | changes)
    return Solution(Model(problem, travel_matrix(problem.travel, problem.locations)))


def planned(solution: Solution) -> Neighbourhood:
    near = Neighbourhood(solution.model)
    chance = random.Random(1)  # noqa: S311 - no secret
    insert_all(solution, near, by_urgency(solution.model, solution.left_out()), chance, going_on)
    return near


def going() -> float:
    return 0.0


def stops_of(solution: Solution) -> list[list[int]]:
    return [list(way.stops) for way in solution.ways]


def improved(solution: Solution, **changes: Any) -> int:
    terms: dict[str, Any] = {"seed": 1, "rounds": 2_000, "keep_going": going, "warm": 2.0} | changes
    return kernel.improve(solution, **terms)


def test_it_finds_a_cheaper_solution_by_far() -> None:
    solution = town(120)
    planned(solution)
    before = solution.cost
    assert improved(solution, rounds=10_000) == 10_000
    assert solution.cost < 0.85 * before
    verdict = evaluate(solution.model.problem, plan_of(solution, Neighbourhood(solution.model), going_on, seed=1, wall_s=None))
    assert verdict.valid
    assert verdict.cost.total == solution.cost


def going_on() -> bool:
    return False


def test_stamps_that_begin_anew_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    results = []
    for most in (1 << 30, 50):
        monkeypatch.setattr(drive, "STAMPS", most)
        solution = town()
        planned(solution)
        improved(solution)
        results.append(stops_of(solution))
    assert results[0] == results[1]


def test_a_crew_with_nothing_to_do_is_taken_for_many_visits_of_which_none_is_worth_the_way() -> None:
    far = [[0, *[3_000] * 20], *([3_000, *[10 if a != b else 0 for b in range(20)]] for a in range(20))]
    places = [20, *range(20)]  # the crew's home is the last one
    table = [[far[places.index(a)][places.index(b)] for b in range(21)] for a in range(21)]
    problem = town(20, 1, 1, travel={"durations_s": table}).model.problem
    optional = [msgspec.structs.replace(visit, mandatory=False, defer_cost=500) for visit in problem.visits]
    problem = msgspec.structs.replace(problem, visits=tuple(optional))
    solution = Solution(Model(problem, travel_matrix(problem.travel, problem.locations)))
    planned(solution)
    assert solution.planned() == 0
    improved(solution, rounds=400)
    assert solution.planned() == 20


def test_the_length_of_its_pieces_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    results = []
    for first in (7, 1_500):
        monkeypatch.setattr(drive, "FIRST_PIECE", first)
        solution = town()
        planned(solution)
        improved(solution)
        results.append(stops_of(solution))
    assert results[0] == results[1]


def test_other_seeds_lead_elsewhere() -> None:
    found = set()
    for seed in (1, 2, 3):
        solution = town(80)
        planned(solution)
        improved(solution, seed=seed, rounds=200)
        found.add(str(stops_of(solution)))
    assert len(found) == 3


def test_routes_may_grow_beyond_the_room_they_begin_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "LEAST_ROOM", 1)
    solution = town(crews=1)
    improved(solution)
    assert max(len(way.stops) for way in solution.ways) > 4
    roomy = town(crews=1)
    monkeypatch.setattr(arrays, "LEAST_ROOM", 200)
    improved(roomy)
    assert roomy.planned() == solution.planned() == 40


def test_it_stops_when_told_and_keeps_the_best() -> None:
    solution = town()
    planned(solution)
    before = solution.cost
    answers = iter([0.0, 0.1, 0.2])
    done = improved(solution, rounds=None, keep_going=lambda: next(answers, None))
    assert done > 0
    assert solution.cost <= before


def test_told_to_stop_at_once_it_does_nothing() -> None:
    solution = town()
    planned(solution)
    before = stops_of(solution)
    assert improved(solution, keep_going=lambda: None) == 0
    assert stops_of(solution) == before


def test_it_tells_what_the_best_costs_and_how_much_it_plans() -> None:
    solution = town()
    planned(solution)
    told: list[tuple[int, int]] = []
    improved(solution, tell=lambda cost, visits: told.append((cost, visits)))
    assert told[-1] == (solution.cost, solution.planned())
    assert [cost for cost, _ in told] == sorted((cost for cost, _ in told), reverse=True)


def test_a_pool_is_told_of_routes_with_their_true_price() -> None:
    solution = town(120)
    planned(solution)
    pool = Pool()
    improved(solution, pool=pool)
    assert len(pool) > sum(bool(way.stops) for way in solution.ways)
    for route in pool.routes():
        way = solution.way(route.duty, list(route.stops))
        assert way is not None
        assert way.cost == route.cost


def test_visits_that_are_not_free_stay_with_their_duty_in_their_order() -> None:
    solution = town()
    planned(solution)
    before = stops_of(solution)
    free = set(range(0, 40, 3))
    improved(solution, free=free, warm=20.0)
    for then, now in zip(before, stops_of(solution), strict=True):
        assert [i for i in then if i not in free] == [i for i in now if i not in free]


def test_prices_beyond_64_bits_are_counted_in_a_coarser_unit() -> None:
    dear = {"travel_per_s": MAX_COST, "shift_used": MAX_COST, "overtime_per_s": MAX_COST, "missed_mandatory": MAX_COST}
    assert arrays.tables(town().model, Neighbourhood(town().model)).price[c.P_UNIT] == 1
    far = [[0 if a == b else 500_000_000 for b in range(14)] for a in range(14)]
    solution = town(costs=dear | {"change": 0}, visits=12, travel={"durations_s": far})
    m = arrays.tables(solution.model, Neighbourhood(solution.model))
    assert m.price[c.P_UNIT] > 1
    before = solution.cost
    improved(solution)
    assert solution.cost <= before


def test_a_pinned_visit_comes_first_in_money_too() -> None:
    solution = town(visits=12)
    m = arrays.tables(solution.model, Neighbourhood(solution.model))
    others = int(m.visit[:, c.V_MISSING].sum())
    assert others < m.price[c.P_PINNED] <= PIN_PRICE


def test_equal_duties_are_one_group() -> None:
    one_home = town(crews=1, days=3)
    numbers, member, begins = arrays._groups(one_home.model)
    assert len(set(numbers)) == 3  # days differ
    assert member.tolist() == [0, 1, 2]
    assert np.diff(begins).tolist() == [1, 1, 1]


def test_a_matrix_that_may_not_be_written_is_none_the_less_searched() -> None:
    solution = town()
    solution.model.matrix.flags.writeable = False
    planned(solution)
    assert improved(solution, rounds=50) == 50


def test_times_that_moved_beside_a_bank_are_taken_over_with_the_stops_that_stayed() -> None:
    made_up = Path(__file__).parents[4] / "data" / "problem_with_tied_banks.json"
    plan = solve(parse_problem(made_up.read_bytes()), Stop(rounds=3000), seed=10318)
    assert {left_out.code for left_out in plan.unplanned}  # it was stated at all, and checked


@pytest.fixture
def _unloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "_loaded", threading.Event())


def failing(*_: object) -> int:
    raise OSError("no room for machine code")


@pytest.mark.usefixtures("_unloaded")
@pytest.mark.parametrize("waits", [True, False])
def test_where_nothing_can_be_compiled_plain_python_searches_and_one_sentence_says_so(
    waits: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(entry, "search", failing)
    monkeypatch.setattr(entry, "discard", lambda: None)
    monkeypatch.setattr(ready, "_mark", lambda: None)
    solution = town()
    planned(solution)
    before = solution.cost
    with caplog.at_level(logging.WARNING):
        kernel.improve(solution, seed=1, rounds=300, keep_going=going, warm=2.0, waits=waits)
    assert solution.cost < before
    told = {record.getMessage() for record in caplog.records}
    assert told == {"the quick search cannot be compiled here (no room for machine code); a slower one makes the plans"}


@pytest.mark.usefixtures("_unloaded")
def test_what_is_compiled_but_cannot_be_kept_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = entry.search, 0

    def full_disk_once(*terms: Any) -> int:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise OSError("no space left on the device")
        return real(*terms)

    monkeypatch.setattr(entry, "search", full_disk_once)
    ready.load()
    assert (calls, ready.is_loaded()) == (2, True)


@pytest.mark.usefixtures("_unloaded")
def test_machine_code_that_cannot_be_read_is_thrown_away_and_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    real, broken = entry.search, True

    def discard() -> None:
        nonlocal broken
        broken = False

    def read(*terms: Any) -> int:
        if broken:
            raise EOFError("ran out of input")
        return real(*terms)

    monkeypatch.setattr(entry, "search", read)
    monkeypatch.setattr(entry, "discard", discard)
    monkeypatch.setattr(ready, "_mark", lambda: None)
    ready.load()
    assert ready.is_loaded()
    assert not broken
