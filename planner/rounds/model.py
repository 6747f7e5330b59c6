"""The problem as the search sees it: numbers instead of names, and per visit the duties that may take it.

A *duty* is one crew's shift on one day within the horizon. Times within a duty are seconds after midnight of its day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from planner.rounds.problem import DAY_S, Crew, Place, Problem, Shift, Visit
from planner.rounds.travel import Matrix

NEVER_S = 1 << 60
"""A time that no route reaches."""
PIN_PRICE = 10**16
"""What the search pays for leaving out a pinned visit: more than any plan costs, for that breaks the contract."""
LISTED_LOCATIONS = 1000
"""Up to this many locations travel times are kept as lists, the quickest to read; beyond, they are read from the matrix."""
SHARED_VALUE = 1_000_000
"""Travel times up to this value are kept as shared integers, which saves four fifths of the memory."""

Windows = tuple[tuple[int, int], ...]
"""Allowed starts of a service, both ends included, in order and apart; empty means never, None in a list any time."""


class Duty(NamedTuple):
    """One crew's shift.

    Attributes
    ----------
    crew, day
        Whose and when; `begin_s` is the day's midnight in seconds after the first day's.
    start, end
        Rows of the locations it leaves from and returns to.
    from_s, to_s, latest_s
        Earliest departure, latest return without and with overtime.
    max_duration_s
        Longest route; None if the shift itself is no longer.
    rest
        (first start, last start, seconds) of the break that may be due; None if no route of this shift can need one.
    capacity
        Greatest load; None for no limit.
    """

    crew: str
    day: int
    begin_s: int
    start: int
    end: int
    from_s: int
    to_s: int
    latest_s: int
    max_duration_s: int | None
    rest: tuple[int, int, int] | None
    capacity: int | None


class Model:
    """A problem in arrays; not changed after it is built.

    Attributes
    ----------
    problem
        What it was built from.
    duties
        Every shift within the horizon.
    variants
        Per duty, the ways to see it: as it is, and, where that may save time, setting off just after the break's last
        start, for then none is due. The one that usually leaves more time comes first.
    travel, travel_to
        Seconds from a location (``travel[from_][to]``) and to one (``travel_to[to][from_]``).
    place, service_s, load
        Per visit: row of its location, seconds of work, load.
    windows
        Per visit: allowed starts, None for any time.
    one_window
        Whether no visit has several windows.
    bank
        Per visit: number of its bank, -1 if no other visit shares one.
    price
        Per visit: what leaving it out costs.
    options
        Per visit: cost of having it on a duty, for every duty that may take it. Visits of one kind share a dictionary.
    """

    def __init__(self, problem: Problem, matrix: Matrix) -> None:
        self.problem = problem
        visits = problem.visits
        row = {location.id: i for i, location in enumerate(problem.locations)}
        pairs = [(crew, shift) for crew in problem.crews for shift in crew.shifts if shift.day < problem.days]
        self.duties = [_duty(crew, shift, row) for crew, shift in pairs]
        self.variants = [_variants(duty) for duty in self.duties]
        self.matrix = matrix
        self.travel, self.travel_to = _rows(matrix), _rows(matrix.T)
        self.place = [row[visit.location] for visit in visits]
        self.service_s = [visit.service_s for visit in visits]
        self.load = [visit.load for visit in visits]
        self.windows = [_merged(visit) for visit in visits]
        self.one_window = all(windows is None or len(windows) == 1 for windows in self.windows)
        shared = Counter(visit.bank for visit in visits if visit.bank is not None)
        numbers = {bank: i for i, (bank, uses) in enumerate(shared.items()) if uses > 1}
        self.bank = [-1 if visit.bank is None else numbers.get(visit.bank, -1) for visit in visits]
        published = problem.published or {}
        change = problem.costs.change
        self.options = _options(problem, [crew for crew, _ in pairs], self.duties)
        self.price = [
            _price(visit, problem, change if visit.id in published else 0, pinned=visit.pinned is not None and bool(options))
            for visit, options in zip(visits, self.options, strict=True)
        ]
        self.number = {visit.id: i for i, visit in enumerate(visits)}
        self.duty_number = {(duty.crew, duty.day): k for k, duty in enumerate(self.duties)}

    @property
    def visits(self) -> int:
        """Number of visits."""
        return len(self.place)


def without_pins(cost: int, pin_price: int = PIN_PRICE) -> int:
    """Give what a solution costs but for pinned visits left out; wishes may make that negative."""
    return (cost + pin_price // 2) % pin_price - pin_price // 2


def _duty(crew: Crew, shift: Shift, row: dict[str, int]) -> Duty:
    latest_s = shift.to_s + shift.max_overtime_s
    pause = shift.break_
    rest = None
    # Whoever sets off after the break's last start, or is back before it, needs none.
    if pause is not None and shift.from_s <= pause.to_s <= latest_s:
        rest = (pause.from_s, pause.to_s, pause.duration_s)
    return Duty(
        crew.id,
        shift.day,
        shift.day * DAY_S,
        row[shift.start_location],
        row[shift.end_location],
        shift.from_s,
        shift.to_s,
        latest_s,
        None if shift.max_duration_s is None or shift.max_duration_s >= latest_s - shift.from_s else shift.max_duration_s,
        rest,
        crew.load_capacity,
    )


def _variants(duty: Duty) -> tuple[Duty, ...]:
    if duty.rest is None:
        return (duty,)
    first_s, last_s, rest_s = duty.rest
    if last_s + 1 >= max(first_s, duty.from_s) + rest_s or last_s + 1 > duty.latest_s:
        return (duty,)  # whoever rests as soon as possible is as free as early
    late = duty._replace(from_s=last_s + 1, rest=None)
    return (late, duty) if late.from_s - duty.from_s <= rest_s else (duty, late)


def _rows(matrix: Matrix) -> Sequence[Sequence[int]]:
    """Give the rows of a matrix in the form that plain Python reads quickest without much memory."""
    if len(matrix) > LISTED_LOCATIONS:
        return [memoryview(row) for row in matrix]  # no copy, and no slower than one as an array
    top = int(matrix.max(initial=0))
    if top > SHARED_VALUE:
        return [row.tolist() for row in matrix]
    values = np.empty(top + 1, dtype=object)
    values[:] = range(top + 1)
    return [values[row].tolist() for row in matrix]


def _merged(visit: Visit) -> Windows | None:
    """Windows in order, overlapping or touching ones joined; None for any time."""
    if not visit.windows:
        return None
    merged: list[tuple[int, int]] = []
    for begin, end in sorted((window.from_s, window.to_s) for window in visit.windows):
        if merged and begin <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return tuple(merged)


def _price(visit: Visit, problem: Problem, change: int, *, pinned: bool) -> int:
    """Price of leaving a visit out; a pin that cannot be kept (`pinned` false) binds nobody."""
    if pinned:
        return PIN_PRICE
    return change + (problem.costs.missed_mandatory if visit.mandatory else visit.defer_cost)


def _options(problem: Problem, crews: list[Crew], duties: list[Duty]) -> list[dict[int, int]]:
    """Cost of every visit on every duty that its days, skills, people, load and pin allow."""
    published = problem.published or {}
    change = problem.costs.change
    able: dict[object, list[int]] = {}
    known: dict[object, dict[int, int]] = {}
    options = []
    for visit in problem.visits:
        needs = (frozenset(visit.skills), visit.people, visit.load)
        if needs not in able:
            able[needs] = [k for k, crew in enumerate(crews) if _able(visit, crew)]
        before = published.get(visit.id) if change else None
        wishes = tuple(visit.crew_costs.items())
        kind = (needs, visit.first_day, visit.last_day, visit.day_costs, wishes, visit.pinned, before)
        if kind not in known:
            known[kind] = {
                k: _option_cost(visit, duties[k], before, change)
                for k in able[needs]
                if visit.first_day <= duties[k].day <= visit.last_day and _pin_allows(visit, duties[k])
            }
        options.append(known[kind])
    return options


def _able(visit: Visit, crew: Crew) -> bool:
    room = crew.load_capacity is None or visit.load <= crew.load_capacity
    return room and visit.people <= crew.people and set(visit.skills) <= set(crew.skills)


def _pin_allows(visit: Visit, duty: Duty) -> bool:
    return visit.pinned is None or (visit.pinned.crew == duty.crew and visit.pinned.day == duty.day)


def _option_cost(visit: Visit, duty: Duty, before: Place | None, change: int) -> int:
    day_cost = visit.day_costs[duty.day - visit.first_day] if visit.day_costs else 0
    moved = before is not None and (before.crew != duty.crew or before.day != duty.day)
    return day_cost + visit.crew_costs.get(duty.crew, 0) + (change if moved else 0)
