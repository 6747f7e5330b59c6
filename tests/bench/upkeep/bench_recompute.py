"""How long it takes to compute all due windows of a firm anew, against a bare COPY of the same windows in the same run.

::

    uv run python tests/bench/upkeep/bench_recompute.py [ELEVATORS] [MONITORED]

Every elevator has a told visit of each class; the monitored ones are on demand and have five weeks of hourly telemetry.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import click

from backend import clock, database
from backend.migrate import migrate
from backend.scope import SYSTEM, Scope, of_firm
from backend.settings import Settings
from backend.telemetry import service as telemetry
from backend.upkeep import service
from backend.upkeep.views import DueFilter, ToldVisit
from planner.intervals.items import CLASSES
from tests.support.factory import Factory

SITES = 50
WEEKS_5 = 35 * 24
ONE_BY_ONE = 50
"""Elevators whose receipt is asked for alone."""

SPREAD_DAYS = (14, 80, 170, 300)
"""The told visit of each class was made up to so many days ago."""


async def _fleet(scope: Scope, elevators: int, monitored: int) -> list[UUID]:
    factory, firm = Factory(), scope.require_firm()
    owner = await factory.owner(firm)
    contract = await factory.row(
        "contract", firm=firm, owner=owner, number="C1", starts_on=date(2024, 1, 1), on_demand_consent_on=date(2025, 1, 1),
        insurance_until=date(2099, 1, 1),
    )  # fmt: skip
    sites = [await factory.site(firm, owner=owner) for _ in range(SITES)]
    async with database.tx(scope):
        await database.execute(
            "INSERT INTO elevator (firm, site, contract, registration_code, in_use_since, inspection_due_on, mode, rule_pack,"
            " monitored_since, on_demand_filing, on_demand_filed_on)"
            " SELECT $1, ($2::uuid[])[1 + n % $6], $3, 'R' || lpad(n::text, 6, '0'), '2020-01-01', '2099-06-01',"
            " CASE WHEN n <= $5 THEN 'on_demand' ELSE 'fixed' END,"
            " CASE WHEN n <= $5 THEN 'cn-on-demand-30' ELSE 'cn-fixed-15' END,"
            " CASE WHEN n <= $5 THEN date '2026-01-01' END, 'BA', '2026-01-01' FROM generate_series(1, $4) n",
            firm, sites, contract, elevators, monitored, SITES,
        )  # fmt: skip
        rows = await database.fetch("SELECT id FROM elevator ORDER BY registration_code")
    return [row["id"] for row in rows]


async def _history(scope: Scope, monitored: int) -> None:
    until = clock.now().replace(minute=0, second=0, microsecond=0)
    rng = random.Random(1)  # noqa: S311 - use of elevators, no secrets

    def records() -> object:
        for number in range(1, monitored + 1):
            hourly = rng.randint(5, 40)
            for hour in range(WEEKS_5 + 1):
                at = until - timedelta(hours=WEEKS_5 - hour)
                totals = {"trips": 10 + hourly * hour, "door_cycles": 12 + hourly * hour, "run_s": 100 + 12 * hourly * hour,
                          "rope_bends": 20 + 2 * hourly * hour}  # fmt: skip
                yield {"elevator": f"R{number:06d}", "at": at.isoformat(), "seq": hour, "counters": totals}

    await telemetry.load_history(scope.require_firm(), records())  # type: ignore[arg-type]


async def _told(scope: Scope, fleet: list[UUID]) -> float:
    rng = random.Random(2)  # noqa: S311 - days of visits, no secrets
    today = clock.today("Asia/Shanghai")
    visits = [
        ToldVisit(elevator=elevator, maintenance_class=name, on_day=today - timedelta(days=rng.randint(0, days)))
        for elevator in fleet
        for name, days in zip(CLASSES, SPREAD_DAYS, strict=True)
    ]
    begun = time.perf_counter()
    async with database.tx(scope):
        await service.note_told_visits_inside(scope.require_firm(), visits)
    return time.perf_counter() - begun


async def _bare_copy(url: str) -> float:
    """Seconds to write the same windows with COPY into the same table."""
    connection = await asyncpg.connect(url)
    rows = [tuple(row) for row in await connection.fetch("SELECT * FROM due_window")]
    await connection.execute("TRUNCATE due_window")
    begun = time.perf_counter()
    await connection.copy_records_to_table("due_window", records=rows)
    seconds = time.perf_counter() - begun
    await connection.close()
    return seconds


async def _run(elevators: int, monitored: int) -> None:
    with tempfile.TemporaryDirectory(prefix="liftrounds-bench-", ignore_cleanup_errors=True) as folder:
        url = database.database_url(Settings(data_dir=Path(folder)))
        await migrate(url)
        await database.connect(url)
        scope = of_firm(await Factory().firm())
        fleet = await _fleet(scope, elevators, monitored)
        click.echo(f"told visits ({len(fleet) * len(CLASSES)}): {await _told(scope, fleet):.2f} s")
        await _history(scope, monitored)
        connection = await asyncpg.connect(url)
        await connection.execute("ANALYZE")
        await connection.close()
        for name in ("first", "again"):
            begun, cpu = time.perf_counter(), time.process_time()
            summary = await service.recompute(SYSTEM)
            seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
            click.echo(f"recompute, {name}: {seconds:.2f} s, of which {cpu:.2f} s here; {summary.elevators} windows")
        begun = time.perf_counter()
        for elevator in fleet[:ONE_BY_ONE]:
            await service.receipt(scope, elevator)
        click.echo(f"one receipt with what would move it: {(time.perf_counter() - begun) / ONE_BY_ONE * 1000:.1f} ms")
        begun = time.perf_counter()
        page = await service.due_list(scope, DueFilter())
        click.echo(f"first page of {page.total}: {(time.perf_counter() - begun) * 1000:.0f} ms")
        bare = await _bare_copy(url)
        click.echo(f"bare COPY of the windows: {bare:.2f} s; ratio {seconds / bare:.1f}")
        await database.disconnect()
        database.release_embedded()


@click.command()
@click.argument("elevators", type=int, default=5_000)
@click.argument("monitored", type=int, default=500)
def main(elevators: int, monitored: int) -> None:
    """Measure and print."""
    asyncio.run(_run(elevators, monitored))


if __name__ == "__main__":
    main()
