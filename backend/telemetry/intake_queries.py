"""SQL of intake: a fixed number of statements for a batch of any size, each over arrays."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from backend import database
from backend.telemetry import growth_queries
from backend.telemetry.growth_queries import at_microseconds
from backend.telemetry.rollup import CONTEXT, Growth, Reading
from backend.telemetry.state import ElevatorState, read_state, state_text
from backend.telemetry.values import EPOCH


class Span(NamedTuple):
    """From the first to the last reading that a batch brings for one counter, both included."""

    elevator: UUID
    counter: str
    from_at: datetime
    from_seq: int
    to_at: datetime
    to_seq: int


async def use_indexes() -> None:
    """Plan the statements of this transaction for large tables, even while they are small, and once for all batches.

    A plan is kept with its connection; one made while the tables were small would read them from end to end for ever after, and
    one made for each batch would look at every month's partition each time.
    """
    await database.connection().execute(
        "SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL jit = off"
    )


class Known(NamedTuple):
    """An elevator whose row is locked."""

    elevator: UUID
    state: ElevatorState


_with_row: set[tuple[UUID, str]] = set()
"""Firm and code of elevators that are known to have a row to lock."""


async def locked(firm: UUID, codes: Collection[str]) -> dict[str, Known]:
    """Lock the firm's elevators with these registration codes until the transaction ends; return them.

    No other transaction counts readings of theirs meanwhile. Always in the order of the ids, so that two batches never wait for
    each other; an elevator that nothing came from yet gets its row first, for the same reason.
    """
    asked = {(firm, code) for code in codes}
    if not asked <= _with_row:
        await database.execute(
            "INSERT INTO elevator_signal (firm, elevator) SELECT $1, e.id FROM elevator e"
            " WHERE e.firm = $1 AND e.registration_code = ANY($2::text[]) ORDER BY e.id ON CONFLICT (elevator) DO NOTHING",
            firm, list(codes),
        )  # fmt: skip
    rows = await database.fetch(
        "SELECT e.registration_code, e.id, s.state, s.at IS NOT NULL FROM elevator e JOIN elevator_signal s ON s.elevator = e.id"
        " WHERE e.firm = $1 AND e.registration_code = ANY($2::text[]) ORDER BY e.id FOR UPDATE OF s",
        firm, list(codes),
    )  # fmt: skip
    # Only those that were there before this transaction: it may still be undone.
    _with_row.update((firm, code) for code, _, _, spoke in rows if spoke)
    found = {code: Known(elevator, read_state(state)) for code, elevator, state, _ in rows}
    gone = {pair for pair in asked if pair[1] not in found} & _with_row
    if gone:  # removed since, and perhaps registered anew
        _with_row.difference_update(gone)
        return await locked(firm, codes)
    return found


async def lock_elevators(firm: UUID, elevators: Iterable[UUID]) -> None:
    """Lock elevators by id, as `locked` does."""
    ids = sorted(elevators)
    await database.execute(
        "INSERT INTO elevator_signal (firm, elevator) SELECT $1, e FROM unnest($2::uuid[]) AS e ORDER BY e"
        " ON CONFLICT (elevator) DO NOTHING",
        firm, ids,
    )  # fmt: skip
    await database.execute("SELECT FROM elevator_signal WHERE elevator = ANY($1::uuid[]) ORDER BY elevator FOR UPDATE", ids)


async def kept_from() -> datetime | None:
    """Return from when on records are kept; None where none were dropped yet."""
    found: datetime | None = await database.fetch_value(
        "SELECT kept_from FROM telemetry_horizon WHERE what = 'telemetry_record'"
    )
    return found


async def digests(names: Sequence[tuple[UUID, int, datetime]]) -> dict[tuple[UUID, int], bytes]:
    """Return the digests of stored records by elevator and number, of those that may be there.

    A record that is sent again has the same time, and one month is looked into for it. Only what is not found there is looked
    for in all months, because another record may have its number.
    """
    rows = await database.fetch(
        "SELECT r.elevator, r.seq, r.digest FROM unnest($1::uuid[], $2::timestamptz[], $3::bigint[]) AS w (elevator, at, seq)"
        " JOIN telemetry_record r USING (elevator, at, seq)",
        [elevator for elevator, _, _ in names], [at for _, _, at in names], [seq for _, seq, _ in names],
    )  # fmt: skip
    found = {(row["elevator"], row["seq"]): bytes(row["digest"]) for row in rows}
    others = [(elevator, seq) for elevator, seq, _ in names if (elevator, seq) not in found]
    if others:
        rows = await database.fetch(
            "SELECT r.elevator, r.seq, r.digest FROM unnest($1::uuid[], $2::bigint[]) AS w (elevator, seq)"
            " JOIN telemetry_record r USING (elevator, seq)",
            [elevator for elevator, _ in others], [seq for _, seq in others],
        )  # fmt: skip
        found |= {(row["elevator"], row["seq"]): bytes(row["digest"]) for row in rows}
    return found


async def readings_around(spans: Sequence[Span], widths: Sequence[int]) -> list[list[Reading]]:
    """Return for each span the stored readings inside it and the nearest on either side, in order.

    Parameters
    ----------
    spans
        Of clusters of new readings.
    widths
        For each span the width of its counter where a reading was stored without one.
    """
    rows = await database.fetch(
        f"""
        SELECT w.n::int AS n, r.at, r.seq, r.totals[array_position(r.counters, w.counter)] AS total,
            r.widths[array_position(r.counters, w.counter)] AS width
        FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::bigint[], $5::timestamptz[], $6::bigint[])
            WITH ORDINALITY AS w (elevator, counter, from_at, from_seq, to_at, to_seq, n)
        CROSS JOIN LATERAL (
            (SELECT c.at, c.seq, c.counters, c.totals, c.widths FROM telemetry_record c WHERE c.elevator = w.elevator
                AND w.counter = ANY(c.counters) AND (c.at, c.seq) < (w.from_at, w.from_seq) AND c.at <= w.from_at
                ORDER BY c.at DESC, c.seq DESC LIMIT {CONTEXT})
            UNION ALL
            (SELECT c.at, c.seq, c.counters, c.totals, c.widths FROM telemetry_record c WHERE c.elevator = w.elevator
                AND w.counter = ANY(c.counters) AND (c.at, c.seq) >= (w.from_at, w.from_seq)
                AND (c.at, c.seq) <= (w.to_at, w.to_seq) AND c.at BETWEEN w.from_at AND w.to_at)
            UNION ALL
            (SELECT c.at, c.seq, c.counters, c.totals, c.widths FROM telemetry_record c WHERE c.elevator = w.elevator
                AND w.counter = ANY(c.counters) AND (c.at, c.seq) > (w.to_at, w.to_seq) AND c.at >= w.to_at
                ORDER BY c.at, c.seq LIMIT {CONTEXT})
            UNION ALL
            SELECT a.at, a.seq, ARRAY[a.counter], ARRAY[a.total], ARRAY[a.width] FROM counter_anchor a
                WHERE a.elevator = w.elevator AND a.counter = w.counter
        ) r
        ORDER BY w.n, r.at, r.seq
        """,  # noqa: S608 - a number
        *_columns(spans, 6),
    )
    found: list[list[Reading]] = [[] for _ in spans]
    for n, at, seq, total, width in rows:
        found[n - 1].append(Reading(at_microseconds(at), seq, total, width or widths[n - 1]))
    return found


class NewRecord(NamedTuple):
    """A record as it is written."""

    elevator: UUID
    at: datetime
    seq: int
    digest: bytes
    values: str
    """JSON."""

    device: UUID | None
    counters: dict[str, int]
    widths: str | None
    """As PostgreSQL writes an array, in the order of the counters' names; None where none differs from the usual."""


async def insert_records(firm: UUID, received_at: datetime, rows: Sequence[NewRecord]) -> None:
    """Write records; the totals of all of them travel as one array, which PostgreSQL cuts."""
    totals: list[int] = []
    ends: list[int] = []
    names: list[str] = []
    known: dict[tuple[str, ...], tuple[list[str], str]] = {}
    for row in rows:
        told = tuple(row.counters)
        if told not in known:
            known[told] = sorted(told), growth_queries.names_literal(sorted(told))
        order, literal = known[told]
        totals.extend([row.counters[counter] for counter in order])
        names.append(literal)
        ends.append(len(totals))
    await database.execute(
        "INSERT INTO telemetry_record (firm, elevator, at, seq, counters, totals, widths, gauges, digest, device, received_at)"
        " SELECT $1, w.elevator, w.at, w.seq, w.counters::text[], ($3::bigint[])[w.a : w.b], w.widths::bigint[], w.gauges::jsonb,"
        " w.digest, w.device, $2 FROM unnest($4::uuid[], $5::timestamptz[], $6::bigint[], $7::text[], $8::int[], $9::int[],"
        " $10::text[], $11::text[], $12::bytea[], $13::uuid[])"
        " AS w (elevator, at, seq, counters, a, b, widths, gauges, digest, device)",
        firm, received_at, totals, [row.elevator for row in rows], [row.at for row in rows], [row.seq for row in rows], names,
        [1, *(end + 1 for end in ends[:-1])], ends, [row.widths for row in rows], [row.values for row in rows],
        [row.digest for row in rows], [row.device for row in rows],
    )  # fmt: skip


async def add_to_hours(firm: UUID, rows: Iterable[tuple[UUID, str, datetime, Growth]]) -> None:
    """Add what hours gained, of elevators that are locked."""
    await growth_queries.add_outside_intake(firm, "hour", rows)


async def add_to_days(firm: UUID, rows: Iterable[tuple[UUID, str, date, Growth]]) -> None:
    """Add what days (UTC) gained, of elevators that are locked."""
    await growth_queries.add_outside_intake(firm, "day", rows)


async def insert_events(firm: UUID, rows: Sequence[tuple[UUID, datetime, str, str]]) -> list[tuple[UUID, str]]:
    """Write events (elevator, time, raw code, kind); return elevator and kind of those that are new."""
    found = await database.fetch(
        "INSERT INTO telemetry_event (firm, elevator, at, raw_code, kind)"
        " SELECT $1, w.* FROM unnest($2::uuid[], $3::timestamptz[], $4::text[], $5::text[]) AS w"
        " ON CONFLICT (elevator, at, raw_code) DO NOTHING RETURNING elevator, kind",
        firm, *_columns(rows, 4),
    )  # fmt: skip
    return [(row["elevator"], row["kind"]) for row in found]


async def note_signals(received_at: datetime, latest: dict[UUID, int], states: dict[UUID, ElevatorState]) -> None:
    """Note the last sign of life (µs since the epoch) and the state of elevators whose rows are locked."""
    await database.execute(
        "UPDATE elevator_signal s SET at = greatest(s.at, w.at), received_at = greatest(s.received_at, $1), state = w.state"
        " FROM unnest($2::uuid[], $3::timestamptz[], $4::text[]) AS w (elevator, at, state) WHERE s.elevator = w.elevator",
        received_at, list(latest), [EPOCH + timedelta(microseconds=at) for at in latest.values()],
        [state_text(states[elevator]) for elevator in latest],
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


def _columns(rows: Sequence[tuple[object, ...]], count: int) -> list[list[object]]:
    """Turn rows into one list per column; rows may be none."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(count)]
