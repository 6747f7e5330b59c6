"""The answer: the repaired plan, what changes for whom, and the places there would have been, as structs and as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from planner.rounds.faults import Fault, FaultyInputError, Struct, convert, parse_json
from planner.rounds.plan import Plan, PlanCost

SCHEMA: Literal["liftrounds/repair/1"] = "liftrounds/repair/1"

Kind = Literal["added", "moved", "order", "time", "dropped", "cancelled"]
"""What happens to a visit: it is new; comes to another crew or day; changes places with others of its round; keeps its place
and changes its times; finds no place any more; is no longer wanted."""


class At(Struct, frozen=True, omit_defaults=False):
    """Where a visit stands in a plan: `position` 0 is the first stop of the round."""

    crew: str
    day: int
    position: int
    arrive_s: int
    start_s: int


class VisitChange(Struct, frozen=True, omit_defaults=False):
    """What changes for one visit.

    Attributes
    ----------
    visit, kind
        Which, and how.
    before, after
        Where it stands in either plan; None where it does not.
    by_s
        Seconds that its start moves, negative when earlier; None where the day is another or a side is missing.
    code
        Why it was set free or finds no place, one of `planner.today.words`; empty where it only follows others.
    last_day
        Last day of its due window, for what is dropped.
    en, zh
        The same in a sentence.
    """

    visit: str
    kind: Kind
    before: At | None
    after: At | None
    by_s: int | None
    code: str
    last_day: int
    en: str
    zh: str


class CrewChange(Struct, frozen=True, omit_defaults=False):
    """What changes for one crew on one day: its visits by kind of change, and its return in seconds after midnight.

    `gone` are visits that the crew had and no longer has; `later_s` the most that a visit it keeps begins later (0: none does).
    """

    crew: str
    day: int
    added: tuple[str, ...]
    gone: tuple[str, ...]
    order: tuple[str, ...]
    time: tuple[str, ...]
    later_s: int
    return_before_s: int | None
    return_after_s: int | None
    en: str
    zh: str


class Outcome(Struct, frozen=True, omit_defaults=False):
    """A repaired plan with what changes for whom.

    Attributes
    ----------
    plan
        All of it, what is frozen included.
    visits, crews
        Every difference to the plan before, by visit and by crew and day; nothing else differs.
    cost
        Price of the rest of the days as it is now, in the problem's unit: driving still to be done, what is left out, and
        the changes.
    """

    plan: Plan
    visits: tuple[VisitChange, ...]
    crews: tuple[CrewChange, ...]
    cost: PlanCost


class Option(Struct, frozen=True, omit_defaults=False):
    """A place for an emergency.

    Attributes
    ----------
    crew, position
        Whose round and before which of its stops (0 = first of the day).
    arrive_s, start_s
        When the crew gets there and begins.
    late_s
        Seconds that the start is later than it should be at the latest; 0 in time.
    redirect
        Whether the crew is driving elsewhere now and turns round.
    extra
        Price of this place: driving, overtime and changes, and the wait at its price.
    delayed
        Visits that begin later, by seconds.
    lost
        Visits that find no place any more, or only on another day, with the code of the reason.
    outcome
        What becomes of the plan.
    en, zh
        The place in a sentence.
    """

    crew: str
    position: int
    arrive_s: int
    start_s: int
    late_s: int
    redirect: bool
    extra: int
    delayed: dict[str, int]
    lost: dict[str, str]
    outcome: Outcome
    en: str
    zh: str


class Note(Struct, frozen=True, omit_defaults=False):
    """Something that had to be bent, in a sentence: a break that is overdue, a pin that cannot be kept."""

    en: str
    zh: str


class Frozen(Struct, frozen=True, omit_defaults=False):
    """How much of a crew's round is over or under way: so many stops from the first on."""

    crew: str
    stops: int
    free_s: int


class Repair(Struct, frozen=True, omit_defaults=False):
    """The answer.

    Attributes
    ----------
    day, now_s
        The present, as it was asked about.
    outcome
        What is proposed; the first of `options` where an emergency was the question. None where a place is needed and there
        is none.
    options
        The best places for the emergency, the best first; empty for other questions.
    frozen
        What was not touched, by crew of the present day.
    released
        Visits that could not stay where they were, with the code of the reason.
    notes
        What had to be bent.
    searched
        Rounds of search after the first repair, which is there at once.
    wall_s
        Seconds it took; None where the same question has to give the same bytes.
    """

    schema: Literal["liftrounds/repair/1"]
    day: int
    now_s: int
    outcome: Outcome | None
    options: tuple[Option, ...]
    frozen: tuple[Frozen, ...]
    released: dict[str, str]
    notes: tuple[Note, ...]
    searched: int
    wall_s: float | None


def parse_repair(data: bytes) -> Repair:
    """Read an answer from a JSON document.

    Raises
    ------
    FaultyInputError
        With all faults of JSON and shape.
    """
    return convert(parse_json(data), Repair, "repair")


def read_repair(path: Path) -> Repair:
    """Read an answer from a file.

    Raises
    ------
    FaultyInputError
        If the file cannot be read, or with all its faults.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FaultyInputError([Fault(str(path), f"cannot be read: {error.strerror or error}")]) from None
    return parse_repair(data)


def repair_bytes(repair: Repair) -> bytes:
    """Write an answer as one line of JSON, UTF-8, ending in a newline."""
    return msgspec.json.encode(repair) + b"\n"
