"""Valhalla's time-distance matrix over HTTP (valhalla.github.io, "Matrix" and "Locate")."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from backend.travel.down import Down, EngineDown
from backend.travel.http import Cells, Client, NoAnswerError, Tiler, TooManyError, cells_of
from planner.rounds.travel import Location, great_circle_km
from planner.travel.interface import ATTRIBUTION, NOT_REACHED, SNAP_LIMIT_M, Block, Kind, Source, degrees_of

SIDE = 50
"""Places on a side of a tile: 2 500 pairs is what a server takes as it comes; a smaller one says so."""

LOCATED_AT_ONCE = 50
"""Places whose nearest road is asked for together."""

COSTING = "auto"

TOO_MANY = frozenset({150})
"""Valhalla's error codes for more places or pairs than it takes…"""
NO_ANSWER = frozenset({154, 170, 171, 442})
"""…and for places too far apart, in unconnected regions, without a road near, or without a way."""


class Valhalla:
    """A Valhalla server.

    Parameters
    ----------
    client
        Requests to it.
    name
        What may be shown of its address.
    snap_limit_m
        How far from a road a place may be.
    """

    def __init__(self, client: Client, name: str, snap_limit_m: float = SNAP_LIMIT_M) -> None:
        self._client, self._name, self._limit_m = client, name, snap_limit_m
        self._tiler = Tiler(SIDE)
        self._date: date | None = None

    @property
    def source(self) -> Source:
        """The server, and the day on which its tiles were made."""
        return Source(kind=Kind.VALHALLA, name=self._name, data_date=self._date, attribution=ATTRIBUTION)

    async def probe(self) -> str:
        """Say that it answers, and which version."""
        found = await self._client.ask("/status")
        if not isinstance(found, dict) or "version" not in found:
            raise EngineDown(self._name, Down.ODD, f"it does not speak Valhalla's language: {str(found)[:80]}")
        made = found.get("tileset_last_modified")
        if isinstance(made, int) and made > 0:
            self._date = datetime.fromtimestamp(made, UTC).date()
        return f"Valhalla {found['version']} answers"

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.close()

    async def block(self, starts: Sequence[Location], ends: Sequence[Location]) -> Block:
        """Ask for a table, tile by tile; a place too far from any road has no way, and the server is not asked for it."""
        degrees_of([*starts, *ends])
        if self._date is None:
            await self.probe()
        far = await self._far({place.id: place for place in (*starts, *ends)})

        # One place without a road makes the server refuse all others with it.
        rows, columns = ([n for n, place in enumerate(places) if place.id not in far] for places in (starts, ends))
        near = await self._tiler.table([starts[i] for i in rows], [ends[j] for j in columns], self._tile)
        shape, at = (len(starts), len(ends)), np.ix_(rows, columns)
        durations, distances = np.full(shape, NOT_REACHED, np.int32), np.full(shape, NOT_REACHED, np.int32)
        durations[at], distances[at] = near.durations_s, near.distances_m
        return Block(durations_s=durations, distances_m=distances, road_m=far)

    async def _far(self, places: dict[str, Location]) -> dict[str, int | None]:
        """Return places too far from any road, with the metres to the nearest where the server looks that far."""
        names = list(places)
        far: dict[str, int | None] = {}
        for begin in range(0, len(names), LOCATED_AT_ONCE):
            part = [places[name] for name in names[begin : begin + LOCATED_AT_ONCE]]
            found = await self._client.ask("/locate", {"locations": _points(part), "costing": COSTING, "verbose": False})
            if not isinstance(found, list) or len(found) != len(part):
                raise EngineDown(self._name, Down.ODD, f"it cannot tell the nearest roads: {str(found)[:120]}")
            for place, located in zip(part, found, strict=True):
                metres = _nearest_m(place, located)
                if metres is None or metres > self._limit_m:
                    far[place.id] = metres
        return far

    async def _tile(self, rows: Sequence[Location], columns: Sequence[Location]) -> Cells:
        body = {
            "sources": _points(rows), "targets": _points(columns), "costing": COSTING, "units": "kilometers", "verbose": False,
        }  # fmt: skip
        answer = await self._client.ask("/sources_to_targets", body)
        if not isinstance(answer, dict):
            raise EngineDown(self._name, Down.ODD, "it answered with a list")
        code = answer.get("error_code")
        if code in TOO_MANY:
            raise TooManyError
        if code in NO_ANSWER:
            raise NoAnswerError
        if code is not None or "sources_to_targets" not in answer:
            raise EngineDown(self._name, Down.ODD, f"it refused the question: {code}, {answer.get('error', '')}")
        try:
            durations, distances = _rows(answer["sources_to_targets"])
            return cells_of(durations, distances, 1000.0, (len(rows), len(columns)))
        except (KeyError, TypeError, ValueError) as error:
            raise EngineDown(self._name, Down.ODD, f"its table cannot be read: {error}") from error


def _points(places: Sequence[Location]) -> list[dict[str, float | None]]:
    return [{"lat": place.lat, "lon": place.lon} for place in places]


def _nearest_m(place: Location, located: Any) -> int | None:
    """Metres from a place to the road that the server would take for it."""
    edges = located.get("edges") if isinstance(located, dict) else None
    if not edges or place.lat is None or place.lon is None:
        return None
    away = [
        1000 * float(great_circle_km(place.lat, place.lon, edge["correlated_lat"], edge["correlated_lon"])) for edge in edges
    ]
    return round(min(away))


def _rows(found: Any) -> tuple[Any, Any]:
    """Return rows of seconds and kilometres, from the short form or the long one of servers that do not know the short."""
    if isinstance(found, dict):
        return found["durations"], found["distances"]
    times = [[cell["time"] for cell in row] for row in found]
    return times, [[cell["distance"] for cell in row] for row in found]
