"""Forgets where people were once the rule pack's period is over, every night."""

from __future__ import annotations

import structlog

from backend.jobs.job import Job, Nothing
from backend.visits.proof.forgetting import forget_positions

log = structlog.get_logger("backend.jobs")


async def run(_payload: Nothing) -> None:
    """Forget; safe to repeat."""
    told = await forget_positions()
    log.info("positions forgotten", scans=told.scans, entries=told.entries)


JOB = Job(name="forget_positions", payload=Nothing, run=run)
