"""What holds for every change that people wish for on a day under way: what is offered can be made, what is refused cannot."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from planner.rounds.evaluate import evaluate
from planner.rounds.plan import Plan
from planner.rounds.problem import Place, Problem
from planner.rounds.solve import solve
from planner.rounds.stop import Stop as Limit
from planner.today.asked import SCHEMA, Progress, Today
from planner.today.breaches import sentence
from planner.today.events import amended
from planner.today.moves import Moved, Moves
from planner.today.words import Names
from tests.support.rounds import parsed, small_problem
from tests.support.today import todays


@st.composite
def moves(draw: st.DrawFn, *, told: bool = False) -> tuple[Moves, Plan]:
    """Draw a day under way with two or three crews that are out; `told`, one on which the plan was not kept so far."""
    problem = draw(busy_days())
    spread = [replace(visit, pinned=Place(f"c{draw(st.integers(0, 1))}", 0)) for visit in problem.visits]
    plan = solve(replace(problem, visits=tuple(spread)), Limit(rounds=draw(st.sampled_from([0, 40]))))
    progress: tuple[Progress, ...] = ()
    now_s = draw(st.integers(0, 30))
    if told:
        day = draw(todays(problem, plan, told=True))
        progress, now_s = day.progress, day.now_s
    turning = draw(st.sampled_from([[], ["c0"], ["c1"]]))
    return Moves(problem, plan, Today(SCHEMA, 0, now_s, progress), turning), plan


@st.composite
def busy_days(draw: st.DrawFn) -> Problem:
    """Draw a problem of one day on which nearly everything can be done by nearly everybody."""
    places = ["p0", "p1", "p2", "p3"]
    crews = []
    for n in range(draw(st.sampled_from([2, 2, 3]))):
        shift = {"day": 0, "from_s": draw(st.integers(0, 5)), "to_s": draw(st.integers(50, 90)), "start_location": "p0"}
        shift |= {"end_location": "p0", "max_overtime_s": draw(st.sampled_from([0, 10, 20]))}
        if draw(st.booleans()):
            first = draw(st.integers(10, 40))
            shift["break"] = {"from_s": first, "to_s": first + draw(st.integers(2, 15)), "duration_s": draw(st.integers(1, 8))}
        skills = draw(st.sampled_from([["x"], ["x"], []]))
        crews.append({"id": f"c{n}", "shifts": [shift], "people": 2, "skills": skills})
    visits = [_visit(draw, n, places) for n in range(draw(st.integers(3, 8)))]
    table = [[0 if a == b else draw(st.integers(1, 7)) for b in places] for a in places]
    return parsed(small_problem() | {
        "days": 1, "locations": [{"id": place} for place in places], "travel": {"durations_s": table}, "visits": visits,
        "crews": crews, "published": {},
    })  # fmt: skip


def _visit(draw: st.DrawFn, n: int, places: list[str]) -> dict[str, object]:
    begin = draw(st.integers(0, 40))
    return {
        "id": f"v{n}", "location": draw(st.sampled_from(places)), "service_s": draw(st.integers(0, 10)), "first_day": 0,
        "last_day": 0, "windows": draw(st.sampled_from([[], [], [{"from_s": begin, "to_s": begin + 30}]])),
        "skills": draw(st.sampled_from([[], [], [], ["x"]])), "bank": draw(st.sampled_from([None, None, "lobby"])),
    }  # fmt: skip


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
