"""Due windows: every rule broken and kept, with days counted by hand."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import msgspec
import pytest

from planner.intervals.due import counters_wanted, due_window
from planner.intervals.facts import EventFact, ModeHistory, PeriodFact, VisitFact
from planner.intervals.items import CLASSES, checklist
from planner.intervals.rules import load_pack
from tests.support.intervals import (
    FIXED,
    LAST,
    ON_DEMAND,
    ORDINARY,
    TODAY,
    TRACTION,
    WATCHED,
    computed,
    days_later,
    last_day,
    used,
    with_facts,
)


def visit(day: date, maintenance_class: str = "half_month", *left_out: str) -> VisitFact:
    return VisitFact(day=day, maintenance_class=maintenance_class, left_out=left_out)


# --- the gap between visits


@pytest.mark.parametrize(
    ("last", "due"),
    [
        (date(2026, 11, 10), date(2026, 11, 25)),
        (date(2026, 12, 25), date(2027, 1, 9)),
        (date(2028, 2, 20), date(2028, 3, 6)),
        (date(2027, 2, 20), date(2027, 3, 7)),
    ],
)
def test_the_next_visit_is_due_fifteen_days_after_the_last_one_over_months_years_and_leap_days(last: date, due: date) -> None:
    facts = with_facts(ORDINARY, visits=(visit(last, "year"),), inspection_due_on=None, done={"A-4-06:governor_speed": last})
    assert last_day(facts, last) == due


def test_a_visit_made_early_moves_the_next_limit_forward_too() -> None:
    assert last_day(with_facts(ORDINARY, visits=(visit(date(2026, 11, 8), "year"),))) == date(2026, 11, 23)


def test_the_latest_of_all_classes_is_the_last_visit() -> None:
    facts = with_facts(ORDINARY, visits=(visit(date(2026, 8, 1), "year"), visit(LAST), visit(date(2026, 11, 1), "quarter")))
    assert last_day(facts) == days_later(15)


def test_an_overdue_window_stays_in_the_past() -> None:
    for today in (date(2026, 11, 26), date(2026, 12, 24), date(2027, 3, 1)):
        window, _ = computed(ORDINARY, today)
        assert window.last_day == date(2026, 11, 25)


def test_an_eligible_elevator_on_demand_has_thirty_days() -> None:
    window, receipt = computed(WATCHED)
    assert (window.last_day, window.mode_effective) == (days_later(30), "on_demand")
    assert receipt.binding.kind == "visit_gap"


# --- from when a visit is worth making


def test_a_visit_is_worth_making_after_the_packs_share_of_the_gap() -> None:
    # 0.6 * 15 = 9 days, 0.8 * 30 = 24 days
    assert computed(ORDINARY)[0].first_day == days_later(9)
    assert computed(WATCHED)[0].first_day == days_later(24)


def test_the_first_day_is_never_after_the_last_one() -> None:
    worn = with_facts(ORDINARY, usage=(used("door_cycles", LAST, 10_000_000, 1_000_000.0),))
    window, _ = computed(worn)
    assert window.last_day == days_later(1)
    assert window.first_day <= window.last_day


# --- nothing is known yet


def test_without_a_visit_the_count_starts_on_the_latest_of_contract_use_and_registration() -> None:
    unseen = with_facts(ORDINARY, visits=(), done={}, inspection_due_on=None)
    for changes in ({"agreement__starts_on": TODAY}, {"in_use_since": TODAY}, {"registered_on": TODAY}):
        window, receipt = computed(with_facts(unseen, **changes))
        assert (window.first_day, window.last_day) == (TODAY, TODAY + timedelta(days=15)), changes
        assert f"the count starts on {TODAY}" in receipt.assumptions[0].en


def test_classes_of_which_no_visit_is_known_count_from_the_same_start_and_say_so() -> None:
    facts = with_facts(ORDINARY, visits=(visit(LAST),), registered_on=date(2026, 9, 1))
    _, receipt = computed(facts)
    quarter = next(one for one in receipt.candidates if one.kind == "class_gap" and one.maintenance_class == "quarter")
    assert quarter.day == date(2026, 11, 30)
    assert any("no visit of the quarter class is known" in text.en for text in receipt.assumptions)


# --- which class


def visits_every(days: int, count: int, first: date = date(2026, 1, 1)) -> list[tuple[date, str]]:
    """Visit an elevator on every last day less some, in the class that its window asks for; return what was done."""
    history = [(first, "year")]
    latest = {"year": visit(first, "year")}
    for _ in range(count):
        facts = with_facts(
            ORDINARY, visits=tuple(latest.values()), registered_on=first, inspection_due_on=None, inspected_on=None,
            done={"A-4-06:governor_speed": history[-1][0]},
        )  # fmt: skip
        today = history[-1][0] + timedelta(days=days)
        window, _ = computed(facts, today)
        assert window.last_day >= today
        latest[window.maintenance_class] = visit(today, window.maintenance_class)
        history.append((today, window.maintenance_class))
    return history


@pytest.mark.parametrize("days", [15, 14, 13, 11, 9, 1])
def test_visits_in_the_asked_class_never_let_an_item_pass_its_gap(days: int) -> None:
    history = visits_every(days, 400 // days + 30)
    for name, most in zip(CLASSES, (15, 90, 180, 365), strict=True):
        rank = CLASSES.index(name)
        done = [day for day, done_class in history if CLASSES.index(done_class) >= rank]
        gaps = [(later - earlier).days for earlier, later in itertools.pairwise(done)]
        assert max(gaps, default=0) <= most, name
        assert (history[-1][0] - done[-1]).days <= most


def test_with_visits_on_every_last_day_the_classes_are_those_of_the_calendar() -> None:
    classes = [name for _, name in visits_every(15, 24)]
    # day 90 is the sixth visit, 180 the twelfth, 360 the last before day 365
    assert [i for i, name in enumerate(classes) if name == "quarter"] == [6, 18]
    assert [i for i, name in enumerate(classes) if name == "half_year"] == [12]
    assert [i for i, name in enumerate(classes) if name == "year"] == [0, 24]


def test_a_quarter_whose_ceiling_the_following_visit_can_still_keep_is_not_done_yet() -> None:
    # this visit by the 25th, the following one by 10 December: a ceiling on that very day can wait, one day earlier cannot
    kept = with_facts(ORDINARY, visits=(visit(LAST), visit(date(2026, 9, 11), "year")))
    assert computed(kept)[0].maintenance_class == "half_month"
    broken = with_facts(ORDINARY, visits=(visit(LAST), visit(date(2026, 9, 10), "year")))
    window, receipt = computed(broken)
    assert window.maintenance_class == "quarter"
    assert "2026-12-09" in receipt.class_reason.en


def test_a_class_past_its_ceiling_brings_the_visit_forward() -> None:
    facts = with_facts(ORDINARY, visits=(visit(LAST), visit(date(2026, 8, 25), "year")))
    window, receipt = computed(facts)
    assert (window.last_day, window.maintenance_class) == (date(2026, 11, 23), "quarter")
    assert receipt.binding.items == tuple(item.code for item in checklist(TRACTION, "quarter") if item.period == "quarter")


def test_the_higher_class_includes_the_lower_ones() -> None:
    facts = with_facts(ORDINARY, visits=(visit(LAST), visit(date(2025, 11, 15), "year"), visit(date(2026, 5, 29), "quarter")))
    assert computed(facts)[0].maintenance_class == "year"


def test_an_overdue_visit_asks_for_the_class_by_the_visit_that_can_follow_it_now() -> None:
    # quarter items run out on 20 December; a visit on 6 December, at the earliest now, is followed by the 21st
    facts = with_facts(ORDINARY, visits=(visit(LAST), visit(date(2026, 9, 21), "year")))
    assert computed(facts)[0].maintenance_class == "half_month"
    assert computed(facts, date(2026, 12, 6))[0].maintenance_class == "quarter"


# --- items


def test_an_item_that_the_register_excludes_counts_nowhere() -> None:
    facts = with_facts(ORDINARY, usage=(used("door_cycles", LAST, 70_000, 7_000.0),))
    assert last_day(facts) == date(2026, 11, 20)
    doors = tuple(item.code for item in checklist(TRACTION, "year") if item.wear_driver == "door_cycles")
    assert last_day(with_facts(facts, excluded=doors)) == days_later(15)


def test_an_item_answered_as_not_applicable_does_not_wear_but_is_asked_again() -> None:
    doors = tuple(item.code for item in checklist(TRACTION, "year") if item.wear_driver == "door_cycles")
    facts = with_facts(ORDINARY, visits=(visit(LAST, "year", *doors),), usage=(used("door_cycles", LAST, 70_000, 7_000.0),))
    window, receipt = computed(facts)
    assert window.last_day == days_later(15)
    half_month = next(one for one in receipt.candidates if one.kind == "class_gap" and one.maintenance_class == "half_month")
    assert set(doors) & set(half_month.items)
    assert any(doors[0] in text.en for text in receipt.assumptions)


def test_an_item_done_alone_counts_from_then_and_never_back() -> None:
    old = with_facts(ORDINARY, visits=(visit(LAST), visit(date(2026, 8, 25), "year")))
    quarter = tuple(item.code for item in checklist(TRACTION, "quarter") if item.period == "quarter")
    done = dict.fromkeys(quarter, date(2026, 11, 1)) | ORDINARY.done
    assert last_day(with_facts(old, done=done)) == days_later(15)
    before = dict.fromkeys(quarter, date(2026, 7, 1)) | ORDINARY.done
    assert last_day(with_facts(old, done=before)) == date(2026, 11, 23)


# --- wear


def test_wear_brings_a_visit_forward() -> None:
    # 75 000 - 50 000 = 25 000 at 12 000 a day: two whole days
    facts = with_facts(ORDINARY, usage=(used("door_cycles", LAST, 50_000, 12_000.0),))
    window, receipt = computed(facts)
    assert window.last_day == TODAY + timedelta(days=2)
    assert receipt.binding.cites.rule == "wear.door_cycles.half_month"
    assert "sample value, not law" in receipt.binding.sentence.en
    assert "示例值" in receipt.binding.sentence.zh


def test_little_use_never_pushes_a_visit_back() -> None:
    facts = with_facts(ORDINARY, usage=(used("door_cycles", LAST, 0, 0.1), used("trips", LAST, 0, 0.0)))
    assert last_day(facts) == days_later(15)


def test_wear_of_a_quarter_item_asks_for_the_quarter_class() -> None:
    # 9 900 left at 500 a day: nineteen days, one before the following visit at the latest
    facts = with_facts(ORDINARY, usage=(used("door_cycles", LAST, 390_100, 500.0),))
    assert computed(with_facts(facts, excluded=_half_month_doors()))[0].maintenance_class == "quarter"


def _half_month_doors() -> tuple[str, ...]:
    return tuple(item.code for item in checklist(TRACTION, "half_month") if item.wear_driver == "door_cycles")


def test_the_counters_asked_for_are_those_of_the_budgets_since_each_class_was_done() -> None:
    facts = with_facts(ORDINARY, visits=(visit(LAST), visit(date(2026, 10, 1), "year")))
    assert counters_wanted(facts, load_pack(FIXED)) == {
        ("door_cycles", LAST): {75_000}, ("trips", LAST): {40_000}, ("door_cycles", date(2026, 10, 1)): {400_000},
        ("run_s", date(2026, 10, 1)): {2_700_000}, ("rope_bends", date(2026, 10, 1)): {1_500_000},
        ("brake_actuations", LAST): {80_000}, ("brake_actuations", date(2026, 10, 1)): {500_000},
        # what follows from trips where it is not counted itself: half the brake's, a quarter of the ropes'
        ("trips", date(2026, 10, 1)): {250_000, 375_000},
    }  # fmt: skip
    assert counters_wanted(ORDINARY, load_pack(FIXED))["door_cycles", LAST] == {75_000, 400_000}


# --- checks and seasons


@pytest.mark.parametrize(
    ("in_use_since", "done", "due"),
    [
        (date(2018, 5, 1), date(2026, 8, 1), date(2028, 8, 1)),  # 10 years old: two years
        (date(2005, 5, 1), date(2026, 8, 1), date(2027, 8, 1)),  # 21 years old: one year
        (date(2012, 5, 1), date(2026, 8, 1), date(2027, 8, 1)),  # 15 on 1 May 2027: a year after the check
        (date(2012, 12, 1), date(2026, 8, 1), date(2027, 12, 1)),  # 15 on 1 December 2027: on that day
        (None, date(2026, 8, 1), date(2027, 8, 1)),  # unknown age: the shorter interval
    ],
)
def test_the_governor_is_checked_every_two_years_and_every_year_above_fifteen(
    in_use_since: date | None, done: date, due: date
) -> None:
    facts = with_facts(ORDINARY, in_use_since=in_use_since, done={"A-4-06:governor_speed": done})
    found = next(one for one in computed(facts)[1].candidates if one.kind == "special_check")
    assert (found.day, found.maintenance_class, found.items) == (due, "year", ("A-4-06",))


@pytest.mark.parametrize(
    ("equipment_type", "item", "due"),
    [("hydraulic_lift", "B-4-04", date(2028, 8, 1)), ("dumbwaiter", "C-4-06", date(2031, 8, 1))],
)
def test_hydraulic_lifts_are_checked_every_two_years_and_dumbwaiters_every_five(
    equipment_type: str, item: str, due: date
) -> None:
    facts = with_facts(ORDINARY, equipment_type=equipment_type, done={f"{item}:governor_speed": date(2026, 8, 1)})
    assert next(one.day for one in computed(facts)[1].candidates if one.kind == "special_check") == due


def test_a_check_that_is_past_its_day_binds_with_the_year_class_until_it_is_recorded() -> None:
    facts = with_facts(ORDINARY, done={"A-4-06:governor_speed": date(2024, 11, 1)})
    window, receipt = computed(facts)
    assert (window.last_day, window.maintenance_class) == (date(2026, 11, 1), "year")
    assert receipt.binding.kind == "special_check"


@pytest.mark.parametrize(
    ("done", "due"),
    [
        (date(2027, 1, 14), date(2027, 4, 14)),  # 91 days before 15 April: too early for this season
        (date(2027, 1, 15), date(2028, 4, 14)),  # 90 days before: counts
        (date(2027, 4, 20), date(2028, 4, 14)),
    ],
)
def test_flood_protection_of_escalators_is_done_within_ninety_days_before_the_rainy_season(done: date, due: date) -> None:
    facts = with_facts(
        ORDINARY, equipment_type="escalator_or_moving_walk", visits=(visit(done, "year"),), inspection_due_on=None
    )
    found = [one for one in computed(facts, done)[1].candidates if one.cites.rule == "seasons.flood"]
    assert [(one.day, one.items, one.maintenance_class) for one in found] == [(due, ("D-2-05",), "quarter")]


def test_step_heating_is_done_before_winter() -> None:
    facts = with_facts(
        ORDINARY, equipment_type="escalator_or_moving_walk", visits=(visit(LAST), visit(date(2026, 5, 1), "year"))
    )
    found = next(one for one in computed(facts)[1].candidates if one.cites.rule == "seasons.frost")
    assert (found.day, found.maintenance_class) == (date(2026, 11, 30), "half_year")
    assert computed(facts)[0].maintenance_class == "half_year"


# --- the self-check before the inspection


def test_the_year_class_is_done_fifteen_days_before_the_inspection() -> None:
    facts = with_facts(
        ORDINARY, visits=(visit(LAST, "half_year"), visit(date(2025, 12, 1), "year")), inspection_due_on=date(2026, 12, 8),
        inspected_on=date(2025, 12, 8),
    )  # fmt: skip
    window, receipt = computed(facts)
    assert (window.last_day, window.maintenance_class) == (date(2026, 11, 23), "year")
    assert receipt.binding.kind == "self_check"


def test_a_year_class_since_the_last_inspection_serves_for_the_next() -> None:
    facts = with_facts(
        ORDINARY, visits=(visit(LAST, "year"),), inspection_due_on=date(2026, 12, 8), inspected_on=date(2025, 12, 8)
    )
    assert not [one for one in computed(facts)[1].candidates if one.kind == "self_check"]


def test_a_year_class_more_than_a_year_before_the_inspection_does_not_serve() -> None:
    old = with_facts(ORDINARY, visits=(visit(LAST), visit(date(2026, 1, 1), "year")), inspected_on=None)
    for inspection, serves in ((date(2027, 1, 1), True), (date(2027, 1, 2), False)):
        facts = with_facts(old, inspection_due_on=inspection)
        assert bool([one for one in computed(facts)[1].candidates if one.kind == "self_check"]) is not serves


def test_an_inspection_long_past_at_registration_makes_no_visit_overdue_but_is_told() -> None:
    facts = with_facts(ORDINARY, visits=(), registered_on=TODAY, inspection_due_on=date(2025, 3, 1))
    window, receipt = computed(facts)
    assert window.last_day == TODAY + timedelta(days=15)
    assert any("bring the register up to date" in text.en for text in receipt.assumptions)


def test_an_inspection_soon_after_registration_asks_for_the_year_class_before_it() -> None:
    facts = with_facts(ORDINARY, visits=(), registered_on=TODAY, inspection_due_on=TODAY + timedelta(days=10))
    window, _ = computed(facts)
    assert (window.last_day, window.maintenance_class) == (TODAY + timedelta(days=9), "year")


# --- faults and special periods


def test_many_faults_shorten_the_gap_but_never_into_the_past_of_the_last_fault() -> None:
    three = tuple(EventFact(day=date(2026, 11, day), kind="door_close_fault") for day in (11, 12, 13))
    assert last_day(with_facts(ORDINARY, events=three)) == days_later(10)
    late = (*three[:2], EventFact(day=date(2026, 11, 20), kind="position_lost"))
    assert last_day(with_facts(ORDINARY, events=late)) == date(2026, 11, 22)
    assert last_day(with_facts(ORDINARY, events=three[:2])) == days_later(15)


def event(starts_on: date, ends_on: date, announced_on: date = date(2026, 11, 1), gap_days: int | None = None) -> PeriodFact:
    return PeriodFact(
        name="games", kind="major_event", starts_on=starts_on, ends_on=ends_on, announced_on=announced_on, gap_days=gap_days
    )


@pytest.mark.parametrize(
    ("period", "due"),
    [
        (event(date(2026, 11, 12), date(2026, 12, 1)), date(2026, 11, 17)),  # seven days after the visit, during the event
        (event(date(2026, 11, 20), date(2026, 12, 1)), date(2026, 11, 19)),  # before it begins
        (event(date(2026, 11, 12), date(2026, 11, 16)), date(2026, 11, 25)),  # over before the seventh day
        (event(date(2026, 11, 12), date(2026, 12, 1), gap_days=3), date(2026, 11, 13)),  # the order's own number
        (event(date(2026, 11, 12), date(2026, 12, 1), announced_on=date(2026, 11, 18)), date(2026, 11, 20)),
        (event(date(2026, 12, 20), date(2026, 12, 31)), date(2026, 11, 25)),
    ],
)
def test_no_day_of_a_major_event_lies_too_long_after_a_visit(period: PeriodFact, due: date) -> None:
    today = date(2026, 11, 12)
    assert last_day(with_facts(ORDINARY, periods=(period,)), today) == due


def test_an_order_without_a_number_of_days_only_ends_maintenance_on_demand() -> None:
    order = PeriodFact(name="order 12", kind="authority_order", starts_on=LAST, ends_on=None)
    assert last_day(with_facts(ORDINARY, periods=(order,))) == days_later(15)
    assert computed(with_facts(WATCHED, periods=(order,)))[0].fallen_back
    weekly = msgspec.structs.replace(order, gap_days=7)
    assert last_day(with_facts(ORDINARY, periods=(weekly,))) == days_later(7)


# --- checked from afar


def test_without_enough_hours_online_the_items_checked_from_afar_are_due_on_site() -> None:
    facts = with_facts(WATCHED, monitor__online_share=0.949)
    window, receipt = computed(facts)
    assert (window.last_day, window.mode_effective) == (days_later(15), "on_demand")
    assert receipt.binding.cites.rule == "on_demand.remote_check"
    assert "94.9%" in receipt.binding.sentence.en
    assert last_day(with_facts(facts, monitor__online_share=0.95)) == days_later(30)


def test_the_last_check_from_afar_holds_for_fifteen_days() -> None:
    facts = with_facts(
        WATCHED, monitor__online_share=0.5, monitor__checked_on=date(2026, 11, 18), history=ModeHistory(effective="on_demand")
    )
    window, _ = computed(facts)
    assert (window.last_day, window.checked_on) == (date(2026, 12, 3), date(2026, 11, 18))
    assert computed(WATCHED)[0].checked_on == TODAY


def test_higher_classes_keep_their_ceilings_on_demand() -> None:
    facts = with_facts(WATCHED, visits=(visit(LAST), visit(date(2026, 8, 25), "year")))
    window, _ = computed(facts)
    assert (window.last_day, window.maintenance_class) == (date(2026, 11, 23), "quarter")


# --- stopped and scrapped


def test_a_stopped_elevators_window_is_paused_with_the_reason_and_a_visit_is_due_before_its_return() -> None:
    window, receipt = computed(with_facts(ORDINARY, state="stopped", state_reason="notice 7"), date(2026, 12, 24))
    assert (window.paused, window.last_day) == (True, date(2026, 11, 25))
    assert receipt.paused is not None
    assert "notice 7" in receipt.paused.en
    assert "before it is put back into use" in receipt.paused.en
    assert "恢复使用之前" in receipt.paused.zh


def test_a_scrapped_elevator_has_no_window() -> None:
    assert due_window(with_facts(ORDINARY, state="scrapped"), load_pack(FIXED), TODAY) is None


def test_an_unknown_equipment_type_is_an_error_that_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="there are traction_or_positive_drive_lift"):
        due_window(with_facts(ORDINARY, equipment_type="ropeway"), load_pack(ON_DEMAND), TODAY)


def test_the_budgets_of_longer_gaps_still_count_after_falling_back() -> None:
    busy = with_facts(WATCHED, usage=(used("door_cycles", LAST, 9_600, 1_200.0),))  # 2 400 left: two days
    assert last_day(busy) == TODAY + timedelta(days=2)
    fallen = with_facts(busy, firm__credit_class="C", history=ModeHistory(effective="on_demand"))
    window, receipt = computed(fallen)
    assert (window.fallen_back, window.last_day) == (True, TODAY + timedelta(days=2))
    assert receipt.binding.cites.pack == ON_DEMAND
    assert last_day(with_facts(ORDINARY, usage=busy.usage)) == days_later(15)
