"""The clock of the installation: puts regular jobs into the queue. Of all workers one leads, by an advisory lock."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC

import asyncpg
import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from backend import clock, database
from backend.jobs import queries
from backend.jobs.service import enqueue
from backend.locks import Lock
from backend.scope import SYSTEM

TIMETABLE = {
    "dispatch_clock": "* * * * *",  # rescues whose own job was lost
    "entries": "*/5 * * * *",  # what a killed server left between keeping and applying
    "due_windows": "7 * * * *",  # hourly, because midnight comes at another hour in every firm's time zone
    "forget_positions": "11 18 * * *",  # every night in China
    "late_telemetry": "4-59/10 * * * *",  # six times an hour: a manager waits for what the elevator says
    "levelling": "23 * * * *",  # in the small hours of each firm, after its due windows
    "log_append": "*/5 * * * *",  # what a lost job left waiting
    "log_check": "31 17 * * *",  # once a day
    "messages": "*/5 * * * *",  # digests, and what a lost job left waiting
    "missed_orders": "3 * * * *",  # for the same reason
    "partitions": "41 18 * * *",  # once a day, months ahead of need
    "risk": "17 * * * *",  # in the small hours of each firm
    "service_times": "13 * * * *",  # in the small hours of each firm, before its levelling
    "tidy": "37 19 * * *",
}
"""Job → crontab line in UTC. The payload is empty; each job finds out itself what there is to do."""

_CHECK_S = 10.0

log = structlog.get_logger("backend.jobs")


class Timekeeper:
    """Stands for the clock; leads when no other does.

    Parameters
    ----------
    check_s
        Seconds between two looks at the lock, or at one's own connection while leading.
    """

    def __init__(self, check_s: float = _CHECK_S) -> None:
        self._check_s = check_s
        self.leads = asyncio.Event()
        """Set while this one leads."""
        self._puts: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Stand for the clock until told to stop; a lost connection ends the lead and is opened again."""
        while not stop.is_set():
            try:
                connection = await queries.lone_connection()
                try:
                    await self._stand(connection, stop)
                finally:
                    connection.terminate()  # at once, also where the server does not answer: the lock goes with it
            except database.CONNECTION_ERRORS as error:
                log.warning("the clock's connection is lost", reason=str(error), again_in_s=self._check_s)
                await self._pause(stop)

    async def _stand(self, connection: asyncpg.Connection, stop: asyncio.Event) -> None:
        while not stop.is_set():
            if await connection.fetchval("SELECT pg_try_advisory_lock($1)", Lock.CLOCK):
                await self._lead(connection, stop)
                return
            await self._pause(stop)

    async def _lead(self, connection: asyncpg.Connection, stop: asyncio.Event) -> None:
        scheduler = AsyncIOScheduler(timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None})
        for name, line in TIMETABLE.items():
            # The first run is at once: what was missed while nobody led is made up for.
            trigger = CronTrigger.from_crontab(line, timezone=UTC)
            scheduler.add_job(self._start_put, trigger, args=[name], id=name, next_run_time=clock.now())
        scheduler.start()
        self.leads.set()
        log.info("leading the clock")
        try:
            while not stop.is_set():
                await self._pause(stop)
                await connection.fetchval("SELECT 1", timeout=self._check_s)
        finally:
            self.leads.clear()
            scheduler.shutdown(wait=False)
            await asyncio.gather(*self._puts)

    async def _start_put(self, name: str) -> None:
        """Write a job in a task that the scheduler does not know: cut off while it commits, it would keep its connection."""
        put = asyncio.create_task(_put(name))
        self._puts.add(put)
        put.add_done_callback(self._puts.discard)

    async def _pause(self, stop: asyncio.Event) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), self._check_s)


async def _put(name: str) -> None:
    try:
        async with database.tx(SYSTEM):
            await enqueue(name, {}, dedupe_key=f"timetable:{name}")
    except database.CONNECTION_ERRORS as error:
        log.warning("a regular job could not be queued; it is its turn again next time", job=name, reason=str(error))
