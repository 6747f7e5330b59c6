"""What holds for every plan of the solver, whatever the problem."""

from __future__ import annotations

from collections import Counter

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.rounds.evaluate import evaluate
from planner.rounds.plan import SCHEMA, Plan, Route, Stop, parse_plan, plan_bytes
from planner.rounds.precheck import impossible_pins, notices
from planner.rounds.problem import Problem, parse_problem, problem_faults
from planner.rounds.solve import Search, solve
from planner.rounds.stop import Stop as Limit
from tests.support.rounds import least_cost, problems


@settings(max_examples=150, deadline=None)
@given(problems(most_visits=5), st.integers(0, 2**63 - 1))
def test_a_plan_keeps_every_rule_and_states_its_price(problem: Problem, seed: int) -> None:
    plan = Search(problem, Limit(rounds=60), seed)
    plan.construct()
    plan.improve()
    found = plan.answer()
    verdict = evaluate(problem, found)
    assert {violation.rule for violation in verdict.violations} <= {"pins_kept"}
    assert verdict.warnings == ()
    assert found.cost == verdict.cost
    uses = Counter(stop.visit for route in found.routes for stop in route.stops)
    uses.update(left_out.visit for left_out in found.unplanned)
    assert uses == Counter(visit.id for visit in problem.visits)
    assert all(left_out.code and left_out.detail.endswith(".") for left_out in found.unplanned)
    assert parse_plan(plan_bytes(found)) == found


@settings(max_examples=60, deadline=None, derandomize=True)
@given(problems(most_visits=4, banks=False))
def test_tiny_problems_are_solved_to_their_optimum(problem: Problem) -> None:
    """It is known from trying every assignment, order, departure and break. Derandomized, for a search owes no optimum."""
    plan = solve(problem, Limit(rounds=300))
    verdict = evaluate(problem, plan)
    least = least_cost(problem)
    assert verdict.valid == (least is not None)
    if least is not None:
        assert verdict.cost.total == least


@settings(max_examples=60, deadline=None)
@given(problems(most_visits=4, banks=False))
def test_no_plan_is_cheaper_than_the_optimum(problem: Problem) -> None:
    """The evaluator and the trial of everything know nothing of each other."""
    search = Search(problem, Limit(rounds=20), 1)
    search.construct()
    search.improve()
    verdict = evaluate(problem, search.answer())
    least = least_cost(problem)
    assert not verdict.valid or (least is not None and verdict.cost.total >= least)


@settings(max_examples=60, deadline=None)
@given(problems(), st.data())
def test_any_start_plan_leads_to_a_valid_plan(problem: Problem, data: st.DataObject) -> None:
    names = [visit.id for visit in problem.visits] + ["unknown"]
    stops = st.lists(st.sampled_from(names).map(lambda name: Stop(name, 0, 0, 0)), max_size=4).map(tuple)
    routes = st.builds(Route, st.sampled_from(["c0", "c1", "c9"]), st.integers(-1, 3), st.just(0), st.just(0), stops)
    start = Plan(SCHEMA, tuple(data.draw(st.lists(routes, max_size=3))), ())
    search = Search(problem, Limit(rounds=10), 1)
    search.construct(start)
    search.improve()
    verdict = evaluate(problem, search.answer())
    assert {violation.rule for violation in verdict.violations} <= {"pins_kept"}


@settings(max_examples=100, deadline=None)
@given(problems(most_visits=6), st.integers(0, 2**31))
def test_a_start_plan_is_never_made_worse(problem: Problem, seed: int) -> None:
    good = solve(problem, Limit(rounds=30), seed)
    before = evaluate(problem, good)
    after = evaluate(problem, solve(problem, Limit(rounds=0), seed + 1, good))
    assert (len(after.violations), after.cost.total) <= (len(before.violations), before.cost.total)


@settings(max_examples=60, deadline=None)
@given(problems())
def test_a_problem_is_read_back_as_it_was_written(problem: Problem) -> None:
    assert problem_faults(problem) == []
    assert parse_problem(msgspec.json.encode(problem)) == problem


@settings(max_examples=150, deadline=None)
@given(problems(most_visits=5))
def test_a_visit_named_as_impossible_is_one_and_all_such_are_named(problem: Problem) -> None:
    """What can be planned when it is the only visit is found by trying every departure and every break."""
    named = {notice.visit for notice in notices(problem)} | {notice.visit for notice in impossible_pins(problem)}
    nobody = any(notice.path == "crews" for notice in notices(problem))
    for visit in problem.visits:
        costs = msgspec.structs.replace(problem.costs, missed_mandatory=10**9)
        only = msgspec.structs.replace(visit, mandatory=True, bank=None)
        alone = msgspec.structs.replace(problem, visits=(only,), costs=costs, published=None)
        least = least_cost(alone)
        assert (visit.id in named or nobody) == (least is None or least >= 10**9)
