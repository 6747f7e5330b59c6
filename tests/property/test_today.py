"""What holds for every repair of every plan, whatever has happened."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.rounds.evaluate import evaluate
from planner.rounds.plan import Plan, Stop
from planner.rounds.problem import Problem
from planner.rounds.solve import solve
from planner.rounds.stop import Stop as Limit
from planner.today.answer import Outcome, Repair, parse_repair, repair_bytes
from planner.today.asked import Today, parse_today, today_bytes
from planner.today.repair import problem_after, repair
from tests.support.rounds import problems
from tests.support.today import arrived, todays

Asked = tuple[Problem, Plan, Today]


@st.composite
def cases(draw: st.DrawFn, /, **kinds: Any) -> Asked:
    problem = draw(problems(most_visits=8))
    plan = solve(problem, Limit(rounds=draw(st.sampled_from([0, 40]))))
    return problem, plan, draw(todays(problem, plan, **kinds))


def outcomes(answer: Repair) -> list[Outcome]:
    found = [option.outcome for option in answer.options]
    return found + ([answer.outcome] if answer.outcome is not None and answer.outcome not in found else [])


@settings(max_examples=120, deadline=None)
@given(cases())
def test_a_repaired_plan_keeps_every_rule_where_the_plan_was_kept_so_far(asked: Asked) -> None:
    problem, plan, today = asked
    pinned = {violation.visit for violation in evaluate(problem, plan).violations}
    for outcome in outcomes(repair(problem, plan, today)):
        verdict = evaluate(problem_after(problem, plan, today, outcome.plan), outcome.plan)
        broken = [each for each in verdict.violations if each.rule != "pins_kept" and each.visit not in pinned]
        assert not broken


@settings(max_examples=80, deadline=None)
@given(cases(delays=True))
def test_the_past_and_what_is_under_way_stay_to_the_byte(asked: Asked) -> None:
    problem, plan, today = asked
    late = {delay.visit for delay in today.delays}
    for outcome in outcomes(repair(problem, plan, today)):
        for route in plan.routes:
            after = {(each.crew, each.day): each for each in outcome.plan.routes}.get((route.crew, route.day))
            if route.day < today.day:
                assert msgspec.json.encode(after) == msgspec.json.encode(route)
            if route.day == today.day:
                frozen = arrived(plan, route.crew, route.day, today.now_s)
                kept = after.stops[: len(frozen)] if after else ()
                assert [_bytes(stop, late) for stop in kept] == [_bytes(stop, late) for stop in frozen]
                if frozen and after is not None:
                    assert after.depart_s == route.depart_s
                    if route.break_start_s is not None and route.break_start_s <= today.now_s:
                        assert after.break_start_s == route.break_start_s


def _bytes(stop: Stop, late: set[str | None]) -> bytes:
    """Encode a stop; of one that is known to take longer its end is left aside."""
    return msgspec.json.encode(msgspec.structs.replace(stop, leave_s=0) if stop.visit in late else stop)


@settings(max_examples=80, deadline=None)
@given(cases(told=True, delays=True))
def test_what_was_told_stands_in_the_plan_as_it_was_told(asked: Asked) -> None:
    problem, plan, today = asked
    answer = repair(problem, plan, today)
    for outcome in outcomes(answer):
        routes = {route.crew: route for route in outcome.plan.routes if route.day == today.day}
        for progress in today.progress:
            stops = routes[progress.crew].stops if progress.crew in routes else ()
            assert stops[: len(progress.done)] == progress.done
            if progress.under_way:
                assert stops[len(progress.done)].visit == progress.under_way.visit
                assert stops[len(progress.done)].start_s == progress.under_way.start_s
    assert parse_repair(repair_bytes(answer)) == answer
    assert parse_today(today_bytes(today), problem, plan) == today


@settings(max_examples=120, deadline=None)
@given(cases(told=True, delays=True))
def test_changes_are_the_difference_of_the_plans_and_nothing_is_lost(asked: Asked) -> None:
    problem, plan, today = asked
    new = {emergency.visit.id for emergency in today.emergencies}
    for outcome in outcomes(repair(problem, plan, today)):
        was, now = _where(plan), _where(outcome.plan)
        listed = {change.visit for change in outcome.visits}
        differ = {name for name in was.keys() | now.keys() if was.get(name) != now.get(name)}
        moved = {name for name in was.keys() | now.keys() if (was.get(name) or ())[:2] != (now.get(name) or ())[:2]}
        begun = {stop.visit for crew in problem.crews for stop in arrived(outcome.plan, crew.id, today.day, 10**6)}
        begun |= {stop.visit for progress in today.progress for stop in progress.done}
        assert listed <= differ | _turned(plan, outcome.plan)
        assert moved - begun <= listed
        assert {name for name in differ - listed if now[name][2] > today.now_s} <= _heading(plan, today, outcome)
        uses = Counter(stop.visit for route in outcome.plan.routes for stop in route.stops)
        uses.update(left_out.visit for left_out in outcome.plan.unplanned)
        assert uses == Counter({visit.id for visit in problem.visits} | new)
        for change in outcome.visits:
            assert change.en
            assert change.zh
            assert (change.after is None) == (change.kind in ("dropped", "cancelled"))
            if change.after is not None:
                assert now[change.visit] == (change.after.crew, change.after.day, change.after.arrive_s, change.after.start_s)


def _where(plan: Plan) -> dict[str, tuple[str, int, int, int]]:
    return {stop.visit: (route.crew, route.day, stop.arrive_s, stop.start_s) for route in plan.routes for stop in route.stops}


def _turned(before: Plan, after: Plan) -> set[str]:
    """Give the visits on rounds whose order is another one."""
    found = set()
    was = {(route.crew, route.day): [stop.visit for stop in route.stops] for route in before.routes}
    for route in after.routes:
        old = was.get((route.crew, route.day), [])
        now = [stop.visit for stop in route.stops]
        if [name for name in old if name in now] != [name for name in now if name in old]:
            found |= set(now)
    return found


def _heading(plan: Plan, today: Today, outcome: Outcome) -> set[str]:
    """Give the visits to which crews are driving: their times follow from the drive and are no change."""
    found = set()
    for route in outcome.plan.routes:
        if route.day == today.day:
            told = next((each for each in today.progress if each.crew == route.crew), None)
            begun = [stop.visit for stop in route.stops if stop.arrive_s <= today.now_s]
            count = len(begun) if told is None else len(told.done) + (told.under_way is not None)
            found |= {stop.visit for stop in route.stops[: count + 1]}
    return found


@settings(max_examples=80, deadline=None)
@given(cases(told=True))
def test_nothing_is_left_on_a_crew_that_is_out(asked: Asked) -> None:
    problem, plan, today = asked
    for outcome in outcomes(repair(problem, plan, today)):
        for out in today.crews_out:
            told = {progress.crew: progress for progress in today.progress}.get(out.crew)
            begun = {stop.visit for stop in arrived(plan, out.crew, today.day, today.now_s)}
            if told is not None:
                begun = {stop.visit for stop in told.done} | ({told.under_way.visit} if told.under_way else set())
            from_s = today.now_s if out.from_s is None else out.from_s
            for route in outcome.plan.routes:
                if route.crew == out.crew and route.day == today.day:
                    assert all(stop.start_s < from_s for stop in route.stops if stop.visit not in begun)
                if route.crew == out.crew and today.day < route.day <= (out.through_day or today.day):
                    assert not route.stops


@settings(max_examples=25, deadline=None)
@given(cases(told=True, delays=True), st.integers(0, 99))
def test_a_search_is_never_worse_than_the_first_repair_and_repeats_itself(asked: Asked, seed: int) -> None:
    problem, plan, today = asked
    first = repair(problem, plan, today)
    searched = repair(problem, plan, today, Limit(rounds=30), seed)
    assert searched == repair(problem, plan, today, Limit(rounds=30), seed)
    if first.outcome is not None and searched.outcome is not None:
        change = max(problem.costs.change, 900 * problem.costs.travel_per_s)
        assert searched.outcome.cost.total <= first.outcome.cost.total + len(problem.crews) * change
