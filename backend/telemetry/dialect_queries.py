"""SQL of how devices speak."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import msgspec
from msgspec import Struct

from backend import database
from backend.telemetry.adapters.dialect import Dialect


class KnownDevice(Struct, frozen=True, kw_only=True):
    """What adapters must know of a device."""

    id: UUID
    registration_code: str | None
    """Of the only elevator it speaks for."""

    time_zone: str
    """The firm's."""

    dialect: Dialect


async def contexts(devices: Collection[UUID]) -> list[KnownDevice]:
    """Return what adapters must know of devices."""
    rows = await database.fetch(
        "SELECT d.id, e.registration_code, f.time_zone, d.dialect FROM device d JOIN firm f ON f.id = d.firm"
        " LEFT JOIN elevator e ON e.id = d.elevator WHERE d.id = ANY($1::uuid[])",
        list(devices),
    )
    return [
        KnownDevice(
            id=row["id"], registration_code=row["registration_code"], time_zone=row["time_zone"],
            dialect=msgspec.convert(row["dialect"], Dialect),
        )
        for row in rows
    ]  # fmt: skip


async def set_dialect(device: UUID, dialect: Dialect) -> bool:
    """Note how a device speaks; False where there is no such device."""
    told = msgspec.to_builtins(dialect)
    return await database.execute("UPDATE device SET dialect = $2 WHERE id = $1", device, told) == 1


async def registration_codes(codes: Collection[str]) -> set[str]:
    """Return those of some registration codes that elevators of the scope's firm have."""
    rows = await database.fetch("SELECT registration_code FROM elevator WHERE registration_code = ANY($1::text[])", list(codes))
    return {row["registration_code"] for row in rows}
