"""Times of day in forms (`22:00`) and as seconds after midnight."""

from __future__ import annotations

import re

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
WRONG = -1
"""What is no time: no second of a day, so that it is refused where it is used."""


def as_seconds(text: str) -> int | None:
    """Return a time of day in seconds after midnight; None where the field is empty."""
    if not text:
        return None
    found = _TIME.fullmatch(text)
    return WRONG if found is None else int(found[1]) * 3600 + int(found[2]) * 60


def as_time(seconds: int | None) -> str:
    """Return seconds after midnight as a time of day; empty for None."""
    if seconds is None or seconds < 0:
        return ""
    return f"{seconds // 3600 % 24:02d}:{seconds // 60 % 60:02d}"
