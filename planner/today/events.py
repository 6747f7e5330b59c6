"""What has happened, written into the problem: visits that take longer, are shut today or off, and crews that are out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from planner.rounds.plan import Plan, Route
from planner.rounds.problem import Crew, Location, Problem, Shift, Visit, Window
from planner.rounds.timing import without
from planner.rounds.travel import Matrix, travel_matrix
from planner.today.asked import Closed, Progress, Today
from planner.today.standing import Course, Scene, Stand, believed, stand_of

LAST_S = 2 * 86_400
"""Where a visit may start at any time, a closure leaves these seconds of the day and the night after it."""

replace = msgspec.structs.replace


class Case(NamedTuple):
    """A question with everything looked up.

    Attributes
    ----------
    today, plan
        As asked.
    problem
        With what has happened: visits have their new hours, days and seconds of work, emergencies are among them.
    original
        Visits as they were, by id.
    visits
        Visits as they are, by id.
    matrix, row
        Seconds of driving between the problem's locations, and location → row.
    shifts
        Crew → shift of the present day.
    routes
        Crew and day → round; the published one until an emergency is placed on it.
    placed
        Emergencies that are on a round already.
    off
        Visits that cannot be made now → code: `closed` or `cancelled`.
    out
        Crew → from when and through which day it does not work.
    """

    today: Today
    plan: Plan
    problem: Problem
    original: Mapping[str, Visit]
    visits: dict[str, Visit]
    matrix: Matrix
    row: Mapping[str, int]
    shifts: dict[str, Shift]
    routes: dict[tuple[str, int], Route]
    placed: frozenset[str]
    off: dict[str, str]
    out: dict[str, tuple[int, int]]

    @property
    def new(self) -> list[str]:
        """Ids of the emergencies that are on no round."""
        return [emergency.visit.id for emergency in self.today.emergencies if emergency.visit.id not in self.placed]

    def with_plan(self, plan: Plan) -> Case:
        """Give the same question with the rounds of another plan, on which emergencies have been placed."""
        routes = {(route.crew, route.day): route for route in plan.routes}
        planned = {stop.visit for route in plan.routes for stop in route.stops}
        placed = frozenset(emergency.visit.id for emergency in self.today.emergencies if emergency.visit.id in planned)
        return self._replace(routes=routes, placed=placed)


def case_of(problem: Problem, plan: Plan, today: Today, matrix: Matrix | None = None) -> Case:
    """Look everything up and write what has happened into the problem.

    Parameters
    ----------
    problem, plan, today
        Without faults (see `planner.today.links`).
    matrix
        `travel_matrix` of the problem, if the caller has it; not looked at where an emergency brings a new location.
    """
    original = {visit.id: visit for visit in problem.visits}
    places = tuple(emergency.location for emergency in today.emergencies if emergency.location is not None)
    locations = (*problem.locations, *_distinct(places))
    if matrix is None or len(locations) > len(problem.locations):
        matrix = travel_matrix(problem.travel, locations)
    visits = dict(original)
    for emergency in today.emergencies:
        visits[emergency.visit.id] = emergency.visit
    for delay in today.delays:
        if delay.visit is not None:
            visit = visits[delay.visit]
            visits[delay.visit] = replace(visit, service_s=visit.service_s + delay.by_s)
    routes = {(route.crew, route.day): route for route in plan.routes}
    off = _closed(visits, plan, today)
    for name in today.cancelled:
        off[name] = "cancelled"
        visits[name] = replace(visits[name], mandatory=False, defer_cost=0, pinned=None)
    return Case(
        today=today,
        plan=plan,
        problem=replace(problem, locations=locations, visits=tuple(visits.values())),
        original=original,
        visits=visits,
        matrix=matrix,
        row={location.id: i for i, location in enumerate(locations)},
        shifts={crew.id: shift for crew in problem.crews for shift in crew.shifts if shift.day == today.day},
        routes=routes,
        placed=frozenset(),
        off=off,
        out=_out(today),
    )


def _distinct(places: Iterable[Location]) -> list[Location]:
    return list({place.id: place for place in places}.values())


def _out(today: Today) -> dict[str, tuple[int, int]]:
    """Say from when and through which day crews are out; of several tellings the widest."""
    out: dict[str, tuple[int, int]] = {}
    for told in today.crews_out:
        from_s = today.now_s if told.from_s is None else told.from_s
        last = today.day if told.through_day is None else told.through_day
        before = out.get(told.crew, (from_s, last))
        out[told.crew] = (min(before[0], from_s), max(before[1], last))
    return out


def _closed(visits: dict[str, Visit], plan: Plan, today: Today) -> dict[str, str]:
    """Take closed times out of visits' hours; give those whose planned time of today is hit.

    A window of the contract holds on every day. So the hours of a visit that is planned for today are cut (on another day it
    then keeps away from them too, which does no harm), and any other just may not come to today.
    """
    of_today = {stop.visit: stop for route in plan.routes if route.day == today.day for stop in route.stops}
    over = {stop.visit for route in plan.routes if route.day < today.day for stop in route.stops}
    hit: dict[str, str] = {}
    for closed in today.closed:
        begin_s = today.now_s if closed.from_s is None else closed.from_s
        for name in _meant(closed, visits):
            if name in over:
                continue
            visit, stop = visits[name], of_today.get(name)
            if closed.to_s is None and begin_s <= today.now_s:
                visits[name] = _not_before(visit, today.day + 1)
                hit |= {name: "closed"} if stop else {}
            elif stop is None and name not in {emergency.visit.id for emergency in today.emergencies}:
                visits[name] = _not_before(visit, today.day + 1)
            else:
                visits[name] = _without(visit, begin_s, LAST_S if closed.to_s is None else closed.to_s, today.day)
                if stop and stop.start_s < (closed.to_s or LAST_S) and stop.leave_s > begin_s:
                    hit[name] = "closed"
    return hit


def _meant(closed: Closed, visits: Mapping[str, Visit]) -> list[str]:
    places, names = set(closed.locations), set(closed.visits)
    return [visit.id for visit in visits.values() if visit.location in places or visit.id in names]


def _not_before(visit: Visit, day: int) -> Visit:
    """Move the first day of a visit; where its last day is earlier, it has none left (`first_day` > `last_day`)."""
    if visit.first_day >= day:
        return visit
    return replace(visit, first_day=day, day_costs=visit.day_costs[day - visit.first_day :])


def _without(visit: Visit, begin_s: int, end_s: int, day: int) -> Visit:
    """Take the starts out of a visit's hours at which its work would overlap a closed time; if none is left, the day."""
    hours = tuple((window.from_s, window.to_s) for window in visit.windows) or ((0, LAST_S),)
    left = without(hours, [(begin_s, end_s)], visit.service_s) or ()
    windows = tuple(Window(from_s, min(to_s, LAST_S)) for from_s, to_s in left if from_s <= LAST_S)
    return replace(visit, windows=windows) if windows else _not_before(visit, day + 1)


def stands(case: Case, *, turning: bool) -> dict[str, Stand]:
    """Say where every crew of the present day stands.

    Parameters
    ----------
    case
        The question.
    turning
        Whether crews that drive are to turn round.
    """
    today = case.today
    told = {progress.crew: progress for progress in today.progress}
    courses: dict[str, Course] = {}
    late: dict[str, int] = defaultdict(int)
    work_late: dict[str, int] = defaultdict(int)
    for delay in today.delays:
        if delay.crew is not None:
            late[delay.crew] += delay.by_s
        elif delay.visit is not None:
            work_late[delay.visit] += delay.by_s
    reported = _begun(today.progress)
    routes = {crew: case.routes.get((crew, today.day)) for crew in case.shifts}
    thinned = {crew: _thinned(route, reported) for crew, route in routes.items() if crew not in told}
    begun = reported | _begun(believed(crew, route, today.now_s) for crew, route in thinned.items())
    scene = Scene(today.now_s, case.row, case.visits, case.matrix, begun, case.placed)
    for crew, shift in case.shifts.items():
        out_from_s = case.out[crew][0] if crew in case.out else None
        route = thinned.get(crew, routes[crew])
        as_published = route is routes[crew]
        courses[crew] = Course(shift, route, told.get(crew), case.off, late[crew], work_late, turning, out_from_s, as_published)
    return {crew: stand_of(crew, course, scene) for crew, course in courses.items()}


def _begun(progress: Iterable[Progress]) -> set[str]:
    """Give the visits that are done or under way."""
    begun: set[str] = set()
    for each in progress:
        begun |= {stop.visit for stop in each.done}
        begun |= {each.under_way.visit} if each.under_way else set()
    return begun


def _thinned(route: Route | None, made: set[str]) -> Route | None:
    """Take off a round what another crew has made; the same round where there is nothing of that kind."""
    if route is None or not any(stop.visit in made for stop in route.stops):
        return route
    return replace(route, stops=tuple(stop for stop in route.stops if stop.visit not in made))


def amended(case: Case, frozen: Mapping[str, Stand], after: Plan) -> Problem:
    """Give the problem for which a repaired plan is a plan: what is frozen is as it came, whatever was asked of it."""
    names = {stop.visit for stand in frozen.values() for stop in stand.stops}
    done = {stop.visit: stop for route in after.routes for stop in route.stops if stop.visit in names}
    visits = []
    for visit in case.problem.visits:
        stop = done.get(visit.id)
        if stop is not None:
            as_it_was = case.original.get(visit.id, visit)
            visit = replace(as_it_was, service_s=stop.leave_s - stop.start_s)  # noqa: PLW2901 - the same visit as it came
            if not any(window.from_s <= stop.start_s <= window.to_s for window in visit.windows):
                visit = replace(visit, windows=())  # noqa: PLW2901
        elif visit.first_day > visit.last_day:
            visit = replace(case.original.get(visit.id, visit))  # noqa: PLW2901 - it finds no place, whatever its days
        visits.append(visit)
    return replace(case.problem, visits=tuple(visits))


def crews_left(case: Case) -> list[Crew]:
    """Give the crews with the shifts after the present day on which they work."""
    today = case.today
    left = []
    for crew in case.problem.crews:
        through = case.out[crew.id][1] if crew.id in case.out else today.day
        shifts = tuple(shift for shift in crew.shifts if through < shift.day < case.problem.days)
        left.append(replace(crew, shifts=shifts))
    return left
