"""Every rule and every price of the contract, applied to a finished plan.

Nothing here is shared with the search, and nothing in the plan is believed but which crew goes where, in which order and
when. One function per rule; each yields a sentence for every breach. So the same code judges plans of the solver, plans
that a person has changed, and plans of another program.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

from planner.rounds.plan import Plan, PlanCost, Route, Stop
from planner.rounds.problem import Crew, Place, Problem, Shift, Visit
from planner.rounds.travel import Matrix, travel_matrix

_DAY_S = 86_400


class Violation(msgspec.Struct, frozen=True):
    """One breach of a rule.

    Attributes
    ----------
    rule
        Name of the rule, one of the functions below without its underscore.
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


class _Call(NamedTuple):
    """A stop with its visit and the drive to it (0 if nobody can say where the route begins)."""

    stop: Stop
    visit: Visit
    left_s: int
    drive_s: int


class _Trip(NamedTuple):
    """A route with what the problem says about it; `crew` and `shift` are None where the problem has none such.

    `calls` leaves out stops whose visit is unknown; `home_s` is the drive back.
    """

    route: Route
    crew: Crew | None
    shift: Shift | None
    calls: list[_Call]
    home_s: int

    @property
    def name(self) -> str:
        return f"route of {self.route.crew} on day {self.route.day}"

    @property
    def last_leave_s(self) -> int:
        return self.calls[-1].stop.leave_s if self.calls else self.route.depart_s

    @property
    def rest(self) -> tuple[int, int] | None:
        """Begin and end of the break taken, where the shift has one."""
        begin = self.route.break_start_s
        if begin is None or self.shift is None or self.shift.break_ is None:
            return None
        return begin, begin + self.shift.break_.duration_s

    def driven_s(self, left_s: int, arrived_s: int) -> int:
        """Seconds of driving that fit between two times, the break taken out."""
        if self.rest is None:
            return arrived_s - left_s
        return arrived_s - left_s - max(0, min(arrived_s, self.rest[1]) - max(left_s, self.rest[0]))


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
        violations += [_of_route(rule, trip, told) for rule in _SHIFT_RULES for told in rule(trip, problem)]
    violations += [_of_route(_route_once, trip, told) for trip, told in _route_once(trips)]
    for trip in driving:
        violations += [_of_route(rule, trip, told) for rule in _ROUTE_RULES for told in rule(trip)]
        for call in trip.calls:
            violations += [_of_stop(rule, trip, call, told) for rule in _STOP_RULES for told in rule(trip, call)]
    for rule in (_known_visits, _planned_once, _bank_apart):
        violations += rule(driving)
    violations += _every_visit_accounted_for(problem, plan, where)
    violations += _pins_kept(problem, where)
    cost = _cost(problem, driving, where)
    left_out = [visit for visit in problem.visits if visit.id not in where]
    missed = sum(visit.mandatory for visit in left_out)
    warnings = tuple(_oddities(problem, plan, cost))
    return Evaluation(tuple(violations), cost, missed, len(left_out) - missed, len(driving), warnings)


def _trips(problem: Problem, plan: Plan, matrix: Matrix) -> list[_Trip]:
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
            calls.append(_Call(stop, visit, left_s, 0 if here is None else int(matrix[here, there])))
            here, left_s = there, stop.leave_s
        home_s = 0 if shift is None or here is None else int(matrix[here, row[shift.end_location]])
        trips.append(_Trip(route, crews.get(route.crew), shift, calls, home_s))
    return trips


def _of_route(rule: Callable[..., object], trip: _Trip, told: str) -> Violation:
    return Violation(_rule_name(rule), f"{trip.name}: {told}", trip.route.crew, trip.route.day)


def _of_stop(rule: Callable[..., object], trip: _Trip, call: _Call, told: str) -> Violation:
    crew, day, visit = trip.route.crew, trip.route.day, call.visit.id
    return Violation(_rule_name(rule), f"{visit} ({crew}, day {day}): {told}", crew, day, visit)


def _rule_name(rule: Callable[..., object]) -> str:
    return rule.__name__.removeprefix("_")


# Rules about the route and its shift, which hold for routes without stops too.


def _shift_exists(trip: _Trip, problem: Problem) -> Iterator[str]:
    """Nobody works a shift that is not planned, or beyond the horizon."""
    if trip.shift is None or not 0 <= trip.route.day < problem.days:
        yield "there is no such shift"


def _break_foreseen(trip: _Trip, problem: Problem) -> Iterator[str]:  # noqa: ARG001 - one signature for all
    """Accept a stated break only where the shift has one."""
    if trip.route.break_start_s is not None and trip.shift is not None and trip.shift.break_ is None:
        yield "break_start_s is given, the shift has no break"


def _route_once(trips: list[_Trip]) -> Iterator[tuple[_Trip, str]]:
    """Allow a crew one route a day."""
    seen: set[tuple[str, int]] = set()
    for trip in trips:
        key = (trip.route.crew, trip.route.day)
        if key in seen:
            yield trip, "given more than once"
        seen.add(key)


# Rules about one route with stops.


def _break_in_window(trip: _Trip) -> Iterator[str]:
    """Begin the break when the shift says."""
    pause = trip.shift.break_ if trip.shift else None
    if pause and trip.rest and not pause.from_s <= trip.rest[0] <= pause.to_s:
        yield f"the break starts at {trip.rest[0]}, allowed in {pause.from_s}..{pause.to_s}"


def _break_on_the_way(trip: _Trip) -> Iterator[str]:
    """Count no break before setting off or after coming home."""
    if trip.rest and (trip.rest[0] < trip.route.depart_s or trip.rest[1] > trip.route.return_s):
        yield f"the break {trip.rest[0]}..{trip.rest[1]} is not between departure and return"


def _break_taken(trip: _Trip) -> Iterator[str]:
    """Whoever is out at the break's latest start has to take it."""
    pause = trip.shift.break_ if trip.shift else None
    if pause and trip.rest is None and trip.route.depart_s <= pause.to_s <= trip.route.return_s:
        yield f"a break of {pause.duration_s} s starting in {pause.from_s}..{pause.to_s} is due, none is stated"


def _returns_after_departing(trip: _Trip) -> Iterator[str]:
    if trip.route.depart_s > trip.route.return_s:
        yield f"returns at {trip.route.return_s}, before it departs at {trip.route.depart_s}"


def _departs_in_shift(trip: _Trip) -> Iterator[str]:
    if trip.shift and trip.route.depart_s < trip.shift.from_s:
        yield f"departs at {trip.route.depart_s}, the shift begins at {trip.shift.from_s}"


def _drives_home(trip: _Trip) -> Iterator[str]:
    """Leave time for the way home."""
    if trip.shift is None:
        return
    driven = trip.driven_s(trip.last_leave_s, trip.route.return_s)
    if driven < trip.home_s:
        yield f"returns at {trip.route.return_s}, {trip.home_s - driven} s too early for the way home"


def _returns_in_time(trip: _Trip) -> Iterator[str]:
    """Overtime has its limit."""
    if trip.shift is None:
        return
    latest = trip.shift.to_s + trip.shift.max_overtime_s
    if trip.route.return_s > latest:
        yield f"returns at {trip.route.return_s}, at the latest {latest} with overtime"


def _not_too_long(trip: _Trip) -> Iterator[str]:
    longest = trip.shift.max_duration_s if trip.shift else None
    lasts = trip.route.return_s - trip.route.depart_s
    if longest is not None and lasts > longest:
        yield f"lasts {lasts} s, at most {longest}"


def _load_fits(trip: _Trip) -> Iterator[str]:
    load = sum(call.visit.load for call in trip.calls)
    if trip.crew and trip.crew.load_capacity is not None and load > trip.crew.load_capacity:
        yield f"carries {load}, at most {trip.crew.load_capacity} fit"


# Rules about one stop.


def _drives_there(trip: _Trip, call: _Call) -> Iterator[str]:
    """Leave time for the drive; a break within it is no driving."""
    driven = trip.driven_s(call.left_s, call.stop.arrive_s)
    if driven < call.drive_s:
        yield f"arrives at {call.stop.arrive_s}, {call.drive_s - driven} s too early for the drive"


def _starts_after_arrival(trip: _Trip, call: _Call) -> Iterator[str]:  # noqa: ARG001 - one signature for all
    if call.stop.start_s < call.stop.arrive_s:
        yield f"starts at {call.stop.start_s}, before it arrives at {call.stop.arrive_s}"


def _leaves_after_service(trip: _Trip, call: _Call) -> Iterator[str]:  # noqa: ARG001 - one signature for all
    done = call.stop.start_s + call.visit.service_s
    if call.stop.leave_s != done:
        yield f"leaves at {call.stop.leave_s}, start plus service is {done}"


def _starts_in_window(trip: _Trip, call: _Call) -> Iterator[str]:  # noqa: ARG001 - one signature for all
    windows = call.visit.windows
    if windows and not any(window.from_s <= call.stop.start_s <= window.to_s for window in windows):
        allowed = ", ".join(f"{window.from_s}..{window.to_s}" for window in windows)
        yield f"starts at {call.stop.start_s}, allowed in {allowed}"


def _not_interrupted(trip: _Trip, call: _Call) -> Iterator[str]:
    """Let the break interrupt a drive, but no work on an elevator."""
    if trip.rest and trip.rest[0] < call.stop.leave_s and call.stop.start_s < trip.rest[1]:
        yield f"the break {trip.rest[0]}..{trip.rest[1]} interrupts it"


def _on_a_day_allowed(trip: _Trip, call: _Call) -> Iterator[str]:
    if not call.visit.first_day <= trip.route.day <= call.visit.last_day:
        yield f"allowed on days {call.visit.first_day}..{call.visit.last_day} only"


def _skills_present(trip: _Trip, call: _Call) -> Iterator[str]:
    lacking = sorted(set(call.visit.skills) - set(trip.crew.skills)) if trip.crew else []
    if lacking:
        yield f"the crew lacks {', '.join(lacking)}"


def _people_enough(trip: _Trip, call: _Call) -> Iterator[str]:
    if trip.crew and call.visit.people > trip.crew.people:
        yield f"needs {call.visit.people} people, the crew has {trip.crew.people}"


_SHIFT_RULES: tuple[Callable[[_Trip, Problem], Iterator[str]], ...] = (_shift_exists, _break_foreseen)
_ROUTE_RULES: tuple[Callable[[_Trip], Iterator[str]], ...] = (
    _break_in_window,
    _break_on_the_way,
    _break_taken,
    _returns_after_departing,
    _departs_in_shift,
    _drives_home,
    _returns_in_time,
    _not_too_long,
    _load_fits,
)
_STOP_RULES: tuple[Callable[[_Trip, _Call], Iterator[str]], ...] = (
    _drives_there,
    _starts_after_arrival,
    _leaves_after_service,
    _starts_in_window,
    _not_interrupted,
    _on_a_day_allowed,
    _skills_present,
    _people_enough,
)


# Rules about the plan as a whole.


def _known_visits(trips: list[_Trip]) -> Iterator[Violation]:
    for trip in trips:
        known = {call.visit.id for call in trip.calls}
        for stop in trip.route.stops:
            if stop.visit not in known:
                told = f"{trip.name}: no visit {stop.visit!r} in the problem"
                yield Violation("known_visits", told, trip.route.crew, trip.route.day, stop.visit)


def _planned_once(trips: list[_Trip]) -> Iterator[Violation]:
    uses = Counter(call.visit.id for trip in trips for call in trip.calls)
    for visit, times in uses.items():
        if times > 1:
            yield Violation("planned_once", f"{visit}: planned {times} times", visit=visit)


def _bank_apart(trips: list[_Trip]) -> Iterator[Violation]:
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
    for visit in problem.visits:
        pin = visit.pinned
        if pin is not None and where.get(visit.id) != pin:
            yield Violation("pins_kept", f"{visit.id}: pinned to {pin.crew} on day {pin.day}", pin.crew, pin.day, visit.id)


# The price.


def _cost(problem: Problem, trips: list[_Trip], where: dict[str, Place]) -> PlanCost:
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
