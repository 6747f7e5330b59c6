"""What no chains can cost less than: prices on the hours instead of limits (Lagrangian relaxation, whole numbers throughout).

Let every second on a team's day have a price. Each elevator alone then finds its cheapest chain, and each day alone its
cheapest load; the sum of both is a lower bound of every levelling whatever the prices are, and close to the best one where
they are close to what one more second really costs there. See M. L. Fisher, "The Lagrangian relaxation method for solving
integer programming problems", Management Science 27 (1981), doi:10.1287/mnsc.27.1.1.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from planner.levelling.chain import solve_chain
from planner.levelling.fleet import Fleet, Unit, single_units
from planner.levelling.prices import CENTI
from planner.levelling.state import Chain, NodeCosts, State

ROUNDS = 8
"""Times that prices are moved towards where the chains want to go; later rounds gain next to nothing."""
STEP = 0.1
"""First step, as a share of a full day's price when all of its load goes elsewhere; halved when a round does not gain."""


def lower_bound(state: State, prices: np.ndarray | None, keep_going: Callable[[], bool], rounds: int = ROUNDS) -> int:
    """Return a lower bound of the cost of any levelling of the state's problem.

    Every elevator stands alone here, its way to the site shared with all others there: so the bound holds whether or not
    elevators of a site are visited together.

    Parameters
    ----------
    state
        Its loads give prices where none are known.
    prices
        Of a second on every slot and day, in percent; None for those of the state. Any prices give a bound.
    keep_going
        Asked between rounds.
    rounds
        Times that prices are moved.
    """
    relaxed = _Relaxed(state)
    now = relaxed.prices_at(state.load_s) if prices is None else np.maximum(0, np.rint(prices)).astype(np.int64)
    best, gap_s = relaxed.value(now)
    kept, step = now, STEP
    for _ in range(rounds):
        if not keep_going():
            break
        now = relaxed.moved(kept, gap_s, step)
        value, wanted_s = relaxed.value(now)
        if value > best:
            best, kept, gap_s = value, now, wanted_s
        else:
            step /= 2
    return max(best, 0)


class _Relaxed:
    """The problem with prices instead of limits."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.fleet: Fleet = state.fleet
        self.alike: dict[tuple[Unit, int], int] = {}
        for unit in single_units(self.fleet):
            key = (_anonymous(unit), self.fleet.site_sizes[unit.site])
            self.alike[key] = self.alike.get(key, 0) + 1
        self.working = state.capacity_s > 0

    def prices_at(self, load_s: np.ndarray) -> np.ndarray:
        """Return what one more second costs on every slot and day."""
        lines = self.state.slopes * load_s + self.state.intercepts
        best = lines.argmax(axis=0)
        prices: np.ndarray = np.take_along_axis(self.state.slopes, best[None], axis=0)[0]
        full = load_s * 50 >= self.state.capacity_s * 49
        return np.where(full & self.working, prices + CENTI, prices)

    def value(self, prices: np.ndarray) -> tuple[int, np.ndarray]:
        """Return the bound that prices give, and what all want more of than the days would like to give (slot, day)."""
        total = 0
        wanted_s = np.zeros(prices.shape, dtype=np.int64)
        for (unit, size), count in self.alike.items():
            cost, chain = self._cheapest(unit, size, prices)
            total += count * cost
            for visit in chain:
                if visit.slot is not None:
                    wanted_s[visit.slot, visit.day] += count * (visit.service_s + unit.way_s[visit.slot] // size)
        offered, offered_s = self._offers(prices)
        return total + offered, wanted_s - offered_s

    def _cheapest(self, unit: Unit, size: int, prices: np.ndarray) -> tuple[int, Chain]:
        weights, days = self.fleet.problem.weights, self.fleet.problem.days
        allowed = np.array(unit.allowed)

        def node(service_s: int) -> NodeCosts:
            best = np.full(days, CENTI * weights.unplaced_s, dtype=np.int64)
            chosen = np.full(days, -1, dtype=np.int64)
            for slot in unit.slots:
                costs = (prices[slot] + self.state.off_percent) * (service_s + unit.way_s[slot] // size)
                better = (costs < best) & allowed & self.working[slot]
                best[better], chosen[better] = costs[better], slot
            return NodeCosts(best.tolist(), chosen.tolist())

        return solve_chain(self.fleet, unit, node)

    def _offers(self, prices: np.ndarray) -> tuple[int, np.ndarray]:
        """Return the least of price of load less price of hours over all loads, and the loads where it is."""
        state = self.state
        corners = [np.zeros_like(state.capacity_s)]
        corners += [state.capacity_s * piece // len(state.slopes) for piece in range(1, len(state.slopes))]
        at = np.stack([*corners, state.capacity_s])
        lines = state.slopes[:, None] * at[None] + state.intercepts[:, None]
        values = lines.max(axis=0) - prices * at
        best = values.argmin(axis=0)
        loads: np.ndarray = np.take_along_axis(at, best[None], axis=0)[0]
        return int(values.min(axis=0).sum()), loads

    def moved(self, prices: np.ndarray, wanted_s: np.ndarray, step: float) -> np.ndarray:
        """Return prices raised where too much is wanted and lowered where too little."""
        full = np.maximum(self.state.capacity_s, 1)
        change = step * self.fleet.problem.weights.peak_percent * wanted_s / full
        moved: np.ndarray = np.maximum(prices + np.rint(change).astype(np.int64), 0)
        return moved


def _anonymous(unit: Unit) -> Unit:
    """Return a unit without its name, so that elevators alike are reckoned once.

    Where a class may become due twice its day hangs on the chain; then every visit counts as the lowest class, which is less.
    """
    return Unit(
        members=(0,), site=0, first=unit.first, last=unit.last, due=unit.due, opens=unit.opens, gap=unit.gap,
        slots=unit.slots, ways=unit.ways, allowed=unit.allowed, base_s=unit.base_s, extras=() if unit.repeats else unit.extras,
    )  # fmt: skip
