"""What monitors say of people who are trapped."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog

from backend import clock, database
from backend.dispatch import queries, service
from backend.dispatch.inputs import RaiseInput
from backend.dispatch.views import Source
from backend.scope import SYSTEM

log = structlog.get_logger("backend.dispatch")


async def entrapment_heard(elevator: UUID, at: datetime, raw_code: str) -> None:
    """Raise a dispatch for an event of a monitor, or merge it into the open one; safe to repeat.

    Parameters
    ----------
    elevator
        Where.
    at
        By the monitor's clock; one that is ahead counts as now.
    raw_code
        As the monitor sent it.
    """
    now = clock.now()
    if at < now - service.OLDEST_CALL:
        log.info("an old entrapment rings nobody", elevator=str(elevator), at=at.isoformat())
        return
    given = RaiseInput(
        call=f"{elevator}:{at.isoformat()}:{raw_code}",
        elevator=str(elevator),
        source=Source.TELEMETRY,
        words=raw_code,
        at=min(at, now),
    )
    async with database.tx(SYSTEM):
        if await queries.facts(elevator) is not None:
            await service.raise_inside(elevator, given, None, now)
