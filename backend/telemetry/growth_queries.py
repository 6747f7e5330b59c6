"""SQL of hours and days: one row per elevator and hour (day), with what each counter grew by.

Rows are written whole: whoever adds to one holds the elevator's lock and knows what stands there, from the elevator's state or
from reading it. Nothing therefore adds in SQL, and a row is the same whichever way it came to be.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

import msgspec

from backend import database
from backend.telemetry.rollup import HOUR_US, Growth
from backend.telemetry.state import ElevatorState, kept_growth, read_state, state_text

T = TypeVar("T")
Unit = Literal["hour", "day"]
Changes = Mapping[int, Mapping[str, Growth]]
"""Hour or day since the epoch → counter → what it gains."""

Statement = tuple[Any, ...]
"""SQL and its arguments."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = date(1970, 1, 1)


def start_of(unit: Unit, number: int) -> datetime | date:
    """Return the beginning of an hour or day since the epoch, as PostgreSQL takes it."""
    return _EPOCH + timedelta(hours=number) if unit == "hour" else _FIRST_DAY + timedelta(days=number)


def _number(at: datetime | date) -> int:
    if isinstance(at, datetime):
        return (at - _EPOCH) // timedelta(hours=1)
    return (at - _FIRST_DAY).days


async def add(firm: UUID, unit: Unit, changes: Mapping[UUID, Changes], states: Mapping[UUID, ElevatorState]) -> None:
    """Add what hours or days of locked elevators gained, and keep their states (which the caller writes) in step."""
    statement = await adding(firm, unit, changes, states)
    if statement is not None:
        await database.execute(*statement)


async def adding(
    firm: UUID, unit: Unit, changes: Mapping[UUID, Changes], states: Mapping[UUID, ElevatorState]
) -> Statement | None:
    """Return the statement of `add`, None where nothing is gained; it waits for the database only to read what it must."""
    unknown = [
        (elevator, number)
        for elevator, units in changes.items()
        for number in units
        if number < _latest(states[elevator], unit)[0]
    ]
    stored = await _stored(unit, unknown) if unknown else {}
    rows: list[tuple[UUID, int, dict[str, Growth]]] = []
    for elevator, units in changes.items():
        state = states[elevator]
        for number in sorted(units):
            latest, growth = _latest(state, unit)
            if number > latest:
                row = dict(units[number])
            else:
                row = _sum(growth if number == latest else stored.get((elevator, number), {}), units[number])
            if number >= latest:
                _set_latest(state, unit, number, row)
            rows.append((elevator, number, row))
    return _writing(firm, unit, rows) if rows else None


def _latest(state: ElevatorState, unit: Unit) -> tuple[int, dict[str, Growth]]:
    return (state.hour, state.hour_growth) if unit == "hour" else (state.day, state.day_growth)


def _set_latest(state: ElevatorState, unit: Unit, number: int, row: dict[str, Growth]) -> None:
    if unit == "hour":
        state.hour, state.hour_growth = number, row
    else:
        state.day, state.day_growth = number, row


def _sum(before: Mapping[str, Growth], gained: Mapping[str, Growth]) -> dict[str, Growth]:
    row = dict(before)
    for counter, growth in gained.items():
        total = Growth()
        total.add(growth)
        if counter in row:
            total.add(row[counter])
        row[counter] = total
    return row


async def _stored(unit: Unit, wanted: Sequence[tuple[UUID, int]]) -> dict[tuple[UUID, int], dict[str, Growth]]:
    """Return the rows that are there."""
    kind = "timestamptz" if unit == "hour" else "date"
    rows = await database.fetch(
        f"SELECT h.elevator, h.{unit}, h.counters, h.deltas, h.readings, h.odd"
        f" FROM unnest($1::uuid[], $2::{kind}[]) AS w (elevator, {unit}) JOIN elevator_{unit} h USING (elevator, {unit})",
        [elevator for elevator, _ in wanted], [start_of(unit, number) for _, number in wanted],
    )  # fmt: skip
    found = {}
    for elevator, at, counters, deltas, readings, odd in rows:
        told = odd or {}
        found[elevator, _number(at)] = {
            counter: Growth(delta, count, *told.get(counter, ()))
            for counter, delta, count in zip(counters, deltas, readings, strict=True)
        }
    return found


_WRITE = """
INSERT INTO elevator_{unit} (firm, elevator, {unit}, counters, deltas, readings, odd)
SELECT $1, ((SELECT $2::uuid[]))[w.elevator], {start}, ((SELECT $3::text[]))[w.names]::text[],
    ((SELECT $4::text::bigint[]))[w.a : w.b], ((SELECT $5::text::int[]))[w.a : w.b],
    CASE WHEN w.odd > 0 THEN ((SELECT $6::text[]))[w.odd]::jsonb END
FROM unnest($7::text::int[], $8::text::bigint[], $9::text::int[], $10::text::int[], $11::text::int[], $12::text::int[])
    AS w (elevator, number, names, a, b, odd)
ON CONFLICT (elevator, {unit}) DO UPDATE SET counters = excluded.counters, deltas = excluded.deltas,
    readings = excluded.readings, odd = excluded.odd
"""
_WRITES = {
    "hour": _WRITE.format(unit="hour", start="'epoch'::timestamptz + w.number * interval '1 hour'"),
    "day": _WRITE.format(unit="day", start="'epoch'::date + w.number::int"),
}


def _writing(firm: UUID, unit: Unit, rows: Sequence[tuple[UUID, int, dict[str, Growth]]]) -> Statement:
    """Return the statement that writes rows; the arrays of all of them travel as two, which PostgreSQL cuts."""
    deltas: list[int] = []
    readings: list[int] = []
    ends: list[int] = []
    elevators, names = Ordinals[UUID](), Ordinals[str]()
    odd: list[str] = []
    odd_places: list[int] = []
    sorted_names: dict[tuple[str, ...], tuple[list[str], int]] = {}
    for _, _, row in rows:
        given = tuple(row)
        found = sorted_names.get(given)
        if found is None:
            counters = sorted(given)
            found = sorted_names[given] = counters, names.of(names_literal(counters))
        is_odd = False
        for counter in found[0]:
            growth = row[counter]
            deltas.append(growth.delta)
            readings.append(growth.readings)
            is_odd = is_odd or growth.is_odd
        ends.append(len(deltas))
        if is_odd:
            odd.append(msgspec.json.encode(kept_growth(row)).decode())
        odd_places.append(len(odd) if is_odd else 0)
    places = [elevators.of(elevator) for elevator, _, _ in rows]
    return (
        _WRITES[unit], firm, elevators.values, names.values, numbers(deltas), numbers(readings), odd, numbers(places),
        numbers([number for _, number, _ in rows]),
        numbers([sorted_names[tuple(row)][1] for _, _, row in rows]), numbers([1, *(end + 1 for end in ends[:-1])]),
        numbers(ends), numbers(odd_places),
    )  # fmt: skip


class Ordinals(Generic[T]):
    """Values that repeat, each sent once and named by its place from 1."""

    def __init__(self) -> None:
        self._places: dict[T, int] = {}

    def of(self, value: T) -> int:
        """Return the place of a value."""
        return self._places.setdefault(value, len(self._places) + 1)

    @property
    def values(self) -> list[T]:
        """The values in the order of their places; ask when all are named."""
        return list(self._places)


def names_literal(counters: Iterable[str]) -> str:
    """Return names of counters (letters, digits, underscores) as PostgreSQL writes an array."""
    return "{" + ",".join(counters) + "}"


def numbers(values: Sequence[int]) -> str:
    """Return whole numbers as PostgreSQL writes an array: half the time of a list, which asyncpg looks at one by one."""
    return f"{{{str(values)[1:-1]}}}"


async def add_outside_intake(firm: UUID, unit: Unit, rows: Iterable[tuple[UUID, str, datetime | date, Growth]]) -> None:
    """Add to hours or days of elevators that the caller has locked, and bring their states in step."""
    changes: dict[UUID, dict[int, dict[str, Growth]]] = {}
    for elevator, counter, at, growth in rows:
        counters = changes.setdefault(elevator, {}).setdefault(_number(at), {})
        counters[counter] = _sum({counter: counters[counter]} if counter in counters else {}, {counter: growth})[counter]
    states = await states_of(changes.keys())
    await add(firm, unit, changes, states)
    await write_states(states)


async def states_of(elevators: Collection[UUID]) -> dict[UUID, ElevatorState]:
    """Return the states of locked elevators."""
    rows = await database.fetch(
        "SELECT elevator, state FROM elevator_signal WHERE elevator = ANY($1::uuid[])", sorted(elevators)
    )
    return {row["elevator"]: read_state(row["state"]) for row in rows}


async def write_states(states: Mapping[UUID, ElevatorState]) -> None:
    """Write the states of locked elevators."""
    await database.execute(
        "UPDATE elevator_signal s SET state = w.state FROM unnest($1::uuid[], $2::text[]) AS w (elevator, state)"
        " WHERE s.elevator = w.elevator",
        list(states), [state_text(state) for state in states.values()],
    )  # fmt: skip


def at_microseconds(at: datetime) -> int:
    """Return the microseconds since the epoch of an instant."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def hour_number(at_us: int) -> int:
    """Return the hour since the epoch that holds an instant."""
    return at_us // HOUR_US
