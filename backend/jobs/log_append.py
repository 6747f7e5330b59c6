"""Appends finished records to the tamper-evident log and signs its new size; after every visit, and every few minutes."""

from __future__ import annotations

import structlog

from backend import keyfile
from backend.jobs.job import Job, Nothing
from backend.recordlog import service as recordlog
from backend.settings import read_settings

log = structlog.get_logger("backend.jobs")


async def run(_payload: Nothing) -> None:
    """Append what waits; safe to repeat. Of a forked log its alarm tells, and not a job that fails for ever."""
    settings = read_settings()
    try:
        appended = await recordlog.append(keyfile.log_keys(settings), settings.data_dir)
    except recordlog.LogForked:  # the alarm has been raised
        return
    if appended:
        log.info("records logged", records=appended)


JOB = Job(name="log_append", payload=Nothing, run=run)
