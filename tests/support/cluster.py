"""A real Dask scheduler with workers on loopback, for tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.support.mosquitto import free_port

READY_S = 100
"""Seconds in which all of it must be up."""


class Cluster:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self) -> None:
        port = free_port()
        self.address = f"tcp://127.0.0.1:{port}"
        quiet = ["--host", "127.0.0.1", "--no-dashboard"]
        self.scheduler = _started(["scheduler", "--port", str(port), *quiet])
        self.workers: list[subprocess.Popen[bytes]] = []

    def add_worker(self, **environment: str) -> None:
        """Start a worker with one thread."""
        quiet = ["--host", "127.0.0.1", "--no-dashboard", "--no-nanny", "--nthreads", "1", "--death-timeout", str(READY_S)]
        self.workers.append(_started(["worker", self.address, *quiet], environment))

    def await_scheduler(self) -> None:
        """Wait until the scheduler answers."""
        self._connected().close()

    def await_workers(self) -> None:
        """Wait until all workers answer."""
        client = self._connected()
        client.wait_for_workers(len(self.workers), timeout=READY_S)
        client.close()

    def _connected(self) -> Any:
        import distributed

        client: Any = distributed.Client
        return client(self.address, timeout=READY_S, set_as_default=False)

    def kill_worker(self) -> None:
        """Kill the first worker."""
        worker = self.workers.pop(0)
        worker.send_signal(signal.SIGKILL)
        worker.wait()

    def close(self) -> None:
        """End all of it."""
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


def _started(words: list[str], environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | dict(environment or {})
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *words], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


@contextmanager
def cluster(workers: int) -> Iterator[Cluster]:
    """Give a cluster with so many workers."""
    made = Cluster()
    try:
        for _ in range(workers):
            made.add_worker()
        if workers:
            made.await_workers()
        yield made
    finally:
        made.close()
