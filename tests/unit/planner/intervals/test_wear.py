"""The day on which a wear budget is used up; numbers computed by hand."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from planner.intervals.rules import load_pack
from planner.intervals.wear import budgets_by_item, reached, usage_of
from tests.support.intervals import FIXED, LAST, TODAY, used


def test_what_is_left_lasts_as_many_whole_days_as_the_rate_allows() -> None:
    # 75 000 - 30 000 = 45 000 at 6 000 a day: seven whole days after today
    when = reached(75_000, used("door_cycles", LAST, 30_000, 6_000.0), TODAY)
    assert when is not None
    assert when.day == TODAY + timedelta(days=7)


def test_a_budget_that_is_used_up_was_so_on_the_day_an_even_use_reached_it() -> None:
    # 100 000 in ten days: 75 000 after 7.5 days
    when = reached(75_000, used("door_cycles", LAST, 100_000, 10_000.0), TODAY)
    assert when is not None
    assert when.day == LAST + timedelta(days=7)


def test_where_the_day_of_reaching_it_is_known_it_stays_however_the_use_goes_on() -> None:
    crossed = ((75_000, date(2026, 11, 13)), (400_000, date(2026, 11, 19)))
    for today, used_ in ((TODAY, 100_000), (TODAY + timedelta(days=9), 100_001)):
        usage = msgspec.structs.replace(used("door_cycles", LAST, used_, 1.0, today), crossed=crossed)
        when = reached(75_000, usage, today)
        assert when is not None
        assert when.day == date(2026, 11, 13)


def test_silence_uses_a_budget_up_on_a_day_that_stays() -> None:
    # 30 000 until the 15th, then 6 000 a day: 45 000 more are seven and a half days
    for today in (TODAY, TODAY + timedelta(days=30)):
        when = reached(75_000, used("door_cycles", LAST, 30_000, 6_000.0, date(2026, 11, 15)), today)
        assert when is not None
        assert when.day == date(2026, 11, 22)


def test_a_budget_is_never_used_up_on_the_day_of_the_work_itself() -> None:
    when = reached(10, used("trips", TODAY, 1_000, 50.0), TODAY)
    assert when is not None
    assert when.day == TODAY + timedelta(days=1)


def test_without_use_a_budget_lasts_for_ever() -> None:
    assert reached(75_000, used("door_cycles", LAST, 74_999, 0.0), TODAY) is None


def test_days_without_readings_wear_at_the_daily_rate() -> None:
    # silent for five days: 30 000 + 5 * 6 000 = 60 000, 15 000 left: two whole days
    when = reached(75_000, used("door_cycles", LAST, 30_000, 6_000.0, TODAY - timedelta(days=5)), TODAY)
    assert when is not None
    assert (when.day, when.expected) == (TODAY + timedelta(days=2), 60_000)


def test_a_rate_near_zero_leads_to_the_end_of_the_calendar_not_to_an_error() -> None:
    when = reached(2**53, used("trips", LAST, 0, 1e-300), TODAY)
    assert when is not None
    assert when.day == date.max


def test_an_items_own_budget_counts_before_that_of_its_driver() -> None:
    pack = load_pack(FIXED)
    general = next(budget for budget in pack.wear_budgets if budget.id == "wear.door_cycles.half_month")
    own = msgspec.structs.replace(general, id="wear.own", items=("A-1-21",), most=10)
    assert budgets_by_item((general,))["A-1-21"] == general
    assert budgets_by_item((general, own))["A-1-21"] == own == budgets_by_item((own, general))["A-1-21"]
    assert budgets_by_item((own, general))["A-1-20"] == general


def test_items_that_age_by_time_alone_have_no_budget() -> None:
    assert "A-1-02" not in budgets_by_item(load_pack(FIXED).wear_budgets)


def test_of_several_usages_since_a_day_the_part_that_wears_more_counts() -> None:
    one, other = used("trips", LAST, 10, 3.0), used("trips", LAST, 20, 1.0, date(2026, 11, 18))
    both = used("trips", LAST, 20, 3.0, date(2026, 11, 18))
    assert usage_of([one, other], "trips", LAST) == both == usage_of([other, one], "trips", LAST)
    assert usage_of([one], "trips", LAST) == one
    assert usage_of([one], "trips", TODAY) is None
