"""A solution of the rest joined to what is frozen: the whole plan again, with as few new times as possible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from planner.rounds.answer import settle
from planner.rounds.evaluate import Evaluation, evaluate
from planner.rounds.model import Model
from planner.rounds.plan import SCHEMA, Plan, Route, Stop, Unplanned
from planner.rounds.solution import Solution, Way
from planner.today.rest import Rest, alone_s, drive_s


class Joined(NamedTuple):
    """A whole plan, and what its part that was planned anew costs."""

    plan: Plan
    verdict: Evaluation


def join(rest: Rest, solution: Solution, lost: Mapping[str, tuple[str, str]]) -> Joined:
    """Join a solution of the rest to what is frozen; rounds that need not change keep their times to the second.

    Parameters
    ----------
    rest, solution
        What was left, and where it goes.
    lost
        Visit → code and sentence for those that find no place.
    """
    settle(solution)
    routes = _checked_routes(rest, solution)
    left_out = tuple(Unplanned(name) for name in _left_out(rest, routes))
    verdict = evaluate(rest.problem, Plan(SCHEMA, tuple(routes.values()), left_out), rest.matrix)
    wrong = [violation for violation in verdict.violations if violation.rule != "pins_kept"]
    if wrong:
        raise AssertionError(f"the repair breaks a rule, this is a mistake of ours: {wrong[0].message}")
    whole = [route for route in rest.case.routes.values() if route.day not in rest.days]
    for crew in rest.case.problem.crews:
        for day in rest.days:
            found = routes.get((crew.id, day))
            joined = _whole_day(rest, crew.id, found) if day == rest.days[0] else found
            if joined is not None and joined.stops:
                whole.append(joined)
    order = {crew.id: n for n, crew in enumerate(rest.case.problem.crews)}
    whole.sort(key=lambda route: (route.day, order[route.crew]))
    return Joined(Plan(SCHEMA, tuple(whole), _unplanned(rest, whole, lost)), verdict)


def _left_out(rest: Rest, routes: Mapping[tuple[str, int], Route]) -> Iterable[str]:
    planned = {stop.visit for route in routes.values() for stop in route.stops}
    return (visit.id for visit in rest.problem.visits if visit.id not in planned)


def _checked_routes(rest: Rest, solution: Solution) -> dict[tuple[str, int], Route]:
    """State the ways of a solution, as they were published wherever nothing speaks against that."""
    model = solution.model
    routes: dict[tuple[str, int], Route] = {}
    kept: dict[tuple[str, int], Route] = {}
    for way in solution.ways:
        if way.stops:
            duty = model.duties[way.duty]
            found = _as_published(rest, model, way.stops, duty.crew, duty.day)
            if found is not None:
                kept[duty.crew, duty.day] = found
    _look_at_times(rest, kept)
    for way in solution.ways:
        if not way.stops:
            continue
        duty = model.duties[way.duty]
        key = (duty.crew, duty.day)
        # times beside other rounds of the same bank were found for them as they are stated now
        if key in kept and rest.times_hold[key] and not _beside_banks(solution, way):
            routes[key] = kept[key]
        else:
            routes[key] = _stated(solution, way.duty)
    return routes


def _look_at_times(rest: Rest, kept: dict[tuple[str, int], Route]) -> None:
    """Find out whether the published times of rounds can stay, of each once, for a round of the same stops is the same."""
    unknown = {key: route for key, route in kept.items() if key not in rest.times_hold}
    if not unknown:
        return
    trial = Plan(SCHEMA, tuple(unknown.values()), tuple(Unplanned(name) for name in _left_out(rest, unknown)))
    verdict = evaluate(rest.problem, trial, rest.matrix)
    bad = {(violation.crew, violation.day) for violation in verdict.violations if violation.rule != "pins_kept"}
    rest.times_hold.update({key: key not in bad for key in unknown})


def _beside_banks(solution: Solution, way: Way) -> bool:
    """Tell whether the times of a way depend on other ways at work on the same banks."""
    return bool(way.banks) and any(solution.meets_bank(way.duty, i) for i in way.stops)


def _stated(solution: Solution, number: int) -> Route:
    model = solution.model
    duty, way = model.duties[number], solution.ways[number]
    if way.banks:  # those stated before may have moved, and the next ones must see where this one is now
        solution.put(solution.way(number, way.stops) or way)
    times = solution.timetable(number, way.stops)
    assert times is not None  # noqa: S101 - every way of a solution can be timed
    visits = model.problem.visits
    stops = tuple(
        Stop(visits[i].id, arrive_s, start_s, start_s + visits[i].service_s)
        for i, arrive_s, start_s in zip(way.stops, times.arrive_s, times.start_s, strict=True)
    )
    return Route(duty.crew, duty.day, times.depart_s, times.return_s, stops, times.break_start_s)


def _as_published(rest: Rest, model: Model, numbers: list[int], crew: str, day: int) -> Route | None:
    """Give the published times of a way's stops, if it has the same stops in the same order."""
    route = rest.case.routes.get((crew, day))
    names = [model.problem.visits[i].id for i in numbers]
    if route is None:
        return None
    if day != rest.days[0]:
        return route if names == [stop.visit for stop in route.stops] else None
    stand, anchor = rest.stands[crew], rest.anchors.get(crew)
    tail = route.stops
    if anchor is None:
        return route if names == [stop.visit for stop in tail] else None
    frozen = {stop.visit for stop in stand.stops}
    tail = tuple(stop for stop in route.stops if stop.visit not in frozen)
    if names != [anchor, *(stop.visit for stop in tail)]:
        return None
    held = model.problem.visits[numbers[0]]
    begin_s = held.windows[0].from_s
    first = Stop(anchor, begin_s, begin_s, begin_s + held.service_s)
    rested = None if stand.rest_gone else route.break_start_s
    return Route(crew, day, begin_s, route.return_s, (first, *tail), rested)


def _whole_day(rest: Rest, crew: str, found: Route | None) -> Route | None:
    """Join what is frozen of a crew's day and what comes after it."""
    stand = rest.stands.get(crew)
    if stand is None or stand.depart_s is None:
        return found
    day = rest.days[0]
    published = rest.case.routes.get((crew, day))
    anchor = rest.anchors.get(crew)
    tail = tuple(stop for stop in found.stops if stop.visit != anchor) if found else ()
    stops = (*stand.stops, *tail)
    if published is not None and stops == published.stops:
        home = found is None or found.return_s == published.return_s
        if (home and found is not None) or (stand.returned and not tail):
            return published
    rested = found.break_start_s if found is not None and found.break_start_s is not None else stand.break_start_s
    if found is None or crew in rest.leaving or (stand.returned and not tail):
        return_s, rested = _way_home(rest, crew)
        return Route(crew, day, stand.depart_s, return_s, stops, rested)
    return Route(crew, day, stand.depart_s, found.return_s, stops, rested)


def _way_home(rest: Rest, crew: str) -> tuple[int, int | None]:
    """Give when a crew is back that does nothing more, or was, and when it rests."""
    stand, case = rest.stands[crew], rest.case
    shift = case.shifts[crew]
    end = case.row[shift.end_location]
    if stand.returned and stand.stops:
        last = stand.stops[-1]
        back_s = last.leave_s + int(case.matrix[case.row[case.visits[last.visit].location], end])
        return back_s, stand.break_start_s
    pause = None if stand.rest_gone else shift.break_
    home_s = drive_s(case.matrix, stand.spot, end)
    return_s = alone_s(stand.free_s, home_s, pause)
    if pause is None or stand.free_s + home_s < pause.to_s:  # back before it is due
        return return_s, stand.break_start_s
    return return_s, max(stand.free_s, pause.from_s)


def _unplanned(rest: Rest, routes: Iterable[Route], lost: Mapping[str, tuple[str, str]]) -> tuple[Unplanned, ...]:
    """List what is on no round: as before, and what finds no place any more; mandatory visits first."""
    planned = {stop.visit for route in routes for stop in route.stops}
    listed = {left_out.visit: left_out for left_out in rest.case.plan.unplanned if left_out.visit not in planned}
    for name in rest.case.visits:
        if name not in planned and (name not in listed or name in lost):
            code, detail = lost.get(name, ("", ""))
            listed[name] = Unplanned(name, code, detail)
    return tuple(sorted(listed.values(), key=lambda each: not rest.case.visits[each.visit].mandatory))
