"""A team of processes of this machine, which end with whoever started them, however that ends."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from functools import partial
from multiprocessing.connection import Connection

from planner.rounds.scale.task import COMPILING, warm_up
from planner.rounds.scale.team import Team


def processes(count: int) -> Team:
    """Start processes that search.

    They start at once and load the compiled search while the caller still reads its problem.

    Parameters
    ----------
    count
        How many, 1 or more.
    """
    team = Team(lambda: Leashed(count), lambda: count, _end)
    for _ in range(count):
        team.submit(warm_up, b"").add_done_callback(partial(_note, team))
    return team


def _note(team: Team, warmed: Future[bytes]) -> None:
    if not warmed.cancelled() and warmed.exception() is None:
        team.compiling = warmed.result() == COMPILING


def _end(executor: Executor) -> None:
    assert isinstance(executor, Leashed)  # noqa: S101 - made above
    executor.end()


class Leashed(ProcessPoolExecutor):
    """Processes that end as soon as the other end of a pipe is closed, be it by `end` or by the death of their parent.

    A pool's processes otherwise wait for work that nobody will send: they hold both ends of the pool's own pipes.
    """

    def __init__(self, count: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._kept, self._held = context.Pipe(duplex=False)
        super().__init__(count, mp_context=context, initializer=_follow, initargs=(self._kept,))

    def end(self) -> None:
        """End the processes at once."""
        self._held.close()
        self.shutdown(wait=True, cancel_futures=True)
        self._kept.close()


def _follow(leash: Connection) -> None:
    """Prepare a process of the team."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the caller decides what it means
    gc.disable()  # routes hold no circles, and looking for some costs a tenth of the time
    threading.Thread(target=_end_with, args=(leash,), daemon=True).start()


def _end_with(leash: Connection) -> None:
    leash.poll(None)  # nothing is ever sent: readable means closed
    os._exit(0)
