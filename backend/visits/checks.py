"""Checks of what people type: texts, positions. Each fault names its field, value and the way out."""

from __future__ import annotations

from math import isfinite

from backend.errors import Fault, InvalidInput
from backend.visits.inputs import PositionInput

MAX_TEXT = 2000
"""Characters of a free text: a page of a notice."""

SHOWN = 60
"""Characters of a wrong value that are repeated to its sender."""


_RANGES = {
    "lat": "give a number from -90 to 90",
    "lon": "give a number from -180 to 180",
    "accuracy_m": "give a number that is not negative",
}


def text_faults(path: str, text: str, *, needed: str | None = None) -> list[Fault]:
    """Return what is wrong with a free text.

    Parameters
    ----------
    path, text
        Where it was given, and what.
    needed
        The way out if it is empty; None where it may be empty.
    """
    if "\x00" in text:
        return [Fault(path, None, "leave out the NUL character")]
    if len(text) > MAX_TEXT:
        return [Fault(path, text[:SHOWN] + "…", "use at most 2000 characters")]
    if needed is not None and not text.strip():
        return [Fault(path, text[:SHOWN], needed)]
    return []


def position_faults(path: str, position: PositionInput | None) -> list[Fault]:
    """Return what is wrong with a position; none given is not wrong."""
    if position is None:
        return []
    allowed = {
        "lat": (position.lat, -90.0, 90.0),
        "lon": (position.lon, -180.0, 180.0),
        "accuracy_m": (position.accuracy_m, 0.0, float("inf")),
    }
    return [
        Fault(f"{path}.{name}", str(value), _RANGES[name])
        for name, (value, least, most) in allowed.items()
        if not (isfinite(value) and least <= value <= most)
    ]


def needed_reason(reason: str) -> str:
    """Return a reason without its outer spaces.

    Raises
    ------
    InvalidInput
        If it is empty or too long.
    """
    if faults := text_faults("reason", reason, needed="give a reason"):
        raise InvalidInput("a reason is needed", faults=faults)
    return reason.strip()
