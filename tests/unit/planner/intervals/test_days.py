"""Arithmetic of days at the edges of months, years and the calendar."""

from __future__ import annotations

from datetime import date

import pytest

from planner.intervals.days import latest, plus_days, plus_months, years_passed


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 12, 31), 24, date(2028, 12, 31)),
    ],
)
def test_months_end_on_the_same_day_or_on_the_months_last(day: date, months: int, expected: date) -> None:
    assert plus_months(day, months) == expected


def test_days_cross_leap_days_and_years() -> None:
    assert plus_days(date(2028, 2, 20), 15) == date(2028, 3, 6)
    assert plus_days(date(2027, 2, 20), 15) == date(2027, 3, 7)
    assert plus_days(date(2026, 12, 25), 15) == date(2027, 1, 9)


def test_what_leaves_the_calendar_stays_at_its_end() -> None:
    assert plus_days(date(9999, 12, 30), 15) == date.max
    assert plus_days(date(1, 1, 2), -15) == date.min
    assert plus_months(date(9999, 6, 1), 12) == date.max


def test_an_age_is_passed_on_the_day_after_the_anniversary() -> None:
    assert not years_passed(date(2011, 11, 20), date(2026, 11, 20), 15)
    assert years_passed(date(2011, 11, 20), date(2026, 11, 21), 15)


def test_the_latest_day_is_that_of_the_known_ones() -> None:
    assert latest(None, date(2026, 1, 1), date(2025, 1, 1)) == date(2026, 1, 1)
    assert latest(None, None) is None
