"""A whole installation in processes of its own: embedded PostgreSQL, pages and API, worker, MQTT intake, Mosquitto."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

READY_S = 60
_LOOK_S = 0.1
_END_S = 40


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Installation:
    """An installation that tests drive as people and machines do: at the terminal, over HTTP, over MQTT."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.mqtt_port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.environment = os.environ | {
            "LIFTROUNDS_DATA_DIR": str(folder / "data"),
            "LIFTROUNDS_DATABASE_URL": "",
            "LIFTROUNDS_PORT": str(self.port),
            "LIFTROUNDS_PUBLIC_URL": self.base_url,
            "LIFTROUNDS_MQTT_URL": f"mqtt://127.0.0.1:{self.mqtt_port}",
            "LIFTROUNDS_LOG_LEVEL": "WARNING",
        }
        self._running: list[subprocess.Popen[bytes]] = []
        self._clients: list[httpx.Client] = []

    def command(self, *arguments: str, code: int = 0) -> str:
        """Run `liftrounds` to its end and return what it printed; its exit code must be the one named."""
        done = subprocess.run(
            [sys.executable, "-m", "backend.cli", *arguments], env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, f"liftrounds {' '.join(arguments)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start `liftrounds` and leave it running."""
        process = subprocess.Popen([sys.executable, "-m", "backend.cli", *arguments], env=self.environment)
        self._running.append(process)
        return process

    def start_mosquitto(self) -> None:
        """Start a real broker on a port of its own."""
        config = self.folder / "mosquitto.conf"
        config.write_text(f"listener {self.mqtt_port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self._running.append(subprocess.Popen([program, "-c", str(config)], stderr=subprocess.DEVNULL))
        wait_for(lambda: _listens(self.mqtt_port))

    def serve(self) -> None:
        """Start the pages and the API and wait until they are ready."""
        process = self.start("serve")
        wait_for(lambda: process.poll() is None and _answers(f"{self.base_url}/readyz"))

    def client(self, login: str, password: str) -> httpx.Client:
        """A client of the API, signed in."""
        client = httpx.Client(base_url=self.base_url, headers={"Accept-Language": "en"}, timeout=60)
        self._clients.append(client)
        token = must(client.post("/api/v1/sessions", json={"login": login, "password": password}))["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        return client

    def stop(self) -> None:
        """End everything in the reverse order; nothing may need to be killed."""
        while self._clients:
            self._clients.pop().close()
        for process in reversed(self._running):
            process.send_signal(signal.SIGTERM)
            process.wait(_END_S)
        self._running.clear()


@contextmanager
def installed() -> Iterator[Installation]:
    """A fresh installation, removed after the block."""
    # Directly under the temporary folder: run as root, the embedded server opens all parent folders for reading.
    folder = Path(tempfile.mkdtemp(prefix="liftrounds-e2e-"))
    installation = Installation(folder)
    try:
        yield installation
    finally:
        installation.stop()
        shutil.rmtree(folder, ignore_errors=True)


def must(answer: httpx.Response, status: int | None = None) -> Any:
    """The JSON of an answer that must have succeeded."""
    good = answer.is_success if status is None else answer.status_code == status
    assert good, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:2000]}"
    return json.loads(answer.content) if answer.content else None


def wait_for(holds: Callable[[], bool], longest_s: float = READY_S) -> None:
    """Return as soon as a condition holds, and fail if it does not in time."""
    end = time.monotonic() + longest_s
    while not holds():
        assert time.monotonic() < end, f"waited for {longest_s} s in vain"
        time.sleep(_LOOK_S)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
