"""SQL of the rarer parts of records: statistics of periods, signals that last, names that nobody knows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from backend import database
from backend.telemetry.record_parts import LONGEST_PERIOD
from backend.telemetry.signals import HOLD, Run
from backend.telemetry.views import ForeignNameView


class PeriodRow(NamedTuple):
    """A statement as it is stored."""

    elevator: UUID
    counter: str
    from_at: datetime
    to_at: datetime
    growth: int
    stated_at: datetime


class PeriodSpan(NamedTuple):
    """Which statements are asked for: all that touch a span."""

    elevator: UUID
    counter: str
    begins: datetime
    ends: datetime


async def periods_in(spans: Sequence[PeriodSpan]) -> list[PeriodRow]:
    """Return the stored statements that touch spans."""
    rows = await database.fetch(
        "SELECT p.elevator, p.counter, p.from_at, p.to_at, p.growth, p.stated_at"
        " FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[]) AS w (elevator, counter, begins, ends)"
        " JOIN usage_period p ON p.elevator = w.elevator AND p.counter = w.counter"
        " AND p.from_at > w.begins - $5::interval AND p.from_at < w.ends AND p.to_at > w.begins",
        *_columns(spans, 4), LONGEST_PERIOD,
    )  # fmt: skip
    return [PeriodRow(*row) for row in rows]


async def insert_periods(firm: UUID, rows: Collection[PeriodRow]) -> None:
    """Write statements; one that is there is stated later now."""
    await database.execute(
        "INSERT INTO usage_period AS p (firm, elevator, counter, from_at, to_at, growth, stated_at) SELECT $1, w.* FROM"
        " unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::bigint[], $7::timestamptz[]) AS w"
        " ON CONFLICT (elevator, counter, from_at, to_at, growth)"
        " DO UPDATE SET stated_at = greatest(p.stated_at, excluded.stated_at)",
        firm, *_columns(rows, 6),
    )  # fmt: skip


async def runs_around(elevators: Collection[UUID], begins: datetime, ends: datetime) -> list[tuple[UUID, str, Run]]:
    """Return the runs of elevators near a span, by elevator, group and time."""
    rows = await database.fetch(
        "SELECT elevator, topic, id, first_at, last_at, codes FROM signal_state WHERE elevator = ANY($1::uuid[])"
        " AND last_at >= $2 AND first_at <= $3 ORDER BY elevator, topic, first_at",
        list(elevators), begins - HOLD, ends + HOLD,
    )  # fmt: skip
    return [
        (elevator, topic, Run(first_at=first_at, last_at=last_at, codes=frozenset(codes), id=id_))
        for elevator, topic, id_, first_at, last_at, codes in rows
    ]


async def write_runs(firm: UUID, runs: Sequence[tuple[UUID, str, Run]], removed: Collection[int]) -> None:
    """Write runs that changed or are new, and remove those that became part of others."""
    gone = [*removed, *(run.id for _, _, run in runs if run.id is not None)]
    if gone:
        await database.execute("DELETE FROM signal_state WHERE id = ANY($1::bigint[])", gone)
    await database.execute(
        "INSERT INTO signal_state (firm, elevator, topic, first_at, last_at, codes)"
        " SELECT $1, w.elevator, w.topic, w.first_at, w.last_at, to_jsonb(string_to_array(w.codes, chr(10)))"
        " FROM unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[])"
        " AS w (elevator, topic, first_at, last_at, codes)",
        firm, [elevator for elevator, _, _ in runs], [topic for _, topic, _ in runs], [run.first_at for _, _, run in runs],
        [run.last_at for _, _, run in runs], ["\n".join(sorted(run.codes)) for _, _, run in runs],
    )  # fmt: skip


class NameRow(NamedTuple):
    """A name that nobody knows, as a batch tells it."""

    device: UUID
    adapter: str
    name: str
    why: str
    times: int
    example: str


async def note_names(firm: UUID, now: datetime, rows: Collection[NameRow]) -> None:
    """Count names that nobody knows."""
    await database.execute(
        "INSERT INTO foreign_name AS n (firm, first_at, last_at, device, adapter, name, why, times, example)"
        " SELECT $1, $2, $2, w.* FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[]) AS w"
        " ORDER BY 4, 5, 6 ON CONFLICT (device, adapter, name) DO UPDATE SET times = n.times + excluded.times,"
        " last_at = greatest(n.last_at, excluded.last_at), why = excluded.why, example = excluded.example",
        firm, now, *_columns(sorted(rows), 6),
    )  # fmt: skip


async def foreign_names(device: UUID, limit: int) -> list[ForeignNameView]:
    """Return the names that a device says and nobody knows, those to be looked at first."""
    return await database.fetch_as(
        ForeignNameView,
        "SELECT adapter, name, why, times, first_at, last_at, example FROM foreign_name WHERE device = $1"
        " ORDER BY why = 'text', last_at DESC, name LIMIT $2",
        device, limit,
    )  # fmt: skip


def _columns(rows: Collection[tuple[object, ...]], count: int) -> list[list[object]]:
    """Turn rows into one list per column; rows may be none."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(count)]
