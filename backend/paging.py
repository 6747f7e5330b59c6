"""Cursors of lists: what to ask for the part after this one, opaque to the asker."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

import msgspec

from backend.errors import Fault, InvalidInput

DEFAULT_LIMIT = 100
MAX_LIMIT = 1_000


def encode(key: Sequence[object]) -> str:
    """Return the cursor behind the row with this sort key (texts, numbers, dates, ids)."""
    return base64.urlsafe_b64encode(msgspec.json.encode(list(key))).decode().rstrip("=")


def decode(cursor: str | None, kinds: Sequence[type]) -> list[object] | None:
    """Return the sort key in a cursor, None where there is no cursor.

    Parameters
    ----------
    cursor
        As given by the asker.
    kinds
        Type of each part of the key.

    Raises
    ------
    InvalidInput
        If the cursor is none that this list gave.
    """
    if cursor is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        parts = msgspec.json.decode(raw, type=list[object])
        return [msgspec.convert(part, kind) for part, kind in zip(parts, kinds, strict=True)]
    except (ValueError, binascii.Error, msgspec.MsgspecError) as error:
        fault = Fault("cursor", cursor[:60], "use the next_cursor of the page before, unchanged")
        raise InvalidInput("this cursor is none of this list", faults=[fault]) from error


def bounded_if_any(limit: int | None) -> int | None:
    """Return how many rows a list has; None, which only callers within the installation give, is all."""
    return None if limit is None else bounded(limit)


def bounded(limit: int) -> int:
    """Return how many rows a page has.

    Raises
    ------
    InvalidInput
        If the limit is not in 1..1000.
    """
    if not 1 <= limit <= MAX_LIMIT:
        fault = Fault("limit", str(limit), "use a whole number from 1 to 1000")
        raise InvalidInput("the page cannot have this size", faults=[fault])
    return limit
