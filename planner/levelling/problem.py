"""The levelling contract: what is asked, as immutable structs and as a JSON file.

Conventions, for every field: times are whole seconds of work; days count from `LevellingProblem.start_date` (0 is that
date, -1 the day before); every interval includes both its ends.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from planner.levelling.calendar import Calendar
from planner.levelling.links import link_faults
from planner.rounds.faults import Fault, FaultyInputError, Id, Struct, convert, parse_json, shape_faults

SCHEMA: Literal["liftrounds/levelling/1"] = "liftrounds/levelling/1"

MAX_DAYS = 366
"""Longest horizon: a year. Beyond it every chain rests on guesses."""
FURTHEST = 100_000
"""Days from the start in either direction that a day may lie."""
MAX_S = 10**7
"""Longest work of one visit, or of one crew's day, in seconds."""

Day = Annotated[int, Meta(ge=-FURTHEST, le=FURTHEST)]
Gap = Annotated[int, Meta(ge=1, le=FURTHEST)]
Seconds = Annotated[int, Meta(ge=0, le=MAX_S)]
People = Annotated[int, Meta(ge=1, le=1000)]
Weight = Annotated[int, Meta(ge=0, le=10**6)]
Weekday = Annotated[int, Meta(ge=0, le=6)]
Hours = Literal["day", "night", "any"]


class Service(Struct, frozen=True):
    """A maintenance class of an elevator; a visit of it includes the lower ones.

    Attributes
    ----------
    maintenance_class
        Its name.
    service_s
        Work of a visit of this class, with the lower ones.
    gap_days
        Days at most between two visits of this class or a higher one; None for the lowest, which every visit is.
    due_day
        Last day of the next one; None where none is known to be due in the horizon.
    """

    maintenance_class: str
    service_s: Seconds
    gap_days: Gap | None = None
    due_day: Day | None = None


class Elevator(Struct, frozen=True):
    """An elevator and the rule of its chain of visits.

    Attributes
    ----------
    id
        Its name, unique among elevators.
    area
        Where it is; crews name the areas they work in.
    first_day, last_day
        The next visit's due window. A last day before day 0 is overdue.
    opens_days, gap_days
        After a planned visit the next one is worth making this many days later, and must be made this many days later.
    services
        Its classes, lowest first; at least one.
    site
        Elevators of one site and area that are visited on the same day share the way there (`stop_s`); None for one of its
        own.
    weekdays
        Weekdays on which it may be visited, 0 = Monday; empty for any.
    hours
        Whether it is visited by day, at night (a metro, a hotel), or either.
    skills, people
        What a crew must have.
    """

    id: Id
    area: str
    first_day: Day
    last_day: Day
    opens_days: Gap
    gap_days: Gap
    services: tuple[Service, ...]
    site: str | None = None
    weekdays: tuple[Weekday, ...] = ()
    hours: Hours = "day"
    skills: tuple[str, ...] = ()
    people: People = 1


class Absence(Struct, frozen=True):
    """Days on which a crew does not work."""

    first_day: Day
    last_day: Day


class CrewDay(Struct, frozen=True):
    """A crew's hours on one day, whatever its week and the calendar say."""

    day: Day
    day_s: Seconds = 0
    night_s: Seconds = 0


class Crew(Struct, frozen=True):
    """One to n technicians who work together.

    Attributes
    ----------
    id
        Its name, unique among crews.
    areas
        Where it works.
    helps_in
        Other areas in which it may help out, at `LevellingProblem.away_s` more per site.
    people, skills
        Of the crew.
    week_s, night_week_s
        Seconds of work by day and by night on Monday to Sunday: seven numbers, or none for zeros.
    keeps_calendar
        Whether it rests on public holidays and works on working weekends.
    absences
        Days without any hours.
    days
        Hours on single days; they count more than the week, the calendar and absences.
    """

    id: Id
    areas: tuple[str, ...]
    helps_in: tuple[str, ...] = ()
    people: People = 1
    skills: tuple[str, ...] = ()
    week_s: tuple[Seconds, ...] = ()
    night_week_s: tuple[Seconds, ...] = ()
    keeps_calendar: bool = True
    absences: tuple[Absence, ...] = ()
    days: tuple[CrewDay, ...] = ()


class Weights(Struct, frozen=True):
    """What is worth how much, in seconds of work.

    Attributes
    ----------
    early_per_day_s
        Per visit and day that it is made before its last: every day given away is a part of the next visit.
    last_day_s
        Per visit on its very last day: nothing may go wrong any more.
    late_per_day_s
        Per day that a visit is made after its last, which only happens to what is overdue at the start.
    unplaced_s
        Per visit that finds no day: more than anything else a visit could cost.
    peak_percent
        What a second costs on a fully loaded day, in percent; in between it rises with the share of the load (so the
        price of a day rises with the square of its load), which is what takes down the wall after a holiday.
    weekend_percent, holiday_percent
        What a second of work at a weekend or on a public holiday costs on top.
    """

    early_per_day_s: Weight = 60
    last_day_s: Weight = 300
    late_per_day_s: Weight = 3_000
    unplaced_s: Weight = 200_000
    peak_percent: Weight = 100
    weekend_percent: Weight = 50
    holiday_percent: Weight = 200


class LevellingProblem(Struct, frozen=True):
    """Everything a levelling has to know; see the module for the conventions.

    Attributes
    ----------
    start_date, days
        The horizon.
    elevators, crews
        What is visited, and by whom.
    calendar
        Public holidays; None for none.
    stop_s
        Work of getting to a site and into it, once per site and day.
    away_s
        How much longer that takes a crew outside of its own areas.
    weights
        Prices.
    """

    schema: Literal["liftrounds/levelling/1"]
    start_date: datetime.date
    days: Annotated[int, Meta(ge=1, le=MAX_DAYS)]
    elevators: tuple[Elevator, ...]
    crews: tuple[Crew, ...]
    calendar: Calendar | None = None
    stop_s: Seconds = 900
    away_s: Seconds = 1800
    weights: Weights = msgspec.field(default_factory=Weights)


def parse_levelling(data: bytes) -> LevellingProblem:
    """Read a levelling problem from a JSON document.

    Raises
    ------
    FaultyInputError
        With all faults: of JSON, shape, ranges and links.
    """
    document = parse_json(data)
    faults = [*shape_faults(document, LevellingProblem, "levelling"), *link_faults(document)]
    if faults:
        raise FaultyInputError(list(dict.fromkeys(faults)))
    return convert(document, LevellingProblem, "levelling")


def read_levelling(path: Path) -> LevellingProblem:
    """Read a levelling problem from a file.

    Raises
    ------
    FaultyInputError
        If the file cannot be read, or with all its faults.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FaultyInputError([Fault(str(path), f"cannot be read: {error.strerror or error}")]) from None
    return parse_levelling(data)


def levelling_faults(problem: LevellingProblem) -> list[Fault]:
    """Every fault for which `parse_levelling` would refuse a problem that was built in memory."""
    document = parse_json(msgspec.json.encode(problem))
    return [*shape_faults(document, LevellingProblem, "levelling"), *link_faults(document)]
