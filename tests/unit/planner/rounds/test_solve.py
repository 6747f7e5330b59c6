"""The solver on small problems whose best plan is known, and at its limits: time, rounds, a wish to stop."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest

from planner.rounds.construct import adopt
from planner.rounds.evaluate import evaluate
from planner.rounds.kernel import drive
from planner.rounds.model import Model
from planner.rounds.plan import SCHEMA, Plan, Route, Stop, Unplanned, plan_bytes
from planner.rounds.problem import Problem
from planner.rounds.solution import Solution
from planner.rounds.solve import solve
from planner.rounds.stop import Progress
from planner.rounds.stop import Stop as Limit
from planner.rounds.travel import travel_matrix
from tests.support.rounds import Document, parsed, small_problem

ROUNDS = Limit(rounds=300)


def town(visits: int = 30, crews: int = 2, days: int = 2, **of_visits: Any) -> Problem:
    """A made-up town: places on a grid, half of the visits by noon, every fifth optional."""
    places = [{"id": f"p{n}", "lat": 28.6 + (n * 7 % 11) / 200, "lon": 121.4 + (n * 5 % 13) / 200} for n in range(40)]
    document = small_problem(
        days=days,
        locations=places,
        travel={"estimate": {"speed_kmh": 25, "detour": 1.3, "stop_s": 120}},
        visits=[
            {"id": f"v{n}", "location": f"p{n % 40}", "service_s": 1200 + n * 60 % 1500, "first_day": 0, "last_day": days - 1}
            | {"windows": [{"from_s": 28800, "to_s": 43200}] if n % 2 else [], "mandatory": n % 5 > 0, "defer_cost": 900}
            | of_visits
            for n in range(visits)
        ],
        crews=[
            {"id": f"c{n}"}
            | {
                "shifts": [
                    {"day": day, "from_s": 28800, "to_s": 61200, "start_location": f"p{n}", "end_location": f"p{n + 1}"}
                    | {"max_overtime_s": 1800, "break": {"from_s": 41400, "to_s": 46800, "duration_s": 3600}}
                    for day in range(days)
                ]
            }
            for n in range(crews)
        ],
        published=None,
    )
    return parsed(document)


def solved(problem: Problem | Document, start: Plan | None = None) -> Plan:
    """Solve and let the evaluator judge."""
    problem = parsed(problem) if isinstance(problem, dict) else problem
    plan = solve(problem, ROUNDS, start=start)
    verdict = evaluate(problem, plan)
    assert verdict.valid, verdict.violations
    assert verdict.warnings == ()
    return plan


def places_of(plan: Plan) -> dict[str, tuple[str, int]]:
    return {stop.visit: (route.crew, route.day) for route in plan.routes for stop in route.stops}


def test_the_small_problem_is_solved_to_its_optimum() -> None:
    # Only c1 on day 0 has the skill for v1 and the people for v2. v1 then v2: 600 + 300 + 900 s of driving, 100 for the
    # shift, 7 + 11 for day and crew of v1, 50 for v2, which was published elsewhere. v3 fits behind v2 at the same place
    # at no cost.
    plan = solved(small_problem())
    assert [stop.visit for stop in plan.routes[0].stops] in (["v1", "v2", "v3"], ["v1", "v3", "v2"])
    assert plan.cost is not None
    assert plan.cost.total == 1800 + 100 + 7 + 11 + 50
    assert plan.unplanned == ()


def test_a_problem_without_visits_has_the_empty_plan() -> None:
    plan = solved(small_problem(visits=[], published=None))
    assert (plan.routes, plan.unplanned, plan.cost and plan.cost.total) == ((), (), 0)


def test_without_crews_everything_is_left_out_mandatory_visits_first() -> None:
    document = small_problem(crews=[])
    document["visits"][0]["crew_costs"] = {}
    document["visits"].reverse()
    plan = solved(document)
    assert [left_out.visit for left_out in plan.unplanned] == ["v2", "v1", "v3"]
    assert plan.cost is not None
    assert plan.cost.total == 2 * 20000 + 1500 + 2 * 50


def test_crews_without_shifts_are_no_obstacle() -> None:
    document = small_problem(published=None)
    for crew in document["crews"]:
        crew["shifts"] = []
    assert len(solved(document).unplanned) == 3


def test_one_location_for_everything_is_enough() -> None:
    document = small_problem(locations=[{"id": "home"}], travel={"durations_s": [[0]]})
    for visit in document["visits"]:
        visit["location"] = "home"
    assert solved(document).unplanned == ()


def test_the_same_seed_gives_the_same_plan() -> None:
    problem = town()
    first, second = (plan_bytes(solve(problem, ROUNDS, seed=7)) for _ in range(2))
    assert first == second


def test_another_seed_goes_another_way() -> None:
    problem = town(visits=60)
    plans = {plan_bytes(msgspec.structs.replace(solve(problem, Limit(rounds=40), seed=seed), seed=0)) for seed in range(4)}
    assert len(plans) > 1


def test_more_rounds_give_no_dearer_plan() -> None:
    problem = town(visits=60)
    few, many = (solve(problem, Limit(rounds=rounds)).cost for rounds in (0, 500))
    assert few is not None
    assert many is not None
    assert many.total < few.total


def test_the_stated_price_is_the_evaluators() -> None:
    problem = town(visits=50)
    plan = solve(problem, ROUNDS)
    assert plan.cost == evaluate(problem, plan).cost


class Ticking:
    """A clock that moves on by a fixed step at every reading."""

    def __init__(self, step_s: float) -> None:
        self.now_s, self._step_s = 1000.0, step_s

    def __call__(self) -> float:
        self.now_s += self._step_s
        return self.now_s


@pytest.mark.parametrize("limit_s", [0.5, 3.0, 10.0])
def test_the_time_limit_is_kept_by_the_clock_that_is_given(limit_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drive, "PIECE_S", 0.002)
    clock = Ticking(0.002)
    problem = town(visits=60)
    plan = solve(problem, Limit(time_limit_s=limit_s, clock=clock))
    assert evaluate(problem, plan).valid
    assert clock.now_s - 1000 <= limit_s
    assert plan.wall_s is not None
    assert plan.wall_s <= limit_s


def test_the_first_plan_is_finished_even_if_the_time_is_over_or_a_stop_is_wished() -> None:
    problem = town(visits=60)
    first = solve(problem, Limit(rounds=0))
    for hurried in (Limit(time_limit_s=0.0, clock=Ticking(0.002)), Limit(rounds=10**9, requested=lambda: True)):
        plan = solve(problem, hurried)
        assert evaluate(problem, plan).valid
        assert len(plan.unplanned) <= len(first.unplanned)


def test_a_wish_to_stop_ends_the_search_and_keeps_the_best_plan() -> None:
    reports: list[Progress] = []
    problem = town(visits=60)
    limit = Limit(time_limit_s=1e6, requested=lambda: len(reports) > 5)
    plan = solve(problem, limit, progress=reports.append)
    assert evaluate(problem, plan).valid
    assert plan.cost is not None
    assert plan.cost.total <= reports[5].best_cost


def test_progress_begins_with_the_first_plan_and_ends_with_the_last() -> None:
    reports: list[Progress] = []
    plan = solve(town(visits=60), Limit(rounds=300, clock=Ticking(0.05)), progress=reports.append)
    assert [phase for phase, _ in itertools.groupby(report.phase for report in reports)] == [
        "construct",
        "search",
        "merge",
        "done",
    ]
    assert all(one.share <= two.share and one.best_cost >= two.best_cost for one, two in itertools.pairwise(reports))
    assert plan.cost is not None
    assert (reports[-1].share, reports[-1].best_cost, reports[-1].visits) == (1.0, plan.cost.total, 60)
    assert reports[-1].planned == 60 - len(plan.unplanned)


def test_a_small_problem_is_done_before_its_time() -> None:
    assert (solve(parsed(small_problem()), Limit(time_limit_s=3600)).wall_s or 0) < 60


def test_a_limit_is_demanded() -> None:
    with pytest.raises(ValueError, match="needs a limit"):
        Limit()
    with pytest.raises(ValueError, match="time_limit_s must be 0 or more"):
        Limit(time_limit_s=-1)
    with pytest.raises(ValueError, match="time_limit_s must be 0 or more"):
        Limit(time_limit_s=float("nan"))


def test_a_start_plan_is_not_made_worse() -> None:
    problem = town(visits=60)
    good = solve(problem, Limit(rounds=300))
    again = solve(problem, Limit(rounds=0), start=good)
    assert good.cost is not None
    assert again.cost is not None
    assert again.cost.total <= good.cost.total


def test_of_a_start_plan_only_what_the_problem_allows_is_taken() -> None:
    def route(crew: str, day: int, *visits: str) -> Route:
        return Route(crew, day, 0, 0, tuple(Stop(visit, 0, 0, 0) for visit in visits))

    start = Plan(
        SCHEMA,
        (
            route("c2", 0, "v1", "v9", "v3", "v3"),  # c2 lacks the skill for v1, v9 is unknown, v3 is named twice
            route("c2", 0, "v2"),  # a second route of the same day
            route("c9", 0, "v2"),  # no such crew
            route("c1", 5, "v2"),  # no such shift
        ),
        (Unplanned("v77"),),
    )
    plan = solve(parsed(small_problem()), Limit(rounds=0), start=start)
    assert evaluate(parsed(small_problem()), plan).valid
    assert places_of(plan)["v3"] == ("c2", 0)


def test_a_pinned_visit_drives_out_what_fills_its_duty_in_the_start_plan() -> None:
    document = small_problem(published=None)
    document["crews"][1]["shifts"][0]["to_s"] = 28800 + 900 + 1800 + 900  # room for one visit at b
    document["visits"][2].update(mandatory=True, last_day=0)
    document["visits"].append(document["visits"][2] | {"id": "v4", "pinned": {"crew": "c2", "day": 0}})
    start = Plan(SCHEMA, (Route("c2", 0, 0, 0, (Stop("v3", 0, 0, 0),)),), ())
    problem = parsed(document)
    plan = solve(problem, Limit(rounds=0), start=start)
    assert evaluate(problem, plan).valid
    assert places_of(plan)["v4"] == ("c2", 0)


def test_a_pin_that_finds_no_room_leaves_the_start_plan_as_it_is() -> None:
    document = small_problem(published=None)
    document["visits"].append(document["visits"][2] | {"id": "v4", "service_s": 30000, "pinned": {"crew": "c2", "day": 0}})
    start = Plan(SCHEMA, (Route("c2", 0, 0, 0, (Stop("v3", 0, 0, 0),)),), ())
    plan = solve(parsed(document), Limit(rounds=0), start=start)
    assert places_of(plan)["v3"] == ("c2", 0)
    assert [stop.visit for route in plan.routes for stop in route.stops].count("v3") == 1


def test_a_start_plan_whose_times_hang_together_by_a_bank_is_taken_whole() -> None:
    """Taken one after the other as early as possible, the first route would drive the second out of its window."""
    document = small_problem(published=None)
    document["visits"] = [
        {"id": f"v{n}", "location": "b", "service_s": 3600, "first_day": 0, "last_day": 0, "bank": "lobby"}
        | {"windows": [{"from_s": 28800, "to_s": 28800 + last_s}]}
        for n, last_s in ((1, 9000), (2, 3600))
    ]
    document["crews"][0]["shifts"][0].pop("break")
    routes = tuple(
        Route(crew, 0, begin - 900, begin + 4500, (Stop(visit, begin, begin, begin + 3600),))
        for crew, visit, begin in (("c1", "v1", 33300), ("c2", "v2", 29700))
    )
    problem = parsed(document)
    start = Plan(SCHEMA, routes, ())
    assert evaluate(problem, start).valid
    solution = Solution(Model(problem, travel_matrix(problem.travel, problem.locations)))
    adopt(solution, start)
    assert solution.left_out() == []


def test_pinned_visits_find_the_one_order_in_which_all_fit() -> None:
    document = small_problem(published=None, visits=[])
    document["crews"][1]["shifts"][0].update(to_s=28800 + 600 + 5 * 600 + 660)
    for n, begin in enumerate([2400, 0, 1800, 600, 1200]):
        start_s = 28800 + 600 + begin
        document["visits"].append(
            {"id": f"v{n}", "location": "a", "service_s": 600, "first_day": 0, "last_day": 0}
            | {"windows": [{"from_s": start_s - 300, "to_s": start_s}], "pinned": {"crew": "c2", "day": 0}}
        )
    plan = solve(parsed(document), Limit(rounds=0))
    assert [stop.visit for stop in plan.routes[0].stops] == ["v1", "v3", "v4", "v2", "v0"]


def test_pins_that_do_not_fit_together_are_named_and_the_rest_is_planned() -> None:
    document = small_problem(published=None)
    document["crews"][1]["shifts"][0]["to_s"] = 28800 + 900 + 1800 + 900
    pin = {"pinned": {"crew": "c2", "day": 0}}
    document["visits"] = [document["visits"][2] | {"id": name} | pin for name in ("v1", "v2")]
    problem = parsed(document)
    plan = solve(problem, ROUNDS)
    assert [left_out.code for left_out in plan.unplanned] == ["pin"]
    assert [violation.rule for violation in evaluate(problem, plan).violations] == ["pins_kept"]


def test_a_plan_stays_as_published_where_a_change_costs_more() -> None:
    document = small_problem(published=None)
    document["visits"] = [document["visits"][2] | {"id": f"v{n}"} for n in range(4)]
    published = {f"v{n}": {"crew": "c2", "day": n % 2} for n in range(4)}
    costly = solved(document | {"published": published, "costs": document["costs"] | {"change": 5000}})
    assert places_of(costly) == {f"v{n}": ("c2", n % 2) for n in range(4)}
    cheap = solved(document | {"published": published, "costs": document["costs"] | {"change": 1}})
    assert len(cheap.routes) == 1


def test_day_and_crew_costs_decide_where_all_else_is_equal() -> None:
    document = small_problem(published=None)
    document["crews"][0]["shifts"] = [document["crews"][1]["shifts"][0]]
    visit = document["visits"][2] | {"mandatory": True}
    document["visits"] = [visit | {"day_costs": [9, 8], "crew_costs": {"c1": 1}}]
    assert places_of(solved(document)) == {"v3": ("c2", 1)}
    document["visits"] = [visit | {"day_costs": [8, 9], "crew_costs": {"c1": -1}}]
    assert places_of(solved(document)) == {"v3": ("c1", 0)}


def test_overtime_is_used_where_it_is_cheaper_than_leaving_out() -> None:
    document = small_problem(published=None)
    document["crews"] = [document["crews"][1] | {"shifts": [document["crews"][1]["shifts"][0]]}]
    document["crews"][0]["shifts"][0] |= {"to_s": 32300, "max_overtime_s": 100}  # v3 needs until 32400
    document["visits"] = [document["visits"][2] | {"defer_cost": 3000}]
    assert solved(document).routes[0].return_s == 32400
    document["costs"]["overtime_per_s"] = 12
    assert solved(document).routes == ()


def test_a_shift_past_midnight_is_worked_to_its_end() -> None:
    document = small_problem(published=None)
    document["crews"] = [document["crews"][1]]
    document["crews"][0]["shifts"] = [document["crews"][0]["shifts"][0] | {"from_s": 80_000, "to_s": 100_000}]
    document["visits"] = [document["visits"][2] | {"mandatory": True, "windows": [{"from_s": 90_000, "to_s": 90_000}]}]
    assert solved(document).routes[0].stops[0].start_s == 90_000


def test_a_break_is_not_due_for_a_crew_that_sets_off_after_it() -> None:
    document = small_problem(published=None)
    pause = {"from_s": 28000, "to_s": 29000, "duration_s": 3600}
    document["crews"] = [document["crews"][1]]
    document["crews"][0]["shifts"] = [document["crews"][0]["shifts"][0] | {"break": pause, "to_s": 29001 + 900 + 1800 + 900}]
    document["visits"] = [document["visits"][2] | {"mandatory": True}]
    (route,) = solved(document).routes
    assert route.break_start_s is None
    assert route.depart_s == 29001


def test_several_visits_together_open_a_route_that_none_of_them_is_worth() -> None:
    document = small_problem(published=None)
    document["costs"]["shift_used"] = 1000
    document["visits"] = [document["visits"][2] | {"id": f"v{n}", "defer_cost": 1200} for n in range(4)]
    plan = solved(document)  # 1800 s of driving and 1000 for the shift, against 4 × 1200
    assert plan.unplanned == ()
    assert plan.cost is not None
    assert plan.cost.total == 2800


def test_prices_near_the_largest_allowed_do_no_harm() -> None:
    document = small_problem(published={"v3": {"crew": "c2", "day": 1}})
    document["costs"] = dict.fromkeys(document["costs"], 10**12) | {"travel_per_s": 10**9}
    document["visits"][2].update(defer_cost=10**12, day_costs=[10**12, -(10**12)], crew_costs={"c2": -(10**12)})
    plan = solved(document)
    assert places_of(plan)["v3"] == ("c2", 1)


def test_ids_may_be_any_text() -> None:
    document = msgspec.json.encode(small_problem()).decode().replace('"v1"', '"电梯 1/2 \\u0000"')
    plan = solve(parsed(msgspec.json.decode(document)), ROUNDS)
    assert "电梯 1/2 \x00" in places_of(plan)


def test_a_bank_is_never_stopped_together() -> None:
    document = small_problem(published=None)
    document["visits"] = [document["visits"][2] | {"id": f"v{n}", "bank": "lobby", "last_day": 0} for n in range(4)]
    document["crews"].append(document["crews"][1] | {"id": "c3"})
    problem = parsed(document)
    plan = solved(problem)
    spans = sorted((stop.start_s, stop.leave_s) for route in plan.routes for stop in route.stops)
    assert len(spans) == 4
    assert all(one[1] <= two[0] for one, two in itertools.pairwise(spans))
