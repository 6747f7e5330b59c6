"""Telemetry as others see it: device keys, intake, usage, events, signs of life."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from backend import database
from backend.scope import SYSTEM, Role, Scope
from backend.telemetry import queries
from backend.telemetry.views import (
    DayUsage,
    DeviceView,
    EventView,
    HourUsage,
    IngestResult,
    LastSeen,
    RejectedView,
    Usage,
    UsageQuery,
)


def hash_key(key: str) -> str:
    """Return what is stored of a device key: its SHA-256, hexadecimal (a key has 256 random bits, so no salt is needed)."""
    return hashlib.sha256(key.encode()).hexdigest()


async def authenticate_device(key: str) -> Scope | None:
    """Return the scope of the device that holds a key, None where no active device does."""
    async with database.tx(SYSTEM):
        device = await queries.device_by_key_hash(hash_key(key))
    return None if device is None else Scope(role=Role.DEVICE, firm=device.firm, device=device.id)


async def usage_since(wanted: Sequence[UsageQuery]) -> list[Usage]:
    """Return the usage that each query asks for, in the same order, inside the caller's transaction.

    One statement for any number of queries: 10 000 elevators with five counters each are one call.
    """
    raise NotImplementedError


async def usage_by_hour(elevators: Collection[UUID], since: datetime, until: datetime) -> list[HourUsage]:
    """Return usage per hour in [since, until), by elevator, counter, hour; inside the caller's transaction."""
    raise NotImplementedError


async def usage_by_day(elevators: Collection[UUID], since: datetime, until: datetime, time_zone: str) -> list[DayUsage]:
    """Return usage per local day in [since, until), by elevator, counter, day; inside the caller's transaction."""
    raise NotImplementedError


async def events_since(
    elevators: Collection[UUID], since: datetime, until: datetime | None = None, kinds: Collection[str] | None = None
) -> list[EventView]:
    """Return what elevators reported in [since, until), by elevator and time; inside the caller's transaction."""
    raise NotImplementedError


async def last_seen(elevators: Collection[UUID]) -> dict[UUID, LastSeen]:
    """Return the last sign of life of each elevator that ever gave one, inside the caller's transaction."""
    raise NotImplementedError


async def online_shares(elevators: Collection[UUID], since: datetime, until: datetime) -> dict[UUID, float]:
    """Return for each elevator the share (0..1) of the whole hours in [since, until) with a record; 0 where none came.

    Hours are cut in UTC; only hours wholly inside the span count. Inside the caller's transaction.
    """
    raise NotImplementedError


async def online_share(elevator: UUID, since: datetime, until: datetime) -> float:
    """Return the share of one elevator: see `online_shares`."""
    return (await online_shares([elevator], since, until))[elevator]


async def ingest(scope: Scope, records: Sequence[object], *, source: str = "http") -> IngestResult:
    """Take a batch of native records (design.md section 6), each as parsed JSON, in one transaction."""
    raise NotImplementedError


async def load_history(
    firm: UUID, records: Iterable[Mapping[str, object]], *, progress: Callable[[int], None] | None = None
) -> IngestResult:
    """Take many native records of a firm in large transactions; the result is that of `ingest`.

    `progress` is called with the number of records done since the last call.
    """
    raise NotImplementedError


async def add_device(
    scope: Scope, elevator: UUID | None, name: str, widths: Mapping[str, int] | None = None
) -> tuple[DeviceView, str]:
    """Make a device of the asker's firm; return it and its key, which is shown this once."""
    raise NotImplementedError


async def list_devices(scope: Scope, *, after: str | None = None, limit: int = 100) -> list[DeviceView]:
    """Return devices by name, those after a name."""
    raise NotImplementedError


async def switch_device(scope: Scope, device: UUID, *, active: bool) -> DeviceView:
    """Switch a device on or off; off ends its intake at once."""
    raise NotImplementedError


async def rotate_key(scope: Scope, device: UUID) -> tuple[DeviceView, str]:
    """Give a device a new key; the old one ends at once."""
    raise NotImplementedError


async def rejected_records(
    scope: Scope, *, device: UUID | None = None, before: int | None = None, limit: int = 100
) -> list[RejectedView]:
    """Return rejected records, the latest first."""
    raise NotImplementedError
