"""`liftrounds simulate` and `liftrounds ingest` at the terminal."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from click.testing import CliRunner, Result

from backend import clock
from backend.cli import main
from backend.errors import NotAllowed
from backend.scope import Scope
from backend.telemetry import service
from backend.telemetry.commands import ingest, simulate
from tests.integration.backend.telemetry.conftest import CODE, value
from tests.support.factory import Factory
from tests.support.mosquitto import Mosquitto, free_port
from tests.support.waiting import until

UNTIL = "2026-11-25T08:00:00+08:00"


def run(*args: str) -> Result:
    return CliRunner().invoke(simulate, ["--seed", "3", "--until", UNTIL, *args], catch_exceptions=False)


def test_records_are_written_one_a_line(tmp_path: Path) -> None:
    out, register = tmp_path / "fleet.jsonl", tmp_path / "fleet.csv"
    done = run("--elevators", "6", "--days", "2", "--out", str(out), "--register", str(register))
    assert done.exit_code == 0, done.output
    records = [json.loads(line) for line in out.read_text().splitlines()]
    with register.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(records) > 6 * 47 * 0.8
    assert {record["elevator"] for record in records} == {row["registration_code"] for row in rows}
    assert len(rows) == 6
    assert all(datetime.fromtimestamp(record["at"] / 1000, UTC) < datetime.fromisoformat(UNTIL) for record in records)


def test_the_same_call_writes_the_same(tmp_path: Path) -> None:
    one, two = tmp_path / "1", tmp_path / "2"
    run("--elevators", "2", "--days", "1", "--out", str(one))
    run("--elevators", "2", "--days", "1", "--out", str(two))
    assert one.read_text() == two.read_text() != ""


def test_records_go_to_standard_output_without_the_bar() -> None:
    done = run("--elevators", "1", "--days", "0.5", "--out", "-")
    assert all(json.loads(line)["elevator"] for line in done.stdout.splitlines())


def test_elevators_may_be_named(tmp_path: Path) -> None:
    codes = tmp_path / "codes.txt"
    codes.write_text(f"\ufeff{CODE}\nX-1\n")
    done = run("--codes", str(codes), "--days", "1", "--out", "-")
    assert {json.loads(line)["elevator"] for line in done.stdout.splitlines()} == {CODE, "X-1"}


@pytest.mark.parametrize(
    "args",
    [
        ["--out", "x", "--post", "http://x"], ["--days", "0"], ["--until", "yesterday"], ["--until", "2026-01-01T00:00:00"],
        ["--zone", "Mars/Olympus"], ["--zone", "../../etc/passwd"], ["--post", "ftp://x"], ["--mqtt", "http://x"],
        ["--out", "/nowhere/at/all"], ["--register", "/nowhere/at/all"], ["--post", "http://127.0.0.1:9", "--key", "x"],
        ["--mqtt", "mqtt://127.0.0.1:9"], ["--devices", __file__],
    ],
)  # fmt: skip
def test_wrong_use_ends_with_2_and_a_reason(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["simulate", "--elevators", "1", *args])
    assert ended.value.code == 2
    assert "Error" in capsys.readouterr().err


@pytest.fixture
async def real_clock(_stopped_clock: None) -> AsyncIterator[None]:
    """The clock goes: other processes look at it too."""
    stopped, clock._now = clock._now, clock._system_now
    yield
    clock._now = stopped


@asynccontextmanager
async def serving(db: str, folder: Path) -> AsyncIterator[str]:
    """`liftrounds serve` in a process of its own."""
    port = free_port()
    environment = os.environ | {
        "LIFTROUNDS_DATABASE_URL": db,
        "LIFTROUNDS_DATA_DIR": str(folder),
        "LIFTROUNDS_LOG_LEVEL": "ERROR",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "backend.cli", "serve", "--port", str(port), env=environment, stderr=asyncio.subprocess.DEVNULL
    )
    base = f"http://127.0.0.1:{port}"

    async def ready() -> bool:
        try:
            async with httpx.AsyncClient() as client:
                return (await client.get(f"{base}/readyz")).status_code == 200
        except httpx.TransportError:
            return False

    try:
        await until(ready)
        yield base
    finally:
        process.terminate()
        await process.wait()


async def simulated(*args: str) -> Result:
    """`liftrounds simulate` of a week up to now, in a thread of its own."""
    return await asyncio.to_thread(CliRunner().invoke, simulate, ["--days", "7", *args])


@pytest.fixture
async def devices(factory: Factory, firm_scope: Scope, elevator: UUID, tmp_path: Path) -> Path:
    """A file like demo.json of two elevators with a key each."""
    other = await factory.elevator(firm_scope.require_firm(), registration_code="31103310020000000888")
    rows: list[dict[str, Any]] = []
    for number, (code, one) in enumerate(((CODE, elevator), ("31103310020000000888", other))):
        _, key = await service.add_device(firm_scope, one, f"monitor-{number}")
        rows.append({"elevator": code, "key": key, "kind": "office"})
    path = tmp_path / "demo.json"
    path.write_text(json.dumps({"devices": rows}))
    return path


async def test_a_simulated_week_is_posted_with_each_device_s_key(
    real_clock: None, devices: Path, db: str, tmp_path: Path
) -> None:
    async with serving(db, tmp_path) as base:
        done = await simulated("--devices", str(devices), "--post", base)
        assert done.exit_code == 0, done.output
        assert "0 rejected" in done.output
        assert await value("SELECT count(*) FROM telemetry_record") > 200
        foreign = await simulated("--codes", str(_codes(tmp_path)), "--post", base, "--key", _first_key(devices))
        assert foreign.exit_code == 1, foreign.output  # an elevator that this device does not speak for
        assert "elevator:" in foreign.output
        unknown = await simulated("--elevators", "1", "--post", base, "--key", "lrd_wrong")
        assert isinstance(unknown.exception, NotAllowed)


async def test_a_simulated_week_is_published(real_clock: None, devices: Path, db: str) -> None:
    mosquitto = Mosquitto()
    await mosquitto.start()
    environment = os.environ | {"LIFTROUNDS_DATABASE_URL": db, "LIFTROUNDS_MQTT_URL": mosquitto.url}
    taking = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "backend.cli", "ingest", "--client-id", "test", "--require-key",
        env=environment, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert taking.stderr is not None
        async with asyncio.timeout(30):
            while b"taking telemetry" not in await taking.stderr.readline():
                pass
        done = await simulated("--devices", str(devices), "--mqtt", mosquitto.url)
        assert done.exit_code == 0, done.output
        assert await value("SELECT count(*) FROM telemetry_record") > 200
        assert await value("SELECT count(DISTINCT elevator) FROM telemetry_record") == 2
    finally:
        taking.terminate()
        _, errors = await taking.communicate()
        await mosquitto.stop()
        mosquitto.remove()
    assert taking.returncode == 0
    assert b"records taken" in errors


def _codes(folder: Path) -> Path:
    path = folder / "codes.txt"
    path.write_text("31103310020000000888\n")
    return path


def _first_key(devices: Path) -> str:
    key: str = json.loads(devices.read_text())["devices"][0]["key"]
    return key


@pytest.mark.parametrize("command", [simulate, ingest])
def test_help_shows_an_example(command: Any) -> None:
    assert "Examples:\n    liftrounds" in CliRunner().invoke(command, ["--help"]).output
