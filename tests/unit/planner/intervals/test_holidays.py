"""A visit before long public holidays, and holidays out of special days."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from planner.intervals.facts import Holiday
from planner.levelling.calendar import SpecialDay
from planner.levelling.runs import holidays_of
from tests.support.intervals import LAST, ORDINARY, TODAY, WATCHED, computed, last_day, with_facts

LONG = Holiday(name="春节", starts_on=date(2026, 12, 5), ends_on=date(2026, 12, 11))
"""25 days after the last visit."""


def watched(*holidays: Holiday, **changes: Any) -> Any:
    return with_facts(WATCHED, holidays=holidays, monitor__checked_on=TODAY, **changes)


def test_an_elevator_seen_too_long_before_a_long_holiday_is_due_the_day_before_it() -> None:
    window, receipt = computed(watched(LONG))
    assert window.last_day == date(2026, 12, 4)
    assert receipt.binding.kind == "holiday"
    assert "a visit within 15 days before 春节 (2026-12-05 to 2026-12-11)" in receipt.sentence.en


@pytest.mark.parametrize(
    "holiday",
    [
        Holiday(name="four days", starts_on=date(2026, 12, 5), ends_on=date(2026, 12, 8)),
        Holiday(name="seen in time", starts_on=date(2026, 11, 25), ends_on=date(2026, 12, 1)),
        Holiday(name="over", starts_on=date(2026, 11, 12), ends_on=date(2026, 11, 19)),
        Holiday(name="begun before the visit", starts_on=LAST, ends_on=date(2026, 11, 30)),
    ],
)
def test_short_ones_those_seen_in_time_and_those_gone_by_ask_for_nothing(holiday: Holiday) -> None:
    assert last_day(watched(holiday)) == last_day(watched())


def test_places_of_the_public_are_seen_closer_before_it() -> None:
    near = Holiday(name="near", starts_on=date(2026, 11, 24), ends_on=date(2026, 11, 30))
    assert last_day(with_facts(ORDINARY, holidays=(near,), site_kind="mall")) == date(2026, 11, 23)
    assert last_day(with_facts(ORDINARY, holidays=(near,))) == date(2026, 11, 25)


def test_fixed_intervals_of_fifteen_days_are_in_time_by_themselves() -> None:
    assert last_day(with_facts(ORDINARY, holidays=(LONG,))) == last_day(ORDINARY)


def test_a_holiday_begins_and_ends_with_the_weekends_beside_it() -> None:
    days = [SpecialDay(date(2026, 12, day), "holiday", "节") for day in (7, 8, 9, 10, 11)]
    days.append(SpecialDay(date(2026, 12, 13), "working"))
    assert holidays_of(days) == (Holiday(name="节", starts_on=date(2026, 12, 5), ends_on=date(2026, 12, 12)),)
    assert holidays_of([]) == ()
