"""Every rule and every price of the contract, applied to a finished plan.

Nothing here is shared with the search, and nothing in the plan is believed but which crew goes where, in which order and
when. One function per rule; each yields a sentence for every breach. So the same code judges plans of the solver, plans
that a person has changed, and plans of another program.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

import msgspec

from planner.rounds.plan import Plan, PlanCost
from planner.rounds.problem import Crew, Place, Problem, Visit
from planner.rounds.rules import ROUTE_RULES, SHIFT_RULES, STOP_RULES, Call, Trip
from planner.rounds.travel import Matrix, travel_matrix

_DAY_S = 86_400


class Violation(msgspec.Struct, frozen=True):
    """One breach of a rule.

    Attributes
    ----------
    rule
        Name of the rule: a function of `planner.rounds.rules`, or one below without its underscore.
    message
        The breach in a sentence, with the place.
    crew, day, visit
        The place, as far as the rule has one.
    """

    rule: str
    message: str
    crew: str | None = None
    day: int | None = None
    visit: str | None = None


class Evaluation(msgspec.Struct, frozen=True):
    """The verdict on a plan.

    Attributes
    ----------
    violations
        Every breach of a hard rule; a plan without any is valid.
    cost
        The price of the plan by kind, worked out from the problem. Of an invalid plan it counts what can be counted.
    missed_mandatory, deferred
        Visits left out that are mandatory, and that are not.
    routes
        Routes with stops.
    warnings
        What is odd but breaks no rule.
    """

    violations: tuple[Violation, ...]
    cost: PlanCost
    missed_mandatory: int
    deferred: int
    routes: int
    warnings: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """Whether no hard rule is broken."""
        return not self.violations


def evaluate(problem: Problem, plan: Plan, matrix: Matrix | None = None) -> Evaluation:
    """Check a plan against every rule of its problem and work out what it costs.

    Parameters
    ----------
    problem
        A problem without faults.
    plan
        Any plan; crews, days and visits that the problem does not have are violations, not errors.
    matrix
        `planner.rounds.travel.travel_matrix` of the problem, if the caller has it already.
    """
    matrix = travel_matrix(problem.travel, problem.locations) if matrix is None else matrix
    trips = _trips(problem, plan, matrix)
    driving = [trip for trip in trips if trip.route.stops]
    where = {call.visit.id: Place(trip.route.crew, trip.route.day) for trip in driving for call in trip.calls}
    violations: list[Violation] = []
    for trip in trips:
        violations += [_of_route(rule, trip, told) for rule in SHIFT_RULES for told in rule(trip, problem)]
    violations += [_of_route(_route_once, trip, told) for trip, told in _route_once(trips)]
    for trip in driving:
        violations += [_of_route(rule, trip, told) for rule in ROUTE_RULES for told in rule(trip)]
        for call in trip.calls:
            violations += [_of_stop(rule, trip, call, told) for rule in STOP_RULES for told in rule(trip, call)]
    for rule in (_known_visits, _planned_once, _bank_apart):
        violations += rule(driving)
    violations += _every_visit_accounted_for(problem, plan, where)
    violations += _pins_kept(problem, where)
    cost = _cost(problem, driving, where)
    left_out = [visit for visit in problem.visits if visit.id not in where]
    missed = sum(visit.mandatory for visit in left_out)
    warnings = tuple(_oddities(problem, plan, cost))
    return Evaluation(tuple(violations), cost, missed, len(left_out) - missed, len(driving), warnings)


def _trips(problem: Problem, plan: Plan, matrix: Matrix) -> list[Trip]:
    row = {location.id: i for i, location in enumerate(problem.locations)}
    visits = {visit.id: visit for visit in problem.visits}
    crews = {crew.id: crew for crew in problem.crews}
    shifts = {(crew.id, shift.day): shift for crew in problem.crews for shift in crew.shifts}
    trips = []
    for route in plan.routes:
        shift = shifts.get((route.crew, route.day))
        here = None if shift is None else row[shift.start_location]
        left_s = route.depart_s
        calls = []
        for stop in route.stops:
            visit = visits.get(stop.visit)
            if visit is None:
                continue
            there = row[visit.location]
            calls.append(Call(stop, visit, left_s, 0 if here is None else int(matrix[here, there])))
            here, left_s = there, stop.leave_s
        home_s = 0 if shift is None or here is None else int(matrix[here, row[shift.end_location]])
        trips.append(Trip(route, crews.get(route.crew), shift, calls, home_s))
    return trips


def _of_route(rule: Callable[..., object], trip: Trip, told: str) -> Violation:
    return Violation(_rule_name(rule), f"{trip.name}: {told}", trip.route.crew, trip.route.day)


def _of_stop(rule: Callable[..., object], trip: Trip, call: Call, told: str) -> Violation:
    crew, day, visit = trip.route.crew, trip.route.day, call.visit.id
    return Violation(_rule_name(rule), f"{visit} ({crew}, day {day}): {told}", crew, day, visit)


def _rule_name(rule: Callable[..., object]) -> str:
    return rule.__name__.removeprefix("_")


# Rules about the plan as a whole.


def _route_once(trips: list[Trip]) -> Iterator[tuple[Trip, str]]:
    """Allow a crew one route a day."""
    seen: set[tuple[str, int]] = set()
    for trip in trips:
        key = (trip.route.crew, trip.route.day)
        if key in seen:
            yield trip, "given more than once"
        seen.add(key)


def _known_visits(trips: list[Trip]) -> Iterator[Violation]:
    for trip in trips:
        known = {call.visit.id for call in trip.calls}
        for stop in trip.route.stops:
            if stop.visit not in known:
                told = f"{trip.name}: no visit {stop.visit!r} in the problem"
                yield Violation("known_visits", told, trip.route.crew, trip.route.day, stop.visit)


def _planned_once(trips: list[Trip]) -> Iterator[Violation]:
    uses = Counter(call.visit.id for trip in trips for call in trip.calls)
    for visit, times in uses.items():
        if times > 1:
            yield Violation("planned_once", f"{visit}: planned {times} times", visit=visit)


def _bank_apart(trips: list[Trip]) -> Iterator[Violation]:
    """Elevators side by side are never out of service together."""
    banks: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for trip in trips:
        for call in trip.calls:
            if call.visit.bank is not None:
                begin = trip.route.day * _DAY_S + call.stop.start_s
                banks[call.visit.bank].append((begin, begin + call.visit.service_s, call.visit.id))
    for bank, spans in banks.items():
        for (_, end, one), (begin, _, two) in itertools.combinations(sorted(spans), 2):
            if begin < end:
                yield Violation("bank_apart", f"bank {bank}: {one} and {two} overlap", visit=two)


def _every_visit_accounted_for(problem: Problem, plan: Plan, where: dict[str, Place]) -> Iterator[Violation]:
    """Every visit is on one route or in `unplanned`, and there once."""
    visits = {visit.id for visit in problem.visits}
    listed = Counter(left_out.visit for left_out in plan.unplanned)
    for visit, times in listed.items():
        faults = {
            f"no visit {visit!r} in the problem": visit not in visits,
            f"{visit} is planned as well": visit in where,
            f"{visit} is listed {times} times": times > 1,
        }
        for told in (told for told, found in faults.items() if found):
            yield Violation("every_visit_accounted_for", f"unplanned: {told}", visit=visit)
    for one in problem.visits:
        if one.id not in where and one.id not in listed:
            told = f"{one.id}: neither planned nor listed as unplanned"
            yield Violation("every_visit_accounted_for", told, visit=one.id)


def _pins_kept(problem: Problem, where: dict[str, Place]) -> Iterator[Violation]:
    """Keep every pin; one that nobody could keep is an error of the input, and no breach of the plan."""
    crews = {crew.id: crew for crew in problem.crews}
    for visit in problem.visits:
        pin = visit.pinned
        if pin is None or where.get(visit.id) == pin:
            continue
        if _can_be_kept(visit, pin, crews.get(pin.crew), problem.days):
            yield Violation("pins_kept", f"{visit.id}: pinned to {pin.crew} on day {pin.day}", pin.crew, pin.day, visit.id)


def _can_be_kept(visit: Visit, pin: Place, crew: Crew | None, days: int) -> bool:
    """Whether the hours allow it is another question, which the plan has to answer."""
    if crew is None or all(shift.day != pin.day for shift in crew.shifts):
        return False
    room = crew.load_capacity is None or visit.load <= crew.load_capacity
    able = set(visit.skills) <= set(crew.skills) and visit.people <= crew.people and room
    return able and pin.day < days and visit.first_day <= pin.day <= visit.last_day


# The price.


def _cost(problem: Problem, trips: list[Trip], where: dict[str, Place]) -> PlanCost:
    price = problem.costs
    travel = sum(trip.home_s + sum(call.drive_s for call in trip.calls) for trip in trips)
    overtime = sum(max(0, trip.route.return_s - trip.shift.to_s) for trip in trips if trip.shift)
    served = [(trip, call.visit) for trip in trips for call in trip.calls]
    left_out = [visit for visit in problem.visits if visit.id not in where]
    published = problem.published or {}
    parts = {
        "travel": travel * price.travel_per_s,
        "shifts": len(trips) * price.shift_used,
        "overtime": overtime * price.overtime_per_s,
        "days": sum(_day_cost(visit, trip.route.day) for trip, visit in served),
        "crews": sum(visit.crew_costs.get(trip.route.crew, 0) for trip, visit in served),
        "deferred": sum(visit.defer_cost for visit in left_out if not visit.mandatory),
        "missed": sum(visit.mandatory for visit in left_out) * price.missed_mandatory,
        "changes": sum(where.get(visit) != place for visit, place in published.items()) * price.change,
    }
    return PlanCost(**parts, total=sum(parts.values()))


def _day_cost(visit: Visit, day: int) -> int:
    if not visit.day_costs or not visit.first_day <= day <= visit.last_day:
        return 0
    return visit.day_costs[day - visit.first_day]


def _oddities(problem: Problem, plan: Plan, cost: PlanCost) -> Iterator[str]:
    for route in plan.routes:
        if not route.stops:
            yield f"route of {route.crew} on day {route.day}: has no stops"
    mandatory = {visit.id: visit.mandatory for visit in problem.visits}
    kinds = [mandatory[left_out.visit] for left_out in plan.unplanned if left_out.visit in mandatory]
    if kinds != sorted(kinds, reverse=True):
        yield "unplanned: mandatory visits are not listed first"
    for name in PlanCost.__struct_fields__ if plan.cost else ():
        stated, found = getattr(plan.cost, name), getattr(cost, name)
        if stated != found:
            yield f"cost.{name}: the plan states {stated}, it is {found}"
