"""Learns, in the small hours of each firm, how long its visits take."""

from __future__ import annotations

import structlog

from backend.jobs.job import Job, Nothing
from backend.service_times import service as service_times

log = structlog.get_logger("backend.jobs")


async def run(_payload: Nothing) -> None:
    """Let every firm learn whose night it is; safe to repeat."""
    count = await service_times.learn_nightly()
    if count:
        log.info("service times learnt", firms=count)


JOB = Job(name="service_times", payload=Nothing, run=run)
