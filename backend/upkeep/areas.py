"""Which elevators a special period concerns: all, or those of a district, kind of site, sector or circle of the map. Pure."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from qr.geo import great_circle_m


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
    return great_circle_m(area.lat, area.lon, place.lat, place.lon) <= area.radius_m
