"""China's public holidays and working weekends (调休), as the State Council announces them year by year."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from planner.levelling.calendar import Calendar, Kind, SpecialDay

NAME = "中国法定节假日"


def known_years() -> tuple[int, ...]:
    """Return the years whose announcement the library knows; the next one comes out in autumn."""
    from chinese_calendar import constants

    return tuple(range(min(constants.holidays).year, max(constants.holidays).year + 1))


def china(years: Iterable[int]) -> Calendar:
    """Return the special days of some years, of those among them that are known; the others are not guessed."""
    from chinese_calendar import constants

    wanted = tuple(year for year in sorted(set(years)) if year in known_years())
    days = [
        SpecialDay(day, kind, _name(name))
        for kind, found in _both(constants.holidays, constants.workdays)
        for day, name in found.items()
        if day.year in wanted
    ]
    return Calendar(NAME, wanted, tuple(sorted(days, key=lambda special: special.day)))


def _both(
    holidays: dict[datetime.date, str], workdays: dict[datetime.date, str]
) -> tuple[tuple[Kind, dict[datetime.date, str]], ...]:
    return ("holiday", holidays), ("working", workdays)


def _name(english: str) -> str:
    from chinese_calendar import constants

    return next((each.chinese for each in constants.Holiday if each.value == english), english)
