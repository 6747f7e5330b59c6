"""Where on the ways of a solution one more visit costs least.

The price of a place is compared first, as it is the cheapest to know; whether the visit fits there is asked only of places
that would be the best so far. The question is answered in constant time from the clocks of the way, and by timing the
whole way only where a longest duration, a bank or priced overtime comes in.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from planner.rounds.model import NEVER_S, Model
from planner.rounds.solution import Solution, Way
from planner.rounds.timing import first_start, latest_departure, rested, shortest_s

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
        self._model = solution.model
        self._prices = solution.model.problem.costs
        self._per_s = self._prices.travel_per_s

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
                    found = self._beside_banks(way, visit, options[k], found)
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

    def _cheapest(self, way: Way, visit: int, wish: int) -> tuple[int, int]:
        """Give cost and position of the cheapest place on one way; `NEVER_S` if there is none.

        That other ways may be at work on the same banks is left aside, so that the answer depends on this way alone.
        """
        service_s = self._model.service_s[visit]
        if service_s > way.widest_s:
            return NEVER_S, -1
        if not way.stops and len(self._model.variants[way.duty]) > 1:
            return self._cheapest_whole(way, visit, wish, alone=True)  # an empty way shows one variant of its duty only
        duty = self._model.duties[way.duty]
        priced = duty.latest_s > duty.to_s and self._prices.overtime_per_s > 0
        best, position = NEVER_S, -1
        for least, p, there, back in self._priced_places(way, visit, wish) if priced else self._places(way, visit, wish):
            if least < best:
                cost = self._fitting(way, visit, p, there, back, wish)
                if cost < best:
                    best, position = cost, p
            elif priced:
                break
        return (best if way.stops else best + self._prices.shift_used), position

    def _places(self, way: Way, visit: int, wish: int) -> Iterator[tuple[int, int, int, int]]:
        """Give cost, position and the drives there and on of every place on a way that may be wide enough."""
        service_s, per_s = self._model.service_s[visit], self._per_s
        for p, (there, back, leg, gap) in enumerate(self._detours(way, visit)):
            if there + service_s + back <= gap:
                yield wish + per_s * (there + back - leg), p, there, back

    def _priced_places(self, way: Way, visit: int, wish: int) -> list[tuple[int, int, int, int]]:
        """Give the same, the cheapest first, with the overtime that is certain: all work done without any waiting."""
        duty, rest = self._model.duties[way.duty], way.rest
        from_s = (way.clocks.leave1 if rest is None else way.clocks.leave0)[0]
        over_s = from_s + way.work_s + self._model.service_s[visit] - duty.to_s
        if rest is not None and way.return_s >= rest[1]:
            over_s += rest[2]
        per_s = self._prices.overtime_per_s
        wish -= per_s * max(0, way.return_s - duty.to_s)
        places = [
            (cost + per_s * max(0, over_s + there + back - way.legs[p]), p, there, back)
            for cost, p, there, back in self._places(way, visit, wish)
        ]
        places.sort()
        return places

    def _detours(self, way: Way, visit: int) -> Iterator[tuple[int, int, int, int]]:
        """Give for every place on a way the drive there, the drive on, the drive that both replace, and its gap."""
        here = self._model.place[visit]
        there_s = map(self._model.travel_to[here].__getitem__, way.places)
        back_s = map(self._model.travel[here].__getitem__, way.places[1:])
        return zip(there_s, back_s, way.legs, way.gaps_s, strict=False)

    def _fitting(self, way: Way, visit: int, p: int, there: int, back: int, wish: int) -> int:
        """Give the cost of a place with its overtime; `NEVER_S`, more than any limit, if the visit does not fit."""
        model = self._model
        duty = model.duties[way.duty]
        times = way.clocks
        rest = way.rest
        windows, service_s = model.windows[visit], model.service_s[visit]
        ready1 = times.leave1[p] + there
        done0 = NEVER_S
        if rest is not None:
            leave0 = times.leave0[p]
            ready1 = min(ready1, rested(leave0, there, rest))
            done0 = first_start(windows, leave0 + there) + service_s
        done1 = (ready1 if windows is None else first_start(windows, ready1)) + service_s
        next1 = done1 + back if rest is None else min(done1 + back, rested(done0, back, rest))
        if next1 > times.due1[p] and done0 + back > times.due0[p]:
            return NEVER_S
        if duty.capacity is not None and way.load + model.load[visit] > duty.capacity:
            return NEVER_S
        cost = wish + self._per_s * (there + back - way.legs[p])
        longest_s = duty.max_duration_s
        if longest_s is None and (duty.latest_s == duty.to_s or not self._prices.overtime_per_s):
            return cost
        return_s = self._return_s(way, p, done0, done1, back)
        from_s = (times.leave1 if rest is None else times.leave0)[0]
        if longest_s is not None and return_s - from_s > longest_s:
            return self._setting_off_late(way, visit, p, (there, back), return_s, cost)
        overtime_s = max(0, return_s - duty.to_s) - max(0, way.return_s - duty.to_s)
        return cost + overtime_s * self._prices.overtime_per_s

    def _setting_off_late(self, way: Way, visit: int, p: int, drives: tuple[int, int], return_s: int, cost: int) -> int:
        """Give the cost of a place where only a later departure may keep the longest duration."""
        model = self._model
        duty = model.duties[way.duty]
        longest_s = duty.max_duration_s or 0
        if shortest_s(duty, way.work_s + model.service_s[visit] + sum(drives) - way.legs[p]) > longest_s:
            return NEVER_S
        if duty.rest is None and model.one_window:
            stops = [*way.stops[:p], visit, *way.stops[p:]]
            legs = [*way.legs[:p], *drives, *way.legs[p + 1 :]]
            if return_s - latest_departure(model, stops, legs, return_s) > longest_s:
                return NEVER_S
            overtime_s = max(0, return_s - duty.to_s) - max(0, way.return_s - duty.to_s)
            return cost + overtime_s * self._prices.overtime_per_s
        longer = self._longer(way, visit, p, alone=True)
        if longer is None:
            return NEVER_S
        return longer.cost - way.cost - (0 if way.stops else self._prices.shift_used)  # the caller adds that

    def _return_s(self, way: Way, p: int, done0: int, done1: int, leg: int) -> int:
        """Give the return of a crew that is done at these times with what comes before the stops from a position on."""
        windows, service_s = self._model.windows, self._model.service_s
        if way.rest is None:
            now = done1 + leg
            for i, leg_on in zip(way.stops[p:], way.legs[p + 1 :], strict=True):
                window = windows[i]
                now = (now if window is None else first_start(window, now)) + service_s[i] + leg_on
            return now
        rest = first_s, last_s, rest_s = way.rest
        now0, now1 = done0, done1
        for i, leg_on in zip(way.stops[p:], way.legs[p + 1 :], strict=True):
            ready0, ready1 = now0 + leg, now1 + leg
            if now0 <= last_s:  # `rested`, written out for speed
                on_this_drive = (ready0 if ready0 > first_s else first_s) + rest_s
                if on_this_drive < ready1:
                    ready1 = on_this_drive
            window = windows[i]
            if window is not None:
                ready0, ready1 = first_start(window, ready0), first_start(window, ready1)
            now0, now1 = ready0 + service_s[i], ready1 + service_s[i]
            leg = leg_on
        return now0 + leg if now0 + leg < last_s else min(now1 + leg, rested(now0, leg, rest))

    def _beside_banks(self, way: Way, visit: int, wish: int, found: tuple[int, int]) -> tuple[int, int]:
        """Give the cheapest place while other ways are at work on the same banks; `found` is the one if they were not."""
        longer = self._longer(way, visit, found[1], alone=False)
        if longer is not None and longer.cost - way.cost <= found[0]:
            return found
        return self._cheapest_whole(way, visit, wish, alone=False)

    def _cheapest_whole(self, way: Way, visit: int, wish: int, *, alone: bool) -> tuple[int, int]:
        """Give the cheapest place on one way by timing the whole way with the visit, the cheapest detours first."""
        duty = self._model.duties[way.duty]
        service_s = self._model.service_s[visit]
        work_s = way.work_s + service_s
        longest_s = NEVER_S if duty.max_duration_s is None else duty.max_duration_s
        base = wish if way.stops else wish + self._prices.shift_used
        detours = sorted(
            (base + self._per_s * (there + back - leg), p)
            for p, (there, back, leg, _) in enumerate(self._detours(way, visit))
            if shortest_s(duty, work_s + there + back - leg) <= longest_s
        )
        best, position = NEVER_S, -1
        for cost, p in detours:
            if cost >= best:
                break
            longer = self._longer(way, visit, p, alone=alone)
            if longer is not None and longer.cost - way.cost < best:
                best, position = longer.cost - way.cost, p
        return best, position

    def _longer(self, way: Way, visit: int, p: int, *, alone: bool) -> Way | None:
        return self._solution.way(way.duty, [*way.stops[:p], visit, *way.stops[p:]], alone=alone)

    def insert(self, visit: int, spot: Spot) -> bool:
        """Put a visit on a way; False, and nothing done, if the whole way cannot be timed after all."""
        solution = self._solution
        longer = self._longer(solution.ways[spot.duty], visit, spot.position, alone=False)
        if longer is None:
            return False
        solution.put(longer)
        return True
