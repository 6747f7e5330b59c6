"""SQL of intake: a fixed number of statements for a batch of any size, each over arrays."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from backend import database
from backend.telemetry.rollup import Growth, Reading, Step

STAGED_ROWS = 2000
"""From this many rows on, a table of the transaction's own is quicker than arrays."""


class Span(NamedTuple):
    """From the first to the last reading that a batch brings for one counter, both included."""

    elevator: UUID
    counter: str
    from_at: datetime
    from_seq: int
    to_at: datetime
    to_seq: int


async def use_indexes() -> None:
    """Plan the statements of this transaction for large tables, even while they are small.

    A plan is kept with its connection; one made while the tables were small would read them from end to end for ever after.
    """
    await database.execute("SET LOCAL enable_seqscan = off; SET LOCAL jit = off")


async def elevators_by_code(firm: UUID, codes: Collection[str]) -> dict[str, UUID]:
    """Return the firm's elevators with these registration codes."""
    rows = await database.fetch(
        "SELECT registration_code, id FROM elevator WHERE firm = $1 AND registration_code = ANY($2::text[])", firm, list(codes)
    )
    return {row["registration_code"]: row["id"] for row in rows}


async def lock_elevators(firm: UUID, elevators: Iterable[UUID]) -> None:
    """Let no other transaction count readings of these elevators until this one ends.

    Always in the order of the ids, so that two batches never wait for each other.
    """
    ids = sorted(elevators)
    await database.execute(
        "INSERT INTO elevator_signal (firm, elevator) SELECT $1, e FROM unnest($2::uuid[]) AS e ORDER BY e"
        " ON CONFLICT (elevator) DO NOTHING",
        firm, ids,
    )  # fmt: skip
    await database.execute("SELECT FROM elevator_signal WHERE elevator = ANY($1::uuid[]) ORDER BY elevator FOR UPDATE", ids)


async def digests(pairs: Sequence[tuple[UUID, int]]) -> dict[tuple[UUID, int], bytes]:
    """Return the digests of the records that are stored already, by elevator and number."""
    rows = await database.fetch(
        "SELECT r.elevator, r.seq, r.digest FROM unnest($1::uuid[], $2::bigint[]) AS w (elevator, seq)"
        " JOIN telemetry_record r USING (elevator, seq)",
        [elevator for elevator, _ in pairs], [seq for _, seq in pairs],
    )  # fmt: skip
    return {(row["elevator"], row["seq"]): bytes(row["digest"]) for row in rows}


async def readings_around(spans: Sequence[Span]) -> list[list[Reading]]:
    """Return for each span the stored readings inside it and the nearest on either side, in the order of time."""
    rows = await database.fetch(
        """
        SELECT w.n::int AS n, r.id, r.at, r.seq, r.total, r.width, r.step, r.delta
        FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::bigint[], $5::timestamptz[], $6::bigint[])
            WITH ORDINALITY AS w (elevator, counter, from_at, from_seq, to_at, to_seq, n)
        CROSS JOIN LATERAL (
            (SELECT c.* FROM counter_reading c WHERE c.elevator = w.elevator AND c.counter = w.counter
                AND (c.at, c.seq) < (w.from_at, w.from_seq) ORDER BY c.at DESC, c.seq DESC LIMIT 1)
            UNION ALL
            (SELECT c.* FROM counter_reading c WHERE c.elevator = w.elevator AND c.counter = w.counter
                AND (c.at, c.seq) >= (w.from_at, w.from_seq) AND (c.at, c.seq) <= (w.to_at, w.to_seq))
            UNION ALL
            (SELECT c.* FROM counter_reading c WHERE c.elevator = w.elevator AND c.counter = w.counter
                AND (c.at, c.seq) > (w.to_at, w.to_seq) ORDER BY c.at, c.seq LIMIT 1)
        ) r
        ORDER BY w.n, r.at, r.seq
        """,
        *_columns(spans, 6),
    )
    found: list[list[Reading]] = [[] for _ in spans]
    for n, id_, at, seq, total, width, step, delta in rows:
        found[n - 1].append(Reading(id=id_, at=at, seq=seq, total=total, width=width, step=Step(step, delta)))
    return found


async def bases(elevators: Collection[UUID]) -> dict[tuple[UUID, str], list[datetime]]:
    """Return when counters were replaced or set, ascending, by elevator and counter ('' for all of them)."""
    rows = await database.fetch(
        "SELECT elevator, counter, at FROM counter_base WHERE elevator = ANY($1::uuid[]) ORDER BY at", list(elevators)
    )
    found: dict[tuple[UUID, str], list[datetime]] = {}
    for row in rows:
        found.setdefault((row["elevator"], row["counter"]), []).append(row["at"])
    return found


_RECORD_COLUMNS = {
    "elevator": "uuid", "seq": "bigint", "at": "timestamptz", "digest": "bytea", "gauges": "text", "device": "uuid",
    "received_at": "timestamptz",
}  # fmt: skip


async def insert_records(firm: UUID, rows: Sequence[tuple[UUID, int, datetime, bytes, str, UUID | None, datetime]]) -> None:
    """Write records: elevator, number, time, digest, gauges as JSON, device, time of arrival."""
    await _insert_many(
        "INSERT INTO telemetry_record (firm, elevator, seq, at, digest, gauges, device, received_at)"
        " SELECT $1, w.elevator, w.seq, w.at, w.digest, w.gauges::jsonb, w.device, w.received_at FROM {rows} w ({names})",
        firm, _RECORD_COLUMNS, rows,
    )  # fmt: skip


_READING_COLUMNS = {
    "elevator": "uuid", "counter": "text", "at": "timestamptz", "seq": "bigint", "total": "bigint", "width": "bigint",
    "delta": "bigint", "step": "text",
}  # fmt: skip


async def insert_readings(firm: UUID, rows: Sequence[tuple[UUID, str, Reading]]) -> None:
    """Write readings with their steps."""
    await _insert_many(
        "INSERT INTO counter_reading (firm, elevator, counter, at, seq, total, width, delta, step)"
        " SELECT $1, w.* FROM {rows} w",
        firm,
        _READING_COLUMNS,
        [(e, counter, r.at, r.seq, r.total, r.width, r.step.delta, r.step.kind) for e, counter, r in rows],
    )


async def update_steps(readings: Sequence[Reading]) -> None:
    """Rewrite the steps of stored readings."""
    await database.execute(
        "UPDATE counter_reading r SET delta = w.delta, step = w.step"
        " FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS w (id, delta, step) WHERE r.id = w.id",
        [reading.id for reading in readings],
        [reading.step.delta for reading in readings],
        [reading.step.kind for reading in readings],
    )


_GROWTH_COLUMNS = {"delta": "bigint", "restarts": "int", "rollovers": "int", "jumps": "int", "readings": "int"}

_ADD_GROWTH = """
INSERT INTO {{table}} AS u (firm, elevator, counter, {{unit}}, {columns}) SELECT $1, w.* FROM {{{{rows}}}} w
ON CONFLICT (elevator, counter, {{unit}}) DO UPDATE SET {sums}
""".format(
    columns=", ".join(_GROWTH_COLUMNS), sums=", ".join(f"{name} = u.{name} + excluded.{name}" for name in _GROWTH_COLUMNS)
)


async def add_to_hours(firm: UUID, rows: Sequence[tuple[UUID, str, datetime, Growth]]) -> None:
    """Add what hours gained."""
    columns = {"elevator": "uuid", "counter": "text", "hour": "timestamptz"} | _GROWTH_COLUMNS
    await _insert_many(_ADD_GROWTH.format(table="usage_hour", unit="hour"), firm, columns, [_flat(row) for row in rows])


async def add_to_days(firm: UUID, rows: Sequence[tuple[UUID, str, date, Growth]]) -> None:
    """Add what days gained."""
    columns = {"elevator": "uuid", "counter": "text", "day": "date"} | _GROWTH_COLUMNS
    await _insert_many(_ADD_GROWTH.format(table="usage_day", unit="day"), firm, columns, [_flat(row) for row in rows])


def _flat(row: tuple[UUID, str, date, Growth]) -> tuple[object, ...]:
    elevator, counter, at, g = row
    return (elevator, counter, at, g.delta, g.restarts, g.rollovers, g.jumps, g.readings)


async def insert_events(firm: UUID, rows: Sequence[tuple[UUID, datetime, str, str]]) -> list[tuple[UUID, str]]:
    """Write events (elevator, time, raw code, kind); return elevator and kind of those that are new."""
    found = await database.fetch(
        "INSERT INTO telemetry_event (firm, elevator, at, raw_code, kind)"
        " SELECT $1, w.* FROM unnest($2::uuid[], $3::timestamptz[], $4::text[], $5::text[]) AS w"
        " ON CONFLICT (elevator, at, raw_code) DO NOTHING RETURNING elevator, kind",
        firm, *_columns(rows, 4),
    )  # fmt: skip
    return [(row["elevator"], row["kind"]) for row in found]


async def note_signals(received_at: datetime, latest: dict[UUID, datetime]) -> None:
    """Note the last sign of life of elevators whose rows are locked."""
    await database.execute(
        "UPDATE elevator_signal s SET at = greatest(s.at, w.at), received_at = greatest(s.received_at, $1)"
        " FROM unnest($2::uuid[], $3::timestamptz[]) AS w (elevator, at) WHERE s.elevator = w.elevator",
        received_at, list(latest), list(latest.values()),
    )  # fmt: skip


async def note_devices(received_at: datetime, devices: Collection[UUID]) -> None:
    """Note that devices spoke, to the minute: a gateway's parallel batches should not queue for its row."""
    await database.execute(
        "UPDATE device SET last_seen_at = $1::timestamptz WHERE id IN (SELECT id FROM device WHERE id = ANY($2::uuid[])"
        " AND (last_seen_at IS NULL OR last_seen_at < $1::timestamptz - interval '1 minute') FOR UPDATE SKIP LOCKED)",
        received_at, sorted(devices),
    )  # fmt: skip


async def note_devices_of_history(firm: UUID) -> None:
    """Let the devices of elevators have spoken when their elevators' latest records were made."""
    await database.execute(
        "UPDATE device d SET last_seen_at = s.at FROM elevator_signal s WHERE d.firm = $1 AND s.elevator = d.elevator"
        " AND s.at IS NOT NULL AND (d.last_seen_at IS NULL OR d.last_seen_at < s.at)",
        firm,
    )


async def _insert_many(sql: str, firm: UUID, columns: Mapping[str, str], rows: Sequence[tuple[object, ...]]) -> None:
    """Run a statement over rows, which stand in it as `{rows}` (their columns as `{names}`), with the firm as `$1`.

    Few rows go as arrays; many are copied into a table of the transaction's own first, which takes half the time. (COPY
    into the table itself is not open to a role that row security binds.)
    """
    names = ", ".join(columns)
    if len(rows) < STAGED_ROWS:
        arrays = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(columns.values(), 2))
        await database.execute(sql.format(rows=f"unnest({arrays})", names=names), firm, *_columns(rows, len(columns)))
        return
    await database.execute("CREATE TEMP TABLE staged (" + ", ".join(f"{name} {kind}" for name, kind in columns.items()) + ")")
    await database.copy_rows("staged", list(columns), rows)
    await database.execute(sql.format(rows="staged", names=names), firm)
    await database.execute("DROP TABLE staged")


def _columns(rows: Sequence[tuple[object, ...]], count: int) -> list[list[object]]:
    """Turn rows into one list per column; rows may be none."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(count)]
