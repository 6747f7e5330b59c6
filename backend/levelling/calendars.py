"""Calendars of firms: what a stored choice means for some days. Pure but for the library's data."""

from __future__ import annotations

from datetime import date

import msgspec

from backend.levelling.queries import CalendarRow
from planner.levelling.calendar import Calendar, SpecialDay

SUGGESTED_REGION = "CN"
"""Firms in regions that begin so are suggested China's public holidays."""


def suggested(region: str) -> str:
    """Return the source of a firm that has chosen none."""
    return "cn" if region.startswith(SUGGESTED_REGION) else "none"


def of_row(row: CalendarRow, first: date, last: date) -> Calendar | None:
    """Return the calendar of a choice, with the years of some days at least; None for no calendar."""
    if row.source == "cn":
        from planner.levelling.china import china

        return china(range(first.year, last.year + 1))
    if row.source == "own":
        days = msgspec.convert(row.days, tuple[SpecialDay, ...])
        return Calendar(row.name, tuple(row.years), days)
    return None
