"""What a problem's parts say about each other: ids that exist, ranges that are ranges, pins that can be kept.

The checks read the plain JSON value and skip what has the wrong type (that is named elsewhere), so that one reading of
a file finds the faults of both kinds. A pin that cannot be kept is a fault of its own kind: it makes one visit
impossible, not the file unusable.
"""

from __future__ import annotations

import itertools
import zoneinfo
from collections import Counter
from collections.abc import Iterator
from typing import Any, TypeVar

from planner.rounds.faults import Fault, joined, shown

T = TypeVar("T")
Object = dict[str, Any]

DAY_S = 86_400
"""Seconds from one day of a problem to the next."""


def link_faults(document: Any) -> list[Fault]:
    """Every fault between the parts of a problem.

    Parameters
    ----------
    document
        The problem as JSON values, possibly ill-formed.
    """
    if not isinstance(document, dict):
        return []
    ids = {field: _ids(document, field) for field in ("locations", "visits", "crews")}
    faults = [*_zone_faults(document), *_id_faults(document), *_travel_faults(document)]
    for i, visit in _objects(document, "visits"):
        path = f"visits[{i}]"
        faults += _location_faults(visit, ("location",), ids["locations"], path)
        faults += _day_faults(visit, path)
        for j, window in _objects(visit, "windows"):
            faults += _order_faults(window, f"{path}.windows[{j}]")
        faults += [
            Fault(joined(f"{path}.crew_costs", name), f"no crew {shown(name)}; add it to crews or correct the id")
            for name in _get(visit, "crew_costs", dict) or {}
            if ids["crews"] is not None and name not in ids["crews"]
        ]
    for i, crew in _objects(document, "crews"):
        faults += _shift_faults(crew, ids["locations"], f"crews[{i}]")
    faults += [
        Fault(joined("published", name), "no such visit; add it to visits or leave it out here")
        for name in _get(document, "published", dict) or {}
        if ids["visits"] is not None and name not in ids["visits"]
    ]
    return faults


def pin_faults(document: Any) -> list[Fault]:
    """Every pin that cannot be kept whatever the plan; whether the hours allow the others is left to the planner.

    Parameters
    ----------
    document
        The problem as JSON values, possibly ill-formed.
    """
    if not isinstance(document, dict):
        return []
    crews = {crew["id"]: crew for _, crew in _objects(document, "crews") if _is(crew.get("id"), str)}
    days = _get(document, "days", int)
    visits = _objects(document, "visits")
    return [fault for i, visit in visits for fault in _pin_faults(visit, crews, days, f"visits[{i}].pinned")]


def _is(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def _get(value: Any, name: str, kind: type[T]) -> T | None:
    """Give a field's value, None where it is missing or of another type."""
    inner = value.get(name) if isinstance(value, dict) else None
    return inner if _is(inner, kind) else None


def _objects(value: Object, name: str) -> Iterator[tuple[int, Object]]:
    """Give the objects of a list with their positions."""
    return ((i, inner) for i, inner in enumerate(_get(value, name, list) or []) if isinstance(inner, dict))


def _ids(document: Object, field: str) -> set[str] | None:
    """Give the ids of a list, None where there is no such list and nothing can be said."""
    if _get(document, field, list) is None:
        return None
    return {part["id"] for _, part in _objects(document, field) if _is(part.get("id"), str)}


def _order_faults(interval: Any, path: str) -> Iterator[Fault]:
    """Let an interval be a single second, for it includes both its ends, but not end before it begins."""
    begin, end = _get(interval, "from_s", int), _get(interval, "to_s", int)
    if begin is not None and end is not None and begin > end:
        yield Fault(f"{path}.to_s", f"must be from_s ({begin}) or later, is {end}")


def _zone_faults(document: Object) -> Iterator[Fault]:
    name = _get(document, "time_zone", str)
    if name is None:
        return
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        yield Fault("time_zone", f"no time zone {shown(name)}; take a name of the IANA list such as Asia/Shanghai")


def _id_faults(document: Object) -> Iterator[Fault]:
    """Ids that a list uses more than once, named at every use after the first."""
    for field in ("locations", "visits", "crews"):
        first: dict[str, int] = {}
        for i, part in _objects(document, field):
            name = _get(part, "id", str)
            if name is not None and first.setdefault(name, i) != i:
                yield Fault(f"{field}[{i}].id", f"{shown(name)} is used by {field}[{first[name]}] as well; ids must differ")


def _travel_faults(document: Object) -> Iterator[Fault]:
    travel = _get(document, "travel", dict)
    if travel is None:
        return
    options = ("durations_s", "durations_npy", "estimate")
    given = [name for name in options if name in travel]
    for name in given:
        if travel[name] is None:
            yield Fault(f"travel.{name}", "must not be null; leave it out")
    if len(given) != 1:
        yield Fault("travel", f"give exactly one of {', '.join(options)}, found {' and '.join(given) or 'none'}")
    if "estimate" in given:
        for i, location in _objects(document, "locations"):
            for name in ("lat", "lon"):
                if location.get(name) is None:
                    yield Fault(f"locations[{i}].{name}", "missing, the estimate needs it; give it or give durations_s")


def _location_faults(part: Object, fields: tuple[str, ...], known: set[str] | None, path: str) -> Iterator[Fault]:
    for field in fields:
        name = _get(part, field, str)
        if known is not None and name is not None and name not in known:
            yield Fault(f"{path}.{field}", f"no location {shown(name)}; add it to locations or correct the id")


def _day_faults(visit: Object, path: str) -> Iterator[Fault]:
    first, last = _get(visit, "first_day", int), _get(visit, "last_day", int)
    if first is None or last is None:
        return
    if first > last:
        yield Fault(f"{path}.last_day", f"must be first_day ({first}) or later, is {last}")
        return
    costs = _get(visit, "day_costs", list)
    if costs and len(costs) != last - first + 1:
        told = f"one number per day of {first}..{last} expected ({last - first + 1}), found {len(costs)}"
        yield Fault(f"{path}.day_costs", f"{told}; leave it out for zeros")


def _texts(part: Object, name: str) -> set[str]:
    return {text for text in _get(part, name, list) or [] if isinstance(text, str)}


def _pin_faults(visit: Object, crews: dict[str, Object], days: int | None, path: str) -> Iterator[Fault]:
    """Why one pin cannot be kept."""
    pin = _get(visit, "pinned", dict)
    name, day = _get(pin, "crew", str), _get(pin, "day", int)
    if pin is None or name is None:
        return
    cannot, way_out = "cannot be kept:", "change or remove the pin"
    if (crew := crews.get(name)) is None:
        yield Fault(path, f"{cannot} no crew {shown(name)}; {way_out}")
        return
    if day is not None:
        on_days = {_get(shift, "day", int) for _, shift in _objects(crew, "shifts")}
        if day not in on_days or (days is not None and day >= days):
            yield Fault(path, f"{cannot} {name} has no shift on day {day}; {way_out}")
        first, last = _get(visit, "first_day", int), _get(visit, "last_day", int)
        if first is not None and last is not None and not first <= day <= last:
            yield Fault(path, f"{cannot} day {day} is outside {first}..{last}; {way_out}")
    if lacking := sorted(_texts(visit, "skills") - _texts(crew, "skills")):
        yield Fault(path, f"{cannot} {name} lacks {', '.join(lacking)}; {way_out}")
    needed, there = _number(visit, "people", 1), _number(crew, "people", 1)
    if needed > there:
        yield Fault(path, f"{cannot} {name} has {there} people, {needed} are needed; {way_out}")
    room = _get(crew, "load_capacity", int)
    if room is not None and _number(visit, "load", 0) > room:
        yield Fault(path, f"{cannot} {name} has room for {room}, {_number(visit, 'load', 0)} is needed; {way_out}")


def _number(part: Object, name: str, default: int) -> int:
    value = _get(part, name, int)
    return default if value is None else value


def _shift_faults(crew: Object, locations: set[str] | None, path: str) -> Iterator[Fault]:
    shifts = list(_objects(crew, "shifts"))
    uses = Counter(_get(shift, "day", int) for _, shift in shifts)
    for j, shift in shifts:
        here = f"{path}.shifts[{j}]"
        day = _get(shift, "day", int)
        if day is not None and uses[day] > 1:
            yield Fault(f"{here}.day", f"more than one shift on day {day}; join them or move one")
        yield from _location_faults(shift, ("start_location", "end_location"), locations, here)
        for interval, at in ((shift, here), (_get(shift, "break", dict), f"{here}.break")):
            yield from _order_faults(interval, at)
    timed = [
        (day * DAY_S + begin, day * DAY_S + end, day, j)
        for j, shift in shifts
        if (day := _get(shift, "day", int)) is not None
        and (begin := _get(shift, "from_s", int)) is not None
        and (end := _get(shift, "to_s", int)) is not None
    ]
    timed.sort()
    for (_, end, day, _), (begin, _, next_day, j) in itertools.pairwise(timed):
        if day != next_day and begin < end:
            yield Fault(f"{path}.shifts[{j}]", f"begins before the shift of day {day} ends; shifts of a crew may only touch")
