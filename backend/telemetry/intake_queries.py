"""SQL of intake: a fixed number of statements for a batch of any size, each over arrays."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.telemetry import growth_queries
from backend.telemetry.growth_queries import Ordinals, Statement, at_microseconds, names_literal, numbers
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
    kept_from: datetime | None
    """From when on records are kept; None where none were dropped yet."""


_with_row: set[tuple[UUID, str]] = set()
"""Firm and code of elevators that are known to have a row to lock."""


async def locked(firm: UUID, codes: Collection[str]) -> dict[str, Known]:
    """Lock the firm's elevators with these registration codes until the transaction ends; return them.

    No other transaction counts readings of theirs meanwhile. Always in the order of the ids, so that two batches never wait for
    each other; an elevator that nothing came from yet gets its row first, for the same reason.
    """
    asked = {(firm, code) for code in codes}
    trusted = asked <= _with_row
    if not trusted:
        await database.execute(
            "INSERT INTO elevator_signal (firm, elevator) SELECT $1, e.id FROM elevator e"
            " WHERE e.firm = $1 AND e.registration_code = ANY($2::text[]) ORDER BY e.id ON CONFLICT (elevator) DO NOTHING",
            firm, list(codes),
        )  # fmt: skip
    rows = await database.fetch(
        "SELECT e.registration_code, e.id, s.state, s.at IS NOT NULL,"
        " (SELECT kept_from FROM telemetry_horizon WHERE what = 'telemetry_record')"
        " FROM elevator e JOIN elevator_signal s ON s.elevator = e.id"
        " WHERE e.firm = $1 AND e.registration_code = ANY($2::text[]) ORDER BY e.id FOR UPDATE OF s",
        firm, list(codes),
    )  # fmt: skip
    # Only those that were there before this transaction: it may still be undone.
    _with_row.update((firm, code) for code, _, _, spoke, _ in rows if spoke)
    found = {code: Known(elevator, read_state(state), kept_from) for code, elevator, state, _, kept_from in rows}
    if trusted and len(found) < len(asked):  # removed since, and perhaps registered anew
        _with_row.difference_update(pair for pair in asked if pair[1] not in found)
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
        """,
        *_columns(spans, 6),
    )
    found: list[list[Reading]] = [[] for _ in spans]
    for n, at, seq, total, width in rows:
        found[n - 1].append(Reading(at_microseconds(at), seq, total, width or widths[n - 1]))
    return found


class NewRecord(NamedTuple):
    """A record as it is written."""

    elevator: UUID

    at: int
    """Microseconds since the epoch."""

    seq: int

    digest: bytes
    """16 bytes."""

    values: str
    """JSON."""

    device: UUID | None
    counters: dict[str, int]
    widths: str | None
    """As PostgreSQL writes an array, in the order of the counters' names; None where none differs from the usual."""


def inserting_records(firm: UUID, received_at: datetime, rows: Sequence[NewRecord]) -> Statement:
    """Return the statement that writes records; what repeats travels once, and the totals of all as one array."""
    totals: list[int] = []
    ends: list[int] = []
    elevators, devices = Ordinals[UUID](), Ordinals[UUID | None]()
    names, values, widths = Ordinals[str](), Ordinals[str](), Ordinals[str | None]()
    known: dict[tuple[str, ...], tuple[list[str], int]] = {}
    name_places: list[int] = []
    for row in rows:
        given = tuple(row.counters)
        found = known.get(given)
        if found is None:
            order = sorted(given)
            found = known[given] = order, names.of(names_literal(order))
        totals.extend([row.counters[counter] for counter in found[0]])
        name_places.append(found[1])
        ends.append(len(totals))
    places = [
        [elevators.of(row.elevator) for row in rows], [devices.of(row.device) for row in rows],
        [values.of(row.values) for row in rows], [widths.of(row.widths) for row in rows],
    ]  # fmt: skip
    return (
        _INSERT_RECORDS, firm, received_at, elevators.values, devices.values, values.values, widths.values, names.values,
        b"".join([row.digest for row in rows]), numbers(totals), *(numbers(found) for found in places), numbers(name_places),
        numbers([row.at for row in rows]), numbers([row.seq for row in rows]), numbers([1, *(end + 1 for end in ends[:-1])]),
        numbers(ends),
    )  # fmt: skip


_INSERT_RECORDS = """
INSERT INTO telemetry_record (firm, elevator, at, seq, counters, totals, widths, gauges, digest, device, received_at)
SELECT $1, ((SELECT $3::uuid[]))[w.elevator], 'epoch'::timestamptz + w.at * interval '1 microsecond', w.seq,
    ((SELECT $7::text[]))[w.names]::text[], ((SELECT $9::text::bigint[]))[w.a : w.b],
    ((SELECT $6::text[]))[w.widths]::bigint[], ((SELECT $5::text[]))[w.gauges]::jsonb,
    substr($8::bytea, 16 * w.n::int - 15, 16), ((SELECT $4::uuid[]))[w.device], $2
FROM unnest($10::text::int[], $11::text::int[], $12::text::int[], $13::text::int[], $14::text::int[], $15::text::bigint[],
    $16::text::bigint[], $17::text::int[], $18::text::int[])
    WITH ORDINALITY AS w (elevator, device, gauges, widths, names, at, seq, a, b, n)
"""


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


class EventRow(Struct, frozen=True, kw_only=True):
    """An event of an elevator."""

    elevator: UUID
    at: datetime
    raw_code: str


async def events_since(elevators: Collection[UUID], since: datetime, kind: str) -> list[EventRow]:
    """Return the events of a kind that some elevators have had since an instant, oldest first."""
    return await database.fetch_as(
        EventRow,
        "SELECT elevator, at, raw_code FROM telemetry_event WHERE elevator = ANY($1::uuid[]) AND at >= $2 AND kind = $3"
        " ORDER BY at, elevator",
        sorted(elevators), since, kind,
    )  # fmt: skip
