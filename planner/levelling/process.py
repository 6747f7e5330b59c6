"""The levelling in a process of its own, bytes in and bytes out: solvers hold Python's lock, and may die for want of memory."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

import msgspec

from planner.levelling.solve import Progress

EVERY_S = 0.2
"""Seconds between two looks at whether to stop."""
GRACE_S = 60.0
"""Seconds after the time limit at which a process that does not answer is given up: the first answer takes what it takes."""
NICENESS = 10
"""A levelling is nobody's hurry: phones and pages come first."""


class LevellingDiedError(RuntimeError):
    """The process ended without an answer; the message says how."""


class _Upward(msgspec.Struct, frozen=True):
    """What the process says: how far it is, the answer, or what went wrong."""

    progress: Progress | None = None
    answer: bytes | None = None
    error: str | None = None


def level_in_process(
    problem: bytes,
    *,
    time_limit_s: float,
    seed: int,
    on_progress: Callable[[Progress], None],
    should_stop: Callable[[], bool],
) -> bytes:
    """Level a problem in another process; blocks.

    Parameters
    ----------
    problem
        A `liftrounds/levelling/1` document.
    time_limit_s, seed
        See `planner.levelling.solve`.
    on_progress, should_stop
        Called in this thread.

    Returns
    -------
    bytes
        A `liftrounds/levels/1` document.

    Raises
    ------
    LevellingDiedError
        If the process died, or did not answer in time.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(
        target=_work, args=(theirs, problem, time_limit_s, seed), name="liftrounds-levelling", daemon=True
    )
    process.start()
    theirs.close()
    try:
        return _listen(ours, time.monotonic() + time_limit_s + GRACE_S, on_progress, should_stop)
    finally:
        ours.close()
        process.terminate()
        process.join(EVERY_S * 10)
        if process.is_alive():
            process.kill()
            process.join()
        process.close()


def _listen(
    connection: Connection, until_s: float, on_progress: Callable[[Progress], None], should_stop: Callable[[], bool]
) -> bytes:
    told = False
    while time.monotonic() < until_s:
        if not told and should_stop():
            told = True
            with contextlib.suppress(OSError):
                connection.send_bytes(b"stop")
        if not connection.poll(EVERY_S):
            continue
        try:
            said = msgspec.msgpack.decode(connection.recv_bytes(), type=_Upward)
        except (EOFError, OSError):
            raise LevellingDiedError("the process of the levelling ended without an answer") from None
        if said.answer is not None:
            return said.answer
        if said.error is not None:
            raise LevellingDiedError(said.error)
        if said.progress is not None:
            on_progress(said.progress)
    raise LevellingDiedError("the process of the levelling did not answer in time")


def _work(connection: Connection, problem: bytes, time_limit_s: float, seed: int) -> None:
    """Run in the other process."""
    from planner.levelling.problem import parse_levelling
    from planner.levelling.solve import Limit, level

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's matter
    with contextlib.suppress(OSError):
        os.nice(NICENESS)

    def tell(said: _Upward) -> None:
        with contextlib.suppress(OSError):
            connection.send_bytes(msgspec.msgpack.encode(said))

    try:
        limit = Limit(time_limit_s=time_limit_s, requested=connection.poll)
        found = level(parse_levelling(problem), limit, seed, lambda progress: tell(_Upward(progress=progress)))
        tell(_Upward(answer=msgspec.json.encode(found)))
    except Exception as error:  # it is told, and raised again where somebody listens
        tell(_Upward(error=repr(error)))
    connection.close()
