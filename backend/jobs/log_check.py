"""Checks the tamper-evident log against all records and all checkpoints, once a day."""

from __future__ import annotations

from datetime import timedelta

import structlog

from backend import clock, keyfile
from backend.jobs.job import Job, Nothing
from backend.recordlog import service as recordlog
from backend.settings import read_settings

AT_LEAST_APART = timedelta(hours=20)
"""A worker that starts puts all regular jobs into the queue at once; this one reads everything, which once a day is enough."""

log = structlog.get_logger("backend.jobs")


async def run(_payload: Nothing) -> None:
    """Check, unless that was done today."""
    before = (await recordlog.state()).check
    if before is not None and clock.now() - before.at < AT_LEAST_APART:
        return
    settings = read_settings()
    told = await recordlog.check(keyfile.log_keys(settings), settings.data_dir)
    log.info("log checked", leaves=told.size, found=told.found, took_s=told.took_s)


JOB = Job(name="log_check", payload=Nothing, run=run)
