"""JTC340, a monitoring box: one event a message, named by the topic.

``{"Version": 1.0, "Params": {"Value": {…}, "Time": …}}``: times in seconds or milliseconds or in local time, numbers as text,
keys missing. Statistics are of periods, and the periods of one box overlap after a reconnect (`periods`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from backend.telemetry.adapters.dialect import Context, Draft, Target
from backend.telemetry.adapters.gather import unreadable_time
from backend.telemetry.adapters.sheet import Sheet, codes_in, is_blank, whole_of
from backend.telemetry.adapters.times import instant_of
from backend.telemetry.values import kind_of, short
from backend.telemetry.views import Problem
from backend.telemetry.vocabulary import CLOSE

SOURCE = "jtc340"

_PERIOD = {"RunCount": ("trips", 1), "DoorToggleCount": ("door_cycles", 1), "RunMeters": ("run_m", 1), "RunMins": ("run_s", 60)}
"""Growth in a period. RunMileage stands beside RunMeters, and no list tells its unit."""

_LIVE = {"CurrentFloor": "floor", "PersonState": "gauges.person_in_car", "RunState": "gauges.running"}
"""Live values whose meaning is plain; of DoorState and RunDirection no list tells what the numbers mean."""

_CODED = {
    "ErrorEvent": "Error", "ErrorClose": "Error", "AlarmEvent": "Alarm", "AlarmClose": "Alarm",
    "LockEvent": "Lock", "LockClose": "Lock", "SelfError": "Self", "SelfErrorClose": "Self",
}  # fmt: skip
"""Event → how the names of its fields begin."""

_PATH = "Params.Value"


def read(message: object, context: Context) -> Iterator[Draft | Problem]:
    """Return the records of a message: one, or one for each value where it has a list of them."""
    if not isinstance(message, dict):
        yield Problem("message", "send an object with Params, not {kind}", {"kind": kind_of(message)})
        return
    event = str(message.get("Event") or context.topic or "")
    params = message.get("Params")
    if event and is_blank(params):
        params = {}
    if not isinstance(params, dict):
        yield Problem("Params", "give Params as an object with a Value, not {kind}", {"kind": kind_of(params)})
        return
    value = params.get("Value")
    values = value if isinstance(value, list) else [value]
    for number, one in enumerate(values):
        path = f"{_PATH}[{number}]" if isinstance(value, list) else _PATH
        if isinstance(one, dict):
            yield from _Message(event or _event_of(one), one, params.get("Time"), path, context).read()
        elif is_blank(one) and event:
            yield from _Message(event, {}, params.get("Time"), path, context).read()
        else:
            yield Problem(path, "give the Value as an object, not {kind}", {"kind": kind_of(one)})


def _event_of(value: Mapping[str, object]) -> str:
    """Return the event of a value that came without its topic, by its fields; empty where they are of none."""
    closed = "CloseTime" in value
    codes = list(codes_in(value.get("ErrorType")))
    if "SelfType" in value or (codes and all(code.startswith("3") for code in codes)):
        return "SelfErrorClose" if closed else "SelfError"
    for begins in ("Alarm", "Lock", "Error"):
        if f"{begins}Type" in value or f"{begins}Time" in value:
            return f"{begins}Close" if closed else f"{begins}Event"
    if "StartTime" in value or "EndTime" in value:
        return "RunStatistics"
    if "Type" in value:
        return "LockClose" if closed else "LockEvent"
    return "LiveData" if value.keys() & _LIVE else ""


class _Message:
    """One value of a message."""

    def __init__(self, event: str, value: dict[str, object], sent: object, path: str, context: Context) -> None:
        self._event = event
        self._value = value
        self._sent = sent
        self._path = path
        self._sheet = Sheet(SOURCE, context)
        self._used: set[str] = set()

    def read(self) -> Iterator[Draft | Problem]:
        """Return its record, or why there is none."""
        try:
            sent = self._instant(self._sent, "Params.Time")
            self._sheet.at = sent or self._sheet.at
            if self._event == "RunStatistics":
                self._statistics(sent)
            elif self._event in _CODED:
                self._coded(_CODED[self._event])
            elif self._event == "LiveData":
                self._live()
            self._rest()
        except _Unfit as unfit:
            yield unfit.problem
        else:
            yield self._sheet.draft()

    def _instant(self, value: object, path: str) -> datetime | None:
        if is_blank(value):
            return None
        at = instant_of(value, self._sheet.context.zone, self._sheet.context.received_at)
        if at is None:
            raise _Unfit(unreadable_time(path, value))
        return at

    def _time(self, *names: str) -> datetime | None:
        """Return the first time among some fields."""
        for name in names:
            self._used.add(name)
            at = self._instant(self._value.get(name), f"{self._path}.{name}")
            if at is not None:
                self._sheet.where(at=f"{self._path}.{name}")
                return at
        return None

    def _statistics(self, sent: datetime | None) -> None:
        begins, ends = self._time("StartTime"), self._time("EndTime")
        if begins is None or ends is None:
            name = "EndTime" if begins else "StartTime"
            raise _Unfit(Problem(f"{self._path}.{name}", "statistics have a period: give its StartTime and EndTime"))
        growth, fields = {}, {}
        for name, (counter, times) in _PERIOD.items():
            given = self._value.get(name)
            if is_blank(given):
                continue
            self._used.add(name)
            grown = whole_of(given, times)
            if grown is None:
                self._sheet.keep("unreadable", name, given)
            else:
                growth[counter] = grown
                fields[f"periods[0].growth.{counter}"] = f"{self._path}.{name}"
        if not growth:
            names = ", ".join(_PERIOD)
            for name in (name for name in _PERIOD if name in self._used):
                reason = "what was counted is a number from 0, not {kind}"
                raise _Unfit(Problem(f"{self._path}.{name}", reason, {"kind": kind_of(self._value[name])}))
            raise _Unfit(Problem(self._path, "statistics have at least one number of {names}", {"names": names}))
        self._sheet.at = ends
        stated = sent if sent is not None and sent >= ends else self._sheet.context.received_at
        self._sheet.where(**{"periods[0].from": f"{self._path}.StartTime", "periods[0].to": f"{self._path}.EndTime"}, **fields)
        self._sheet.period(begins, ends, growth, max(ends, stated))

    def _coded(self, begins: str) -> None:
        """Put what began or ended. A close that tells when it began tells of both."""
        name = next((name for name in (f"{begins}Type", f"{begins}Code", "ErrorType", "Type") if name in self._value), "")
        codes = list(codes_in(self._value.get(name)))
        self._used.add(name)
        if not codes and begins != "Lock":
            raise _Unfit(Problem(f"{self._path}.{begins}Type", "tell the code of the {event}", {"event": short(self._event)}))
        began = self._time(f"{begins}Time", "ErrorTime", "HappenTime", "StartTime")
        closed = self._time("CloseTime", "EndTime")
        is_close = self._event.endswith("Close")
        for code in [_raw_code(begins, code) for code in codes] or [f"{SOURCE}:lock"]:
            if is_close:
                if began is not None:
                    self._sheet.event(code, began)
                self._sheet.event(code + CLOSE)
            else:
                self._sheet.event(code)
                if closed is not None:
                    self._sheet.event(code + CLOSE, closed)
        at = closed if is_close else began
        self._sheet.at = at or self._sheet.at

    def _live(self) -> None:
        at = self._time("Time", "LiveTime")
        self._sheet.at = at or self._sheet.at
        for name, to in _LIVE.items():
            if not is_blank(self._value.get(name)):
                self._used.add(name)
                self._sheet.put(Target(to=to), name, self._value[name], f"{self._path}.{name}")

    def _rest(self) -> None:
        """Keep what is not understood; a device's own mapping may know it."""
        names = self._sheet.context.dialect.names
        for name, given in self._value.items():
            if name in self._used:
                continue
            if name in names and names[name].to not in ("time", "elevator", "events"):
                self._sheet.put(names[name], name, given, f"{self._path}.{name}")
            else:
                self._sheet.keep("unknown", name, given)
        known = self._event in {"RunStatistics", "LiveData", "property", "ntp", *_CODED}
        if not known:
            if not self._value and not self._event:
                raise _Unfit(Problem(self._path, "the message says nothing"))
            self._sheet.event(f"{SOURCE}:event-{self._event or 'unnamed'}")


def _raw_code(begins: str, code: str) -> str:
    """Return a code with its source; people trapped have types in place of codes, and the box's own faults begin with 3."""
    if begins == "Lock":
        return f"{SOURCE}:lock-{code}"
    if begins == "Self" and not code.startswith("3"):
        return f"{SOURCE}:self-{code}"
    return f"{SOURCE}:{code}"


class _Unfit(Exception):
    """A message cannot be taken."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.template)
        self.problem = problem
