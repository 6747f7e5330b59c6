"""A worker: takes jobs from the queue and runs them; any number of workers share one queue.

A job whose worker died is taken up by another as soon as its heartbeat is stale. A worker that is told to stop takes no
new job, gives those under way some time, and then puts what is unfinished back into the queue.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import msgspec
import structlog
from msgspec import Struct
from pgqueuer import Job as QueuedJob
from pgqueuer import Queries, QueueManager, RetryRequested
from pgqueuer.domain.errors import FailingListenerError

from backend import database
from backend.errors import LiftroundsError, Unavailable
from backend.jobs import queries, registry
from backend.jobs.job import Job
from backend.jobs.timetable import Timekeeper

_FIRST_RETRY_S = 2.0
_LONGEST_RETRY_S = 300.0
_RECONNECT_S = 5.0
_IDLE_POLL_S = 30.0
"""The queue wakes workers by NOTIFY; this is how often they look all the same."""
_BUSY_POLL_S = 0.5
_QUICK_POLL_S = 2.0
"""How often the quick lane looks for what was put off to an instant: that much late may a rescue's next rung ring."""

log = structlog.get_logger("backend.jobs")


class Options(Struct, frozen=True, kw_only=True):
    """How a worker works."""

    at_once: int = 2
    """Jobs of this worker at the same time, 2 or more."""

    quick_at_once: int = 6
    """The same of the quick lane; each waits for a gateway most of its time."""

    lost_after_s: float = 30.0
    """A job whose worker gave no sign for this long is taken up by another."""

    grace_s: float = 20.0
    """How long jobs under way may go on after the worker was told to stop."""

    keeps_time: bool = True
    """Whether this worker stands for the clock; of all that do, one leads."""


async def run(stop: asyncio.Event, options: Options | None = None, jobs: Mapping[str, Job] | None = None) -> None:
    """Work until told to stop; the pool of `backend.database` must be open.

    A lost connection is logged and opened again.

    Parameters
    ----------
    stop
        Set by the caller, for instance on SIGTERM.
    options
        How to work.
    jobs
        By name; all jobs of this version when None.
    """
    options = options or Options()
    jobs = registry.load() if jobs is None else jobs
    quick = {name: job for name, job in jobs.items() if job.quick}
    steady = {name: job for name, job in jobs.items() if not job.quick}
    async with asyncio.TaskGroup() as group:
        for lane, at_once in ((steady, options.at_once), (quick, options.quick_at_once)):
            if lane:
                group.create_task(_work_until(stop, msgspec.structs.replace(options, at_once=at_once), lane))
        if options.keeps_time:
            group.create_task(Timekeeper().run(stop))


async def _work_until(stop: asyncio.Event, options: Options, jobs: Mapping[str, Job]) -> None:
    while not stop.is_set():
        try:
            await _work(stop, options, jobs)
        except (*database.CONNECTION_ERRORS, FailingListenerError) as error:
            log.warning("the queue's connection is lost", reason=repr(error), again_in_s=_RECONNECT_S)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _RECONNECT_S)


async def _work(stop: asyncio.Event, options: Options, jobs: Mapping[str, Job]) -> None:
    pool = await queries.queue_pool()
    try:
        manager = QueueManager(Queries.from_asyncpg_pool(pool))
        manager.min_dequeue_poll_interval = timedelta(seconds=_BUSY_POLL_S)
        for job in jobs.values():
            run_one = functools.partial(_run_one, job, stop, options.grace_s)
            manager.entrypoint(job.name, accepts_context=False, on_failure="hold")(run_one)
        stopper = asyncio.create_task(_forward(stop, manager.shutdown))
        log.info("worker started", jobs=sorted(jobs), at_once=options.at_once)
        idle_s = _QUICK_POLL_S if any(job.quick for job in jobs.values()) else _IDLE_POLL_S
        try:
            await manager.run(
                dequeue_timeout=timedelta(seconds=min(idle_s, options.lost_after_s)),
                batch_size=1,
                max_concurrent_tasks=options.at_once,
                shutdown_on_listener_failure=True,
                heartbeat_timeout=timedelta(seconds=options.lost_after_s),
            )
        finally:
            stopper.cancel()
        log.info("worker stopped")
    finally:
        await pool.close()


async def _forward(stop: asyncio.Event, shutdown: asyncio.Event) -> None:
    await stop.wait()
    shutdown.set()


async def _run_one(job: Job, stop: asyncio.Event, grace_s: float, queued: QueuedJob) -> None:
    """Run one job; ask for another attempt, or let it be set aside, where it fails."""
    with structlog.contextvars.bound_contextvars(job=queued.entrypoint, job_id=queued.id, attempt=queued.attempts + 1):
        try:
            payload = msgspec.json.decode(queued.payload or b"{}", type=job.payload)
        except msgspec.DecodeError:  # it will not fit any better later
            log.exception("job set aside")
            raise
        try:
            await _run_or_give_back(job.run(payload), stop, grace_s)
        except RetryRequested:
            log.info("job given back")
            raise
        except Exception as error:
            if not _worth_another_attempt(error) or queued.attempts + 1 >= job.max_attempts:
                log.exception("job set aside")
                raise
            delay_s = min(_FIRST_RETRY_S * 2**queued.attempts, _LONGEST_RETRY_S)
            log.warning("job failed", reason=repr(error), again_in_s=delay_s)
            raise RetryRequested(timedelta(seconds=delay_s), reason=repr(error)) from error
        log.info("job done")


def _worth_another_attempt(error: Exception) -> bool:
    """Return whether the same job may fare better later: not if it was refused for what it is."""
    return isinstance(error, Unavailable) or not isinstance(error, LiftroundsError)


async def _run_or_give_back(work: Coroutine[Any, Any, None], stop: asyncio.Event, grace_s: float) -> None:
    """Run a job to its end; if the worker stops meanwhile and the job takes longer than the grace, give it back."""
    task = asyncio.create_task(work)
    grace_over = asyncio.create_task(_grace_over(stop, grace_s))
    try:
        await asyncio.wait({task, grace_over}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        grace_over.cancel()
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
    if task.cancelled():
        raise RetryRequested(reason="the worker was stopped")
    task.result()


async def _grace_over(stop: asyncio.Event, grace_s: float) -> None:
    await stop.wait()
    await asyncio.sleep(grace_s)
