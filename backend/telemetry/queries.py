"""SQL of telemetry's devices and of what others read."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.telemetry.ingest import DeviceSource
from backend.telemetry.views import DayUsage, DeviceView, EventView, HourUsage, LastSeen, Usage, UsageQuery

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_SOURCE = "SELECT id, firm, elevator, name, widths, last_seen_at FROM device WHERE active AND "

_DEVICE = """
SELECT d.id, d.name, d.elevator, e.registration_code, d.active, d.created_at, d.last_seen_at, d.widths
FROM device d LEFT JOIN elevator e ON e.id = d.elevator
"""

_SUMS = """coalesce(sum(u.delta), 0)::bigint AS total, coalesce(sum(u.restarts), 0)::int AS restarts,
    coalesce(sum(u.rollovers), 0)::int AS rollovers, coalesce(sum(u.jumps), 0)::int AS jumps,
    coalesce(sum(u.false_lows), 0)::int AS false_lows, coalesce(sum(u.readings), 0)::int AS readings"""

_OF_A_ROW = """h.deltas[p.at] AS delta, coalesce((h.odd -> w.counter ->> 0)::int, 0) AS restarts,
    coalesce((h.odd -> w.counter ->> 1)::int, 0) AS rollovers, coalesce((h.odd -> w.counter ->> 2)::int, 0) AS jumps,
    coalesce((h.odd -> w.counter ->> 3)::int, 0) AS false_lows, h.readings[p.at] AS readings"""
"""Of one counter `w.counter` in a row `h` of elevator_hour or elevator_day, at the place `p.at` of its arrays."""


async def device_by_key_hash(key_hash: str) -> DeviceSource | None:
    """Return the active device with this key."""
    return await database.fetch_one_as(DeviceSource, _SOURCE + "key_hash = $1", key_hash)


async def active_device(device: UUID) -> DeviceSource | None:
    """Return an active device of the scope's firm."""
    return await database.fetch_one_as(DeviceSource, _SOURCE + "id = $1", device)


class NamedDevice(Struct, frozen=True, kw_only=True):
    """A device with all that may name it."""

    source: DeviceSource
    key_hash: str
    registration_code: str | None


async def devices_called(names: Collection[str], key_hashes: Collection[str]) -> list[NamedDevice]:
    """Return the active devices with one of these names, ids, elevators' registration codes or keys."""
    rows = await database.fetch(
        "SELECT d.id, d.firm, d.elevator, d.name, d.widths, d.last_seen_at, d.key_hash, e.registration_code FROM device d"
        " LEFT JOIN elevator e ON e.id = d.elevator WHERE d.active AND (d.name = ANY($1::text[])"
        " OR d.id = ANY($2::uuid[]) OR e.registration_code = ANY($1::text[]) OR d.key_hash = ANY($3::text[])) ORDER BY d.id",
        list(names), [UUID(name) for name in names if _UUID.fullmatch(name)], list(key_hashes),
    )  # fmt: skip
    return [
        NamedDevice(
            source=DeviceSource(
                id=r["id"], firm=r["firm"], elevator=r["elevator"], name=r["name"], widths=r["widths"],
                last_seen_at=r["last_seen_at"],
            ),
            key_hash=r["key_hash"], registration_code=r["registration_code"],
        )
        for r in rows
    ]  # fmt: skip


async def insert_device(
    *, firm: UUID, elevator: UUID | None, name: str, key_hash: str, widths: dict[str, int], created_at: datetime
) -> UUID | None:
    """Write a device; None where the firm has one of that name."""
    found: UUID | None = await database.fetch_value(
        "INSERT INTO device (id, firm, elevator, name, key_hash, widths, active, created_at)"
        " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, true, $6) ON CONFLICT (firm, name) DO NOTHING RETURNING id",
        firm, elevator, name, key_hash, widths, created_at,
    )  # fmt: skip
    return found


async def update_device(
    device: UUID, *, name: str | None = None, active: bool | None = None, widths: dict[str, int] | None = None
) -> None:
    """Change what is given."""
    await database.execute(
        "UPDATE device SET name = coalesce($2, name), active = coalesce($3, active), widths = coalesce($4, widths)"
        " WHERE id = $1",
        device, name, active, widths,
    )  # fmt: skip


async def name_is_taken(name: str, besides: UUID) -> bool:
    """Return whether another device of the scope's firm has a name."""
    return bool(await database.fetch_value("SELECT EXISTS (SELECT FROM device WHERE name = $1 AND id <> $2)", name, besides))


async def set_key_hash(device: UUID, key_hash: str) -> bool:
    """Give a device another key; False where there is no such device."""
    return await database.execute("UPDATE device SET key_hash = $2 WHERE id = $1", device, key_hash) == 1


async def device(device: UUID) -> DeviceView | None:
    """Return a device of the scope's firm."""
    return await database.fetch_one_as(DeviceView, _DEVICE + "WHERE d.id = $1", device)


async def devices(
    after: Sequence[object] | None, limit: int, text: str | None, silent_since: datetime | None
) -> list[DeviceView]:
    """Return devices by name and id, those after a place in that order.

    `text` is part of the name or of the elevator's code; `silent_since` asks for active ones without a later sign of life.
    """
    name, id_ = after or (None, None)
    escaped = None if text is None else text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return await database.fetch_as(
        DeviceView,
        _DEVICE + "WHERE ($1::text IS NULL OR (d.name, d.id) > ($1, $2::uuid))"
        " AND ($4::text IS NULL OR d.name ILIKE $4 OR e.registration_code ILIKE $4)"
        " AND ($5::timestamptz IS NULL OR d.active AND (d.last_seen_at IS NULL OR d.last_seen_at < $5))"
        " ORDER BY d.name, d.id LIMIT $3",
        name, id_, limit, None if escaped is None else f"%{escaped}%", silent_since,
    )  # fmt: skip


async def elevator_exists(elevator: UUID) -> bool:
    """Return whether the scope's firm has an elevator."""
    return bool(await database.fetch_value("SELECT EXISTS (SELECT FROM elevator WHERE id = $1)", elevator))


class Place(Struct, frozen=True):
    """What telemetry must know of an elevator."""

    firm: UUID
    time_zone: str


async def place_of(elevator: UUID) -> Place | None:
    """Return an elevator's firm and the zone of its days."""
    return await database.fetch_one_as(
        Place, "SELECT e.firm, f.time_zone FROM elevator e JOIN firm f ON f.id = e.firm WHERE e.id = $1", elevator
    )


async def counters_of(elevator: UUID) -> list[str]:
    """Return the counters that an elevator has readings of."""
    rows = await database.fetch(
        "SELECT jsonb_object_keys(state::jsonb -> 'tail') AS counter FROM elevator_signal WHERE elevator = $1 AND state <> ''"
        " ORDER BY 1",
        elevator,
    )
    return [row["counter"] for row in rows]


async def insert_base(
    *, firm: UUID, elevator: UUID, counter: str, at: datetime, note: str, recorded_by: UUID | None, recorded_at: datetime
) -> None:
    """Note that a counter ('' for all) was replaced or set."""
    await database.execute(
        "INSERT INTO counter_base (id, firm, elevator, counter, at, note, recorded_by, recorded_at)"
        " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7)",
        firm, elevator, counter, at, note, recorded_by, recorded_at,
    )  # fmt: skip


async def usage_since(wanted: Sequence[UsageQuery]) -> list[Usage]:
    """Return one sum per question, in the same order: the hours of its first day (UTC), then whole days."""
    return await database.fetch_as(
        Usage,
        f"""
        SELECT u.* FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) WITH ORDINALITY AS w (elevator, counter, since, n)
        CROSS JOIN LATERAL (SELECT (w.since AT TIME ZONE 'UTC')::date + 1 AS next_day) d
        CROSS JOIN LATERAL (
            SELECT {_SUMS} FROM (
                SELECT {_OF_A_ROW}
                FROM elevator_hour h CROSS JOIN LATERAL (SELECT array_position(h.counters, w.counter) AS at) p
                WHERE h.elevator = w.elevator AND p.at IS NOT NULL AND h.hour >= date_trunc('hour', w.since, 'UTC')
                    AND h.hour < d.next_day::timestamp AT TIME ZONE 'UTC'
                UNION ALL
                SELECT {_OF_A_ROW}
                FROM elevator_day h CROSS JOIN LATERAL (SELECT array_position(h.counters, w.counter) AS at) p
                WHERE h.elevator = w.elevator AND p.at IS NOT NULL AND h.day >= d.next_day
            ) u
        ) u
        ORDER BY w.n
        """,
        [query.elevator for query in wanted],
        [query.counter for query in wanted],
        [query.since for query in wanted],
    )


async def usage_by_hour(elevators: Collection[UUID], since: datetime, until: datetime) -> list[HourUsage]:
    """Return the hours that meet [since, until)."""
    return await database.fetch_as(
        HourUsage,
        "SELECT elevator, counter, hour, delta AS total, restarts, rollovers, jumps, false_lows, readings FROM usage_hour"
        " WHERE elevator = ANY($1::uuid[]) AND hour >= date_trunc('hour', $2::timestamptz, 'UTC') AND hour < $3"
        " ORDER BY elevator, counter, hour",
        list(elevators), since, until,
    )  # fmt: skip


async def usage_by_day(elevators: Collection[UUID], since: datetime, until: datetime, time_zone: str) -> list[DayUsage]:
    """Return local days of the hours that meet [since, until)."""
    return await database.fetch_as(
        DayUsage,
        f"SELECT u.elevator, u.counter, (u.hour AT TIME ZONE $4)::date AS day, {_SUMS} FROM usage_hour u"
        " WHERE u.elevator = ANY($1::uuid[]) AND u.hour >= date_trunc('hour', $2::timestamptz, 'UTC') AND u.hour < $3"
        " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        list(elevators), since, until, time_zone,
    )  # fmt: skip


async def events(
    elevators: Collection[UUID], since: datetime, until: datetime | None, kinds: Collection[str] | None
) -> list[EventView]:
    """Return events in [since, until), by elevator and time."""
    return await database.fetch_as(
        EventView,
        "SELECT elevator, at, raw_code, kind FROM telemetry_event WHERE elevator = ANY($1::uuid[]) AND at >= $2"
        " AND ($3::timestamptz IS NULL OR at < $3) AND ($4::text[] IS NULL OR kind = ANY($4))"
        " ORDER BY elevator, at, raw_code",
        list(elevators), since, until, None if kinds is None else list(kinds),
    )  # fmt: skip


async def latest_events(elevator: UUID, before: Sequence[object] | None, limit: int) -> list[EventView]:
    """Return an elevator's events, the latest first, those before a place in that order."""
    at, raw_code = before or (None, None)
    return await database.fetch_as(
        EventView,
        "SELECT elevator, at, raw_code, kind FROM telemetry_event WHERE elevator = $1"
        " AND ($2::timestamptz IS NULL OR (at, raw_code) < ($2, $3::text)) ORDER BY at DESC, raw_code DESC LIMIT $4",
        elevator, at, raw_code, limit,
    )  # fmt: skip


async def last_seen(elevators: Collection[UUID]) -> list[LastSeen]:
    """Return the last sign of life of those elevators that gave one."""
    return await database.fetch_as(
        LastSeen,
        "SELECT elevator, at, received_at FROM elevator_signal WHERE elevator = ANY($1::uuid[]) AND at IS NOT NULL",
        list(elevators),
    )


async def signal_days(elevators: Collection[UUID], first: date, last: date) -> list[tuple[UUID, date, int]]:
    """Return the hours (bits) with a record of the days (UTC) from first to last."""
    rows: list[Any] = await database.fetch(
        "SELECT elevator, day, hours FROM signal_day WHERE elevator = ANY($1::uuid[]) AND day BETWEEN $2 AND $3",
        list(elevators), first, last,
    )  # fmt: skip
    return [(row["elevator"], row["day"], row["hours"]) for row in rows]
