"""CP-SAT chooses one chain per unit, of all those known, so that they are best together: what no unit could gain alone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, NamedTuple

from planner.levelling.columns import Columns, loads_of_others
from planner.levelling.state import Chain

Variable = Any
"""A literal, variable or expression of CP-SAT, which has no types."""


class Effort(NamedTuple):
    """How long a solve may take: in CP-SAT's own measure of work, which is the same on every machine, and in wall seconds."""

    work: float
    wall_s: float


@dataclass
class Choice:
    """What came out: chains by unit, and CP-SAT's measure of the work done."""

    chains: dict[int, Chain]
    work: float


def choose(columns: Columns, effort: Effort, seed: int) -> Choice | None:
    """Choose the chains that are best together.

    Parameters
    ----------
    columns
        Of units that are in the state with the first of their chains; units that are not among them stay as they are.
    effort, seed
        Limits and seed of the solver.

    Returns
    -------
    Choice or None
        None where the time was too short to find any.
    """
    from ortools.sat.python import cp_model

    model = _Model(columns, cp_model.CpModel())
    model.build()
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1  # more of them would race, and the answer hang on who wins
    solver.parameters.random_seed = seed % 2**31
    solver.parameters.max_deterministic_time = effort.work
    solver.parameters.max_time_in_seconds = max(effort.wall_s, 0.01)
    status = solver.solve(model.cp)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    chosen = {
        number: next(chain for chain, literal in options if solver.boolean_value(literal))
        for number, options in model.options.items()
    }
    return Choice(chosen, float(solver.response_proto.deterministic_time))


class _Model:
    """The model under construction."""

    def __init__(self, columns: Columns, cp: Any) -> None:
        self.columns = columns
        self.state = columns.state
        self.cp = cp
        self.options: dict[int, list[tuple[Chain, Variable]]] = {}
        self.costs: list[Variable] = []
        self.terms: dict[tuple[int, int], list[tuple[int, Variable]]] = defaultdict(list)
        self.stops: dict[tuple[int, int, int], dict[int, list[Variable]]] = defaultdict(lambda: defaultdict(list))

    def build(self) -> None:
        """Put everything into the model; the present chains are its hint."""
        for number in self.columns.chosen:
            self._add_unit(number)
        for (site, slot, day), literals_of in self.stops.items():
            self._add_stop(site, slot, day, literals_of)
        others = loads_of_others(self.columns)
        for (slot, day), terms in self.terms.items():
            self._add_load(slot, day, terms, int(others[slot, day]))
        self.cp.minimize(sum(self.costs))

    def _add_unit(self, number: int) -> None:
        unit = self.state.units[number]
        options = []
        for i, chain in enumerate(self.columns.chains[number]):
            literal = self.cp.new_bool_var("")
            self.cp.add_hint(literal, i == 0)
            self.costs.append(self.columns.fixed_cost(number, chain) * literal)
            for visit in chain:
                if visit.slot is not None:
                    self.terms[visit.slot, visit.day].append((visit.service_s, literal))
                    self.stops[unit.site, visit.slot, visit.day][number].append(literal)
            options.append((chain, literal))
        self.cp.add_exactly_one([literal for _, literal in options])
        self.options[number] = options

    def _add_stop(self, site: int, slot: int, day: int, literals_of: dict[int, list[Variable]]) -> None:
        """Add the work of getting to a site, once for all its units."""
        stop_s = self.state.units[next(iter(literals_of))].way_s[slot]
        if len(literals_of) == 1:
            self.terms[slot, day] += [(stop_s, literal) for literals in literals_of.values() for literal in literals]
            return
        there = self.cp.new_bool_var("")
        hint = False
        for number, literals in literals_of.items():
            hint |= any(visit.slot == slot and visit.day == day for visit in self.columns.chains[number][0])
            for literal in literals:
                self.cp.add_implication(literal, there)
        self.cp.add_hint(there, hint)
        self.terms[slot, day].append((stop_s, there))
        del site

    def _add_load(self, slot: int, day: int, terms: list[tuple[int, Variable]], fixed: int) -> None:
        """Limit the load of a day to its hours, and price it."""
        state = self.state
        most = min(int(state.capacity_s[slot, day]), fixed + sum(seconds for seconds, _ in terms))
        lines = list(zip(state.slopes[:, slot, day].tolist(), state.intercepts[:, slot, day].tolist(), strict=True))
        least_price, most_price = (max(slope * at + intercept for slope, intercept in lines) for at in (fixed, most))
        load = self.cp.new_int_var(fixed, most, "")
        price = self.cp.new_int_var(least_price, most_price, "")
        self.cp.add(load == fixed + sum(seconds * literal for seconds, literal in terms))
        self.cp.add_hint(load, int(state.load_s[slot, day]))
        self.cp.add_hint(price, int(state.price_now[slot, day]))
        for slope, intercept in lines:
            if slope * most + intercept >= least_price:
                self.cp.add(price >= slope * load + intercept)
        self.costs.append(price + int(state.off_percent[day]) * load)
