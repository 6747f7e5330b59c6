"""What every limit of a rule pack says of itself; the parts of a pack are made of these."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Annotated, Literal

from msgspec import Meta, Struct

from planner.intervals.days import plus_days, plus_months

Days = Annotated[int, Meta(ge=1, le=3660)]
"""Whole local days."""

Count = Annotated[int, Meta(ge=1, le=2**53)]
Share = Annotated[float, Meta(ge=0, le=1)]

Mark = Literal["verified", "expert", "design"]
"""How well a rule is known: read in a published source; a specialist's knowledge, not yet compared with the official text;
our own proposal."""


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all parts of a pack have in common: immutable, and no field that is not known."""


class Source(Part, frozen=True, kw_only=True):
    """A text that rules are taken from."""

    title_zh: str
    title_en: str
    mark: Mark


class Rule(Part, frozen=True, kw_only=True):
    """What every limit says of itself."""

    id: str
    """Unique inside its pack; receipts cite it."""

    clause_zh: str
    """Which part of the source."""

    clause_en: str
    source: str
    """A name among the pack's sources."""

    effective_from: date
    region: str
    """`CN`, or a part of it such as `CN-ZJ-TZ`."""

    mark: Mark


class DayLimit(Rule, frozen=True, kw_only=True):
    """At most so many days from a day."""

    days: Days
    months: Annotated[int, Meta(ge=1, le=120)] | None = None
    """And at most so many calendar months, where a rule counts in months: whichever is first."""

    def after(self, day: date) -> date:
        """Return the last day that the limit allows from a day on."""
        last = plus_days(day, self.days)
        return last if self.months is None else min(last, plus_months(day, self.months))

    @property
    def surely_days(self) -> int:
        """Days that never pass the limit, whatever month they begin in."""
        return self.days if self.months is None else min(self.days, _shortest(self.months))


@cache
def _shortest(months: int) -> int:
    """Return the fewest days that so many months have: counted from every day of four years."""
    days = (date(2024, 1, 1) + timedelta(days=n) for n in range(4 * 365 + 1))
    return min((plus_months(day, months) - day).days for day in days)


class HourLimit(Rule, frozen=True, kw_only=True):
    """At most so many hours."""

    hours: Annotated[int, Meta(ge=1, le=24 * 366)]
