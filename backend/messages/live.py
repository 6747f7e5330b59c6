"""What is live: one connection of each process hears PostgreSQL's NOTIFY and wakes those who wait for a topic.

A notification carries a topic and no content: who is woken reads with their own rights. It comes once the transaction has
committed, from whichever process. While the connection is lost everybody is woken now and then, and reads all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg
import structlog

from backend import database
from backend.jobs.queries import lone_connection
from backend.messages import queries

_RECONNECT_S = 2.0
_CHECK_S = 15.0
"""Seconds between two looks at the connection: one that died without a word is found out by then."""

log = structlog.get_logger("backend.messages")


class Switchboard:
    """Wakes those who wait; of each process one."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._task: asyncio.Task[None] | None = None
        self._hears = asyncio.Event()

    @asynccontextmanager
    async def waiting_for(self, *topics: str) -> AsyncIterator[asyncio.Event]:
        """Give an event that is set whenever one of the topics has news; the one who waits clears it.

        It is listened for when this returns: whoever reads then and waits afterwards misses nothing.
        """
        event = asyncio.Event()
        for topic in topics:
            self._waiting.setdefault(topic, set()).add(event)
        try:
            if self._task is None or self._task.done():
                self._hears = asyncio.Event()
                self._task = asyncio.create_task(self._listen())
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hears.wait(), _RECONNECT_S)
            yield event
        finally:
            for topic in topics:
                self._waiting[topic].discard(event)
                if not self._waiting[topic]:
                    del self._waiting[topic]
            if not self._waiting and self._task is not None:
                await self._hang_up(self._task)

    async def _hang_up(self, task: asyncio.Task[None]) -> None:
        """End the connection when nobody waits, so that a process without listeners has none."""
        self._task = None
        task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.shield(asyncio.gather(task, return_exceptions=True))

    async def _listen(self) -> None:
        while True:
            try:
                connection = await lone_connection()
                try:
                    await connection.add_listener(queries.LIVE_CHANNEL, self._heard)
                    self._hears.set()
                    self._wake_all()  # of what was said before, nothing was heard
                    while True:
                        await asyncio.sleep(_CHECK_S)
                        await connection.fetchval("SELECT 1", timeout=_CHECK_S)
                finally:
                    connection.terminate()
            except (*database.CONNECTION_ERRORS, TimeoutError) as error:
                log.warning("the live connection is lost", reason=str(error), again_in_s=_RECONNECT_S)
                self._wake_all()
                await asyncio.sleep(_RECONNECT_S)

    def _heard(self, _connection: asyncpg.Connection, _pid: int, _channel: str, topic: str) -> None:
        for event in self._waiting.get(topic, ()):
            event.set()

    def _wake_all(self) -> None:
        for events in self._waiting.values():
            for event in events:
                event.set()


_boards: dict[asyncio.AbstractEventLoop, Switchboard] = {}


async def tell_inside(topic: str) -> None:
    """Wake those who show a topic, in all processes, once the caller's transaction has committed."""
    await queries.tell_live(topic)


def switchboard() -> Switchboard:
    """Return the switchboard of this process's event loop."""
    loop = asyncio.get_running_loop()
    for other in [each for each in _boards if each.is_closed()]:
        del _boards[other]
    return _boards.setdefault(loop, Switchboard())
