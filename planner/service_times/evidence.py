"""What is learnt from: visits whose arrival and departure were both scanned."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from planner.service_times.limits import Limits


class Dwell(Struct, frozen=True, kw_only=True):
    """The time between the two scans of one visit."""

    elevator: str
    site: str
    group: str
    """Elevators alike, see `group_of`."""

    maintenance_class: str
    technicians: tuple[str, ...]
    """One or more."""

    pack_s: int
    """Seconds that the rule pack has for the class."""

    dwell_s: int
    least_s: int
    """Shorter dwells than this break the pack's rule: they are no evidence of work."""

    age_days: float
    """Days since the visit, 0 or more."""


def group_of(equipment_type: str, stops: int | None, limits: Limits) -> str:
    """Return which elevators one is like: `escalator`, `traction_or_positive_drive_lift/7-15`."""
    if stops is None:
        return equipment_type
    least = 1
    for most in limits.stops_bands:
        if stops <= most:
            return f"{equipment_type}/{least}-{most}"
        least = most + 1
    return f"{equipment_type}/{least}+"


def usable(dwells: Iterable[Dwell], limits: Limits) -> tuple[list[Dwell], int]:
    """Return the dwells that are evidence, and how many are not: shorter than the rules allow, or departures forgotten."""
    kept, left_out = [], 0
    for each in dwells:
        if max(each.least_s, 1) <= each.dwell_s <= limits.longest_s and each.pack_s > 0 and each.technicians:
            kept.append(each)
        else:
            left_out += 1
    return kept, left_out
