"""Which crews' area an elevator lies in, and where else a crew may help. Pure.

A crew's area is a word in the register. An elevator lies in the area of that name if its district is called so, otherwise in
that of the nearest crew. Borders are no walls: a crew helps in the areas next to its own, for a longer way.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec import Struct

EVERYWHERE = "*"
"""Area of firms whose crews have none."""

NEIGHBOURS = 2
"""Areas next to its own in which a crew helps: farther ones would cost it half a day of driving."""


class Base(Struct, frozen=True, kw_only=True):
    """A crew's area and base."""

    crew: UUID
    area: str
    lat: float
    lon: float


class Place(Struct, frozen=True, kw_only=True):
    """A site: its district and position."""

    site: UUID
    district: str
    lat: float
    lon: float


def area_of_crews(bases: Sequence[Base]) -> dict[UUID, str]:
    """Return each crew's area; without any areas in the register all crews are of one."""
    return {base.crew: base.area.strip() or EVERYWHERE for base in bases}


def area_of_sites(places: Sequence[Place], bases: Sequence[Base]) -> dict[UUID, str]:
    """Return each site's area."""
    homes = _homes(bases)
    names = sorted(name for name in homes if name != EVERYWHERE) or [EVERYWHERE]
    return {
        place.site: place.district
        if place.district in names
        else min(names, key=lambda name: (_way(place.lat, place.lon, homes[name]), name))
        for place in places
    }


def help_areas(bases: Sequence[Base]) -> dict[UUID, tuple[str, ...]]:
    """Return the areas next to its own in which each crew helps; a crew without an area works everywhere."""
    areas, homes = area_of_crews(bases), _homes(bases)
    names = sorted(name for name in homes if name != EVERYWHERE)
    found = {}
    for base in bases:
        others = [name for name in names if name != areas[base.crew]]
        others.sort(key=lambda name: (_way(base.lat, base.lon, homes[name]), name))
        found[base.crew] = tuple(others if areas[base.crew] == EVERYWHERE else others[:NEIGHBOURS])
    return found


def _homes(bases: Sequence[Base]) -> Mapping[str, list[Base]]:
    areas = area_of_crews(bases)
    homes: dict[str, list[Base]] = defaultdict(list)
    for base in bases:
        homes[areas[base.crew]].append(base)
    return homes


def _way(lat: float, lon: float, homes: Sequence[Base]) -> float:
    """Return how far the nearest base is, in degrees of latitude; the earth is flat enough here."""
    narrow = math.cos(math.radians(lat))
    return min((math.hypot(lat - base.lat, (lon - base.lon) * narrow) for base in homes), default=math.inf)
