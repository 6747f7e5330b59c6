"""A plan lived through second by second, to judge it without any arithmetic of intervals; for small problems only."""

from __future__ import annotations

from collections import Counter

from planner.rounds.plan import Plan, Route
from planner.rounds.problem import DAY_S, Crew, Problem, Shift, Visit


def moments(begin_s: int, end_s: int) -> set[float]:
    """What lies between two times: the middles of all seconds and the seconds between; of no time at all, itself."""
    return {begin_s + n / 2 for n in range(1, 2 * (end_s - begin_s))} or {float(begin_s)}


def collide(one: tuple[int, int], two: tuple[int, int]) -> bool:
    """Tell whether two pieces of time have a moment in common; two moments never have."""
    return bool(moments(*one) & moments(*two)) and (one[0] < one[1] or two[0] < two[1])


def replayed(problem: Problem, plan: Plan) -> dict[str, int] | None:
    """Live through a plan.

    Returns
    -------
    dict
        What it costs, by kind; None if a rule is broken, pins that nobody could keep aside.
    """
    crews = {crew.id: crew for crew in problem.crews}
    visits = {visit.id: visit for visit in problem.visits}
    shifts = {(crew.id, shift.day): shift for crew in problem.crews for shift in crew.shifts if shift.day < problem.days}
    planned = Counter(stop.visit for route in plan.routes for stop in route.stops)
    told = planned + Counter(left_out.visit for left_out in plan.unplanned)
    if told != Counter(list(visits)) or len({(route.crew, route.day) for route in plan.routes}) < len(plan.routes):
        return None
    cost = dict.fromkeys(("travel", "shifts", "overtime", "days", "crews", "deferred", "missed", "changes"), 0)
    at_work: dict[str, list[tuple[int, int]]] = {}
    where = {}
    for route in plan.routes:
        shift = shifts.get((route.crew, route.day))
        if shift is None or (route.break_start_s is not None and shift.break_ is None):
            return None
        if not route.stops:
            continue
        mine = [visits[stop.visit] for stop in route.stops]
        crew = crews[route.crew]
        driven = lived(problem, route, shift, mine)
        allowed = all(may(visit, crew, route.day) for visit in mine) and fits(sum(visit.load for visit in mine), crew)
        if driven is None or not allowed:
            return None
        cost["travel"] += driven * problem.costs.travel_per_s
        cost["shifts"] += problem.costs.shift_used
        cost["overtime"] += len(range(shift.to_s, route.return_s)) * problem.costs.overtime_per_s
        for visit, stop in zip(mine, route.stops, strict=True):
            where[visit.id] = (route.crew, route.day)
            begin = route.day * DAY_S + stop.start_s
            at_work.setdefault(visit.bank or f"alone {visit.id}", []).append((begin, begin + visit.service_s))
            cost["days"] += dict(enumerate(visit.day_costs, visit.first_day)).get(route.day, 0)
            cost["crews"] += visit.crew_costs.get(route.crew, 0)
    if any(collide(one, two) for spans in at_work.values() for n, one in enumerate(spans) for two in spans[:n]):
        return None
    if any(must(visit, crews, shifts) and where.get(visit.id) != place_of(visit) for visit in problem.visits):
        return None
    left_out = [visit for visit in problem.visits if visit.id not in where]
    cost["missed"] = problem.costs.missed_mandatory * len([visit for visit in left_out if visit.mandatory])
    cost["deferred"] = sum(visit.defer_cost for visit in left_out if not visit.mandatory)
    for name, place in (problem.published or {}).items():
        cost["changes"] += problem.costs.change * (where.get(name) != (place.crew, place.day))
    return cost | {"total": sum(cost.values())}


def place_of(visit: Visit) -> tuple[str, int] | None:
    """Give the crew and day that a visit is pinned to."""
    return None if visit.pinned is None else (visit.pinned.crew, visit.pinned.day)


def must(visit: Visit, crews: dict[str, Crew], shifts: dict[tuple[str, int], Shift]) -> bool:
    """Tell whether a visit has a pin that somebody could keep."""
    pin = place_of(visit)
    return pin in shifts and pin is not None and may(visit, crews[pin[0]], pin[1]) and fits(visit.load, crews[pin[0]])


def may(visit: Visit, crew: Crew, day: int) -> bool:
    """Tell whether a crew has what a visit needs, on a day that it allows."""
    return (
        day in range(visit.first_day, visit.last_day + 1) and {*visit.skills} <= {*crew.skills} and visit.people <= crew.people
    )


def fits(load: int, crew: Crew) -> bool:
    """Tell whether a crew has room for a load."""
    return crew.load_capacity is None or load <= crew.load_capacity


def lived(problem: Problem, route: Route, shift: Shift, visits: list[Visit]) -> int | None:
    """Give the seconds driven on a route; None if it cannot be lived as stated."""
    table = problem.travel.durations_s
    assert table is not None
    row = {location.id: n for n, location in enumerate(problem.locations)}
    rest: tuple[int, int] | None = None
    day = range(shift.from_s, shift.to_s + shift.max_overtime_s + 1)
    if not (route.depart_s in day and route.return_s in day and route.return_s >= route.depart_s):
        return None
    if shift.max_duration_s is not None and route.return_s - route.depart_s > shift.max_duration_s:
        return None
    out = range(route.depart_s, route.return_s + 1)
    if shift.break_ is not None and route.break_start_s is not None:
        rest = route.break_start_s, route.break_start_s + shift.break_.duration_s
        if rest[0] not in range(shift.break_.from_s, shift.break_.to_s + 1) or not {*rest} <= {*out}:
            return None
    elif shift.break_ is not None and shift.break_.to_s in out:
        return None
    here, left_s, driven = row[shift.start_location], route.depart_s, 0
    for visit, stop in zip([*visits, None], [*route.stops, None], strict=True):
        there = row[visit.location] if visit else row[shift.end_location]
        arrive_s = stop.arrive_s if stop else route.return_s
        free = [second for second in range(left_s, arrive_s) if rest is None or second not in range(*rest)]
        if arrive_s < left_s or len(free) < table[here][there]:
            return None
        driven += table[here][there]
        if visit and stop:
            starts = {second for window in visit.windows for second in range(window.from_s, window.to_s + 1)} or {stop.start_s}
            if stop.start_s < arrive_s or stop.start_s not in starts or stop.leave_s != stop.start_s + visit.service_s:
                return None
            if rest is not None and collide(rest, (stop.start_s, stop.leave_s)):
                return None
            here, left_s = there, stop.leave_s
    return driven
