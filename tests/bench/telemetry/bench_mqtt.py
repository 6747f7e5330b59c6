"""How many MQTT messages a second a consumer stores from a real Mosquitto, at quality 1.

::

    uv run python tests/bench/telemetry/bench_mqtt.py [MESSAGES] [PER_SECOND]

One record of three counters in each message, from 500 elevators in turn. First all at once, then at
PER_SECOND (how long the last waits then). The publisher, the broker, the consumer and the database share the machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import click

from backend import clock, database
from backend.migrate import migrate
from backend.scope import of_firm
from backend.settings import Settings
from backend.telemetry import service
from tests.support.factory import Factory
from tests.support.mosquitto import Mosquitto
from tests.support.publisher import publish_all

ELEVATORS = 500
CONSUMER = ("ingest", "--client-id", "bench", "--mqtt")


def _messages(codes: list[str], start: datetime, first: int, count: int) -> list[tuple[str, bytes]]:
    told = []
    for n in range(first, first + count):
        code, turn = codes[n % ELEVATORS], n // ELEVATORS
        at = start + timedelta(seconds=60 * turn)
        counters = {"trips": 1000 + 2 * turn, "door_cycles": 3000 + 3 * turn, "run_s": 9000 + 20 * turn}
        body = {"records": [{"elevator": code, "at": at.isoformat(), "seq": turn, "counters": counters}]}
        told.append((f"liftrounds/v1/{code}/telemetry", json.dumps(body).encode()))
    return told


async def _stored(connection: asyncpg.Connection, count: int, limit_s: float) -> float:
    """Wait until so many records are stored; return when that was."""
    end = time.perf_counter() + limit_s
    while time.perf_counter() < end:
        if await connection.fetchval("SELECT count(*) FROM telemetry_record") >= count:
            return time.perf_counter()
        await asyncio.sleep(0.05)
    raise TimeoutError(await connection.fetchval("SELECT count(*) FROM telemetry_record"))


async def main(count: int, per_second: float) -> None:
    """Measure, and print."""
    folder = Path(tempfile.mkdtemp(prefix="liftrounds-bench-"))
    url = database.database_url(Settings(data_dir=folder))
    await migrate(url)
    await database.connect(url)
    factory = Factory()
    firm: UUID = await factory.firm()
    site = await factory.site(firm)
    codes = [f"3110331003{n:010d}" for n in range(ELEVATORS)]
    for code in codes:
        elevator = await factory.elevator(firm, site=site, registration_code=code)
        await service.add_device(of_firm(firm), elevator, code)
    await database.disconnect()
    broker = Mosquitto()
    await broker.start()
    environment = os.environ | {"LIFTROUNDS_DATA_DIR": str(folder), "LIFTROUNDS_DATABASE_URL": url}
    consumer = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "backend.cli", *CONSUMER, broker.url, env=environment, stderr=asyncio.subprocess.PIPE
    )
    assert consumer.stderr is not None
    while b"taking telemetry" not in await consumer.stderr.readline():
        pass
    connection = await asyncpg.connect(url)
    start = clock.now().replace(minute=0, second=0, microsecond=0) - timedelta(days=2)
    click.echo("| messages | published | stored and acknowledged | messages/s |\n|---|---|---|---|")
    done = 0
    for pace in (None, per_second):
        messages = _messages(codes, start, done, count)
        begin = time.perf_counter()
        assert await publish_all(broker.port, messages, per_second=pace) == count
        published = time.perf_counter() - begin
        done += count
        stored = await _stored(connection, done, 120) - begin
        click.echo(f"| {count:,} | {published:.1f} s | {stored:.1f} s | {count / stored:,.0f} |")
    consumer.terminate()
    await consumer.wait()
    await connection.close()
    await broker.stop()
    broker.remove()
    database.release_embedded()
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 30_000, float(sys.argv[2]) if len(sys.argv) > 2 else 5000))
