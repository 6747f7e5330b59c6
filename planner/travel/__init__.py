"""Travel times: seconds and metres between places, from a matrix, an estimate or a road graph. Pure but for reading map files.

The rooms::

    interface       what every source answers, and how what cannot be reached is named
    table           an engine's cells as a table
    simple          a given matrix; the contract's estimate from coordinates
    coordinates     WGS-84, GCJ-02 (China's maps) and BD-09 (Baidu's)
    kilometres      metres of a plan's routes
    roads           a road graph from an OpenStreetMap extract

Engines over HTTP (OSRM, Valhalla) are `backend.travel`.
"""

from planner.travel.interface import NOT_REACHED, UNREACHABLE_S, Block, Source, TravelTable, TravelTimes, table_of
from planner.travel.kilometres import Kilometres, Measure, route_distance_m

__all__ = [
    "NOT_REACHED",
    "UNREACHABLE_S",
    "Block",
    "Kilometres",
    "Measure",
    "Source",
    "TravelTable",
    "TravelTimes",
    "route_distance_m",
    "table_of",
]
