"""Which elevators a special period concerns: all, or those of a district, kind of site, sector or circle of the map. Pure."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt
from uuid import UUID

from msgspec import Struct

EARTH_M = 6_371_000


class Area(Struct, frozen=True, kw_only=True):
    """Where a period holds; what is empty leaves nothing out, and all that is given must fit."""

    district: str = ""
    site_kind: str = ""
    sector: str = ""
    lat: float | None = None
    lon: float | None = None
    radius_m: int | None = None
    elevator: UUID | None = None


class Place(Struct, frozen=True, kw_only=True):
    """An elevator with what its site says."""

    id: UUID
    district: str
    site_kind: str
    sector: str
    lat: float | None
    lon: float | None


def concerns(area: Area, place: Place) -> bool:
    """Return whether a period holds for an elevator; one whose position nobody knows lies in every circle, to be safe."""
    if area.elevator is not None and area.elevator != place.id:
        return False
    wanted = (area.district, place.district), (area.site_kind, place.site_kind), (area.sector, place.sector)
    if any(asked not in ("", known) for asked, known in wanted):
        return False
    if area.lat is None or area.lon is None or area.radius_m is None or place.lat is None or place.lon is None:
        return True
    return distance_m(area.lat, area.lon, place.lat, place.lon) <= area.radius_m


def distance_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Return the distance of two positions in metres (haversine)."""
    up, right = radians(other_lat - lat) / 2, radians(other_lon - lon) / 2
    chord = sin(up) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(right) ** 2
    return 2 * EARTH_M * asin(min(1.0, sqrt(chord)))
