"""The plan that is handed out: the better of two, and never thrown away for one stop."""

from __future__ import annotations

import msgspec
import pytest

from planner.rounds import answer
from planner.rounds.answer import better
from planner.rounds.evaluate import Evaluation, Violation, evaluate
from planner.rounds.plan import SCHEMA, Plan, Unplanned
from planner.rounds.problem import Problem
from planner.rounds.solve import solve
from planner.rounds.stop import Stop
from planner.rounds.travel import Matrix, travel_matrix
from tests.support.rounds import parsed, small_problem


def test_of_two_plans_the_one_that_breaks_fewer_rules_is_better_then_the_cheaper_one() -> None:
    problem = parsed(small_problem())
    matrix = travel_matrix(problem.travel, problem.locations)
    full = solve(problem, Stop(rounds=200), 1)
    assert full.routes
    nothing = Plan(SCHEMA, (), tuple(Unplanned(visit.id, "shift_full", "left out") for visit in problem.visits))
    assert better(problem, matrix, full, nothing) == full
    kept = better(problem, matrix, nothing, full)
    assert (kept.routes, kept.unplanned, kept.cost) == (full.routes, full.unplanned, full.cost)
    impossible = msgspec.structs.replace(full, routes=full.routes[1:])  # visits that are nowhere
    assert better(problem, matrix, nothing, impossible) == nothing


def test_a_stop_that_breaks_a_rule_is_left_out_and_the_rest_of_the_plan_kept(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    problem = parsed(small_problem())
    whole = solve(problem, Stop(rounds=200), 1)
    wrong = whole.routes[0].stops[0].visit

    def strict(problem: Problem, plan: Plan, matrix: Matrix) -> Evaluation:
        verdict = evaluate(problem, plan, matrix)
        if all(stop.visit != wrong for route in plan.routes for stop in route.stops):
            return verdict
        broken = Violation("in_time", f"{wrong}: a rule that the search does not know", visit=wrong)
        return msgspec.structs.replace(verdict, violations=(*verdict.violations, broken))

    monkeypatch.setattr(answer, "evaluate", strict)
    plan = solve(problem, Stop(rounds=200), 1)
    assert {one.visit for one in plan.unplanned} == {one.visit for one in whole.unplanned} | {wrong}
    assert f"it is left out: {wrong}" in caplog.text
    assert evaluate(problem, plan, travel_matrix(problem.travel, problem.locations)).valid
