"""SQL of the register's rows: one by one and in pages. What the import writes and the export reads is in `bulk/queries.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from backend import database
from backend.errors import Conflict
from backend.registry.inputs import ShiftInput
from backend.registry.kind_queries import Kind

V = TypeVar("V")

_CLOCK = "WITH clock AS (SELECT $1::timestamptz AS at)"

_TAKEN = {
    "firm_name_key": "there already is a firm of this name",
    "owner_one_name": "there already is an owner of this name",
    "site_one_code": "there already is a site with this code",
    "contract_one_number": "there already is a contract with this number",
    "elevator_one_code": "there already is an elevator with this registration code",
    "technician_one_badge": "there already is a technician with this badge",
    "certificate_one_number": "there already is a certificate with this number",
    "crew_one_name": "there already is a crew of this name",
}
"""Unique constraint → what it means to a person."""


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what the database refuses (a key that is taken, a thing that others refer to) into a conflict."""
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        raise Conflict(_TAKEN.get(error.constraint_name or "", "there already is one with the same key")) from error
    except (asyncpg.ForeignKeyViolationError, asyncpg.RestrictViolationError) as error:
        raise Conflict(
            "this is still used ({table}): what has a history is switched off or scrapped, not removed",
            table=error.table_name or "?",
        ) from error


class Condition:
    """A part of a WHERE clause with its value; `{}` stands for the place."""

    def __init__(self, sql: str, value: object) -> None:
        self.sql, self.value = sql, value


def contains(kind: Kind[V], text: str) -> Condition:
    """Return the condition that one of the searched columns contains a text, in any case."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return Condition("(" + " OR ".join(f"{column} ILIKE {{0}}" for column in kind.search) + ")", f"%{escaped}%")


async def one(kind: Kind[V], row: UUID, at: datetime) -> V | None:
    """Return a thing by its id, None where the scope sees none."""
    sql = f"{_CLOCK} SELECT {kind.columns} FROM {kind.source} WHERE t.id = $2"
    return await database.fetch_one_as(kind.view, sql, at, row)


async def some(kind: Kind[V], at: datetime, conditions: Sequence[Condition], limit: int = 1_000) -> list[V]:
    """Return things that fit all conditions, in the kind's order."""
    where, values = _where(conditions, first=2)
    sql = f"{_CLOCK} SELECT {kind.columns} FROM {kind.source} WHERE {where} ORDER BY {kind.sort}, t.id LIMIT {limit:d}"
    return await database.fetch_as(kind.view, sql, at, *values)


async def page(
    kind: Kind[V], at: datetime, conditions: Sequence[Condition], after: Sequence[object] | None, limit: int
) -> tuple[list[V], list[object] | None, int]:
    """Return a page of things, the sort key of its last row if more follow, and how many fit on all pages."""
    where, values = _where(conditions, first=2)
    total = await database.fetch_value(f"{_CLOCK} SELECT count(*) FROM {kind.source} WHERE {where}", at, *values)
    sort = f'({kind.sort}) COLLATE "C"'
    n = len(values)
    beyond = "" if after is None else f" AND ({sort}, t.id) > (${n + 2}, ${n + 3})"
    rows = await database.fetch(
        f"{_CLOCK} SELECT {kind.columns}, {kind.sort} AS sort_key FROM {kind.source} WHERE {where}{beyond}"
        f" ORDER BY {sort}, t.id LIMIT {limit + 1:d}",
        at, *values, *(after or ()),
    )  # fmt: skip
    last = [rows[limit - 1]["sort_key"], rows[limit - 1]["id"]] if len(rows) > limit else None
    return [msgspec.convert(dict(row), kind.view, strict=False) for row in rows[:limit]], last, total


def _where(conditions: Sequence[Condition], *, first: int) -> tuple[str, list[object]]:
    parts = [condition.sql.format(f"${first + i}") for i, condition in enumerate(conditions)]
    return " AND ".join(["true", *parts]), [condition.value for condition in conditions]


async def lock(kind: Kind[V], row: UUID) -> str | None:
    """Lock a row until the end of the transaction; return its version, None where the scope sees none."""
    return await database.fetch_value(f'SELECT xmin::text FROM "{kind.table}" WHERE id = $1 FOR UPDATE', row)  # type: ignore[no-any-return]


async def insert(table: str, values: Mapping[str, Any]) -> None:
    """Write a row; the names come from our own structs."""
    columns = ", ".join(f'"{name}"' for name in values)
    places = ", ".join(f"${i}" for i in range(1, len(values) + 1))
    await database.execute(f'INSERT INTO "{table}" ({columns}) VALUES ({places})', *values.values())


async def update(table: str, row: UUID, values: Mapping[str, Any]) -> None:
    """Change some columns of a row."""
    if values:
        changes = ", ".join(f'"{name}" = ${i}' for i, name in enumerate(values, 2))
        await database.execute(f'UPDATE "{table}" SET {changes} WHERE id = $1', row, *values.values())


async def delete(table: str, row: UUID) -> None:
    """Remove a row that nothing refers to."""
    await database.execute(f'DELETE FROM "{table}" WHERE id = $1', row)


async def firm_of(table: str, row: UUID) -> UUID | None:
    """Return the firm of a row, None where the scope sees none."""
    return await database.fetch_value(f'SELECT firm FROM "{table}" WHERE id = $1', row)  # type: ignore[no-any-return]


async def time_zone(firm: UUID) -> str:
    """Return a firm's time zone."""
    return str(await database.fetch_value("SELECT time_zone FROM firm WHERE id = $1", firm))


async def elevators_of(column: Literal["firm", "site", "contract"], row: UUID) -> list[UUID]:
    """Return the elevators of a firm, at a site or under a contract."""
    return [found["id"] for found in await database.fetch(f'SELECT id FROM elevator WHERE "{column}" = $1 ORDER BY id', row)]


async def elevators_called(text: str) -> list[UUID]:
    """Return the elevators with this registration code; where there are none, those with this rescue code."""
    rows = await database.fetch("SELECT id FROM elevator WHERE registration_code = $1 LIMIT 3", text)
    rows = rows or await database.fetch("SELECT id FROM elevator WHERE rescue_code = $1 AND rescue_code <> '' LIMIT 3", text)
    return [row["id"] for row in rows]


async def overlapping(table: str, technician: UUID, starts_on: date, ends_on: date | None, but: UUID | None) -> date | None:
    """Return the first day of another membership or absence of the technician that shares a day with these."""
    return await database.fetch_value(  # type: ignore[no-any-return]
        f'SELECT starts_on FROM "{table}" WHERE technician = $1 AND id IS DISTINCT FROM $4::uuid'
        " AND daterange(starts_on, ends_on, '[]') && daterange($2::date, $3::date, '[]') ORDER BY starts_on LIMIT 1",
        technician, starts_on, ends_on, but,
    )  # fmt: skip


async def replace_week(firm: UUID, crew: UUID, shifts: Sequence[ShiftInput]) -> None:
    """Write a crew's weekly hours in place of the old ones; the crew's version changes."""
    await database.execute("DELETE FROM shift WHERE crew = $1", crew)
    for shift in shifts:
        await database.execute(
            "INSERT INTO shift (id, firm, crew, weekday, from_s, to_s, max_overtime_s, break_from_s, break_to_s,"
            " break_duration_s) VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, $8, $9)",
            firm, crew, shift.weekday, shift.from_s, shift.to_s, shift.max_overtime_s, shift.break_from_s,
            shift.break_to_s, shift.break_duration_s,
        )  # fmt: skip
    await database.execute("UPDATE crew SET name = name WHERE id = $1", crew)
