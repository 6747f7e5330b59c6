"""How fast telemetry is taken, against a bare COPY of the same rows in the same run.

::

    uv run python tests/bench/telemetry/bench_ingest.py [ELEVATORS] [DAYS]

The bare COPY writes readings, hours and records into the same tables with the same indexes, as a login that no row security
binds: what remains above it is decoding, checks, finding neighbours, deltas and the hours' sums.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
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


def _line(what: str, records: int, seconds: float, bare: float | None) -> None:
    ratio = "1" if bare is None else f"{seconds / bare:.1f}"
    click.echo(f"| {what} | {seconds:.1f} s | {records / seconds:,.0f} | {ratio} |")


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


async def _over_http(folder: Path, url: str, key: str, records: list[dict[str, Any]], size: int, threads: int) -> float:
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
        bodies = [json.dumps({"records": records[at : at + size]}).encode() for at in range(0, len(records), size)]
        target = f"http://127.0.0.1:{port}/api/v1/telemetry"
        return await _timed(lambda: asyncio.to_thread(_posted, target, key, bodies, threads))
    finally:
        server.terminate()
        await server.wait()


async def main(elevators: int, days: int) -> None:
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
    click.echo("| way | time | records/s | of the bare COPY |\n|---|---|---|---|")

    loaded = await _timed(lambda: service.load_history(firm, by_elevator))
    rows = await _stored(url)
    await _emptied(url)
    bare = await _timed(lambda: _copied(url, rows))
    _line("bare COPY of the rows", count, bare, None)
    _line("`load_history`, elevator after elevator", count, loaded, bare)
    for what, records in (("elevator after elevator", by_elevator), ("hour after hour, all elevators", by_hour)):
        await _emptied(url)
        seconds = await _timed(partial(_in_batches, firm, records, BATCH))
        _line(f"`ingest` in batches of {BATCH}, {what}", count, seconds, bare)
    for size, threads, part in ((BATCH, 1, by_hour), (BATCH, 4, by_hour), (10, 4, by_hour[: count // 10])):
        await _emptied(url)
        seconds = await _over_http(folder, url, key, part, size, threads)
        _line(f"HTTP, batches of {size}, {threads} at a time", len(part), seconds, bare * len(part) / count)
    async with database.tx(SYSTEM):
        assert await database.fetch_value("SELECT count(*) FROM rejected_record") == 0
    await database.disconnect()
    database.release_embedded()
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50, int(sys.argv[2]) if len(sys.argv) > 2 else 35))
