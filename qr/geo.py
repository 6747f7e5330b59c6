"""Distances on the Earth."""

from math import asin, cos, radians, sin, sqrt
from typing import Final

from qr.evidence import Position

EARTH_RADIUS_M: Final = 6_371_008.8
"""Mean radius of WGS-84 (IUGG)."""


def distance_m(one: Position, other: Position) -> float:
    """Return the great-circle distance in metres (haversine formula; off by at most 0.5 %, the Earth's flattening)."""
    return great_circle_m(one.latitude_deg, one.longitude_deg, other.latitude_deg, other.longitude_deg)


def great_circle_m(latitude_deg: float, longitude_deg: float, other_latitude_deg: float, other_longitude_deg: float) -> float:
    """Return the same of two places in degrees, for callers that have no positions, and many of them."""
    latitude, other_latitude = radians(latitude_deg), radians(other_latitude_deg)
    half_north = (other_latitude - latitude) / 2
    half_east = radians(other_longitude_deg - longitude_deg) / 2
    square = sin(half_north) ** 2 + cos(latitude) * cos(other_latitude) * sin(half_east) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(square)))
