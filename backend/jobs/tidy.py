"""Removes what nobody needs any more: ended sessions, old lines of the queue's log."""

from __future__ import annotations

from datetime import timedelta

import structlog

from backend import clock, database
from backend.jobs import queries
from backend.jobs.job import Job, Nothing
from backend.people import sessions as people_sessions
from backend.scope import SYSTEM

KEEP_QUEUE_LOG = timedelta(days=30)

log = structlog.get_logger("backend.jobs")


async def run(_payload: Nothing) -> None:
    """Tidy up; safe to repeat."""
    sessions = await people_sessions.remove_expired()
    async with database.tx(SYSTEM):
        lines = await queries.delete_log_before(clock.now() - KEEP_QUEUE_LOG)
    log.info("tidied up", sessions=sessions, log_lines=lines)


JOB = Job(name="tidy", payload=Nothing, run=run)
