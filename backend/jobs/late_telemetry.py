"""Grades visits anew whose telemetry came late, or went on after the departure."""

from __future__ import annotations

import structlog

from backend.jobs.job import Job, Nothing
from backend.visits.proof.late_telemetry import look_again

log = structlog.get_logger("backend.jobs")


async def run(_payload: Nothing) -> None:
    """Look at what came; safe to repeat."""
    changed = await look_again()
    if changed:
        log.info("visits graded anew after telemetry", visits=changed)


JOB = Job(name="late_telemetry", payload=Nothing, run=run)
