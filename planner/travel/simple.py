"""Two sources that need no roads: a matrix that is given, and the contract's estimate from coordinates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from planner.rounds.travel import MAX_S, Estimate, Location, Matrix, great_circle_km
from planner.travel.interface import NOT_REACHED, Block, Kind, Source, degrees_of

ROWS_AT_ONCE = 256
"""Rows that are computed together, so that the intermediate arrays stay small."""


class Given:
    """A matrix that somebody made.

    Parameters
    ----------
    names
        Of its rows and columns.
    durations_s
        Seconds, shape (names, names).
    distances_m
        Metres, likewise; None where nobody knows.
    """

    def __init__(self, names: Sequence[str], durations_s: Matrix, distances_m: Matrix | None = None) -> None:
        for table in (durations_s, distances_m):
            if table is not None and table.shape != (len(names), len(names)):
                raise ValueError(f"a matrix of {len(names)} places has shape {(len(names),) * 2}, this one {table.shape}")
        self._row = {name: number for number, name in enumerate(names)}
        self._durations_s = durations_s
        self._distances_m = np.full_like(durations_s, NOT_REACHED) if distances_m is None else distances_m

    @property
    def source(self) -> Source:
        """A given matrix."""
        return Source(kind=Kind.GIVEN)

    def block(self, starts: Sequence[Location], ends: Sequence[Location]) -> Block:
        """Look the cells up.

        Raises
        ------
        KeyError
            If a place is none of the matrix.
        """
        rows, columns = [self._row[place.id] for place in starts], [self._row[place.id] for place in ends]
        cells = np.ix_(rows, columns)
        return Block(durations_s=self._durations_s[cells], distances_m=self._distances_m[cells])


class Estimated:
    """Great-circle distance × detour ÷ speed + stop, as the contract states it (`planner.rounds.travel.Estimate`)."""

    def __init__(self, estimate: Estimate) -> None:
        self._estimate = estimate

    @property
    def source(self) -> Source:
        """An estimate."""
        return Source(kind=Kind.ESTIMATE)

    def block(self, starts: Sequence[Location], ends: Sequence[Location]) -> Block:
        """Work the cells out; 0 from a place to itself."""
        here, there = degrees_of(starts), degrees_of(ends)
        shape = (len(starts), len(ends))
        durations, distances = np.empty(shape, np.int32), np.empty(shape, np.int32)
        for begin in range(0, len(starts), ROWS_AT_ONCE):
            part = slice(begin, begin + ROWS_AT_ONCE)
            km = great_circle_km(here[part, 0, None], here[part, 1, None], there[None, :, 0], there[None, :, 1])
            seconds = np.rint(km * self._estimate.detour / self._estimate.speed_kmh * 3600 + self._estimate.stop_s)
            durations[part] = np.minimum(seconds, MAX_S)
            distances[part] = np.rint(np.minimum(km * 1000 * self._estimate.detour, MAX_S))
        same = np.array([place.id for place in starts])[:, None] == np.array([place.id for place in ends])[None, :]
        durations[same] = distances[same] = 0
        return Block(durations_s=durations, distances_m=distances)
