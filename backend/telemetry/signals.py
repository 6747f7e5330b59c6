"""Signals that are told again as long as they last → events. Pure: when each began and ended.

A monitor that reports every minute tells a fault of twenty minutes twenty times; it is one fault. What is stored of a group of
signals are runs: from when to when it was told alike. A signal begins with a run that has it after one that has not, and ends
with the first run after that has it not. What was not told for `HOLD` has ended, and nobody saw when.

Off after off is no run of its own: what never was on takes no room.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from backend.telemetry.vocabulary import CLOSE

HOLD = timedelta(hours=24)
"""A monitor that lives reports at least once a day; what it told longer ago says nothing about now."""


class Run(Struct, kw_only=True):
    """A group of signals that was told alike for a while."""

    first_at: datetime
    last_at: datetime
    codes: frozenset[str]
    """What was on."""

    id: int | None = None
    """Of the row, if it is stored."""

    changed: bool = False


class Runs:
    """The runs of one group of one elevator around what a batch tells.

    Parameters
    ----------
    known
        Stored runs in the order of time: at least all within `HOLD` of what is told.
    """

    def __init__(self, known: Iterable[Run] = ()) -> None:
        self.runs = list(known)
        self.removed: list[int] = []
        """Ids of stored runs that became part of others."""

    def tell(self, at: datetime, codes: Iterable[str]) -> list[tuple[str, datetime]]:
        """Put what a group is told to be at an instant; return the events that are new by it, code and time."""
        on = frozenset(codes)
        place = bisect_right(self.runs, at, key=lambda run: run.first_at)
        before = self.runs[place - 1] if place and at - self.runs[place - 1].last_at <= HOLD else None
        after = self.runs[place] if place < len(self.runs) and self.runs[place].first_at - at <= HOLD else None
        if before is not None and before.codes == on:
            if on and at > before.last_at:
                before.last_at, before.changed = at, True
                self._join(place)
            return []
        if before is not None and at <= before.last_at:
            return self._split(place, before, at, on)
        if after is not None and after.codes == on:
            after.first_at, after.changed = at, True
            return []
        if not on and before is None:
            return []
        self.runs.insert(place, Run(first_at=at, last_at=at, codes=on, changed=True))
        return _edges(before, on, at, after)

    def _split(self, place: int, run: Run, at: datetime, on: frozenset[str]) -> list[tuple[str, datetime]]:
        """Put something else into the middle of a run."""
        if at in (run.first_at, run.last_at):  # two statements of one instant: all that is on in either is on
            more = on - run.codes
            run.codes, run.changed = run.codes | on, True
            return [(code, at) for code in sorted(more)]
        rest = Run(first_at=run.last_at, last_at=run.last_at, codes=run.codes, changed=True)
        run.last_at, run.changed = run.first_at, True
        self.runs[place:place] = [Run(first_at=at, last_at=at, codes=on, changed=True), rest]
        return _edges(run, on, at, rest)

    def _join(self, place: int) -> None:
        """Join a run with the one after it where both are alike."""
        if place >= len(self.runs):
            return
        run, after = self.runs[place - 1], self.runs[place]
        if run.codes == after.codes and after.first_at - run.last_at <= HOLD:
            run.last_at = after.last_at
            del self.runs[place]
            if after.id is not None:
                self.removed.append(after.id)


def _edges(before: Run | None, on: frozenset[str], at: datetime, after: Run | None) -> list[tuple[str, datetime]]:
    """Return what is new by a run between two others: what begins and ends with it, and with the one after it."""
    was = before.codes if before else frozenset()
    comes = after.codes if after else frozenset()
    events = [(code, at) for code in sorted(on - was - comes)]
    events += [(code + CLOSE, at) for code in sorted(was - on)]
    if after is not None:
        events += [(code, after.first_at) for code in sorted((comes - on) & was)]
        events += [(code + CLOSE, after.first_at) for code in sorted(on - comes - was)]
    return events


def told(runs: Sequence[Run]) -> list[Run]:
    """Return the runs that are to be written."""
    return [run for run in runs if run.changed]
