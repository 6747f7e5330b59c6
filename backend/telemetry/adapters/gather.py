"""An object of names and values → a sheet: what adapters of free naming have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from backend.telemetry.adapters.dialect import Context, Target
from backend.telemetry.adapters.names import known_name
from backend.telemetry.adapters.sheet import Sheet, codes_in, is_blank, is_none
from backend.telemetry.adapters.times import instant_of
from backend.telemetry.values import kind_of, short
from backend.telemetry.views import Problem

DEEPEST = 6
"""Levels of objects in objects that are looked into; what lies deeper is kept as it came."""

MOST_NAMES = 1000
"""Values in one record of a device; a table of a database comes by another way."""


class Said(NamedTuple):
    """One value of a message."""

    key: str
    value: object
    path: str
    target: Target | None


def said_in(values: Mapping[str, object], path: str, context: Context, depth: int = 0) -> Iterator[Said]:
    """Yield all values of an object, those of objects in it too."""
    for name, value in values.items():
        key = str(name)
        here = f"{path}.{short(key)}" if path else short(key)
        target = context.dialect.names.get(key) or known_name(key)
        if target is None and isinstance(value, dict) and value and depth < DEEPEST:
            yield from said_in(value, here, context, depth + 1)
        else:
            yield Said(key, value, here, target)


def gather(sheet: Sheet, values: Mapping[str, object], path: str) -> list[Problem]:
    """Put all values of an object; its time and its elevator are the record's.

    Returns
    -------
    list of Problem
        Why the record cannot be taken: its time cannot be read, or it is too large.
    """
    problems: list[Problem] = []
    for number, said in enumerate(said_in(values, path, sheet.context)):
        if number >= MOST_NAMES:
            return [Problem(path or "message", "send at most {most} values at once", {"most": str(MOST_NAMES)})]
        to = "" if said.target is None else said.target.to
        if to == "time":
            problems.extend(set_time(sheet, said.value, said.path))
        elif to == "elevator":
            sheet.elevator = sheet.context.elevator_called(said.value) or sheet.elevator
            sheet.where(elevator=said.path)
            if sheet.elevator != said.value and str(said.value) not in sheet.context.dialect.elevators:
                sheet.keep("text", said.key, said.value)
        elif to == "events" or (to == "codes" and _has_objects(said.value)):
            problems.extend(put_events(sheet, said.key, said.value, said.path))
        elif said.target is not None:
            sheet.put(said.target, said.key, said.value, said.path)
        else:
            sheet.keep("unknown", said.key, said.value)
    return problems


def _has_objects(value: object) -> bool:
    """Return whether codes come as objects, each with its own time perhaps: then they are told once, and do not last."""
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict) for one in value))


def set_time(sheet: Sheet, value: object, path: str) -> list[Problem]:
    """Give the record its time; what is blank leaves that of its arrival."""
    if is_blank(value):
        return []
    at = instant_of(value, sheet.context.zone, sheet.context.received_at)
    sheet.where(at=path)
    if at is None:
        return [unreadable_time(path, value)]
    sheet.at = at
    return []


def unreadable_time(path: str, value: object) -> Problem:
    """Return why a time was not understood."""
    reason = "{value} is no time: send epoch seconds or milliseconds, or 2026-01-31 08:00:00, with or without its zone"
    return Problem(path, reason, {"value": kind_of(value)})


def put_events(sheet: Sheet, key: str, value: object, path: str) -> list[Problem]:
    """Put what happened: codes, or objects with a code and a time of their own."""
    problems: list[Problem] = []
    for number, one in enumerate(value if isinstance(value, list) else [value]):
        if isinstance(one, dict):
            problems += _put_event(sheet, one, f"{path}[{number}]" if isinstance(value, list) else path)
        elif not _put_codes(sheet, one, None):
            sheet.keep("unreadable", key, one)
    return problems


def _put_event(sheet: Sheet, told: dict[str, object], place: str) -> list[Problem]:
    at = None
    said = list(said_in(told, place, sheet.context))
    for one in said:
        if one.target is not None and one.target.to == "time" and not is_blank(one.value):
            at = instant_of(one.value, sheet.context.zone, sheet.context.received_at)
            if at is None:
                return [unreadable_time(one.path, one.value)]
    codes = 0
    for one in said:
        if one.target is not None and one.target.to in ("events", "codes"):
            codes += _put_codes(sheet, one.value, at)
        elif one.target is None or one.target.to != "time":
            sheet.keep("unknown", one.key, one.value)
    return [] if codes else [Problem(place, "an event has a code, such as 43 or gbt24476:43")]


def _put_codes(sheet: Sheet, value: object, at: datetime | None) -> int:
    """Put codes that were told once; return how many there were, with those that say that there is nothing."""
    codes = [sheet.coded(code) for code in codes_in(value)]
    for code in codes:
        if not is_none(code):
            sheet.event(code, at)
    return len(codes)
