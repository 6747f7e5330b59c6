"""Days and prices of a visit follow from its window and the days on which somebody works."""

from __future__ import annotations

import itertools
from datetime import timedelta

from backend.rounds.due_days import Bent, DueDays, RiskPrices, due_days
from backend.rounds.preferences import COSTS, PREFERENCES
from tests.support.plan_facts import MONDAY

EVERY_DAY = list(range(10))
WORKDAYS = [0, 1, 2, 3, 4, 7, 8, 9]


def placed(first: int, last: int, workable: list[int] = EVERY_DAY, days: int = 10) -> DueDays:
    found = due_days(MONDAY + timedelta(days=first), MONDAY + timedelta(days=last), MONDAY, days, workable, PREFERENCES)
    assert found is not None
    return found


def test_a_window_inside_the_horizon_is_asked_for_as_it_is() -> None:
    found = placed(2, 7)
    assert (found.first_day, found.last_day, found.mandatory, found.bent) == (2, 7, True, Bent.NO)


def test_the_last_third_of_a_window_costs_nothing_but_for_its_very_last_day() -> None:
    early, last = PREFERENCES.early_per_day, PREFERENCES.last_day
    # Nine days from day 0: the last third are 6, 7 and 8.
    assert placed(0, 8).day_costs == (6 * early, 5 * early, 4 * early, 3 * early, 2 * early, early, 0, 0, last)


def with_target(first: int, last: int, target: int) -> DueDays:
    start = MONDAY + timedelta(days=first)
    found = due_days(start, MONDAY + timedelta(days=last), MONDAY, 10, EVERY_DAY, PREFERENCES, MONDAY + timedelta(days=target))
    assert found is not None
    return found


def test_the_levellings_day_costs_nothing_and_each_day_away_the_same() -> None:
    away, last = PREFERENCES.target_per_day, PREFERENCES.last_day
    assert with_target(2, 6, 4).day_costs == (2 * away, away, 0, away, 2 * away + last)
    assert with_target(2, 6, 6).day_costs[-1] == 0  # it was chosen with its eyes open


def test_a_day_of_the_levelling_outside_of_the_window_changes_nothing() -> None:
    assert with_target(2, 6, 1) == placed(2, 6)
    assert with_target(2, 6, 7) == placed(2, 6)


def test_what_the_levelling_wants_later_is_cheaper_to_leave_out_than_what_it_wants_now() -> None:
    assert with_target(5, 20, 8).defer_cost == PREFERENCES.defer_most
    assert with_target(5, 20, 15).defer_cost == PREFERENCES.defer_least


def test_a_window_of_one_day_has_no_better_day() -> None:
    assert placed(3, 3).day_costs == (0,)


def test_of_two_days_the_first_is_the_better_one() -> None:
    assert placed(3, 4).day_costs == (0, PREFERENCES.last_day)


def test_a_window_that_opened_before_the_horizon_is_priced_by_its_true_length() -> None:
    found = placed(-10, 4)
    early = PREFERENCES.early_per_day
    # Fifteen days; the last third begins on the tenth, which is day 0.
    assert (found.first_day, found.last_day) == (0, 4)
    assert found.day_costs == (0, 0, 0, 0, PREFERENCES.last_day)
    assert placed(-5, 9).day_costs[0] == 5 * early


def test_a_last_day_on_the_last_day_of_the_horizon_is_mandatory_and_one_after_it_is_not() -> None:
    assert placed(5, 9).mandatory
    after = placed(5, 10)
    assert not after.mandatory
    assert after.last_day == 9
    assert len(after.day_costs) == 5


def test_leaving_out_costs_less_the_further_off_the_last_day_is() -> None:
    assert placed(5, 9).defer_cost == 0  # mandatory: the price of missing it holds
    assert placed(5, 10).defer_cost == PREFERENCES.defer_most
    assert placed(5, 12).defer_cost == PREFERENCES.defer_most + 2 * PREFERENCES.defer_per_day
    assert placed(5, 100).defer_cost == PREFERENCES.defer_least


def test_an_overdue_visit_may_have_every_day_and_wants_the_first() -> None:
    found = placed(-20, -5)
    assert (found.first_day, found.last_day, found.bent, found.mandatory) == (0, 9, Bent.OVERDUE, True)
    assert found.day_costs[0] == PREFERENCES.overdue_first_day + 5 * PREFERENCES.overdue_per_day_late
    assert [b - a for a, b in itertools.pairwise(found.day_costs)] == [PREFERENCES.overdue_per_day] * 9


def test_what_is_longer_overdue_wants_the_first_day_more() -> None:
    assert placed(-30, -20).day_costs[0] < placed(-20, -5).day_costs[0] < 0
    counted = PREFERENCES.overdue_days_counted
    assert placed(-99, -counted).day_costs == placed(-999, -900).day_costs


def test_an_overdue_visit_begins_on_the_first_day_on_which_somebody_works() -> None:
    found = placed(-20, -1, [3, 4])
    assert found.first_day == 3
    assert len(found.day_costs) == 7


def test_a_window_on_a_weekend_is_opened_to_the_last_working_days_before_it() -> None:
    found = placed(5, 6, WORKDAYS)
    assert (found.first_day, found.last_day, found.bent, found.mandatory) == (2, 6, Bent.EARLY, True)
    early = PREFERENCES.early_per_day
    assert found.day_costs == (3 * early, 2 * early, early, 0, PREFERENCES.last_day)


def test_a_window_with_no_working_day_in_or_before_it_is_planned_after_it_as_soon_as_possible() -> None:
    found = placed(0, 1, [7, 8, 9])
    assert (found.first_day, found.last_day, found.bent, found.mandatory) == (7, 9, Bent.LATE, True)
    assert found.day_costs[0] == PREFERENCES.overdue_first_day


def test_what_is_not_due_within_the_horizon_is_left_out_if_nobody_works_on_its_days() -> None:
    assert due_days(MONDAY + timedelta(days=5), MONDAY + timedelta(days=20), MONDAY, 7, [0, 1, 2, 3, 4], PREFERENCES) is None


def test_there_is_a_price_for_every_day_asked_for() -> None:
    for first in range(-20, 10):
        for last in range(first, 25):
            found = due_days(MONDAY + timedelta(days=first), MONDAY + timedelta(days=last), MONDAY, 10, WORKDAYS, PREFERENCES)
            if found is not None:
                assert len(found.day_costs) == found.last_day - found.first_day + 1
                assert 0 <= found.first_day <= found.last_day <= 9
                assert any(found.first_day <= day <= found.last_day for day in WORKDAYS)


def with_risk(first: int, last: int, best: float, *, steep_s: float = 40.0, target: int | None = None) -> DueDays:
    found = due_days(
        MONDAY + timedelta(days=first), MONDAY + timedelta(days=last), MONDAY, 10, EVERY_DAY, PREFERENCES,
        None if target is None else MONDAY + timedelta(days=target), RiskPrices(best=best, steep_s=steep_s),
    )  # fmt: skip
    assert found is not None
    return found


def test_expected_faults_price_days_by_the_square_of_the_distance_from_the_best() -> None:
    costs = with_risk(2, 7, 4.0).day_costs
    assert costs[:5] == (40, 10, 0, 10, 40)
    assert costs[5] == PREFERENCES.last_day + 90


def test_a_best_day_outside_of_the_window_counts_as_its_nearest_day() -> None:
    assert with_risk(2, 7, -5.0).day_costs[0] == 0
    late = with_risk(2, 7, 60.0, steep_s=1.0).day_costs
    assert late[4] < late[0]  # later is better, but for the very last day


def test_expected_faults_never_outweigh_a_last_day_that_will_come() -> None:
    costs = with_risk(2, 9, 2.0, steep_s=1e9).day_costs
    assert max(costs) == PREFERENCES.risk_most + PREFERENCES.last_day
    assert max(costs) < COSTS.missed_mandatory / 10


def test_expected_faults_add_to_the_price_of_a_target_day() -> None:
    both, target = with_risk(2, 6, 3.0, target=4).day_costs, with_target(2, 6, 4).day_costs
    assert [one - other for one, other in zip(both, target, strict=True)] == [10, 0, 10, 40, 90]


def test_a_visit_that_is_best_inside_the_horizon_is_dear_to_leave_out() -> None:
    assert with_risk(5, 20, 8.0).defer_cost == PREFERENCES.defer_most
    assert with_risk(5, 20, 60.0).defer_cost == placed(5, 20).defer_cost


def test_what_is_overdue_is_priced_as_before() -> None:
    assert with_risk(-9, -2, 3.0) == placed(-9, -2)
