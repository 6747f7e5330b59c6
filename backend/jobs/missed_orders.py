"""Marks the stops of past days that nobody came to as missed."""

from __future__ import annotations

import structlog

from backend.jobs.job import Job, Nothing
from backend.rounds import service as rounds

log = structlog.get_logger("backend.jobs")


async def run(_payload: Nothing) -> None:
    """Look at every firm's past days; safe to repeat."""
    log.info("missed stops marked", orders=await rounds.miss_past_orders())


JOB = Job(name="missed_orders", payload=Nothing, run=run)
