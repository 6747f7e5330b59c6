"""SQL of hours and days: one row per elevator and hour (day), with what each counter grew by.

Rows are written whole: whoever adds to one holds the elevator's lock and knows what stands there, from the elevator's state or
from reading it. Nothing therefore adds in SQL, and a row is the same whichever way it came to be.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from backend import database
from backend.telemetry.rollup import HOUR_US, Growth
from backend.telemetry.state import ElevatorState, kept_growth, read_state, state_text

Unit = Literal["hour", "day"]
Changes = Mapping[int, Mapping[str, Growth]]
"""Hour or day since the epoch → counter → what it gains."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = date(1970, 1, 1)


def start_of(unit: Unit, number: int) -> datetime | date:
    """Return the beginning of an hour or day since the epoch, as PostgreSQL takes it."""
    return _EPOCH + timedelta(hours=number) if unit == "hour" else _FIRST_DAY + timedelta(days=number)


def _number(unit: Unit, at: datetime | date) -> int:
    if isinstance(at, datetime):
        return (at - _EPOCH) // timedelta(hours=1)
    return (at - _FIRST_DAY).days


async def add(firm: UUID, unit: Unit, changes: Mapping[UUID, Changes], states: Mapping[UUID, ElevatorState]) -> None:
    """Add what hours or days of locked elevators gained, and keep their states (which the caller writes) in step."""
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
    await _write(firm, unit, rows)


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
        found[elevator, _number(unit, at)] = {
            counter: Growth(delta, count, *told.get(counter, ()))
            for counter, delta, count in zip(counters, deltas, readings, strict=True)
        }
    return found


_WRITE = """
INSERT INTO elevator_{unit} (firm, elevator, {unit}, counters, deltas, readings, odd)
SELECT $1, w.elevator, w.{unit}, w.counters::text[], ($7::bigint[])[w.a : w.b], ($8::int[])[w.a : w.b], w.odd::jsonb
FROM unnest($2::uuid[], $3::{kind}[], $4::text[], $5::int[], $6::int[], $9::text[]) AS w (elevator, {unit}, counters, a, b, odd)
ON CONFLICT (elevator, {unit}) DO UPDATE SET counters = excluded.counters, deltas = excluded.deltas,
    readings = excluded.readings, odd = excluded.odd
"""
_WRITES = {"hour": _WRITE.format(unit="hour", kind="timestamptz"), "day": _WRITE.format(unit="day", kind="date")}


async def _write(firm: UUID, unit: Unit, rows: Sequence[tuple[UUID, int, dict[str, Growth]]]) -> None:
    """Write rows; the arrays of all of them travel as two, which PostgreSQL cuts."""
    if not rows:
        return
    deltas: list[int] = []
    readings: list[int] = []
    ends: list[int] = []
    names: list[str] = []
    odd: list[str | None] = []
    for _, _, row in rows:
        counters = sorted(row)
        for counter in counters:
            growth = row[counter]
            deltas.append(growth.delta)
            readings.append(growth.readings)
        names.append(names_literal(counters))
        ends.append(len(deltas))
        kept = kept_growth(row)
        odd.append(msgspec.json.encode(kept).decode() if kept else None)
    starts = [1, *(end + 1 for end in ends[:-1])]
    await database.execute(
        _WRITES[unit], firm, [elevator for elevator, _, _ in rows], [start_of(unit, number) for _, number, _ in rows], names,
        starts, ends, deltas, readings, odd,
    )  # fmt: skip


def names_literal(counters: Iterable[str]) -> str:
    """Return names of counters (letters, digits, underscores) as PostgreSQL writes an array."""
    return "{" + ",".join(counters) + "}"


async def add_outside_intake(firm: UUID, unit: Unit, rows: Iterable[tuple[UUID, str, datetime | date, Growth]]) -> None:
    """Add to hours or days of elevators that the caller has locked, and bring their states in step."""
    changes: dict[UUID, dict[int, dict[str, Growth]]] = {}
    for elevator, counter, at, growth in rows:
        counters = changes.setdefault(elevator, {}).setdefault(_number(unit, at), {})
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
