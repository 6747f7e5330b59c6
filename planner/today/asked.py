"""The question: how far the day has come and what has happened, as immutable structs and as a JSON file.

Times are whole seconds after midnight of the present day; days count as in the problem. Crews that `progress` does not name
are taken to be where the plan has them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from planner.rounds.faults import Fault, FaultyInputError, Struct, convert, parse_json
from planner.rounds.plan import Plan, Stop
from planner.rounds.problem import DayIndex, Location, Price, Problem, Seconds, Visit

SCHEMA: Literal["liftrounds/today/1"] = "liftrounds/today/1"

OPTIONS = 5
"""Places for an emergency that are offered unless the caller says otherwise."""
MOST_OPTIONS = 50


class UnderWay(Struct, frozen=True):
    """The visit at which a crew is at work, and when it will be done as far as anybody knows."""

    visit: str
    arrive_s: Seconds
    start_s: Seconds
    ends_s: Seconds


class Position(Struct, frozen=True):
    """Where a crew was seen last: at a location of the problem."""

    location: str
    at_s: Seconds


class Progress(Struct, frozen=True):
    """How far a crew has come on the present day.

    Attributes
    ----------
    crew
        Whose.
    departed_s
        When it set off; None while it has not.
    done
        Visits that are over, in the order in which they were made, with the times as they came.
    under_way
        The visit at which it is at work; None while it drives, rests or waits.
    break_start_s
        When it began its break; None while it has not.
    position
        Where it was seen, if that is later than its last stop.
    """

    crew: str
    departed_s: Seconds | None = None
    done: tuple[Stop, ...] = ()
    under_way: UnderWay | None = None
    break_start_s: Seconds | None = None
    position: Position | None = None


class Emergency(Struct, frozen=True):
    """A new visit that has to be made on the present day.

    Attributes
    ----------
    visit
        What is to be done; its days must include the present one.
    location
        Where, if the problem does not know the place yet; only where travel is estimated from coordinates.
    latest_start_s
        When the work should have begun at the latest: 30 minutes from now for an entrapment. What comes later is offered
        only where nobody can be there in time, and says by how much it is late.
    wait_per_s
        Price of a second until the work begins, to weigh an early arrival against detours and delays of others; None for
        the price of a second's drive.
    """

    visit: Visit
    location: Location | None = None
    latest_start_s: Seconds | None = None
    wait_per_s: Price | None = None


class CrewOut(Struct, frozen=True):
    """A crew that cannot work: from a time of the present day (None: now), up to the end of a day (None: the present one).

    Work that has begun by then is finished; whatever comes after it is taken off the crew.
    """

    crew: str
    from_s: Seconds | None = None
    through_day: DayIndex | None = None


class Closed(Struct, frozen=True):
    """Places or visits that cannot be worked at on the present day: from a time (None: now) to a time (None: all day)."""

    locations: tuple[str, ...] = ()
    visits: tuple[str, ...] = ()
    from_s: Seconds | None = None
    to_s: Seconds | None = None


class Delay(Struct, frozen=True):
    """A visit that takes longer, or a crew that is late, by so many seconds; one of the two is named."""

    by_s: Annotated[int, Meta(ge=1, le=86_400)]
    visit: str | None = None
    crew: str | None = None


class Today(Struct, frozen=True):
    """Everything that has to be known beside the problem and its published plan.

    Attributes
    ----------
    day, now_s
        The present: day of the problem and time of it.
    progress
        How far the crews have come.
    emergencies, crews_out, closed, delays, cancelled
        What has happened; `cancelled` names visits that nobody wants any more.
    change_cost
        Price of a visit that comes to another crew or day; None takes the problem's, or a quarter of an hour's drive where
        that is less.
    options
        Places for an emergency to offer at most.
    """

    schema: Literal["liftrounds/today/1"]
    day: DayIndex
    now_s: Seconds
    progress: tuple[Progress, ...] = ()
    emergencies: tuple[Emergency, ...] = ()
    crews_out: tuple[CrewOut, ...] = ()
    closed: tuple[Closed, ...] = ()
    delays: tuple[Delay, ...] = ()
    cancelled: tuple[str, ...] = ()
    change_cost: Price | None = None
    options: Annotated[int, Meta(ge=1, le=MOST_OPTIONS)] = OPTIONS


def parse_today(data: bytes, problem: Problem, plan: Plan) -> Today:
    """Read a question from a JSON document.

    Raises
    ------
    FaultyInputError
        With all faults: of JSON, shape and ranges, and of what it says about the problem and the plan.
    """
    from planner.today.links import document_faults

    document = parse_json(data)
    try:
        today = convert(document, Today, "today")
    except FaultyInputError as error:
        faults = [*error.faults, *document_faults(document, problem, plan)]
        raise FaultyInputError(list(dict.fromkeys(faults))) from None
    if faults := document_faults(document, problem, plan):
        raise FaultyInputError(faults)
    return today


def read_today(path: Path, problem: Problem, plan: Plan) -> Today:
    """Read a question from a file.

    Raises
    ------
    FaultyInputError
        If the file cannot be read, or with all its faults.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FaultyInputError([Fault(str(path), f"cannot be read: {error.strerror or error}")]) from None
    return parse_today(data, problem, plan)


def today_bytes(today: Today) -> bytes:
    """Write a question as one line of JSON."""
    return msgspec.json.encode(today) + b"\n"
