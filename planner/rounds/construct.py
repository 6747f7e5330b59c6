"""A first plan: visits one after the other at their cheapest place, the least movable first."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

from planner.rounds.insertion import Inserter, Neighbourhood
from planner.rounds.model import PIN_PRICE, Model
from planner.rounds.plan import Plan
from planner.rounds.solution import Solution


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

    Stops that the problem does not know, forbids on that duty, or that cannot be timed there are left out.
    """
    model = solution.model
    taken: set[int] = set()
    for route in start.routes:
        duty = model.duty_number.get((route.crew, route.day))
        if duty is None or solution.ways[duty].stops:
            continue
        known = [model.number[stop.visit] for stop in route.stops if stop.visit in model.number]
        stops = [i for i in dict.fromkeys(known) if i not in taken and duty in model.options[i]]
        way = solution.way(duty, stops)
        while way is None:  # drop the cheapest to leave out until the rest fits
            stops.remove(min(stops, key=lambda i: (model.price[i], -i)))
            way = solution.way(duty, stops)
        taken.update(stops)
        solution.put(way)


def pinned(model: Model) -> list[int]:
    """List the visits that have to be where they are pinned."""
    return [i for i, price in enumerate(model.price) if price >= PIN_PRICE]
