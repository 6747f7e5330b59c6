"""A run outlives its worker: killed or stopped in the middle of the search, it ends in exactly one proposed plan."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from backend import database
from backend.rounds import service
from backend.rounds.views import RunState
from backend.scope import SYSTEM
from tests.support.planned_firm import MONDAY, PlannedFirm
from tests.support.waiting import WAIT_S, until


@asynccontextmanager
async def _worker(db: str, *, grace_s: float = 5) -> AsyncIterator[asyncio.subprocess.Process]:
    root = Path(__file__).parents[4]
    script = Path(__file__).with_name("planning_worker.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), db, "1", str(grace_s), env={"PYTHONPATH": str(root)}
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _attempts() -> int:
    async with database.tx(SYSTEM):
        found: int = await database.fetch_value("SELECT attempt FROM plan_run")
    return found


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
async def test_a_run_whose_worker_ends_is_taken_up_by_another(end: signal.Signals, db: str, many: PlannedFirm) -> None:
    run = await service.request_run(many.scope, MONDAY, 5, time_limit_s=600)

    async def searches() -> bool:
        found = await service.run(many.scope, run.id)
        return found.state is RunState.RUNNING and found.progress is not None

    async with _worker(db, grace_s=0.1) as victim:
        await until(searches)
        assert await _attempts() == 1
        victim.send_signal(end)
        code = await asyncio.wait_for(victim.wait(), WAIT_S)
        assert code == (0 if end == signal.SIGTERM else -signal.SIGKILL)
    async with _worker(db) as heir:

        async def taken_up() -> bool:
            return await _attempts() == 2 and await searches()

        await until(taken_up)
        await service.stop_run(many.scope, run.id)

        async def over() -> bool:
            return (await service.run(many.scope, run.id)).state is RunState.PROPOSED

        await until(over)

        async def job_is_done() -> bool:
            async with database.tx(SYSTEM):
                return not await database.fetch("SELECT id FROM pgqueuer")

        await until(job_is_done)
        heir.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(heir.wait(), WAIT_S) == 0
    plan = await service.run_plan(many.scope, run.id)
    assert plan.planned == len(many.elevators)
    assert await _attempts() == 2
