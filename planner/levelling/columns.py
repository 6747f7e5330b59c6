"""Chains worth a thought: for every unit a handful, found against prices of days that a linear programme sets.

The programme mixes the chains known so far, parts of chains allowed; what one more second on a day would cost it is the
price at which every unit looks for another chain. See G. B. Dantzig and P. Wolfe, "Decomposition principle for linear
programs", Operations Research 8 (1960), doi:10.1287/opre.8.1.101.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from planner.levelling.chain import solve_chain
from planner.levelling.fleet import Unit
from planner.levelling.prices import CENTI
from planner.levelling.state import Chain, NodeCosts, Placed, State, chain_parts

FULL_SHARE = 0.93
"""From this share of its hours on a day counts as full when the first prices are set…"""
FULL_PRICE = 100
"""…and costs as much more per second, in percent: chains that avoid it are wanted as well as chains that use it."""
NOISES = (0.05, 0.2, 0.4)
"""Spreads of the factors by which prices are shaken to find chains of different kinds."""
MOST = 16
"""Chains per unit that are known; more make the choice among them slower, not better."""
KEPT = 8
"""Of them are kept when a new round begins."""


class Columns:
    """The chains known of some units.

    Parameters
    ----------
    state
        With a chain for every unit.
    chosen
        Indices of the units.
    seed
        Of the shaking of prices.

    Attributes
    ----------
    chains
        By unit: its present chain first.
    """

    def __init__(self, state: State, chosen: Sequence[int], seed: int) -> None:
        self.state = state
        self.chosen = list(chosen)
        self.chains: dict[int, list[Chain]] = {number: [state.chains[number] or ()] for number in chosen}
        self._known = {number: {_key(chains[0])} for number, chains in self.chains.items()}
        self._chance = np.random.default_rng(seed)
        self._allowed: dict[int, np.ndarray] = {}

    def restart(self) -> None:
        """Make the present chains the first ones; of the others those found last go when there are too many."""
        for number in self.chosen:
            present = self.state.chains[number] or ()
            others = [chain for chain in self.chains[number] if _key(chain) != _key(present)]
            self.chains[number] = [present, *others[: KEPT - 1]]
            self._known[number] = {_key(chain) for chain in self.chains[number]}

    def shake(self, times: int, keep_going: Callable[[], bool]) -> None:
        """Add chains that are cheapest against shaken prices, in turn the prices of hours and those of the days as they are."""
        prices = present_prices(self.state)
        for turn in range(times):
            spread = NOISES[turn % len(NOISES)]
            for number in self.chosen:
                if not keep_going():
                    return
                if turn % 2:
                    self._add_beside(number, spread)
                else:
                    self.add(number, prices * np.exp(spread * self._chance.standard_normal(prices.shape)))

    def _add_beside(self, number: int, spread: float) -> None:
        """Add a chain that is nearly the cheapest one beside the present chains of all others."""
        unit, present = self.state.units[number], self.state.chains[number] or ()
        factors = np.exp(spread * self._chance.standard_normal(self.state.fleet.problem.days))

        def node(service_s: int) -> NodeCosts:
            found = self.state.node_costs(unit, service_s)
            return NodeCosts(np.rint(np.array(found.costs) * factors).astype(np.int64).tolist(), found.slots)

        self.state.take_out(number)
        chain = solve_chain(self.state.fleet, unit, node)[1]
        self.state.put(number, present)
        self._keep(number, chain)

    def add(self, number: int, prices: np.ndarray) -> bool:
        """Add a unit's cheapest chain against prices (slot, day) per second; return whether it is a new one."""
        unit = self.state.units[number]
        return self._keep(
            number, solve_chain(self.state.fleet, unit, lambda service_s: self._node(number, unit, service_s, prices))[1]
        )

    def _keep(self, number: int, found: Chain) -> bool:
        unit, key = self.state.units[number], _key(found)
        if key in self._known[number] or len(self.chains[number]) >= MOST:
            return False
        self._known[number].add(key)
        services = self.state.services_of(unit, [visit.day for visit in found])
        exact = tuple(Placed(each.day, each.slot, more) for each, more in zip(found, services, strict=True))
        self.chains[number].append(exact)
        return True

    def _node(self, number: int, unit: Unit, service_s: int, prices: np.ndarray) -> NodeCosts:
        days = self.state.fleet.problem.days
        if number not in self._allowed:
            self._allowed[number] = np.array(unit.allowed)
        best = np.full(days, unplaced_price(self.state, unit), dtype=np.int64)
        slots = np.full(days, -1, dtype=np.int64)
        for slot in unit.slots:
            work_s = service_s + unit.way_s[slot]
            costs = np.rint((prices[slot] + self.state.off_percent) * work_s).astype(np.int64)
            better = (costs < best) & self._allowed[number] & (self.state.capacity_s[slot] >= max(work_s, 1))
            best[better], slots[better] = costs[better], slot
        return NodeCosts(best.tolist(), slots.tolist())

    def fixed_cost(self, number: int, chain: Chain) -> int:
        """Return what a chain costs whatever the loads are."""
        unit = self.state.units[number]
        missing = sum(visit.slot is None for visit in chain)
        return sum(chain_parts(self.state.fleet, unit, chain)) + missing * unplaced_price(self.state, unit)


def loads_of_others(columns: Columns) -> np.ndarray:
    """Return the load of all units that are not among the chosen (slot, day)."""
    state = columns.state
    present = {number: state.chains[number] or () for number in columns.chosen}
    for number in present:
        state.take_out(number)
    found = state.load_s.copy()
    for number, chain in present.items():
        state.put(number, chain)
    return found


def unplaced_price(state: State, unit: Unit) -> int:
    """Return what a visit of a unit costs that is not placed."""
    return CENTI * state.fleet.problem.weights.unplaced_s * len(unit.members)


def present_prices(state: State) -> np.ndarray:
    """Return what one more second costs now (slot, day), full days being dear."""
    lines = state.slopes * state.load_s + state.intercepts
    prices: np.ndarray = np.take_along_axis(state.slopes, lines.argmax(axis=0)[None], axis=0)[0].astype(float)
    prices[state.load_s > FULL_SHARE * state.capacity_s] += FULL_PRICE
    return prices


def _key(chain: Chain) -> tuple[tuple[int, int | None], ...]:
    return tuple((visit.day, visit.slot) for visit in chain)


def mixed_prices(columns: Columns) -> np.ndarray | None:
    """Return what one more second costs (slot, day) where parts of chains may be mixed; None if the programme fails."""
    from scipy.optimize import linprog
    from scipy.sparse import csc_array

    state = columns.state
    shape = state.capacity_s.shape
    pieces = len(state.slopes)
    slots_used = sorted({slot for number in columns.chosen for slot in state.units[number].slots})
    cells = [(slot, day) for slot in slots_used for day in range(shape[1]) if state.capacity_s[slot, day]]
    row_of = {cell: len(columns.chosen) + number for number, cell in enumerate(cells)}
    rows: list[int] = []
    at: list[int] = []
    values: list[float] = []
    costs: list[float] = []
    upper: list[float] = []

    def column(cost: float, most: float, entries: list[tuple[int, float]]) -> None:
        rows.extend(row for row, _ in entries)
        values.extend(value for _, value in entries)
        at.extend([len(costs)] * len(entries))
        costs.append(cost)
        upper.append(most)

    off = state.off_percent
    for row, number in enumerate(columns.chosen):
        way_s = state.units[number].way_s
        for chain in columns.chains[number]:
            placed = [(at_.slot, at_.day, at_.service_s + way_s[at_.slot]) for at_ in chain if at_.slot is not None]
            cost = columns.fixed_cost(number, chain) + sum(int(off[day]) * work_s for _, day, work_s in placed)
            column(cost, 1.0, [(row, 1.0), *((row_of[slot, day], work_s) for slot, day, work_s in placed)])
    for cell in cells:
        capacity = int(state.capacity_s[cell])
        for piece in range(pieces):
            width = capacity * (piece + 1) // pieces - capacity * piece // pieces
            column(float(state.slopes[(piece, *cell)]), width, [(row_of[cell], -1.0)])
        over = CENTI * state.fleet.problem.weights.unplaced_s / max(1, capacity)
        column(over + float(state.slopes[(pieces - 1, *cell)]), np.inf, [(row_of[cell], -1.0)])  # so that some mix exists
    matrix = csc_array((values, (rows, at)), shape=(len(columns.chosen) + len(cells), len(costs)))
    others = loads_of_others(columns)
    right = np.concatenate([np.ones(len(columns.chosen)), [-float(others[cell]) for cell in cells]])
    solved = linprog(costs, A_eq=matrix, b_eq=right, bounds=np.array([np.zeros(len(upper)), upper]).T, method="highs")
    if solved.status != 0:
        return None
    prices = present_prices(state)
    for cell, row in row_of.items():
        prices[cell] = max(0.0, -float(solved.eqlin.marginals[row]))
    return prices
