"""The cheapest chain of visits of one unit against given prices of days: dynamic programming from the horizon's end."""

from __future__ import annotations

from collections.abc import Callable
from operator import add

from planner.levelling.fleet import Fleet, Unit
from planner.levelling.state import NOWHERE, Chain, NodeCosts, Placed, State, first_parts, step_parts

Pricing = Callable[[int], NodeCosts]
"""Gives for the work of a visit what it costs by day."""


def cheapest_chain(state: State, number: int) -> Chain:
    """Return the cheapest chain of a unit that is taken out of the state."""
    unit = state.units[number]
    return solve_chain(state.fleet, unit, lambda service_s: state.node_costs(unit, service_s))[1]


def solve_chain(fleet: Fleet, unit: Unit, price: Pricing) -> tuple[int, Chain]:
    """Return price and visits of a unit's cheapest chain.

    A chain is whole when the next visit's last day lies beyond the horizon; every visit lies `opens`..`gap` days after the
    one before, the first one in its own window.
    """
    return _Chain(fleet, unit, price).solve()


class _Chain:
    """One run of the dynamic programme."""

    def __init__(self, fleet: Fleet, unit: Unit, price: Pricing) -> None:
        self.fleet = fleet
        self.unit = unit
        self.price = price
        self.nodes: dict[int, NodeCosts] = {}
        self.horizon = fleet.problem.days
        self.steps = [sum(step_parts(fleet, unit, days)) for days in range(unit.opens, unit.gap + 1)]

    def node(self, service_s: int) -> NodeCosts:
        """Return the prices by day of a visit of some work."""
        if service_s not in self.nodes:
            self.nodes[service_s] = self.price(service_s)
        return self.nodes[service_s]

    def solve(self) -> tuple[int, Chain]:
        """Go back from the end, then forward along the best choices."""
        unit, horizon = self.unit, self.horizon
        plain = self.node(unit.base_s).costs
        onward = [0] * horizon
        following: list[int | None] = [None] * horizon
        through = [NOWHERE] * horizon  # of a plain visit on a day and all after it
        for day in range(horizon - 1, -1, -1):
            onward[day], following[day] = self._onward(day, onward, through)
            through[day] = plain[day] + onward[day]
        best: tuple[int, int | None] = (0 if unit.last >= horizon else NOWHERE, None)
        for day in range(unit.first, min(unit.last, horizon - 1) + 1):
            alone = sum(first_parts(self.fleet, unit, day))
            cost = alone + self.node(unit.service_s(None, day)).costs[day] + onward[day]
            if cost < best[0]:
                best = (cost, day)
        return best[0], self._visits(best[1], following)

    def _onward(self, day: int, onward: list[int], through: list[int]) -> tuple[int, int | None]:
        """Return the cheapest price of all visits after one on a day, and the day of the next."""
        unit, horizon = self.unit, self.horizon
        begin, end = day + unit.opens, min(day + unit.gap, horizon - 1)
        best: tuple[int, int | None] = (0, None) if day + unit.gap >= horizon else (NOWHERE, None)
        if begin > end:
            return best
        row = unit.rows.get(day)
        if row is None:
            costs = list(map(add, through[begin : end + 1], self.steps))
            cost = min(costs)
            return (cost, begin + costs.index(cost)) if cost < best[0] else best
        for then, service_s, step in zip(range(begin, end + 1), row, self.steps, strict=False):
            cost = self.node(service_s).costs[then] + onward[then] + step
            if cost < best[0]:
                best = (cost, then)
        return best

    def _visits(self, day: int | None, following: list[int | None]) -> Chain:
        visits: list[Placed] = []
        before: int | None = None
        while day is not None:
            service_s = self.unit.service_s(before, day)
            slot = self.node(service_s).slots[day]
            visits.append(Placed(day, slot if slot >= 0 else None, service_s))
            before, day = day, following[day]
        return tuple(visits)
