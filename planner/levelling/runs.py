"""Public holidays in a row: what stands between two working days becomes one holiday with a name and two ends."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from planner.intervals.facts import Holiday
from planner.levelling.calendar import SpecialDay, kind_of

_DAY = datetime.timedelta(days=1)


def holidays_of(days: Iterable[SpecialDay]) -> tuple[Holiday, ...]:
    """Return the holidays of some special days, oldest first; weekends at either end of one are days off and belong to it."""
    special = {day.day: day for day in days}
    found: list[Holiday] = []
    for day in sorted(day for day, one in special.items() if one.kind == "holiday"):
        if found and day <= found[-1].ends_on:
            continue
        first = last = day
        while _off(first - _DAY, special):
            first -= _DAY
        while _off(last + _DAY, special):
            last += _DAY
        name = next((special[one].name for one in _days(first, last) if one in special and special[one].name), "")
        found.append(Holiday(name=name or str(day), starts_on=first, ends_on=last))
    return tuple(found)


def _off(day: datetime.date, special: dict[datetime.date, SpecialDay]) -> bool:
    return kind_of(day, special.get(day)) != "ordinary"


def _days(first: datetime.date, last: datetime.date) -> list[datetime.date]:
    return [first + n * _DAY for n in range((last - first).days + 1)]
