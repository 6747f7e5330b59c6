"""The plan contract: what a planner answers, as immutable structs and as a JSON file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import msgspec

from planner.rounds.faults import Fault, FaultyInputError, Struct, convert, parse_json

SCHEMA: Literal["liftrounds/plan/1"] = "liftrounds/plan/1"

Number = int | float


class Stop(Struct, frozen=True):
    """One visit on a route: arrival, start of service and departure, seconds after midnight of the route's day."""

    visit: str
    arrive_s: int
    start_s: int
    leave_s: int


class Route(Struct, frozen=True, omit_defaults=False):
    """What one crew does on one day.

    Attributes
    ----------
    crew, day
        Whose shift it is.
    depart_s, return_s
        Leaving the shift's start location and being back at its end location.
    stops
        The visits in their order.
    break_start_s
        When the break begins; None if none is taken.
    """

    crew: str
    day: int
    depart_s: int
    return_s: int
    stops: tuple[Stop, ...]
    break_start_s: int | None = None


class Unplanned(Struct, frozen=True, omit_defaults=False):
    """A visit left out: the code of the reason, and one plain sentence about it in English."""

    visit: str
    code: str = ""
    detail: str = ""


class PlanCost(Struct, frozen=True, omit_defaults=False):
    """What a plan costs by kind, in the problem's unit; `total` is their sum."""

    travel: Number
    shifts: Number
    overtime: Number
    days: Number
    crews: Number
    deferred: Number
    missed: Number
    changes: Number
    total: Number


class Plan(Struct, frozen=True, omit_defaults=False):
    """Routes, and every visit that is on none of them.

    Attributes
    ----------
    routes
        One per crew and day that is used.
    unplanned
        Every other visit, mandatory ones first.
    cost
        As the planner reckons it; nobody has to believe it (see `planner.rounds.evaluate`).
    bound
        A proved lower bound of the total of any plan, if there is one.
    seed, wall_s
        How the plan came about: seed of the search and seconds it took.
    """

    schema: Literal["liftrounds/plan/1"]
    routes: tuple[Route, ...]
    unplanned: tuple[Unplanned, ...]
    cost: PlanCost | None = None
    bound: Number | None = None
    seed: int | None = None
    wall_s: Number | None = None


def parse_plan(data: bytes) -> Plan:
    """Read a plan from a JSON document; whether it is any good is another question.

    Raises
    ------
    FaultyInputError
        With all faults of JSON and shape.
    """
    return convert(parse_json(data), Plan, "plan")


def read_plan(path: Path) -> Plan:
    """Read a plan from a file.

    Raises
    ------
    FaultyInputError
        If the file cannot be read, or with all its faults.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FaultyInputError([Fault(str(path), f"cannot be read: {error.strerror or error}")]) from None
    return parse_plan(data)


def plan_bytes(plan: Plan) -> bytes:
    """Write a plan as one line of JSON, UTF-8, ending in a newline."""
    return msgspec.json.encode(plan) + b"\n"


def write_plan(plan: Plan, path: Path) -> None:
    """Write a plan to a file, all of it or nothing: readers never see half a plan, and an old one stays until then.

    Raises
    ------
    OSError
        If the folder cannot be written or the disk is full; the file is then as it was.
    """
    data = plan_bytes(plan)
    if path.parts[:2] == ("/", "dev") or (path.exists() and not path.is_file()):
        with path.open("ab") as device:  # or a pipe; it is neither emptied nor replaced, for others write to it as well
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
