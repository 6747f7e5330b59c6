"""Keeps messages up: digests, lost deliveries, texts that nobody may read any more."""

from __future__ import annotations

import structlog

from backend.jobs.job import Job, Nothing
from backend.messages import upkeep

log = structlog.get_logger("backend.jobs")


async def run(_payload: Nothing) -> None:
    """Do what is due; safe to repeat."""
    done = await upkeep.keep_up()
    log.info(
        "messages kept up", digests=done.digests, taken_up=done.taken_up, expired=done.expired, secrets=done.secrets_forgotten
    )


JOB = Job(name="messages", payload=Nothing, run=run)
