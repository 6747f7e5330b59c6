"""What the model claims, on real months that it was not fitted on (extracts; the whole is a benchmark)."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
import pytest

from planner.risk.files import read_counts
from planner.risk.score import Score, ScoreTable, score, worst_share
from tests.support.outages import DB, mta

CUTS = [date(2022, 7, 1), date(2023, 1, 1)]


@cache
def table() -> ScoreTable:
    return score(mta(), CUTS, (1, 3, 6, 12))


def mean_of(outcome: str, method: str, name: str, months: tuple[int, ...], scores: list[Score] | None = None) -> float:
    chosen = [
        getattr(each, name)
        for each in scores or table().scores
        if (each.outcome, each.method) == (outcome, method) and each.months in months
    ]
    assert chosen
    return float(np.mean(chosen))


@pytest.mark.parametrize("outcome", ["faults", "entrapments"])
@pytest.mark.parametrize("rival", ["last_year", "last_year_poisson", "pooled", "own_only", "last_quarter"])
def test_later_months_are_forecast_better_than_by_simple_rates(outcome: str, rival: str) -> None:
    for months in (3, 6, 12):
        assert mean_of(outcome, "model", "log_score", (months,)) > mean_of(outcome, rival, "log_score", (months,))


@pytest.mark.parametrize("outcome", ["faults", "entrapments"])
def test_eighty_percent_intervals_hold(outcome: str) -> None:
    assert 0.76 <= mean_of(outcome, "model", "held", (1, 3, 6, 12)) <= 0.84
    assert 0.76 <= mean_of(outcome, "model", "held_randomised", (1, 3, 6, 12)) <= 0.84


def test_the_worst_fifth_has_more_of_the_entrapments_than_by_last_years_rate_of_faults() -> None:
    found = mean_of("entrapments", "model", "worst_fifth", (6, 12))
    assert found > 1.05 * mean_of("entrapments", "last_year_faults", "worst_fifth", (6, 12))
    assert found > 1.7 * mean_of("entrapments", "pooled", "worst_fifth", (6, 12))


def test_elevators_without_a_history_are_forecast_better_than_by_the_mean_of_all() -> None:
    fresh = table().new_elevators
    for outcome in ("faults", "entrapments"):
        assert mean_of(outcome, "model", "log_score", (3, 6, 12), fresh) > mean_of(
            outcome, "pooled", "log_score", (3, 6, 12), fresh
        )
        assert 0.74 <= mean_of(outcome, "model", "held_randomised", (1, 3, 6, 12), fresh) <= 0.88


def test_another_country_and_half_a_year_are_enough_to_beat_simple_rates() -> None:
    found = score(read_counts(DB).history, [date(2001, 7, 1)], (1, 3, 6), new=False).scores
    for rival in ("last_year", "pooled", "last_quarter"):
        assert mean_of("faults", "model", "log_score", (1, 3, 6), found) > mean_of(
            "faults", rival, "log_score", (1, 3, 6), found
        )
    assert 0.74 <= mean_of("faults", "model", "held_randomised", (1, 3, 6), found) <= 0.86


def test_ties_count_in_part() -> None:
    came, forecast = np.array([4.0, 0, 0, 0, 6.0, 0, 0, 0, 0, 0]), np.array([2.0, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    assert worst_share(came, forecast) == pytest.approx((4 + 6 / 9) / 10, abs=1e-3)
    assert worst_share(np.zeros(10), forecast) is None
