"""Libraries that block, in threads of their own: a gateway that hangs must not hold up passwords and files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from backend.messages.outcome import Outcome, Result
from backend.messages.reasons import Reason

TIMEOUT_S = 20.0
"""Of one attempt; a gateway that takes longer has lost the connection, and the next attempt comes soon."""

_AT_ONCE = 8
"""More than a worker's quick lane has: those that hang beyond their time must not stop all others."""

_pool = ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="messages")


async def attempt(call: Callable[[], Outcome], timeout_s: float = TIMEOUT_S) -> Outcome:
    """Run a blocking call; one that takes too long counts as failed, and ends when its library gives up."""
    try:
        return await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(_pool, call), timeout_s)
    except TimeoutError:
        return Outcome(result=Result.FAILED, reason=Reason.UNREACHABLE, detail=f"no answer within {timeout_s:g} s")
    except OSError as error:  # a full disk under the message file
        return Outcome(result=Result.FAILED, reason=Reason.UNREACHABLE, detail=type(error).__name__)
