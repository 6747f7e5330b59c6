"""What holds for every change that people wish for on a day under way: what is offered can be made, what is refused cannot."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from planner.rounds.evaluate import evaluate
from planner.rounds.plan import Plan
from planner.rounds.problem import Problem
from planner.rounds.solve import solve
from planner.rounds.stop import Stop as Limit
from planner.today.asked import SCHEMA, Today
from planner.today.breaches import sentence
from planner.today.events import amended
from planner.today.moves import Moved, Moves
from planner.today.words import Names
from tests.support.rounds import problems
from tests.support.today import todays


@st.composite
def moves(draw: st.DrawFn, *, told: bool = False) -> tuple[Moves, Plan]:
    """Draw a day under way; `told`, one on which the plan was not kept so far."""
    problem: Problem = draw(problems(most_visits=8))
    plan = solve(problem, Limit(rounds=draw(st.sampled_from([0, 40]))))
    day = draw(todays(problem, plan, told=told))
    today = Today(SCHEMA, day.day, day.now_s, day.progress)
    crews = [crew.id for crew in problem.crews]
    turning = [draw(st.sampled_from(crews))] if crews and draw(st.booleans()) else []
    return Moves(problem, plan, today, turning), plan


def broken(asked: Moves, plan: Plan, crews: set[str]) -> list[str]:
    """Give what a plan breaks on the rounds of some crews, or at a bank that it did not before; the past left aside."""
    gone = {stop.visit for stand in asked.stands.values() for stop in stand.stops}
    verdict = evaluate(amended(asked.case, asked.stands, plan), plan, asked.case.matrix)
    old = {each.message for each in evaluate(amended(asked.case, asked.stands, asked.case.plan), asked.case.plan).violations}
    of_crews = [each for each in verdict.violations if each.crew in crews and each.day == asked.day]
    banks = [each for each in verdict.violations if each.rule == "bank_apart" and each.message not in old]
    return [each.message for each in of_crews + banks if each.visit not in gone and each.rule != "pins_kept"]


def check(asked: Moves, moved: Moved, crews: set[str]) -> None:
    before = asked.case.plan
    assert not broken(asked, moved.plan, crews)
    assert [r for r in moved.plan.routes if r.crew not in crews or r.day != asked.day] == [
        r for r in before.routes if r.crew not in crews or r.day != asked.day
    ]
    for crew in crews:
        stops = next((r.stops for r in moved.plan.routes if (r.crew, r.day) == (crew, asked.day)), ())
        kept = asked.stands[crew].stops
        assert stops[: len(kept)] == kept
        side = moved.sides[crew]
        assert side.overtime_s <= max(side.overtime_most_s, side.overtime_before_s)


@settings(max_examples=100, deadline=None)
@given(moves(), st.randoms(use_true_random=False))
def test_an_order_is_valid_or_refused_with_what_breaks(given_: tuple[Moves, Plan], random: object) -> None:
    asked, _ = given_
    for crew in asked.crews():
        names = asked.movable(crew)
        random.shuffle(names)  # type: ignore[attr-defined]
        cost = asked.solution.cost
        found = asked.change({crew: names})
        assert asked.solution.cost == cost, "a question changes nothing"
        if isinstance(found, Moved):
            check(asked, found, {crew})
            route = next(r for r in found.plan.routes if (r.crew, r.day) == (crew, asked.day))
            assert [stop.visit for stop in route.stops][len(asked.stands[crew].stops) :] == names
        else:
            assert found
            for breach in found:
                en, zh = sentence(breach, Names())
                assert en
                assert zh


@settings(max_examples=100, deadline=None)
@given(moves())
def test_every_swap_that_is_offered_keeps_every_rule_on_both_rounds(given_: tuple[Moves, Plan]) -> None:
    asked, _ = given_
    for crew in asked.crews():
        for visit in asked.movable(crew):
            for swap in asked.swaps(crew, visit, 20):
                check(asked, swap.moved, {crew, swap.to_crew})
                where = {stop.visit: r.crew for r in swap.moved.plan.routes if r.day == asked.day for stop in r.stops}
                assert where[visit] == swap.to_crew
                assert swap.takes is None or where[swap.takes] == crew
                again = asked.swap(crew, visit, swap.to_crew, swap.takes)
                assert again is not None
                assert again.price == swap.price
                uses = Counter(stop.visit for r in swap.moved.plan.routes for stop in r.stops)
                assert uses == Counter(stop.visit for r in asked.case.plan.routes for stop in r.stops)


@settings(max_examples=60, deadline=None)
@given(moves(told=True))
def test_on_a_day_that_went_another_way_what_is_left_keeps_every_rule(given_: tuple[Moves, Plan]) -> None:
    asked, _ = given_
    for crew in asked.crews():
        found = asked.change({crew: asked.movable(crew)[::-1]})
        if isinstance(found, Moved):
            stops = next(r.stops for r in found.plan.routes if (r.crew, r.day) == (crew, asked.day))
            assert stops[: len(asked.stands[crew].stops)] == asked.stands[crew].stops
        for visit in asked.movable(crew)[:2]:
            for swap in asked.swaps(crew, visit, 5):
                assert set(swap.moved.sides) == {crew, swap.to_crew}
