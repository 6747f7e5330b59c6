"""Requests that come while another of the same firm is being stored wait for it, and are then stored together.

They would wait anyway, for the locks of the same elevators; together they need one transaction, and what they say of an
elevator is put in the order of its time first. Whoever comes alone waits for nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

from backend.errors import LiftroundsError

T = TypeVar("T")
R = TypeVar("R")

MOST = 16
"""Requests of one transaction: what becomes of the first is answered when all are stored."""


class Gathering(Generic[T, R]):
    """Work of firms, that of one firm together.

    Parameters
    ----------
    take
        Does several pieces of a firm's work in one transaction; returns an outcome for each, or an error of ours for it alone.
    """

    def __init__(self, take: Callable[[UUID, list[T]], Coroutine[Any, Any, list[R | LiftroundsError]]]) -> None:
        self._take = take
        self._loops: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[UUID, list[tuple[T, asyncio.Future[R]]]]] = (
            WeakKeyDictionary()
        )
        self._tasks: set[asyncio.Task[None]] = set()

    async def do(self, firm: UUID, work: T) -> R:
        """Do a piece of work; return its outcome or raise its error."""
        loop = asyncio.get_running_loop()
        waiting = self._loops.setdefault(loop, {})
        outcome: asyncio.Future[R] = loop.create_future()
        if firm in waiting:
            waiting[firm].append((work, outcome))
        else:
            waiting[firm] = [(work, outcome)]
            task = asyncio.create_task(self._drain(firm, waiting))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await outcome

    async def _drain(self, firm: UUID, waiting: dict[UUID, list[tuple[T, asyncio.Future[R]]]]) -> None:
        try:
            while waiting[firm]:
                part, waiting[firm] = waiting[firm][:MOST], waiting[firm][MOST:]
                await self._do(firm, part)
        finally:
            for _, outcome in waiting.pop(firm):
                outcome.cancel()

    async def _do(self, firm: UUID, part: list[tuple[T, asyncio.Future[R]]]) -> None:
        """Do work together; where that meets an error, each piece alone, so that one does not cost the others."""
        try:
            found = await self._take(firm, [work for work, _ in part])
        except Exception as error:
            if len(part) > 1:
                for one in part:
                    await self._do(firm, [one])
            elif not part[0][1].done():
                part[0][1].set_exception(error)
            return
        for (_, outcome), told in zip(part, found, strict=True):
            if outcome.done():  # who asked has gone away
                continue
            if isinstance(told, LiftroundsError):
                outcome.set_exception(told)
            else:
                outcome.set_result(told)
