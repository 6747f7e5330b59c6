"""How many trips are usual, and how seldom so few or so many come by chance."""

from __future__ import annotations

from datetime import timedelta
from math import sqrt
from random import Random

import pytest
from scipy.stats import nbinom

from qr.elevator_patterns import usual_patterns
from qr.elevator_traffic import (
    Expected,
    Stretch,
    chance_of_standstill,
    expected_of,
    longest_standstill_s,
    stretch_of,
    sure_standstill_s,
    usual_of,
)
from tests.support.made_spans import ARRIVAL, minute, past, poisson, span, steady

LIMITS = usual_patterns().limits


@pytest.mark.parametrize(
    ("mean", "variance", "trips"), [(20.0, 45.0, 9), (20.0, 45.0, 31), (3.0, 3.5, 0), (900.0, 4000.0, 1000)]
)
def test_chances_are_those_of_the_negative_binomial(mean: float, variance: float, trips: int) -> None:
    expected = Expected(mean=mean, variance=variance)
    size, keep = mean * mean / (variance - mean), mean / variance
    assert expected.at_most(trips) == pytest.approx(nbinom.cdf(trips, size, keep), abs=1e-9)
    assert expected.at_least(trips) == pytest.approx(nbinom.sf(trips - 1, size, keep), abs=1e-9)


def test_where_nothing_is_usual_nothing_is_unlikely() -> None:
    assert Expected(mean=0.0, variance=0.0).at_most(0) == 1.0


def test_parts_of_hours_count_by_their_share() -> None:
    usual = usual_of(past((30,) * 8, 40), "trips", 1, LIMITS)
    assert usual is not None
    assert usual.mean(minute(50), minute(70)) == pytest.approx((10.0, 10.0))
    assert usual.mean(minute(0), ARRIVAL + timedelta(hours=9)) is None


def test_hourly_readings_leave_open_in_which_hour_trips_were() -> None:
    hours = past((30,) * 8, 40, readings=1)
    rising = tuple(
        type(each)(hour=each.hour, weeks_ago=each.weeks_ago, growth={"trips": 10 * each.hour.hour}, readings=1)
        for each in hours
    )
    usual = usual_of(rising, "trips", 1, LIMITS)
    assert usual is not None
    assert usual.mean(minute(0), minute(60)) == pytest.approx((100.0, 110.0))


def test_a_day_that_is_quiet_before_and_after_is_expected_to_be_quiet_between() -> None:
    usual = usual_of(past((60,) * 8, 40), "trips", 1, LIMITS)
    assert usual is not None
    visit = Stretch(minute(0), minute(40), 4)
    around = (Stretch(minute(-60), minute(0), 6), Stretch(minute(40), minute(100), 6))
    ordinary, quiet = expected_of(usual, visit, (), LIMITS), expected_of(usual, visit, around, LIMITS)
    assert ordinary is not None
    assert quiet is not None
    assert quiet[0].mean < ordinary[0].mean / 2
    assert ordinary[0].at_most(4) < LIMITS.rare_pause < quiet[0].at_most(4)


def test_few_weeks_make_no_sharp_statement() -> None:
    stretch = Stretch(minute(0), minute(40), 0)
    spreads = []
    for weeks in (4, 8):
        usual = usual_of(past((30,) * weeks, 40), "trips", 1, LIMITS)
        assert usual is not None
        found = expected_of(usual, stretch, (), LIMITS)
        assert found is not None
        spreads.append(sqrt(found[0].variance) / found[0].mean)
    assert spreads[0] > spreads[1] > LIMITS.least_day_spread


def test_days_that_differ_more_are_expected_to() -> None:
    even, uneven = (usual_of(past(weeks, 40), "trips", 1, LIMITS) for weeks in ((30,) * 8, (5, 60, 12, 55, 3, 70, 20, 15)))
    assert even is not None
    assert uneven is not None
    assert uneven.day_shape < even.day_shape == 1 / LIMITS.least_day_spread**2


def test_growth_over_a_restart_is_not_known() -> None:
    readings = span(steady(30, 40)).readings
    assert stretch_of(readings[:2], "trips", 1) is not None
    assert stretch_of((readings[-1], readings[0]), "trips", 1) is None
    assert stretch_of(readings[:1], "trips", 1) is None


def test_without_readings_all_of_a_visit_may_be_a_standstill() -> None:
    assert longest_standstill_s(span([], readings=()), {"trips": 12.0}) == 40 * 60


def test_a_pause_between_readings_is_found_whole() -> None:
    found = longest_standstill_s(span(steady(60, 40, pause=(10, 20))), {"trips": 12.0})
    assert 600 <= found <= 720


def test_clocks_that_differ_make_room() -> None:
    told = span(steady(60, 40, pause=(-5, 3)))
    assert longest_standstill_s(told, {"trips": 12.0}) < 300
    assert longest_standstill_s(told, {"trips": 12.0}, slack=timedelta(minutes=5)) >= 480


def test_a_standstill_is_sure_from_reading_to_reading() -> None:
    found = sure_standstill_s(span(steady(60, 40, pause=(10, 20))).inside(), "trips")
    assert 480 <= found <= 600
    assert sure_standstill_s(span(steady(60, 40)).inside(), "trips") == 0
    assert sure_standstill_s(span(steady(60, 40)).inside(), "run_s") == 0


def test_long_gaps_of_usual_traffic_are_no_rarer_than_told() -> None:
    """Poisson traffic at 40 an hour: how often a gap as rare as one in twenty is found."""
    chance, found = Random(5), 0  # noqa: S311 - a simulation
    expected = Expected(mean=40 * 40 / 60, variance=40 * 40 / 60 * LIMITS.burstiness)
    for _ in range(1000):
        stood_s = sure_standstill_s(span(poisson(chance, 40, 40)).inside(), "trips")
        found += chance_of_standstill(expected, stood_s / 2400) <= 0.05
    assert found <= 50
