"""A transaction gives its connection back however it ends."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from backend import database
from backend.scope import SYSTEM
from tests.support.waiting import until


async def _end_all_connections(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    await connection.close()


async def test_a_server_that_is_lost_within_transactions_leaves_the_pool_as_large_as_it_was(db: str) -> None:
    async def be_lost() -> None:
        async with database.tx(SYSTEM):
            await _end_all_connections(db)
            await database.fetch_value("SELECT 1")

    for _ in range(database.POOL_SIZE + 1):
        with pytest.raises(database.CONNECTION_ERRORS):
            await be_lost()
    await until(_answers)  # not at once: a connection that was ended while it lay idle is noticed at its next query


async def _answers() -> bool:
    try:
        async with database.tx(SYSTEM):
            return bool(await database.fetch_value("SELECT 1") == 1)
    except database.CONNECTION_ERRORS:
        return False


async def test_a_task_that_is_cancelled_within_a_transaction_gives_its_connection_back(db: str) -> None:
    async def sleep() -> None:
        async with database.tx(SYSTEM):
            await database.fetch_value("SELECT pg_sleep(30)")

    for delay_s in [0.0, 0.001, 0.01, 0.03] * 4:
        task = asyncio.create_task(sleep())
        await asyncio.wait({task}, timeout=delay_s)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    async with asyncio.timeout(10), database.tx(SYSTEM):
        assert await database.fetch_value("SELECT 1") == 1


async def test_a_transaction_inside_another_is_refused(db: str) -> None:
    async with database.tx(SYSTEM):
        with pytest.raises(RuntimeError, match="_inside"):
            async with database.tx(SYSTEM):
                pass
        assert await database.fetch_value("SELECT 1") == 1
