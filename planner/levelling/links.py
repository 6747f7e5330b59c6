"""What the parts of a levelling problem say about each other. Reads the plain JSON value and skips what is ill-typed."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator
from typing import Any

from planner.rounds.faults import Fault, shown

Object = dict[str, Any]
WEEK = 7


def link_faults(document: Any) -> list[Fault]:
    """Every fault between the parts of a levelling problem, possibly ill-formed."""
    if not isinstance(document, dict):
        return []
    faults = [*_doubles(document, "elevators"), *_doubles(document, "crews")]
    for path, elevator in _objects(document, "elevators", ""):
        faults += _elevator_faults(elevator, path)
    for path, crew in _objects(document, "crews", ""):
        faults += _crew_faults(crew, path)
    calendar = document.get("calendar")
    if isinstance(calendar, dict):
        faults += _calendar_faults(calendar)
    return faults


def _objects(value: Object, name: str, before: str) -> Iterator[tuple[str, Object]]:
    """Give path and value of the objects of a list."""
    found = value.get(name)
    if isinstance(found, list):
        yield from ((f"{before}{name}[{i}]", inner) for i, inner in enumerate(found) if isinstance(inner, dict))


def _number(value: Object, name: str) -> int | None:
    found = value.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _doubles(document: Object, name: str) -> Iterator[Fault]:
    parts = [(path, part["id"]) for path, part in _objects(document, name, "") if isinstance(part.get("id"), str)]
    often = Counter(id_ for _, id_ in parts)
    seen: set[str] = set()
    for path, id_ in parts:
        if often[id_] > 1 and id_ in seen:
            yield Fault(f"{path}.id", f"{shown(id_)} is given already; give each of the {name} a name of its own")
        seen.add(id_)


def _in_order(value: Object, low: str, high: str, path: str) -> Iterator[Fault]:
    begin, end = _number(value, low), _number(value, high)
    if begin is not None and end is not None and begin > end:
        yield Fault(f"{path}.{high}", f"must be {low} ({begin}) or more, is {end}")


def _elevator_faults(elevator: Object, path: str) -> Iterator[Fault]:
    yield from _in_order(elevator, "first_day", "last_day", path)
    yield from _in_order(elevator, "opens_days", "gap_days", path)
    services = list(_objects(elevator, "services", f"{path}."))
    if elevator.get("services") == []:
        yield Fault(f"{path}.services", "is empty; give at least the class that every visit is")
    yield from _doubled_classes(services)
    for i, (where, service) in enumerate(services):
        if i == 0 and (service.get("gap_days") is not None or service.get("due_day") is not None):
            yield Fault(where, "the lowest class has neither gap_days nor due_day: every visit is of it")
        if i > 0 and "service_s" in service:
            yield from _service_order(services[i - 1][1], service, where)
        if i > 0 and service.get("gap_days") is None:
            yield Fault(f"{where}.gap_days", "missing; every class but the lowest has a gap")
        if i > 0 and (_number(service, "gap_days") or WEEK**9) < (_number(elevator, "gap_days") or 0):
            yield Fault(f"{where}.gap_days", f"must be the elevator's gap_days ({elevator['gap_days']}) or more")


def _service_order(lower: Object, service: Object, path: str) -> Iterator[Fault]:
    less, more = _number(lower, "service_s"), _number(service, "service_s")
    if less is not None and more is not None and more < less:
        yield Fault(f"{path}.service_s", f"must be that of the class before ({less}) or more, for it includes it; is {more}")


def _doubled_classes(services: list[tuple[str, Object]]) -> Iterator[Fault]:
    names = [service.get("maintenance_class") for _, service in services]
    for i, (path, _) in enumerate(services):
        if names[i] in names[:i]:
            yield Fault(f"{path}.maintenance_class", f"{shown(names[i])} is given already; give every class once")


def _crew_faults(crew: Object, path: str) -> Iterator[Fault]:
    if crew.get("areas") == []:
        yield Fault(f"{path}.areas", "is empty; name at least one area in which the crew works")
    for name in ("week_s", "night_week_s"):
        week = crew.get(name)
        if isinstance(week, list) and len(week) not in (0, WEEK):
            yield Fault(f"{path}.{name}", f"must have 7 numbers, Monday to Sunday, has {len(week)}")
    for where, absence in _objects(crew, "absences", f"{path}."):
        yield from _in_order(absence, "first_day", "last_day", where)
    seen: set[int] = set()
    for where, day in _objects(crew, "days", f"{path}."):
        number = _number(day, "day")
        if number is not None and number in seen:
            yield Fault(f"{where}.day", f"day {number} is given already; give each day once")
        seen |= {number} if number is not None else set()


def _calendar_faults(calendar: Object) -> Iterator[Fault]:
    seen: set[str] = set()
    years = calendar.get("years")
    for path, special in _objects(calendar, "days", "calendar."):
        text = special.get("day")
        if not isinstance(text, str):
            continue
        if text in seen:
            yield Fault(f"{path}.day", f"{text} is given already; give each day once")
        seen.add(text)
        year = _year(text)
        if year is not None and isinstance(years, list) and year not in years:
            yield Fault(f"{path}.day", f"{text} is in none of the calendar's years; add {year} to calendar.years")
        like = special.get("like_weekday", 0)
        if isinstance(like, int) and not 0 <= like < WEEK:
            yield Fault(f"{path}.like_weekday", f"must be 0 (Monday) to 6 (Sunday), is {like}")


def _year(text: str) -> int | None:
    try:
        return datetime.date.fromisoformat(text).year
    except ValueError:
        return None
