"""People who are trapped, as monitors tell it: somebody is rung at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from backend.jobs.service import enqueue
from backend.telemetry import intake_queries

ENTRAPMENT = "entrapment"

LOOK_BACK = timedelta(hours=2)
"""Older events ring nobody: see `backend.dispatch.service.OLDEST_CALL`."""


async def announce_trapped(elevators: Collection[UUID], now: datetime) -> None:
    """Have rescues raised for the recent entrapments of some elevators, inside the caller's transaction.

    Those that were announced before are told again and change nothing: each event names its call.
    """
    for event in await intake_queries.events_since(elevators, now - LOOK_BACK, ENTRAPMENT):
        key = f"entrapment:{event.elevator}:{event.at.isoformat()}:{event.raw_code}"
        await enqueue("entrapment", msgspec.structs.asdict(event), dedupe_key=key)
