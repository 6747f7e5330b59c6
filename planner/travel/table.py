"""From an engine's cells to a table: the diagonal, and by name what has no way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from planner.rounds.travel import Location, Matrix
from planner.travel.interface import NOT_REACHED, Block, Source, Stranded, TravelTable, Why


def complete_table(places: Sequence[Location], block: Block, source: Source) -> TravelTable:
    """Make a table of the cells between all places.

    Parameters
    ----------
    places
        In the order of rows and columns.
    block
        From each of them to each.
    source
        Where it comes from.
    """
    durations, distances = block.durations_s.copy(), block.distances_m.copy()
    np.fill_diagonal(durations, 0)
    np.fill_diagonal(distances, 0)
    names = tuple(place.id for place in places)
    return TravelTable(
        names=names,
        durations_s=durations,
        distances_m=distances,
        source=source,
        stranded=_stranded(names, durations, block.road_m),
    )


def _stranded(names: tuple[str, ...], durations_s: Matrix, road_m: Mapping[str, int | None]) -> tuple[Stranded, ...]:
    """Find the places apart from the largest group in which each has a way to each."""
    if not names:
        return ()
    reached: NDArray[np.bool_] = np.not_equal(durations_s, NOT_REACHED)
    both: NDArray[np.bool_] = np.logical_and(reached, reached.T)
    group: NDArray[np.bool_] = both[int(both.sum(axis=1).argmax())]
    leaves: NDArray[np.bool_] = np.any(reached[:, group], axis=1)
    arrives: NDArray[np.bool_] = np.any(reached[group], axis=0)
    found = []
    for number, name in enumerate(names):
        if name in road_m:
            found.append(Stranded(place=name, why=Why.FAR_FROM_ROAD, road_m=road_m[name]))
        elif not group[number]:
            # A pair that an engine does not know although each has a way to others is no fault of a place.
            why = _why(leaves=bool(leaves[number]), arrives=bool(arrives[number]))
            if why is not None:
                found.append(Stranded(place=name, why=why))
    return tuple(found)


def _why(*, leaves: bool, arrives: bool) -> Why | None:
    if leaves:
        return None if arrives else Why.NO_WAY_IN
    return Why.NO_WAY_OUT if arrives else Why.CUT_OFF
