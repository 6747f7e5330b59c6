"""What a run of the planner keeps of its travel times: the numbers themselves, where they come from, and what was missing."""

from __future__ import annotations

import zlib
from datetime import datetime

import numpy as np
from msgspec import Struct

from backend.travel.down import Down
from planner.rounds.travel import Matrix
from planner.travel.interface import Source, Stranded

PAIRS_KEPT = 20
"""Pairs without a way that are named one by one; the rest is counted."""

QUICK = 6
"""Level of compression: three fifths of the size, in a tenth of a second for a thousand places."""


class LostPair(Struct, frozen=True, kw_only=True):
    """Two places between which no way leads in this direction."""

    start: str
    end: str


class Travelled(Struct, frozen=True, kw_only=True):
    """Travel times between the locations of a problem, as a run was planned with them.

    Attributes
    ----------
    source
        Where they come from.
    fallen_back, why
        What was the matter with the engine that is set, and what happened in a few technical words; None if it was used.
    wanted
        The engine that is set, where it was not used; empty otherwise.
    stop_s
        Seconds added to every drive for parking and walking in.
    stranded
        Locations without a way in or out; their driving is estimated.
    lost, lost_pairs
        Other pairs without a way, the first of them by name and how many; their driving is estimated.
    places
        How many locations; 0 where the numbers are the problem's own estimate.
    durations, distances
        int32, row by row, compressed.
    made_at
        When the engine was asked.
    """

    source: Source
    fallen_back: Down | None = None
    why: str = ""
    wanted: str = ""
    stop_s: int
    stranded: tuple[Stranded, ...] = ()
    lost: tuple[LostPair, ...] = ()
    lost_pairs: int = 0
    places: int
    durations: bytes
    distances: bytes
    made_at: datetime

    def durations_s(self) -> Matrix:
        """Seconds from every location to every other, shape (places, places)."""
        return _unpacked(self.durations, self.places)

    def distances_m(self) -> Matrix:
        """Metres likewise; -1 where nobody knows."""
        return _unpacked(self.distances, self.places)


def packed(matrix: Matrix) -> bytes:
    """Compress a matrix."""
    return zlib.compress(np.ascontiguousarray(matrix, "<i4").tobytes(), QUICK)


def _unpacked(data: bytes, places: int) -> Matrix:
    return np.frombuffer(zlib.decompress(data), "<i4").reshape(places, places).astype(np.int32)
