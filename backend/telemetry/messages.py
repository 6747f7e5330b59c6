"""The native body of telemetry (design.md section 6): bytes → records, and per record every fault with its field.

A record is ``{"elevator": "<registration code>", "at": <ISO 8601 with zone, or epoch ms>, "seq": 17, "counters": {…},
"gauges": {…}, "events": [{"code": "gbt24476:43", "at": …}]}``; a body is ``{"records": [record, …]}``. Nothing here knows
the database: what is checked is what a record says by itself.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeGuard

import msgspec
from msgspec import Struct

from backend.errors import Fault, InvalidInput
from backend.telemetry.views import Problem
from backend.telemetry.vocabulary import Counter, Vocabulary

MAX_RECORDS = 10_000
"""Records in one body: a month of hours for a dozen elevators."""

MAX_EVENTS = 1000
"""Events in one record: an hour of a relay that chatters twice in seven seconds."""

FUTURE_TOLERANCE = timedelta(minutes=5)
"""How far a device's clock may be ahead of ours (NTP keeps it within a second; a monitor without it drifts)."""

OLDEST = timedelta(days=5 * 366)
"""Older records come from a clock that was never set; a history of years may still be brought in."""

_MAX_BIGINT = 2**63 - 1
_MAX_TEXT = 64
_FIELDS = frozenset({"elevator", "at", "seq", "counters", "gauges", "events"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NativeEvent(Struct, frozen=True, kw_only=True):
    """Something an elevator reports."""

    at: datetime
    raw_code: str
    kind: str


class NativeRecord(Struct, frozen=True, kw_only=True):
    """A record that is sound in itself."""

    elevator: str
    """Registration code."""

    at: datetime
    """Aware, UTC."""

    seq: int
    counters: dict[str, int]
    gauges: dict[str, float]
    events: tuple[NativeEvent, ...]
    digest: bytes
    """Of the content, the same however it was written: 16 bytes."""


class Body(Struct, frozen=True, kw_only=True):
    """A body whose records are not yet looked at."""

    records: list[object]
    key: str | None = None
    """The device's key, where the way (MQTT) has no other place for it."""


def parse_body(data: bytes, *, with_key: bool = False) -> Body:
    """Read a body.

    Parameters
    ----------
    data
        UTF-8 JSON. NaN and infinities, which some libraries write although JSON has none, are let through here, so that
        they cost the record that holds them and not the whole body.
    with_key
        Whether `key` may stand beside `records`.

    Raises
    ------
    InvalidInput
        If it is no JSON, not an object with `records`, or has more than `MAX_RECORDS` of them.
    """
    value = _parse_json(data)
    if not isinstance(value, dict):
        raise _unfit("", _kind(value), 'send one object: {"records": [...]}')
    allowed = {"records", "key"} if with_key else {"records"}
    faults = [
        Fault(str(name)[:_MAX_TEXT], None, "there is no such field; a body has records") for name in value.keys() - allowed
    ]
    records, key = value.get("records"), value.get("key")
    if not isinstance(records, list):
        faults.append(Fault("records", _kind(records) if "records" in value else None, "send a list of records"))
    elif len(records) > MAX_RECORDS:
        faults.append(Fault("records", str(len(records)), f"send at most {MAX_RECORDS} records at once; split the batch"))
    if with_key and key is not None and not isinstance(key, str):
        faults.append(Fault("key", None, "send the device's key as text, or leave it out"))
    if faults or not isinstance(records, list):
        raise InvalidInput("this is not a batch of records", faults=faults)
    return Body(records=records, key=key if isinstance(key, str) else None)


def _parse_json(data: bytes) -> object:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        where = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else None
        raise _unfit("", where, 'send JSON in UTF-8: {"records": [...]}') from error


def _unfit(path: str, value: str | None, reason: str) -> InvalidInput:
    return InvalidInput("this is not a batch of records", faults=[Fault(path, value, reason)])


def decode(value: object, words: Vocabulary, now: datetime) -> NativeRecord | list[Problem]:
    """Read one record.

    Parameters
    ----------
    value
        As parsed from JSON.
    words
        Which counters, gauges and events there are.
    now
        The present instant, for what lies in the future.

    Returns
    -------
    NativeRecord or list of Problem
        The record, or all that is wrong with it, in the order of its fields.
    """
    if not isinstance(value, dict):
        return [Problem("record", "a record is an object, not {kind}", {"kind": _kind(value)})]
    problems = [_unknown_field(name) for name in value if name not in _FIELDS]
    elevator = _elevator(value.get("elevator"), problems)
    at = _instant(value.get("at"), "at", now, problems)
    seq = _seq(value.get("seq"), problems)
    counters = _counters(value.get("counters", {}), words.counters, problems)
    gauges = _gauges(value.get("gauges", {}), words, problems)
    events = _events(value.get("events", []), at, words, now, problems)
    if problems or elevator is None or at is None or seq is None:
        return problems
    digest = _digest(at, counters, gauges, events)
    return NativeRecord(elevator=elevator, at=at, seq=seq, counters=counters, gauges=gauges, events=events, digest=digest)


def _unknown_field(name: object) -> Problem:
    known = "elevator, at, seq, counters, gauges, events"
    return Problem(_short(name) or "record", "a record has no such field; it has {known}", {"known": known})


def _elevator(value: object, problems: list[Problem]) -> str | None:
    if isinstance(value, str) and 0 < len(value) <= _MAX_TEXT and value.isprintable():
        return value
    problems.append(Problem("elevator", "give the elevator's registration code as text"))
    return None


def _seq(value: object, problems: list[Problem]) -> int | None:
    number = _whole(value)
    if number is not None and 0 <= number <= _MAX_BIGINT:
        return number
    problems.append(Problem("seq", "number the records of an elevator with whole numbers from 0, each used once"))
    return None


def _instant(value: object, field: str, now: datetime, problems: list[Problem]) -> datetime | None:
    """Return an instant in UTC, None with a problem where it is none, lies in the future or far back."""
    at = _parse_instant(value)
    if at is None:
        way_out = "give the time as ISO 8601 with its zone (2026-01-31T08:00:00+08:00) or as epoch milliseconds"
        problems.append(Problem(field, way_out))
        return None
    if at > now + FUTURE_TOLERANCE:
        problems.append(Problem(field, "{at} lies in the future; set the device's clock", {"at": _told(at)}))
        return None
    if at < now - OLDEST:
        reason = "{at} lies more than five years back; set the device's clock, or send milliseconds if these are seconds"
        problems.append(Problem(field, reason, {"at": _told(at)}))
        return None
    return at


def _parse_instant(value: object) -> datetime | None:
    try:
        if isinstance(value, str):
            at = datetime.fromisoformat(value)
            return None if at.tzinfo is None else at.astimezone(UTC)
        number = _whole(value)
        return None if number is None else _EPOCH + timedelta(milliseconds=number)
    except (ValueError, OverflowError):
        return None


def _told(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _counters(value: object, known: Mapping[str, Counter], problems: list[Problem]) -> dict[str, int]:
    if not isinstance(value, dict):
        problems.append(Problem("counters", "this is an object of names and totals, not {kind}", {"kind": _kind(value)}))
        return {}
    counters = {}
    for name, total in value.items():
        if type(total) is int and 0 <= total <= _MAX_BIGINT and name in known:
            counters[name] = total
            continue
        field = f"counters.{_short(name)}"
        number = _whole(total)
        if name not in known:
            problems.append(Problem(field, "there is no such counter; there are {known}", {"known": ", ".join(sorted(known))}))
        elif number is None:
            problems.append(Problem(field, "a total is a whole number, not {kind}", {"kind": _kind(total)}))
        elif number < 0:
            problems.append(Problem(field, "a total is never negative (given: {value})", {"value": _short(total)}))
        elif number > _MAX_BIGINT:
            problems.append(Problem(field, "no counter reaches {value}", {"value": _short(total)}))
        else:
            counters[name] = number
    return counters


def _gauges(value: object, words: Vocabulary, problems: list[Problem]) -> dict[str, float]:
    if not isinstance(value, dict):
        problems.append(Problem("gauges", "this is an object of names and values, not {kind}", {"kind": _kind(value)}))
        return {}
    gauges = {}
    for name, given in value.items():
        gauge = words.gauges.get(name)
        if gauge is not None and type(given) is float and gauge.least <= given <= gauge.most:
            gauges[name] = given
            continue
        field = f"gauges.{_short(name)}"
        if gauge is None:
            known = ", ".join(sorted(words.gauges))
            problems.append(Problem(field, "there is no such gauge; there are {known}", {"known": known}))
        elif not _is_number(given):
            problems.append(Problem(field, "a value is a number, not {kind}", {"kind": _kind(given)}))
        elif not gauge.least <= given <= gauge.most:
            limits = {"value": _short(given), "least": f"{gauge.least:g}", "most": f"{gauge.most:g}", "unit": gauge.unit}
            problems.append(Problem(field, "{value} lies outside of what can be measured: {least} to {most} {unit}", limits))
        else:
            gauges[name] = float(given)
    return gauges


def _events(
    value: object, record_at: datetime | None, words: Vocabulary, now: datetime, problems: list[Problem]
) -> tuple[NativeEvent, ...]:
    if not isinstance(value, list):
        problems.append(Problem("events", "this is a list of events, not {kind}", {"kind": _kind(value)}))
        return ()
    if len(value) > MAX_EVENTS:
        problems.append(Problem("events", "a record has at most {most} events; split it", {"most": str(MAX_EVENTS)}))
        return ()
    events = []
    for number, given in enumerate(value):
        field = f"events[{number}]"
        if not isinstance(given, dict):
            problems.append(Problem(field, "an event is an object with a code, not {kind}", {"kind": _kind(given)}))
            continue
        strange = [name for name in given if name not in ("code", "at")]
        problems.extend(Problem(f"{field}.{_short(name)}", "an event has no such field; it has code, at") for name in strange)
        code = given.get("code")
        if not (isinstance(code, str) and 0 < len(code) <= _MAX_TEXT and code.isprintable()):
            problems.append(Problem(f"{field}.code", "give the code as text with its scheme, such as gbt24476:43"))
            continue
        at = _instant(given["at"], f"{field}.at", now, problems) if "at" in given else record_at
        if at is not None:
            events.append(NativeEvent(at=at, raw_code=code, kind=words.kind_of(code)))
    return tuple(events)


def _whole(value: object) -> int | None:
    """Return a whole number however JSON wrote it (17 or 17.0), None for anything else, truth values included."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return None


def _is_number(value: object) -> TypeGuard[int | float]:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _kind(value: object) -> str:
    """Name a JSON value for a reason, in no language."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _short(value)
    if isinstance(value, str):
        return f'"{_short(value)}"'
    return "[…]" if isinstance(value, list) else "{…}"


def _short(value: object) -> str:
    """Return a value for a reason, shortened and printable, in no language."""
    if isinstance(value, int) and abs(value) > 10**40:
        return f"10^{round(value.bit_length() * math.log10(2))}"
    text = value if isinstance(value, str) else str(value)
    return "".join(c if c.isprintable() else "?" for c in text[:40])


def _digest(at: datetime, counters: dict[str, int], gauges: dict[str, float], events: tuple[NativeEvent, ...]) -> bytes:
    told = sorted({(_microseconds(event.at), event.raw_code) for event in events})
    content = (_microseconds(at), sorted(counters.items()), sorted(gauges.items()), told)
    return hashlib.blake2b(msgspec.json.encode(content), digest_size=16).digest()


def _microseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)
