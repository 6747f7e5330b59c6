"""SQL of the queue: what PgQueuer's own statements do inside our transactions, and the connections a worker needs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import asyncpg
from msgspec import Struct
from pgqueuer.adapters.persistence.qb import QueryQueueBuilder

from backend import database
from backend.piccolo_conf import DB

_NORMAL_PRIORITY = 0
_QUEUE_CONNECTIONS = 4
"""One listens, one dequeues, the others write outcomes and heartbeats."""


class FailedJob(Struct, frozen=True, kw_only=True):
    """A job that was set aside after its last attempt."""

    id: int
    entrypoint: str
    attempts: int
    updated: datetime


async def insert_job(name: str, payload: bytes, delay: timedelta, dedupe_key: str | None) -> bool:
    """Write a job; False where one with the same key is waiting or running."""
    rows = await database.fetch(
        QueryQueueBuilder().build_enqueue_query("skip"),
        [_NORMAL_PRIORITY], [name], [payload], [delay], [dedupe_key], [None],
    )  # fmt: skip
    return bool(rows)


async def failed_jobs() -> list[FailedJob]:
    """Return the jobs that were set aside, oldest first."""
    return await database.fetch_as(
        FailedJob, "SELECT id, entrypoint, attempts, updated FROM pgqueuer WHERE status = 'failed' ORDER BY updated, id"
    )


async def requeue_failed_jobs() -> int:
    """Put the jobs that were set aside back into the queue; return how many."""
    failed = [job.id for job in await failed_jobs()]
    await database.execute(QueryQueueBuilder().build_requeue_jobs_query(), failed)
    return len(failed)


async def delete_log_before(at: datetime) -> int:
    """Remove lines of the queue's own log that are older than an instant."""
    return await database.execute("DELETE FROM pgqueuer_log WHERE created < $1 AND aggregated", at)


async def _server_settings() -> dict[str, str]:
    """Return settings that give a connection of the queue the same rights as those of the pool."""
    if DB.pool is None:
        raise RuntimeError("open the pool of backend.database first")
    async with DB.pool.acquire() as connection:
        role = await connection.fetchval("SELECT current_user")
    return {"role": role, "application_name": "liftrounds worker"}


async def queue_pool() -> asyncpg.Pool:
    """Open the connections of a worker's queue.

    They are not those of `database`: PgQueuer writes and reads JSON as text, which the pool's codec would encode twice.
    """
    return await asyncpg.create_pool(
        DB.config["dsn"], min_size=1, max_size=_QUEUE_CONNECTIONS, server_settings=await _server_settings()
    )


async def lone_connection() -> asyncpg.Connection:
    """Open one connection for a lock that lasts as long as it."""
    connection: Any = await asyncpg.connect(DB.config["dsn"], server_settings=await _server_settings())
    return connection
