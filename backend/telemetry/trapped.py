"""People who are trapped, as monitors tell it: somebody is rung at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from backend import database
from backend.jobs.service import enqueue

ENTRAPMENT = "entrapment"

LOOK_BACK = timedelta(hours=2)
"""Older events ring nobody: see `backend.dispatch.service.OLDEST_CALL`."""


async def announce_trapped(elevators: Collection[UUID], now: datetime) -> None:
    """Have rescues raised for the recent entrapments of some elevators, inside the caller's transaction.

    Those that were announced before are told again and change nothing: each event names its call.
    """
    rows = await database.fetch(
        "SELECT elevator, at, raw_code FROM telemetry_event WHERE elevator = ANY($1::uuid[]) AND at >= $2 AND kind = $3"
        " ORDER BY at, elevator",
        sorted(elevators), now - LOOK_BACK, ENTRAPMENT,
    )  # fmt: skip
    for row in rows:
        key = f"entrapment:{row['elevator']}:{row['at'].isoformat()}:{row['raw_code']}"
        await enqueue("entrapment", dict(row), dedupe_key=key)
