"""Fits the pace of a road graph to times that an engine states or that somebody measured."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from planner.rounds.travel import Location, Matrix
from planner.travel.roads.engine import Roads
from planner.travel.roads.graph import Graph
from planner.travel.roads.pace import PACE, Pace

SHORTEST_S = 20
"""Shorter drives say more about which side of the street one starts on than about speed."""

LEAST_PAIRS = 20
"""Fewer pairs than that do not settle four numbers."""

ROUNDS = 4
"""Another pace finds other ways, which give another pace; it settles at once."""

FURTHEST_RATIO = 2.0
"""A pair that is off by more than that has another way or another street, and says nothing about speed."""

SLOWEST, FASTEST = 0.2, 3.0
"""Speed factors that are believed."""


class Fit(msgspec.Struct, frozen=True, kw_only=True):
    """A pace and how well it states the times it was fitted to; ratios are stated ÷ measured.

    Attributes
    ----------
    pace
        The pace.
    pairs
        How many pairs it was fitted to.
    median, low, high
        Median of the ratios, and the bounds between which 90 % of them lie.
    """

    pace: Pace
    pairs: int
    median: float
    low: float
    high: float


class TooFewPairsError(ValueError):
    """Too few measured pairs to fit anything to."""


def fit_pace(graph: Graph, places: Sequence[Location], measured_s: Matrix, start: Pace = PACE) -> Fit:
    """Find the pace with which a graph states given times best: least squares of relative errors over the ways it finds.

    Parameters
    ----------
    graph, places
        The roads and the places on them.
    measured_s
        Seconds of driving from each to each; 0 or less where nothing was measured; shape (places, places).
    start
        Where to begin.

    Raises
    ------
    TooFewPairsError
        If fewer than twenty pairs are measured, or can be driven on this graph.
    """
    from scipy.optimize import nnls

    drive, lights = graph.drive_s, graph.signals
    none, to = np.zeros_like(drive), graph.turn_to
    of_edge = np.stack([drive, none, lights, none], axis=1)
    of_turn = np.stack([drive[to], graph.turn_shape, lights[to], np.ones(len(to))], axis=1)
    usable = (measured_s >= SHORTEST_S) & ~np.eye(len(places), dtype=np.bool_)
    pace = start
    for step in range(ROUNDS):
        stated, sums, _ = Roads(graph, pace).ways(places, places, of_edge, of_turn)
        pairs = usable & np.isfinite(stated)
        if step:
            ratio = np.where(pairs, stated, 1.0) / np.where(pairs, measured_s, 1)
            pairs &= (ratio < FURTHEST_RATIO) & (ratio > 1 / FURTHEST_RATIO)
        if pairs.sum() < LEAST_PAIRS:
            raise TooFewPairsError(f"{int(pairs.sum())} pairs of places have a measured time; {LEAST_PAIRS} are needed")
        found, _ = nnls(sums[pairs] / measured_s[pairs][:, None], np.ones(int(pairs.sum())))
        pace = Pace(
            speed_factor=float(np.clip(1 / max(found[0], 1 / FASTEST), SLOWEST, FASTEST)),
            turn_s=float(found[1]),
            signal_s=float(found[2]),
            junction_s=float(found[3]),
        )
    return _told(pace, Roads(graph, pace).ways(places, places, of_edge, of_turn)[0], measured_s, usable)


def _told(pace: Pace, stated: NDArray[np.float64], measured_s: Matrix, usable: NDArray[np.bool_]) -> Fit:
    pairs = usable & np.isfinite(stated)
    low, median, high = np.percentile(stated[pairs] / measured_s[pairs], [5, 50, 95]).tolist()
    return Fit(pace=pace, pairs=int(pairs.sum()), median=median, low=low, high=high)
