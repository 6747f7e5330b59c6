"""Who searches: any executor, replaced when it breaks."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from types import TracebackType

from planner.rounds.scale.task import VersionError

Task = Callable[[bytes], bytes]


class TeamError(RuntimeError):
    """Nobody can search: the message says why, and what to do."""


def is_loss(error: Exception) -> bool:
    """Tell whether a task was lost with its worker, so that it may go well elsewhere; else it is a mistake of ours."""
    lost = (BrokenExecutor, CancelledError, MemoryError, OSError, ImportError, VersionError)
    return isinstance(error, lost) or type(error).__name__ == "KilledWorker"  # Dask's, which need not be installed


class Team:
    """Executors made one after the other, as long as they break.

    Parameters
    ----------
    make
        Makes an executor; called again after one broke.
    size
        Tells how many tasks may run at once just now. With 0 no task is started.
    end
        Ends an executor at once, tasks under way given up; None leaves it to whoever made it.

    Attributes
    ----------
    lost
        Tasks whose executor or worker died.
    compiling
        Whether its members search slowly because the quick search is being compiled, once after installation.
    failure
        Why the search went on without the team, for whoever asked to tell; empty if it did not.
    """

    def __init__(
        self, make: Callable[[], Executor], size: Callable[[], int], end: Callable[[Executor], None] | None = None
    ) -> None:
        self._make = make
        self._end = end
        self.size = size
        self.lost = 0
        self.compiling = False
        self.failure = ""
        self._executor: Executor | None = None

    @classmethod
    def of(cls, executor: Executor, size: int) -> Team:
        """Use an executor that the caller has made and will end."""
        return cls(lambda: executor, lambda: size)

    def submit(self, task: Task, data: bytes) -> Future[bytes]:
        """Start a task, on a new executor if the last one is broken."""
        if self._executor is None:
            self._executor = self._make()
        try:
            return self._executor.submit(task, data)
        except BrokenExecutor:
            self.renew()
            return self._executor.submit(task, data)

    def renew(self) -> None:
        """Replace an executor that is broken."""
        self.close()
        self._executor = self._make()

    def close(self) -> None:
        """Give up whatever is under way."""
        executor, self._executor = self._executor, None
        if executor is not None and self._end is not None:
            with contextlib.suppress(BrokenExecutor):
                self._end(executor)

    def __enter__(self) -> Team:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
