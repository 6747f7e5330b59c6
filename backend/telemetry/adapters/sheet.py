"""What a message says, gathered value by value; nothing that is said is left out.

A value goes to our counter, gauge or signal of the same meaning. Where its name is unknown, or where it cannot be read, it
is kept as it came, and costs nothing of the rest.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

import msgspec

from backend.telemetry.adapters.dialect import Context, Draft, Target
from backend.telemetry.adapters.names import known_name
from backend.telemetry.record_parts import MAX_RAW_NAME, MAX_RAW_TEXT, Why
from backend.telemetry.values import EPOCH, MAX_BIGINT, MAX_TEXT, is_number
from backend.telemetry.vocabulary import Gauge, Vocabulary, vocabulary

_SEQ_BITS = 30
"""Of the number that names a foreign record: seconds since the epoch above (until 2242), content below, so that the same
message has the same number and two of one second have two."""

_TRUE = frozenset({"1", "true", "on", "yes", "active", "是", "有"})
_FALSE = frozenset({"0", "false", "off", "no", "inactive", "否", "无"})
_FLOOR = re.compile(r"(-?\d{1,3})\s*(?:[bBfF]|楼|层)?")
_BASEMENT = re.compile(r"(?:[bB]|地下|负)\s*(\d{1,2})\s*(?:[fF]|楼|层)?")


class Sheet:
    """One record in the making.

    Parameters
    ----------
    source
        The adapter; stands before the names and codes that are kept as they came.
    context
        Of the message.
    scheme_of
        Table of a code that comes without one; the source's own if None.
    """

    def __init__(self, source: str, context: Context, scheme_of: Callable[[str], str] | None = None) -> None:
        self.source = source
        self._scheme_of = scheme_of or (lambda code: source)  # noqa: ARG005 - of any code
        self.context = context
        self.at: datetime = context.received_at
        self.elevator = context.elevator
        self._counters: dict[str, int] = {}
        self._gauges: dict[str, float] = {}
        self._events: list[tuple[str, datetime | None]] = []
        self._states: dict[str, list[str]] = {}
        self._periods: list[dict[str, object]] = []
        self._raw: dict[Why, dict[str, object]] = {}
        self._fields: dict[str, str] = {}

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said."""
        return not any((self._counters, self._gauges, self._events, self._states, self._periods, self._raw))

    def where(self, **fields: str) -> None:
        """Note where the message says a field of the record."""
        self._fields |= fields

    def named(self, key: str, value: object, field: str) -> None:
        """Put a value whose name the device's dialect or the common table may know."""
        target = self.context.dialect.names.get(key) or known_name(key)
        if target is None:
            self.keep("unknown", key, value)
        else:
            self.put(target, key, value, field)

    def put(self, target: Target, key: str, value: object, field: str) -> None:
        """Put a value whose meaning is known."""
        kind, _, name = target.to.partition(".")
        if kind == "counters":
            self.counter(name, value, key, field, target.times)
        elif kind == "gauges":
            self.gauge(name, value, key, field, target.times)
        elif kind == "flags":
            self.flag(f"{self.source}:{key}", f"liftrounds:{name}", value, key)
        elif kind == "floor":
            self.floor(value, key)
        elif kind == "codes":
            self.codes(key, value)
        else:
            self.keep("text", key, value)

    def counter(self, name: str, value: object, key: str, field: str, times: float = 1) -> None:
        """Put a total."""
        if is_blank(value):
            return
        total = whole_of(value, times)
        if total is not None and self._counters.get(name, total) == total:
            self._counters[name] = total
            self._fields[f"counters.{name}"] = field
        else:
            self.keep("unreadable", key, value)

    def gauge(self, name: str, value: object, key: str, field: str, times: float = 1) -> None:
        """Put a value at the time of the record."""
        gauge = words().gauges[name]
        if is_blank(value):
            return
        number = _measure(value, gauge, times)
        if number is not None and self._gauges.get(name, number) == number:
            self._gauges[name] = number
            self._fields[f"gauges.{name}"] = field
        else:
            self.keep("unreadable", key, value)

    def floor(self, value: object, key: str) -> None:
        """Put a landing: a number, or text such as -2B, B1, 12F. What has no number is kept as text."""
        number = floor_of(value)
        gauge = words().gauges["floor"]
        if number is not None and gauge.least <= number <= gauge.most and "floor" not in self._gauges:
            self._gauges["floor"] = float(number)
        if isinstance(value, str) and value.strip() and value.strip() != str(number):
            self.keep("text", key, value)
        elif number is None or self._gauges.get("floor") != number:
            self.keep("unreadable", key, value)

    def flag(self, topic: str, code: str, value: object, key: str) -> None:
        """Put a signal that is on or off, and lasts while it is told on."""
        on = truth_of(value)
        if on is None:
            self.keep("unreadable", key, value)  # blank says nothing
        else:
            self.state(topic, [code] if on else [])

    def state(self, topic: str, codes: list[str]) -> None:
        """Put a group of signals of which all that are on are told."""
        if topic[:MAX_TEXT] in self._states:
            codes = self._states[topic[:MAX_TEXT]] + codes
        self._states[topic[:MAX_TEXT]] = [clean(code)[:MAX_TEXT] for code in codes]

    def codes(self, key: str, value: object, scheme: str = "") -> None:
        """Put the codes of what is on now: one, a list, or text with commas; 0 and nothing mean that nothing is."""
        found = [self.coded(code, scheme) for code in codes_in(value)]
        if not found and not is_blank(value) and value is not False:
            self.keep("unreadable", key, value)
            return
        self.state(clean(f"{self.source}:{key}"), [code for code in found if not is_none(code)])

    def coded(self, code: str, scheme: str = "") -> str:
        """Return a code with its table before it."""
        return code if ":" in code else f"{scheme or self.context.dialect.codes or self._scheme_of(code)}:{code}"

    def gauge_of(self, name: str) -> float | None:
        """Return what was put for a gauge."""
        return self._gauges.get(name)

    def event(self, code: str, at: datetime | None = None) -> None:
        """Put something that happened, at the record's time if none is given."""
        self._events.append((clean(code)[:MAX_TEXT], at))

    def period(self, begins: datetime, ends: datetime, growth: Mapping[str, int], stated: datetime) -> None:
        """Put the statistics of a period."""
        times = {"from": begins.isoformat(), "to": ends.isoformat(), "stated": stated.isoformat()}
        self._periods.append({**times, "growth": dict(growth)})

    def keep(self, why: Why, key: str, value: object) -> None:
        """Keep a value as it came; what is empty says nothing."""
        if is_blank(value):
            return
        names = self._raw.setdefault(why, {})
        name = clean(f"{self.source}:{key}")[:MAX_RAW_NAME]
        while any(name in kept for kept in self._raw.values()):
            name = f"{name[: MAX_RAW_NAME - 1]}~"
        names[name] = _storable(value)

    def draft(self) -> Draft:
        """Return the record."""
        events = [{"code": code} | ({"at": at.isoformat()} if at else {}) for code, at in self._events]
        parts: dict[str, object] = {
            "counters": self._counters, "gauges": self._gauges, "events": events, "periods": self._periods,
            "states": self._states, "raw": self._raw,
        }  # fmt: skip
        record = {name: part for name, part in parts.items() if part}
        record |= {"elevator": self.elevator, "at": self.at.isoformat()}
        return Draft(record=record | {"seq": _seq(self.at, record)}, fields=self._fields)


def words() -> Vocabulary:
    """Return the tables of counters, gauges and events."""
    return vocabulary()


def _seq(at: datetime, record: Mapping[str, object]) -> int:
    """Return the number of a foreign record, a function of its time and content."""
    told = {name: part for name, part in record.items() if name != "periods"}
    periods = record.get("periods")
    if isinstance(periods, list):  # when it was stated is no part of what was stated
        told["periods"] = [{name: of for name, of in one.items() if name != "stated"} for one in periods]
    digest = hashlib.blake2b(msgspec.json.encode(told, order="sorted"), digest_size=8).digest()
    seconds = max(0, int((at - EPOCH).total_seconds()))
    return min(seconds, 2**33 - 1) << _SEQ_BITS | int.from_bytes(digest) >> (64 - _SEQ_BITS)


def is_none(code: str) -> bool:
    """Return whether a code says that there is nothing."""
    return words().kind_of(code) == "no_fault" or not code.rpartition(":")[2].strip("0")


def is_blank(value: object) -> bool:
    """Return whether a value says nothing: null, empty text, an empty list or object."""
    return value is None or (isinstance(value, str) and not value.strip()) or (isinstance(value, list | dict) and not value)


def number_of(value: object) -> Decimal | None:
    """Return a finite number, also of text; None for anything else."""
    if isinstance(value, str) and len(value) <= MAX_TEXT and value.strip().isascii() and "_" not in value:
        try:
            number = Decimal(value.strip())
        except InvalidOperation:
            return None
        return number if number.is_finite() and abs(number.adjusted()) <= 40 else None
    if is_number(value):
        return Decimal(str(value)) if abs(value) < 10**40 else None
    return None


def whole_of(value: object, times: float = 1) -> int | None:
    """Return a total, cut to whole units; None where it is none."""
    number = number_of(value)
    if number is None:
        return None
    total = math.floor(number * Decimal(str(times)))
    return total if 0 <= total <= MAX_BIGINT else None


def truth_of(value: object) -> bool | None:
    """Return a truth value, also of text and numbers; None where it is none."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        text = value.strip().casefold()
        return True if text in _TRUE else False if text in _FALSE else None
    return bool(value) if value in (0, 1) else None


def floor_of(value: object) -> int | None:
    """Return the number of a landing; None where it has none."""
    number = number_of(value)
    if number is not None:
        return int(number) if number == int(number) else None
    if not isinstance(value, str):
        return None
    below = _BASEMENT.fullmatch(value.strip())
    if below:
        return -int(below[1])
    found = _FLOOR.fullmatch(value.strip())
    return int(found[1]) if found else None


def codes_in(value: object) -> Iterator[str]:
    """Yield the codes that a value holds, however deep its lists are nested."""
    if isinstance(value, list):
        for one in value:
            yield from codes_in(one)
    elif isinstance(value, str):
        yield from (code.strip() for code in re.split(r"[,;，；|\s]+", value) if code.strip())
    elif is_number(value):
        yield str(int(value)) if value == int(value) else str(value)


def _measure(value: object, gauge: Gauge, times: float) -> float | None:
    """Return what a gauge shows, None where it cannot show that."""
    number = number_of(value)
    if number is None and (gauge.least, gauge.most) == (0, 1):
        truth = truth_of(value)
        number = None if truth is None else Decimal(truth)
    if number is None:
        return None
    measured = float(number * Decimal(str(times)))
    return measured if gauge.least <= measured <= gauge.most else None


def clean(text: str) -> str:
    """Return text of printable characters."""
    return "".join(c if c.isprintable() else "?" for c in text)


def _storable(value: object) -> str | int | float | bool:
    """Return a value as it can be stored: what is nested as JSON text, what is long cut."""
    if isinstance(value, bool) or (is_number(value) and abs(value) <= MAX_BIGINT):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return clean(text[: MAX_RAW_TEXT - 1] + "…" if len(text) > MAX_RAW_TEXT else text)
