"""The search in a process of its own: bytes in, bytes out, so that it never holds up whoever asks.

The solver's libraries hold Python's lock while they work, and may be killed for want of memory. In another process
neither harms the caller: a death becomes a `SolverDiedError`, a stop keeps the best plan.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from planner.rounds.stop import OnProgress


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
        If a process died, of lack of memory for example.
    """
    raise NotImplementedError


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
    raise NotImplementedError
