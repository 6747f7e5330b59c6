"""ES1500 V2.2A, a monitoring box: Parameters, Count (totals that begin anew at zero), Alarm (flags and error codes), State.

Values are text or numbers, keys may be missing. Flags and codes are told again as long as they last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backend.telemetry.adapters.dialect import Context, Draft, Target
from backend.telemetry.adapters.gather import set_time
from backend.telemetry.adapters.sheet import Sheet, is_blank, truth_of
from backend.telemetry.values import kind_of
from backend.telemetry.views import Problem

SOURCE = "es1500"

_COUNT = {
    "RunNum": "counters.trips", "DoorOpenedCnt": "counters.door_cycles", "BuckleCnt": "counters.rope_bends",
    "RunDistance": "counters.run_m", "RunTime": "counters.run_s", "EbikeInCnt": "counters.ebikes",
    "Grade": "gauges.health_score",
}  # fmt: skip

_STATE = {
    "Floor": "floor", "Temp": "gauges.car_temperature_c", "Hum": "gauges.humidity_pct", "Pm2d5": "gauges.pm2_5_ug_m3",
    "Pm10": "gauges.pm10_ug_m3", "People": "gauges.people_in_car",
}  # fmt: skip
"""Of the others no list tells the unit (Speed, AccX, Amplitude) or what the numbers mean (Door, Status, Maintain)."""

_SECTIONS = ("Parameters", "Count", "Alarm", "State")


def read(message: object, context: Context) -> Iterator[Draft | Problem]:
    """Return the record of a message."""
    if not isinstance(message, dict) or not message:
        yield Problem(
            "message", "send an object with Parameters, Count, Alarm and State, not {kind}", {"kind": kind_of(message)}
        )
        return
    sections: dict[str, Mapping[str, object]] = {}
    for name in _SECTIONS:
        given = message.get(name)
        if isinstance(given, dict):
            sections[name] = given
        elif not is_blank(given):
            yield Problem(name, "this is an object of names and values, not {kind}", {"kind": kind_of(given)})
            return
    sheet = Sheet(SOURCE, context)
    problems = _parameters(sheet, sections.get("Parameters", {}))
    if problems:
        yield from problems[:1]
        return
    _values(sheet, sections.get("Count", {}), "Count", _COUNT)
    _alarms(sheet, sections.get("Alarm", {}))
    _values(sheet, sections.get("State", {}), "State", _STATE)
    for name in message.keys() - set(_SECTIONS):
        sheet.named(name, message[name], name)
    yield sheet.draft()


def _parameters(sheet: Sheet, given: Mapping[str, object]) -> list[Problem]:
    sheet.elevator = sheet.context.elevator_called(given.get("Id"))
    sheet.where(elevator="Parameters.Id")
    for name in given.keys() - {"Id", "Time", "Version"}:
        sheet.keep("unknown", f"Parameters.{name}", given[name])
    return set_time(sheet, given.get("Time"), "Parameters.Time")


def _values(sheet: Sheet, given: Mapping[str, object], section: str, table: Mapping[str, str]) -> None:
    mapped = sheet.context.dialect.names
    for name, value in given.items():
        key = f"{section}.{name}"
        target = mapped.get(key) or mapped.get(name) or (Target(to=table[name]) if name in table else None)
        if is_blank(value):
            continue
        if target is None:
            sheet.keep("unknown", key, value)
        else:
            sheet.put(target, key, value, key)


def _alarms(sheet: Sheet, given: Mapping[str, object]) -> None:
    """Put flags and error codes. HasAlarm says that one of them is on, which they say themselves."""
    on = 0
    for name, value in given.items():
        if is_blank(value) and name != "ErrorCode":
            continue
        if name == "ErrorCode":
            sheet.codes(name, value, scheme=SOURCE)
            on += not is_blank(value)
        elif name != "HasAlarm":
            sheet.flag(f"{SOURCE}:{name}", f"{SOURCE}:{name}", value, f"Alarm.{name}")
            on += truth_of(value) is not False
    summary = given.get("HasAlarm")
    if not is_blank(summary) and (truth_of(summary) is None or (truth_of(summary) and not on)):
        sheet.flag(f"{SOURCE}:HasAlarm", f"{SOURCE}:HasAlarm", summary, "Alarm.HasAlarm")
