"""SQL of who may be sent: technicians, the duty roster, the office, a firm's own ladder."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from backend import database
from backend.dispatch.choosing import Call, Person
from backend.dispatch.views import DutyTurnView


async def people(firm: UUID, now: datetime, day: date, since: datetime) -> list[Person]:
    """Return the technicians who may be sent: active, with a certificate T that is valid, not absent.

    Parameters
    ----------
    firm
        Whose.
    now, day
        The instant, and the firm's local day of it.
    since
        A scan since then says where somebody was last.
    """
    return await database.fetch_as(
        Person,
        "SELECT t.id AS technician, t.name, t.phone, t.skills, a.id AS account,"
        " EXISTS (SELECT FROM duty_turn u WHERE u.technician = t.id AND u.starts_at <= $2 AND u.ends_at > $2) AS on_duty,"
        " EXISTS (SELECT FROM dispatch d WHERE d.acknowledged_by = a.id AND d.closed_at IS NULL) AS busy,"
        " coalesce(v.lat, c.base_lat) AS lat, coalesce(v.lon, c.base_lon) AS lon, coalesce(v.name, c.name, '') AS place"
        " FROM technician t"
        " LEFT JOIN LATERAL (SELECT id FROM account WHERE technician = t.id AND active"
        "  ORDER BY created_at DESC LIMIT 1) a ON true"
        " LEFT JOIN LATERAL (SELECT s.lat, s.lon, s.name FROM visit w JOIN elevator e ON e.id = w.elevator"
        "  JOIN site s ON s.id = e.site WHERE w.technician = t.id AND w.arrived_at >= $4 AND s.lat IS NOT NULL"
        "  ORDER BY w.arrived_at DESC LIMIT 1) v ON true"
        " LEFT JOIN LATERAL (SELECT r.base_lat, r.base_lon, r.name FROM crew_member m JOIN crew r ON r.id = m.crew"
        "  WHERE m.technician = t.id AND m.starts_on <= $3 AND (m.ends_on IS NULL OR m.ends_on >= $3)"
        "  ORDER BY m.starts_on DESC LIMIT 1) c ON true"
        " WHERE t.firm = $1 AND t.active"
        " AND EXISTS (SELECT FROM certificate x WHERE x.technician = t.id AND x.code = 'T' AND x.expires_on >= $3)"
        " AND NOT EXISTS (SELECT FROM absence b WHERE b.technician = t.id AND b.starts_on <= $3 AND b.ends_on >= $3)"
        " ORDER BY t.name, t.id",
        firm, now, day, since,
    )  # fmt: skip


async def managers(firm: UUID) -> list[Call]:
    """Return the firm's managers."""
    return await database.fetch_as(
        Call,
        "SELECT id::text AS who, name, id AS account, '主管' AS why_zh, 'manager' AS why_en FROM account"
        " WHERE firm = $1 AND role = 'manager' AND active ORDER BY name, id",
        firm,
    )


async def account_of(firm: UUID, technician: UUID) -> tuple[UUID | None, str] | None:
    """Return a technician's account, if they have one, and name; None where the firm has no such technician."""
    rows = await database.fetch(
        "SELECT t.name, a.id FROM technician t LEFT JOIN account a ON a.technician = t.id AND a.active"
        " WHERE t.firm = $1 AND t.id = $2 ORDER BY a.created_at DESC LIMIT 1",
        firm, technician,
    )  # fmt: skip
    return (rows[0]["id"], rows[0]["name"]) if rows else None


async def ladder(firm: UUID) -> tuple[list[dict[str, Any]], datetime] | None:
    """Return a firm's own ladder and when it was set; None where it takes the rule pack's."""
    rows = await database.fetch("SELECT rungs, changed_at FROM rescue_ladder WHERE firm = $1", firm)
    return (rows[0]["rungs"], rows[0]["changed_at"]) if rows else None


async def put_ladder(firm: UUID, rungs: list[dict[str, Any]], now: datetime) -> None:
    """Set a firm's own ladder."""
    await database.execute(
        "INSERT INTO rescue_ladder (id, firm, rungs, changed_at) VALUES (gen_random_uuid(), $1, $2, $3)"
        " ON CONFLICT (firm) DO UPDATE SET rungs = $2, changed_at = $3",
        firm, rungs, now,
    )  # fmt: skip


async def delete_ladder(firm: UUID) -> None:
    """Go back to the rule pack's ladder."""
    await database.execute("DELETE FROM rescue_ladder WHERE firm = $1", firm)


_TURN = (
    "SELECT u.id, u.technician, t.name, t.badge, u.starts_at, u.ends_at FROM duty_turn u"
    " JOIN technician t ON t.id = u.technician"
)


async def turns(until: datetime, limit: int | None) -> list[DutyTurnView]:
    """Return the turns that end after an instant, in their order."""
    return await database.fetch_as(
        DutyTurnView, _TURN + " WHERE u.ends_at > $1 ORDER BY u.starts_at, t.name, u.id LIMIT $2", until, limit
    )


async def turn(id: UUID) -> DutyTurnView | None:  # noqa: A002
    """Return a turn."""
    return await database.fetch_one_as(DutyTurnView, _TURN + " WHERE u.id = $1", id)


async def insert_turn(firm: UUID, technician: UUID, starts_at: datetime, ends_at: datetime, now: datetime) -> UUID:
    """Write a turn; return its id."""
    found: UUID = await database.fetch_value(
        "INSERT INTO duty_turn (id, firm, technician, starts_at, ends_at, created_at)"
        " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5) RETURNING id",
        firm, technician, starts_at, ends_at, now,
    )  # fmt: skip
    return found


async def delete_turn(id: UUID) -> int:  # noqa: A002
    """Remove a turn."""
    return await database.execute("DELETE FROM duty_turn WHERE id = $1", id)


async def representative_pack(firm: UUID) -> str:
    """Return the rule pack that most of a firm's elevators are under; empty where it has none."""
    found: str | None = await database.fetch_value(
        "SELECT rule_pack FROM elevator WHERE firm = $1 GROUP BY rule_pack ORDER BY count(*) DESC, rule_pack LIMIT 1", firm
    )
    return found or ""
