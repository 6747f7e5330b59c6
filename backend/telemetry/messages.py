"""The native body of telemetry (design.md section 6): bytes → records, and per record every fault with its field.

A record is ``{"elevator": "<registration code>", "at": <ISO 8601 with zone, or epoch ms>, "seq": 17, "counters": {…},
"gauges": {…}, "events": [{"code": "gbt24476:43", "at": …}]}``; a body is ``{"records": [record, …]}``. Nothing here knows
the database: what is checked is what a record says by itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from backend.errors import Fault, InvalidInput
from backend.telemetry.record_parts import Period, Raw, periods_of, raw_of, states_of
from backend.telemetry.values import MAX_BIGINT, MAX_TEXT, instant, is_name, is_number, kind_of, microseconds, short, whole
from backend.telemetry.views import Problem
from backend.telemetry.vocabulary import Counter, Vocabulary

MAX_RECORDS = 10_000
"""Records in one body: a month of hours for a dozen elevators."""

MAX_EVENTS = 1000
"""Events in one record: an hour of a relay that chatters twice in seven seconds."""

_FIELDS = ("elevator", "at", "seq", "counters", "gauges", "events", "periods", "states", "raw")


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

    periods: tuple[Period, ...] = ()
    states: dict[str, tuple[str, ...]] = {}
    """Group of signals → the codes that are on."""

    raw: dict[str, Raw] = {}
    """Name with its source → what is kept as it came."""

    @property
    def values(self) -> Mapping[str, str | int | float | bool]:
        """What is stored with the record: gauges, and what is kept as it came under its source's name."""
        return self.gauges | {name: kept.value for name, kept in self.raw.items()} if self.raw else self.gauges


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
    value = parse_json(data)
    if not isinstance(value, dict):
        raise _unfit("", kind_of(value), 'send one object: {"records": [...]}')
    allowed = {"records", "key"} if with_key else {"records"}
    faults = [
        Fault(str(name)[:MAX_TEXT], None, "there is no such field; a body has records") for name in value.keys() - allowed
    ]
    records, key = value.get("records"), value.get("key")
    if not isinstance(records, list):
        faults.append(Fault("records", kind_of(records) if "records" in value else None, "send a list of records"))
    elif len(records) > MAX_RECORDS:
        faults.append(Fault("records", str(len(records)), f"send at most {MAX_RECORDS} records at once; split the batch"))
    if with_key and key is not None and not isinstance(key, str):
        faults.append(Fault("key", None, "send the device's key as text, or leave it out"))
    if faults or not isinstance(records, list):
        raise InvalidInput("this is not a batch of records", faults=faults)
    return Body(records=records, key=key if isinstance(key, str) else None)


def parse_json(data: bytes) -> object:
    """Return what a body holds; see `parse_body` for NaN.

    Raises
    ------
    InvalidInput
        If it is no JSON.
    """
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
        return [Problem("record", "a record is an object, not {kind}", {"kind": kind_of(value)})]
    problems = [_unknown_field(name) for name in value if name not in _FIELDS]
    elevator = _elevator(value.get("elevator"), problems)
    at = instant(value.get("at"), "at", now, problems)
    seq = _seq(value.get("seq"), problems)
    counters = _counters(value.get("counters", {}), words.counters, problems)
    gauges = _gauges(value.get("gauges", {}), words, problems)
    events = _events(value.get("events", []), at, words, now, problems)
    periods = periods_of(value["periods"], at, words.counters, now, problems) if "periods" in value else ()
    states = states_of(value["states"], problems) if "states" in value else {}
    raw = raw_of(value["raw"], problems) if "raw" in value else {}
    if problems or elevator is None or at is None or seq is None:
        return problems
    digest = digest_of(at, counters, gauges, events, _parts(periods, states, raw))
    return NativeRecord(
        elevator=elevator, at=at, seq=seq, counters=counters, gauges=gauges, events=events, digest=digest,
        periods=periods, states=states, raw=raw,
    )  # fmt: skip


def _unknown_field(name: object) -> Problem:
    return Problem(short(name) or "record", "a record has no such field; it has {known}", {"known": ", ".join(_FIELDS)})


def _elevator(value: object, problems: list[Problem]) -> str | None:
    if is_name(value):
        return value
    problems.append(Problem("elevator", "give the elevator's registration code as text"))
    return None


def _seq(value: object, problems: list[Problem]) -> int | None:
    number = whole(value)
    if number is not None and 0 <= number <= MAX_BIGINT:
        return number
    problems.append(Problem("seq", "number the records of an elevator with whole numbers from 0, each used once"))
    return None


def _counters(value: object, known: Mapping[str, Counter], problems: list[Problem]) -> dict[str, int]:
    if not isinstance(value, dict):
        problems.append(Problem("counters", "this is an object of names and totals, not {kind}", {"kind": kind_of(value)}))
        return {}
    counters = {}
    for name, total in value.items():
        if type(total) is int and 0 <= total <= MAX_BIGINT and name in known:
            counters[name] = total
            continue
        field = f"counters.{short(name)}"
        number = whole(total)
        if name not in known:
            problems.append(Problem(field, "there is no such counter; there are {known}", {"known": ", ".join(sorted(known))}))
        elif number is None:
            problems.append(Problem(field, "a total is a whole number, not {kind}", {"kind": kind_of(total)}))
        elif number < 0:
            problems.append(Problem(field, "a total is never negative (given: {value})", {"value": short(total)}))
        elif number > MAX_BIGINT:
            problems.append(Problem(field, "no counter reaches {value}", {"value": short(total)}))
        else:
            counters[name] = number
    return counters


def _gauges(value: object, words: Vocabulary, problems: list[Problem]) -> dict[str, float]:
    if not isinstance(value, dict):
        problems.append(Problem("gauges", "this is an object of names and values, not {kind}", {"kind": kind_of(value)}))
        return {}
    gauges = {}
    for name, given in value.items():
        gauge = words.gauges.get(name)
        if gauge is not None and type(given) is float and gauge.least <= given <= gauge.most:
            gauges[name] = given
            continue
        field = f"gauges.{short(name)}"
        if gauge is None:
            known = ", ".join(sorted(words.gauges))
            problems.append(Problem(field, "there is no such gauge; there are {known}", {"known": known}))
        elif not is_number(given):
            problems.append(Problem(field, "a value is a number, not {kind}", {"kind": kind_of(given)}))
        elif not gauge.least <= given <= gauge.most:
            limits = {"value": short(given), "least": f"{gauge.least:g}", "most": f"{gauge.most:g}", "unit": gauge.unit}
            problems.append(Problem(field, "{value} lies outside of what can be measured: {least} to {most} {unit}", limits))
        else:
            gauges[name] = float(given)
    return gauges


def _events(
    value: object, record_at: datetime | None, words: Vocabulary, now: datetime, problems: list[Problem]
) -> tuple[NativeEvent, ...]:
    if not isinstance(value, list):
        problems.append(Problem("events", "this is a list of events, not {kind}", {"kind": kind_of(value)}))
        return ()
    if len(value) > MAX_EVENTS:
        problems.append(Problem("events", "a record has at most {most} events; split it", {"most": str(MAX_EVENTS)}))
        return ()
    events = []
    for number, given in enumerate(value):
        field = f"events[{number}]"
        if not isinstance(given, dict):
            problems.append(Problem(field, "an event is an object with a code, not {kind}", {"kind": kind_of(given)}))
            continue
        strange = [name for name in given if name not in ("code", "at")]
        problems.extend(Problem(f"{field}.{short(name)}", "an event has no such field; it has code, at") for name in strange)
        code = given.get("code")
        if not is_name(code):
            problems.append(Problem(f"{field}.code", "give the code as text with its scheme, such as gbt24476:43"))
            continue
        at = instant(given["at"], f"{field}.at", now, problems) if "at" in given else record_at
        if at is not None:
            events.append(NativeEvent(at=at, raw_code=code, kind=words.kind_of(code)))
    return tuple(events)


def _parts(periods: tuple[Period, ...], states: Mapping[str, tuple[str, ...]], raw: Mapping[str, Raw]) -> list[object]:
    """Return the content of the rarer parts; nothing where there is none, so that older digests hold.

    When a period was stated is no part of it: said again later, it is the same statement.
    """
    parts = [
        sorted((microseconds(one.from_at), microseconds(one.to_at), sorted(one.growth.items())) for one in periods),
        sorted(states.items()),
        sorted((name, kept.why, kept.value) for name, kept in raw.items()),
    ]
    return list(parts) if any(parts) else []


def digest_of(
    at: datetime,
    counters: dict[str, int],
    gauges: dict[str, float],
    events: tuple[NativeEvent, ...],
    parts: Sequence[object] = (),
) -> bytes:
    """Return the digest of a record's content, the same however it was written."""
    told = sorted({(microseconds(event.at), event.raw_code) for event in events}) if events else []
    content = [microseconds(at), sorted(counters.items()), sorted(gauges.items()), told, *parts]
    return hashlib.blake2b(msgspec.json.encode(content), digest_size=16).digest()
