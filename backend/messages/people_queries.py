"""SQL of whom a message concerns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from backend import database


async def managers(firm: UUID) -> list[UUID]:
    """Return the accounts of a firm's managers."""
    rows = await database.fetch("SELECT id FROM account WHERE firm = $1 AND role = 'manager' AND active", firm)
    return [row["id"] for row in rows]


async def of_owner(firm: UUID, owner: UUID) -> list[UUID]:
    """Return an owner's accounts."""
    rows = await database.fetch("SELECT id FROM account WHERE firm = $1 AND owner = $2 AND active", firm, owner)
    return [row["id"] for row in rows]


async def of_technician(firm: UUID, technician: UUID) -> list[UUID]:
    """Return a technician's accounts."""
    rows = await database.fetch("SELECT id FROM account WHERE firm = $1 AND technician = $2 AND active", firm, technician)
    return [row["id"] for row in rows]


async def of_crews(firm: UUID, pairs: Sequence[tuple[UUID, date]]) -> list[tuple[UUID, date]]:
    """Return the accounts of those who are in a crew on a day, for pairs of both, with the day."""
    rows = await database.fetch(
        "SELECT DISTINCT a.id, w.day FROM unnest($2::uuid[], $3::date[]) AS w (crew, day) JOIN crew_member m ON m.crew = w.crew"
        " AND m.starts_on <= w.day AND (m.ends_on IS NULL OR m.ends_on >= w.day)"
        " JOIN account a ON a.technician = m.technician AND a.active AND a.firm = $1 ORDER BY w.day, a.id",
        firm, [crew for crew, _ in pairs], [day for _, day in pairs],
    )  # fmt: skip
    return [(row["id"], row["day"]) for row in rows]
