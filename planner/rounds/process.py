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
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

import msgspec

from planner.rounds import worker
from planner.rounds.faults import FaultyInputError
from planner.rounds.stop import EVERY_S, OnProgress, Progress

GRACE_S = 30.0
"""Seconds after the time limit at which a process that does not answer is given up."""
SEED_STEP = 7919
"""Between the seeds of processes that search side by side."""

_decode = msgspec.json.Decoder(worker.Upward).decode


class SolverDiedError(RuntimeError):
    """The solver's process ended without an answer; the message says how."""


def solve_in_process(
    problem: bytes,
    *,
    time_limit_s: float,
    seed: int = 1,
    workers: int = 1,
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
        Processes that search side by side with seeds of their own; the last step merges what they found.
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
        If the processes died, of lack of memory for example. As long as one is left, it answers.
    ValueError
        If there is no worker or a negative time.
    """
    if workers < 1:
        raise ValueError(f"workers must be 1 or more, is {workers}")
    if not time_limit_s >= 0:
        raise ValueError(f"time_limit_s must be 0 or more, is {time_limit_s}")
    begun_s = time.monotonic()  # the same clock in all processes of a machine
    orders = [
        worker.Order(problem, str(folder) if folder else None, start, seed + SEED_STEP * n, time_limit_s, begun_s, workers > 1)
        for n in range(workers)
    ]
    with contextlib.ExitStack() as stack:
        team = _Team([stack.enter_context(contextlib.closing(_Member(order))) for order in orders], on_progress)
        return team.answer(should_stop or (lambda: False), begun_s + time_limit_s + GRACE_S)


class _Member:
    """One process with its connection."""

    def __init__(self, order: worker.Order) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self._process: SpawnProcess = context.Process(
            target=worker.work,
            args=(theirs, msgspec.json.encode(order)),
            name=f"liftrounds-solver-{order.seed}",
            daemon=True,
        )
        self._process.start()
        theirs.close()
        self.progress: Progress | None = None
        self.found: worker.Found | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def close(self) -> None:
        """End the process if it still runs."""
        self.connection.close()
        self._process.terminate()
        self._process.join(EVERY_S * 10)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()

    def how_it_died(self) -> str:
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


@dataclass
class _Team:
    """Processes that search side by side; one of the living answers for all."""

    members: list[_Member]
    on_progress: OnProgress | None
    deaths: list[str] = field(default_factory=list)
    stopping: bool = False
    mixing: bool = False

    def answer(self, should_stop: Callable[[], bool], give_up_s: float) -> bytes:
        """Wait for the plan.

        Parameters
        ----------
        should_stop
            Asked now and then.
        give_up_s
            Reading of the monotonic clock at which nobody waits any longer.
        """
        while self.members:
            if not self.stopping and should_stop():
                self.stopping = True
                self._tell_all(worker.StopNow())
            by_connection: dict[object, _Member] = {member.connection: member for member in self.members}
            for ready in wait([member.connection for member in self.members], timeout=EVERY_S):
                answer = self._hear(by_connection[ready])
                if answer is not None:
                    return answer
            self._mix_when_all_found()
            if time.monotonic() > give_up_s:
                raise SolverDiedError(f"the solver's process did not answer within {GRACE_S:g} s after its time limit")
        raise SolverDiedError("; ".join(dict.fromkeys(self.deaths)))

    def _tell_all(self, message: worker.Downward) -> None:
        for member in self.members:
            self._tell(member.connection, message)

    def _tell(self, connection: Connection, message: worker.Downward) -> None:
        with contextlib.suppress(OSError):  # a dead one is noticed when it is listened to
            worker.send(connection, message)

    def _hear(self, member: _Member) -> bytes | None:
        """Take one message of a process; give the plan if it is one."""
        try:
            message = _decode(member.connection.recv_bytes())
        except (EOFError, OSError):
            self._lose(member, member.how_it_died())
            return None
        if isinstance(message, worker.Answer):
            return message.plan
        if isinstance(message, worker.Refused):
            raise FaultyInputError(message.faults)
        if isinstance(message, worker.Failed):
            self._lose(member, f"the solver failed: {message.what}\n{message.trace}")
        elif isinstance(message, worker.Found):
            member.found = message
        else:
            member.progress = message.progress
            self._report()
        return None

    def _lose(self, member: _Member, how: str) -> None:
        """Go on without a process; if it was to answer, another one is asked."""
        self.deaths.append(how)
        self.members.remove(member)
        self.mixing = False

    def _mix_when_all_found(self) -> None:
        """Let the process with the cheapest plan mix all routes; the others wait, in case that it dies."""
        found = [(member.found.cost, n) for n, member in enumerate(self.members) if member.found is not None]
        if self.mixing or not found or len(found) < len(self.members):
            return
        self.mixing = True
        chosen = self.members[min(found)[1]]
        routes = [route for member in self.members if member is not chosen and member.found for route in member.found.routes]
        self._tell(chosen.connection, worker.Mix(routes))

    def _report(self) -> None:
        """Tell the best plan of all, and the share that the slowest has done, or in the end the one that mixes."""
        told = [member.progress for member in self.members if member.progress is not None]
        if self.on_progress is None or len(told) < len(self.members):
            return
        best = min(told, key=lambda progress: progress.best_cost)
        latest = max(told, key=lambda progress: progress.share)
        share = latest.share if self.mixing else min(progress.share for progress in told)
        self.on_progress(msgspec.structs.replace(best, phase=latest.phase, share=share))


async def solve_in_process_async(
    problem: bytes,
    *,
    time_limit_s: float,
    seed: int = 1,
    workers: int = 1,
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
        with contextlib.suppress(_GivenUpError, SolverDiedError):
            await solving
        raise


class _GivenUpError(Exception):
    """Nobody waits for the plan any more."""
