"""What is plain before any search: pins that cannot be kept, visits that nobody may ever do, crews that never work.

None of it makes a problem unusable: the rest is planned. But whoever asked wants to hear of it now and not from a plan.
Nothing here is shared with the search, whose reasons (`planner.rounds.explain`) come after the fact.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import msgspec

from planner.rounds.links import pin_faults
from planner.rounds.problem import Break, Crew, Problem, Shift, Visit, Window
from planner.rounds.travel import Matrix, travel_matrix

Code = Literal["no_visit", "no_crew", "no_shift", "pin", "skill", "people", "load", "day", "hours"]

_ALWAYS_S = 1 << 60
_ANY_TIME = (Window(0, _ALWAYS_S),)


class Notice(msgspec.Struct, frozen=True):
    """One thing that cannot be planned whatever the search finds.

    Attributes
    ----------
    path
        Where in the problem, as in ``visits[17].pinned``.
    code
        ``pin`` the pinned crew and day cannot take the visit; ``skill``, ``people``, ``load`` no crew has what it takes;
        ``day`` none that has works on its days; ``hours`` it fits no shift even alone (it is tried all the same, for where a
        detour is quicker than the way itself it may fit beside others); ``no_crew``, ``no_shift`` there is nobody, or nobody
        works within the horizon; ``no_visit`` there is nothing to plan.
    message
        What is wrong and the way out, one English sentence without its full stop.
    visit
        Its id, if it is about one.
    """

    path: str
    code: Code
    message: str
    visit: str | None = None

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class _Duty(NamedTuple):
    """One shift within the horizon, its ends as rows of the travel matrix."""

    crew: Crew
    shift: Shift
    start: int
    end: int


def notices(problem: Problem, matrix: Matrix | None = None) -> list[Notice]:
    """Name everything that cannot be planned, in the order of the problem.

    Parameters
    ----------
    problem
        A problem that `planner.rounds.problem.parse_problem` accepts.
    matrix
        `planner.rounds.travel.travel_matrix` of the problem, if the caller has it already.

    Returns
    -------
    list of Notice
        At most one per visit.
    """
    found = list(_of_crews(problem))
    if any(notice.code in {"no_crew", "no_shift"} and notice.path == "crews" for notice in found):
        return found
    matrix = travel_matrix(problem.travel, problem.locations) if matrix is None else matrix
    look = _Look(problem, matrix)
    pins = {notice.visit: notice for notice in impossible_pins(problem)}
    for i, visit in enumerate(problem.visits):
        notice = pins.get(visit.id) or look.at(visit, f"visits[{i}]")
        if notice is not None:
            found.append(notice)
    return found


def impossible_pins(problem: Problem) -> list[Notice]:
    """Name the pins that cannot be kept whatever the plan: no such crew or shift, a wrong day, no skill, people or room."""
    pinned = [i for i, visit in enumerate(problem.visits) if visit.pinned is not None]
    if not pinned:
        return []
    parts = {"days": problem.days, "crews": problem.crews, "visits": [problem.visits[i] for i in pinned]}
    document: Any = msgspec.json.decode(msgspec.json.encode(parts))
    told: dict[int, list[str]] = {}
    for fault in pin_faults(document):
        n = int(fault.path.partition("[")[2].partition("]")[0])
        told.setdefault(pinned[n], []).append(fault.message)
    return [Notice(f"visits[{i}].pinned", "pin", "; ".join(all_), problem.visits[i].id) for i, all_ in told.items()]


def _of_crews(problem: Problem) -> Iterator[Notice]:
    if not problem.visits:
        yield Notice("visits", "no_visit", "there is no visit, so that the plan is empty")
    if not problem.crews:
        yield Notice("crews", "no_crew", "there is no crew, so that every visit is left out; add one")
        return
    idle = [i for i, crew in enumerate(problem.crews) if all(shift.day >= problem.days for shift in crew.shifts)]
    if len(idle) == len(problem.crews):
        told = f"no crew has a shift on days 0..{problem.days - 1}, so that every visit is left out; add shifts"
        yield Notice("crews", "no_shift", told)
        return
    for i in idle:
        told = f"{problem.crews[i].id} has no shift on days 0..{problem.days - 1} and is given no work"
        yield Notice(f"crews[{i}].shifts", "no_shift", told)


class _Look:
    """Looks at one visit after the other as if it were the only one; visits with the same needs share what is found."""

    def __init__(self, problem: Problem, matrix: Matrix) -> None:
        self._problem = problem
        self._matrix = matrix
        self._row = {location.id: n for n, location in enumerate(problem.locations)}
        self._duties = [
            _Duty(crew, shift, self._row[shift.start_location], self._row[shift.end_location])
            for crew in problem.crews
            for shift in crew.shifts
            if shift.day < problem.days
        ]
        self._able: dict[tuple[frozenset[str], int, int], list[_Duty]] = {}

    def at(self, visit: Visit, path: str) -> Notice | None:
        """Say why nobody can do a visit; None if somebody can."""
        lacking = self._lacking(visit, path)
        if lacking is not None:
            return lacking
        there = [duty for duty in self._duties_of(visit) if visit.first_day <= duty.shift.day <= visit.last_day]
        if not there:
            last = min(visit.last_day, self._problem.days - 1)
            told = f"no crew that could do it works on days {visit.first_day}..{last}; change its days or add a shift"
            if visit.first_day >= self._problem.days:
                told = f"day {visit.first_day} is after the last day, {self._problem.days - 1}; leave it to a later plan"
            return Notice(f"{path}.first_day", "day", told, visit.id)
        pin = visit.pinned
        if pin is not None:
            there = [duty for duty in there if (duty.crew.id, duty.shift.day) == (pin.crew, pin.day)]
        if any(self._fits(visit, duty) for duty in there):
            return None
        if pin is not None:
            told = f"cannot be kept: it does not fit the hours of {pin.crew} on day {pin.day}, even alone"
            return Notice(f"{path}.pinned", "pin", f"{told}; change or remove the pin", visit.id)
        told = "it fits no shift of a crew that could do it, even alone; check service_s, windows, shifts and travel times"
        return Notice(path, "hours", told, visit.id)

    def _lacking(self, visit: Visit, path: str) -> Notice | None:
        crews = self._problem.crews
        skilled = [crew for crew in crews if set(visit.skills) <= set(crew.skills)]
        if not skilled:
            needed = ", ".join(sorted(set(visit.skills)))
            told = f"no crew has {needed}" if len(set(visit.skills)) == 1 else f"no one crew has all of {needed}"
            return Notice(f"{path}.skills", "skill", f"{told}; correct it or add the skill to a crew", visit.id)
        enough = [crew for crew in skilled if crew.people >= visit.people]
        if not enough:
            most = max(crew.people for crew in skilled)
            told = f"{visit.people} people are needed, the largest crew with the skills has {most}"
            return Notice(f"{path}.people", "people", told, visit.id)
        rooms = [crew.load_capacity for crew in enough if crew.load_capacity is not None]
        if len(rooms) == len(enough) and max(rooms) < visit.load:
            told = f"a load of {visit.load} is needed, the largest crew that could do it has room for {max(rooms)}"
            return Notice(f"{path}.load", "load", told, visit.id)
        return None

    def _duties_of(self, visit: Visit) -> list[_Duty]:
        needs = (frozenset(visit.skills), visit.people, visit.load)
        if needs not in self._able:
            self._able[needs] = [duty for duty in self._duties if _able(visit, duty.crew)]
        return self._able[needs]

    def _fits(self, visit: Visit, duty: _Duty) -> bool:
        place = self._row[visit.location]
        there_s, back_s = int(self._matrix[duty.start, place]), int(self._matrix[place, duty.end])
        return fits_alone(visit, duty.shift, there_s, back_s)


def _able(visit: Visit, crew: Crew) -> bool:
    room = crew.load_capacity is None or visit.load <= crew.load_capacity
    return room and visit.people <= crew.people and set(visit.skills) <= set(crew.skills)


def fits_alone(visit: Visit, shift: Shift, there_s: int, back_s: int) -> bool:
    """Tell whether a shift without any other visit has room for this one.

    Parameters
    ----------
    visit, shift
        Their hours count, nothing else does.
    there_s, back_s
        Seconds of driving to the visit and home.
    """
    hours = _Hours(shift.from_s, shift.to_s + shift.max_overtime_s, shift.max_duration_s)
    work = _Work(there_s, visit.service_s, back_s)
    for window in visit.windows or _ANY_TIME:
        if _without_rest(window, hours, work, shift.break_):
            return True
        if shift.break_ is not None and (
            _rest_before(window, hours, work, shift.break_) or _rest_after(window, hours, work, shift.break_)
        ):
            return True
    return False


class _Hours(NamedTuple):
    """Earliest departure, latest return, longest time between them."""

    from_s: int
    latest_s: int
    longest_s: int | None

    def allow(self, depart_s: int, return_s: int) -> bool:
        longest_s = self.longest_s
        return return_s <= self.latest_s and (longest_s is None or return_s - depart_s <= longest_s)


class _Work(NamedTuple):
    """Seconds to get there, to work, and to get home."""

    there_s: int
    service_s: int
    back_s: int


def _without_rest(window: Window, hours: _Hours, work: _Work, pause: Break | None) -> bool:
    """Try to be home before the break has to begin, or to leave after that."""
    first_s, last_s = max(window.from_s, hours.from_s + work.there_s), window.to_s
    spans = [(first_s, last_s)]
    if pause is not None:
        home_before_s = pause.to_s - 1 - work.service_s - work.back_s
        spans = [(first_s, min(last_s, home_before_s)), (max(first_s, pause.to_s + 1 + work.there_s), last_s)]
    return any(begin <= end and hours.allow(begin - work.there_s, begin + work.service_s + work.back_s) for begin, end in spans)


def _rest_before(window: Window, hours: _Hours, work: _Work, pause: Break) -> bool:
    """Try to rest on the way there: the sooner the work begins the better, and the later the rest."""
    first_rest_s = max(hours.from_s, pause.from_s)
    start_s = max(window.from_s, hours.from_s + work.there_s + pause.duration_s, first_rest_s + pause.duration_s)
    rest_s = min(pause.to_s, start_s - pause.duration_s)
    if start_s > window.to_s or rest_s < first_rest_s:
        return False
    depart_s = min(rest_s, start_s - work.there_s - pause.duration_s)
    return hours.allow(depart_s, start_s + work.service_s + work.back_s)


def _rest_after(window: Window, hours: _Hours, work: _Work, pause: Break) -> bool:
    """Try to rest on the way home: the work ends when the rest may begin, or as near to that as can be."""
    first_s = max(window.from_s, hours.from_s + work.there_s)
    last_s = min(window.to_s, pause.to_s - work.service_s, hours.latest_s - work.service_s - work.back_s - pause.duration_s)
    if first_s > last_s:
        return False
    start_s = min(max(first_s, pause.from_s - work.service_s), last_s)
    rest_s = max(start_s + work.service_s, pause.from_s)
    return_s = max(start_s + work.service_s + work.back_s + pause.duration_s, rest_s + pause.duration_s)
    return hours.allow(start_s - work.there_s, return_s)
