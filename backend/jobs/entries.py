"""Applies entries of phones that a killed server had kept and not applied yet."""

from __future__ import annotations

import structlog

from backend import keyfile
from backend.jobs.job import Job, Nothing
from backend.settings import read_settings
from backend.visits.intake import entries as intake

log = structlog.get_logger("backend.jobs")


async def run(_payload: Nothing) -> None:
    """Go on where an upload was cut off; safe to repeat."""
    count = await intake.go_on_with_stuck(keyfile.label_keys(read_settings()))
    if count:
        log.info("went on with entries that were left", entries=count)


JOB = Job(name="entries", payload=Nothing, run=run)
