"""Changes that people wish for on a day under way: another order, a stop for a stop, a stop given away.

The same machinery as for repairs: what is over or under way is cut off, the rest is an ordinary problem, and what comes out
is judged by the evaluator. Nothing is searched and nothing is improved: who asks gets exactly this change or the reason
why not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from planner.rounds.evaluate import evaluate
from planner.rounds.plan import SCHEMA, Plan, Route
from planner.rounds.problem import Problem
from planner.rounds.solution import Way
from planner.rounds.timing import drives
from planner.rounds.travel import Matrix
from planner.today.asked import Today
from planner.today.breaches import Breach, alone_breaches, lacking
from planner.today.events import amended, case_of, stands
from planner.today.join import join
from planner.today.mend import kept_rounds
from planner.today.rest import Rest, rest_of

PER_CREW = 3
"""Exchanges that are looked at closely with one crew; the next ones only differ by the stop that comes back."""


class Side(NamedTuple):
    """What a change comes to for one crew.

    Attributes
    ----------
    route
        Its whole day after the change, what is over or under way included; None where it has nothing left to do.
    drive_s, drive_before_s
        Seconds of driving that are still to come, after the change and without it.
    return_s, return_before_s
        When it is back; None where it has no round, or where it could not do all of it without the change either.
    overtime_s, overtime_before_s, overtime_most_s
        Seconds after the end of its shift, and how many it may have.
    """

    route: Route | None
    drive_s: int
    drive_before_s: int
    return_s: int | None
    return_before_s: int | None
    overtime_s: int
    overtime_before_s: int
    overtime_most_s: int

    @property
    def extra_drive_s(self) -> int:
        """Seconds of driving more, negative when fewer."""
        return self.drive_s - self.drive_before_s


class Moved(NamedTuple):
    """A change that can be made.

    Attributes
    ----------
    plan
        All rounds of the day, those of other crews as they were published.
    before
        The same without the change, with the times to be expected by now; as published for a crew that cannot keep its round.
    sides
        Crew → what it comes to.
    """

    plan: Plan
    before: Plan
    sides: dict[str, Side]


class Swap(NamedTuple):
    """A stop that another crew could take, for one of theirs (`takes`) or for nothing (None)."""

    to_crew: str
    gives: str
    takes: str | None
    moved: Moved
    price: int


class Moves:
    """A day under way, ready to be asked about any number of changes.

    Parameters
    ----------
    problem, plan, today
        Without faults (see `planner.today.links`); nothing but progress is looked at of what has happened.
    turning
        Crews that may turn round where they drive to their next stop: those who ask.
    matrix
        `travel_matrix` of the problem, if the caller has it.
    """

    def __init__(
        self, problem: Problem, plan: Plan, today: Today, turning: Collection[str] = (), matrix: Matrix | None = None
    ) -> None:
        self.day = today.day
        self.case = case_of(problem, plan, today, matrix)
        turned = stands(self.case, turning=True) if turning else {}
        self.stands = {
            crew: turned[crew] if crew in turning else stand for crew, stand in stands(self.case, turning=False).items()
        }
        self.rest: Rest = rest_of(self.case, self.stands, {self.day}, {})
        self.mended = kept_rounds(self.rest)
        self.solution = self.mended.solution
        self.model = self.solution.model
        self._banks_before: frozenset[str] | None = None

    def movable(self, crew: str) -> list[str]:
        """Give the visits of a crew's round that are still to be begun, in order; none where it has no time left."""
        return [name for name in self.rest.before.get((crew, self.day), []) if name in self.model.number]

    def crews(self) -> list[str]:
        """Give the crews that have something left to do."""
        return [crew for (crew, day), names in self.rest.before.items() if day == self.day and names]

    # One change.

    def change(self, orders: Mapping[str, Sequence[str]]) -> Moved | list[Breach]:
        """Make a change, or say all that stands against it.

        Parameters
        ----------
        orders
            Crew → visits that it is to make, in order: together exactly the `movable` ones of these crews.
        """
        asked = sorted(name for names in orders.values() for name in names)
        if asked != sorted(name for crew in orders for name in self.movable(crew)):
            raise ValueError("a change is about all visits that these crews have still to make, and no others")
        kept = list(self.solution.ways)
        try:
            return self._changed(orders)
        finally:
            self.solution.restore([way for way, now in zip(kept, self.solution.ways, strict=True) if way is not now])

    def _changed(self, orders: Mapping[str, Sequence[str]]) -> Moved | list[Breach]:
        self.solution.clear([self._duty(crew) for crew in orders])
        found: list[Breach] = []
        for crew, names in orders.items():
            stops = self._stops(crew, names)
            way = self._way(crew, stops)
            if way is None:
                found += self._breaches(crew, stops)
            else:
                self.solution.put(way)
        if found:
            return self._marked(found)
        ways = {crew: self.solution.ways[self._duty(crew)] for crew in orders}
        plan = join(self.rest, self.solution, {}).plan
        routes = {route.crew: route for route in plan.routes if route.day == self.day}
        whole = self._whole({crew: routes.get(crew) for crew in orders})
        if clashes := self._clashes(whole, orders):
            return clashes
        before = self._without_change(list(orders))
        was = {route.crew: route for route in before.routes if route.day == self.day}
        sides = {crew: self._side(crew, routes.get(crew), was.get(crew), ways[crew]) for crew in orders}
        return Moved(whole, before, sides)

    def _duty(self, crew: str) -> int:
        return self.model.duty_number[crew, self.day]

    def _stops(self, crew: str, names: Sequence[str]) -> list[int]:
        held = [self.rest.anchors[crew]] if crew in self.rest.anchors else []
        return [self.model.number[name] for name in (*held, *names)]

    def _way(self, crew: str, stops: list[int]) -> Way | None:
        k = self._duty(crew)
        if any(k not in self.model.options[i] for i in stops):
            return None
        return self.solution.way(k, stops)

    def _whole(self, routes: Mapping[str, Route | None]) -> Plan:
        """Put the routes of some crews in the place of their published ones."""
        kept = [route for route in self.case.plan.routes if route.day != self.day or route.crew not in routes]
        fresh = [route for route in routes.values() if route is not None and route.stops]
        order = {crew.id: n for n, crew in enumerate(self.case.problem.crews)}
        whole = sorted([*kept, *fresh], key=lambda route: (route.day, order[route.crew]))
        return Plan(SCHEMA, tuple(whole), self.case.plan.unplanned)

    def _side(self, crew: str, route: Route | None, before: Route | None, way: Way) -> Side:
        shift = self.case.shifts[crew]
        duty = self.model.duties[self._duty(crew)]
        was = drives(self.model, duty, self._stops(crew, self.movable(crew)))
        return_s, before_s = route.return_s if route else None, before.return_s if before else None
        return Side(
            route, sum(way.legs), sum(was), return_s, before_s, max(0, (return_s or 0) - shift.to_s),
            max(0, (before_s or 0) - shift.to_s), shift.max_overtime_s,
        )  # fmt: skip

    def _without_change(self, crews: Sequence[str]) -> Plan:
        """State the rounds as they are to be expected if nothing is changed."""
        self.solution.clear([self._duty(crew) for crew in crews])
        for crew in crews:
            way = self._way(crew, self._stops(crew, self.movable(crew)))
            if way is None:
                return self.case.plan
            self.solution.put(way)
        routes = {route.crew: route for route in join(self.rest, self.solution, {}).plan.routes if route.day == self.day}
        return self._whole({crew: routes.get(crew) for crew in crews})

    # What stands against one.

    def _breaches(self, crew: str, stops: list[int]) -> list[Breach]:
        k = self._duty(crew)
        found = [breach for i in stops if (breach := lacking(self.case.problem, self.model, crew, k, i)) is not None]
        if not found:
            found = alone_breaches(self.model, k, stops)
        if not found:
            beside = [i for i in stops if self.solution.meets_bank(k, i)]
            found = [Breach("bank", crew, self.model.problem.visits[i].id) for i in beside] or [Breach("full", crew)]
        return found

    def _marked(self, found: list[Breach]) -> list[Breach]:
        """Mark what stands against the rounds as they are too: the change is not what breaks it."""
        old: set[tuple[str, str, str | None]] = set()
        for crew in {breach.crew for breach in found}:
            stops = self._stops(crew, self.movable(crew))
            if self._way(crew, stops) is None:
                old |= {(breach.code, breach.crew, breach.visit) for breach in self._breaches(crew, stops)}
        return [breach._replace(already=(breach.code, breach.crew, breach.visit) in old) for breach in found]

    def _clashes(self, plan: Plan, orders: Mapping[str, Sequence[str]]) -> list[Breach]:
        """Find elevators of one bank that would be at work together with those of crews whose published times stay."""
        banks = {name: self.case.visits[name].bank for names in orders.values() for name in names}
        if not any(banks.values()):
            return []
        if self._banks_before is None:
            self._banks_before = frozenset(self._overlaps(self.case.plan))
        new = [told for told in self._overlaps(plan) if told not in self._banks_before]
        at = [(crew, name) for crew, names in orders.items() for name in names if banks[name]]
        return [
            Breach("bank", crew, name) for crew, name in at if any(told.startswith(f"bank {banks[name]}: ") for told in new)
        ]

    def _overlaps(self, plan: Plan) -> Iterator[str]:
        verdict = evaluate(amended(self.case, self.stands, plan), plan, self.case.matrix)
        return (each.message for each in verdict.violations if each.rule == "bank_apart")

    # Swaps.

    def swaps(self, crew: str, visit: str, most: int) -> list[Swap]:
        """Find the ways to hand a visit to another crew of the day, the cheapest first; every one of them can be made.

        Parameters
        ----------
        crew, visit
            Whose stop, one of its `movable` ones.
        most
            How many are given.
        """
        rest = [name for name in self.movable(crew) if name != visit]
        rough: list[tuple[int, str, dict[str, list[str]], str | None]] = []
        for other in self.crews():
            if other != crew:
                rough += self._with_crew(crew, rest, visit, other)
        found: list[Swap] = []
        for price, other, orders, takes in sorted(rough, key=lambda each: (each[0], each[1], each[3] or "")):
            if len(found) == most:
                break
            moved = self.change(orders)
            if isinstance(moved, Moved):
                found.append(Swap(other, visit, takes, moved, price))
        return found

    def swap(self, crew: str, visit: str, to_crew: str, takes: str | None) -> Swap | None:
        """Find the cheapest way to make one swap; None if it cannot be made."""
        theirs = self.movable(to_crew)
        if visit not in self.movable(crew) or (takes is not None and takes not in theirs):
            return None
        rest = [name for name in self.movable(crew) if name != visit]
        for price, _, orders, got in self._with_crew(crew, rest, visit, to_crew, only=(takes,)):
            moved = self.change(orders)
            if got == takes and isinstance(moved, Moved):
                return Swap(to_crew, visit, takes, moved, price)
        return None

    def _with_crew(
        self, crew: str, rest: list[str], visit: str, other: str, only: tuple[str | None] | None = None
    ) -> list[tuple[int, str, dict[str, list[str]], str | None]]:
        """Price what one other crew could do; what is asked for by name is priced alone."""
        kept, theirs = list(self.solution.ways), self.movable(other)
        before = self._drive_price(crew, [*self.movable(crew)]) + self._drive_price(other, theirs)
        self.solution.clear([self._duty(crew), self._duty(other)])
        try:
            tries: list[tuple[int, str, dict[str, list[str]], str | None]] = []
            for takes in (None, *theirs) if only is None else only:
                mine = self._placed(crew, rest, takes)
                yours = self._placed(other, [name for name in theirs if name != takes], visit)
                if mine is not None and yours is not None:
                    tries.append((mine[0] + yours[0] - before, other, {crew: mine[1], other: yours[1]}, takes))
        finally:
            self.solution.restore([way for way, now in zip(kept, self.solution.ways, strict=True) if way is not now])
        gives = [each for each in tries if each[3] is None]
        return gives + sorted((each for each in tries if each[3] is not None), key=lambda each: each[0])[:PER_CREW]

    def _placed(self, crew: str, names: list[str], visit: str | None) -> tuple[int, list[str]] | None:
        """Put a visit at its cheapest place among others, whose order stays; give the price of the whole."""
        orders = [names] if visit is None else [[*names[:at], visit, *names[at:]] for at in range(len(names) + 1)]
        best: tuple[int, list[str]] | None = None
        for order in orders:
            way = self._way(crew, self._stops(crew, order))
            if way is not None and (best is None or self._price(way) < best[0]):
                best = self._price(way), order
        return best

    def _price(self, way: Way) -> int:
        """Price driving and overtime alone: that a stop changes hands costs nothing where people agree on it."""
        costs, duty = self.model.problem.costs, self.model.duties[way.duty]
        return sum(way.legs) * costs.travel_per_s + max(0, way.return_s - duty.to_s) * costs.overtime_per_s

    def _drive_price(self, crew: str, names: list[str]) -> int:
        k = self._duty(crew)
        legs = drives(self.model, self.model.duties[k], self._stops(crew, names))
        return sum(legs) * self.model.problem.costs.travel_per_s
