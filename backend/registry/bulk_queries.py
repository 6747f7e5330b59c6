"""SQL of import and export: many rows at once, by COPY into a temporary table and one INSERT … ON CONFLICT from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from backend import database
from backend.locks import Lock

_TYPES: Mapping[str, str] = {
    "id": "uuid", "firm": "uuid", "owner": "uuid", "site": "uuid", "contract": "uuid", "lat": "float8", "lon": "float8",
    "rated_load_kg": "int", "rated_speed_mm_s": "int", "floors": "int2", "stops": "int2", "doors": "int2",
    "travel_mm": "int", "service_min": "int2", "skills": "text[]", "access_hours": "json", "item_exclusions": "json",
    "extra": "json", "in_use_since": "date", "inspected_on": "date", "inspection_due_on": "date",
    "on_demand_filed_on": "date", "on_demand_declared_on": "date", "programme_dated_on": "date",
    "on_demand_gap_days": "int2", "programme_gap_days": "int2", "monitored_since": "date",
    "starts_on": "date", "ends_on": "date",
    "on_demand_consent_on": "date", "on_demand_withdrawn_on": "date", "insurance_until": "date",
}  # fmt: skip
"""Column → type; every other one is text. JSON travels as text, because COPY in binary form takes no JSON."""


async def take_import_lock() -> None:
    """Wait until no other import runs; held until the end of the transaction."""
    await database.execute("SELECT pg_advisory_xact_lock($1)", Lock.IMPORTS)


async def firms() -> list[tuple[UUID, str, str]]:
    """Return id, name and time zone of the firms that the scope sees, by name."""
    rows = await database.fetch("SELECT id, name, time_zone FROM firm ORDER BY name, id")
    return [(row["id"], row["name"], row["time_zone"]) for row in rows]


async def rows_of(table: str, firm: UUID, columns: Sequence[str]) -> list[dict[str, Any]]:
    """Return all rows of a table that a firm has."""
    listed = ", ".join(f'"{column}"' for column in ("id", *columns))
    return [dict(row) for row in await database.fetch(f'SELECT {listed} FROM "{table}" WHERE firm = $1', firm)]


async def elevators_with(firm: UUID, columns: Sequence[str], codes: Sequence[str]) -> list[dict[str, Any]]:
    """Return the firm's elevators with these registration codes, locked until the end of the transaction."""
    listed = ", ".join(f'"{column}"' for column in ("id", *columns))
    rows = await database.fetch(
        f"SELECT {listed} FROM elevator WHERE firm = $1 AND registration_code = ANY($2::text[]) ORDER BY id FOR UPDATE",
        firm, codes,
    )  # fmt: skip
    return [dict(row) for row in rows]


async def upsert(table: str, firm: UUID, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows with their ids: new ones are inserted, others get these values."""
    if not rows:
        return
    names = ("id", "firm", *columns)
    temporary = f"import_{table}"
    types = {name: _TYPES.get(name, "text") for name in names}
    made = ", ".join(f'"{name}" {"text" if kind == "json" else kind}' for name, kind in types.items())
    await database.execute(f"DROP TABLE IF EXISTS {temporary}")
    await database.execute(f"CREATE TEMPORARY TABLE {temporary} ({made}) ON COMMIT DROP")
    records = [tuple(_sent(types[name], firm if name == "firm" else row[name]) for name in names) for row in rows]
    await database.copy_rows(temporary, names, records)
    listed = ", ".join(f'"{name}"' for name in names)
    chosen = ", ".join(f'"{name}"::jsonb' if types[name] == "json" else f'"{name}"' for name in names)
    changes = ", ".join(f'"{name}" = excluded."{name}"' for name in columns)
    await database.execute(
        f'INSERT INTO "{table}" ({listed}) SELECT {chosen} FROM {temporary} ON CONFLICT (id) DO UPDATE SET {changes}'
    )


def _sent(kind: str, value: Any) -> Any:
    return msgspec.json.encode(value).decode() if kind == "json" else value


async def elevators_at(sites: Sequence[UUID], contracts: Sequence[UUID]) -> list[UUID]:
    """Return the elevators at some sites or under some contracts."""
    rows = await database.fetch(
        "SELECT id FROM elevator WHERE site = ANY($1::uuid[]) OR contract = ANY($2::uuid[])", sites, contracts
    )
    return [row["id"] for row in rows]


async def told_visits(elevators: Sequence[UUID]) -> dict[UUID, dict[str, date]]:
    """Return the local day of each visit told at import, by elevator and class."""
    rows = await database.fetch(
        "SELECT v.elevator, v.maintenance_class, (v.departed_at AT TIME ZONE f.time_zone)::date AS day"
        " FROM visit_done v JOIN firm f ON f.id = v.firm WHERE v.told AND v.elevator = ANY($1::uuid[])",
        elevators,
    )
    found: dict[UUID, dict[str, date]] = {}
    for row in rows:
        found.setdefault(row["elevator"], {})[row["maintenance_class"]] = row["day"]
    return found


async def last_visits(elevators: Sequence[UUID] | None) -> dict[UUID, dict[str, date]]:
    """Return the local day of the last visit of each class or a higher one, by elevator; of all elevators when None."""
    rows = await database.fetch(
        "SELECT v.elevator, v.maintenance_class, max((v.departed_at AT TIME ZONE f.time_zone)::date) AS day"
        " FROM visit_done v JOIN firm f ON f.id = v.firm WHERE $1::uuid[] IS NULL OR v.elevator = ANY($1::uuid[])"
        " GROUP BY v.elevator, v.maintenance_class",
        elevators,
    )
    found: dict[UUID, dict[str, date]] = {}
    for row in rows:
        found.setdefault(row["elevator"], {})[row["maintenance_class"]] = row["day"]
    return found


async def export_rows(firm: UUID | None) -> list[dict[str, Any]]:
    """Return everything that the export writes, by firm and registration code; of all firms when None."""
    rows = await database.fetch(
        "SELECT e.*, f.name AS firm_name, s.code AS site_code, s.name AS site_name, s.address, s.district,"
        " s.kind AS site_kind, s.sector, s.lat, s.lon, s.access_notes, s.access_hours, o.name AS owner_name,"
        " o.safety_officer, o.phone AS owner_phone, c.number AS contract_number, c.starts_on, c.ends_on,"
        " c.on_demand_consent_on, c.on_demand_withdrawn_on, c.insurance_until,"
        " coalesce(c.demanded_grade, '') AS demanded_grade, b.name AS contract_owner,"
        " c.owner IS DISTINCT FROM s.owner AS contract_owner_differs"
        " FROM elevator e JOIN firm f ON f.id = e.firm JOIN site s ON s.id = e.site LEFT JOIN owner o ON o.id = s.owner"
        " LEFT JOIN contract c ON c.id = e.contract LEFT JOIN owner b ON b.id = c.owner"
        ' WHERE $1::uuid IS NULL OR e.firm = $1 ORDER BY f.name COLLATE "C", e.registration_code COLLATE "C"',
        firm,
    )
    return [dict(row) for row in rows]
