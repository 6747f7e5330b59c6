"""Swaps: a planned visit gives way to one that is left out, and goes where it costs least, or is left out itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from planner.rounds.explain.apply import Change, change_of
from planner.rounds.explain.look import Look, difference, inserter_of, varied
from planner.rounds.insertion import Inserter, Spot
from planner.rounds.model import NEVER_S, PIN_PRICE
from planner.rounds.solution import Solution

ROUTES_TRIED = 12
"""Routes on which swaps are tried, those with the most room first: each of their stops is taken out once."""


class _Swap(NamedTuple):
    """What gives way to what, and where both go then; `cost` is the plan's, `again` None where the other is left out."""

    cost: int
    other: int
    spot: Spot
    again: Spot | None


def swaps(look: Look, i: int) -> Iterator[Change]:
    """Find the cheapest swap that lets a visit be planned."""
    options = look.model.options[i]
    scratch = varied(look.solution)
    scratch.model.options = list(scratch.model.options)
    inserter = inserter_of(scratch)
    ways = scratch.ways
    best: _Swap | None = None
    for k in sorted(options, key=lambda k: (-ways[k].widest_s, k))[:ROUTES_TRIED]:
        scratch.model.options[i] = {k: options[k]}
        for other in ways[k].stops:
            if look.model.price[other] < PIN_PRICE and look.visit(other).pinned is None:
                found = _swap(scratch, inserter, i, other, NEVER_S if best is None else best.cost)
                best = found or best
    if best is not None:
        yield _named(look, i, best)


def _swap(scratch: Solution, inserter: Inserter, i: int, other: int, limit: int) -> _Swap | None:
    """Try one swap; the solution is as before afterwards. None if it cannot be done or costs no less than the limit."""
    k = scratch.duty_of[other]
    old = scratch.ways[k]
    shorter = scratch.way(k, [j for j in old.stops if j != other])
    if shorter is None:
        return None
    price = scratch.model.price
    scratch.put(shorter)
    touched = [old]
    found = None
    spot = inserter.best(i, NEVER_S, everywhere=True)
    # what gives way costs at least the cheapest of its wishes elsewhere, or its price
    least = min(price[other], *scratch.model.options[other].values())
    if spot is not None and scratch.cost + spot.cost - price[i] + least - price[other] < limit and inserter.insert(i, spot):
        again = inserter.best(other, price[other], everywhere=True)
        if again is not None:
            before = scratch.ways[again.duty]
            if inserter.insert(other, again):
                touched += [before] if again.duty != k else []
            else:
                again = None
        if scratch.cost < limit:
            found = _Swap(scratch.cost, other, spot, again)
    scratch.restore(touched)
    return found


def _named(look: Look, i: int, swap: _Swap) -> Change:
    after = varied(look.solution)
    k = after.duty_of[swap.other]
    shorter = after.way(k, [j for j in after.ways[k].stops if j != swap.other])
    assert shorter is not None  # noqa: S101 - it was made while searching
    after.put(shorter)
    inserter = inserter_of(after)
    inserter.insert(i, swap.spot)
    duty, again = look.model.duties[swap.spot.duty], swap.again
    there = None
    if again is not None:
        inserter.insert(swap.other, again)
        there = look.model.duties[again.duty]
    return change_of(
        look, i, "swap", duty.crew, duty.day, swap.spot.position, difference(look.solution, after),
        other=look.visit(swap.other).id,
        other_crew=None if there is None else there.crew,
        other_day=None if there is None else there.day,
        other_position=None if again is None else again.position,
    )  # fmt: skip
