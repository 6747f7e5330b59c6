"""Levels a firm's next two months: one that somebody asked for, or, in the small hours, every firm's."""

from __future__ import annotations

from uuid import UUID

import structlog
from msgspec import Struct

from backend.jobs.job import Job
from backend.levelling import service as levelling


class Levelling(Struct, frozen=True, forbid_unknown_fields=True):
    """Which levelling; None looks which firms are to be levelled tonight."""

    run: UUID | None = None


log = structlog.get_logger("backend.jobs")


async def run(payload: Levelling) -> None:
    """Execute the levelling, or queue those of the night; safe to repeat."""
    if payload.run is not None:
        await levelling.execute_levelling(payload.run)
        return
    count = await levelling.level_all_nightly()
    if count:
        log.info("levellings queued", firms=count, removed=await levelling.remove_old())


JOB = Job(name="levelling", payload=Levelling, run=run)
