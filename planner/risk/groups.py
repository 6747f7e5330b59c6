"""Group effects: how much more or less often elevators of a make, an age or a site fail, each shrunk to what its data carry.

The log-rate is a sum of one effect per factor, each drawn from a normal distribution of its own spread. An elevator's own level
is a Gamma factor and is integrated out, so that one bad elevator does not pass for a bad make: its counts weigh
k / (k + expected) in place of 1. Effects and spreads are found by Newton steps and EM, factor after factor.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from planner.risk.history import MONTHS_PER_YEAR, NO_SEASON, UNKNOWN, Codes, Factor, Floats

ROUNDS = 50
"""Enough for the spreads to stand still in the third digit; every round is a handful of sums over the grid."""

FORGET_MONTHS = 48.0
"""Half-life of what groups have shown: a make does not change, but how it is kept does."""

SEASON_BURSTS = 3.0
"""Counts of a month come in bursts: as evidence of a season three of them weigh as one."""

_STEP = 0.7
"""Share of a Newton step, for factors that say nearly the same (a district and its sites)."""

_FIRST_SPREAD, _FIRST_SEASON_SPREAD, _LEAST_VARIANCE = 0.5, 0.15, 1e-5
_USUAL_SPREAD, _USUAL_WEIGHT = 0.3, 2.0
"""Standard deviation that the effects of a factor are expected to have, and how many levels that expectation counts for: the
spread of two makes says little of the spread of makes."""

_UNTOLD_SPREAD = 1.0
_MEAN_SPREAD = 1.0
"""Standard deviation of the log mean rate about the rate that was expected before any count: a factor of 2.7."""


class GroupEffects(Struct, frozen=True, kw_only=True):
    """Effects on the log-rate."""

    log_mean: float
    """Log of faults a day of an elevator without any effect."""

    effects: dict[str, dict[str, float]]
    """Factor → level → effect; what is not named has 0."""

    errors: dict[str, dict[str, float]]
    """Standard errors, in the same places."""

    spreads: dict[str, float]
    """Factor → standard deviation of its effects."""

    season: list[float]
    """Effect of each month of the year, January first."""

    season_spread: float


def fit_groups(
    counts: Floats, exposure: Floats, factors: Sequence[Factor], season: Codes, own_shape: float, expected_per_day: float
) -> GroupEffects:
    """Estimate the effects from counts.

    Parameters
    ----------
    counts, exposure
        (elevators, months); the exposure in days, or in days times what else is known of the rate.
    factors
        With codes for at least these months.
    season
        (months,).
    own_shape
        Shape of the elevators' own Gamma factor.
    expected_per_day
        Mean rate that is expected before anything is known.
    """
    return _Fit(counts, exposure, factors, season, own_shape, expected_per_day).run()


class _Fit:
    def __init__(
        self, counts: Floats, exposure: Floats, factors: Sequence[Factor], season: Codes, own_shape: float, expected: float
    ) -> None:
        months = counts.shape[1]
        self.counts, self.exposure, self.own_shape = counts, exposure, own_shape
        self.factors = factors
        self.codes = [factor.codes[:, :months] for factor in factors]
        self.effects = [np.zeros(len(factor.levels)) for factor in factors]
        self.errors = [np.zeros(len(factor.levels)) for factor in factors]
        self.variances = [_FIRST_SPREAD**2] * len(factors)
        self.untold = [factor.levels.index(UNKNOWN) if UNKNOWN in factor.levels else None for factor in factors]
        self.season_codes = np.broadcast_to(season[:months], counts.shape)
        self.season = np.zeros(MONTHS_PER_YEAR + 1)
        self.season_variance = _FIRST_SEASON_SPREAD**2
        self.log_expected = self.log_mean = float(np.log(expected))
        self.forget = 0.5 ** (np.arange(months)[::-1] / FORGET_MONTHS)

    def run(self) -> GroupEffects:
        for _ in range(ROUNDS):
            self._mean()
            for number in range(len(self.factors)):
                self._factor(number)
            if (self.season_codes != NO_SEASON).any():
                self._season()
        return GroupEffects(
            log_mean=self.log_mean,
            effects={f.name: _named(f, effects) for f, effects in zip(self.factors, self.effects, strict=True)},
            errors={f.name: _named(f, errors) for f, errors in zip(self.factors, self.errors, strict=True)},
            spreads={f.name: round(v**0.5, 6) for f, v in zip(self.factors, self.variances, strict=True)},
            season=[round(float(each), 6) for each in self.season[:MONTHS_PER_YEAR]],
            season_spread=round(self.season_variance**0.5, 6),
        )

    def _expected(self) -> Floats:
        log_rate = self.log_mean + self.season[self.season_codes]
        for effects, codes in zip(self.effects, self.codes, strict=True):
            log_rate = log_rate + effects[codes]
        expected: Floats = self.exposure * np.exp(log_rate)
        return expected

    def _weights(self, expected: Floats) -> Floats:
        """Return what a count of each cell weighs once the elevators' own factors are integrated out."""
        of_elevator = (expected * self.forget).sum(axis=1)
        weights: Floats = (self.own_shape / (self.own_shape + of_elevator))[:, None] * self.forget
        return weights

    def _mean(self) -> None:
        expected = self._expected()
        weights = self._weights(expected)
        precision = 1 / _MEAN_SPREAD**2
        score = ((self.counts - expected) * weights).sum() - (self.log_mean - self.log_expected) * precision
        self.log_mean += float(np.clip(score / ((expected * weights).sum() + precision), -1, 1))

    def _factor(self, number: int) -> None:
        expected = self._expected()
        weights = self._weights(expected)
        levels, codes = len(self.effects[number]), self.codes[number].ravel()
        residual: Floats = np.bincount(codes, ((self.counts - expected) * weights).ravel(), levels).astype(np.float64)
        information: Floats = np.bincount(codes, (expected * weights).ravel(), levels).astype(np.float64)
        effects, self.errors[number], self.variances[number] = _shrunk(
            self.effects[number], residual, information, self.variances[number], self.untold[number]
        )
        # The mean of all stays in the mean: otherwise it would wander between the factors for a hundred rounds.
        middle = float((effects * information).sum() / max(float(information.sum()), 1e-9))
        self.effects[number] = effects - middle
        self.log_mean += middle

    def _season(self) -> None:
        """Compare the months within each elevator: its own level is known well enough, and cancels out."""
        expected = self._expected()
        own = (self.own_shape + (self.counts * self.forget).sum(axis=1)) / (
            self.own_shape + (expected * self.forget).sum(axis=1)
        )
        expected = expected * own[:, None]
        weights = self.forget / SEASON_BURSTS
        codes = self.season_codes.ravel()
        residual: Floats = np.bincount(codes, ((self.counts - expected) * weights).ravel(), NO_SEASON + 1).astype(np.float64)
        information: Floats = np.bincount(codes, (expected * weights).ravel(), NO_SEASON + 1).astype(np.float64)
        effects, _, self.season_variance = _shrunk(
            self.season[:NO_SEASON], residual[:NO_SEASON], information[:NO_SEASON], self.season_variance
        )
        self.season[:NO_SEASON] = effects


def _shrunk(
    effects: Floats, residual: Floats, information: Floats, variance: float, free: int | None = None
) -> tuple[Floats, Floats, float]:
    """Take a Newton step to the effects' most probable values and an EM step of their variance.

    Parameters
    ----------
    free
        Place of the level of those of whom nothing is told: they need not be like any others, so it has a wide spread.
    """
    variances = np.full(len(effects), variance)
    if free is not None:
        variances[free] = _UNTOLD_SPREAD**2
    precision = information + 1 / variances
    step = (residual - effects / variances) / precision
    moved = effects + _STEP * np.clip(step, -1, 1)
    seen = information > 0
    if free is not None:
        seen[free] = False
    squares = float((moved**2 + 1 / precision)[seen].sum()) + _USUAL_WEIGHT * _USUAL_SPREAD**2
    variance = squares / (float(seen.sum()) + _USUAL_WEIGHT)
    return moved, np.sqrt(1 / precision), max(variance, _LEAST_VARIANCE)


def _named(factor: Factor, values: Floats) -> dict[str, float]:
    return {level: round(float(value), 6) for level, value in zip(factor.levels, values, strict=True)}


def rates(groups: GroupEffects, factors: Sequence[Factor], season: Codes) -> Floats:
    """Return the rate per day of each elevator and month by its groups alone, (elevators, months)."""
    seasonal = np.array([*groups.season, 0.0])
    log_rate = groups.log_mean + seasonal[season][None, :]
    for factor in factors:
        known = groups.effects.get(factor.name, {})
        log_rate = log_rate + np.array([known.get(level, 0.0) for level in factor.levels])[factor.codes]
    result: Floats = np.exp(log_rate)
    return result


def unsure(groups: GroupEffects, factors: Sequence[Factor]) -> Floats:
    """Return the squared standard error of the log-rate of each elevator and month by its groups, (elevators, months).

    A level that was never seen has the spread of its factor.
    """
    total = np.zeros(factors[0].codes.shape) if factors else np.zeros((1, 1))
    for factor in factors:
        known, spread = groups.errors.get(factor.name, {}), groups.spreads.get(factor.name, 0.0)
        total = total + np.array([known.get(level, spread) ** 2 for level in factor.levels])[factor.codes]
    return total
