"""The loop of column generation: prices of visits from the routes known, better routes from the prices, until none is.

The relaxation is that of set partitioning: parts of routes may be taken. Every visit is on routes once in all or left
out at its price, every duty is done at most once. At any prices of the visits, what they pay in all and what the
cheapest route of every duty loses at them is a bound (Lagrange); the linear program over the routes known finds the
prices at which it is highest. They are held near the best ones so far, for they swing widely otherwise (P. Wentges,
Weighted Dantzig-Wolfe decomposition for linear mixed-integer programming, International Transactions in Operational
Research 4(2), 1997). Routes may return to a visit that they have forgotten; when the linear program takes such a route,
the visits between learn to remember it (R. Roberti and A. Mingozzi, Dynamic ng-path relaxation for the delivery man
problem, Transportation Science 48(3), 2014), until all routes taken are real ones.

Prices are rounded to integers of a fine unit before the pricing, whose integers are exact, so that the bound is proved
and not a matter of tolerances.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from planner.rounds.bound.climb import Climb
from planner.rounds.bound.master import Column, Floats, Master, Worth
from planner.rounds.bound.met import met_routes
from planner.rounds.bound.neighbours import learn, near_sets, returns
from planner.rounds.bound.result import BoundProgress, BoundResult, Method, OnBound, gap_of
from planner.rounds.bound.shifts import Ints, Kind, Memory, Prices, TooLargeError, kinds_of, memory_of
from planner.rounds.bound.simple import own_prices
from planner.rounds.evaluate import evaluate
from planner.rounds.model import Model
from planner.rounds.plan import Plan
from planner.rounds.problem import Problem
from planner.rounds.stop import Stop
from planner.rounds.travel import travel_matrix

FINEST = 20
"""Prices are integers of 2^-20 of the problem's unit, or as fine as 64 bits allow."""
MOST_BITS_OF_COST = 58
"""Sums of prices along a route stay below 2^58, which leaves room for what the compiled code adds."""
LONGEST_ROUTE = 2048
"""No route that the compiled code looks at has more stops, as far as it bounds the rest of a route."""
CLOSE, CLOSE_SHARE = 0.002, 1e-8
"""Where the linear program is so close to the bound, in the problem's unit or as a share of it, the bound is reached."""
SPARE = 0.01
"""What is taken off before the bound is rounded up to an integer, so that noise of the last digits never decides."""
HELD = ((0.05, 0.9), (0.02, 0.8), (-1.0, 0.6))
"""How much prices are held near the best ones so far: the linear program says little while it is far above the bound, by
these shares of its cost or more."""
LESS_HELD = 0.3
"""How much less they are held after each round that found nothing."""
EARLY, BETWEEN = 0.01, 4
"""The routes taken tell which memories are too short as soon as the linear program is so close to the bound, as a share of
its cost; and again after so many rounds."""
BEST_OF_KIND = 10
"""Routes added per kind of duty and round."""
ENOUGH = 0.7
"""A round that finds less than so many routes per kind of duty was greedy for too little: the next one is exact."""
CROWDED_OUT = 40
"""More visits than this are never left out for the sake of a pinned one; were they, the bound would only be weaker."""
SEARCHED = 0.1
"""Share of the time for a search whose routes the linear program begins with."""
LEARNT, SAMPLED = 20, 5
"""After so many steps up the prices are worth looking for routes at, at every so many."""
ROOM, EFFORT, MORE, MOST = 200_000, 20_000_000, 4, 16
"""Labels, and comparisons of labels, that the pricing of one kind of duty may take: 18 MB, and a part of a second; so many
times more, and so often, where that is too little to find any more routes."""
PAYS = 1e-5
"""A route that is cheaper than the duty's price by less than this is not worth adding."""

Ended = Literal["converged", "time", "asked", "rounds", "effort", "memory", "numbers"]

_WHY: dict[Ended, str | None] = {
    "converged": None,
    "time": "the time was over",
    "asked": "it was asked to stop",
    "rounds": "the rounds were used up",
    "effort": "the rounds of some duty are too many to search them all",
    "numbers": "the linear program could not be solved any closer",
    "memory": "some routes return to visits that they have forgotten",
}


def bound(problem: Problem, stop: Stop, plan: Plan | None = None, progress: OnBound | None = None) -> BoundResult:
    """Prove how much every valid plan of a problem costs at least.

    Parameters
    ----------
    problem
        A problem without faults.
    stop
        When to end; what is proved by then holds. With a limit of rounds alone the same arguments give the same bound.
    plan
        A plan to begin with, whose gap is told; the better it is, the sooner the bound is good.
    progress
        Told now and then how far the proof is.
    """
    matrix = travel_matrix(problem.travel, problem.locations)
    model = Model(problem, matrix)
    cost = None if plan is None else int(evaluate(problem, plan, matrix).cost.total)
    try:
        proof = _Proof(model, stop, progress, keep_pins=True)
    except TooLargeError:
        return _simple(model, cost, stop, "the problem is too large for the proof")
    if not proof.scale:
        return _simple(model, cost, stop, "its prices are too large for exact arithmetic")
    ended = proof.run(plan)
    if proof.pins_broken():
        if ended != "converged":  # whether the pins can be kept at all is not known, and prices that force them mislead
            return _simple(model, cost, stop, _WHY[ended])
        proof = _Proof(model, stop, progress, keep_pins=False)
        ended = proof.run(plan)
    method: Method = "columns" if proof.rounds or ended == "converged" else "simple"
    found, gap, wall_s = proof.bound(), gap_of(proof.bound(), cost), round(stop.elapsed_s(), 3)
    return BoundResult(found, ended == "converged", method, _WHY[ended], cost, gap, proof.rounds, len(proof.master), wall_s)


def _simple(model: Model, cost: int | None, stop: Stop, reason: str | None) -> BoundResult:
    """Give the bound of every visit's own price."""
    found = sum(own_prices(model, _prices_left_out(model, keep_pins=False)))
    return BoundResult(found, False, "simple", reason, cost, gap_of(found, cost), 0, 0, round(stop.elapsed_s(), 3))


class _Round(NamedTuple):
    """What one round of pricing found: the bound at its prices in the fine unit, what the duties lose, and the routes."""

    bound: int
    duty: Floats
    columns: list[Column]
    complete: bool


class _Proof:
    """The state of the loop.

    Attributes
    ----------
    own
        Per visit, its own least price.
    scale
        The fine unit; 0 if the prices are too large for it.
    master, rounds
        The linear program, and how often its prices were used.
    """

    def __init__(self, model: Model, stop: Stop, progress: OnBound | None, *, keep_pins: bool) -> None:
        self._model, self._stop, self._progress = model, stop, progress
        self._price = _prices_left_out(model, keep_pins=keep_pins)
        self.own = own_prices(model, self._price)
        self._kinds = kinds_of(model)
        self.scale = _scale(model, self._price, self._kinds)
        self.master = Master([float(price) for price in self._price], [len(kind.duties) for kind in self._kinds])
        self.rounds = 0
        self._sets = near_sets(model, self._kinds)
        self._memory = self._memories()
        self._best = sum(self.own) * self.scale
        self._center = np.array(self.own, dtype=float)
        self._center_duty = np.zeros(len(self._kinds))
        self._limit: float | None = None
        self._harder = 1
        self._greedy, self._less, self._learnt_at = True, 0.0, 0

    def bound(self) -> int:
        """Give the bound proved so far, in the problem's unit: costs are integers, so it is rounded up."""
        return -((int(SPARE * self.scale) - self._best) // self.scale)

    def pins_broken(self) -> bool:
        """Tell whether the linear program leaves out a pinned visit at a price at which it would rather keep it."""
        model = self._model
        pinned = [i for i, visit in enumerate(model.problem.visits) if visit.pinned and model.options[i]]
        return any(self.master.left_out(i) for i in pinned) if pinned and self._solved() else bool(pinned)

    def _begin(self, plan: Plan | None) -> None:
        """Add the routes of a plan, and others that a short search finds."""
        stop = self._stop

        def going_on() -> float | None:
            elapsed_s = stop.elapsed_s()
            over = stop.time_limit_s is not None and elapsed_s >= SEARCHED * stop.time_limit_s
            return None if over or stop.requested() else 0.0

        kind_of = {k: q for q, kind in enumerate(self._kinds) for k in kind.duties}
        for route in met_routes(self._model, plan, going_on):
            self.master.add(Column(kind_of[route.duty], route.stops, float(route.cost)))

    def run(self, plan: Plan | None) -> Ended:
        """Begin with the routes of a plan and go on until the bound is reached or something ends it."""
        self._begin(plan)
        ended = self._climb()
        self._greedy, self._less = True, 0.0
        while ended is None:
            worth = self._solved()
            ended = "numbers" if worth is None else self._over() or self._round(worth)
        return ended

    def _round(self, worth: Worth) -> Ended | None:
        """Look for routes that pay at prices between the best ones and those of the linear program."""
        apart = worth.cost - self._best / self.scale
        if apart <= max(CLOSE, CLOSE_SHARE * abs(worth.cost)):
            self._greedy, self._less = True, 0.0
            return self._refine()
        share = apart / abs(worth.cost) if worth.cost else 1.0
        if share < EARLY and self.rounds >= self._learnt_at + BETWEEN:
            self._learnt_at = self.rounds
            if self._refine() is None:
                return None
        held = max(0.0, next(each for above, each in HELD if share > above) - self._less)
        visit = held * self._center + (1 - held) * worth.visit
        duty = held * self._center_duty + (1 - held) * worth.duty
        before = self._best
        found = self._price_all(visit, duty, greedy=self._greedy)
        if found is None:
            return None  # the time is over, as will be noticed
        fresh = sum(self._add(column, worth) for column in found.columns)
        if self._greedy:
            self._greedy = fresh >= ENOUGH * len(self._kinds)
        elif fresh:
            self._less = 0.0
        elif held > 0:
            self._less += LESS_HELD
        elif self._best == before:
            return "numbers" if found.complete else None if self._try_harder() else "effort"
        return None

    def _solved(self) -> Worth | None:
        """Solve the linear program; None if its numbers are too hard for the solver."""
        try:
            worth = self.master.solve()
        except ArithmeticError:
            return None
        self._limit = worth.cost
        self._tell()
        return worth

    def _try_harder(self) -> bool:
        """Let the pricing take more labels; False if it takes as many as it may."""
        self._harder *= MORE
        return self._harder <= MOST

    def _climb(self) -> Ended | None:
        """Raise the prices step by step from the visits' own, adding the routes met.

        Far from the best prices that is quicker than the linear program, whose prices say little while it knows few routes.
        """
        climb = Climb(self._center, np.array(self._price, dtype=float))
        while climb.worth_going_on():
            over = self._over()
            if over is not None:
                return over
            self.rounds += 1
            self._relaxed(climb)
            if climb.rounds > LEARNT and climb.rounds % SAMPLED == 0:
                found = self._price_all(climb.visit, np.zeros(len(self._kinds)), greedy=True)
                for column in found.columns if found is not None else ():
                    self.master.add(column)
            self._tell()
        return None

    def _relaxed(self, climb: Climb) -> None:
        """Make one step: a bound at the prices tried, and how often the cheapest relaxed routes serve every visit."""
        from planner.rounds.bound.completion import passed
        from planner.rounds.bound.pricing import GREEDY_STEPS, MOST_STEPS

        fine = self._fine(climb.visit)
        total, served, lost = int(fine.sum()), np.zeros(self._model.visits), np.zeros(len(self._kinds))
        for q, kind in enumerate(self._kinds):
            cost, times = passed(kind.shift, self._prices(kind, fine), GREEDY_STEPS, MOST_STEPS)
            total += len(kind.duties) * int(cost)
            lost[q] = cost / self.scale
            served[kind.visits] += len(kind.duties) * times
        self._note(total, fine, lost)
        climb.learn(total / self.scale, served)

    def _fine(self, visit: Floats) -> Ints:
        """Round prices to integers of the fine unit, none above what leaving out its visit costs."""
        most = np.array([price * self.scale for price in self._price], dtype=np.int64)
        below = np.minimum(visit, np.array(self._price, dtype=float))
        fine: Ints = np.minimum(np.floor(below * self.scale).astype(np.int64), most)
        return fine

    def _prices(self, kind: Kind, fine: Ints) -> Prices:
        costs, scale = self._model.problem.costs, self.scale
        own = kind.shift.option * scale - fine[kind.visits]
        return Prices(costs.travel_per_s * scale, costs.overtime_per_s * scale, costs.shift_used * scale, own)

    def _note(self, total: int, fine: Ints, lost: Floats) -> None:
        """Keep the best bound, and the prices that prove it."""
        if total > self._best:
            self._best, self._center, self._center_duty = total, fine / self.scale, lost

    def _price_all(self, visit: Floats, duty: Floats, *, greedy: bool) -> _Round | None:
        """Price every kind of duty at some prices; None if the time is over before the end."""
        from planner.rounds.bound.pricing import cheapest_routes

        self.rounds += 1
        fine = self._fine(visit)
        thresholds = np.floor(duty * self.scale).astype(np.int64)
        total = int(fine.sum())
        lost, columns, complete = np.zeros(len(self._kinds)), [], True
        for q, kind in enumerate(self._kinds):
            if self._over() in ("time", "asked"):
                return None
            priced = cheapest_routes(
                kind.shift,
                self._prices(kind, fine),
                self._memory[q],
                int(thresholds[q]),
                ROOM * self._harder,
                EFFORT * self._harder,
                greedy,
            )
            total += len(kind.duties) * int(priced.least)
            lost[q] = priced.least / self.scale
            complete &= bool(priced.complete)
            columns += self._columns(q, kind, priced.routes, priced.cost, fine)
        self._note(total, fine, lost)
        return _Round(total, lost, columns, complete)

    def _columns(self, q: int, kind: Kind, routes: npt.NDArray[np.int32], cost: Ints, fine: Ints) -> list[Column]:
        """Give the best routes of a pricing."""
        columns = []
        for row in np.argsort(cost, kind="stable")[:BEST_OF_KIND].tolist() if routes.size else []:
            stops = tuple(kind.visits[routes[row][routes[row] >= 0]].tolist())
            if stops and len(stops) <= LONGEST_ROUTE:
                paid = sum(int(fine[i]) for i in stops)
                columns.append(Column(q, stops, (int(cost[row]) + paid) / self.scale))
        return columns

    def _add(self, column: Column, worth: Worth) -> bool:
        """Add a route if it pays at the prices of the linear program."""
        paid = sum(worth.visit[i] for i in column.stops) + worth.duty[column.kind]
        return bool(column.cost < paid - PAYS) and self.master.add(column)

    def _refine(self) -> Ended | None:
        """Forbid what makes the mix unreal; say how it ended if there is nothing, or nothing that can be forbidden."""
        returning = [column for column in self.master.taken() if len(set(column.stops)) < len(column.stops)]
        if not returning:
            return "converged"
        before = sum(map(len, self._sets))
        for column in returning:
            learn(self._sets, column.stops)
        if sum(map(len, self._sets)) == before:
            return "memory"
        self._memory = self._memories()
        for column in self.master.columns():
            if returns(column.stops, self._sets):
                self.master.forbid(column)
        return None

    def _memories(self) -> list[Memory]:
        number = np.empty(self._model.visits, dtype=np.int64)
        return [memory_of(kind, self._sets, number) for kind in self._kinds]

    def _over(self) -> Ended | None:
        stop = self._stop
        if stop.left_s() <= 0:
            return "time"
        if stop.rounds is not None and self.rounds >= stop.rounds:
            return "rounds"
        return "asked" if stop.requested() else None

    def _tell(self) -> None:
        if self._progress is not None:
            stop = self._stop
            timed = stop.elapsed_s() / stop.time_limit_s if stop.time_limit_s else 0.0
            counted = self.rounds / stop.rounds if stop.rounds else 0.0
            self._progress(BoundProgress(min(1.0, max(timed, counted)), self.bound(), self._limit, self.rounds))


def _prices_left_out(model: Model, *, keep_pins: bool) -> list[int]:
    """Give the price of leaving out every visit; of one that is pinned more than that could save, which keeps its pin."""
    problem = model.problem
    costs, published = problem.costs, problem.published or {}
    plain = [
        (costs.missed_mandatory if visit.mandatory else visit.defer_cost) + (costs.change if visit.id in published else 0)
        for visit in problem.visits
    ]
    if keep_pins:
        longest_s = max((duty.latest_s - duty.from_s for duty in model.duties), default=0)
        crowded_out = sum(sorted(plain, reverse=True)[:CROWDED_OUT])
        kept = crowded_out + costs.shift_used + longest_s * (costs.travel_per_s + costs.overtime_per_s)
        for i, visit in enumerate(problem.visits):
            if visit.pinned is not None and model.options[i]:
                plain[i] += kept
    return plain


def _scale(model: Model, price: Sequence[int], kinds: Sequence[Kind]) -> int:
    """Give the finest unit in which no sum of the compiled code overflows; 0 if there is none."""
    costs = model.problem.costs
    longest_s = int(model.matrix.max(initial=0))
    late_s = max((duty.latest_s - duty.to_s for duty in model.duties), default=0)
    option = max((int(np.abs(kind.shift.option).max()) for kind in kinds), default=0)
    stop_cost = longest_s * costs.travel_per_s + option + max(map(abs, price), default=0)
    most = LONGEST_ROUTE * stop_cost + late_s * costs.overtime_per_s + costs.shift_used
    most = max(most, 1, sum(map(abs, price)))
    bits = min(FINEST, MOST_BITS_OF_COST - most.bit_length())
    return 1 << bits if bits >= 0 else 0
