"""A first plan: visits one after the other at their cheapest place, the least movable first."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence

from planner.rounds.evaluate import evaluate
from planner.rounds.insertion import Inserter, Neighbourhood
from planner.rounds.model import NEVER_S, PIN_PRICE, Model
from planner.rounds.plan import Plan
from planner.rounds.solution import Solution, Way

BESIDE_TIMES = {"pins_kept", "every_visit_accounted_for"}
"""Rules that say nothing against the routes of a plan and their times."""
ORDERS_TRIED = 100
"""Orders in which the pinned visits of one duty are tried, when they do not fit in the first."""


def insert_all(
    solution: Solution, near: Neighbourhood, visits: Iterable[int], rng: random.Random, should_stop: Callable[[], bool]
) -> None:
    """Insert visits in this order, each at its cheapest place, where that costs less than leaving it out."""
    inserter = Inserter(solution, near, rng)
    for visit in visits:
        if should_stop():
            return
        price = solution.model.price[visit]
        spot = inserter.best(visit, price) or inserter.best(visit, price, everywhere=True)
        if spot is not None:
            inserter.insert(visit, spot)


def by_urgency(model: Model, visits: Iterable[int]) -> list[int]:
    """Order visits: pinned ones, then dear ones with few duties to choose from and little time to start."""

    def rank(visit: int) -> tuple[int, int, int]:
        windows = model.windows[visit]
        room_s = 86_400 if windows is None else sum(end - begin for begin, end in windows)
        return -model.price[visit], len(model.options[visit]), room_s

    return sorted(visits, key=rank)


def adopt(solution: Solution, start: Plan) -> None:
    """Take over from a plan whatever the problem allows, in the plan's order; pinned visits first go where they must.

    Stops that the problem does not know, forbids on that duty, or that cannot be timed there are left out. Where visits
    share banks, times hang together, and a plan that breaks no rule is taken as it is stated.
    """
    model = solution.model
    if solution.has_banks and _adopt_as_stated(solution, start):
        return
    taken: set[int] = set()
    for route in start.routes:
        duty = model.duty_number.get((route.crew, route.day))
        if duty is None or solution.ways[duty].stops:
            continue
        known = [model.number[stop.visit] for stop in route.stops if stop.visit in model.number]
        stops = [i for i in dict.fromkeys(known) if i not in taken and duty in model.options[i]]
        way = what_fits(solution, duty, stops)
        taken.update(way.stops)
        solution.put(way)


def what_fits(solution: Solution, duty: int, stops: Sequence[int]) -> Way:
    """Give a way with these stops in their order, without those that are cheapest to leave out until the rest can be done."""
    kept = list(stops)
    way = solution.way(duty, kept)
    while way is None:
        kept.remove(min(kept, key=lambda i: (solution.model.price[i], -i)))
        way = solution.way(duty, kept)
    return way


def _adopt_as_stated(solution: Solution, start: Plan) -> bool:
    """Take over routes with the times that they state, if they keep every rule but that of pins."""
    model = solution.model
    verdict = evaluate(model.problem, start, model.matrix)
    if not {violation.rule for violation in verdict.violations} <= BESIDE_TIMES:
        return False
    for route in start.routes:
        if not route.stops:
            continue
        duty = model.duty_number[route.crew, route.day]
        stops = [model.number[stop.visit] for stop in route.stops]
        starts = [stop.start_s for stop in route.stops]
        allowed = all(duty in model.options[i] for i in stops)
        way = solution.way_as_stated(duty, stops, starts, route.return_s) if allowed else None
        if way is None:  # against a pin
            solution.clear(range(len(model.duties)))
            return False
        solution.put(way)
    for way in [way for way in solution.ways if way.stops]:  # as early as they can be beside the others
        solution.put(solution.way(way.duty, way.stops) or way)
    return True


def place_pinned(solution: Solution, near: Neighbourhood, rng: random.Random, should_stop: Callable[[], bool]) -> None:
    """Bring in pinned visits that are left out: what else is on their duty makes room, and comes back where it can."""
    model = solution.model
    inserter = Inserter(solution, near, rng)
    outside: dict[int, list[int]] = {}
    for i in solution.left_out():
        if model.price[i] >= PIN_PRICE:
            for k in model.options[i]:
                outside.setdefault(k, []).append(i)
    for k, absent in outside.items():
        if should_stop():
            return
        if _inserted(solution, inserter, absent) < len(absent):
            _make_room(solution, inserter, k, rng)


def _inserted(solution: Solution, inserter: Inserter, visits: Sequence[int]) -> int:
    """Insert visits in this order, wherever they fit and are worth it; count them."""
    count = 0
    for i in visits:
        spot = inserter.best(i, solution.model.price[i], everywhere=True)
        count += spot is not None and inserter.insert(i, spot)
    return count


def _make_room(solution: Solution, inserter: Inserter, duty: int, rng: random.Random) -> None:
    """Plan one duty anew: its pinned visits first, in the order in which most of them fit, then what else was on it."""
    model = solution.model
    here = [i for i, options in enumerate(model.options) if duty in options and model.price[i] >= PIN_PRICE]
    here.sort(key=lambda i: (model.windows[i] or ((0, NEVER_S),))[-1][1])
    others = [i for i in solution.ways[duty].stops if model.price[i] < PIN_PRICE]
    best, most = solution.ways[duty], len(solution.ways[duty].stops) - len(others)
    for _ in range(ORDERS_TRIED):
        solution.clear([duty])
        count = _inserted(solution, inserter, here)
        if count > most:
            best, most = solution.ways[duty], count
        if count == len(here):
            break
        rng.shuffle(here)
    solution.restore([best])
    _inserted(solution, inserter, [i for i in others if solution.duty_of[i] < 0])
