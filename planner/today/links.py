"""What a question says about the problem and the plan: names that exist, visits that can still be changed, times in order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from planner.rounds.faults import Fault, shown
from planner.rounds.plan import Plan
from planner.rounds.problem import Problem, Visit
from planner.rounds.travel import MAX_S
from planner.today.asked import SCHEMA, Closed, CrewOut, Delay, Emergency, Progress, Today


class _Known:
    """The names of a problem and plan."""

    def __init__(self, today: Today, problem: Problem, plan: Plan) -> None:
        self.today = today
        self.estimated = problem.travel.estimate is not None
        self.days = problem.days
        self.locations = {location.id for location in problem.locations}
        self.visits = {visit.id for visit in problem.visits}
        self.crews = {crew.id for crew in problem.crews}
        self.at_work = {crew.id for crew in problem.crews for shift in crew.shifts if shift.day == today.day}
        self.skills = {skill for crew in problem.crews for skill in crew.skills}
        self.told = Counter(progress.crew for progress in today.progress)
        stops = [stop.visit for progress in today.progress for stop in progress.done]
        stops += [progress.under_way.visit for progress in today.progress if progress.under_way]
        self.begun = Counter(stops)
        self.met = set(stops)
        self.over = {stop.visit for progress in today.progress for stop in progress.done}
        for route in plan.routes:
            if route.day < today.day:
                self.over |= {stop.visit for stop in route.stops}
            elif route.day == today.day and not self.told[route.crew] and route.depart_s <= today.now_s:
                self.over |= {stop.visit for stop in route.stops if stop.leave_s <= today.now_s}
                self.met |= {stop.visit for stop in route.stops if stop.arrive_s <= today.now_s}
        self.met |= self.over
        self.new = Counter(emergency.visit.id for emergency in today.emergencies)
        self.planned = {stop.visit for route in plan.routes for stop in route.stops}


LISTS: dict[str, Any] = {
    "progress": Progress, "emergencies": Emergency, "crews_out": CrewOut, "closed": Closed, "delays": Delay, "cancelled": str,
}  # fmt: skip
"""Lists of a question and what their elements are."""


def document_faults(document: Any, problem: Problem, plan: Plan) -> list[Fault]:
    """Find the faults between a question's document, its problem and its plan; what has the wrong shape is left aside."""
    if not isinstance(document, dict):
        return []
    parts: dict[str, list[tuple[int, Any]]] = {name: _whole(document.get(name), kind) for name, kind in LISTS.items()}
    numbers = {name: value for name in ("day", "now_s") if type(value := document.get(name)) is int and 0 <= value <= MAX_S}
    if len(numbers) < 2:  # nothing can be said without the present
        return []
    lists: Any = {name: tuple(value for _, value in found) for name, found in parts.items()}
    today = Today(schema=SCHEMA, day=numbers["day"], now_s=numbers["now_s"], **lists)
    found = []
    for fault in today_faults(today, problem, plan):
        at = re.match(r"(\w+)\[(\d+)\]", fault.path)
        path = fault.path
        if at and at[1] in parts:
            path = f"{at[1]}[{parts[at[1]][int(at[2])][0]}]{path[at.end() :]}"
        found.append(Fault(path, fault.message))
    return found


def _whole(value: Any, kind: Any) -> list[tuple[int, Any]]:
    """Give the elements of a list that have the right shape, with their positions."""
    found = []
    for i, element in enumerate(value if isinstance(value, list) else []):
        try:
            found.append((i, msgspec.convert(element, kind)))
        except msgspec.ValidationError:
            continue
    return found


def today_faults(today: Today, problem: Problem, plan: Plan) -> list[Fault]:
    """Find every fault between a question, its problem and its plan."""
    known = _Known(today, problem, plan)
    faults = list(_plan_faults(plan, problem, known))
    if today.day >= problem.days:
        faults.append(Fault("day", f"must be a day of the problem, 0..{problem.days - 1}, is {today.day}"))
    for i, progress in enumerate(today.progress):
        faults += _progress_faults(progress, known, f"progress[{i}]")
    for i, emergency in enumerate(today.emergencies):
        faults += _emergency_faults(emergency, known, f"emergencies[{i}]")
    for i, out in enumerate(today.crews_out):
        faults += _out_faults(out, known, f"crews_out[{i}]")
    for i, closed in enumerate(today.closed):
        faults += _closed_faults(closed, known, f"closed[{i}]")
    for i, delay in enumerate(today.delays):
        faults += _delay_faults(delay, known, f"delays[{i}]")
    for i, name in enumerate(today.cancelled):
        faults += _visit_faults(name, known, f"cancelled[{i}]")
        if name in known.met:
            faults.append(Fault(f"cancelled[{i}]", f"{shown(name)} is done or under way; take it out here"))
    return faults


def _plan_faults(plan: Plan, problem: Problem, known: _Known) -> Iterator[Fault]:
    """Find what of a plan belongs to another problem."""
    shifts = {(crew.id, shift.day) for crew in problem.crews for shift in crew.shifts}
    seen: set[str] = set()
    driven: set[tuple[str, int]] = set()
    for i, route in enumerate(plan.routes):
        path, key = f"plan.routes[{i}]", (route.crew, route.day)
        if key not in shifts or route.day >= problem.days:
            yield Fault(
                path, f"the problem has no shift of {shown(route.crew)} on day {route.day}; give the plan of this problem"
            )
        if key in driven:
            yield Fault(path, f"{shown(route.crew)} has another round on day {route.day}; keep one")
        driven.add(key)
        for j, stop in enumerate(route.stops):
            here = f"{path}.stops[{j}].visit"
            yield from _visit_faults(stop.visit, known, here)
            if stop.visit in seen:
                yield Fault(here, f"{shown(stop.visit)} is planned more than once; keep one")
            seen.add(stop.visit)


def _visit_faults(name: str, known: _Known, path: str) -> Iterator[Fault]:
    if name not in known.visits:
        yield Fault(path, f"no visit {shown(name)} in the problem; correct the id")


def _crew_faults(name: str, known: _Known, path: str) -> Iterator[Fault]:
    if name not in known.crews:
        yield Fault(path, f"no crew {shown(name)} in the problem; correct the id")


def _progress_faults(progress: Progress, known: _Known, path: str) -> Iterator[Fault]:
    yield from _crew_faults(progress.crew, known, f"{path}.crew")
    if progress.crew in known.crews and progress.crew not in known.at_work:
        yield Fault(f"{path}.crew", f"{shown(progress.crew)} has no shift on day {known.today.day}; take it out here")
    if known.told[progress.crew] > 1:
        yield Fault(f"{path}.crew", f"{shown(progress.crew)} is named more than once; join them")
    now_s, last_s = known.today.now_s, progress.departed_s or 0
    if progress.departed_s is None and (progress.done or progress.under_way):
        yield Fault(f"{path}.departed_s", "missing, the crew has made visits; give it")
    moments = [(f"{path}.departed_s", progress.departed_s), (f"{path}.break_start_s", progress.break_start_s)]
    for j, stop in enumerate(progress.done):
        here = f"{path}.done[{j}]"
        yield from _begun_faults(stop.visit, known, f"{here}.visit")
        if not last_s <= stop.arrive_s <= stop.start_s <= stop.leave_s:
            times = f"{stop.arrive_s}, {stop.start_s}, {stop.leave_s}"
            yield Fault(
                here, f"arrival, start and leave must follow each other and what came before, are {times} after {last_s}"
            )
        moments.append((f"{here}.leave_s", stop.leave_s))
        last_s = stop.leave_s
    if progress.under_way is not None:
        work = progress.under_way
        yield from _begun_faults(work.visit, known, f"{path}.under_way.visit")
        if not last_s <= work.arrive_s <= work.start_s <= work.ends_s:
            times = f"{work.arrive_s}, {work.start_s}, {work.ends_s}"
            yield Fault(
                f"{path}.under_way",
                f"arrival, start and end must follow each other and what came before, are {times} after {last_s}",
            )
        moments.append((f"{path}.under_way.arrive_s", work.arrive_s))
    if progress.position is not None:
        if progress.position.location not in known.locations:
            yield Fault(
                f"{path}.position.location", f"no location {shown(progress.position.location)} in the problem; correct the id"
            )
        moments.append((f"{path}.position.at_s", progress.position.at_s))
    for where, moment in moments:
        if moment is not None and moment > now_s:
            yield Fault(where, f"must not be later than now_s ({now_s}), is {moment}")


def _begun_faults(name: str, known: _Known, path: str) -> Iterator[Fault]:
    yield from _visit_faults(name, known, path)
    if known.begun[name] > 1:
        yield Fault(path, f"{shown(name)} is done or under way more than once; keep one")


def _emergency_faults(emergency: Emergency, known: _Known, path: str) -> Iterator[Fault]:
    visit = emergency.visit
    if visit.id in known.visits or known.new[visit.id] > 1:
        yield Fault(f"{path}.visit.id", f"{shown(visit.id)} is used already; ids of visits must differ")
    yield from _place_faults(emergency, known, path)
    yield from _visit_range_faults(visit, known, f"{path}.visit")
    if emergency.latest_start_s is not None and emergency.latest_start_s < known.today.now_s:
        yield Fault(
            f"{path}.latest_start_s", f"must not be earlier than now_s ({known.today.now_s}), is {emergency.latest_start_s}"
        )


def _place_faults(emergency: Emergency, known: _Known, path: str) -> Iterator[Fault]:
    place, name = emergency.location, emergency.visit.location
    if place is None:
        if name not in known.locations:
            way_out = "give its location" if known.estimated else "take one of the problem's"
            yield Fault(f"{path}.visit.location", f"no location {shown(name)} in the problem; {way_out}")
        return
    if not known.estimated:
        yield Fault(f"{path}.location", "a new place needs travel from coordinates; take a location of the problem")
    elif place.lat is None or place.lon is None:
        yield Fault(f"{path}.location", "needs lat and lon")
    if place.id in known.locations:
        yield Fault(f"{path}.location.id", f"{shown(place.id)} is a location of the problem; leave location out")
    elif place.id != name:
        yield Fault(f"{path}.visit.location", f"must be {shown(place.id)}, the place given, is {shown(name)}")


def _visit_range_faults(visit: Visit, known: _Known, path: str) -> Iterator[Fault]:
    day = known.today.day
    if not visit.first_day <= day <= visit.last_day:
        yield Fault(f"{path}.first_day", f"its days {visit.first_day}..{visit.last_day} must include the present day {day}")
    if visit.day_costs and len(visit.day_costs) != visit.last_day - visit.first_day + 1:
        yield Fault(
            f"{path}.day_costs",
            f"must have one cost per day of {visit.first_day}..{visit.last_day}, has {len(visit.day_costs)}",
        )
    if visit.pinned is not None:
        yield Fault(f"{path}.pinned", "an emergency goes where it fits best; leave the pin out")
    for j, window in enumerate(visit.windows):
        if window.from_s > window.to_s:
            yield Fault(f"{path}.windows[{j}]", f"must end after it begins, is {window.from_s}..{window.to_s}")
    for name in visit.crew_costs:
        yield from _crew_faults(name, known, f"{path}.crew_costs.{name}")


def _out_faults(out: CrewOut, known: _Known, path: str) -> Iterator[Fault]:
    yield from _crew_faults(out.crew, known, f"{path}.crew")
    if out.from_s is not None and out.from_s < known.today.now_s:
        yield Fault(
            f"{path}.from_s", f"must not be earlier than now_s ({known.today.now_s}), is {out.from_s}; the past is over"
        )
    if out.through_day is not None and out.through_day < known.today.day:
        yield Fault(f"{path}.through_day", f"must not be before the present day {known.today.day}, is {out.through_day}")


def _closed_faults(closed: Closed, known: _Known, path: str) -> Iterator[Fault]:
    if not closed.locations and not closed.visits:
        yield Fault(path, "says nothing is closed; name locations or visits")
    for j, name in enumerate(closed.locations):
        if name not in known.locations:
            yield Fault(f"{path}.locations[{j}]", f"no location {shown(name)} in the problem; correct the id")
    for j, name in enumerate(closed.visits):
        yield from _visit_faults(name, known, f"{path}.visits[{j}]")
    begin_s = known.today.now_s if closed.from_s is None else closed.from_s
    if closed.to_s is not None and closed.to_s <= begin_s:
        yield Fault(f"{path}.to_s", f"must be later than {begin_s}, is {closed.to_s}")


def _delay_faults(delay: Delay, known: _Known, path: str) -> Iterator[Fault]:
    if (delay.visit is None) == (delay.crew is None):
        yield Fault(path, "must name a visit or a crew, and not both")
    if delay.crew is not None:
        yield from _crew_faults(delay.crew, known, f"{path}.crew")
        if delay.crew in known.crews and delay.crew not in known.at_work:
            yield Fault(f"{path}.crew", f"{shown(delay.crew)} has no shift on day {known.today.day}; take it out here")
    if delay.visit is not None:
        yield from _visit_faults(delay.visit, known, f"{path}.visit")
        if delay.visit in known.over:
            yield Fault(f"{path}.visit", f"{shown(delay.visit)} is done; take it out here")
