"""The proved bound: what it is worth, what it leaves aside, and that it never is more than it may be."""

from __future__ import annotations

import random
from typing import Any

import pytest

from planner.rounds.bound import BoundProgress, bound
from planner.rounds.plan import Plan
from planner.rounds.solve import solve
from planner.rounds.stop import Stop
from tests.support.rounds import Document, parsed, small_problem


def town(visits: int, *, seed: int = 1, **changes: Any) -> Document:
    """One crew of two days, visits on a line, half of them in the morning only."""
    rng = random.Random(seed)  # noqa: S311 - places, not secrets
    spots = [0, *(rng.randrange(60, 3000) for _ in range(visits))]
    shift = {"from_s": 28800, "to_s": 57600, "start_location": "p0", "end_location": "p0"}
    document: Document = {
        "schema": "liftrounds/problem/1",
        "start_date": "2026-11-30",
        "days": 2,
        "time_zone": "Asia/Shanghai",
        "locations": [{"id": f"p{n}"} for n in range(visits + 1)],
        "travel": {"durations_s": [[abs(a - b) for b in spots] for a in spots]},
        "visits": [
            {"id": f"v{n}", "location": f"p{n}", "service_s": 1800, "first_day": 0, "last_day": 1}
            | ({"windows": [{"from_s": 28800, "to_s": 43200}]} if n % 2 else {})
            for n in range(1, visits + 1)
        ],
        "crews": [{"id": "c1", "shifts": [shift | {"day": day} for day in (0, 1)]}],
        "costs": {"travel_per_s": 1, "shift_used": 0, "overtime_per_s": 2, "missed_mandatory": 20000, "change": 0},
    }
    return document | changes


def test_a_plan_that_the_bound_reaches_is_the_best_there_is() -> None:
    problem = parsed(town(10))
    plan = solve(problem, Stop(rounds=300))
    found = bound(problem, Stop(rounds=500), plan)
    assert found.converged
    assert found.reason is None
    assert plan.cost is not None
    assert found.plan_cost == plan.cost.total
    assert found.gap is not None
    assert found.bound <= found.plan_cost
    assert found.gap < 0.05


def test_the_bound_knows_the_drive_home_which_the_price_of_each_visit_does_not() -> None:
    problem = parsed(town(1))
    there_and_back = 2 * parsed(town(1)).travel.durations_s[0][1]  # type: ignore[index]
    cut_short, whole = bound(problem, Stop(rounds=0)), bound(problem, Stop(rounds=100))
    assert (cut_short.bound, cut_short.converged, cut_short.method) == (there_and_back // 2, False, "simple")
    assert (whole.bound, whole.converged, whole.method) == (there_and_back, True, "columns")
    assert cut_short.reason == "the rounds were used up"


def test_a_break_that_takes_the_time_of_a_visit_counts() -> None:
    document = town(1)
    shift = document["crews"][0]["shifts"][0] | {"from_s": 28800, "to_s": 36000}
    document["crews"][0]["shifts"] = [shift]
    document["visits"][0] |= {"windows": [], "service_s": 1800, "mandatory": False, "defer_cost": 9999}
    free = bound(parsed(document), Stop(rounds=100))
    shift["break"] = {"from_s": 30000, "to_s": 33000, "duration_s": 7000}
    shift["max_duration_s"] = 7000
    document["visits"][0]["service_s"] = 5000
    hindered = bound(parsed(document), Stop(rounds=100))
    assert free.bound < 9999
    assert hindered.bound == 9999


def test_overtime_has_its_price() -> None:
    document = town(1)
    home_s = document["travel"]["durations_s"][1][0]
    shift = {"day": 0, "from_s": 28800, "to_s": 28800 + 1800, "max_overtime_s": 20000}
    document["crews"][0]["shifts"] = [shift | {"start_location": "p0", "end_location": "p0"}]
    assert bound(parsed(document), Stop(rounds=100)).bound == 2 * home_s + 2 * 2 * home_s


def test_a_pin_is_kept_if_it_can_be() -> None:
    document = town(2)
    document["visits"][0] |= {"mandatory": False, "defer_cost": 0, "pinned": {"crew": "c1", "day": 0}}
    document["visits"][1] |= {"mandatory": False, "defer_cost": 0}
    there = document["travel"]["durations_s"][0][1]
    assert bound(parsed(document), Stop(rounds=100)).bound == 2 * there


def test_pins_that_shut_each_other_out_leave_a_bound_of_what_remains() -> None:
    document = town(2)
    for visit in document["visits"]:
        visit |= {"pinned": {"crew": "c1", "day": 0}, "windows": [{"from_s": 28800 + 3000, "to_s": 28800 + 3001}]}
    found = bound(parsed(document), Stop(rounds=100))
    assert 20000 <= found.bound < 2 * 20000


@pytest.mark.parametrize("rounds", [0, 10, 30, 60])
def test_cut_short_a_bound_never_counts_on_pins_that_shut_each_other_out(rounds: int) -> None:
    document = town(6)
    for visit in document["visits"][:2]:
        visit |= {"pinned": {"crew": "c1", "day": 0}, "windows": [{"from_s": 28800 + 3000, "to_s": 28800 + 3001}]}
    problem = parsed(document)
    plan = solve(problem, Stop(rounds=300))
    assert plan.cost is not None
    assert bound(problem, Stop(rounds=rounds), plan).bound <= plan.cost.total


def test_nothing_to_do_costs_nothing() -> None:
    found = bound(parsed(town(0)), Stop(rounds=10))
    assert (found.bound, found.converged) == (0, True)


def test_without_crews_everything_is_left_out() -> None:
    found = bound(parsed(town(3, crews=[])), Stop(rounds=10))
    assert (found.bound, found.converged) == (60000, True)


def test_wishes_may_make_the_bound_negative() -> None:
    document = town(1)
    document["visits"][0]["crew_costs"] = {"c1": -50_000}
    there = document["travel"]["durations_s"][0][1]
    assert bound(parsed(document), Stop(rounds=100)).bound == 2 * there - 50_000


def test_prices_too_large_for_exact_arithmetic_still_have_a_bound() -> None:
    document = town(2)
    document["costs"] |= {"travel_per_s": 10**12, "missed_mandatory": 10**12}
    found = bound(parsed(document), Stop(rounds=100))
    assert found.method == "simple"
    assert found.bound > 0
    assert found.reason is not None
    assert "too large" in found.reason


def test_a_problem_too_large_for_memory_has_the_simple_bound_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = parsed(town(12))
    monkeypatch.setattr("planner.rounds.bound.shifts.MOST_CELLS", 100)
    found = bound(problem, Stop(rounds=10))
    assert found.reason == "the problem is too large for the proof"
    assert 0 < found.bound < bound(parsed(town(12)), Stop(rounds=0)).bound + 1


@pytest.mark.parametrize("limit_s", [0.0, 0.2])
def test_time_that_is_over_leaves_what_is_proved(limit_s: float) -> None:
    problem = parsed(town(10))
    found = bound(problem, Stop(limit_s))
    best = bound(problem, Stop(rounds=1000))
    assert best.converged
    assert 0 < found.bound <= best.bound


def test_whoever_asks_it_to_stop_is_heard_and_told() -> None:
    told: list[BoundProgress] = []
    found = bound(parsed(town(12)), Stop(rounds=1000, requested=lambda: len(told) >= 5), progress=told.append)
    assert found.reason == "it was asked to stop"
    bounds = [each.bound for each in told]
    assert bounds == sorted(bounds)
    assert found.bound >= bounds[-1]


def test_the_same_rounds_give_the_same_bound() -> None:
    problem = parsed(town(12))
    one, other = bound(problem, Stop(rounds=40)), bound(problem, Stop(rounds=40))
    assert (one.bound, one.rounds, one.routes) == (other.bound, other.rounds, other.routes)


def test_a_plan_of_another_problem_does_no_harm() -> None:
    plan: Plan = solve(parsed(town(6)), Stop(rounds=20))
    problem = parsed(small_problem())
    assert bound(problem, Stop(rounds=300), plan).bound == bound(problem, Stop(rounds=300)).bound
