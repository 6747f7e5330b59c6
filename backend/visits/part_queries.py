"""SQL of parts that were fitted."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct, structs

from backend import database
from backend.visits.record import RecordPart


class NewPart(Struct, frozen=True, kw_only=True):
    """A part as an entry says."""

    id: UUID
    firm: UUID
    visit: UUID
    elevator: UUID
    technician: UUID
    item: str
    name: str
    quantity: int
    serial_removed: str
    serial_fitted: str
    photo_before: UUID | None
    photo_after: UUID | None
    fitted_at: datetime


class PartView(Struct, frozen=True, kw_only=True):
    """A part that was fitted."""

    id: UUID
    visit: UUID
    elevator: UUID
    item: str
    name: str
    quantity: int
    serial_removed: str
    serial_fitted: str
    photo_before: UUID | None
    photo_after: UUID | None
    fitted_at: datetime
    also_at: list[str]
    """Registration codes of other elevators where a part with the same serial was fitted and not removed since."""


_NEW_NAMES = ", ".join(field.name for field in structs.fields(NewPart))
_NEW_PLACES = ", ".join(f"${number}" for number in range(1, len(structs.fields(NewPart)) + 1))

_ALSO_AT = (
    "SELECT array_agg(DISTINCT e.registration_code ORDER BY e.registration_code) FROM part_used o"
    " JOIN elevator e ON e.id = o.elevator"
    " WHERE o.firm = p.firm AND p.serial_fitted <> '' AND o.serial_fitted = p.serial_fitted"
    " AND o.elevator <> p.elevator AND NOT EXISTS (SELECT FROM part_used r WHERE r.firm = o.firm AND r.elevator = o.elevator"
    " AND r.serial_removed = o.serial_fitted AND r.fitted_at > o.fitted_at AND r.fitted_at <= p.fitted_at)"
)


async def insert(new: NewPart) -> bool:
    """Write a part; False where its id is taken, by whomever."""
    return bool(
        await database.execute(
            f"INSERT INTO part_used ({_NEW_NAMES}) VALUES ({_NEW_PLACES}) ON CONFLICT (id) DO NOTHING", *structs.astuple(new)
        )
    )


async def part(part: UUID) -> NewPart | None:
    """Return a part as it was written."""
    return await database.fetch_one_as(NewPart, f"SELECT {_NEW_NAMES} FROM part_used WHERE id = $1", part)


async def parts_of_visit(visit: UUID) -> list[PartView]:
    """Return the parts of a visit in the order in which they were fitted."""
    return await database.fetch_as(
        PartView,
        "SELECT p.id, p.visit, p.elevator, p.item, p.name, p.quantity, p.serial_removed, p.serial_fitted, p.photo_before,"
        f" p.photo_after, p.fitted_at, coalesce(({_ALSO_AT}), ARRAY[]::text[]) AS also_at"
        " FROM part_used p WHERE p.visit = $1 ORDER BY p.fitted_at, p.id",
        visit,
    )


async def record_parts(visit: UUID) -> list[RecordPart]:
    """Return the parts of a visit as its record names them."""
    return await database.fetch_as(
        RecordPart,
        "SELECT id, item, name, quantity, serial_removed, serial_fitted, photo_before, photo_after FROM part_used"
        " WHERE visit = $1 ORDER BY fitted_at, id",
        visit,
    )
