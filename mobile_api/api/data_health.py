"""Data health: how far the data of each elevator's monitor can be relied on, and why."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import get

from backend.paging import DEFAULT_LIMIT
from backend.telemetry import service
from backend.telemetry.health_views import ElevatorHealth, HealthFilter, HealthPage
from mobile_api.inputs import Asker, FromPath, FromQuery
from mobile_api.security import OFFICE_READERS


@get("/api/v1/data-health", roles=OFFICE_READERS)
async def data_health(
    asker: Asker,
    status: FromQuery[str | None] = None,
    reason: FromQuery[str | None] = None,
    mode: FromQuery[str | None] = None,
    text: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = DEFAULT_LIMIT,
) -> HealthPage:
    """List elevators with a monitor by the state of their data (`good`, `degraded`, `not_usable`), the worst first."""
    wanted = HealthFilter(state=status, reason=reason, mode=mode, text=text)
    return await service.health_list(asker, wanted, cursor=cursor, limit=limit)


@get("/api/v1/elevators/{id:uuid}/data-health", roles=OFFICE_READERS)
async def elevator_data_health(asker: Asker, id: FromPath[UUID]) -> ElevatorHealth:
    """Return the data of an elevator's monitor: gaps, hours, counters, the device's clock, and what it does to the window."""
    return await service.health_detail(asker, id)


HANDLERS: list[Any] = [data_health, elevator_data_health]
