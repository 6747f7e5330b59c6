"""How long data health takes for a firm whose elevators all have a monitor: gathered, judged, kept.

::

    uv run python tests/bench/upkeep/bench_data_health.py [ELEVATORS]

Five weeks of days are written straight into the tables: hours with a record, arrivals, a temperature, four counters. One in
forty monitors has a gap, one in forty a counter that stands still.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import Counter
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import click

from backend import clock, database
from backend.migrate import migrate
from backend.scope import Scope, of_firm
from backend.settings import Settings
from backend.telemetry import service as telemetry
from backend.telemetry.health import keep_inside
from backend.telemetry.health_views import HealthFilter
from backend.upkeep.health import evidence, limits_of
from backend.upkeep.service import BATCH
from planner.intervals.health import assess
from planner.intervals.rules import load_pack
from tests.support.factory import Factory

_ELEVATORS = """
INSERT INTO elevator (firm, site, registration_code, mode, rule_pack)
SELECT $1, $2, 'R' || lpad(n::text, 6, '0'), 'on_demand', 'cn-on-demand-30' FROM generate_series(1, $3::int) n
"""

_DAYS = """
INSERT INTO signal_day (firm, elevator, day, hours, delays_s, gauges)
SELECT e.firm, e.id, current_date - d, CASE WHEN e.n % 40 = 0 AND d IN (3, 4) THEN 0 ELSE 16777215 END,
    ARRAY(SELECT (h * 7 + e.n) % 9 FROM generate_series(1, 24) h),
    jsonb_build_object('temperature_c', jsonb_build_array(20.1 + d, 24.3 + d, 24))
FROM (SELECT id, firm, row_number() OVER (ORDER BY id) AS n FROM elevator) e, generate_series(1, 35) d
"""

_GROWTH = """
INSERT INTO elevator_day (firm, elevator, day, counters, deltas, readings)
SELECT e.firm, e.id, current_date - d, ARRAY['door_cycles', 'rope_bends', 'run_s', 'trips'],
    ARRAY[CASE WHEN e.n % 40 = 1 AND d < 4 THEN 0 ELSE 300 + (d * e.n) % 50 END, 500, 9000, 280]::bigint[],
    ARRAY[24, 24, 24, 24]
FROM (SELECT id, firm, row_number() OVER (ORDER BY id) AS n FROM elevator) e, generate_series(1, 35) d
"""


async def _filled(scope: Scope, elevators: int) -> list[UUID]:
    firm = scope.require_firm()
    site = await Factory().site(firm)
    async with database.tx(scope):
        await database.execute(_ELEVATORS, firm, site, elevators)
        await database.execute(_DAYS)
        await database.execute(_GROWTH)
        return [row["id"] for row in await database.fetch("SELECT id FROM elevator ORDER BY id")]


async def _run(elevators: int) -> None:
    with tempfile.TemporaryDirectory(prefix="liftrounds-bench-", ignore_cleanup_errors=True) as folder:
        url = database.database_url(Settings(data_dir=Path(folder)))
        await migrate(url)
        await database.connect(url)
        scope = of_firm(await Factory().firm())
        ids = await _filled(scope, elevators)
        connection = await asyncpg.connect(url)
        await connection.execute("ANALYZE")
        await connection.close()
        for name in ("first", "again"):
            begun, cpu = time.perf_counter(), time.process_time()
            states = await _health(scope, ids)
            seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
            click.echo(f"data health, {name}: {seconds:.2f} s, of which {cpu:.2f} s here; {dict(states)}")
        begun = time.perf_counter()
        page = await telemetry.health_list(scope, HealthFilter())
        click.echo(f"first page of the list: {(time.perf_counter() - begun) * 1000:.0f} ms, {page.counts}")
        await database.disconnect()
        database.release_embedded()


async def _health(scope: Scope, ids: list[UUID]) -> Counter[str]:
    pack, zone, now = load_pack("cn-on-demand-30"), ZoneInfo("Asia/Shanghai"), clock.now()
    states: Counter[str] = Counter()
    for start in range(0, len(ids), BATCH):
        async with database.tx(scope):
            found = await evidence([(elevator, pack, None) for elevator in ids[start : start + BATCH]], zone, now)
            judged = [(elevator, facts, assess(facts, limits_of(pack))) for elevator, facts in found.items()]
            await keep_inside(scope.require_firm(), judged, now)
        states.update(health.state for _, _, health in judged)
    return states


@click.command()
@click.argument("elevators", type=int, default=10_000)
def main(elevators: int) -> None:
    """Measure and print."""
    asyncio.run(_run(elevators))


if __name__ == "__main__":
    main()
