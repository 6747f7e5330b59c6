"""How fast telemetry is taken, against a bare COPY of the same rows in the same run.

::

    uv run python tests/bench/telemetry/bench_ingest.py [ELEVATORS] [DAYS] [ROUNDS]

The bare COPY writes records, hours, days, events and signs of life into the same partitioned tables with the same indexes, in a
single transaction, as a login that no row security binds. Each round measures the COPY, then every way into the emptied
tables; the medians of the rounds are told, because others use the machine too.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import click

from backend import clock, database
from backend.migrate import migrate
from backend.scope import SYSTEM, of_firm
from backend.settings import Settings
from backend.telemetry import service
from planner import simulate
from tests.support.factory import Factory
from tests.support.mosquitto import free_port

BATCH = 1000
TABLES = {
    "telemetry_record": "elevator, at, seq",
    "elevator_hour": "elevator, hour",
    "elevator_day": "elevator, day",
    "telemetry_event": "elevator, at, raw_code",
    "signal_day": "id",
}
EMPTY = (*TABLES, "elevator_signal", "rejected_record", "pgqueuer")


async def _emptied(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("TRUNCATE " + ", ".join(EMPTY))
    await connection.close()


async def _stored(url: str) -> dict[str, list[tuple[Any, ...]]]:
    connection = await asyncpg.connect(url)
    rows = {}
    for table, order in TABLES.items():
        rows[table] = [tuple(row) for row in await connection.fetch(f"SELECT * FROM {table} ORDER BY {order}")]
    await connection.close()
    return rows


async def _copied(url: str, rows: dict[str, list[tuple[Any, ...]]]) -> None:
    connection = await asyncpg.connect(url)
    async with connection.transaction():
        for table, found in rows.items():
            await connection.copy_records_to_table(table, records=found)
    await connection.close()


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    start = time.perf_counter()
    await work()
    return time.perf_counter() - start


async def _in_batches(firm: UUID, records: list[dict[str, Any]], size: int) -> None:
    for start in range(0, len(records), size):
        result = await service.ingest(of_firm(firm), records[start : start + size])
        assert not result.rejected, result.rejected[0].reason


def _posted(base: str, key: str, bodies: list[bytes], threads: int) -> None:
    def post(body: bytes) -> None:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(base, body, headers), timeout=120) as answer:  # noqa: S310
            assert not json.load(answer)["rejected"]

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(post, bodies))


@asynccontextmanager
async def _server(folder: Path, url: str) -> AsyncIterator[str]:
    """`liftrounds serve` in a process of its own; the address of its intake."""
    port = free_port()
    environment = os.environ | {
        "LIFTROUNDS_DATA_DIR": str(folder),
        "LIFTROUNDS_DATABASE_URL": url,
        "LIFTROUNDS_LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-m", "backend.cli", "serve", "--port", str(port)]
    server = await asyncio.create_subprocess_exec(*command, env=environment, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                await asyncio.to_thread(urllib.request.urlopen, f"http://127.0.0.1:{port}/readyz", timeout=1)
                break
            except OSError:
                await asyncio.sleep(0.1)
        yield f"http://127.0.0.1:{port}/api/v1/telemetry"
    finally:
        server.terminate()
        await server.wait()


async def _over_http(address: str, key: str, records: list[dict[str, Any]], size: int, threads: int) -> None:
    bodies = [json.dumps({"records": records[at : at + size]}).encode() for at in range(0, len(records), size)]
    await asyncio.to_thread(_posted, address, key, bodies, threads)


async def main(elevators: int, days: int, rounds: int) -> None:
    """Measure, and print a table."""
    folder = Path(tempfile.mkdtemp(prefix="liftrounds-bench-"))
    url = database.database_url(Settings(data_dir=folder))
    await migrate(url)
    await database.connect(url)
    factory = Factory()
    firm = await factory.firm()
    site = await factory.site(firm)
    fleet = simulate.fleet(elevators, 1)
    for one in fleet:
        await factory.elevator(firm, site=site, registration_code=one.registration_code)
    _, key = await service.add_device(of_firm(firm), None, "gateway")
    until = clock.now().replace(minute=0, second=0, microsecond=0)
    by_elevator = list(simulate.fleet_records(fleet, until - timedelta(days=days), until))
    by_hour = sorted(by_elevator, key=lambda record: int(record["seq"]))
    count = len(by_elevator)
    click.echo(f"{elevators} elevators, {days} days by the hour: {count:,} records of 6 counters\n")
    click.echo("| way | records/s, median | least to most | of the bare COPY |\n|---|---|---|---|")

    await service.load_history(firm, by_elevator)
    rows = await _stored(url)
    only_records = {"telemetry_record": rows["telemetry_record"]}
    async with _server(folder, url) as address:
        over_http = partial(_over_http, address, key)
        ways: dict[str, tuple[int, Callable[[], Awaitable[object]]]] = {
            "bare COPY of the rows": (count, partial(_copied, url, rows)),
            "bare COPY of the records alone": (count, partial(_copied, url, only_records)),
            "`load_history`, elevator after elevator": (count, partial(service.load_history, firm, by_elevator)),
            f"`ingest` in batches of {BATCH}, elevator after elevator": (count, partial(_in_batches, firm, by_elevator, BATCH)),
            f"`ingest` in batches of {BATCH}, hour after hour": (count, partial(_in_batches, firm, by_hour, BATCH)),
        }
        for size, share in ((BATCH, 1), (100, 4), (10, 20)):
            for threads in (1, 4):
                part = by_hour[: count // share]
                ways[f"HTTP, batches of {size}, {threads} at a time"] = len(part), partial(over_http, part, size, threads)
        speeds: dict[str, list[float]] = {}
        for _ in range(rounds):
            for way, (number, work) in ways.items():
                await _emptied(url)
                speeds.setdefault(way, []).append(number / await _timed(work))
    bare = statistics.median(speeds["bare COPY of the rows"])
    for way, found in speeds.items():
        speed = statistics.median(found)
        click.echo(f"| {way} | {speed:,.0f} | {min(found):,.0f} to {max(found):,.0f} | {100 * speed / bare:.0f} % |")
    async with database.tx(SYSTEM):
        assert await database.fetch_value("SELECT count(*) FROM rejected_record") == 0
    await database.disconnect()
    database.release_embedded()
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:]]
    asyncio.run(main(*[*given, *(50, 20, 3)[len(given) :]]))
