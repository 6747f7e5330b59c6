"""A real Mosquitto on a port of its own, for tests."""

from __future__ import annotations

import asyncio
import shutil
import socket
import tempfile
import time
from pathlib import Path

import pytest


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Mosquitto:
    """A broker that can be stopped and started again at the same address, keeping its sessions."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self._folder = Path(tempfile.mkdtemp(prefix="liftrounds-mosquitto-"))
        self._folder.chmod(0o777)  # started by root, it goes on as another user
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it, and wait until it answers."""
        binary = shutil.which("mosquitto") or shutil.which("/usr/sbin/mosquitto")
        if binary is None:
            pytest.fail("these tests need Mosquitto: apt-get install mosquitto")
        config = self._folder / "mosquitto.conf"
        config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\n"
            f"persistence true\npersistence_location {self._folder}/\nlog_dest none\n"
            # As docs/telemetry.md has it: nothing is dropped while a consumer is away, and a killed broker knows its sessions.
            "max_queued_messages 0\nmax_inflight_messages 0\nautosave_interval 1\nset_tcp_nodelay true\n"
        )
        self._process = await asyncio.create_subprocess_exec(binary, "-c", str(config))
        async with asyncio.timeout(10):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                except OSError:
                    assert self._process.returncode is None, "Mosquitto ended"
                    await asyncio.sleep(0.02)
                    continue
                writer.close()
                await writer.wait_closed()
                return

    async def stop(self) -> None:
        """Stop it; its sessions are written down."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

    async def saved(self) -> None:
        """Wait until it has written down what it knows now."""
        file, now = self._folder / "mosquitto.db", time.time()
        async with asyncio.timeout(10):
            while not (file.exists() and file.stat().st_mtime > now):  # noqa: ASYNC110 - nobody tells when a file is written
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """End it at once (SIGKILL): it knows what it wrote down before."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    def remove(self) -> None:
        """Remove what it wrote."""
        shutil.rmtree(self._folder, ignore_errors=True)
