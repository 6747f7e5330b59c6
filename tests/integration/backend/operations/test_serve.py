"""`liftrounds serve` as a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx

from backend.scope import Role
from backend.settings import Settings, environment_of
from tests.support.factory import Factory
from tests.support.http import PASSWORD, account


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def serving(settings: Settings, *options: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """A server process that answers, and its address; ended if the test has not done so."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "backend.cli", "serve", "--port", str(port), *options,
        env=environment_of(settings), stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    drain = asyncio.create_task(process.stderr.read())  # type: ignore[union-attr]
    url = f"http://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(60), httpx.AsyncClient() as client:
            while True:
                assert process.returncode is None, (await drain).decode()
                with contextlib.suppress(httpx.TransportError):
                    if (await client.get(f"{url}/livez")).status_code == 200:
                        break
                await asyncio.sleep(0.1)
        yield process, url
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 30)
        await drain


async def test_sigterm_lets_the_request_under_way_finish(db: str, factory: Factory, settings: Settings) -> None:
    login = await account(await factory.firm(), Role.MANAGER)
    async with serving(settings) as (process, url), httpx.AsyncClient(timeout=30) as client:
        blocker = await asyncpg.connect(db)
        async with blocker.transaction():
            await blocker.execute("LOCK TABLE session IN ACCESS EXCLUSIVE MODE")
            answer = asyncio.create_task(client.post(f"{url}/api/v1/sessions", json={"login": login, "password": PASSWORD}))
            while not await blocker.fetchval("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.5)  # the server is told to stop, and the request is still under way
            assert not answer.done()
        await blocker.close()
        assert (await answer).status_code == 201
        assert await asyncio.wait_for(process.wait(), 20) == 0


async def test_several_workers_answer_and_count_together(db: str, settings: Settings) -> None:
    async with serving(settings, "--workers", "2") as (_process, url), httpx.AsyncClient() as client:
        assert (await client.get(f"{url}/readyz")).json() == {"status": "ok"}
        for _ in range(6):
            async with httpx.AsyncClient() as other:  # a connection of its own may meet either worker
                await other.get(f"{url}/sign-in")
        text = (await client.get(f"{url}/metrics")).text
        assert 'liftrounds_requests_total{method="GET",route="/sign-in",status="200"} 6.0' in text


async def test_the_embedded_database_serves_several_processes_and_ends_with_the_last() -> None:
    with tempfile.TemporaryDirectory(prefix="liftrounds-serve-", ignore_cleanup_errors=True) as folder:
        settings = Settings(data_dir=Path(folder))
        async with serving(settings) as (process, url):
            postmaster = int((Path(folder) / "postgres" / "postmaster.pid").read_text().split()[0])
            other = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "backend.cli", "migrate", env=environment_of(settings), stdout=asyncio.subprocess.DEVNULL
            )
            assert await other.wait() == 0
            async with httpx.AsyncClient() as client:  # the other's end did not take the database along
                assert (await client.get(f"{url}/readyz")).status_code == 200
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 30) == 0
        assert not is_running(postmaster)


async def test_a_killed_process_does_not_keep_the_embedded_database_alive() -> None:
    with tempfile.TemporaryDirectory(prefix="liftrounds-serve-", ignore_cleanup_errors=True) as folder:
        settings = Settings(data_dir=Path(folder))
        async with serving(settings) as (process, _url):
            postmaster = int((Path(folder) / "postgres" / "postmaster.pid").read_text().split()[0])
            os.killpg(os.getpgid(process.pid), 0)  # it is there
            process.kill()
            await process.wait()
        assert is_running(postmaster)
        command = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "backend.cli", "migrate", env=environment_of(settings), stdout=asyncio.subprocess.DEVNULL
        )
        assert await command.wait() == 0
        assert not is_running(postmaster)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_a_taken_port_is_told_before_anything_starts(settings: Settings) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "backend.cli", "serve", "--port", str(port), env=environment_of(settings),
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, told = await process.communicate()
    assert process.returncode == 2
    assert "--port" in told.decode()
