"""Plans for explanations: one of a search, and the same with a visit somewhere else."""

from __future__ import annotations

from planner.rounds.answer import plan_of
from planner.rounds.evaluate import Evaluation, evaluate
from planner.rounds.explain.apply import Change
from planner.rounds.explain.look import Look, nowhere
from planner.rounds.plan import SCHEMA, Plan, Route, Stop, Unplanned
from planner.rounds.problem import Problem
from planner.rounds.solve import Search
from planner.rounds.stop import Stop as Limit


def searched(problem: Problem, rounds: int = 20) -> Plan:
    """Search a plan for a few rounds: good enough to be asked about, and often not the best."""
    search = Search(problem, Limit(rounds=rounds), 1)
    search.construct()
    search.improve()
    return search.answer()


def stated(look: Look) -> Plan:
    """Write a looked-at solution down; it must be as valid as a plan has to be."""
    return plan_of(look.solution, nowhere(), lambda: True, seed=1, wall_s=None)


def moved(problem: Problem, plan: Plan, visit: str, crew: str | None, day: int | None, position: int | None) -> Plan:
    """Take a visit out of a plan and put it before a stop of a route, or leave it out (crew None); times are made anew."""
    orders = {(route.crew, route.day): [stop.visit for stop in route.stops] for route in plan.routes}
    for order in orders.values():
        if visit in order:
            order.remove(visit)
    if crew is not None and day is not None and position is not None:
        orders.setdefault((crew, day), []).insert(position, visit)
    routes = tuple(
        Route(name, at, 0, 0, tuple(Stop(stop, 0, 0, 0) for stop in order)) for (name, at), order in orders.items() if order
    )
    planned = {stop.visit for route in routes for stop in route.stops}
    left_out = tuple(Unplanned(each.id) for each in problem.visits if each.id not in planned)
    return stated(Look(problem, Plan(SCHEMA, routes, left_out)))


def with_change(problem: Problem, plan: Plan, change: Change) -> Plan:
    """Make a plan as a change says; `problem` has the change done already."""
    if change.other is not None:
        plan = moved(problem, plan, change.other, None, None, None)
    plan = moved(problem, plan, change.visit, change.crew, change.day, change.position)
    if change.other is not None and change.other_crew is not None:
        plan = moved(problem, plan, change.other, change.other_crew, change.other_day, change.other_position)
    return plan


def judged(problem: Problem, plan: Plan) -> Evaluation:
    """Evaluate a plan that may break nothing, or nothing but pins that do not fit together."""
    verdict = evaluate(problem, plan)
    assert {violation.rule for violation in verdict.violations} <= {"pins_kept"}
    return verdict
