"""The rest of the days as an ordinary problem of `planner.rounds`.

The shift of a crew that is out begins where and when it becomes free. What holds it until then, its work under way or the
place where it stands, is a pinned visit at the begin of that shift, the *anchor*: so its route is never empty, the way home
is always paid for, and banks, loads and a break that is still due are reckoned as on the whole round.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import msgspec
import numpy as np

from planner.rounds.problem import MAX_COST, Break, Costs, Crew, Location, Place, Problem, Shift, Travel, Visit, Window
from planner.rounds.travel import Matrix
from planner.today.events import Case, crews_left
from planner.today.standing import Spot, Stand

CHANGE_DRIVE_S = 900
"""A visit comes to another crew or day only where that saves so many seconds of driving, unless the problem asks for more."""

replace = msgspec.structs.replace


class Rest(NamedTuple):
    """What is left to be planned.

    Attributes
    ----------
    case, stands
        The question, and where the crews stand.
    days
        Days of the rest, the present one first.
    problem, matrix
        An ordinary problem, and its travel times (its own `travel` is empty).
    anchors
        Crew of the present day → its anchor.
    before
        Crew and day → visits of its published round that are still to be made there, in order.
    released
        Visits that cannot stay where they were → code of the reason.
    leaving
        Crews that have no time left when their work under way is done.
    unpinned
        Visits whose pin cannot be kept.
    times_hold
        Rounds of which it is known whether their published times can stay as they are.
    """

    case: Case
    stands: dict[str, Stand]
    days: tuple[int, ...]
    problem: Problem
    matrix: Matrix
    anchors: dict[str, str]
    before: dict[tuple[str, int], list[str]]
    released: dict[str, str]
    leaving: set[str]
    unpinned: list[str]
    times_hold: dict[tuple[str, int], bool]


def rest_of(case: Case, stands: dict[str, Stand], days: Collection[int], loose: Mapping[str, str]) -> Rest:
    """Make the problem of what is left.

    Parameters
    ----------
    case, stands
        The question, and where the crews stand.
    days
        Days that are planned anew: the present one, and others where something may have to go.
    loose
        Visits that are on no round any more and need a place → code of the reason.
    """
    return _Builder(case, stands, tuple(sorted(days)), dict(loose)).build()


class _Builder:
    """Builds one rest."""

    def __init__(self, case: Case, stands: dict[str, Stand], days: tuple[int, ...], loose: dict[str, str]) -> None:
        self.case, self.stands, self.days = case, stands, days
        self.day = case.today.day
        self.frozen = {stop.visit for stand in stands.values() for stop in stand.stops}
        self.released = loose
        self.unpinned: list[str] = []
        self.anchors: dict[str, str] = {}
        self.anchor_visits: list[Visit] = []
        self.spots: dict[str, Spot] = {}  # made-up location → where it is
        self.leaving: set[str] = set()
        self.guarded: dict[str, set[str]] = {}  # location → crews that may take nothing more there

    def build(self) -> Rest:
        """Build crews first, for they say which places there are."""
        case = self.case
        crews = tuple(self._crew(crew) for crew in crews_left(case))
        at_work = {(crew.id, shift.day) for crew in crews for shift in crew.shifts}
        before = self._before(at_work)
        asked = [name for names in before.values() for name in names]
        asked += [*self.released, *case.new]
        asked = [name for name in dict.fromkeys(asked) if case.off.get(name) != "cancelled" and name not in self.frozen]
        visits = [self._visit(case.visits[name], at_work) for name in asked]
        visits = [visit for visit in visits if visit.first_day <= visit.last_day]
        problem, matrix = self._problem(crews, [*self.anchor_visits, *visits])
        return Rest(
            case, self.stands, self.days, problem, matrix, self.anchors, before, self.released, self.leaving, self.unpinned, {}
        )

    def _before(self, at_work: set[tuple[str, int]]) -> dict[tuple[str, int], list[str]]:
        """Say which visits still stand on which round; release those that cannot stay there."""
        case = self.case
        before: dict[tuple[str, int], list[str]] = {}
        for day in self.days:
            for crew in case.problem.crews:
                route = case.routes.get((crew.id, day))
                awaited = [stop.visit for stop in route.stops if stop.visit not in self.frozen] if route else []
                here = (crew.id, day) in at_work
                stay = []
                for name in awaited:
                    code = case.off.get(name) or ("" if here else "crew_out" if crew.id in case.out else "shift")
                    if code:
                        self.released[name] = code
                    else:
                        stay.append(name)
                if here:
                    before[crew.id, day] = stay
        return before

    def _visit(self, visit: Visit, at_work: set[tuple[str, int]]) -> Visit:
        if visit.id in self.case.placed:
            visit = self._held(visit)
        pin = visit.pinned
        if pin is not None and ((pin.crew, pin.day) not in at_work or visit.first_day > pin.day):
            self.unpinned.append(visit.id)
            visit = replace(visit, pinned=None)
        if visit.service_s == 0 and visit.location in self.guarded:
            barred = dict.fromkeys(self.guarded[visit.location], MAX_COST)
            visit = replace(visit, crew_costs=visit.crew_costs | barred)
        return visit

    def _held(self, visit: Visit) -> Visit:
        """Hold an emergency where and when it has been placed, at the latest; a search does not question that."""
        for (crew, day), route in self.case.routes.items():
            for stop in route.stops:
                if stop.visit == visit.id:
                    hours = visit.windows or (Window(0, stop.start_s),)
                    kept = tuple(
                        Window(each.from_s, min(each.to_s, stop.start_s)) for each in hours if each.from_s <= stop.start_s
                    )
                    return replace(visit, pinned=Place(crew, day), windows=kept)
        return visit

    # Crews and their shifts.

    def _crew(self, crew: Crew) -> Crew:
        shifts = [shift for shift in crew.shifts if shift.day in self.days]
        stand = self.stands.get(crew.id)
        if stand is not None and (first := self._shift(crew, self.case.shifts[crew.id], stand)) is not None:
            shifts.insert(0, first)
        return replace(crew, shifts=tuple(shifts))

    def _shift(self, crew: Crew, shift: Shift, stand: Stand) -> Shift | None:
        """Give what is left of a crew's shift; None where nothing is left that others have to know."""
        out = self.case.out.get(crew.id)
        out_s = None if out is None else out[0]
        if stand.depart_s is None:
            return _not_left(shift, stand.free_s, out_s)
        latest_s = shift.to_s + shift.max_overtime_s
        if shift.max_duration_s is not None:
            latest_s = min(latest_s, stand.depart_s + shift.max_duration_s)
        home_s = self._home_s(stand.spot, shift)
        pause = None if stand.rest_gone else shift.break_
        back_s = alone_s(stand.free_s, home_s, pause)
        if out_s is not None:
            latest_s = min(latest_s, out_s)
        if back_s > latest_s or (out_s is not None and out_s <= stand.free_s):
            return self._last_work(crew, stand)  # its work under way is all that it has time for
        begin_s, place = self._anchor(crew, stand)
        to_s = min(shift.to_s, latest_s)
        return Shift(self.day, begin_s, to_s, place, shift.end_location, latest_s - to_s, None, pause)

    def _home_s(self, spot: Spot, shift: Shift) -> int:
        return drive_s(self.case.matrix, spot, self.case.row[shift.end_location])

    def _anchor(self, crew: Crew, stand: Stand) -> tuple[int, str]:
        """Pin down what holds a crew; give when and where its shift begins."""
        case = self.case
        last = stand.stops[-1] if stand.stops else None
        load = sum(case.visits[stop.visit].load for stop in stand.stops)
        if crew.load_capacity is not None:
            load = min(load, crew.load_capacity)
        pin = Place(crew.id, self.day)
        if last is not None and last.leave_s > case.today.now_s:
            visit = case.visits[last.visit]
            begin_s, place, name, bank = last.start_s, visit.location, last.visit, visit.bank
        else:
            begin_s, bank = stand.free_s, None
            name, place = f"~{crew.id}", case.problem.locations[stand.spot.at].id
            if not stand.spot.standing:
                place = f"~{crew.id}"
                self.spots[place] = stand.spot
        self.anchors[crew.id] = name
        held_s, start = stand.free_s - begin_s, (Window(begin_s, begin_s),)
        self.anchor_visits.append(Visit(name, place, held_s, self.day, self.day, start, load=load, pinned=pin, bank=bank))
        return begin_s, place

    def _last_work(self, crew: Crew, stand: Stand) -> Shift | None:
        """Give a shift for the work under way of a crew that has no time after it, where its bank has to be kept apart."""
        last = stand.stops[-1] if stand.stops else None
        if last is None or last.leave_s <= self.case.today.now_s or self.case.visits[last.visit].bank is None:
            return None
        begin_s, place = self._anchor(crew, stand)
        self.leaving.add(crew.id)
        self.guarded.setdefault(place, set()).add(crew.id)
        return Shift(self.day, begin_s, stand.free_s, place, place)

    # The whole.

    def _problem(self, crews: tuple[Crew, ...], visits: list[Visit]) -> tuple[Problem, Matrix]:
        case = self.case
        used = {visit.location for visit in visits}
        used |= {place for crew in crews for shift in crew.shifts for place in (shift.start_location, shift.end_location)}
        real = [location for location in case.problem.locations if location.id in used]
        rows = np.array([case.row[location.id] for location in real], dtype=np.int64)
        matrix = _with_spots(case.matrix, rows, list(self.spots.values()))
        locations = (*real, *(Location(name) for name in self.spots))
        asked = {visit.id for visit in visits}
        published = {
            stop.visit: Place(route.crew, route.day)
            for route in case.plan.routes
            if route.day in self.days
            for stop in route.stops
            if stop.visit in asked and stop.visit not in self.anchors.values()
        }
        problem = Problem(
            schema="liftrounds/problem/1",
            start_date=case.problem.start_date,
            days=case.problem.days,
            time_zone=case.problem.time_zone,
            locations=locations,
            travel=Travel(),
            visits=tuple(visits),
            crews=crews,
            costs=self._costs(),
            published=published,
        )
        return problem, matrix

    def _costs(self) -> Costs:
        costs, asked = self.case.problem.costs, self.case.today.change_cost
        change = max(costs.change, CHANGE_DRIVE_S * costs.travel_per_s) if asked is None else asked
        return replace(costs, change=change)


def _not_left(shift: Shift, free_s: int, out_s: int | None) -> Shift | None:
    """Give what is left of the shift of a crew that has not set off."""
    to_s, overtime_s = shift.to_s, shift.max_overtime_s
    if out_s is not None:
        to_s, overtime_s = min(to_s, out_s), max(0, min(to_s + overtime_s, out_s) - to_s)
    if free_s >= to_s:
        return None
    return replace(shift, from_s=free_s, to_s=to_s, max_overtime_s=overtime_s)


def alone_s(free_s: int, home_s: int, pause: Break | None) -> int:
    """Give the return of a crew that drives home now, with its break if one is due by then."""
    back_s = free_s + home_s
    if pause is None or back_s < pause.to_s:
        return back_s
    return max(back_s, pause.from_s) + pause.duration_s


def drive_s(matrix: Matrix, spot: Spot, to: int) -> int:
    """Give the seconds from a place to a location.

    On a drive from A to B, the distance to any place X is convex along the way, so the mix of those from A and from B is never
    less than the truth as far as roads are straight; and never so little that A to X would have become shorter by the detour.
    """
    here = int(matrix[spot.at, to])
    if spot.standing:
        return here
    whole = int(matrix[spot.at, spot.toward])
    there = int(matrix[spot.toward, to])
    mixed = -(-(here * (whole - spot.driven_s) + there * spot.driven_s) // whole) if whole else there
    return max(mixed, here - spot.gone_s)


def _with_spots(matrix: Matrix, rows: np.ndarray[tuple[int], np.dtype[np.int64]], spots: list[Spot]) -> Matrix:
    """Give the matrix of some locations with places between them after it; nobody ever drives back to one of those."""
    count = len(rows)
    whole = np.zeros((count + len(spots), count + len(spots)), dtype=np.int32)
    whole[:count, :count] = matrix[np.ix_(rows, rows)]
    for i, spot in enumerate(spots):
        whole[count + i, :count] = [drive_s(matrix, spot, int(to)) for to in rows]
        whole[:count, count + i] = matrix[rows, spot.toward]
    return whole
