"""Bodies and records read at once into typed structs: the way of every record that has nothing unusual about it.

What does not fit is read again by `messages.decode`, which tells each fault with its field. The two agree: a record read
here is read there to the same content (`tests/property/test_quick_reading.py`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from backend.telemetry.messages import MAX_EVENTS, MAX_RECORDS, NativeEvent, NativeRecord, decode, digest_of, parse_body
from backend.telemetry.values import EPOCH, FUTURE_TOLERANCE, MAX_BIGINT, OLDEST, is_name
from backend.telemetry.views import Problem
from backend.telemetry.vocabulary import Vocabulary

_Instant = Annotated[datetime, Meta(tz=True)] | int


class _Event(Struct, forbid_unknown_fields=True):
    code: str
    at: _Instant | UnsetType = UNSET


class QuickRecord(Struct, forbid_unknown_fields=True):
    """A record whose fields have the right kinds; their values are still to be looked at."""

    elevator: str
    at: _Instant
    seq: int
    counters: dict[str, int] = {}
    gauges: dict[str, float] = {}
    events: list[_Event] = []


class _Body(Struct, forbid_unknown_fields=True):
    records: list[QuickRecord]


class _RawBody(Struct, forbid_unknown_fields=True):
    records: list[msgspec.Raw]


_BODY = msgspec.json.Decoder(_Body)
_RAW_BODY = msgspec.json.Decoder(_RawBody)
_RECORD = msgspec.json.Decoder(QuickRecord)


def records_of(data: bytes) -> list[object]:
    """Return the records of a body, typed where that is possible and else as parsed JSON.

    Raises
    ------
    InvalidInput
        As `messages.parse_body`.
    """
    try:
        records: list[QuickRecord] = _BODY.decode(data).records
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _one_by_one(data)
    return list(records) if len(records) <= MAX_RECORDS else parse_body(data).records


def _one_by_one(data: bytes) -> list[object]:
    """Read a body of which at least one record does not fit."""
    try:
        parts = _RAW_BODY.decode(data).records
        if len(parts) <= MAX_RECORDS:
            return [_one(part) for part in parts]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    return parse_body(data).records


def _one(part: msgspec.Raw) -> object:
    try:
        return _RECORD.decode(part)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return msgspec.json.decode(part)


class Reader:
    """Reads the records of a batch.

    Parameters
    ----------
    words
        Which counters, gauges and events there are.
    now
        The present instant.
    """

    def __init__(self, words: Vocabulary, now: datetime) -> None:
        self._words = words
        self._now = now
        self._latest = now + FUTURE_TOLERANCE
        self._oldest = now - OLDEST

    def read(self, value: object) -> NativeRecord | list[Problem]:
        """Read one record: typed, or as parsed from JSON."""
        if isinstance(value, QuickRecord):
            return self._quick(value) or decode(_plain(value), self._words, self._now)
        if isinstance(value, dict):
            try:
                quick = msgspec.convert(value, QuickRecord)
            except (msgspec.MsgspecError, UnicodeEncodeError):
                return decode(value, self._words, self._now)
            return self._quick(quick) or decode(value, self._words, self._now)
        return decode(value, self._words, self._now)

    def _quick(self, quick: QuickRecord) -> NativeRecord | None:
        """Return the record; None where something about it must be told."""
        at = self._instant(quick.at)
        if at is None or not (0 <= quick.seq <= MAX_BIGINT and is_name(quick.elevator)):
            return None
        known = self._words.counters
        for counter, total in quick.counters.items():
            if counter not in known or not 0 <= total <= MAX_BIGINT:
                return None
        events = self._events(quick.events, at) if quick.events else ()
        if events is None or (quick.gauges and not self._are_gauges(quick.gauges)):
            return None
        return NativeRecord(
            elevator=quick.elevator, at=at, seq=quick.seq, counters=quick.counters, gauges=quick.gauges, events=events,
            digest=digest_of(at, quick.counters, quick.gauges, events),
        )  # fmt: skip

    def _instant(self, given: datetime | int) -> datetime | None:
        if isinstance(given, int):
            try:
                at = EPOCH + timedelta(milliseconds=given)
            except OverflowError:
                return None
        else:
            at = given if given.tzinfo is UTC else given.astimezone(UTC)
        return at if self._oldest <= at <= self._latest else None

    def _are_gauges(self, gauges: dict[str, float]) -> bool:
        known = self._words.gauges
        for name, value in gauges.items():
            gauge = known.get(name)
            if gauge is None or not gauge.least <= value <= gauge.most:
                return False
        return True

    def _events(self, given: list[_Event], record_at: datetime) -> tuple[NativeEvent, ...] | None:
        if len(given) > MAX_EVENTS:
            return None
        events = []
        for one in given:
            at = record_at if isinstance(one.at, UnsetType) else self._instant(one.at)
            if at is None or not is_name(one.code):
                return None
            events.append(NativeEvent(at=at, raw_code=one.code, kind=self._words.kind_of(one.code)))
        return tuple(events)


def _plain(quick: QuickRecord) -> object:
    """Return a typed record as if parsed, so that its faults can be told."""
    return msgspec.to_builtins(quick, builtin_types=(datetime,))
