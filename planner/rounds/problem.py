"""The problem contract: what a planner is asked, as immutable structs and as a JSON file.

Conventions, for every field: times are whole seconds; a time of day counts from local midnight and may pass 86 400 for
work after midnight; days count from `Problem.start_date` (0 is that date); every interval includes both its ends.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from planner.rounds.faults import Fault, FaultyInputError, Id, Struct, convert, parse_json, shape_faults
from planner.rounds.links import link_faults, pin_faults
from planner.rounds.travel import MAX_S, Estimate, Location, Travel, matrix_faults, row_faults

DAY_S = 86_400
"""Seconds from one day of a problem to the next; summer time is left to the caller."""
MAX_COST = 10**12
"""Largest price or cost of a single thing; sums of a plan stay far below the 2^63 of a solver's integers."""

SCHEMA: Literal["liftrounds/problem/1"] = "liftrounds/problem/1"

Seconds = Annotated[int, Meta(ge=0, le=MAX_S)]
DayIndex = Annotated[int, Meta(ge=0, le=MAX_S)]
Price = Annotated[int, Meta(ge=0, le=MAX_COST)]
Preference = Annotated[int, Meta(ge=-MAX_COST, le=MAX_COST)]
People = Annotated[int, Meta(ge=1, le=MAX_S)]
Load = Annotated[int, Meta(ge=0, le=MAX_S)]


class Window(Struct, frozen=True):
    """Times of day at which a visit's service may start, on every day of the visit; both ends included."""

    from_s: Seconds
    to_s: Seconds


class Place(Struct, frozen=True):
    """A crew on a day: where a visit is pinned to, or where it was published."""

    crew: str
    day: DayIndex


class Visit(Struct, frozen=True):
    """One piece of work at one place.

    Attributes
    ----------
    id
        Its name, unique among visits.
    location
        Id of the location.
    service_s
        Seconds of work, which nothing may interrupt.
    first_day, last_day
        Hard due window. `last_day` may lie beyond the horizon, which cuts it.
    windows
        Times at which service must start; empty for any time.
    skills
        All of which the crew must have.
    people
        Least number of people of the crew.
    load
        What the crew carries for it, in the unit of the crew's capacity.
    mandatory
        Leaving it out costs `Costs.missed_mandatory`, otherwise `defer_cost`.
    defer_cost
        Price of leaving out a visit that is not mandatory.
    day_costs
        One cost per day of `first_day`..`last_day`, beyond the horizon included; empty for zeros.
    crew_costs
        Cost by crew id (a negative one is a wish); crews not named cost 0.
    pinned
        The crew and day it must have, or None.
    bank
        Visits that name the same bank may not overlap in time.
    """

    id: Id
    location: str
    service_s: Seconds
    first_day: DayIndex
    last_day: DayIndex
    windows: tuple[Window, ...] = ()
    skills: tuple[str, ...] = ()
    people: People = 1
    load: Load = 0
    mandatory: bool = True
    defer_cost: Price = 0
    day_costs: tuple[Preference, ...] = ()
    crew_costs: dict[str, Preference] = msgspec.field(default_factory=dict)
    pinned: Place | None = None
    bank: str | None = None


class Break(Struct, frozen=True):
    """The rest due on a route: it starts in `from_s`..`to_s` and lasts `duration_s`."""

    from_s: Seconds
    to_s: Seconds
    duration_s: Seconds


class Shift(Struct, frozen=True):
    """A crew's working time on one day.

    Attributes
    ----------
    day
        The day on which it begins; a day beyond the horizon is ignored.
    from_s, to_s
        Earliest departure from `start_location`, latest return to `end_location` without overtime.
    max_overtime_s
        Seconds that the return may be later than `to_s`, at a price.
    max_duration_s
        Longest route from departure to return, overtime included; None for no limit.
    break_
        The break due (`break` in a file), or None.
    """

    day: DayIndex
    from_s: Seconds
    to_s: Seconds
    start_location: str
    end_location: str
    max_overtime_s: Seconds = 0
    max_duration_s: Seconds | None = None
    break_: Break | None = msgspec.field(default=None, name="break")


class Crew(Struct, frozen=True):
    """One to n technicians who work one round; `load_capacity` None means no limit."""

    id: Id
    shifts: tuple[Shift, ...]
    people: People = 1
    skills: tuple[str, ...] = ()
    load_capacity: Load | None = None


class Costs(Struct, frozen=True):
    """Prices, in one unit of the caller's choice (the examples take a second of driving as 1).

    Attributes
    ----------
    travel_per_s
        Per second of driving.
    shift_used
        Per route that has stops.
    overtime_per_s
        Per second that a return is later than the shift's `to_s`.
    missed_mandatory
        Per mandatory visit left out.
    change
        Per published visit whose crew or day differs, or that is left out.
    """

    travel_per_s: Price
    shift_used: Price
    overtime_per_s: Price
    missed_mandatory: Price
    change: Price


class Problem(Struct, frozen=True):
    """Everything a planner has to know; see the module for the conventions."""

    schema: Literal["liftrounds/problem/1"]
    start_date: datetime.date
    days: Annotated[int, Meta(ge=1, le=MAX_S)]
    time_zone: str
    locations: tuple[Location, ...]
    travel: Travel
    visits: tuple[Visit, ...]
    crews: tuple[Crew, ...]
    costs: Costs
    published: dict[str, Place] | None = None


def parse_problem(data: bytes, folder: Path | None = None) -> Problem:
    """Read a problem from a JSON document.

    Parameters
    ----------
    data
        The document.
    folder
        Where a matrix file that it names lies; None refuses such a name.

    Returns
    -------
    Problem
        With the path of a matrix file made absolute, so that it can be found from anywhere. A pin that cannot be kept is
        left as it is: it makes one visit impossible, not the file unusable (`planner.rounds.precheck` names it).

    Raises
    ------
    FaultyInputError
        With all faults: of JSON, shape, ranges, links, pins, and of the travel times.
    """
    document = parse_json(data)
    faults: list[Fault] = []
    try:
        problem = convert(document, Problem, "problem")
    except FaultyInputError as error:
        faults += error.faults
        faults += link_faults(document) + pin_faults(document)
        faults += _travel_faults(document, folder)
        raise FaultyInputError(_distinct(faults)) from None
    located = problem.travel.beside(folder)
    faults = link_faults(document) + matrix_faults(located, problem.locations)
    if faults:
        raise FaultyInputError(_distinct(faults + pin_faults(document)))
    return msgspec.structs.replace(problem, travel=located)


def _travel_faults(document: Any, folder: Path | None) -> list[Fault]:
    """Faults of the travel times of a document that has faults elsewhere, as far as they can be told."""
    given, places = (document.get(name) if isinstance(document, dict) else None for name in ("travel", "locations"))
    if not isinstance(places, list):
        return []
    try:
        travel = msgspec.convert(given, Travel)
    except msgspec.ValidationError:
        rows = given.get("durations_s") if isinstance(given, dict) else None
        if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
            return []
        return row_faults(rows, len(places))
    try:
        locations = msgspec.convert(places, tuple[Location, ...])
    except msgspec.ValidationError:
        if travel.estimate is not None:
            return []
        locations = tuple(Location(f"locations[{i}]") for i in range(len(places)))  # their number is what a matrix needs
    return matrix_faults(travel.beside(folder), locations)


def _distinct(faults: list[Fault]) -> list[Fault]:
    return list(dict.fromkeys(faults))


def read_problem(path: Path) -> Problem:
    """Read a problem from a file.

    Raises
    ------
    FaultyInputError
        If the file cannot be read, or with all its faults (see `parse_problem`).
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FaultyInputError([Fault(str(path), f"cannot be read: {error.strerror or error}")]) from None
    return parse_problem(data, path.absolute().parent)


def problem_faults(problem: Problem) -> list[Fault]:
    """Every fault for which `parse_problem` would refuse the file of a problem that was built in memory."""
    document = parse_json(msgspec.json.encode(problem))
    faults = shape_faults(document, Problem, "problem") + link_faults(document)
    return faults or matrix_faults(problem.travel, problem.locations)


__all__ = [
    "DAY_S",
    "SCHEMA",
    "Break",
    "Costs",
    "Crew",
    "Estimate",
    "Location",
    "Place",
    "Problem",
    "Shift",
    "Travel",
    "Visit",
    "Window",
    "parse_problem",
    "problem_faults",
    "read_problem",
]
