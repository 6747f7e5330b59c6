"""The search in plain Python: the stand-in while the compiled one of `planner.rounds.kernel` is being compiled.

Ruin and recreate: take strings of neighbouring visits out of their ways, put them back one by one, keep what is better.

The moves and the acceptance are those of J. Christiaens and G. Vanden Berghe, Slack induction by string removals for
vehicle routing problems, Transportation Science 54(2), 2020, sections 5 and 6: adjacent string removal, greedy insertion
with blinks, simulated annealing.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Collection

from planner.rounds.insertion import Inserter, Neighbourhood
from planner.rounds.pool import Pool
from planner.rounds.solution import Solution, Way

MEAN_REMOVED = 12
"""Visits taken out per round on average (the paper's c-bar)."""
LONGEST_STRING = 10
"""Most visits taken out of one way (the paper's L-max)."""
SPLIT_CHANCE = 0.5
"""Share of strings that leave out a piece in their middle (alpha)."""
SPLIT_DEPTH = 0.01
"""Chance per step of making that piece one stop longer (beta)."""
BLINK = 0.03
"""Chance of overlooking a way (the paper's gamma is per place)."""
WARM, COLD = 2.0, 0.02
"""Temperature at the beginning and at the end, as a share of the mean cost of a planned visit's drive."""
GENEROUS_CHANCE = 0.05
"""Share of rounds in which a visit may cost more than leaving it out, because others will share the way to it."""
LEFT_OUT_CHANCE = 0.2
"""Share of rounds that begin beside a visit that is left out, while there are such."""


class RuinRecreate:
    """A search from one solution on.

    Parameters
    ----------
    solution
        Where it begins; changed in place.
    near
        The model's neighbourhood.
    rng
        All chance comes from here.
    pool
        Is told of every way of every solution that is kept.
    warm, cold
        Temperature at the beginning and at the end, as a share of the mean cost of a planned visit's drive.
    free
        Visits that may be moved; None for all.

    Attributes
    ----------
    best
        Ways of the cheapest solution so far; `best_cost` what it costs, `best_planned` how many visits are on them.
    rounds
        Rounds done.
    """

    def __init__(
        self,
        solution: Solution,
        near: Neighbourhood,
        rng: random.Random,
        pool: Pool | None = None,
        warm: float = WARM,
        cold: float = COLD,
        free: Collection[int] | None = None,
    ) -> None:
        self._solution = solution
        self._near = near.visits
        self._rng = rng
        self._pool = pool
        self._warm, self._cold = warm, cold
        self._inserter = Inserter(solution, near, rng)
        allowed = range(solution.model.visits) if free is None else sorted(set(free))
        self._movable = [i for i in allowed if solution.model.options[i]]
        self._is_movable = set(self._movable)
        self.best = list(solution.ways)
        self.best_cost = solution.cost
        self.best_planned = solution.planned()
        self.rounds = 0
        self._scale = self._mean_drive()
        self._shift_used = solution.model.problem.costs.shift_used
        self._out = [i for i in self._movable if solution.duty_of[i] < 0]
        self._out_index = {i: p for p, i in enumerate(self._out)}

    def _mean_drive(self) -> float:
        """Give the yardstick of temperatures; where driving is free, the mean price of a visit's route."""
        solution = self._solution
        driven = sum(sum(way.legs) for way in solution.ways) * solution.model.problem.costs.travel_per_s
        driven = driven or sum(abs(way.cost) for way in solution.ways)
        return max(1.0, driven / max(1, solution.planned()))

    def run(self, progress: Callable[[], float | None]) -> None:
        """Search until told to stop.

        Parameters
        ----------
        progress
            Asked before every round: the share of the search that is done (0..1), or None to stop.
        """
        if not self._movable or not self._solution.ways:
            return
        while (done := progress()) is not None:
            temperature = self._scale * self._warm * (self._cold / self._warm) ** done
            self._round(temperature)
            self.rounds += 1

    def _round(self, temperature: float) -> None:
        solution = self._solution
        before = solution.cost
        saved: dict[int, Way] = {}
        absent = self._ruin(saved)
        self._recreate(absent, saved)
        if solution.cost < before - temperature * math.log(1.0 - self._rng.random()):
            self._note_left_out(absent)
            if self._pool is not None:
                self._pool.add(map(solution.ways.__getitem__, saved))
            if solution.cost < self.best_cost:
                self.best_cost = solution.cost
                self.best_planned = len(self._movable) - len(self._out)
                self.best = list(solution.ways)
        else:
            solution.restore(list(saved.values()), before)

    def _note_left_out(self, touched: list[int]) -> None:
        """Keep the list of visits left out after a round that is kept."""
        duty_of = self._solution.duty_of
        for i in touched:
            if duty_of[i] < 0 and i not in self._out_index:
                self._out_index[i] = len(self._out)
                self._out.append(i)
            elif duty_of[i] >= 0 and i in self._out_index:
                p, last = self._out_index.pop(i), self._out.pop()
                if last != i:
                    self._out[p] = last
                    self._out_index[last] = p

    def _ruin(self, saved: dict[int, Way]) -> list[int]:
        """Take strings of visits out of ways around a seed; give them, and visits left out that are met on the way."""
        solution, random_ = self._solution, self._rng.random
        ways, duty_of = solution.ways, solution.duty_of
        if self._out and random_() < LEFT_OUT_CHANCE:
            seed = self._out[int(random_() * len(self._out))]
        else:
            seed = self._movable[int(random_() * len(self._movable))]
        typical = len(ways[duty_of[seed]].stops) if duty_of[seed] >= 0 else LONGEST_STRING
        longest = max(1, min(LONGEST_STRING, typical))
        strings = int(random_() * (4 * MEAN_REMOVED / (1 + longest) - 1) + 1)
        absent: list[int] = []
        for visit in (seed, *self._near[seed]):
            k = duty_of[visit]
            if k < 0:
                if len(absent) < 2 * MEAN_REMOVED and visit not in absent and visit in self._is_movable:
                    absent.append(visit)
                continue
            if k in saved or visit not in self._is_movable:
                continue
            way = ways[k]
            saved[k] = way
            removed = [i for i in self._string(way.stops, visit, longest) if i in self._is_movable]
            shorter = self._without(way, removed)
            if shorter is None:  # a detour was a short cut: where travel times break the triangle inequality
                removed = [i for i in way.stops if i in self._is_movable]
                shorter = self._without(way, removed)
            if shorter is not None:
                absent += removed
                solution.put(shorter)
            if len(saved) >= strings:
                break
        return absent

    def _without(self, way: Way, removed: list[int]) -> Way | None:
        gone = set(removed)
        return self._solution.way(way.duty, [i for i in way.stops if i not in gone])

    def _string(self, stops: list[int], visit: int, longest: int) -> list[int]:
        """Choose a string of stops around a visit, with a gap in half of the cases."""
        random_ = self._rng.random
        length = int(random_() * min(len(stops), longest)) + 1
        kept = 0
        if length > 1 and random_() < SPLIT_CHANCE:
            kept = 1
            while length + kept < len(stops) and random_() < SPLIT_DEPTH:
                kept += 1
        span = length + kept
        if span > len(stops):
            kept, span = len(stops) - length, len(stops)
        at = stops.index(visit)
        low, high = max(0, at - span + 1), min(at, len(stops) - span)
        begin = low + int(random_() * (high - low + 1))
        chosen = stops[begin : begin + span]
        if not kept:
            return chosen
        gap = int(random_() * (length + 1))
        return chosen[:gap] + chosen[gap + kept :]

    def _recreate(self, absent: list[int], saved: dict[int, Way]) -> None:
        """Put visits back one by one, in an order drawn by lot, each at its cheapest place."""
        solution, inserter = self._solution, self._inserter
        price = solution.model.price
        generous = self._rng.random() if self._rng.random() < GENEROUS_CHANCE else 0.0
        for visit in self._ordered(absent):
            limit = price[visit]
            if generous:
                limit += int(generous * (limit + self._shift_used))
            spot = inserter.best(visit, limit, BLINK)
            if spot is not None:
                way = solution.ways[spot.duty]
                if inserter.insert(visit, spot):
                    saved.setdefault(spot.duty, way)

    def _ordered(self, absent: list[int]) -> list[int]:
        """Order visits at random, by far or near, or by how hard they are to place; dear ones before cheap ones."""
        model, rng = self._solution.model, self._rng
        lot = rng.random() * 11
        order = list(absent)
        rng.shuffle(order)
        if lot < 4:
            order.sort(key=lambda i: -model.price[i])
        elif lot < 6:
            order.sort(key=lambda i: (-model.price[i], len(model.options[i])))
        elif lot < 8:
            order.sort(key=lambda i: -model.service_s[i])
        else:
            seed = model.place[absent[0]] if absent else 0
            away = model.travel[seed]
            order.sort(key=lambda i: away[model.place[i]], reverse=lot < 10)
        return order
