"""A finished solution as a plan: times, prices and reasons, checked by the evaluator before anybody sees it."""

from __future__ import annotations

import logging
from collections.abc import Callable

import msgspec

from planner.rounds.construct import what_fits
from planner.rounds.evaluate import Violation, evaluate
from planner.rounds.explain import reasons
from planner.rounds.insertion import Neighbourhood
from planner.rounds.plan import SCHEMA, Plan, Route, Stop
from planner.rounds.problem import Problem
from planner.rounds.solution import Solution
from planner.rounds.travel import Matrix

_LOG = logging.getLogger(__name__)


def plan_of(
    solution: Solution, near: Neighbourhood, hurry: Callable[[], bool], *, seed: int, wall_s: Callable[[], float] | None
) -> Plan:
    """State a solution.

    Parameters
    ----------
    solution
        Its ways may be timed anew, its stops stay.
    near
        Its model's neighbourhood.
    hurry
        Whether the reasons have to be short, see `planner.rounds.explain.reasons`.
    seed
        Of the search.
    wall_s
        Gives the seconds that it all took; None states no time, for plans that have to be the same every time.
    """
    settle(solution)
    model = solution.model
    while True:
        routes = _routes(solution)
        left_out = tuple(reason.unplanned() for reason in reasons(solution, near, hurry))
        verdict = evaluate(model.problem, Plan(SCHEMA, routes, left_out, seed=seed), model.matrix)
        wrong = next((violation for violation in verdict.violations if violation.rule != "pins_kept"), None)
        if wrong is None:
            break
        _leave_out(solution, wrong)
    return Plan(SCHEMA, routes, left_out, cost=verdict.cost, seed=seed, wall_s=None if wall_s is None else round(wall_s(), 3))


def better(problem: Problem, matrix: Matrix, plan: Plan, start: Plan) -> Plan:
    """Give the better of two plans: the one that breaks fewer rules, then the cheaper one; the first if they are equal.

    The second one counts only if it breaks nothing but pins, as a plan of ours may where pins exclude each other.
    """
    ours, theirs = evaluate(problem, plan, matrix), evaluate(problem, start, matrix)
    if any(violation.rule != "pins_kept" for violation in theirs.violations):
        return plan
    if (len(theirs.violations), theirs.cost.total) >= (len(ours.violations), ours.cost.total):
        return plan
    return msgspec.structs.replace(start, cost=theirs.cost, bound=None, seed=plan.seed, wall_s=plan.wall_s)


def _leave_out(solution: Solution, wrong: Violation) -> None:
    """Take out of a plan what breaks a rule: the stop, or the route; the rest of the plan is worth keeping."""
    _LOG.error("the search made a plan that breaks a rule, this is a mistake of ours; it is left out: %s", wrong.message)
    model = solution.model
    i = -1 if wrong.visit is None else model.number.get(wrong.visit, -1)
    place = (wrong.crew or "", -1 if wrong.day is None else wrong.day)
    duty = solution.duty_of[i] if i >= 0 else model.duty_number.get(place, -1)
    if duty < 0 or not solution.ways[duty].stops:
        raise AssertionError(f"the search made a plan that breaks a rule, this is a mistake of ours: {wrong.message}")
    kept = [j for j in solution.ways[duty].stops if j != i] if i >= 0 else []
    solution.clear([duty])
    solution.put(what_fits(solution, duty, kept))


def settle(solution: Solution) -> None:
    """Time the ways that share banks one after the other, so that every one is stated beside the others as they are now."""
    for way in list(solution.ways):
        if way.banks:
            again = solution.way(way.duty, way.stops)
            if again is not None:
                solution.put(again)


def _what_can_be_done(solution: Solution, duty: int) -> list[int]:
    """Give the stops of a duty; should they not be possible in time, those that do not fit are left out."""
    stops = solution.ways[duty].stops
    if solution.timetable(duty, stops) is None:
        _LOG.error("the search made a route that cannot be done, this is a mistake of ours; what does not fit is left out")
        solution.clear([duty])
        solution.put(what_fits(solution, duty, stops))
    return list(solution.ways[duty].stops)


def _routes(solution: Solution) -> tuple[Route, ...]:
    model = solution.model
    visits = model.problem.visits
    routes = []
    for way in list(solution.ways):
        if not way.stops:
            continue
        if way.banks:  # those stated before may have moved, and the next ones must see where this one is now
            solution.put(solution.way(way.duty, way.stops) or way)
        duty = model.duties[way.duty]
        stated = _what_can_be_done(solution, way.duty)
        times = solution.timetable(way.duty, stated)
        if times is None or not stated:
            continue
        stops = tuple(
            Stop(visits[i].id, arrive_s, start_s, start_s + visits[i].service_s)
            for i, arrive_s, start_s in zip(stated, times.arrive_s, times.start_s, strict=True)
        )
        routes.append(Route(duty.crew, duty.day, times.depart_s, times.return_s, stops, times.break_start_s))
    order = {crew.id: n for n, crew in enumerate(model.problem.crews)}
    return tuple(sorted(routes, key=lambda route: (route.day, order[route.crew])))
