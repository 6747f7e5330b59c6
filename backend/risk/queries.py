"""SQL of the failure-rate model: versions, forecasts, a firm's costs, and the lists of all that."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from backend import database


class FirmRow(Struct, frozen=True, kw_only=True):
    """A firm with elevators, and the local day of its newest version."""

    id: UUID
    time_zone: str
    fitted_on: date | None


class NewRisk(Struct, frozen=True, kw_only=True):
    """What the newest model says of an elevator, as it is written."""

    elevator: UUID
    exposure_days: float
    faults_seen: int
    entrapments_seen: int
    faults_state: bytes
    entrapments_state: bytes
    faults_per_day: float
    entrapments_per_day: float
    faults_low: int
    faults_high: int
    entrapments_low: int
    entrapments_high: int
    because_en: str
    because_zh: str


class NewForecast(Struct, frozen=True, kw_only=True):
    """A forecast as it is written."""

    elevator: UUID
    outcome: str
    from_day: date
    days: int
    mean: float
    spread: float
    low: int
    high: int
    hindsight: bool
    came: int | None
    exposure_days: float | None


class RateRow(Struct, frozen=True, kw_only=True):
    """How often an elevator is expected to fail."""

    elevator: UUID
    faults_per_day: float
    entrapments_per_day: float
    thin: bool


class CostsRow(Struct, frozen=True, kw_only=True):
    """A firm's own costs."""

    currency: str
    visit: float
    fault: float
    entrapment: float
    crew_hour: float
    preventable_share: float
    valid_from: date
    note: str
    set_at: datetime


class OverRow(Struct, frozen=True, kw_only=True):
    """A forecast whose days are over."""

    outcome: str
    from_day: date
    days: int
    mean: float
    spread: float
    low: int
    high: int
    hindsight: bool
    came: int
    exposure_days: float


async def firms() -> list[FirmRow]:
    """Return the firms with elevators."""
    return await database.fetch_as(
        FirmRow,
        "SELECT f.id, f.time_zone, (SELECT max(v.fitted_on) FROM risk_version v WHERE v.firm = f.id) AS fitted_on FROM firm f"
        " WHERE EXISTS (SELECT FROM elevator e WHERE e.firm = f.id AND e.state <> 'scrapped') ORDER BY f.id",
    )


async def time_zone(firm: UUID) -> str | None:
    """Return a firm's time zone; None where the scope sees no such firm."""
    found: str | None = await database.fetch_value("SELECT time_zone FROM firm WHERE id = $1", firm)
    return found


async def write_version(
    id: UUID, firm: UUID, fitted_on: date, at: datetime, program: str, model: bytes, numbers: Sequence[float], thin: bool  # noqa: A002
) -> int:  # fmt: skip
    """Write a version of a firm's model; return its number.

    Parameters
    ----------
    numbers
        Elevators, days under watch, faults, entrapments.
    """
    elevators, exposure, faults, entrapments = numbers
    number: int = await database.fetch_value(
        "INSERT INTO risk_version (id, firm, number, fitted_on, fitted_at, program, thin, elevators, exposure_days, faults,"
        " entrapments, model) SELECT $1, $2, coalesce(max(v.number), 0) + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11::text::jsonb"
        " FROM risk_version v WHERE v.firm = $2 RETURNING number",
        id, firm, fitted_on, at, program, thin, int(elevators), exposure, int(faults), int(entrapments), model.decode(),
    )  # fmt: skip
    return number


async def lock(firm: UUID, key: int) -> None:
    """Wait until nobody else fits the firm's model; held until the end of the transaction."""
    await database.execute("SELECT pg_advisory_xact_lock($1, hashtext($2))", key, str(firm))


async def replace_risks(firm: UUID, number: int, new: Sequence[NewRisk]) -> None:
    """Put the newest model's word on each elevator in the place of the one before."""
    await database.execute("DELETE FROM elevator_risk WHERE firm = $1", firm)
    if not new:
        return
    columns = [list(column) for column in zip(*(msgspec.structs.astuple(one) for one in new), strict=True)]
    columns[4] = [each.decode() for each in columns[4]]
    columns[5] = [each.decode() for each in columns[5]]
    await database.execute(
        "INSERT INTO elevator_risk (firm, number, elevator, exposure_days, faults_seen, entrapments_seen, faults_state,"
        " entrapments_state, faults_per_day, entrapments_per_day, faults_low, faults_high, entrapments_low, entrapments_high,"
        " because_en, because_zh) SELECT $1, $2, u.a, u.b, u.c, u.d, u.e::jsonb, u.f::jsonb, u.g, u.h, u.i, u.j, u.k, u.l, u.m,"
        " u.n"
        " FROM unnest($3::uuid[], $4::float8[], $5::int[], $6::int[], $7::text[], $8::text[], $9::float8[], $10::float8[],"
        " $11::int[], $12::int[], $13::int[], $14::int[], $15::text[], $16::text[])"
        " AS u (a, b, c, d, e, f, g, h, i, j, k, l, m, n)",
        firm, number, *columns,
    )  # fmt: skip


async def delete_old_versions(firm: UUID, kept: int) -> int:
    """Remove versions beyond the newest ones; return how many."""
    return await database.execute(
        "DELETE FROM risk_version WHERE firm = $1 AND number <= (SELECT max(number) FROM risk_version WHERE firm = $1) - $2",
        firm,
        kept,
    )


async def newest_forecast(firm: UUID) -> date | None:
    """Return the first day of a firm's newest forecasts that were made on their day or in hindsight."""
    found: date | None = await database.fetch_value("SELECT max(from_day) FROM risk_forecast WHERE firm = $1", firm)
    return found


async def insert_forecasts(firm: UUID, new: Sequence[NewForecast]) -> None:
    """Write forecasts; one that is there stays as it was made."""
    if not new:
        return
    columns = [list(column) for column in zip(*(msgspec.structs.astuple(one) for one in new), strict=True)]
    await database.execute(
        "INSERT INTO risk_forecast (firm, elevator, outcome, from_day, days, mean, spread, low, high, hindsight, came,"
        " exposure_days) SELECT $1, u.* FROM unnest($2::uuid[], $3::text[], $4::date[], $5::int[], $6::float8[], $7::float8[],"
        " $8::int[], $9::int[], $10::bool[], $11::int[], $12::float8[]) u ON CONFLICT (elevator, outcome, from_day) DO NOTHING",
        firm, *columns,
    )  # fmt: skip


async def over(firm: UUID, since: date) -> list[OverRow]:
    """Return forecasts from a day on whose days are over and were under watch."""
    return await database.fetch_as(
        OverRow,
        "SELECT outcome, from_day, days, mean, spread, low, high, hindsight, came, exposure_days FROM risk_forecast"
        " WHERE firm = $1 AND from_day >= $2 AND came IS NOT NULL AND exposure_days > 0 ORDER BY from_day, elevator, outcome",
        firm,
        since,
    )


async def rates(firm: UUID, ids: Collection[UUID]) -> list[RateRow]:
    """Return how often elevators are expected to fail, by the newest model."""
    return await database.fetch_as(
        RateRow,
        "SELECT r.elevator, r.faults_per_day, r.entrapments_per_day, v.thin FROM elevator_risk r"
        " JOIN risk_version v ON v.firm = r.firm AND v.number = r.number WHERE r.firm = $1 AND r.elevator = ANY($2::uuid[])",
        firm,
        list(ids),
    )


async def last_visits(firm: UUID, ids: Collection[UUID], zone: str) -> dict[UUID, date]:
    """Return the local day of the last completed visit of those elevators that had one."""
    rows = await database.fetch(
        "SELECT elevator, (max(departed_at) AT TIME ZONE $3)::date AS day FROM visit_done WHERE firm = $1"
        " AND elevator = ANY($2::uuid[]) GROUP BY elevator",
        firm, list(ids), zone,
    )  # fmt: skip
    return {row["elevator"]: row["day"] for row in rows}


async def costs(firm: UUID) -> CostsRow | None:
    """Return a firm's own costs; None where the samples count."""
    return await database.fetch_one_as(
        CostsRow,
        "SELECT currency, visit, fault, entrapment, crew_hour, preventable_share, valid_from, note, set_at FROM risk_costs"
        " WHERE firm = $1",
        firm,
    )


async def write_costs(firm: UUID, row: CostsRow, account: UUID | None) -> None:
    """Write a firm's own costs over those before."""
    await database.execute(
        "INSERT INTO risk_costs (firm, currency, visit, fault, entrapment, crew_hour, preventable_share, valid_from, note,"
        " set_at, set_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (firm) DO UPDATE SET"
        " currency = excluded.currency, visit = excluded.visit, fault = excluded.fault, entrapment = excluded.entrapment,"
        " crew_hour = excluded.crew_hour, preventable_share = excluded.preventable_share, valid_from = excluded.valid_from,"
        " note = excluded.note, set_at = excluded.set_at, set_by = excluded.set_by",
        firm, *msgspec.structs.astuple(row), account,
    )  # fmt: skip


async def delete_costs(firm: UUID) -> None:
    """Go back to the samples."""
    await database.execute("DELETE FROM risk_costs WHERE firm = $1", firm)


async def listed(firm: UUID | None, text: str | None, after: Sequence[Any] | None, limit: int) -> list[dict[str, Any]]:
    """Return elevators with their forecast, most expected faults first."""
    rate, id_ = after or (None, None)
    rows = await database.fetch(
        f"{_LISTED} WHERE ($1::uuid IS NULL OR r.firm = $1) AND ($2::text IS NULL OR e.registration_code ILIKE $2"
        " OR e.unit_name ILIKE $2 OR s.name ILIKE $2 OR s.district ILIKE $2 OR e.manufacturer ILIKE $2)"
        " AND ($3::float8 IS NULL OR (r.faults_per_day, r.elevator) < ($3, $4::uuid))"
        " ORDER BY r.faults_per_day DESC, r.elevator DESC LIMIT $5",
        firm, None if text is None else f"%{_escaped(text)}%", rate, id_, limit,
    )  # fmt: skip
    return [dict(row) for row in rows]


async def count_listed(firm: UUID | None, text: str | None) -> int:
    """Return how many elevators a list has in all."""
    number: int = await database.fetch_value(
        "SELECT count(*) FROM elevator_risk r JOIN elevator e ON e.id = r.elevator JOIN site s ON s.id = e.site"
        " WHERE ($1::uuid IS NULL OR r.firm = $1) AND ($2::text IS NULL OR e.registration_code ILIKE $2 OR e.unit_name ILIKE $2"
        " OR s.name ILIKE $2 OR s.district ILIKE $2 OR e.manufacturer ILIKE $2)",
        firm,
        None if text is None else f"%{_escaped(text)}%",
    )
    return number


async def one(elevator: UUID) -> dict[str, Any] | None:
    """Return one elevator's forecast with its states."""
    rows = await database.fetch(f"{_LISTED} WHERE r.elevator = $1", elevator)
    return dict(rows[0]) if rows else None


async def firm_of(elevator: UUID) -> UUID | None:
    """Return whose an elevator is; None where the scope sees none."""
    found: UUID | None = await database.fetch_value("SELECT firm FROM elevator WHERE id = $1", elevator)
    return found


async def versions(firm: UUID, limit: int) -> list[dict[str, Any]]:
    """Return a firm's versions without their parameters, newest first."""
    rows = await database.fetch(
        "SELECT number, fitted_on, fitted_at, program, thin, elevators, exposure_days, faults, entrapments FROM risk_version"
        " WHERE firm = $1 ORDER BY number DESC LIMIT $2",
        firm,
        limit,
    )
    return [dict(row) for row in rows]


async def version(firm: UUID, number: int | None) -> dict[str, Any] | None:
    """Return a version with all its parameters, the newest where none is named."""
    rows = await database.fetch(
        "SELECT number, fitted_on, fitted_at, program, thin, elevators, exposure_days, faults, entrapments, model"
        " FROM risk_version WHERE firm = $1 AND ($2::int IS NULL OR number = $2) ORDER BY number DESC LIMIT 1",
        firm,
        number,
    )
    return dict(rows[0]) if rows else None


_LISTED = (
    "SELECT r.elevator, r.firm, r.number, e.registration_code, e.unit_name, e.manufacturer, s.name AS site_name, s.district,"
    " r.exposure_days, r.faults_seen, r.entrapments_seen, r.faults_per_day, r.entrapments_per_day, r.faults_low, r.faults_high,"
    " r.entrapments_low, r.entrapments_high, r.because_en, r.because_zh, r.faults_state, r.entrapments_state, v.fitted_on,"
    " v.thin, w.first_day, w.last_day"
    " FROM elevator_risk r JOIN elevator e ON e.id = r.elevator JOIN site s ON s.id = e.site"
    " JOIN risk_version v ON v.firm = r.firm AND v.number = r.number LEFT JOIN due_window w ON w.elevator = r.elevator"
)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
