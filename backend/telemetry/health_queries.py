"""SQL of data health: what is known of many elevators' data in four statements, and what was found of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.telemetry.health_views import HealthFilter, HealthRow, UnknownCode
from planner.intervals.health import HealthReason


class SignalDayRow(NamedTuple):
    """A day (UTC) with records."""

    elevator: UUID
    day: date
    hours: int
    delays_s: list[int]
    gauges: dict[str, list[float]]


async def signal_days(since: Mapping[UUID, date]) -> list[SignalDayRow]:
    """Return the days from a day on, per elevator."""
    rows: list[Any] = await database.fetch(
        "SELECT s.elevator, s.day, s.hours, s.delays_s, s.gauges FROM unnest($1::uuid[], $2::date[]) AS w (elevator, since)"
        " JOIN signal_day s ON s.elevator = w.elevator AND s.day >= w.since ORDER BY s.elevator, s.day",
        list(since), list(since.values()),
    )  # fmt: skip
    return [SignalDayRow(*row) for row in rows]


async def first_days(elevators: Collection[UUID]) -> dict[UUID, tuple[date, int]]:
    """Return the first day (UTC) with a record of each elevator, and its hours."""
    rows = await database.fetch(
        "SELECT w.elevator, s.day, s.hours FROM unnest($1::uuid[]) AS w (elevator) CROSS JOIN LATERAL"
        " (SELECT day, hours FROM signal_day d WHERE d.elevator = w.elevator AND d.hours > 0 ORDER BY d.day LIMIT 1) s",
        list(elevators),
    )
    return {row["elevator"]: (row["day"], row["hours"]) for row in rows}


class GrowthRow(NamedTuple):
    """What a counter grew by on the days (UTC) with readings."""

    elevator: UUID
    counter: str
    days: list[date]
    growth: list[int]


async def growth(elevators: Collection[UUID], counters: Collection[str], since: date) -> list[GrowthRow]:
    """Return the growth per day from a day on."""
    rows: list[Any] = await database.fetch(
        "SELECT d.elevator, u.counter, array_agg(d.day), array_agg(u.delta) FROM elevator_day d"
        " CROSS JOIN LATERAL unnest(d.counters, d.deltas, d.readings) AS u (counter, delta, readings)"
        " WHERE d.elevator = ANY($1::uuid[]) AND u.counter = ANY($2::text[]) AND d.day >= $3 AND u.readings > 0"
        " GROUP BY d.elevator, u.counter",
        list(elevators), sorted(counters), since,
    )  # fmt: skip
    return [GrowthRow(*row) for row in rows]


class FaultRow(NamedTuple):
    """Faults on a day (UTC): of the elevator, and of its monitor."""

    elevator: UUID
    day: date
    faults: int
    monitor_faults: int


async def faults(elevators: Collection[UUID], since: datetime, kinds: Collection[str], monitors: str) -> list[FaultRow]:
    """Return how many faults were reported per day from an instant on."""
    rows: list[Any] = await database.fetch(
        "SELECT elevator, (at AT TIME ZONE 'UTC')::date, count(*) FILTER (WHERE kind <> $4), count(*) FILTER (WHERE kind = $4)"
        " FROM telemetry_event WHERE elevator = ANY($1::uuid[]) AND at >= $2 AND (kind = ANY($3::text[]) OR kind = $4)"
        " GROUP BY 1, 2",
        list(elevators), since, list(kinds), monitors,
    )  # fmt: skip
    return [FaultRow(*row) for row in rows]


async def unknown_codes(elevator: UUID, since: datetime, limit: int) -> list[UnknownCode]:
    """Return the codes that no table knows, the most frequent first."""
    return await database.fetch_as(
        UnknownCode,
        "SELECT raw_code, count(*) AS times, max(at) AS last_at FROM telemetry_event"
        " WHERE elevator = $1 AND at >= $2 AND kind = 'unknown' GROUP BY raw_code ORDER BY 2 DESC, 1 LIMIT $3",
        elevator, since, limit,
    )  # fmt: skip


class NewHealth(NamedTuple):
    """What was found of an elevator's data."""

    elevator: UUID
    state: str
    rank: int
    online_share: float | None
    gap_h: int
    skew_s: int | None
    reasons: str
    """JSON."""

    evidence: str
    """JSON."""


async def write(firm: UUID, at: datetime, rows: Sequence[NewHealth]) -> None:
    """Write what was found over what was there."""
    await database.execute(
        "INSERT INTO data_health AS h"
        " (firm, computed_at, elevator, state, rank, online_share, gap_h, skew_s, reasons, evidence)"
        " SELECT $1, $2, w.elevator, w.state, w.rank, w.online_share, w.gap_h, w.skew_s, w.reasons::jsonb, w.evidence::jsonb"
        " FROM unnest($3::uuid[], $4::text[], $5::int[], $6::real[], $7::int[], $8::int[], $9::text[], $10::text[])"
        " AS w (elevator, state, rank, online_share, gap_h, skew_s, reasons, evidence)"
        " ON CONFLICT (elevator) DO UPDATE SET firm = excluded.firm, computed_at = excluded.computed_at,"
        " state = excluded.state, rank = excluded.rank, online_share = excluded.online_share, gap_h = excluded.gap_h,"
        " skew_s = excluded.skew_s, reasons = excluded.reasons, evidence = excluded.evidence",
        firm, at, *(list(column) for column in zip(*rows, strict=True)),
    )  # fmt: skip


_ROW = """SELECT h.elevator, e.registration_code, e.unit_name, s.name AS site_name, e.mode, w.mode_effective,
    w.fallen_back, w.last_day, h.state, h.rank, h.online_share, h.gap_h, h.skew_s, h.reasons, h.evidence, h.computed_at,
    g.at AS last_seen_at
FROM data_health h JOIN elevator e ON e.id = h.elevator JOIN site s ON s.id = e.site
    LEFT JOIN due_window w ON w.elevator = h.elevator LEFT JOIN elevator_signal g ON g.elevator = h.elevator"""

_FITS = """e.state <> 'scrapped' AND ($1::text IS NULL OR h.state = $1)
    AND ($2::text IS NULL OR h.reasons @> jsonb_build_array(jsonb_build_object('key', $2::text)))
    AND ($3::text IS NULL OR e.mode = $3)
    AND ($4::text IS NULL
        OR strpos(lower(concat_ws(' ', e.registration_code, e.unit_name, s.name, s.address)), lower($4)) > 0)"""


def _filter(wanted: HealthFilter) -> list[Any]:
    return [wanted.state, wanted.reason, wanted.mode, wanted.text]


async def listed(wanted: HealthFilter, after: Sequence[object] | None, limit: int) -> list[HealthRow]:
    """Return what was found, the worst first."""
    rank, code, elevator = after or (None, None, None)
    return await database.fetch_as(
        HealthRow,
        f"{_ROW} WHERE {_FITS} AND ($5::int IS NULL OR (-h.rank, e.registration_code, h.elevator) > (-$5, $6::text, $7::uuid))"
        " ORDER BY -h.rank, e.registration_code, h.elevator LIMIT $8",
        *_filter(wanted), rank, code, elevator, limit,
    )  # fmt: skip


async def one(elevator: UUID) -> HealthRow | None:
    """Return what was found of an elevator."""
    return await database.fetch_one_as(HealthRow, f"{_ROW} WHERE h.elevator = $1", elevator)


class StateCount(Struct, frozen=True):
    """How many elevators are in a state."""

    state: str
    elevators: int


async def counts(wanted: HealthFilter) -> list[StateCount]:
    """Return how many elevators that fit are in each state."""
    return await database.fetch_as(
        StateCount,
        "SELECT h.state, count(*) AS elevators FROM data_health h JOIN elevator e ON e.id = h.elevator"
        f" JOIN site s ON s.id = e.site WHERE {_FITS} GROUP BY h.state",
        *_filter(wanted),
    )


class PublicHealth(Struct, frozen=True, kw_only=True):
    """What was found of an elevator's data, for everybody."""

    state: str
    reasons: list[HealthReason]


async def public(elevator: UUID) -> PublicHealth | None:
    """Return the state of an elevator's data and its reasons."""
    return await database.fetch_one_as(PublicHealth, "SELECT state, reasons FROM data_health WHERE elevator = $1", elevator)
