"""Waiting for something that another task or process brings about, and never longer than a minute."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable

WAIT_S = 60
_LOOK_S = 0.02


async def until(holds: Callable[[], bool | Awaitable[bool]]) -> None:
    """Return as soon as a condition holds; it is asked every 20 ms.

    Raises
    ------
    TimeoutError
        If it does not hold within a minute.
    """
    async with asyncio.timeout(WAIT_S):
        while True:
            answer = holds()
            if await answer if inspect.isawaitable(answer) else answer:
                return
            await asyncio.sleep(_LOOK_S)
