"""Forecasts held against what came: log scores, how much the intervals hold, and who was warned of.

Every cut is a day up to which all is known; each method forecasts the months after it. The spread that a baseline needs is
estimated on the past only, by forecasting the last stretch before the cut.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date

import msgspec
import numpy as np
from msgspec import Struct

from planner.risk.counts import LEVEL, fleet_level, held_randomised, intervals, log_chance
from planner.risk.fit import counts_of, fit, months_known
from planner.risk.forecast import forecast_months
from planner.risk.history import Floats, History
from planner.risk.model import Outcome, RiskModel

YEAR = 12
WORST = 0.2
FOLDS = 5
"""Elevators lose their own history a fifth at a time, each once, to see what new ones get."""

_INDEXES = np.exp(np.linspace(-2.5, 6, 60))
"""Dispersions that a baseline may have."""

_HALF = 0.5
"""A baseline's elevator that had no fault last year is given half of one: its log score would be minus infinity otherwise."""

_POISSON = 1e6

METHODS = ("model", "last_year", "last_year_poisson", "last_year_faults", "pooled", "own_only", "last_quarter")
"""`last_year_faults` ranks and forecasts by last year's faults; for faults it is `last_year` again."""


AS_NEW = ("model", "pooled")


class Score(Struct, frozen=True, kw_only=True):
    """One method, outcome, cut and horizon."""

    outcome: Outcome
    cut: date
    months: int
    method: str
    elevators: int
    count: float
    expected: float
    log_score: float
    """Mean over elevators, higher is better."""

    held: float
    """Share of counts inside the 80 % intervals."""

    held_randomised: float
    """The same without the grain of whole numbers."""

    worst_fifth: float | None
    """Share of all that came which fell to the fifth of elevators with the highest forecasts; ties count in part."""


class ScoreTable(Struct, frozen=True, kw_only=True):
    """All scores, and those of elevators whose own history was taken away."""

    scores: list[Score]
    new_elevators: list[Score]
    models: list[RiskModel]


def score(history: History, cuts: Sequence[date], horizons: Sequence[int], *, new: bool = True) -> ScoreTable:
    """Score the model and the baselines.

    Parameters
    ----------
    cuts
        First days that are not known.
    horizons
        Months ahead; those that reach beyond the history are left out.
    new
        Whether every elevator is forecast as a new one, too: by groups that were fitted without it.
    """
    scores: list[Score] = []
    fresh: list[Score] = []
    models = []
    for cut in cuts:
        model = fit(history, cut)
        models.append(model)
        known = months_known(history, cut)
        reachable = [months for months in horizons if known + months <= len(history.months)]
        parts = {months: _forecast(history, model, cut, months) for months in reachable}
        scores += [each for months in reachable for each in _scores(history, parts[months], cut, months, METHODS)]
        if new and len(history.elevators) >= FOLDS:
            unseen = _as_new(history, model, cut, reachable)
            fresh += [each for months in reachable for each in _scores(history, unseen[months], cut, months, AS_NEW)]
    return ScoreTable(scores=scores, new_elevators=fresh, models=models)


_Parts = dict[Outcome, tuple[Floats, Floats]]
"""Outcome → mean and index of all elevators."""


def _forecast(history: History, model: RiskModel, cut: date, months: int) -> _Parts:
    found = zip(_OUTCOMES, forecast_months(model, history, cut, months), strict=True)
    return {outcome: (each.mean, each.index) for outcome, each in found if each is not None}


def _as_new(history: History, model: RiskModel, cut: date, horizons: Sequence[int]) -> dict[int, _Parts]:
    """Forecast each elevator by groups that were fitted without it; the memory's numbers are the whole fleet's."""
    folds = _folds(history.elevators)
    known = months_known(history, cut)
    parts: dict[int, _Parts] = {months: {} for months in horizons}
    for fold in range(FOLDS):
        chosen = folds == fold
        blind = _without_past(history, chosen, known)
        blind_model = fit(blind, cut, like=model)
        for months in horizons:
            for outcome, (mean, index) in _forecast(blind, blind_model, cut, months).items():
                whole = parts[months].setdefault(outcome, (np.zeros(len(folds)), np.ones(len(folds))))
                whole[0][chosen], whole[1][chosen] = mean[chosen], index[chosen]
    return parts


def _folds(elevators: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the fold of each elevator, always the same."""
    order = sorted(range(len(elevators)), key=lambda place: hashlib.sha256(elevators[place].encode()).digest())
    folds = np.empty(len(elevators), dtype=np.intp)
    folds[order] = np.arange(len(elevators)) % FOLDS
    return folds


def _without_past(history: History, chosen: np.ndarray[tuple[int], np.dtype[np.bool_]], known: int) -> History:
    """Return the history in which chosen elevators begin at the cut."""
    begin = np.where(chosen, known, 0)[:, None] <= np.arange(len(history.months))[None, :]
    return msgspec.structs.replace(
        history, faults=history.faults * begin, exposure=history.exposure * begin,
        entrapments=None if history.entrapments is None else history.entrapments * begin,
    )  # fmt: skip


def _scores(history: History, parts: _Parts, cut: date, months: int, methods: Sequence[str]) -> list[Score]:
    known = months_known(history, cut)
    span = slice(known, known + months)
    watched = history.exposure[:, span].sum(axis=1) > 0
    found = []
    for outcome, model in parts.items():
        came = counts_of(history, outcome)[watched, span].sum(axis=1)
        for method in methods:
            mean, index = model if method == "model" else _baseline(method, history, outcome, known, months)
            found.append(_score(outcome, cut, months, method, came, mean[watched], index[watched]))
    return found


_OUTCOMES: tuple[Outcome, Outcome] = ("faults", "entrapments")


def _score(outcome: Outcome, cut: date, months: int, method: str, came: Floats, mean: Floats, index: Floats) -> Score:
    low, high, _ = intervals(mean, index, fleet_level(mean, index))
    return Score(
        outcome=outcome, cut=cut, months=months, method=method, elevators=len(came), count=float(came.sum()),
        expected=round(float(mean.sum()), 2), log_score=round(float(log_chance(came, mean, index).mean()), 5),
        held=round(float(((came >= low) & (came <= high)).mean()), 4),
        held_randomised=round(float(held_randomised(came, mean, index, LEVEL).mean()), 4),
        worst_fifth=worst_share(came, mean),
    )  # fmt: skip


def worst_share(came: Floats, forecast: Floats, share: float = WORST) -> float | None:
    """Return which share of all counts fell to the elevators with the highest forecasts.

    Elevators with equal forecasts on the border count in part, as if drawn. None where nothing came.
    """
    total = float(came.sum())
    room = share * len(came)
    if total == 0:
        return None
    caught = 0.0
    for value in np.unique(forecast)[::-1]:
        tied = forecast == value
        part = min(1.0, room / float(tied.sum()))
        caught += part * float(came[tied].sum())
        room -= part * float(tied.sum())
        if room <= 0:
            break
    return round(caught / total, 4)


def _baseline(method: str, history: History, outcome: Outcome, known: int, months: int) -> tuple[Floats, Floats]:
    """Return mean and index of a simple method's forecast."""
    rate = _RATES[method]
    counts = counts_of(history, outcome)
    if method == "last_year_faults" and outcome == "entrapments":
        # Faults, scaled to as many as there were entrapments.
        per_fault = max(float(counts[:, :known].sum()), _HALF) / max(float(history.faults[:, :known].sum()), _HALF)
        counts = history.faults * per_fault
    expected = history.exposure[:, known : known + months].sum(axis=1)
    mean = rate(counts[:, :known], history.exposure[:, :known]) * expected
    if method == "last_year_poisson":
        return mean, np.full(len(mean), _POISSON)
    return mean, np.full(len(mean), _spread_in_past(rate, counts, counts_of(history, outcome), history.exposure, known, months))


def _spread_in_past(
    rate: Callable[[Floats, Floats], Floats], counts: Floats, outcome: Floats, exposure: Floats, known: int, months: int
) -> float:
    """Return the index with the best log score when the last stretch before the cut is forecast from what came before."""
    span = min(months, max(1, known // 2))
    before = known - span
    if before < 1:
        return 1.0
    ahead = exposure[:, before:known].sum(axis=1)
    watched = ahead > 0
    mean = (rate(counts[:, :before], exposure[:, :before]) * ahead)[watched]
    came = outcome[watched, before:known].sum(axis=1)
    scores = [log_chance(came, mean, np.full(len(mean), index)).sum() for index in _INDEXES]
    return float(_INDEXES[int(np.argmax(scores))])


def _pooled(counts: Floats, exposure: Floats) -> Floats:
    rate = max(float(counts.sum()), _HALF) / max(float(exposure.sum()), 1.0)
    return np.full(len(counts), rate)


def _last(months: int) -> Callable[[Floats, Floats], Floats]:
    def rate(counts: Floats, exposure: Floats) -> Floats:
        pooled = _pooled(counts, exposure)
        found: Floats = (counts[:, -months:].sum(axis=1) + _HALF) / (exposure[:, -months:].sum(axis=1) + _HALF / pooled)
        return found

    return rate


def _own_only(counts: Floats, exposure: Floats) -> Floats:
    """Gamma–Poisson of the whole history, each elevator for itself; the shape by moments of the totals (Bühlmann–Straub)."""
    pooled = _pooled(counts, exposure)
    expected = exposure.sum(axis=1) * pooled
    total = counts.sum(axis=1)
    seen = expected > 0
    excess = float(((total - expected)[seen] ** 2 - expected[seen]).sum()) / max(float((expected[seen] ** 2).sum()), 1e-9)
    shape = 1 / max(excess, 1e-3)
    rate: Floats = pooled * (shape + total) / (shape + expected)
    return rate


_RATES: dict[str, Callable[[Floats, Floats], Floats]] = {
    "last_year": _last(YEAR),
    "last_year_poisson": _last(YEAR),
    "last_year_faults": _last(YEAR),
    "pooled": _pooled,
    "own_only": _own_only,
    "last_quarter": _last(3),
}
