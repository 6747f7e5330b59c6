"""Daily sums become patterns: which days are whole, which days are special."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from backend.telemetry.use_queries import DailyUse
from backend.upkeep.use import rate_pattern, special_days
from planner.intervals.rules import load_pack

ID = UUID(int=1)


def test_a_day_is_whole_with_readings_on_it_and_the_day_before_and_before_the_last_reading() -> None:
    days = [date(2026, 11, day) for day in (1, 2, 3, 6, 7, 8)]
    use = DailyUse(elevator=ID, counter="trips", days=days, totals=[10, 20, 30, 90, 40, 5])
    # the 1st is the first day, the 6th has the hole's use too, the 8th is not over
    assert use.whole_days(date(2026, 11, 8)) == {date(2026, 11, 2): 20, date(2026, 11, 3): 30, date(2026, 11, 7): 40}
    assert use.whole_days(date(2026, 11, 3)) == {date(2026, 11, 2): 20}


def test_one_day_of_readings_is_no_whole_day() -> None:
    assert DailyUse(elevator=ID, counter="trips", days=[date(2026, 11, 1)], totals=[3]).whole_days(date(2026, 11, 9)) == {}


def test_holidays_and_shifted_working_days_of_china_are_special_and_other_regions_have_none() -> None:
    special = special_days("CN-ZJ", 2025, 2026)
    assert date(2026, 10, 1) in special
    assert list(special) == sorted(special)
    assert special_days("HK", 2025, 2026) == ()


def test_a_rate_without_a_whole_day_is_as_uncertain_as_one_day() -> None:
    limits = load_pack("cn-fixed-15").forecast
    found = rate_pattern(date(2026, 11, 20), 400.0, limits)
    assert found is not None
    assert (found.days, found.per_day, found.by_weekday) == (1, 400.0, False)
    assert found.variances[0] == (limits.prior_spread * 400.0) ** 2
