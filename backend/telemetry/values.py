"""JSON values of telemetry: numbers, instants, and how they are told in a reason, in no language."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TypeGuard

from backend.telemetry.views import Problem

FUTURE_TOLERANCE = timedelta(minutes=5)
"""How far a device's clock may be ahead of ours (NTP keeps it within a second; a monitor without it drifts)."""

OLDEST = timedelta(days=10 * 365 + 3)
"""Older records come from a clock that was never set; a history of years may still be brought in."""

MAX_BIGINT = 2**63 - 1
MAX_TEXT = 64
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def whole(value: object) -> int | None:
    """Return a whole number however JSON wrote it (17 or 17.0), None for anything else, truth values included."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return None


def is_number(value: object) -> TypeGuard[int | float]:
    """Return whether a value is a finite number."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def is_name(value: object) -> TypeGuard[str]:
    """Return whether a value can name something: printable text of at most `MAX_TEXT` characters."""
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT and value.isprintable()


def kind_of(value: object) -> str:
    """Name a JSON value for a reason, in no language."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return short(value)
    if isinstance(value, str):
        return f'"{short(value)}"'
    return "[…]" if isinstance(value, list) else "{…}"


def short(value: object) -> str:
    """Return a value for a reason, shortened and printable, in no language."""
    if isinstance(value, int) and abs(value) > 10**40:
        return f"10^{round(value.bit_length() * math.log10(2))}"
    text = value if isinstance(value, str) else str(value)
    return "".join(c if c.isprintable() else "?" for c in text[:40])


def instant(value: object, field: str, now: datetime, problems: list[Problem]) -> datetime | None:
    """Return an instant in UTC, None with a problem where it is none, lies in the future or far back."""
    at = _parse_instant(value)
    if at is None:
        way_out = "give the time as ISO 8601 with its zone (2026-01-31T08:00:00+08:00) or as epoch milliseconds"
        problems.append(Problem(field, way_out))
        return None
    if at > now + FUTURE_TOLERANCE:
        problems.append(Problem(field, "{at} lies in the future; set the device's clock", {"at": told(at)}))
        return None
    if at < now - OLDEST:
        reason = "{at} lies more than ten years back; set the device's clock, or send milliseconds if these are seconds"
        problems.append(Problem(field, reason, {"at": told(at)}))
        return None
    return at


def _parse_instant(value: object) -> datetime | None:
    try:
        if isinstance(value, datetime):
            return value
        if isinstance(value, str):
            at = datetime.fromisoformat(value)
            return None if at.tzinfo is None else at.astimezone(UTC)
        number = whole(value)
        return None if number is None else EPOCH + timedelta(milliseconds=number)
    except (ValueError, OverflowError):
        return None


def told(at: datetime) -> str:
    """Return an instant for a reason."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def microseconds(at: datetime) -> int:
    """Return the microseconds since the epoch."""
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
