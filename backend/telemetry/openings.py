"""What began and ended: events → for each beginning its end, if there was one. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec import Struct

from backend.telemetry.views import EventView
from backend.telemetry.vocabulary import CLOSE, vocabulary

_ENDS_ARE_TOLD = ("jtc340:", "es1500:", "bacnet:")
"""Sources that tell the end of every fault and alarm: one of theirs without an end is open, even if none ever ended before."""


class Opening(Struct, frozen=True, kw_only=True):
    """A fault, an alarm or an entrapment, from its beginning to its end."""

    raw_code: str
    kind: str
    opened_at: datetime
    closed_at: datetime | None
    """None while it lasts, or where nobody told its end."""


def openings_of(events: Iterable[EventView]) -> list[Opening]:
    """Return what has an end, and what may have one still, by its beginning.

    An end belongs to the last beginning of the same code before it. A code of which no end was ever told is no opening where
    its source tells none; an end without a beginning is none either.

    Parameters
    ----------
    events
        Of one elevator, in the order of time.
    """
    found = list(events)
    told = {event.raw_code.removesuffix(CLOSE) for event in found if event.raw_code.endswith(CLOSE) or _has_an_end(event)}
    openings: list[Opening] = []
    last: dict[str, int] = {}
    for event in found:
        code = event.raw_code.removesuffix(CLOSE)
        if code not in told:
            continue
        if event.raw_code == code:
            last[code] = len(openings)
            openings.append(Opening(raw_code=code, kind=event.kind, opened_at=event.at, closed_at=None))
        elif code in last:
            place = last.pop(code)
            openings[place] = msgspec.structs.replace(openings[place], closed_at=event.at)
    return openings


def _has_an_end(event: EventView) -> bool:
    """Return whether the end of what an event began will be told."""
    kind = vocabulary().kinds.get(event.kind)
    return event.raw_code.startswith(_ENDS_ARE_TOLD) and kind is not None and kind.category in ("fault", "alarm")
