"""SQL of telephone numbers: whose they are, and which an owner had."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.registry.numbers import Holder


class NumberRow(Struct, frozen=True, kw_only=True):
    """A number that an owner has or had."""

    number: str
    entered_at: datetime


class Replaced(Struct, frozen=True, kw_only=True):
    """An owner's number that has just changed."""

    id: UUID
    """Of the new row."""

    owner: UUID
    before: str | None
    """None where there was no number ever."""

    now: str


_DIGITS = "regexp_replace(phone, '[^0-9]', '', 'g')"
_HAS_TAIL = f"EXISTS (SELECT FROM unnest($1::text[]) AS tail WHERE strpos({_DIGITS}, tail) > 0)"
_STAFF = (
    "SELECT kind, name, phone FROM (SELECT 'technician' AS kind, name, phone FROM technician"
    " UNION ALL SELECT 'firm', name, phone_24h FROM firm UNION ALL SELECT 'firm', name, rescue_phone FROM firm"
    " UNION ALL SELECT 'account', a.name, p.phone FROM message_preference p JOIN account a ON a.id = p.account"
    " WHERE a.role <> 'owner') AS staff (kind, name, phone)"
)


async def staff_with(tails: Sequence[str]) -> list[Holder]:
    """Return who of those that the scope sees maintains elevators, and may have a number with one of these endings."""
    return await database.fetch_as(Holder, f"{_STAFF} WHERE phone <> '' AND {_HAS_TAIL}", list(tails))


async def staff_of(firm: UUID) -> list[Holder]:
    """Return all numbers of a firm's technicians, offices and accounts."""
    return await database.fetch_as(
        Holder,
        "SELECT kind, name, phone FROM (SELECT 'technician' AS kind, name, phone FROM technician WHERE firm = $1"
        " UNION ALL SELECT 'firm', name, phone_24h FROM firm WHERE id = $1"
        " UNION ALL SELECT 'account', a.name, p.phone FROM message_preference p JOIN account a ON a.id = p.account"
        " WHERE a.role <> 'owner' AND a.firm = $1) AS staff (kind, name, phone) WHERE phone <> ''",
        firm,
    )


async def owners_with(firm: UUID, tails: Sequence[str]) -> list[Holder]:
    """Return the owners of a firm that may have a number with one of these endings."""
    return await database.fetch_as(
        Holder,
        f"SELECT 'owner' AS kind, name, phone FROM owner WHERE firm = $2 AND phone <> '' AND {_HAS_TAIL}",
        list(tails),
        firm,
    )


async def note_standing(firm: UUID, owner: UUID | None) -> None:
    """Write down the numbers that stand in the register and were never noted, as entered when the owner was.

    Parameters
    ----------
    firm, owner
        Of one owner, or of all owners of the firm.
    """
    await database.execute(
        "INSERT INTO owner_number (id, firm, owner, number, entered_at)"
        " SELECT gen_random_uuid(), o.firm, o.id, o.phone, o.created_at FROM owner o"
        " WHERE o.firm = $1 AND ($2::uuid IS NULL OR o.id = $2) AND o.phone <> ''"
        " AND NOT EXISTS (SELECT FROM owner_number n WHERE n.owner = o.id)",
        firm,
        owner,
    )


async def note_changed(firm: UUID, owner: UUID | None, account: UUID | None, at: datetime) -> list[Replaced]:
    """Write down the numbers that differ from the last one noted; return them.

    Parameters
    ----------
    firm, owner
        Of one owner, or of all owners of the firm.
    account, at
        Who changed them, and when.
    """
    return await database.fetch_as(
        Replaced,
        "WITH changed AS (SELECT o.firm, o.id AS owner, o.phone AS now, n.number AS before FROM owner o"
        " LEFT JOIN LATERAL (SELECT number FROM owner_number n WHERE n.owner = o.id ORDER BY entered_at DESC, id LIMIT 1) n"
        " ON true WHERE o.firm = $1 AND ($2::uuid IS NULL OR o.id = $2) AND o.phone <> coalesce(n.number, '')),"
        " written AS (INSERT INTO owner_number (id, firm, owner, number, entered_at, entered_by)"
        " SELECT gen_random_uuid(), firm, owner, now, $4, $3 FROM changed RETURNING id, owner)"
        " SELECT w.id, c.owner, c.before, c.now FROM changed c JOIN written w USING (owner)",
        firm, owner, account, at,
    )  # fmt: skip


async def numbers_of(owner: UUID) -> list[NumberRow]:
    """Return the numbers that an owner has and had, the present one first; an empty number means that it was taken out."""
    return await database.fetch_as(
        NumberRow, "SELECT number, entered_at FROM owner_number WHERE owner = $1 ORDER BY entered_at DESC, id", owner
    )


async def phone_of(owner: UUID) -> str:
    """Return the field with an owner's numbers as it is now."""
    found: str | None = await database.fetch_value("SELECT phone FROM owner WHERE id = $1", owner)
    return found or ""


async def delete_numbers_of(owner: UUID) -> None:
    """Remove the numbers of an owner."""
    await database.execute("DELETE FROM owner_number WHERE owner = $1", owner)
