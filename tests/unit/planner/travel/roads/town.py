"""Little towns for tests: nodes on a plane of metres, ways between them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from planner.rounds.travel import EARTH_RADIUS_KM, Location
from planner.travel.roads.read import Restriction, Streets, Way
from planner.travel.roads.tags import Drive

LAT, LON = 40.75, -73.98
METRE = 1 / (math.radians(1) * EARTH_RADIUS_KM * 1000)

BOTH, ONE_WAY = Drive(36.0, 36.0), Drive(36.0, 0.0)
"""Ten metres a second."""


def at(east_m: float, north_m: float) -> tuple[float, float]:
    """Latitude and longitude of a point of the plane."""
    return LAT + north_m * METRE, LON + east_m * METRE / math.cos(math.radians(LAT))


def place(name: str, east_m: float, north_m: float) -> Location:
    """Name a point of the plane."""
    return Location(name, *at(east_m, north_m))


def town(
    nodes: dict[int, tuple[float, float]],
    ways: Sequence[tuple[int, tuple[int, ...], Drive]],
    *,
    signals: Sequence[int] = (),
    closed: Sequence[int] = (),
    restrictions: Sequence[Restriction] = (),
) -> Streets:
    """Make streets of nodes (east, north in metres) and ways."""
    return Streets(
        ways=[Way(*way) for way in ways],
        position={node: at(*where) for node, where in nodes.items()},
        signals=set(signals),
        closed=set(closed),
        restrictions=list(restrictions),
    )


def square(drive: Drive = BOTH, **more: object) -> Streets:
    """Make a square of 1 km sides, nodes 1 to 4 from the south-west by the south-east; ways 12, 23, 34, 41 in this order."""
    nodes = {1: (0.0, 0.0), 2: (1000.0, 0.0), 3: (1000.0, 1000.0), 4: (0.0, 1000.0)}
    ways = [(12, (1, 2), drive), (23, (2, 3), drive), (34, (3, 4), drive), (41, (4, 1), drive)]
    return town(nodes, ways, **more)  # type: ignore[arg-type]
