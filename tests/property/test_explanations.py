"""What explanations name is true: done to problem and plan, it gives what they said, by the evaluator's reckoning."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.rounds.explain.apply import apply
from planner.rounds.explain.changes import changes
from planner.rounds.explain.forced import why_not
from planner.rounds.explain.look import Look
from planner.rounds.explain.planned import planned
from planner.rounds.explain.words import Wording
from planner.rounds.precheck import notices
from planner.rounds.problem import Place, Problem
from tests.support.explained import judged, moved, searched, stated, with_change
from tests.support.rounds import problems


def looked_at(problem: Problem, rounds: int) -> Look:
    return Look(problem, searched(problem, rounds))


@settings(max_examples=250, deadline=None)
@given(problems(most_visits=5), st.integers(0, 20))
def test_a_change_done_lets_the_visit_be_planned_at_the_cost_named(problem: Problem, rounds: int) -> None:
    look = looked_at(problem, rounds)
    plan = stated(look)
    before = judged(problem, plan).cost.total
    for i in look.solution.left_out():
        for change in changes(look, problem.visits[i].id):
            changed = apply(problem, change)
            after = with_change(changed, plan, change)
            assert judged(changed, after).cost.total - before == change.difference.cost, change
            route = next(route for route in after.routes if (route.crew, route.day) == (change.crew, change.day))
            assert change.visit in [stop.visit for stop in route.stops]
            assert Wording(problem).say(change.told).zh


@settings(max_examples=150, deadline=None)
@given(problems(most_visits=5), st.integers(0, 20))
def test_other_days_and_crews_cost_what_the_evaluator_says(problem: Problem, rounds: int) -> None:
    look = looked_at(problem, rounds)
    plan = stated(look)
    before = judged(problem, plan).cost
    for route in plan.routes:
        for stop in route.stops:
            found = planned(look, stop.visit)
            assert (found.crew, found.day) == (route.crew, route.day)
            assert found.crew not in {each.crew for each in found.crews}
            for each in (*found.days, *found.crews):
                assert (each.difference is None) == (each.rule is not None)
                if each.difference is None:
                    continue
                after = judged(problem, moved(problem, plan, stop.visit, each.crew, each.day, each.position)).cost
                assert after.total - before.total == each.difference.cost
                assert after.travel - before.travel == each.difference.travel
                assert after.overtime - before.overtime == each.difference.overtime
                assert after.days - before.days == each.difference.days
                assert after.changes - before.changes == each.difference.changes


@settings(max_examples=150, deadline=None)
@given(problems(most_visits=5), st.data())
def test_why_not_answers_with_a_valid_plan_that_has_the_visit_there(problem: Problem, data: st.DataObject) -> None:
    look = looked_at(problem, 10)
    before = judged(problem, stated(look)).cost.total
    if not problem.visits or not problem.crews:
        return
    visit = data.draw(st.sampled_from(problem.visits))
    crew = data.draw(st.sampled_from([None, *(crew.id for crew in problem.crews)]))
    day = data.draw(st.integers(0, 2) if crew is None else st.none() | st.integers(0, 2))
    found = why_not(look, visit.id, crew=crew, day=day, rounds=data.draw(st.sampled_from([0, 30])))
    assert Wording(problem).say(found.told).zh
    if found.plan is None:
        assert found.outcome == "same" or found.rules
        return
    assert found.difference is not None
    assert judged(problem, found.plan).cost.total - before == found.difference.cost
    route = next(route for route in found.plan.routes if visit.id in [stop.visit for stop in route.stops])
    assert crew in (None, route.crew)
    assert day in (None, route.day)
    if found.alone is not None:
        assert found.difference.cost <= found.alone.cost


@settings(max_examples=150, deadline=None)
@given(problems(most_visits=4), st.data())
def test_what_is_forbidden_cannot_be_had_by_a_pin_either(problem: Problem, data: st.DataObject) -> None:
    look = looked_at(problem, 5)
    if not problem.visits or not problem.crews:
        return
    visit = data.draw(st.sampled_from([*problem.visits]))
    place = Place(data.draw(st.sampled_from([crew.id for crew in problem.crews])), data.draw(st.integers(0, 2)))
    found = why_not(look, visit.id, crew=place.crew, day=place.day, rounds=0)
    if visit.pinned is not None:
        return
    pinned = msgspec.structs.replace(visit, pinned=place)
    visits = tuple(pinned if each.id == visit.id else each for each in problem.visits)
    found_before = notices(msgspec.structs.replace(problem, visits=visits))
    impossible = any(notice.visit == visit.id or notice.path == "crews" for notice in found_before)
    assert impossible == (found.outcome == "forbidden")
