"""The regular jobs do their work, and doing it twice harms nothing."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from backend import clock, database
from backend.jobs import registry
from backend.jobs.job import Nothing
from backend.jobs.tidy import KEEP_DEAD_RUNS, KEEP_QUEUE_LOG
from backend.scope import SYSTEM
from tests.support.factory import Factory


@pytest.mark.parametrize("name", ["missed_orders", "tidy"])
async def test_a_regular_job_can_be_run_on_an_empty_installation_twice(name: str, db: str) -> None:
    job = registry.load()[name]
    for _ in range(2):
        await job.run(Nothing())


async def test_tidying_up_removes_old_lines_sessions_and_dead_runs_and_leaves_the_rest(factory: Factory) -> None:
    now = clock.now()
    firm = await factory.firm()
    account = await factory.row(
        "account", firm=firm, login="m", password_hash="x", role="manager", name="M", active=True
    )  # fmt: skip
    for hours in (-1, 1):
        await factory.row(
            "session", account=account, kind="api", token_hash=f"h{hours}", expires_at=now + timedelta(hours=hours)
        )
    for state in ("discarded", "proposed"):
        await factory.row(
            "plan_run", firm=firm, state=state, start_date=now.date(), days=1, time_limit_s=1.0, snapshot_hash="x",
            requested_at=now - KEEP_DEAD_RUNS - timedelta(days=1),
        )  # fmt: skip
    async with database.tx(SYSTEM):
        for days in (-1, 1):
            await database.execute(
                "INSERT INTO pgqueuer_log (created, job_id, status, priority, entrypoint, aggregated)"
                " VALUES ($1, 1, 'successful', 0, 'tidy', true)",
                now - KEEP_QUEUE_LOG + timedelta(days=days),
            )
    await registry.load()["tidy"].run(Nothing())
    async with database.tx(SYSTEM):
        assert await database.fetch_value("SELECT array_agg(token_hash) FROM session") == ["h1"]
        assert await database.fetch_value("SELECT array_agg(state) FROM plan_run") == ["proposed"]
        assert await database.fetch_value("SELECT count(*) FROM pgqueuer_log") == 1


def test_every_job_s_payload_reads_what_the_timetable_puts() -> None:
    from backend.jobs.timetable import TIMETABLE

    for name in TIMETABLE:
        msgspec.json.decode(b"{}", type=registry.load()[name].payload)
