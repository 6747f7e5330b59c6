"""Chains in the making: the load of every team and day, and what it costs to put one more visit somewhere."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from planner.levelling.classes import classes_of
from planner.levelling.fleet import Fleet, Unit
from planner.levelling.levels import Cost
from planner.levelling.prices import CENTI, PIECES, tangents

NOWHERE = 1 << 55
"""Price of what cannot be: above any sum of prices, and a few of them still fit into 64 bits."""


class Placed(NamedTuple):
    """A visit of a unit: the day, the slot (None for a visit that is not placed), and its work without the way there."""

    day: int
    slot: int | None
    service_s: int


Chain = tuple[Placed, ...]


@dataclass
class NodeCosts:
    """What a visit of a unit costs by day, with the slot that is cheapest on it (-1: not placed)."""

    costs: list[int]
    slots: list[int]


class State:
    """Loads and chains; units are added and removed one at a time.

    Attributes
    ----------
    load_s
        Array (slot, day).
    visits
        Array (slot, day): elevators visited.
    chains
        By unit, None for one that is taken out; indices are those of `units`.
    surcharge
        Array (slot, day): percent that a second costs more than it does, to make room on full days for a while.
    """

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.units: list[Unit] = list(fleet.units)
        self.chains: list[Chain | None] = [None] * len(self.units)
        days, weights = fleet.problem.days, fleet.problem.weights
        shape = (len(fleet.slots), days)
        self.capacity_s = np.array([slot.capacity_s for slot in fleet.slots], dtype=np.int64).reshape(shape)
        self.load_s = np.zeros(shape, dtype=np.int64)
        self.visits = np.zeros(shape, dtype=np.int64)
        lines = [[tangents(weights.peak_percent, seconds) for seconds in slot.capacity_s] for slot in fleet.slots]
        pieces = np.array(lines, dtype=np.int64).reshape(*shape, PIECES, 2).transpose(3, 2, 0, 1)
        self.slopes, self.intercepts = pieces[0], pieces[1]
        percent = {"ordinary": 0, "weekend": weights.weekend_percent, "holiday": weights.holiday_percent}
        self.off_percent = np.array([percent[kind] for kind in fleet.kinds], dtype=np.int64)
        self.price_now = self._prices(self.load_s)
        self.surcharge = np.zeros(shape, dtype=np.int64)
        self._stops: list[dict[tuple[int, int], int]] = [defaultdict(int) for _ in fleet.site_sizes]

    def _prices(self, load_s: np.ndarray) -> np.ndarray:
        """Return the price of loads (slot, day)."""
        prices: np.ndarray = (self.slopes * load_s + self.intercepts).max(axis=0)
        return prices

    def node_costs(self, unit: Unit, service_s: int) -> NodeCosts:
        """Return what a visit of some work costs on every day, the unit itself being taken out."""
        weights, days = self.fleet.problem.weights, self.fleet.problem.days
        best = np.full(days, CENTI * weights.unplaced_s * len(unit.members), dtype=np.int64)
        chosen = np.full(days, -1, dtype=np.int64)
        stops = self._stops[unit.site]
        for slot in unit.slots:
            more = np.full(days, service_s + unit.way_s[slot], dtype=np.int64)
            for (where, day), count in stops.items():
                if where == slot and count:
                    more[day] = service_s
            load = self.load_s[slot] + more
            lines = self.slopes[:, slot] * load + self.intercepts[:, slot]
            costs = lines.max(axis=0) - self.price_now[slot] + (self.off_percent + self.surcharge[slot]) * more
            there = self.capacity_s[slot] > 0  # without any work to do nobody is there all the same
            better = (costs < best) & (load <= self.capacity_s[slot]) & there & np.array(unit.allowed)
            best[better], chosen[better] = costs[better], slot
        return NodeCosts(best.tolist(), chosen.tolist())

    def put(self, number: int, chain: Chain) -> None:
        """Give a unit a chain; a visit for which there is no room after all is not placed."""
        unit = self.units[number]
        services = self.services_of(unit, [visit.day for visit in chain])
        placed = []
        for visit, service_s in zip(chain, services, strict=True):
            slot = visit.slot
            if slot is not None and not self._add(unit, slot, visit.day, service_s):
                slot = None
            placed.append(Placed(visit.day, slot, service_s))
        self.chains[number] = tuple(placed)

    def take_out(self, number: int) -> None:
        """Take a unit's chain out of the loads."""
        unit, chain = self.units[number], self.chains[number]
        for visit in chain or ():
            if visit.slot is None:
                continue
            stops = self._stops[unit.site]
            stops[visit.slot, visit.day] -= 1
            way_s = 0 if stops[visit.slot, visit.day] else unit.way_s[visit.slot]
            self._change(visit.slot, visit.day, -visit.service_s - way_s, -len(unit.members))
        self.chains[number] = None

    def _add(self, unit: Unit, slot: int, day: int, service_s: int) -> bool:
        stops = self._stops[unit.site]
        more = service_s + (0 if stops[slot, day] else unit.way_s[slot])
        if self.load_s[slot, day] + more > self.capacity_s[slot, day] or not self.capacity_s[slot, day]:
            return False
        stops[slot, day] += 1
        self._change(slot, day, more, len(unit.members))
        return True

    def _change(self, slot: int, day: int, more_s: int, visits: int) -> None:
        self.load_s[slot, day] += more_s
        self.visits[slot, day] += visits
        lines = self.slopes[:, slot, day] * self.load_s[slot, day] + self.intercepts[:, slot, day]
        self.price_now[slot, day] = lines.max()

    def services_of(self, unit: Unit, days: list[int]) -> list[int]:
        """Return the work of every visit of a chain."""
        if not unit.repeats:
            return [unit.service_s(days[i - 1] if i else None, day) for i, day in enumerate(days)]
        total = [0] * len(days)
        for number in unit.members:
            elevator = self.fleet.problem.elevators[number]
            for i, rank in enumerate(classes_of(elevator, days)):
                total[i] += elevator.services[rank].service_s
        return total

    def replace_unit(self, number: int, parts: list[Unit]) -> list[int]:
        """Put parts in the place of a unit that was taken out; return their indices."""
        self.units[number] = parts[0]
        self.units += parts[1:]
        self.chains += [None] * (len(parts) - 1)
        return [number, *range(len(self.units) - len(parts) + 1, len(self.units))]

    def cost(self) -> Cost:
        """Return what all chains cost together."""
        early = last_days = late = unplaced = 0
        for unit, chain in zip(self.units, self.chains, strict=True):
            parts = chain_parts(self.fleet, unit, chain or ())
            early, last_days, late = early + parts.early, last_days + parts.last_days, late + parts.late
            missing = sum(visit.slot is None for visit in chain or ())
            unplaced += CENTI * self.fleet.problem.weights.unplaced_s * missing * len(unit.members)
        peaks, off_days = int(self.price_now.sum()), int((self.off_percent * self.load_s).sum())
        total = early + last_days + late + unplaced + peaks + off_days
        return Cost(early, last_days, late, unplaced, peaks, off_days, total)


class Parts(NamedTuple):
    """Prices of the days of a chain, whatever the loads are."""

    early: int
    last_days: int
    late: int


def first_parts(fleet: Fleet, unit: Unit, day: int) -> Parts:
    """Return what the first visit costs for its day alone."""
    weights = fleet.problem.weights
    early = sum(max(0, due - day) for due in unit.due)
    late = sum(max(0, day - due) for due in unit.due)
    on_last = sum(due == day for due in unit.due)
    return Parts(
        CENTI * weights.early_per_day_s * early, CENTI * weights.last_day_s * on_last, CENTI * weights.late_per_day_s * late
    )


def step_parts(fleet: Fleet, unit: Unit, days: int) -> Parts:
    """Return what a visit costs for being so many days after the one before."""
    weights, members = fleet.problem.weights, len(unit.members)
    early = CENTI * weights.early_per_day_s * (unit.gap - days) * members
    return Parts(early, CENTI * weights.last_day_s * members if days == unit.gap else 0, 0)


def chain_parts(fleet: Fleet, unit: Unit, chain: Chain) -> Parts:
    """Return what a whole chain costs for its days alone."""
    total = Parts(0, 0, 0)
    for i, visit in enumerate(chain):
        part = step_parts(fleet, unit, visit.day - chain[i - 1].day) if i else first_parts(fleet, unit, visit.day)
        total = Parts(*(a + b for a, b in zip(total, part, strict=True)))
    return total
