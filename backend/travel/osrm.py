"""OSRM's table service over HTTP (project-osrm.org, "HTTP API": table)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import Any

import numpy as np

from backend.travel.down import Down, EngineDown
from backend.travel.http import Cells, Client, NoAnswerError, Tiler, TooManyError, cells_of
from planner.rounds.travel import Location
from planner.travel.interface import ATTRIBUTION, NOT_REACHED, SNAP_LIMIT_M, Block, Kind, Source, degrees_of

SIDE = 100
"""Places on a side of a tile: what a server takes unless it was started with `--max-table-size`; a smaller one says so."""

PROFILE = "driving"
"""Servers know one profile, whatever it is called; this is the name in all their examples."""


class Osrm:
    """An OSRM server.

    Parameters
    ----------
    client
        Requests to it.
    name
        What may be shown of its address.
    snap_limit_m
        How far from a road a place may be; OSRM itself moves a place to a road at any distance.
    """

    def __init__(self, client: Client, name: str, snap_limit_m: float = SNAP_LIMIT_M) -> None:
        self._client, self._name, self._limit_m = client, name, snap_limit_m
        self._tiler = Tiler(SIDE)
        self._date: date | None = None

    @property
    def source(self) -> Source:
        """The server, and the day of its data where it states one."""
        return Source(kind=Kind.OSRM, name=self._name, data_date=self._date, attribution=ATTRIBUTION)

    async def probe(self) -> str:
        """Say that it answers; the nearest road of anywhere will do."""
        found = await self._client.ask(f"/nearest/v1/{PROFILE}/0,0")
        if not isinstance(found, dict) or found.get("code") not in ("Ok", "NoSegment"):
            raise EngineDown(self._name, Down.ODD, f"it does not speak OSRM's language: {str(found)[:80]}")
        return "OSRM answers"

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.close()

    async def block(self, starts: Sequence[Location], ends: Sequence[Location]) -> Block:
        """Ask for a table, tile by tile; a place too far from any road has no way."""
        degrees_of([*starts, *ends])
        away: dict[str, float] = {}

        async def ask(rows: Sequence[Location], columns: Sequence[Location]) -> Cells:
            return await self._tile(rows, columns, away)

        cells = await self._tiler.table(starts, ends, ask)
        far = {name: round(metres) for name, metres in away.items() if metres > self._limit_m}
        cells = cells_without(cells, starts, ends, far)
        return Block(durations_s=cells.durations_s, distances_m=cells.distances_m, road_m=far)

    async def _tile(self, rows: Sequence[Location], columns: Sequence[Location], away: dict[str, float]) -> Cells:
        places = [*rows, *columns]
        where = ";".join(f"{place.lon:.6f},{place.lat:.6f}" for place in places)
        sources = ";".join(map(str, range(len(rows))))
        destinations = ";".join(map(str, range(len(rows), len(places))))
        question = f"sources={sources}&destinations={destinations}&annotations=duration,distance"
        answer = await self._client.ask(f"/table/v1/{PROFILE}/{where}?{question}")
        if not isinstance(answer, dict):
            raise EngineDown(self._name, Down.ODD, "it answered with a list")
        code = answer.get("code")
        if code == "TooBig":
            raise TooManyError
        if code in ("NoSegment", "NoTable"):
            raise NoAnswerError
        if code != "Ok":
            raise EngineDown(self._name, Down.ODD, f"it refused the question: {code}, {answer.get('message', '')}")
        return self._taken(answer, rows, columns, away)

    def _taken(
        self, answer: dict[str, Any], rows: Sequence[Location], columns: Sequence[Location], away: dict[str, float]
    ) -> Cells:
        with suppress(TypeError, ValueError):
            self._date = date.fromisoformat(str(answer["data_version"])[:10]) if "data_version" in answer else self._date
        try:
            for place, point in zip((*rows, *columns), (*answer["sources"], *answer["destinations"]), strict=True):
                away[place.id] = float(point.get("distance", 0.0))
            return cells_of(answer["durations"], answer.get("distances"), 1.0, (len(rows), len(columns)))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise EngineDown(self._name, Down.ODD, f"its table cannot be read: {error}") from error


def cells_without(cells: Cells, starts: Sequence[Location], ends: Sequence[Location], far: dict[str, int]) -> Cells:
    """Take every way from and to places away that are too far from any road."""
    rows = np.array([place.id in far for place in starts], np.bool_)
    columns = np.array([place.id in far for place in ends], np.bool_)
    lost = rows[:, None] | columns[None, :]
    return Cells(np.where(lost, NOT_REACHED, cells.durations_s), np.where(lost, NOT_REACHED, cells.distances_m))
