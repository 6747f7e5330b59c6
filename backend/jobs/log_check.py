"""Checks the tamper-evident log against all records and all checkpoints, once a day, a minute at a time."""

from __future__ import annotations

from datetime import timedelta

import structlog

from backend import clock, database, keyfile
from backend.jobs.job import Job, Nothing
from backend.jobs.service import enqueue
from backend.recordlog import service as recordlog
from backend.scope import SYSTEM
from backend.settings import read_settings

AT_LEAST_APART = timedelta(hours=20)
"""A worker that starts puts all regular jobs into the queue at once; this one reads everything, which once a day is enough."""

SLICE_S = 45.0
"""How long one job works: other jobs wait for no longer than that, also where the log has millions of records."""

PAUSE = timedelta(seconds=15)
"""Between two slices: the workers take a breath, and a log of a million records is through within a few hours."""

log = structlog.get_logger("backend.jobs")


async def run(_payload: Nothing) -> None:
    """Check, unless that was done today; where time is up, a further job goes on."""
    settings = read_settings()
    before = (await recordlog.state()).check
    done_today = before is not None and not before.is_alarm and clock.now() - before.at < AT_LEAST_APART
    if done_today and recordlog.check_under_way(settings.data_dir) is None:
        return
    told = await recordlog.check_for(keyfile.log_keys(settings), settings.data_dir, SLICE_S)
    if told is not None:
        log.info("log checked", leaves=told.size, found=told.found, took_s=told.took_s)
        return
    async with database.tx(SYSTEM):
        at = recordlog.check_under_way(settings.data_dir)
        await enqueue("log_check", {}, delay=PAUSE, dedupe_key=f"log_check:{at}")


JOB = Job(name="log_check", payload=Nothing, run=run)
