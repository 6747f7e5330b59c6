"""What a command does when somebody wants it to end: it stops with the best it has."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any


@contextlib.contextmanager
def interruptible(told: str) -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C (or SIGTERM) into the wish to stop with what there is; the second ends the program.

    Parameters
    ----------
    told
        One line for the error stream, said at the first.

    Yields
    ------
    Callable
        Whether somebody wishes to stop.
    """
    wanted = False

    def want(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - as `signal` wants it
        nonlocal wanted
        if wanted:
            raise KeyboardInterrupt
        wanted = True
        with contextlib.suppress(OSError):
            os.write(sys.stderr.fileno(), f"{told}\n".encode())

    before: dict[Any, Any] = {number: signal.signal(number, want) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: wanted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
