"""The search in a process of its own: bytes in, bytes out, so that it never holds up whoever asks.

The solver's libraries hold Python's lock while they work, and may be killed for want of memory. In another process
neither harms the caller: a death becomes a `SolverDiedError`, a stop keeps the best plan.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.context import SpawnProcess
from pathlib import Path

import msgspec

from planner.rounds import worker
from planner.rounds.faults import FaultyInputError
from planner.rounds.scale import TeamError
from planner.rounds.stop import EVERY_S, OnProgress, Progress

GRACE_S = 30.0
"""Seconds after the time limit at which a process that does not answer is given up."""

_decode = msgspec.json.Decoder(worker.Upward).decode


class SolverDiedError(RuntimeError):
    """The solver's process ended without an answer; the message says how."""


def solve_in_process(
    problem: bytes,
    *,
    time_limit_s: float,
    seed: int = 1,
    workers: int = 1,
    cluster: str | None = None,
    start: bytes | None = None,
    folder: Path | None = None,
    on_progress: OnProgress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> bytes:
    """Solve a problem in another process.

    Parameters
    ----------
    problem
        A problem file's bytes.
    time_limit_s
        Wall seconds from now until this returns.
    seed
        Of the search.
    workers
        Processes that search side by side, see `planner.rounds.scale`; 1 searches in the solver's own.
    cluster
        Address of a Dask scheduler whose workers search instead.
    start
        A plan file's bytes to begin with.
    folder
        Where a matrix file named by the problem lies.
    on_progress
        Called several times a second in the calling thread.
    should_stop
        Asked several times a second in the calling thread; true ends the search, and the best plan is returned.

    Returns
    -------
    bytes
        A plan file's bytes (`planner.rounds.plan.parse_plan` reads them).

    Raises
    ------
    FaultyInputError
        With all faults of the problem or of the start plan.
    SolverDiedError
        If the process died, of lack of memory for example. The deaths of its workers are borne: they are replaced.
    TeamError
        If the cluster cannot be used.
    ValueError
        If there is no worker or a negative time.
    """
    if workers < 1:
        raise ValueError(f"workers must be 1 or more, is {workers}")
    if not time_limit_s >= 0:
        raise ValueError(f"time_limit_s must be 0 or more, is {time_limit_s}")
    begun_s = time.monotonic()  # the same clock in all processes of a machine
    order = worker.Order(problem, str(folder) if folder else None, start, seed, time_limit_s, begun_s, workers, cluster)
    with contextlib.closing(_Solver(order)) as solver:
        return solver.answer(should_stop or (lambda: False), on_progress, begun_s + time_limit_s + GRACE_S)


class _Solver:
    """The process with its connection."""

    def __init__(self, order: worker.Order) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process: SpawnProcess = context.Process(
            target=worker.work,
            args=(theirs, msgspec.json.encode(order)),
            name=f"liftrounds-solver-{order.seed}",
            daemon=order.workers == 1 and order.cluster is None,  # a daemon may have no processes of its own
        )
        self._process.start()
        theirs.close()

    def close(self) -> None:
        """End the process if it still runs."""
        self._connection.close()
        self._process.terminate()
        self._process.join(EVERY_S * 10)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()

    def answer(self, should_stop: Callable[[], bool], on_progress: OnProgress | None, give_up_s: float) -> bytes:
        """Wait for the plan.

        Parameters
        ----------
        should_stop
            Asked now and then.
        on_progress
            Told what the process tells.
        give_up_s
            Reading of the monotonic clock at which nobody waits any longer.
        """
        stopping = False
        while True:
            if not stopping and should_stop():
                stopping = True
                with contextlib.suppress(OSError):  # a dead one is noticed when it is listened to
                    worker.send(self._connection, worker.StopNow())
            if self._connection.poll(EVERY_S):
                answer = self._hear(on_progress)
                if answer is not None:
                    return answer
            if time.monotonic() > give_up_s:
                raise SolverDiedError(f"the solver's process did not answer within {GRACE_S:g} s after its time limit")

    def _hear(self, on_progress: OnProgress | None) -> bytes | None:
        """Take one message of the process; give the plan if it is one."""
        try:
            message = _decode(self._connection.recv_bytes())
        except (EOFError, OSError):
            raise SolverDiedError(self._how_it_died()) from None
        if isinstance(message, worker.Answer):
            return message.plan
        if isinstance(message, worker.Refused):
            raise FaultyInputError(message.faults)
        if isinstance(message, worker.Unready):
            raise TeamError(message.why)
        if isinstance(message, worker.Failed):
            raise SolverDiedError(f"the solver failed: {message.what}\n{message.trace}")
        if on_progress is not None:
            on_progress(message.progress)
        return None

    def _how_it_died(self) -> str:
        """Say in a sentence how the process ended."""
        self._process.join(EVERY_S * 10)
        code = self._process.exitcode
        if code is not None and code < 0:
            try:
                name = signal.Signals(-code).name
            except ValueError:
                name = f"signal {-code}"
            hint = "; the machine may be short of memory: use fewer workers or split the problem" if name == "SIGKILL" else ""
            return f"the solver's process was ended by {name}{hint}"
        return f"the solver's process ended without an answer, exit code {code}"


async def solve_in_process_async(
    problem: bytes,
    *,
    time_limit_s: float,
    seed: int = 1,
    workers: int = 1,
    cluster: str | None = None,
    start: bytes | None = None,
    folder: Path | None = None,
    on_progress: OnProgress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> bytes:
    """Do the same from an event loop, without holding it up.

    Both callbacks are called in the event loop's thread. Cancelling the task ends the processes at once, without a plan.
    """
    loop = asyncio.get_running_loop()
    given_up, wanted = threading.Event(), threading.Event()

    def ask() -> None:
        if should_stop is not None and should_stop():
            wanted.set()

    def asked() -> bool:
        if given_up.is_set():
            raise _GivenUpError
        loop.call_soon_threadsafe(ask)
        return wanted.is_set()

    def tell(progress: Progress) -> None:
        if on_progress is not None:
            loop.call_soon_threadsafe(on_progress, progress)

    def in_thread() -> bytes:
        return solve_in_process(
            problem,
            time_limit_s=time_limit_s,
            seed=seed,
            workers=workers,
            cluster=cluster,
            start=start,
            folder=folder,
            on_progress=tell,
            should_stop=asked,
        )

    solving = asyncio.ensure_future(asyncio.to_thread(in_thread))
    try:
        return await asyncio.shield(solving)
    except asyncio.CancelledError:
        given_up.set()
        with contextlib.suppress(_GivenUpError, SolverDiedError, TeamError):
            await solving
        raise


class _GivenUpError(Exception):
    """Nobody waits for the plan any more."""
