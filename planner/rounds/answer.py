"""A finished solution as a plan: times, prices and reasons, checked by the evaluator before anybody sees it."""

from __future__ import annotations

from collections.abc import Callable

from planner.rounds.evaluate import evaluate
from planner.rounds.explain import reasons
from planner.rounds.insertion import Neighbourhood
from planner.rounds.plan import SCHEMA, Plan, Route, Stop
from planner.rounds.solution import Solution


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
    routes = _routes(solution)
    left_out = tuple(reason.unplanned() for reason in reasons(solution, near, hurry))
    plan = Plan(SCHEMA, routes, left_out, seed=seed)
    verdict = evaluate(model.problem, plan, model.matrix)
    wrong = [violation for violation in verdict.violations if violation.rule != "pins_kept"]
    if wrong:
        raise AssertionError(f"the search made a plan that breaks a rule, this is a mistake of ours: {wrong[0].message}")
    return Plan(SCHEMA, routes, left_out, cost=verdict.cost, seed=seed, wall_s=None if wall_s is None else round(wall_s(), 3))


def settle(solution: Solution) -> None:
    """Time the ways that share banks one after the other, so that every one is stated beside the others as they are now."""
    for way in list(solution.ways):
        if way.banks:
            again = solution.way(way.duty, way.stops)
            if again is not None:
                solution.put(again)


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
        times = solution.timetable(way.duty, way.stops)
        assert times is not None  # noqa: S101 - every way of a solution can be timed
        stops = tuple(
            Stop(visits[i].id, arrive_s, start_s, start_s + visits[i].service_s)
            for i, arrive_s, start_s in zip(way.stops, times.arrive_s, times.start_s, strict=True)
        )
        routes.append(Route(duty.crew, duty.day, times.depart_s, times.return_s, stops, times.break_start_s))
    order = {crew.id: n for n, crew in enumerate(model.problem.crews)}
    return tuple(sorted(routes, key=lambda route: (route.day, order[route.crew])))
