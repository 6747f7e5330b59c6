"""The failure-rate model finds the truth of simulated fleets, and says how unsure it is."""

from __future__ import annotations

import random
from datetime import date

import numpy as np
import pytest

from planner.risk.counts import chance_up_to, fleet_level, held_randomised, intervals, log_chance
from planner.risk.fit import fit
from planner.risk.fleet import forecast_fleet
from planner.risk.forecast import expect, forecast_months, states
from planner.risk.history import Floats, Period, build_history
from planner.risk.model import RiskModel
from planner.risk.prior import prior
from tests.support.outages import MAKES, simulated

Fleet = tuple[RiskModel, list[Period], Floats]

CUT = date(2022, 7, 1)
"""Eighteen of the thirty simulated months are known."""


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    periods, true = simulated()
    return fit(build_history(periods), CUT), periods, true


def test_group_factors_and_the_spread_of_elevators_are_those_of_the_truth(fleet: Fleet) -> None:
    model = fleet[0]
    effects = model.faults.groups.effects["make"]
    for one, other in (("A", "B"), ("A", "C")):
        assert np.exp(effects[one] - effects[other]) == pytest.approx(MAKES[one] / MAKES[other], rel=0.2)
    assert 1.5 < model.faults.memory.own_shape < 6  # 3 in truth
    assert model.faults.memory.half_life_months > 12  # nothing drifts in truth


def test_rates_of_elevators_are_near_their_truth_and_nearer_than_what_was_counted(fleet: Fleet) -> None:
    model, periods, true = fleet
    history = build_history([period for period in periods if period.first_day < CUT])
    rates = np.array([state.rate_per_day * state.factors["own"] for state in states(model, history)[0]]) * 365.25
    counted = history.faults.sum(axis=1) / history.exposure.sum(axis=1) * 365.25
    assert np.corrcoef(np.log(rates), np.log(true))[0, 1] > 0.85
    assert np.mean((rates - true) ** 2) < 0.9 * np.mean((counted - true) ** 2)


@pytest.mark.parametrize("months", [1, 6, 12])
def test_eighty_percent_intervals_hold_eighty_percent_of_what_comes(fleet: Fleet, months: int) -> None:
    model, periods, _ = fleet
    history = build_history(periods)
    known = history.month_of(CUT)
    for forecast, counts in zip(
        forecast_months(model, history, CUT, months), (history.faults, history.entrapments), strict=True
    ):
        assert forecast is not None
        assert counts is not None
        watched = history.exposure[:, known : known + months].sum(axis=1) > 0
        came = counts[watched, known : known + months].sum(axis=1)
        assert 0.74 < held_randomised(came, forecast.mean[watched], forecast.index[watched]).mean() < 0.87
        assert abs(forecast.mean[watched].sum() - came.sum()) < 0.1 * came.sum() + 3 * came.sum() ** 0.5


def test_a_new_elevator_gets_the_forecast_of_its_make_and_a_wide_interval(fleet: Fleet) -> None:
    model, periods, _ = fleet
    new = [
        Period(elevator=f"new {make}", first_day=date(2022, 6, 1), days=30, exposure_days=0, faults=0, entrapments=0,
               traits={"make": make})
        for make in MAKES
    ]  # fmt: skip
    known = [period for period in periods if period.first_day < CUT]
    lines = {line.elevator: line for line in forecast_fleet(model, build_history([*known, *new]), CUT, 365.0)}
    assert lines["new B"].faults.mean > 1.6 * lines["new A"].faults.mean > 2.5 * lines["new C"].faults.mean
    assert lines["new B"].factors["own"] == pytest.approx(1.0)
    old = [line.faults for name, line in lines.items() if not name.startswith("new") and 10 < line.faults.mean < 14]
    wide = lines["new B"].faults
    assert wide.high - wide.low > np.mean([each.high - each.low for each in old])


def test_the_order_of_rows_does_not_matter() -> None:
    periods, _ = simulated(30, 12)
    shuffled = list(periods)
    random.Random(7).shuffle(shuffled)  # noqa: S311 - any order will do
    assert fit(build_history(periods)) == fit(build_history(shuffled))


def test_too_little_history_counts_as_the_prior_and_says_so() -> None:
    few = [Period(elevator=name, first_day=date(2026, 1, 1), days=31, exposure_days=31, faults=0) for name in "abc"]
    model = fit(build_history(few))
    assert model.thin
    assert model.entrapments is None
    (state, *_), _ = states(model, build_history(few))
    year = expect(model.faults, state, date(2026, 2, 1), 365.25, 0.8)
    assert 0.4 * prior().faults_per_year.value < year.mean < prior().faults_per_year.value


def test_a_seasonal_fleet_is_forecast_with_its_season() -> None:
    draw = np.random.default_rng(3)
    periods = [
        Period(elevator=f"e{n}", first_day=date(2020 + m // 12, m % 12 + 1, 1), days=28, exposure_days=28,
               faults=float(draw.poisson(2.0 * (2.0 if m % 12 in (5, 6, 7) else 0.8))))
        for n in range(60)
        for m in range(36)
    ]  # fmt: skip
    model = fit(build_history(periods))
    summer, winter = np.exp(model.faults.groups.season[6]), np.exp(model.faults.groups.season[0])
    assert summer / winter == pytest.approx(2.5, rel=0.15)


def test_chances_of_counts_are_the_negative_binomials() -> None:
    count, mean, index = np.arange(400.0), np.full(400, 7.5), np.full(400, 1.7)
    chances = np.exp(log_chance(count, mean, index))
    assert chances.sum() == pytest.approx(1.0, abs=1e-6)
    assert (chances * count).sum() == pytest.approx(7.5, rel=1e-6)
    assert (chances * (count - 7.5) ** 2).sum() == pytest.approx(7.5 + 7.5**2 / 1.7, rel=1e-4)
    assert chance_up_to(count, mean, index) == pytest.approx(np.cumsum(chances), abs=1e-9)


def test_an_interval_is_the_shortest_run_whose_chance_is_nearest_to_the_level() -> None:
    low, high, held = intervals(np.array([2.0]), np.array([1e9]), 0.8)
    # Poisson 2: 0 and 3 have 0.135 and 0.180, 1 and 2 have 0.271 each; {1, 2, 3} holds 0.722, {0, 1, 2, 3} 0.857.
    assert (low[0], high[0]) == (0, 3)
    assert held[0] == pytest.approx(0.857, abs=1e-3)


def test_the_level_of_a_fleet_goes_down_where_many_hardly_ever_fail_but_never_below_its_bound() -> None:
    quiet, busy = np.full(50, 0.001), np.full(50, 12.0)
    assert fleet_level(busy, np.full(50, 4.0)) == pytest.approx(0.8, abs=0.011)
    assert fleet_level(np.concatenate([quiet, busy]), np.full(100, 4.0)) < 0.79
