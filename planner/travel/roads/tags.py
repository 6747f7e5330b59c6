"""What the tags of an OpenStreetMap way mean to a van: may it drive there, which way, how fast. Pure.

Meanings are those of the OSM wiki ("Key:access", "Key:oneway", "Key:maxspeed"); speeds where no limit is tagged are round
figures for town traffic, which `planner.travel.roads.pace` scales to what is measured.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

SPEED_KMH = {
    "motorway": 90.0, "motorway_link": 45.0, "trunk": 80.0, "trunk_link": 40.0, "primary": 60.0, "primary_link": 30.0,
    "secondary": 50.0, "secondary_link": 25.0, "tertiary": 40.0, "tertiary_link": 20.0, "unclassified": 30.0,
    "residential": 25.0, "living_street": 10.0, "service": 15.0, "road": 25.0,
}  # fmt: skip
"""Roads for motor vehicles and their speed where no limit is tagged."""

LIMIT_DRIVEN = 0.8
"""Part of a speed limit that is driven between junctions."""

WALKING_KMH = 5.0
"""For ways that only serve what lies at them (customers, residents): none is a way through."""

FERRY_KMH = 10.0
"""For ferries that do not tell their duration."""

SLOWEST_KMH, FASTEST_KMH = 3.0, 130.0
KMH_PER_MPH, KMH_PER_KNOT = 1.609344, 1.852

ACCESS = ("motorcar", "motor_vehicle", "vehicle", "access")
"""Whose word counts, the most special first."""

OPEN = frozenset({"yes", "permissive", "designated", "hov", "public", "toll"})
ONLY_TO_SERVE = frozenset({"destination", "customers", "delivery", "permit", "residents"})
"""For whoever has business there, as a technician has."""

NAMED_LIMITS = {"urban": 50.0, "rural": 80.0, "trunk": 100.0, "motorway": 120.0, "living_street": 20.0, "walk": 6.0}
"""What limits by name (`CN:urban`) are worth."""

HARD_BARRIERS = frozenset(
    {
        "block", "bollard", "bus_trap", "chain", "cycle_barrier", "debris", "fence", "full-height_turnstile", "gate",
        "horse_stile", "jersey_barrier", "kissing_gate", "log", "motorcycle_barrier", "planter", "stile", "sump_buster",
        "swing_gate", "turnstile", "wall", "yes",
    }
)  # fmt: skip
"""Barriers that no vehicle passes, unless their own tags say so."""


class Drive(NamedTuple):
    """How a way is driven: km/h in the order of its nodes and against it, 0 where that is forbidden."""

    forward_kmh: float
    backward_kmh: float


NOT_AT_ALL = Drive(0.0, 0.0)


def drive_of(tags: Mapping[str, str], length_m: float = 0.0) -> Drive:
    """Say how a way is driven.

    Parameters
    ----------
    tags
        Of the way.
    length_m
        Of the way; only a ferry's speed depends on it.
    """
    if tags.get("route") == "ferry":
        return _ferry(tags, length_m)
    kind = tags.get("highway", "")
    if kind not in SPEED_KMH or tags.get("area") == "yes" or tags.get("service") == "emergency_access":
        return NOT_AT_ALL
    access = _access(tags)
    if access is not None and access not in OPEN and access not in ONLY_TO_SERVE:
        return NOT_AT_ALL
    usual = SPEED_KMH[kind] / 2 if tags.get("service") in ("alley", "parking_aisle", "drive-through") else SPEED_KMH[kind]
    forward, backward = (_speed(tags, side, usual) for side in ("forward", "backward"))
    if access in ONLY_TO_SERVE:
        forward, backward = min(forward, WALKING_KMH), min(backward, WALKING_KMH)
    there, back = _directions(tags, kind)
    return Drive(forward if there else 0.0, backward if back else 0.0)


def is_closed(tags: Mapping[str, str]) -> bool:
    """Say whether no vehicle passes a node: a bollard, a gate that nothing calls open."""
    access = _access(tags)
    if access is not None:
        return access not in OPEN and access not in ONLY_TO_SERVE and "barrier" in tags
    return tags.get("barrier") in HARD_BARRIERS and tags.get("bollard") != "rising"


def limit_kmh(text: str) -> float | None:
    """Read a speed limit: `50`, `25 mph`, `CN:urban`; None where it says nothing."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(km/h|kmh|kph|mph|knots)?\s*", text)
    if found:
        unit = {"mph": KMH_PER_MPH, "knots": KMH_PER_KNOT}.get(found[2] or "", 1.0)
        return float(found[1]) * unit or None
    return NAMED_LIMITS.get(text.rpartition(":")[2].strip())


def _access(tags: Mapping[str, str]) -> str | None:
    return next((tags[key] for key in ACCESS if key in tags), None)


def _speed(tags: Mapping[str, str], side: str, usual: float) -> float:
    """Speed in one direction: a part of the limit where one is tagged; a slow road's limit does not make it fast."""
    for key in (f"maxspeed:{side}", "maxspeed"):
        limit = limit_kmh(tags[key]) if key in tags else None
        if limit is not None:
            driven = limit * LIMIT_DRIVEN
            slow = tags.get("highway") in ("service", "living_street")
            return min(FASTEST_KMH, max(SLOWEST_KMH, min(driven, usual) if slow else driven))
    return usual


def _directions(tags: Mapping[str, str], kind: str) -> tuple[bool, bool]:
    """Whether a way may be driven in the order of its nodes, and against it."""
    text = next((tags[key] for key in ("oneway:motorcar", "oneway:motor_vehicle", "oneway") if key in tags), None)
    if text in ("yes", "true", "1"):
        return True, False
    if text in ("-1", "reverse"):
        return False, True
    if text in ("reversible", "alternating"):  # open in one direction at some hours, and nobody says which
        return False, False
    if text is None and (kind in ("motorway", "motorway_link") or tags.get("junction") in ("roundabout", "circular")):
        return True, False
    return True, True


def _ferry(tags: Mapping[str, str], length_m: float) -> Drive:
    """Take a ferry only where it says that it takes vehicles."""
    if next((tags[key] for key in ACCESS[:3] if key in tags), None) not in OPEN:
        return NOT_AT_ALL
    found = re.fullmatch(r"(?:(\d+):)?(\d+)(?::\d+)?", tags.get("duration", ""))
    minutes = int(found[1] or 0) * 60 + int(found[2]) if found else 0
    speed = length_m / 1000 / (minutes / 60) if minutes and length_m else FERRY_KMH
    speed = min(FASTEST_KMH, max(0.1, speed))
    there, back = _directions(tags, "ferry")
    return Drive(speed if there else 0.0, speed if back else 0.0)
