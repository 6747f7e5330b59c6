"""The point of the road network that is nearest to a place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.rounds.travel import EARTH_RADIUS_KM
from planner.travel.roads.graph import Graph

SAMPLE_M = 30.0
"""Distance of the sample points on roads among which the nearest are looked for first."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Snapped:
    """Where places lie on the network; shapes (places,).

    Attributes
    ----------
    strand
        The nearest strand of the graph, -1 where there is none at all.
    share
        How far along its length, 0..1.
    away_m
        Metres from the place to it; infinite for none.
    """

    strand: NDArray[np.int32]
    share: Floats
    away_m: Floats


class Snapper:
    """Finds the nearest roads of a graph; building it is the dear part.

    The plane is true to scale at the middle of the graph: within two degrees of latitude from there distances are off by some
    per cent, which does not matter over the metres from a house to its street.
    """

    def __init__(self, graph: Graph) -> None:
        from scipy.spatial import KDTree

        self._to_east = float(np.cos(np.radians(graph.lat.mean()))) if len(graph.lat) else 1.0
        points = self._plane(graph.lat, graph.lon)
        strands = len(graph.first_point) - 1
        of_point = np.repeat(np.arange(strands, dtype=np.int32), np.diff(graph.first_point))
        inside = np.flatnonzero(of_point[:-1] == of_point[1:])
        self._a, self._b, self._strand = points[inside], points[inside + 1], of_point[inside]
        length = np.hypot(*(self._b - self._a).T)
        before = np.cumsum(length) - length
        first = np.searchsorted(self._strand, np.arange(strands))
        total = np.bincount(self._strand, length, minlength=strands)
        self._length, self._begin, self._total = length, before - before[first][self._strand], total
        count = np.maximum(1, np.ceil(length / SAMPLE_M)).astype(np.int64)
        self._piece = np.repeat(np.arange(len(count)), count)
        rank = np.arange(len(self._piece)) - np.repeat(np.cumsum(count) - count, count)
        share = (rank + 0.5) / count[self._piece]
        samples = self._a[self._piece] + share[:, None] * (self._b - self._a)[self._piece]
        self._tree = KDTree(samples) if len(samples) else None

    def snap(self, degrees: Floats) -> Snapped:
        """Find the nearest road of every place.

        Parameters
        ----------
        degrees
            Latitude and longitude, shape (places, 2).
        """
        count = len(degrees)
        strand, share, away = np.full(count, -1, np.int32), np.zeros(count), np.full(count, np.inf)
        if self._tree is None or not count:
            return Snapped(strand, share, away)
        places = self._plane(degrees[:, 0], degrees[:, 1])
        near, _ = self._tree.query(places)
        # The nearest road has a sample within half a step of its nearest point, so it is among these.
        for number, around in enumerate(self._tree.query_ball_point(places, near + SAMPLE_M / 2 + 1e-6)):
            pieces = np.unique(self._piece[around])
            a, step = self._a[pieces], self._b[pieces] - self._a[pieces]
            squared = np.maximum((step**2).sum(axis=1), 1e-12)
            along = np.clip(((places[number] - a) * step).sum(axis=1) / squared, 0.0, 1.0)
            distance = np.hypot(*(places[number] - a - along[:, None] * step).T)
            best = int(distance.argmin())
            piece = int(pieces[best])
            strand[number], away[number] = self._strand[piece], distance[best]
            run = self._begin[piece] + along[best] * self._length[piece]
            share[number] = min(1.0, run / max(self._total[self._strand[piece]], 1e-9))
        return Snapped(strand, share, away)

    def _plane(self, lat: Floats, lon: Floats) -> Floats:
        """Metres north and east on a plane, shape (points, 2)."""
        scale = np.radians(1.0) * EARTH_RADIUS_KM * 1000
        return np.stack([lat * scale, lon * scale * self._to_east], axis=-1)
