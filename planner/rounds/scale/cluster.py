"""A team of the workers of a Dask cluster."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from typing import Any

from planner.rounds.scale import task
from planner.rounds.scale.team import Team, TeamError

REACHED_S = 10.0
"""Seconds in which the scheduler must answer, and have a worker."""
COUNTED_S = 2.0
"""Seconds between two questions how many workers there are."""
RETRIES = 3
"""Deaths of workers under one task that the cluster itself makes good."""
WAY_OUT = "install it with: pip install 'liftrounds[cluster]'"


@contextmanager
def cluster_team(address: str) -> Iterator[Team]:
    """Give the workers of a cluster as a team; tasks under way are given up in the end.

    Parameters
    ----------
    address
        Of its scheduler, such as ``tcp://10.0.0.5:8786``.

    Raises
    ------
    TeamError
        If it cannot be reached, has no workers, or has another version of the program.
    """
    client = _connected(address)
    try:
        _check_workers(client, address)
        yield Team(lambda: _Watched(client, address), _Counter(client).size, _end)
    finally:
        client.close(timeout=REACHED_S)


def _connected(address: str) -> Any:
    try:
        import distributed
        from distributed.comm.addressing import parse_address, parse_host_port
        from distributed.comm.registry import get_backend
    except ImportError:
        raise TeamError(f"a cluster needs the package distributed, which is not installed; {WAY_OUT}") from None
    try:  # before a client is made: one that cannot even begin complains of its own end later
        scheme, host = parse_address(address)
        get_backend(scheme)
        parse_host_port(host)
    except ValueError as error:
        told = f"{address} is no address of a scheduler"
        raise TeamError(f"{told}; correct the address, which looks like tcp://10.0.0.5:8786 ({error})") from error
    try:
        client: Any = distributed.Client
        return client(address, timeout=REACHED_S, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        told = f"no scheduler of a Dask cluster answers at {address} within {REACHED_S:g} s"
        raise TeamError(f"{told}; start one with `dask scheduler` or correct the address ({error})") from error


def _check_workers(client: Any, address: str) -> None:
    """Refuse a cluster without workers, or with some that have another version of the program."""
    try:
        client.wait_for_workers(1, timeout=REACHED_S)
    except TimeoutError:
        raise TeamError(f"the cluster at {address} has no workers; start some with `dask worker {address}`") from None
    ours = task.version()
    others = {worker: found for worker, found in client.run(_asking()).items() if found != ours}
    if others:
        worker, found = min(others.items())
        told = f"has version {found} of Liftrounds" if found else "does not have Liftrounds"
        more = f", and so {len(others) - 1} more," if len(others) > 1 else ""
        raise TeamError(f"worker {worker}{more} {told}; install liftrounds=={ours} on every worker")


def _asking() -> Any:
    """Make the question for the version, which has to be understood by workers that do not have the program."""

    def ask() -> str:
        try:
            from planner.rounds.scale import task

            return task.version()
        except ImportError:
            return ""

    return ask


class _Counter:
    """Counts the threads of all workers, without asking all the time."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._asked_s = -COUNTED_S
        self._size = 0

    def size(self) -> int:
        """Tell how many tasks may run at once."""
        if time.monotonic() - self._asked_s >= COUNTED_S:
            self._asked_s = time.monotonic()
            with contextlib.suppress(OSError, TimeoutError):  # whoever sends a task next hears of it
                self._size = sum(self._client.sync(self._client.scheduler.ncores, callback_timeout=COUNTED_S).values())
        return self._size


class _Watched(Executor):
    """The cluster's executor; says that it is broken when the scheduler is gone."""

    def __init__(self, client: Any, address: str) -> None:
        if client.status != "running":
            raise TeamError(f"the scheduler of the cluster at {address} is gone")
        self._client = client
        self._executor = client.get_executor(pure=False, retries=RETRIES)

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        if self._client.status != "running":
            raise BrokenExecutor("the scheduler is gone")
        found: Future[Any] = self._executor.submit(fn, *args, **kwargs)
        return found

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._executor.shutdown(wait=wait and not cancel_futures)


def _end(executor: Executor) -> None:
    executor.shutdown(wait=False, cancel_futures=True)
