"""Of all clocks one leads; when it goes, another takes over."""

from __future__ import annotations

import asyncio

import asyncpg

from backend import database
from backend.jobs import registry
from backend.jobs.timetable import TIMETABLE, Timekeeper
from backend.scope import SYSTEM
from tests.support.waiting import WAIT_S, until


async def _all_queued() -> bool:
    return await _queued() == sorted(TIMETABLE)


async def _queued() -> list[str]:
    async with database.tx(SYSTEM):
        return [row["entrypoint"] for row in await database.fetch("SELECT entrypoint FROM pgqueuer ORDER BY 1")]


async def test_of_two_clocks_one_leads_and_the_other_takes_over(db: str) -> None:
    keepers = [Timekeeper(check_s=0.02) for _ in range(2)]
    stops = [asyncio.Event() for _ in keepers]
    tasks = [asyncio.create_task(keeper.run(stop)) for keeper, stop in zip(keepers, stops, strict=True)]
    async with asyncio.timeout(WAIT_S):
        waits = [asyncio.create_task(keeper.leads.wait()) for keeper in keepers]
        done, still = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        first = waits.index(next(iter(done)))
        other = 1 - first
        await until(_all_queued)
        assert len(done) == 1
        assert not keepers[other].leads.is_set()
        stops[first].set()
        await tasks[first]
        await asyncio.wait(still)
        assert not keepers[first].leads.is_set()
        stops[other].set()
        await tasks[other]


async def test_the_jobs_of_the_timetable_are_put_once_while_they_wait(db: str) -> None:
    for _ in range(2):
        keeper, stop = Timekeeper(check_s=0.02), asyncio.Event()
        task = asyncio.create_task(keeper.run(stop))
        await until(_all_queued)
        stop.set()
        await task
    assert await _queued() == sorted(TIMETABLE)


async def test_a_clock_whose_connection_is_cut_leads_again(db: str) -> None:
    keeper, stop = Timekeeper(check_s=0.02), asyncio.Event()
    task = asyncio.create_task(keeper.run(stop))
    async with asyncio.timeout(WAIT_S):
        await keeper.leads.wait()
    connection = await asyncpg.connect(db)  # as the owner of the server: the app's role may not end connections
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'liftrounds worker' AND datname = current_database()"
    )
    await connection.close()
    await until(lambda: not keeper.leads.is_set())
    async with asyncio.timeout(WAIT_S):
        await keeper.leads.wait()
    stop.set()
    await task


def test_every_line_of_the_timetable_names_a_job() -> None:
    assert set(TIMETABLE) <= set(registry.MODULES)
