"""The public holidays that due windows look at: of the calendar that the firm chose, or of its region's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from backend import database
from planner.intervals.facts import Holiday
from planner.intervals.pack import RulePack
from planner.levelling.calendar import SpecialDay

SUGGESTED_REGION = "CN"
"""Firms in regions that begin so go by China's public holidays until they choose otherwise."""


async def holidays_inside(firm: UUID, packs: Iterable[RulePack], today: date) -> tuple[Holiday, ...]:
    """Return a firm's public holidays that are not over, where any pack asks for them; a year not announced yet has none."""
    if not any(pack.holidays or pack.fixed.holidays for pack in packs):
        return ()
    row = await database.fetch(
        "SELECT f.region, c.source, c.days FROM firm f LEFT JOIN work_calendar c ON c.firm = f.id WHERE f.id = $1", firm
    )
    if not row:
        return ()
    found = _holidays(row[0]["region"], row[0]["source"], row[0]["days"], today.year)
    return tuple(holiday for holiday in found if holiday.ends_on >= today)


def _holidays(region: str, source: str | None, days: Any, year: int) -> tuple[Holiday, ...]:
    if source == "own":
        from planner.levelling.runs import holidays_of

        return holidays_of(msgspec.convert(days if not isinstance(days, str) else msgspec.json.decode(days), list[SpecialDay]))
    if source == "cn" or (source is None and region.startswith(SUGGESTED_REGION)):
        return _china(year)
    return ()


@lru_cache(maxsize=8)
def _china(year: int) -> tuple[Holiday, ...]:
    from planner.levelling.china import china
    from planner.levelling.runs import holidays_of

    return holidays_of(china(range(year - 1, year + 2)).days)
