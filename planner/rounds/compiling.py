"""The search compiled before it is wanted, by callers who have the time: a plan run does not spend its seconds on that."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from planner.rounds.kernel.ready import ANOTHER, compiler_command

AGAIN_S = 0.5
"""Seconds until it is looked again whether the process that compiles is done."""
_compiled = threading.Event()


async def compiled(should_stop: Callable[[], bool]) -> None:
    """Wait until the search is compiled, some ten seconds once per installation; at once if it is.

    Where compiling fails there is no error: the search has its stand-in and says so itself.

    Parameters
    ----------
    should_stop
        Asked now and then; when true, nobody waits any longer.
    """
    while not _compiled.is_set() and not should_stop():
        nowhere = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(*compiler_command(), stdin=nowhere, stdout=nowhere, stderr=nowhere)
        ended = asyncio.ensure_future(process.wait())
        while not ended.done() and not should_stop():
            await asyncio.wait({ended}, timeout=AGAIN_S)
        if not ended.done():
            ended.cancel()  # it goes on by itself, for whoever comes next
        elif process.returncode != ANOTHER:
            _compiled.set()
        else:
            await asyncio.sleep(AGAIN_S)
