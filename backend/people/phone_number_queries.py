"""SQL of signing in with a telephone number."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from backend import database
from backend.people.queries import AccountRow


class NumberRow(Struct, frozen=True, kw_only=True):
    """An active technician with an active account, and the numbers in the register."""

    technician: UUID
    phone: str
    lost: bool
    """Their last phone was revoked, and they have enrolled none since: whoever has it may have the number as well."""


async def technicians_like(digits: str) -> list[NumberRow]:
    """Return the active technicians of all firms, once for each active account, whose field of numbers contains digits."""
    return await database.fetch_as(
        NumberRow,
        "SELECT t.id AS technician, t.phone, EXISTS (SELECT FROM phone p WHERE p.technician = t.id AND p.revoked_at IS NOT NULL"
        "  AND NOT EXISTS (SELECT FROM phone n WHERE n.technician = t.id AND n.revoked_at IS NULL"
        "   AND n.enrolled_at >= p.revoked_at)) AS lost"
        " FROM technician t JOIN account a ON a.technician = t.id"
        " WHERE t.active AND a.active AND regexp_replace(t.phone, '[^0-9]', '', 'g') LIKE '%' || $1 || '%'",
        digits,
    )


async def account_of_technician(technician: UUID) -> AccountRow | None:
    """Return the active account of a technician."""
    return await database.fetch_one_as(
        AccountRow,
        "SELECT id, firm, login, password_hash, role, name, technician, owner, active FROM account"
        " WHERE technician = $1 AND active",
        technician,
    )
