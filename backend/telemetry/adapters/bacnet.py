"""BACnet Lift and Escalator objects (ANSI/ASHRAE 135-2020) as JSON: properties by name, enumerations by name or number.

A gateway reads the objects and sends one object or a list of them. Which elevator an object is, says the device's mapping from
object identifiers (`lift,1`) or names; without one the object's name is taken for the registration code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backend.telemetry.adapters import bacnet_words as words
from backend.telemetry.adapters.bacnet_words import word
from backend.telemetry.adapters.dialect import Context, Draft
from backend.telemetry.adapters.gather import set_time
from backend.telemetry.adapters.names import folded
from backend.telemetry.adapters.sheet import Sheet, is_blank, truth_of
from backend.telemetry.values import kind_of
from backend.telemetry.views import Problem

SOURCE = "bacnet"

_TIMES = frozenset(folded(name) for name in ("time", "ts", "timestamp", "at"))


def read(message: object, context: Context) -> Iterator[Draft | Problem]:
    """Return a record for each object."""
    if isinstance(message, list):
        for one in message:
            yield from read(one, context)
    elif not isinstance(message, dict) or not message:
        yield Problem("message", "send an object of BACnet properties, not {kind}", {"kind": kind_of(message)})
    else:
        yield from _Object(message, context).read()


class _Object:
    """One object: its properties by folded name, and which of them are understood."""

    def __init__(self, message: Mapping[str, object], context: Context) -> None:
        message = _flat(message)
        self._names = {folded(name): name for name in message}
        self._message = message
        self._sheet = Sheet(SOURCE, context)
        self._used: set[str] = set()

    def _take(self, name: str) -> object:
        """Return a property, which is understood from now on; None where it is missing."""
        key = self._names.get(folded(name))
        if key is None:
            return None
        self._used.add(key)
        return self._message[key]

    def read(self) -> Iterator[Draft | Problem]:
        """Return its record, or why there is none."""
        kind = self._identity()
        problems = [
            p for name in _TIMES if name in self._names for p in set_time(self._sheet, self._take(name), self._names[name])
        ]
        if problems:
            yield from problems[:1]
            return
        if truth_of(self._message.get(self._names.get("outofservice", ""))) is True:
            self._sheet.keep("text", "out-of-service", value=True)  # its values are not the elevator's then
        else:
            self._car()
            self._doors()
            self._meters()
            self._signals(escalator=kind == "escalator")
        for name in self._message.keys() - self._used:
            self._sheet.named(name, self._message[name], name)
        yield self._sheet.draft()

    def _identity(self) -> str:
        """Find the elevator; return the object's type."""
        given = self._take("object-identifier")
        kind, number = _identifier(given)
        kind = kind or word(self._take("object-type"), words.OBJECT_TYPES, words.FIRST_OBJECT_TYPE)
        self._take("object-type")
        called = [f"{kind},{number}", str(given), number, self._take("object-name")]
        elevators = self._sheet.context.dialect.elevators
        mapped = next((str(name) for name in called if str(name) in elevators), None)
        self._sheet.elevator = self._sheet.context.elevator_called(mapped if mapped else called[-1] or f"{kind},{number}")
        self._sheet.where(elevator="object-identifier")
        return kind

    def _car(self) -> None:
        sheet = self._sheet
        position = self._take("car-position")
        if not is_blank(position):
            sheet.floor(position, "car-position")
        if not is_blank(text := self._take("floor-text")):
            sheet.keep("text", "floor-text", text)
        self._enumerated("car-moving-direction", words.CAR_DIRECTION, "direction")
        self._enumerated("car-drive-status", words.DRIVE_STATUS, "running")
        mode = self._take("car-mode")
        if not is_blank(mode):
            name = word(mode, words.LIFT_MODES)
            if name in words.MODES:
                sheet.gauge("service_mode", words.MODES[name], "car-mode", "car-mode")
            sheet.keep("text" if name in words.LIFT_MODES else "unknown", "car-mode", name)
            if name != "unknown":
                sheet.state(f"{SOURCE}:car-mode", [f"{SOURCE}:mode-{name}"] if name in words.MODES else [])

    def _enumerated(self, name: str, table: Mapping[str, int | None], gauge: str) -> None:
        """Put a gauge that an enumeration tells; None in its table stands for a value that tells nothing."""
        given = self._take(name)
        if is_blank(given):
            return
        said = word(given, table)
        number = table.get(said)
        if number is not None:
            self._sheet.gauge(gauge, number, name, name)
        elif said not in table:
            self._sheet.keep("unreadable", name, given)

    def _doors(self) -> None:
        given = self._take("car-door-status")
        if not is_blank(given):
            said = [word(one, words.DOOR_STATUS) for one in (given if isinstance(given, list) else [given])]
            known = [words.DOOR_STATUS[door] for door in said if words.DOOR_STATUS.get(door) is not None]
            if known:
                self._sheet.gauge("door_closed", min(number for number in known if number is not None), "car-door-status", "")
            if any(door not in words.DOOR_STATUS for door in said):
                self._sheet.keep("unreadable", "car-door-status", given)
            self._sheet.state(f"{SOURCE}:car-door-status", [f"{SOURCE}:door-fault"] if "door-fault" in said else [])
        zone = self._take("car-door-zone")
        if not is_blank(zone):
            self._sheet.gauge("in_door_zone", zone, "car-door-zone", "car-door-zone")

    def _meters(self) -> None:
        """Put energy (kWh) and load; a meter that stands elsewhere (energy-meter-ref) leaves this one at zero."""
        energy, elsewhere = self._take("energy-meter"), self._take("energy-meter-ref")
        if not is_blank(energy):
            if is_blank(elsewhere):
                self._sheet.counter("energy_wh", energy, "energy-meter", "energy-meter", 1000)
            else:
                self._sheet.keep("text", "energy-meter-ref", elsewhere)
        load, units = self._take("car-load"), self._take("car-load-units")
        gauge = {"kilograms": "load_kg", "39": "load_kg", "percent": "load_pct", "98": "load_pct"}.get(str(units).casefold())
        if not is_blank(load):
            if gauge:
                self._sheet.gauge(gauge, load, "car-load", "car-load")
            else:
                self._sheet.keep("unknown", "car-load", load)
                self._sheet.keep("unknown", "car-load-units", units)

    def _signals(self, *, escalator: bool) -> None:
        """Put faults and alarms: what is told lasts until it is told no more."""
        if folded("fault-signals") in self._names:
            given = self._take("fault-signals")
            table = words.ESCALATOR_FAULTS if escalator else words.LIFT_FAULTS
            said = [] if is_blank(given) else given if isinstance(given, list) else [given]
            self._sheet.state(f"{SOURCE}:fault-signals", [f"{SOURCE}:{word(one, table)}" for one in said])
        alarm = self._take("passenger-alarm")
        if not is_blank(alarm):
            self._sheet.flag(f"{SOURCE}:passenger-alarm", f"{SOURCE}:passenger-alarm", alarm, "passenger-alarm")
        reliability = self._take("reliability")
        if not is_blank(reliability):
            name = word(reliability, words.RELIABILITY)
            sound = name == words.RELIABILITY[0]
            self._sheet.state(f"{SOURCE}:reliability", [] if sound else [f"{SOURCE}:reliability"])
            if not sound:
                self._sheet.keep("text", "reliability", name)


def _flat(message: Mapping[str, object]) -> Mapping[str, object]:
    """Return an object whose properties stand beside each other, as they also come in an object or a list of their own."""
    inner = message.get("properties")
    if isinstance(inner, list) and all(isinstance(one, dict) and "value" in one for one in inner):
        inner = {str(one.get("property", one.get("name", ""))): one["value"] for one in inner}
    if not isinstance(inner, dict):
        return message
    return {name: value for name, value in message.items() if name != "properties"} | inner


def _identifier(given: object) -> tuple[str, str]:
    """Return type and number of an object identifier: "lift,1", "lift:1", [59, 1] or {"type": 59, "instance": 1}."""
    if isinstance(given, dict):
        given = [given.get("type", given.get("object-type")), given.get("instance", given.get("object-instance"))]
    if isinstance(given, str):
        given = given.replace(":", ",").split(",")
    if isinstance(given, list) and len(given) == 2:
        return word(given[0], words.OBJECT_TYPES, words.FIRST_OBJECT_TYPE), str(given[1]).strip()
    return "", "" if given is None else str(given if isinstance(given, str | int) else "").strip()
