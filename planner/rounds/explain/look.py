"""A problem and its plan made ready for questions, and what two plans differ by.

Questions change nothing: every what-if works on a copy that shares the routes, which are never changed but replaced.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple, TypeVar

import msgspec
import numpy as np

from planner.rounds.construct import adopt
from planner.rounds.explain.difference import Difference
from planner.rounds.explain.reasons import Explainer
from planner.rounds.faults import Fault, FaultyInputError
from planner.rounds.insertion import Inserter, Neighbourhood
from planner.rounds.model import Duty, Model, Windows
from planner.rounds.plan import Plan
from planner.rounds.problem import DAY_S, Crew, Problem, Shift, Visit
from planner.rounds.solution import Solution, Way
from planner.rounds.travel import Matrix, travel_matrix

T = TypeVar("T")


class Hours(NamedTuple):
    """A duty, and the ways to see it (`planner.rounds.model.Model.variants`)."""

    duty: Duty
    variants: tuple[Duty, ...]


class Look:
    """A plan looked at.

    Parameters
    ----------
    problem, plan
        The plan must be a valid one of this problem.
    matrix
        `planner.rounds.travel.travel_matrix` of the problem, if the caller has it already.

    Raises
    ------
    FaultyInputError
        If the plan is none of this problem's.
    """

    def __init__(self, problem: Problem, plan: Plan, matrix: Matrix | None = None) -> None:
        self.problem = problem
        self.model = Model(problem, travel_matrix(problem.travel, problem.locations) if matrix is None else matrix)
        self.solution = Solution(self.model)
        adopt(self.solution, plan)
        asked = sum(len(route.stops) for route in plan.routes)
        if self.solution.planned() != asked:
            told = f"{asked - self.solution.planned()} of its stops cannot be where they are; check it with `liftrounds check`"
            raise FaultyInputError([Fault("routes", told)])

    def number(self, visit: str) -> int:
        """Give the number of a visit.

        Raises
        ------
        FaultyInputError
            If the problem has none of this id.
        """
        found = self.model.number.get(visit)
        if found is None:
            raise FaultyInputError([Fault("visit", f"{visit} is no visit of the problem")])
        return found

    def visit(self, i: int) -> Visit:
        """Give a visit by its number."""
        return self.problem.visits[i]

    @cached_property
    def explainer(self) -> Explainer:
        """Finds reasons on the plan as it is."""
        return Explainer(self.solution, inserter_of(self.solution))


def inserter_of(solution: Solution) -> Inserter:
    """Give an inserter for questions about all duties: it never asks who is near, which takes long to find out."""
    return Inserter(solution, nowhere(), random.Random(0))  # noqa: S311 - nothing is drawn from it


def nowhere() -> Neighbourhood:
    """Give a neighbourhood without neighbours."""
    near = object.__new__(Neighbourhood)
    near.visits, near.homes = [], []
    return near


def varied(
    solution: Solution,
    *,
    problem: Problem | None = None,
    options: Mapping[int, dict[int, int]] | None = None,
    duties: Mapping[int, Hours] | None = None,
    windows: Mapping[int, Windows | None] | None = None,
    price: Mapping[int, int] | None = None,
) -> Solution:
    """Copy a solution under other circumstances; its routes are the same, those on changed duties are timed anew.

    Parameters
    ----------
    solution
        Not changed.
    problem
        What the circumstances are a model of, where prices are read from it.
    options, windows, price
        Per visit: duties it may go to and what it costs there, when it may start, what leaving it out costs.
    duties
        Per duty: its hours, never shorter than they were.
    """
    model = copy.copy(solution.model)
    model.problem = problem or model.problem
    model.options = _replaced(model.options, options)
    model.windows = _replaced(model.windows, windows)
    model.price = _replaced(model.price, price)
    if windows:
        model.one_window = all(each is None or len(each) == 1 for each in model.windows)
    other = _copied(solution, model)
    for i, each in (price or {}).items():
        if solution.duty_of[i] < 0:
            other.cost += each - solution.model.price[i]
    if duties:
        model.duties = _replaced(model.duties, {k: hours.duty for k, hours in duties.items()})
        model.variants = _replaced(model.variants, {k: hours.variants for k, hours in duties.items()})
        for k in duties:
            again = other.way(k, other.ways[k].stops)
            assert again is not None  # noqa: S101 - hours are only ever given, not taken
            other.put(again)
    return other


def hours_of(problem: Problem, crew: Crew, shift: Shift) -> Hours:
    """Give a shift of a crew as the search sees it, without building a model of the whole problem."""
    ends = dict.fromkeys((shift.start_location, shift.end_location))
    places = tuple(msgspec.structs.replace(problem.locations[0], id=name) for name in ends)
    alone = msgspec.structs.replace(crew, shifts=(msgspec.structs.replace(shift, day=0),))
    small = msgspec.structs.replace(problem, days=1, locations=places, visits=(), crews=(alone,), published=None)
    model = Model(small, np.zeros((len(places), len(places)), np.int32))
    row = {location.id: n for n, location in enumerate(problem.locations)}
    start, end = row[shift.start_location], row[shift.end_location]

    def moved(duty: Duty) -> Duty:
        return duty._replace(day=shift.day, begin_s=shift.day * DAY_S, start=start, end=end)

    return Hours(moved(model.duties[0]), tuple(map(moved, model.variants[0])))


def _copied(solution: Solution, model: Model) -> Solution:
    other = copy.copy(solution)
    other.model = model
    other.ways = [_fresh(way) for way in solution.ways]
    other.duty_of = list(solution.duty_of)
    other._bank_duties = {bank: set(duties) for bank, duties in solution._bank_duties.items()}  # noqa: SLF001 - a copy's own
    return other


def _fresh(way: Way) -> Way:
    """Copy a way without the places found on it, which were found under other circumstances."""
    again = copy.copy(way)
    again.found = {}
    return again


def _replaced(values: list[T], changes: Mapping[int, T] | None) -> list[T]:
    if not changes:
        return values
    values = list(values)
    for number, value in changes.items():
        values[number] = value
    return values


def without(solution: Solution, i: int) -> Solution | None:
    """Copy a solution with a visit left out; None if its route cannot be done without it (where detours are short cuts)."""
    other = _copied(solution, solution.model)
    k = solution.duty_of[i]
    if k >= 0:
        way = other.way(k, [j for j in other.ways[k].stops if j != i])
        if way is None:
            return None
        other.put(way)
    return other


def price_of(model: Model, i: int) -> Difference:
    """Give what leaving a visit out costs by the contract (the search prices a pinned one higher)."""
    visit, problem = model.problem.visits[i], model.problem
    left_out = problem.costs.missed_mandatory if visit.mandatory else visit.defer_cost
    changes = problem.costs.change if visit.id in (problem.published or {}) else 0
    return Difference(cost=left_out + changes, changes=changes, left_out=left_out)


def tally(solution: Solution, duties: Iterable[int]) -> Difference:
    """Add up what the ways of some duties cost."""
    total = Difference()
    for k in duties:
        if solution.ways[k].stops:
            total = total + _way_tally(solution, solution.ways[k])
    return total


def _way_tally(solution: Solution, way: Way) -> Difference:
    model, duty = solution.model, solution.model.duties[way.duty]
    prices, published = model.problem.costs, model.problem.published or {}
    driving_s, overtime_s = sum(way.legs), max(0, way.return_s - duty.to_s)
    days = crews = changes = 0
    for i in way.stops:
        visit = model.problem.visits[i]
        if visit.day_costs:
            days += visit.day_costs[duty.day - visit.first_day]
        crews += visit.crew_costs.get(duty.crew, 0)
        before = published.get(visit.id)
        changes += prices.change if before is not None and (before.crew, before.day) != (duty.crew, duty.day) else 0
    travel, overtime = driving_s * prices.travel_per_s, overtime_s * prices.overtime_per_s
    total = travel + prices.shift_used + overtime + days + crews + changes
    return Difference(total, travel, prices.shift_used, overtime, days, crews, changes, 0, driving_s, overtime_s, 1)


def difference(before: Solution, after: Solution) -> Difference:
    """Give what a solution costs more than another of the same visits and duties."""
    touched = [k for k, (old, new) in enumerate(zip(before.ways, after.ways, strict=True)) if old.stops != new.stops]
    total = tally(after, touched) - tally(before, touched)
    for i, (old, new) in enumerate(zip(before.duty_of, after.duty_of, strict=True)):
        if old < 0 <= new:
            total = total - price_of(before.model, i)
        elif new < 0 <= old:
            total = total + price_of(before.model, i)
    return total
