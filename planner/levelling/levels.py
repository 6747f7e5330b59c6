"""The levels contract: what a levelling answers, as immutable structs and as a JSON file."""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import Literal

import msgspec

from planner.levelling.calendar import DayKind
from planner.rounds.faults import Fault, FaultyInputError, Struct, convert, parse_json

SCHEMA: Literal["liftrounds/levels/1"] = "liftrounds/levels/1"

ReasonCode = Literal["no_crew", "no_day", "full"]


class PlannedVisit(Struct, frozen=True, omit_defaults=False):
    """A visit of a chain.

    Attributes
    ----------
    day
        The target day.
    first_day, last_day
        Its window: of the first visit the elevator's own, of the others counted from the planned day of the visit before.
    maintenance_class, service_s
        What is due on that day, and its work.
    team
        Whose hours it takes; None for a visit that was not placed.
    night
        Whether it takes hours of the night.
    crew
        Who of the team should take it: named at weekends, on public holidays and at night, None where the rounds decide.
    """

    day: int
    first_day: int
    last_day: int
    maintenance_class: str
    service_s: int
    team: str | None = None
    night: bool = False
    crew: str | None = None


class Chain(Struct, frozen=True, omit_defaults=False):
    """The visits of an elevator inside the horizon, by day."""

    elevator: str
    visits: tuple[PlannedVisit, ...]


class Team(Struct, frozen=True, omit_defaults=False):
    """Crews that can stand in for each other: same areas (their own and those they help in), skills and number of people."""

    id: str
    areas: tuple[str, ...]
    crews: tuple[str, ...]


class Load(Struct, frozen=True, omit_defaults=False):
    """A team's hours on a day, or in the night that begins on it; days without hours are left out.

    Attributes
    ----------
    load_s, capacity_s
        Work placed there, ways to the sites included, and hours of all its crews.
    visits
        How many.
    kind
        Ordinary, weekend or public holiday.
    """

    team: str
    day: int
    night: bool
    load_s: int
    capacity_s: int
    visits: int
    kind: DayKind


class Share(Struct, frozen=True, omit_defaults=False):
    """What a crew works of the hours it has, all day and night; of them at weekends and on holidays, and at night.

    Attributes
    ----------
    work_s, available_s
        In all.
    off_days_s, off_days_available_s
        At weekends and on public holidays.
    night_s, night_available_s
        At night.
    """

    crew: str
    team: str
    work_s: int
    available_s: int
    off_days_s: int
    off_days_available_s: int
    night_s: int
    night_available_s: int


class Unplaced(Struct, frozen=True, omit_defaults=False):
    """A visit that found no day; its chain goes on as if it were made on `day`.

    Attributes
    ----------
    elevator, day
        Which visit of which chain.
    code
        `no_crew`: no crew has the area, skills or people. `no_day`: nobody works on a day it may be made. `full`: the hours
        of those days are used.
    detail
        One plain sentence in English, with numbers.
    days
        The days of its window inside the horizon: those without hours for `no_day`, the full ones for `full`.
    teams
        Teams that could do it.
    """

    elevator: str
    day: int
    code: ReasonCode
    detail: str
    days: tuple[int, ...]
    teams: tuple[str, ...]


class Cost(Struct, frozen=True, omit_defaults=False):
    """What levels cost by kind, in hundredths of a second of work; `total` is their sum."""

    early: int
    last_days: int
    late: int
    unplaced: int
    peaks: int
    off_days: int
    total: int


class Levels(Struct, frozen=True, omit_defaults=False):
    """An answer.

    Attributes
    ----------
    start_date, days
        The horizon asked for.
    chains
        One per elevator, in the problem's order.
    teams, loads, shares
        Who works how much on which day.
    unplaced
        What found no day, by day.
    cost, bound
        What it costs, and what nothing can cost less than.
    unknown_years
        Years of the horizon of which the calendar says nothing.
    seed, wall_s
        How it came about.
    """

    schema: Literal["liftrounds/levels/1"]
    start_date: datetime.date
    days: int
    chains: tuple[Chain, ...]
    teams: tuple[Team, ...]
    loads: tuple[Load, ...]
    shares: tuple[Share, ...]
    unplaced: tuple[Unplaced, ...]
    cost: Cost
    bound: int
    unknown_years: tuple[int, ...] = ()
    seed: int = 0
    wall_s: float = 0.0


def parse_levels(data: bytes) -> Levels:
    """Read levels from a JSON document; whether they are any good is another question.

    Raises
    ------
    FaultyInputError
        With all faults of JSON and shape.
    """
    return convert(parse_json(data), Levels, "levels")


def read_levels(path: Path) -> Levels:
    """Read levels from a file.

    Raises
    ------
    FaultyInputError
        If the file cannot be read, or with all its faults.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FaultyInputError([Fault(str(path), f"cannot be read: {error.strerror or error}")]) from None
    return parse_levels(data)


def write_levels(levels: Levels, path: Path) -> None:
    """Write levels to a file, all of it or nothing.

    Raises
    ------
    OSError
        If the folder cannot be written or the disk is full; the file is then as it was.
    """
    data = msgspec.json.encode(levels) + b"\n"
    if path.exists() and not path.is_file():  # a device or a pipe is neither emptied nor replaced
        with path.open("ab") as device:
            device.write(data)
        return
    path = path.resolve()
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
