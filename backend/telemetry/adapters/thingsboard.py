"""ThingsBoard's MQTT and HTTP device API, and its gateway API, as devices of many makes speak them.

A device says ``{"key": value}`` (the time is that of the arrival), ``{"ts": 1700000000000, "values": {"key": value}}``, or a
list of either. A gateway says ``{"Device A": [{"ts": …, "values": {…}}, …], "Device B": […]}``. Keys are the device's own:
those of `names.toml` and of the device's mapping are understood, all others are kept.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend.telemetry.adapters.dialect import Context, Draft
from backend.telemetry.adapters.gather import gather, set_time
from backend.telemetry.adapters.names import known_name
from backend.telemetry.adapters.sheet import Sheet
from backend.telemetry.values import kind_of, short
from backend.telemetry.views import Problem

SOURCE = "thingsboard"
GATEWAY = "gateway"


def read(message: object, context: Context) -> Iterator[Draft | Problem]:
    """Return a record for each time that the message has values of."""
    if isinstance(message, list):
        for one in message:
            yield from read(one, context)
    elif not isinstance(message, dict) or not message:
        reason = "send an object of keys and values, alone or with its ts, not {kind}"
        yield Problem("message", reason, {"kind": kind_of(message)})
    elif is_gateways(message, context):
        alone = len(message) == 1
        for name, told in message.items():
            elevator = context.elevator_called(name) if alone else context.dialect.elevators.get(name, name)
            yield from _of_one(name, told, elevator, context)
    else:
        yield from _told(message, context, context.elevator, "")


def is_gateways(message: dict[str, object], context: Context) -> bool:
    """Return whether a message is a gateway's: every name is an elevator's, and has a list of objects."""
    if context.topic == GATEWAY:
        return True
    lists = [told for name, told in message.items() if isinstance(told, list) and known_name(name) is None]
    return len(lists) == len(message) and all(told and all(isinstance(one, dict) for one in told) for told in lists)


def _of_one(name: str, told: object, elevator: str | None, context: Context) -> Iterator[Draft | Problem]:
    for number, one in enumerate(told if isinstance(told, list) else [told]):
        path = f"{short(name)}[{number}]"
        if isinstance(one, dict) and one:
            yield from _told(one, context, elevator, path)
        else:
            yield Problem(path, "send an object of keys and values, alone or with its ts, not {kind}", {"kind": kind_of(one)})


def _told(told: dict[str, object], context: Context, elevator: str | None, path: str) -> Iterator[Draft | Problem]:
    """Return the records of keys and values, with their time if they have one."""
    if "values" not in told:
        yield from _record(told, None, context, elevator, path)
        return
    values = told["values"]
    for number, one in enumerate(values if isinstance(values, list) else [values]):
        below = f"{path}.values" if path else "values"
        place = f"{below}[{number}]" if isinstance(values, list) else below
        if isinstance(one, dict) and one:
            beside = {name: value for name, value in told.items() if name not in ("ts", "values")}
            yield from _record(beside | one, told.get("ts"), context, elevator, place)
        else:
            yield Problem(place, "these are keys and values, not {kind}", {"kind": kind_of(one)})


def _record(
    values: dict[str, object], ts: object, context: Context, elevator: str | None, path: str
) -> Iterator[Draft | Problem]:
    sheet = Sheet(SOURCE, context)
    sheet.elevator = elevator
    problems = gather(sheet, values, path)
    if ts is not None:
        problems += set_time(sheet, ts, f"{path.removesuffix('values')}ts")
    if problems:
        yield from problems[:1]
    else:
        yield sheet.draft()
