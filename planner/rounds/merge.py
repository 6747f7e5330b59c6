"""The best mix of all routes that searches have met: set partitioning, solved by CP-SAT.

A search keeps one plan; on its way it meets thousands of good routes that never stood in the same plan. Choosing among
them, at most one per duty and at most one per visit, is a problem of its own, and the plan at hand is a hint for it. Duties
that are alike share their routes: whose a route was when it was met does not matter among them.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from planner.rounds.alike import kinds
from planner.rounds.model import PIN_PRICE, Model
from planner.rounds.pool import Pool, PooledRoute, pooled
from planner.rounds.solution import Solution, spans_alone

SAFE_TOTAL = 1 << 50
"""Largest sum of prices that is given to CP-SAT as it is; larger ones are scaled down (the true prices decide after)."""


class Limits(NamedTuple):
    """What CP-SAT may spend (None: no limit of that kind).

    Attributes
    ----------
    left_s
        Gives the wall seconds left, asked when everything is ready for CP-SAT.
    effort
        Deterministic units.
    """

    left_s: Callable[[], float] | None
    effort: float | None


def merge(solution: Solution, pool: Pool, seed: int, limits: Limits) -> bool:
    """Put the best mix of the pool's routes and the solution's own into the solution, if it costs less.

    Parameters
    ----------
    solution
        Changed in place; left alone if nothing better is found.
    pool
        Routes of the same model.
    seed
        Of CP-SAT.
    limits
        With a limit of effort alone the answer is the same on any machine.

    Returns
    -------
    bool
        Whether the solution is better now.
    """
    kind_of = kinds(solution.model)
    own = [pooled(way) for way in solution.ways if way.stops]
    cheapest = {(kind_of[route.duty], frozenset(route.stops)): route for route in own}
    others = False
    for route in pool.routes():
        key = kind_of[route.duty], frozenset(route.stops)
        if key not in cheapest or route.cost < cheapest[key].cost:
            cheapest[key] = route
            others = True
    if not others:
        return False
    chosen = _best_mix(solution, list(cheapest.values()), len(own), kind_of, seed, limits)
    return chosen is not None and _adopt(solution, _on_duties(chosen, kind_of))


def _on_duties(chosen: Sequence[PooledRoute], kind_of: Sequence[int]) -> list[PooledRoute]:
    """Give every route a duty of its kind, its own where that is free."""
    taken: dict[int, PooledRoute] = {}
    homeless = [route for route in chosen if taken.setdefault(route.duty, route) is not route]
    free: dict[int, list[int]] = defaultdict(list)
    for k in range(len(kind_of) - 1, -1, -1):
        if k not in taken:
            free[kind_of[k]].append(k)
    return [*taken.values(), *(route._replace(duty=free[kind_of[route.duty]].pop()) for route in homeless)]


def _best_mix(
    solution: Solution, routes: Sequence[PooledRoute], hinted: int, kind_of: Sequence[int], seed: int, limits: Limits
) -> list[PooledRoute] | None:
    """Choose routes, of which the first `hinted` are the plan at hand; None if there is no answer in time."""
    from ortools.sat.python import cp_model

    program = cp_model.CpModel()
    taken = [program.new_bool_var("") for _ in routes]
    of_visit: dict[int, list[Any]] = defaultdict(list)
    for route, variable in zip(routes, taken, strict=True):
        for i in route.stops:
            of_visit[i].append(variable)
    _spare_duties(program, routes, taken, kind_of)
    absent = {i: program.new_bool_var("") for i in of_visit}
    for i, variables in of_visit.items():
        program.add_exactly_one([*variables, absent[i]])
    if solution.has_banks:
        _keep_banks_apart(program, solution.model, routes, taken)
    program.minimize(_price(solution.model, routes, taken, absent))
    for k, variable in enumerate(taken):
        program.add_hint(variable, k < hinted)
    for i, variable in absent.items():
        program.add_hint(variable, solution.duty_of[i] < 0)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed % (1 << 31)
    if limits.left_s is not None:
        solver.parameters.max_time_in_seconds = max(0.0, limits.left_s())
    if limits.effort is not None:
        solver.parameters.max_deterministic_time = limits.effort
    if solver.solve(program) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return [route for route, variable in zip(routes, taken, strict=True) if solver.boolean_value(variable)]


def _spare_duties(program: Any, routes: Sequence[PooledRoute], taken: Sequence[Any], kind_of: Sequence[int]) -> None:
    """Forbid mixes with more routes of a kind of duty than there are duties."""
    of_kind: dict[int, list[Any]] = defaultdict(list)
    for route, variable in zip(routes, taken, strict=True):
        of_kind[kind_of[route.duty]].append(variable)
    duties = Counter(kind_of)
    for kind, variables in of_kind.items():
        if duties[kind] == 1:
            program.add_at_most_one(variables)
        elif len(variables) > duties[kind]:
            program.add(sum(variables) <= duties[kind])


def _price(model: Model, routes: Sequence[PooledRoute], taken: Sequence[Any], absent: dict[int, Any]) -> Any:
    """Give the price of a mix, in a unit so coarse that CP-SAT's 64 bits hold every sum."""
    from ortools.sat.python.cp_model import LinearExpr

    routes_in_all = sum(abs(route.cost) for route in routes)
    others = sum(price for price in model.price if price < PIN_PRICE)
    pin_price = 1 + others + routes_in_all  # more than all else together
    prices = {i: min(model.price[i], pin_price) for i in absent}
    unit = max(1, math.ceil((routes_in_all + sum(prices.values())) / SAFE_TOTAL))
    return LinearExpr.weighted_sum(
        [*taken, *absent.values()], [route.cost // unit for route in routes] + [prices[i] // unit for i in absent]
    )


def _keep_banks_apart(program: Any, model: Model, routes: Sequence[PooledRoute], taken: Sequence[Any]) -> None:
    """Forbid mixes in which visits of one bank are at work at once, at the times at which their routes were met."""
    intervals: dict[int, list[Any]] = defaultdict(list)
    for route, variable in zip(routes, taken, strict=True):
        if all(model.bank[i] < 0 for i in route.stops):
            continue
        spans_of = spans_alone(model, route.duty, route.stops) if route.spans is None else route.spans
        for bank, spans in spans_of.items():
            for begin, end in spans:
                interval = program.new_optional_fixed_size_interval_var(begin, end - begin, variable, "")
                intervals[bank].append(interval)
    for each in intervals.values():
        program.add_no_overlap(each)


def _adopt(solution: Solution, chosen: Sequence[PooledRoute]) -> bool:
    """Replace all ways by the chosen ones; back to the old ones if that is not cheaper, or cannot be timed together."""
    before, old = solution.cost, list(solution.ways)
    solution.clear(range(len(old)))
    for route in chosen:
        way = solution.way(route.duty, list(route.stops))
        if way is None:
            break
        solution.put(way)
    if solution.cost < before:
        return True
    solution.restore(old)
    return False
