"""SQL of what happened: who was watched, what elevators reported, what visits found, what came of forecasts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from backend import database

_SAME_FAULT = "1 hour"
"""A fault within this time of the one before is the same one: a door that will not close says so at every try."""


class ElevatorRow(Struct, frozen=True, kw_only=True):
    """An elevator with what groups it."""

    id: UUID
    registration_code: str
    manufacturer: str
    model: str
    drive: str
    equipment_type: str
    in_use_since: date | None
    site_name: str
    site_kind: str
    district: str
    created_on: date
    starts_on: date | None
    ends_on: date | None


class MonthRow(Struct, frozen=True, kw_only=True):
    """A number of an elevator and local month."""

    elevator: UUID
    month: date
    number: float
    entrapments: float = 0.0


async def elevators(firm: UUID, zone: str) -> list[ElevatorRow]:
    """Return a firm's elevators that are not scrapped."""
    return await database.fetch_as(
        ElevatorRow,
        "SELECT e.id, e.registration_code, e.manufacturer, e.model, e.drive, e.equipment_type, e.in_use_since,"
        " s.name AS site_name, s.kind AS site_kind, s.district, (e.created_at AT TIME ZONE $2)::date AS created_on,"
        " c.starts_on, c.ends_on"
        " FROM elevator e JOIN site s ON s.id = e.site LEFT JOIN contract c ON c.id = e.contract"
        " WHERE e.firm = $1 AND e.state <> 'scrapped' ORDER BY e.id",
        firm,
        zone,
    )


async def watched_days(firm: UUID, since: date) -> list[MonthRow]:
    """Return the days per month in which elevators' monitors were online, an hour counting for an hour (days are UTC)."""
    return await database.fetch_as(
        MonthRow,
        "SELECT elevator, date_trunc('month', day)::date AS month, sum(bit_count(hours::bit(24)))::float8 / 24 AS number"
        " FROM signal_day WHERE firm = $1 AND day >= $2 AND hours > 0 GROUP BY 1, 2 ORDER BY 1, 2",
        firm,
        since,
    )


async def reported(firm: UUID, since: datetime, zone: str, faults: Collection[str]) -> list[MonthRow]:
    """Return faults and entrapments that elevators reported, per local month; what comes within an hour is the same one."""
    return await database.fetch_as(
        MonthRow,
        "WITH told AS (SELECT elevator, at, kind = 'entrapment' AS trapped, at - lag(at) OVER (PARTITION BY elevator,"
        " kind = 'entrapment' ORDER BY at) AS after FROM telemetry_event WHERE firm = $1 AND at >= $2"
        " AND kind = ANY($4::text[])) SELECT elevator, date_trunc('month', at AT TIME ZONE $3)::date AS month,"
        " count(*) FILTER (WHERE NOT trapped)::float8 AS number, count(*) FILTER (WHERE trapped)::float8 AS entrapments"
        f" FROM told WHERE after IS NULL OR after > interval '{_SAME_FAULT}' GROUP BY 1, 2 ORDER BY 1, 2",
        firm, since, zone, list(faults),
    )  # fmt: skip


async def found(firm: UUID, since: datetime, zone: str) -> list[MonthRow]:
    """Return the serious findings of visits, per local month."""
    return await database.fetch_as(
        MonthRow,
        "SELECT elevator, date_trunc('month', found_at AT TIME ZONE $3)::date AS month, count(*)::float8 AS number FROM finding"
        " WHERE firm = $1 AND found_at >= $2 AND severity IN ('serious', 'stop_use') GROUP BY 1, 2 ORDER BY 1, 2",
        firm, since, zone,
    )  # fmt: skip


async def visited_between(firm: UUID, zone: str) -> dict[UUID, tuple[date, date]]:
    """Return the first and the last local day of a visit with a record, per elevator."""
    rows = await database.fetch(
        "SELECT elevator, (min(departed_at) AT TIME ZONE $2)::date AS first, (max(departed_at) AT TIME ZONE $2)::date AS last"
        " FROM visit_done WHERE firm = $1 AND NOT told GROUP BY elevator",
        firm,
        zone,
    )
    return {row["elevator"]: (row["first"], row["last"]) for row in rows}


async def close_forecasts(firm: UUID, today: date, zone: str, faults: Collection[str]) -> int:
    """Write what came beside the forecasts of monitored elevators whose days are over; return how many."""
    return await database.execute(
        "WITH over AS (SELECT id, elevator, outcome, from_day, days FROM risk_forecast WHERE firm = $1 AND came IS NULL"
        " AND from_day + days <= $2), told AS (SELECT t.elevator, t.at, t.kind = 'entrapment' AS trapped, t.at - lag(t.at) OVER"
        " (PARTITION BY t.elevator, t.kind = 'entrapment' ORDER BY t.at) AS after FROM telemetry_event t WHERE t.firm = $1"
        " AND t.at >= (SELECT min(from_day) FROM over)::timestamp AT TIME ZONE $3 AND t.kind = ANY($4::text[]))"
        " UPDATE risk_forecast r SET came = (SELECT count(*) FROM told WHERE told.elevator = o.elevator"
        " AND told.trapped = (o.outcome = 'entrapments') AND told.at >= o.from_day::timestamp AT TIME ZONE $3"
        " AND told.at < (o.from_day + o.days)::timestamp AT TIME ZONE $3"
        f" AND (told.after IS NULL OR told.after > interval '{_SAME_FAULT}')),"
        " exposure_days = coalesce((SELECT sum(bit_count(s.hours::bit(24)))::float8 / 24 FROM signal_day s"
        " WHERE s.elevator = o.elevator AND s.day >= o.from_day AND s.day < o.from_day + o.days), 0)"
        " FROM over o WHERE r.id = o.id",
        firm, today, zone, list(faults),
    )  # fmt: skip
