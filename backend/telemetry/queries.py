"""SQL of telemetry's devices and of what others read."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from backend import database


class DeviceRow(Struct, frozen=True, kw_only=True):
    """A telemetry source with what its intake needs."""

    id: UUID
    firm: UUID
    elevator: UUID | None
    name: str


async def device_by_key_hash(key_hash: str) -> DeviceRow | None:
    """Return the active device with this key."""
    return await database.fetch_one_as(
        DeviceRow, "SELECT id, firm, elevator, name FROM device WHERE key_hash = $1 AND active", key_hash
    )
