"""Requests to a routing server that are tried again, and tables in tiles of a size that it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from types import TracebackType
from typing import Any

import httpx
import msgspec
import numpy as np
import structlog

from backend.travel.down import Down, EngineDown
from planner.rounds.travel import Location, Matrix
from planner.travel.interface import NOT_REACHED

TIMEOUT = httpx.Timeout(60.0, connect=5.0)
"""A tile of a table takes a server well under a second; one that has nothing for a minute hangs."""

PAUSES_S = (0.2, 1.0, 3.0)
"""Between attempts at the same request."""

AT_ONCE = 4
"""Requests under way at the same time."""

BUSY = frozenset({429, 500, 502, 503, 504})
"""Answers of a server that may answer well a moment later."""

log = structlog.get_logger("backend.travel")


class TooManyError(Exception):
    """A table has more cells than the server takes in one request."""


class NoAnswerError(Exception):
    """The server refuses the whole table because of some of its places."""


class Cells(msgspec.Struct, frozen=True):
    """A tile of a table: seconds and metres, `NOT_REACHED` where no way leads or nobody knows."""

    durations_s: Matrix
    distances_m: Matrix


Ask = Callable[[Sequence[Location], Sequence[Location]], Awaitable[Cells]]


class Client:
    """Requests to one server.

    Parameters
    ----------
    name
        What it is called to people, without credentials.
    url
        Its address; user and password in it are sent as such.
    pauses_s
        Seconds between attempts at a request; one more attempt than pauses.
    """

    def __init__(self, name: str, url: str, pauses_s: Sequence[float] = PAUSES_S) -> None:
        self._name, self._url, self._pauses_s = name, url, tuple(pauses_s)
        self._client = httpx.AsyncClient(timeout=TIMEOUT, headers={"user-agent": "liftrounds"}, follow_redirects=True)
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def ask(self, path: str, body: Any = None) -> dict[str, Any] | list[Any]:
        """Get a JSON answer, of whatever status below 500.

        Parameters
        ----------
        path
            Behind the server's address.
        body
            JSON to post; None gets.

        Raises
        ------
        EngineDown
            If the last attempt fails as well, or what comes is no JSON.
        """
        async with self._turn:
            for attempt, pause_s in enumerate((*self._pauses_s, None)):
                try:
                    return await self._once(path, body)
                except (httpx.HTTPError, httpx.InvalidURL, _BusyError) as error:
                    why = str(error) or type(error).__name__
                    if pause_s is None or isinstance(error, httpx.InvalidURL):
                        raise EngineDown(self._name, Down.SILENT, why) from error
                    log.info("a routing server is asked again", engine=self._name, attempt=attempt + 1, reason=why)
                    await asyncio.sleep(pause_s)
        raise AssertionError  # the last attempt returns or raises

    async def _once(self, path: str, body: Any) -> dict[str, Any] | list[Any]:
        url = self._url + path
        if body is None:
            response = await self._client.get(url)
        else:
            headers = {"content-type": "application/json"}
            response = await self._client.post(url, content=msgspec.json.encode(body), headers=headers)
        if response.status_code in BUSY:
            raise _BusyError(f"it answered {response.status_code}")
        try:
            found = msgspec.json.decode(response.content)
        except msgspec.DecodeError:
            raise EngineDown(
                self._name, Down.ODD, f"it answered {response.status_code} with something that is no JSON"
            ) from None
        if not isinstance(found, dict | list):
            raise EngineDown(self._name, Down.ODD, f"it answered {response.status_code} with something else than a document")
        return found


class _BusyError(Exception):
    """The server may answer well a moment later."""


class Tiler:
    """Puts tables together from tiles; learns how large they may be.

    Parameters
    ----------
    side
        Places on either side of a tile to begin with.
    """

    def __init__(self, side: int) -> None:
        self.side = side

    async def table(self, starts: Sequence[Location], ends: Sequence[Location], ask: Ask) -> Cells:
        """Ask for all cells, tile by tile.

        `ask` raises `TooManyError` for a tile that is too large: it is cut, and so are all after it. Where it raises
        `NoAnswerError` the tile is cut until the places are found that the server has no answer for.
        """
        shape = (len(starts), len(ends))
        whole = Cells(np.full(shape, NOT_REACHED, np.int32), np.full(shape, NOT_REACHED, np.int32))

        async def fill(rows: range, columns: range) -> None:
            if len(rows) > self.side or len(columns) > self.side:
                parts = [(r, c) for r in _cut(rows, self.side) for c in _cut(columns, self.side)]
                await _all(fill(r, c) for r, c in parts)
                return
            try:
                part = await ask([starts[i] for i in rows], [ends[j] for j in columns])
            except TooManyError:
                if len(rows) <= 1 and len(columns) <= 1:
                    raise
                # Others may have made tiles smaller meanwhile.
                self.side = min(self.side, max(1, max(len(rows), len(columns)) // 2))
                await fill(rows, columns)
                return
            except NoAnswerError:
                if len(rows) <= 1 and len(columns) <= 1:
                    return
                half = (max(1, -(-len(rows) // 2)), max(1, -(-len(columns) // 2)))
                await _all(fill(r, c) for r in _cut(rows, half[0]) for c in _cut(columns, half[1]))
                return
            at = np.ix_(rows, columns)
            whole.durations_s[at], whole.distances_m[at] = part.durations_s, part.distances_m

        if len(starts) and len(ends):
            await fill(range(len(starts)), range(len(ends)))
        return whole


def _cut(numbers: range, size: int) -> list[range]:
    return [numbers[begin : begin + size] for begin in range(0, len(numbers), size)]


async def _all(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run coroutines side by side; the first failure ends the others and is raised as it is."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


def cells_of(durations: Any, distances: Any, metres: float, shape: tuple[int, int]) -> Cells:
    """Make whole seconds and metres of a server's rows; null where no way leads.

    Parameters
    ----------
    durations, distances
        Rows of numbers or null; distances None where the server tells none.
    metres
        Metres in the server's unit of distance.
    shape
        What was asked for.

    Raises
    ------
    ValueError
        If the rows are no table of this shape.
    """
    seconds = np.array(durations, np.float64)
    length = np.full(shape, np.nan) if distances is None else np.array(distances, np.float64) * metres
    if seconds.shape != shape or length.shape != shape:
        raise ValueError(f"a table of shape {seconds.shape} instead of {shape}")
    return Cells(_whole(seconds), np.where(np.isnan(seconds), NOT_REACHED, _whole(length)).astype(np.int32))


def _whole(values: Any) -> Matrix:
    known = np.isfinite(values) & (values >= 0)
    found: Matrix = np.where(known, np.rint(np.where(known, values, 0.0)), NOT_REACHED).astype(np.int32)
    return found
