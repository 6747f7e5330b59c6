"""An elevator, and what is stored of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from backend import clock, database
from backend.scope import SYSTEM, Role, Scope
from tests.support.factory import Factory

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
CODE = "31103310020000000777"


@pytest.fixture(autouse=True)
async def _stopped_clock() -> AsyncIterator[None]:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
async def elevator(factory: Factory, firm_scope: Scope) -> UUID:
    """The firm's elevator with the registration code `CODE`."""
    return await factory.elevator(firm_scope.require_firm(), registration_code=CODE)


def device_scope(firm: UUID, device: UUID) -> Scope:
    """The scope of a device."""
    return Scope(role=Role.DEVICE, firm=firm, device=device)


def record(seq: int, minutes: float, trips: int | None = None, **more: Any) -> dict[str, Any]:
    """A record so many minutes after midnight (UTC)."""
    at = NOW.replace(hour=0) + timedelta(minutes=minutes)
    counters = {} if trips is None else {"trips": trips}
    return {"elevator": CODE, "at": at.isoformat(), "seq": seq, "counters": counters} | more


async def hours(elevator: UUID, counter: str = "trips") -> list[tuple[int, int, int, int, int, int]]:
    """Hour of the day, growth, restarts, roll-overs, jumps and readings of each stored hour."""
    async with database.tx(SYSTEM):
        rows = await database.fetch(
            "SELECT extract(hour FROM hour AT TIME ZONE 'UTC')::int AS h, delta, restarts, rollovers, jumps, readings"
            " FROM usage_hour WHERE elevator = $1 AND counter = $2 ORDER BY hour",
            elevator, counter,
        )  # fmt: skip
    return [tuple(row) for row in rows]


async def value(sql: str, *args: Any) -> Any:
    """The first value of a query over all firms."""
    async with database.tx(SYSTEM):
        return await database.fetch_value(sql, *args)
