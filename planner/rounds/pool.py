"""Routes that searches have met, kept so that the best mix of them can be chosen in the end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from planner.rounds.solution import Spans, Way

POOL_SIZE = 20_000
"""Routes that a pool remembers; the ones met longest ago are forgotten first."""


class PooledRoute(NamedTuple):
    """A route once met: its duty, its stops in order, its price, and when its banks were at work (as on its `Way`)."""

    duty: int
    stops: tuple[int, ...]
    cost: int
    spans: Spans | None


def pooled(way: Way) -> PooledRoute:
    """Give what a pool keeps of a way."""
    return PooledRoute(way.duty, tuple(way.stops), way.cost, way.spans)


class Pool:
    """Routes met, of several orders of the same visits on a duty only the cheapest.

    Parameters
    ----------
    size
        How many are remembered.
    """

    def __init__(self, size: int = POOL_SIZE) -> None:
        self._size = size
        self._routes: dict[tuple[int, frozenset[int]], PooledRoute] = {}

    def __len__(self) -> int:
        return len(self._routes)

    def add(self, ways: Iterable[Way]) -> None:
        """Remember ways as the latest met; empty ones are nothing to remember."""
        self.add_routes(pooled(way) for way in ways if way.stops)

    def add_routes(self, routes: Iterable[PooledRoute]) -> None:
        """Remember routes as the latest met, of another pool of the same model for example."""
        known = self._routes
        for route in routes:
            key = route.duty, frozenset(route.stops)
            before = known.pop(key, None)
            known[key] = route if before is None or route.cost <= before.cost else before
        while len(known) > self._size:
            del known[next(iter(known))]

    def routes(self) -> list[PooledRoute]:
        """All routes remembered, the latest met last."""
        return list(self._routes.values())
