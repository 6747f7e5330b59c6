"""A firm's own history as a table, read so that every hole is named and the rest is used.

One row for each thing known of an elevator on a day: `elevator,day,what,value`. docs/backtest.md lists what there is.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from msgspec import Struct

from planner.intervals.items import CLASSES
from planner.rounds.faults import Fault as Hole
from planner.rounds.faults import FaultyInputError
from planner.simulate.fleet import PROFILES

COLUMNS = ("elevator", "day", "what", "value")
COUNTERS = ("trips", "door_cycles", "run_s", "run_m", "rope_bends", "brake_actuations")
WHATS = ("visit", "fault", "offline_h", "kind", "in_use_since", *COUNTERS)

LEAST_DAYS = 60
"""Days after its first visit that an elevator must be known for: fewer hold hardly a gap on demand."""

HOLES_SHOWN = 50
"""Holes that are named one by one; the others are counted."""


class Known(Struct, frozen=True, kw_only=True):
    """What is known of one elevator."""

    elevator: str
    kind: str
    in_use_since: date | None
    visits: tuple[tuple[date, str], ...]
    """By day: the class of each."""

    faults: tuple[tuple[date, str], ...]
    """By day; `entrapment` is somebody trapped, beside the fault itself."""

    use: dict[str, dict[date, float]]
    """Counter → what it grew by on a day."""

    offline_h: dict[date, float]

    @property
    def first(self) -> date:
        """The day of the first visit: what comes before is not replayed."""
        return self.visits[0][0]

    @property
    def last(self) -> date:
        """The last day of which anything is known."""
        days = [day for day, _ in (*self.visits, *self.faults)] + [day for grown in self.use.values() for day in grown]
        return max([*days, *self.offline_h])


class History(Struct, frozen=True, kw_only=True):
    """What could be used of a history, and what could not."""

    elevators: tuple[Known, ...]
    holes: tuple[Hole, ...]


class _Row(NamedTuple):
    elevator: str
    day: date
    what: str
    value: str


def read_history(text: str, name: str) -> History:
    """Read a history.

    Parameters
    ----------
    text
        A CSV file with the columns of `COLUMNS`, in any order.
    name
        Of the file, for what is said of it.

    Raises
    ------
    FaultyInputError
        If nothing of it can be used; with every hole.
    """
    holes: list[Hole] = []
    reader = csv.DictReader(io.StringIO(text))
    if missing := [column for column in COLUMNS if column not in (reader.fieldnames or ())]:
        raise FaultyInputError([Hole(name, f"lacks the column {', '.join(missing)}; the columns are {','.join(COLUMNS)}")])
    by_elevator: dict[str, list[_Row]] = defaultdict(list)
    for number, raw in enumerate(reader, 2):
        row = _row(raw, f"row {number}", holes)
        if row is not None:
            by_elevator[row.elevator].append(row)
    found = [one for code, rows in sorted(by_elevator.items()) if (one := _elevator(code, rows, holes)) is not None]
    if not found:
        raise FaultyInputError(_shown(holes) or [Hole(name, "has no row; write one for each visit, fault and day of use")])
    return History(elevators=tuple(found), holes=tuple(_shown(holes)))


def _shown(holes: list[Hole]) -> list[Hole]:
    if len(holes) <= HOLES_SHOWN:
        return holes
    return [*holes[:HOLES_SHOWN], Hole("", f"and {len(holes) - HOLES_SHOWN} more holes")]


def _row(raw: Mapping[str, str | None], path: str, holes: list[Hole]) -> _Row | None:
    """Return a row, or None with what is wrong with it among the holes."""
    elevator, day, what, value = ((raw.get(column) or "").strip() for column in COLUMNS)
    fault = None if elevator else Hole(f"{path}, elevator", "is empty; name the elevator")
    if fault is None:
        fault = _day_fault(day, f"{path}, day") or _value_fault(what, value, path)
    if fault is not None:
        holes.append(fault)
        return None
    return _Row(elevator, date.fromisoformat(day), what, value)


def _day_fault(text: str, path: str) -> Hole | None:
    try:
        date.fromisoformat(text)
    except ValueError:
        return Hole(path, f"is {text!r}; write a day as 2026-11-30")
    return None


def _value_fault(what: str, value: str, path: str) -> Hole | None:
    if what not in WHATS:
        return Hole(f"{path}, what", f"is {what!r}; use one of {', '.join(WHATS)}")
    if what == "visit" and value not in CLASSES:
        return Hole(f"{path}, value", f"is {value!r}; a visit is one of {', '.join(CLASSES)}")
    if what == "fault" and not value:
        return Hole(f"{path}, value", "is empty; name the kind, or other_fault")
    if what == "kind" and value not in PROFILES:
        return Hole(f"{path}, value", f"is {value!r}; a building is one of {', '.join(PROFILES)}")
    if what == "in_use_since":
        return _day_fault(value, f"{path}, value")
    if what in (*COUNTERS, "offline_h"):
        return _number_fault(what, value, f"{path}, value")
    return None


def _number_fault(what: str, value: str, path: str) -> Hole | None:
    try:
        number = float(value)
    except ValueError:
        return Hole(path, f"is {value!r}; write a number")
    most = 24.0 if what == "offline_h" else 1e9
    return None if 0 <= number <= most else Hole(path, f"is {value}; {what} of a day lies between 0 and {most:g}")


def _elevator(code: str, rows: list[_Row], holes: list[Hole]) -> Known | None:
    visits = sorted({row.day: row.value for row in sorted(rows, key=_by_class) if row.what == "visit"}.items())
    if not visits:
        holes.append(Hole(code, "has no visit; it is left out: add rows with what=visit"))
        return None
    use: dict[str, dict[date, float]] = defaultdict(dict)
    for row in rows:
        if row.what in COUNTERS:
            use[row.what][row.day] = use[row.what].get(row.day, 0.0) + float(row.value)
    known = Known(
        elevator=code, kind=_last(rows, "kind") or "other", visits=tuple(visits),
        in_use_since=date.fromisoformat(since) if (since := _last(rows, "in_use_since")) else None,
        faults=tuple(sorted((row.day, row.value) for row in rows if row.what == "fault")), use=dict(use),
        offline_h={row.day: float(row.value) for row in rows if row.what == "offline_h"},
    )  # fmt: skip
    if (known.last - known.first).days < LEAST_DAYS:
        holes.append(Hole(code, f"is known from {known.first} to {known.last}; {LEAST_DAYS} days are needed, it is left out"))
        return None
    holes += _use_holes(known)
    return known


def _by_class(row: _Row) -> int:
    return CLASSES.index(row.value) if row.value in CLASSES else -1


def _last(rows: list[_Row], what: str) -> str:
    return next((row.value for row in sorted(rows, key=lambda row: row.day, reverse=True) if row.what == what), "")


def _use_holes(known: Known) -> Iterator[Hole]:
    trips = known.use.get("trips") or known.use.get("door_cycles")
    if not trips:
        yield Hole(
            known.elevator,
            "has no use (trips or door_cycles a day): its wear is that of its kind of building, and no wear budget counts",
        )
        return
    days = (known.last - known.first).days + 1
    counted = sum(1 for day in trips if known.first <= day <= known.last)
    if counted < days:
        first = next(date.fromordinal(n) for n in range(known.first.toordinal(), known.last.toordinal() + 1)
                     if date.fromordinal(n) not in trips)  # fmt: skip
        yield Hole(
            known.elevator,
            f"has no use on {days - counted} of {days} days, the first on {first}: taken as the mean of the same weekday, "
            "and the monitor as silent; add rows with what=trips",
        )
