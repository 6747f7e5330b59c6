"""Where on the ways of a solution one more visit costs least.

The price of a place is compared first, as it is the cheapest to know; whether the visit fits there is asked only of places
that would be the best so far. The question is answered in constant time from the clocks of the way, and by timing the
whole way only where a longest duration, a bank or priced overtime comes in.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from planner.rounds.model import NEVER_S, Model
from planner.rounds.solution import Solution, Way
from planner.rounds.timing import first_start, rested

NEAR_VISITS = 80
"""Neighbours beside which a place for a visit is looked for first."""
NEAR_HOMES = 8
"""Nearest start locations whose empty duties are looked at first."""
ALL_DUTIES = 40
"""Up to this many duties for a visit all of them are looked at, not only those near by."""
ROWS_AT_ONCE = 128
"""Visits whose neighbours are found together."""


class Spot(NamedTuple):
    """A place for a visit: before the stop at that position on the duty's way (the number of stops: at its end)."""

    cost: int
    duty: int
    position: int


class Neighbourhood:
    """Who is near whom, worked out once per model.

    Attributes
    ----------
    visits
        Per visit, its nearest others (driving there and back) that share a day with it, nearest first.
    homes
        Per visit, the duties that set out from the nearest start locations.
    """

    def __init__(self, model: Model, size: int = NEAR_VISITS) -> None:
        self.visits = _near_visits(model, size)
        self.homes = _near_homes(model)


def _near_visits(model: Model, size: int) -> list[list[int]]:
    count = model.visits
    place = np.array(model.place, dtype=np.int64)
    days = [model.duties[k].day for k in range(len(model.duties))]
    reach = [(min(days[k] for k in options), max(days[k] for k in options)) if options else (1, 0) for options in _kinds(model)]
    first, last = np.array(reach, dtype=np.int64).reshape(-1, 2)[_kind_of(model)].T if count else (place, place)
    near: list[list[int]] = []
    for begin in range(0, count, ROWS_AT_ONCE):
        rows = np.arange(begin, min(begin + ROWS_AT_ONCE, count))
        apart = (model.matrix[place[rows]][:, place] + model.matrix[:, place[rows]][place].T).astype(np.float64)
        never = (first[None, :] > last[rows, None]) | (last[None, :] < first[rows, None]) | (first > last)[None, :]
        apart[never] = np.inf
        apart[np.arange(len(rows)), rows] = np.inf
        kept = min(size, count - 1)
        chosen = np.argpartition(apart, kept - 1, axis=1)[:, :kept] if kept else np.zeros((len(rows), 0), np.int64)
        order = np.take_along_axis(chosen, np.argsort(np.take_along_axis(apart, chosen, 1), axis=1, kind="stable"), 1)
        finite = np.isfinite(np.take_along_axis(apart, order, 1)).sum(axis=1)
        near += [row[:number] for row, number in zip(order.tolist(), finite.tolist(), strict=True)]
    return near


def _kinds(model: Model) -> list[dict[int, int]]:
    """List the distinct dictionaries of options, in order of first use."""
    return list({id(options): options for options in model.options}.values())


def _kind_of(model: Model) -> list[int]:
    numbers: dict[int, int] = {}
    return [numbers.setdefault(id(options), len(numbers)) for options in model.options]


def _near_homes(model: Model) -> list[list[int]]:
    starts: dict[int, list[int]] = {}
    for k, duty in enumerate(model.duties):
        starts.setdefault(duty.start, []).append(k)
    rows = np.array(list(starts), dtype=np.int64)
    places, where = np.unique(np.array(model.place, dtype=np.int64), return_inverse=True)
    if not len(rows) or not len(places):
        return [[] for _ in range(model.visits)]
    order = np.argsort(model.matrix[rows][:, places], axis=0, kind="stable")[:NEAR_HOMES].T
    duties = list(starts.values())
    near = [[k for number in row for k in duties[number]] for row in order.tolist()]
    return [near[number] for number in where.tolist()]


class Inserter:
    """Finds places on the ways of one solution.

    What was found out about a visit and a way is kept with the way, which never changes: most ways outlive most rounds of
    a search, so most questions are answered from there.

    Parameters
    ----------
    solution
        The solution, read anew at every question.
    near
        Its model's neighbourhood.
    rng
        For `blink`.
    """

    def __init__(self, solution: Solution, near: Neighbourhood, rng: random.Random) -> None:
        self._solution = solution
        self._near = near
        self._random = rng.random
        self._prices = solution.model.problem.costs

    def best(self, visit: int, limit: int, blink: float = 0.0, *, everywhere: bool = False) -> Spot | None:
        """Find the cheapest place for a visit that is on no way.

        Parameters
        ----------
        visit
            Its number.
        limit
            What the place must cost less than.
        blink
            Chance of overlooking a way, which keeps a search from repeating itself.
        everywhere
            Look at all duties, not only near other visits and homes.
        """
        solution = self._solution
        options, ways = solution.model.options[visit], solution.ways
        random_ = self._random
        best, best_duty, best_position = limit, -1, -1
        for k in options if everywhere or len(options) <= ALL_DUTIES else self._near_duties(visit, options):
            way = ways[k]
            found = way.found.get(visit)
            if found is None:
                found = way.found[visit] = self._cheapest(way, visit, options[k])
            if found[0] < best and (blink == 0.0 or random_() >= blink):
                if solution.has_banks and solution.meets_bank(k, visit):
                    found = self._cheapest(way, visit, options[k], beside_banks=True)
                    if found[0] >= best:
                        continue
                best, best_position = found
                best_duty = k
        return Spot(best, best_duty, best_position) if best_duty >= 0 else None

    def _near_duties(self, visit: int, options: dict[int, int]) -> Iterable[int]:
        """Give the duties of near visits and the empty ones that set out near by, in a settled order."""
        solution = self._solution
        duty_of, ways = solution.duty_of, solution.ways
        near = {k: None for k in map(duty_of.__getitem__, self._near.visits[visit]) if k in options}
        for k in self._near.homes[visit]:
            if k in options and not ways[k].stops:
                near[k] = None
        return near

    def _cheapest(self, way: Way, visit: int, wish: int, *, beside_banks: bool = False) -> tuple[int, int]:
        """Give cost and position of the cheapest place on one way; `NEVER_S` if there is none.

        Unless told to, it leaves aside that other ways may be at work on the same banks.
        """
        solution = self._solution
        model = solution.model
        service_s = model.service_s[visit]
        best, position = NEVER_S, -1
        if service_s <= way.widest_s:
            here = model.place[visit]
            there_s = map(model.travel_to[here].__getitem__, way.places)
            back_s = map(model.travel[here].__getitem__, way.places[1:])
            per_s = self._prices.travel_per_s
            base = wish if way.stops else wish + self._prices.shift_used
            for p, (there, back, leg, gap) in enumerate(zip(there_s, back_s, way.legs, way.gaps_s, strict=False)):
                cost = base + per_s * (there + back - leg)
                if cost < best and there + service_s + back <= gap:
                    cost = self._fitting(way, visit, p, there, back, cost, beside_banks)
                    if cost < best:
                        best, position = cost, p
        if best == NEVER_S and not way.stops and len(model.variants[way.duty]) > 1:
            alone = solution.way(way.duty, [visit], alone=not beside_banks)  # an empty way shows one variant of its duty only
            best, position = (NEVER_S, -1) if alone is None else (alone.cost, 0)
        return best, position

    def _fitting(self, way: Way, visit: int, index: int, there: int, back: int, cost: int, beside_banks: bool) -> int:
        """Give the cost of a place with its overtime; `NEVER_S`, more than any limit, if the visit does not fit."""
        solution = self._solution
        model = solution.model
        duty = model.duties[way.duty]
        times = way.clocks
        rest = way.rest
        windows, service_s = model.windows[visit], model.service_s[visit]
        ready1 = times.leave1[index] + there
        next0 = NEVER_S
        if rest is not None:
            leave0 = times.leave0[index]
            ready1 = min(ready1, rested(leave0, there, rest))
            done0 = first_start(windows, leave0 + there) + service_s
            next0 = done0 + back
            next1 = min(first_start(windows, ready1) + service_s + back, rested(done0, back, rest))
        else:
            next1 = (ready1 if windows is None else first_start(windows, ready1)) + service_s + back
        if next1 > times.due1[index] and next0 > times.due0[index]:
            return NEVER_S
        if duty.capacity is not None and way.load + model.load[visit] > duty.capacity:
            return NEVER_S
        calm = way.calm is None or next1 <= way.calm[1][index] or next0 <= way.calm[0][index]
        if calm and duty.max_duration_s is None and not beside_banks:
            return cost
        longer = solution.way(way.duty, [*way.stops[:index], visit, *way.stops[index:]], alone=not beside_banks)
        return NEVER_S if longer is None else longer.cost - way.cost

    def insert(self, visit: int, spot: Spot) -> bool:
        """Put a visit on a way; False, and nothing done, if the whole way cannot be timed after all."""
        solution = self._solution
        stops = solution.ways[spot.duty].stops
        longer = solution.way(spot.duty, [*stops[: spot.position], visit, *stops[spot.position :]])
        if longer is None:
            return False
        solution.put(longer)
        return True
