"""Which crews' area an elevator lies in. Pure.

A crew's area is a word in the register; an elevator lies in the area of that name if its district is called so, otherwise in
the nearest one whose crews have hours left for it: a plan may send any crew anywhere, so hours count more than borders.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec import Struct

EVERYWHERE = "*"
"""Area of firms whose crews have none."""

SLACK = 1.15
"""An area takes up to so many times its fair part of the work, by its crews' hours, before the next one is asked."""


class Base(Struct, frozen=True, kw_only=True):
    """A crew's area, base and seconds of work in the horizon."""

    crew: UUID
    area: str
    lat: float
    lon: float
    hours_s: int


class Place(Struct, frozen=True, kw_only=True):
    """A site: its district, position, and seconds of work there in the horizon."""

    site: UUID
    district: str
    lat: float
    lon: float
    work_s: int


def area_of_crews(bases: Sequence[Base]) -> dict[UUID, str]:
    """Return each crew's area; without any areas in the register all crews are of one."""
    if not any(base.area.strip() for base in bases):
        return {base.crew: EVERYWHERE for base in bases}
    return {base.crew: base.area.strip() or EVERYWHERE for base in bases}


def area_of_sites(places: Sequence[Place], bases: Sequence[Base]) -> dict[UUID, str]:
    """Return each site's area: sites that have the farthest way to their second choice choose first."""
    areas = area_of_crews(bases)
    hours: dict[str, int] = defaultdict(int)
    homes: dict[str, list[Base]] = defaultdict(list)
    for base in bases:
        hours[areas[base.crew]] += base.hours_s
        homes[areas[base.crew]].append(base)
    names = sorted(name for name in homes if name != EVERYWHERE) or [EVERYWHERE]
    limits = _limits(places, names, hours)
    found: dict[UUID, str] = {}
    for place in sorted(places, key=lambda place: (-_regret(place, names, homes), place.site)):
        by_distance = [place.district] if place.district in names else sorted(names, key=lambda name: _way(place, homes[name]))
        name = next((name for name in by_distance if limits[name] >= place.work_s), by_distance[0])
        limits[name] -= place.work_s
        found[place.site] = name
    return found


def _limits(places: Sequence[Place], names: Sequence[str], hours: Mapping[str, int]) -> dict[str, float]:
    work_s = sum(place.work_s for place in places)
    total = sum(hours.get(name, 0) for name in names)
    return {name: SLACK * work_s * (hours.get(name, 0) / total if total else 1 / len(names)) for name in names}


def _regret(place: Place, names: Sequence[str], homes: Mapping[str, Sequence[Base]]) -> float:
    ways = sorted(_way(place, homes[name]) for name in names)
    return ways[1] - ways[0] if len(ways) > 1 else 0.0


def _way(place: Place, homes: Sequence[Base]) -> float:
    """Return how far a place is from the nearest base, in degrees of latitude; the earth is flat enough here."""
    narrow = math.cos(math.radians(place.lat))
    return min((math.hypot(place.lat - base.lat, (place.lon - base.lon) * narrow) for base in homes), default=math.inf)
