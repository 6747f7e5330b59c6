"""Public holidays, and weekends on which people work instead: one small struct, whatever file or library it came from."""

from __future__ import annotations

import datetime
from typing import Literal

import msgspec

from planner.rounds.faults import Struct

SATURDAY = 5
"""First weekday of a weekend; 0 is Monday."""

Kind = Literal["holiday", "working"]
DayKind = Literal["ordinary", "weekend", "holiday"]


class SpecialDay(Struct, frozen=True):
    """A day that is not what its weekday says.

    Attributes
    ----------
    day
        The date.
    kind
        `holiday`, or `working` for a weekend day on which people work instead (调休).
    name
        What it is called.
    like_weekday
        Whose hours are worked on a `working` day, 0 = Monday.
    """

    day: datetime.date
    kind: Kind
    name: str = ""
    like_weekday: int = msgspec.field(default=0)


class Calendar(Struct, frozen=True):
    """The special days of some years.

    Attributes
    ----------
    name
        What the calendar is called.
    years
        The years it speaks about. Of others nothing is known, and nothing is guessed.
    days
        The special days, each date once.
    """

    name: str
    years: tuple[int, ...] = ()
    days: tuple[SpecialDay, ...] = ()


def kind_of(day: datetime.date, special: SpecialDay | None) -> DayKind:
    """Return what a day is to those who work on it; a `working` weekend day is an ordinary one."""
    if special is not None:
        return "holiday" if special.kind == "holiday" else "ordinary"
    return "weekend" if day.weekday() >= SATURDAY else "ordinary"


def unknown_years(calendar: Calendar | None, start: datetime.date, days: int) -> tuple[int, ...]:
    """Return the years of a horizon of which a calendar says nothing."""
    if calendar is None:
        return ()
    last = start + datetime.timedelta(days=days - 1)
    return tuple(year for year in range(start.year, last.year + 1) if year not in calendar.years)
