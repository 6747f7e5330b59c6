"""A counter that stood still does not make every later forecast uncertain; real rest days stay what they are."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest

from planner.intervals.forecast import Outlook, pattern_of
from planner.intervals.rules import load_pack
from planner.intervals.standstill import even_days

MONDAY = date(2026, 9, 7)
WEEKS = 8
LIMITS = load_pack("cn-on-demand-30").forecast


def numbered(growths: list[float]) -> list[tuple[int, float]]:
    return [(MONDAY.toordinal() + index, growth) for index, growth in enumerate(growths)]


def homes() -> list[float]:
    return [400.0 + 10 * (index % 5) for index in range(7 * WEEKS)]


def test_what_a_stuck_counter_caught_up_is_spread_over_the_days_that_it_stood_still() -> None:
    stuck = homes()
    missed = sum(stuck[20:26])
    stuck[20:26] = [0.0] * 6
    stuck[26] += missed
    found = even_days(numbered(stuck))
    assert len(found) == len(stuck)
    assert sum(growth for _, growth in found) == pytest.approx(sum(homes()))
    assert max(growth for _, growth in found) < 500


def test_days_whose_use_was_never_counted_are_left_out() -> None:
    lost = homes()
    lost[20:26] = [0.0] * 6
    found = even_days(numbered(lost))
    assert len(found) == len(lost) - 6
    assert min(growth for _, growth in found) >= 400


def test_a_standstill_that_began_before_the_history_is_left_out_with_the_day_that_ends_it() -> None:
    cut = homes()
    cut[:3] = [0.0] * 3
    cut[3] = 12_000.0  # of thirty days
    assert max(growth for _, growth in even_days(numbered(cut))) < 500
    at_once = homes()
    at_once[0] = 12_000.0
    assert max(growth for _, growth in even_days(numbered(at_once))) < 500


def test_an_office_rests_at_weekends_and_over_a_holiday_nobody_entered() -> None:
    office = [0.0 if index % 7 >= 5 else 600.0 for index in range(7 * WEEKS)]
    assert even_days(numbered(office)) == numbered(office)


def test_a_busy_day_is_no_catching_up() -> None:
    busy = homes()
    busy[30] = 1_500.0
    assert even_days(numbered(busy)) == numbered(busy)


def test_a_forecast_is_about_as_sure_after_a_standstill_as_before() -> None:
    stuck = homes()
    stuck[26] += sum(stuck[20:26])
    stuck[20:26] = [0.0] * 6
    within = []
    for growths in (homes(), stuck):
        pattern = pattern_of({MONDAY + timedelta(index): growth for index, growth in enumerate(growths)}, LIMITS)
        assert pattern is not None
        outlook = Outlook(pattern=msgspec.structs.replace(pattern), since=MONDAY + timedelta(7 * WEEKS), rest=0.0)
        within.append(outlook.days_within(13_000, 0.05))
    sure, after = within
    assert sure is not None
    assert after is not None
    assert abs(sure - after) <= 2
