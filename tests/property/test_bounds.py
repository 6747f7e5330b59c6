"""What holds for every proved bound, whatever the problem."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.rounds.bound import bound
from planner.rounds.evaluate import evaluate
from planner.rounds.problem import Problem
from planner.rounds.solve import solve
from planner.rounds.stop import Stop
from tests.support.rounds import least_cost, problems


@settings(max_examples=120, deadline=None)
@given(problems(most_visits=4, banks=False))
def test_no_plan_costs_less_than_the_bound(problem: Problem) -> None:
    """The optimum is known from trying every assignment, order, departure and break."""
    least = least_cost(problem)
    found = bound(problem, Stop(rounds=200))
    if least is not None:
        assert found.bound <= least


@settings(max_examples=60, deadline=None)
@given(problems(most_visits=5), st.integers(0, 12))
def test_a_bound_that_was_cut_short_holds(problem: Problem, rounds: int) -> None:
    """Banks and all; the plan is one more witness that knows nothing of the bound."""
    verdict = evaluate(problem, solve(problem, Stop(rounds=30)))
    found = bound(problem, Stop(rounds=rounds))
    assert not verdict.valid or found.bound <= verdict.cost.total


@settings(max_examples=100, deadline=None)
@given(problems(most_visits=5), st.data())
def test_removing_a_constraint_never_raises_the_bound(problem: Problem, data: st.DataObject) -> None:
    relaxed = _without_a_constraint(problem, data)
    before, after = bound(problem, Stop(rounds=500)), bound(relaxed, Stop(rounds=500))
    assert before.converged
    assert after.converged
    if (
        least_cost(
            msgspec.structs.replace(problem, visits=tuple(msgspec.structs.replace(v, bank=None) for v in problem.visits))
        )
        is not None
    ):
        assert after.bound <= before.bound


def _without_a_constraint(problem: Problem, data: st.DataObject) -> Problem:
    """Take one constraint away, of a visit or of a shift."""
    replace = msgspec.structs.replace
    freer_visit: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
        [{"windows": ()}, {"skills": ()}, {"people": 1}, {"load": 0}, {"bank": None}, {"pinned": None}, {"last_day": 9}]
    )
    freer_shift: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
        [{"break_": None}, {"max_duration_s": None}, {"max_overtime_s": 60}, {"to_s": 90}]
    )
    shifts = [(c, s) for c, crew in enumerate(problem.crews) for s in range(len(crew.shifts))]
    if problem.visits and (not shifts or data.draw(st.booleans())):
        n = data.draw(st.integers(0, len(problem.visits) - 1))
        visit = replace(problem.visits[n], **data.draw(freer_visit))
        if visit.day_costs and len(visit.day_costs) != visit.last_day - visit.first_day + 1:
            visit = replace(visit, day_costs=(*visit.day_costs, *[0] * 9)[: visit.last_day - visit.first_day + 1])
        return replace(problem, visits=(*problem.visits[:n], visit, *problem.visits[n + 1 :]))
    if not shifts:
        return problem
    c, s = data.draw(st.sampled_from(shifts))
    crew = problem.crews[c]
    shift = replace(crew.shifts[s], **data.draw(freer_shift))
    crew = replace(crew, shifts=(*crew.shifts[:s], shift, *crew.shifts[s + 1 :]))
    return replace(problem, crews=(*problem.crews[:c], crew, *problem.crews[c + 1 :]))
