"""Arithmetic of days: months at the ends of months, seasons, dates that leave the calendar."""

from __future__ import annotations

import calendar
from datetime import date, timedelta


def plus_days(day: date, days: int) -> date:
    """Return the day so many days later; the calendar's last day where there is none."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min


def plus_months(day: date, months: int) -> date:
    """Return the same day so many months later, or the month's last day where it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def years_passed(since: date, day: date, years: int) -> bool:
    """Return whether more than so many years lie between two days."""
    return day > plus_months(since, 12 * years)


def latest(*days: date | None) -> date | None:
    """Return the latest of the days that are known."""
    known = [day for day in days if day is not None]
    return max(known, default=None)
