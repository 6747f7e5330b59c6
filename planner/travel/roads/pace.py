"""How fast a graph is driven, and how that is fitted to times that somebody measured."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from planner.travel.roads.graph import Graph

Floats = NDArray[np.float64]


class Pace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What driving costs beside the tags' speeds.

    Attributes
    ----------
    speed_factor
        Times the speeds of the tags.
    turn_s
        Seconds of turning right about; a right angle costs half, straight on nothing.
    signal_s
        Seconds per traffic light.
    junction_s
        Seconds per junction.
    """

    speed_factor: float = 1.0
    turn_s: float = 8.0
    signal_s: float = 2.0
    junction_s: float = 0.0

    def edge_s(self, graph: Graph) -> Floats:
        """Seconds along every edge with the lights on it, shape (edges,)."""
        return graph.drive_s / self.speed_factor + self.signal_s * graph.signals

    def turn_s_of(self, graph: Graph) -> Floats:
        """Seconds of every turn without the edge behind it, shape (turns,)."""
        return self.turn_s * graph.turn_shape + self.junction_s


PACE = Pace()
"""Fitted to OSRM's car profile, see docs/benchmarks.md; fit it to your own town with `liftrounds travel --fit`."""
