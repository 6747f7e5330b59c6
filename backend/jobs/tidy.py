"""Removes what nobody needs any more: ended sessions, unused runs, the queue's old log, old rejected records and messages."""

from __future__ import annotations

from datetime import timedelta

import structlog

from backend import clock, database
from backend.confirmations import service as confirmations
from backend.jobs import queries
from backend.jobs.job import Job, Nothing
from backend.messages import retention as messages
from backend.people import sessions as people_sessions
from backend.rounds.service import remove_dead_runs
from backend.scope import SYSTEM
from backend.settings import read_settings
from backend.telemetry import service as telemetry
from backend.visits.photos import service as photos
from backend.visits.photos.store import store_of

KEEP_QUEUE_LOG = timedelta(days=30)
_DAYS_A_MONTH = 31
"""No photo and no message is deleted a day too early."""

KEEP_DEAD_RUNS = timedelta(days=90)
"""Discarded, stopped and failed ones: long enough to ask why."""

log = structlog.get_logger("backend.jobs")


async def run(_payload: Nothing) -> None:
    """Tidy up; safe to repeat."""
    sessions = await people_sessions.remove_expired()
    runs = await remove_dead_runs(clock.now() - KEEP_DEAD_RUNS)
    async with database.tx(SYSTEM):
        lines = await queries.delete_log_before(clock.now() - KEEP_QUEUE_LOG)
    rejected = await telemetry.remove_old_rejected()
    settings = read_settings()
    forgotten = await photos.forget_old(store_of(settings), timedelta(days=settings.keep_photos_months * _DAYS_A_MONTH))
    confirmed = await confirmations.remove_old(clock.now())
    told = await messages.remove_old(clock.now() - timedelta(days=settings.keep_messages_months * _DAYS_A_MONTH))
    log.info(
        "tidied up", sessions=sessions, runs=runs, log_lines=lines, rejected_records=rejected, photos=forgotten,
        passwords_and_phones=confirmed, messages=told,
    )  # fmt: skip


JOB = Job(name="tidy", payload=Nothing, run=run)
