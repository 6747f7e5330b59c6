"""The queue as others see it: work that must happen is written down in the same transaction as what calls for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import msgspec

from backend import database
from backend.jobs import queries
from backend.jobs.queries import FailedJob
from backend.jobs.registry import MODULES
from backend.scope import SYSTEM

_AT_ONCE = timedelta(0)


async def enqueue(
    name: str, payload: Mapping[str, object] | msgspec.Struct, *, delay: timedelta = _AT_ONCE, dedupe_key: str | None = None
) -> bool:
    """Write a job into the queue inside the caller's transaction: it runs if, and only if, that commits.

    A job is run at least once: again after a crash of its worker, so it must bear being repeated.

    Parameters
    ----------
    name
        One of `backend.jobs.registry.MODULES`.
    payload
        What the job is told; ids and days, no copies of rows.
    delay
        Not before this long from now.
    dedupe_key
        While a job with this key waits or runs, no second one is written.

    Returns
    -------
    bool
        Whether a job was written; False only where the key was taken.

    Raises
    ------
    ValueError
        If there is no such job.
    """
    if name not in MODULES:
        raise ValueError(f"no job {name}; there are {', '.join(sorted(MODULES))}")
    return await queries.insert_job(name, msgspec.json.encode(payload), delay, dedupe_key)


async def failed() -> list[FailedJob]:
    """Return the jobs that were set aside after their last attempt, oldest first."""
    async with database.tx(SYSTEM):
        return await queries.failed_jobs()


async def retry_failed() -> int:
    """Put all jobs that were set aside back into the queue; return how many."""
    async with database.tx(SYSTEM):
        return await queries.requeue_failed_jobs()
