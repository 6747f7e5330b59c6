"""Times as foreign devices write them: seconds or milliseconds, with a zone or in their own local time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

from backend.telemetry.values import EPOCH, FUTURE_TOLERANCE, whole

SECONDS_BELOW = 10**11
"""Seconds since the epoch reach it in the year 5138; as milliseconds it is March 1973, before any device."""

MILLISECONDS_BELOW = 10**14
"""The same for milliseconds; microseconds and nanoseconds have the next two bounds."""

_MICROSECONDS_BELOW = 10**17

_MOST_HOURS_AWAY = 14
"""Of a zone from UTC: Kiritimati."""

_TEXT = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T\s]+(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(?:[.,](\d{1,9}))?秒?)?)?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"(20\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})")
_NUMBER = re.compile(r"\d{9,19}(\.\d{1,9})?")


def instant_of(value: object, zone: tzinfo, received_at: datetime) -> datetime | None:
    """Return the instant that a value names, in UTC; None where it names none.

    Parameters
    ----------
    value
        A number of seconds, milliseconds, microseconds or nanoseconds since the epoch, told apart by their size; the same as
        text; or a date and time (`2023-08-16 16:25:07`, `2021/4/14 00:00:00`, `20230816162507`, ISO 8601).
    zone
        Of times without one. A local time that came twice (clocks set back) is the later one that is not in the future of its
        arrival; one that never was (clocks set forward) is as far after the change as it is written.
    received_at
        When the message arrived.
    """
    if isinstance(value, str):
        text = value.strip()
        compact = _COMPACT.fullmatch(text)
        if compact:
            return _local(*(int(part) for part in compact.groups()), zone=zone, received_at=received_at)
        return (
            _of_number(float(text) if "." in text else int(text))
            if _NUMBER.fullmatch(text)
            else _of_text(text, zone, received_at)
        )
    if isinstance(value, float) and 0 < value < 1e19:
        return _of_number(value)
    number = whole(value)
    if number is None:
        return None
    compact = _COMPACT.fullmatch(str(number))
    if compact:  # as milliseconds it would be the year 2611 or later
        return _local(*(int(part) for part in compact.groups()), zone=zone, received_at=received_at)
    return _of_number(number)


def _of_number(number: float) -> datetime | None:
    if number < 10**8:  # 1973: no device is older, and such a number is no time
        return None
    micros = (
        number * 1_000_000 if number < SECONDS_BELOW
        else number * 1000 if number < MILLISECONDS_BELOW
        else number if number < _MICROSECONDS_BELOW
        else number // 1000
    )  # fmt: skip
    try:
        return EPOCH + timedelta(microseconds=int(micros))
    except OverflowError:
        return None


def _of_text(text: str, zone: tzinfo, received_at: datetime) -> datetime | None:
    found = _TEXT.fullmatch(text)
    if found is None:
        return None
    *parts, fraction, offset = found.groups()
    if not (text.isascii() or "年" in text):
        return None
    micros = int((fraction or "0").ljust(6, "0")[:6])
    numbers = [int(part or 0) for part in parts]
    if offset:
        return _with_offset(numbers, micros, offset)
    return _local(*numbers, micros, zone=zone, received_at=received_at)


def _with_offset(numbers: list[int], micros: int, offset: str) -> datetime | None:
    try:
        year, month, day, hour, minute, second = numbers
        naive = datetime(year, month, day, hour, minute, second, micros, tzinfo=UTC)
        if offset.upper() == "Z":
            return naive
        digits = offset[1:].replace(":", "")
        if int(digits[:2]) > _MOST_HOURS_AWAY or int(digits[2:]) >= 60:
            return None
        away = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        return naive - away if offset[0] == "+" else naive + away
    except (ValueError, OverflowError):
        return None


def _local(*numbers: int, zone: tzinfo, received_at: datetime) -> datetime | None:
    """Return the instant of a local time; 24:00:00 is the beginning of the next day."""
    year, month, day, hour, minute, second, micros = (*numbers, 0)[:7]
    midnight = (hour, minute, second) == (24, 0, 0)
    try:
        naive = datetime(year, month, day, 0 if midnight else hour, minute, second, micros, tzinfo=zone)
        naive += timedelta(days=1) if midnight else timedelta()
        first = naive.replace(fold=0).astimezone(UTC)
        second_time = naive.replace(fold=1).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if second_time < first:  # it never was: fold=0 reads it with the offset before the change
        return first
    return second_time if second_time <= received_at + FUTURE_TOLERANCE else first
