"""Statistics of periods → hours. Pure: what the hours of a counter grew by, from all that was ever stated about them.

A device that counts per period states "from 00:00 to 24:00 it grew by 100". Periods overlap after a reconnect, come twice, and
come late. So that nothing counts twice, every second counts by one statement only: the longest that covers it; of equally long
ones that with the later end, then that which was stated later (a correction), then the larger. A longer statement knows all
that a shorter one inside it knows. A statement's growth is spread evenly over its seconds in whole units: by the end of second
k of n, floor(growth · k / n) has come, so that the parts of a statement always make up its whole.

The growth of an hour is therefore a function of the set of statements and of nothing else, in whatever order they arrive.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple

HOUR_S = 3600


class Statement(NamedTuple):
    """What a counter grew by in a period."""

    from_s: int
    """Seconds since the epoch."""

    to_s: int
    """Excluded; greater than `from_s`."""

    growth: int
    stated_us: int = 0
    """When the device said so, microseconds since the epoch."""

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """By which the greatest of overlapping statements counts."""
        return self.to_s - self.from_s, self.to_s, self.stated_us, self.growth

    def grown_by(self, second: int) -> int:
        """Return what had come before a second of the period."""
        return self.growth * (second - self.from_s) // (self.to_s - self.from_s)


def hours_of(statements: Iterable[Statement], begin_s: int, end_s: int) -> dict[int, int]:
    """Return what each hour grew by that lies in a span and of which anything is stated.

    Parameters
    ----------
    statements
        All that touch the span.
    begin_s, end_s
        The span, whole hours.

    Returns
    -------
    dict of int to int
        Hour since the epoch → growth.
    """
    covered = _Covered()
    hours: dict[int, int] = {}
    for statement in sorted(statements, key=lambda one: one.rank, reverse=True):
        for gap_from, gap_to in covered.take(statement.from_s, statement.to_s):
            at = max(gap_from, begin_s)
            while at < min(gap_to, end_s):
                hour = at // HOUR_S
                until = min(gap_to, end_s, (hour + 1) * HOUR_S)
                hours[hour] = hours.get(hour, 0) + statement.grown_by(until) - statement.grown_by(at)
                at = until
    return hours


class _Covered:
    """Seconds that count already: spans that touch nowhere, ascending."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int]] = []

    def take(self, from_s: int, to_s: int) -> Iterator[tuple[int, int]]:
        """Cover a span; yield the parts of it that were not covered."""
        first = bisect_left(self._spans, from_s, key=lambda span: span[1])
        last = first
        gaps: list[tuple[int, int]] = []
        at = from_s
        begins, ends = from_s, to_s
        while last < len(self._spans) and self._spans[last][0] <= to_s:
            span_from, span_to = self._spans[last]
            if at < span_from:
                gaps.append((at, span_from))
            at = max(at, span_to)
            begins, ends = min(begins, span_from), max(ends, span_to)
            last += 1
        if at < to_s:
            gaps.append((at, to_s))
        self._spans[first:last] = [(begins, ends)]
        yield from gaps
