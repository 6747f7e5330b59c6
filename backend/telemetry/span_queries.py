"""SQL of what telemetry tells of a visit's time: four small reads, each by the keys of its table."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.telemetry.views import EventView


class Watched(Struct, frozen=True, kw_only=True):
    """What is known of an elevator's monitor."""

    time_zone: str
    landings: int | None
    last_heard_at: datetime | None
    skew_s: int | None


async def watched(elevator: UUID) -> Watched | None:
    """Return an elevator's landings, zone and monitor; None where the scope's firm has no such elevator."""
    return await database.fetch_one_as(
        Watched,
        "SELECT f.time_zone, e.stops AS landings, s.at AS last_heard_at, h.skew_s FROM elevator e JOIN firm f ON f.id = e.firm"
        " LEFT JOIN elevator_signal s ON s.elevator = e.id LEFT JOIN data_health h ON h.elevator = e.id WHERE e.id = $1",
        elevator,
    )


class Told(NamedTuple):
    """One record: counters and totals side by side."""

    at: datetime
    counters: list[str]
    totals: list[int]
    floor: float | None


async def records_between(elevator: UUID, since: datetime, until: datetime, apart_s: int) -> list[Told]:
    """Return the records with counters of [since, until], by time, the first of every `apart_s` seconds."""
    rows: list[Any] = await database.fetch(
        "SELECT DISTINCT ON (bucket) at, counters, totals, floor FROM ("
        " SELECT div(extract(epoch FROM at)::numeric, $4) AS bucket, at, seq, counters, totals,"
        " (gauges ->> 'floor')::real AS floor FROM telemetry_record"
        " WHERE elevator = $1 AND at BETWEEN $2 AND $3 AND counters <> '{}') r ORDER BY bucket, at, seq",
        elevator, since, until, apart_s,
    )  # fmt: skip
    return [Told(*row) for row in rows]


async def events_between(
    elevator: UUID, since: datetime, until: datetime, before: datetime, modes: Collection[str], most: int
) -> list[EventView]:
    """Return the events of [since, until] by time, and from `before` on those that tell a mode; the latest `most` of all."""
    found = await database.fetch_as(
        EventView,
        "SELECT elevator, at, raw_code, kind FROM telemetry_event WHERE elevator = $1 AND at BETWEEN $4 AND $3"
        " AND (at >= $2 OR kind = ANY($5::text[])) ORDER BY at DESC, raw_code DESC LIMIT $6",
        elevator, since, until, before, list(modes), most,
    )  # fmt: skip
    return found[::-1]


class HourRow(NamedTuple):
    """What counters grew by in an hour."""

    hour: datetime
    counters: list[str]
    deltas: list[int]
    readings: list[int]
    odd: dict[str, list[int]] | None


async def hours(elevator: UUID, wanted: Sequence[datetime]) -> list[HourRow]:
    """Return the rows of these hours (UTC), as far as there are any."""
    rows: list[Any] = await database.fetch(
        "SELECT hour, counters, deltas, readings, odd FROM elevator_hour WHERE elevator = $1 AND hour = ANY($2::timestamptz[])",
        elevator, list(wanted),
    )  # fmt: skip
    return [HourRow(*row) for row in rows]
