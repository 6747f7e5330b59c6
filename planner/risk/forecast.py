"""What is expected of each elevator over some days to come, with an interval and the factors that make it up."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from msgspec import Struct

from planner.risk.counts import fleet_level, intervals
from planner.risk.fit import ahead, counts_of, months_in, months_known
from planner.risk.groups import rates, unsure
from planner.risk.history import Floats, History
from planner.risk.memory import Memory, fading, index, remember
from planner.risk.model import OutcomeModel, RiskModel

LEAST_FACTOR = 0.05
"""A factor nearer to 1 than this is not told."""


class Forecasts(Struct, frozen=True, kw_only=True):
    """Forecasts of one outcome for all elevators of a history, (elevators,)."""

    mean: Floats
    index: Floats
    """r of the negative binomial distribution."""

    low: Floats
    high: Floats
    """The 80 % interval, both ends included."""

    level: float
    """The chance that each interval comes nearest to (`counts.fleet_level`)."""


class State(Struct, frozen=True, kw_only=True):
    """What an elevator's forecasts need, beside the model: enough to forecast any days without the history."""

    elevator: str
    rate_per_day: float
    """By its groups, without season."""

    factors: dict[str, float]
    """Group → factor on the mean rate; `own` and `recent` for its own history, `link` for its faults (entrapments only)."""

    levels: dict[str, str]
    """Group → the elevator's level."""

    shape: float
    """Shape of the Gamma distribution of `own`."""

    error: float
    """Squared error of the log-rate by its groups that the own history has not replaced."""


class Expected(Struct, frozen=True, kw_only=True):
    """A forecast for one elevator and some days."""

    days: float
    mean: float
    low: int
    high: int
    index: float


def memories(model: RiskModel, history: History, known: int) -> tuple[Memory, Memory | None, Floats | None]:
    """Return what all elevators' own histories say: of faults, of entrapments, and the link between them."""
    faults = _memory(model.faults, history, known, None)
    if model.entrapments is None:
        return faults, None, None
    log_link = np.log(faults.own)
    return faults, _memory(model.entrapments, history, known, log_link), log_link


def _memory(model: OutcomeModel, history: History, known: int, log_link: Floats | None) -> Memory:
    expected = (history.exposure * rates(model.groups, history.factors, history.season))[:, :known]
    if log_link is not None:
        expected = expected * np.exp(model.memory.link * log_link[:, :known])
    return remember(counts_of(history, model.outcome)[:, :known], expected, model.memory)


def forecast_months(model: RiskModel, history: History, until: date, months: int) -> tuple[Forecasts, Forecasts | None]:
    """Forecast the counts of some months from a day on, given the days under watch in them.

    Parameters
    ----------
    model
        Fitted on the months before the day.
    history
        Of it only counts before the day are looked at; from then on its exposure and groups.
    until
        First day of the first month to come.

    Returns
    -------
    tuple[Forecasts, Forecasts | None]
        Faults and entrapments; None where those are not counted.
    """
    known = months_known(history, until)
    faults, entrapments, log_link = memories(model, history, known)
    first = _months(model.faults, history, faults, known, months, None)
    if model.entrapments is None or entrapments is None:
        return first, None
    return first, _months(model.entrapments, history, entrapments, known, months, log_link)


def _months(
    model: OutcomeModel, history: History, memory: Memory, known: int, months: int, log_link: Floats | None
) -> Forecasts:
    span = slice(known, known + months)
    expected = (history.exposure * rates(model.groups, history.factors, history.season))[:, span].sum(axis=1)
    mean = expected * ahead(memory, known, float(months), model.memory)
    if log_link is not None:
        mean = mean * np.exp(model.memory.link * log_link[:, known])
    column = min(known, len(history.months) - 1)
    error = np.broadcast_to(unsure(model.groups, history.factors), history.exposure.shape)[:, column]
    spread = index(memory.shape[:, known], error * memory.open[:, known] ** 2, float(months), model.memory)
    watched = mean > 0
    level = fleet_level(mean[watched], spread[watched])
    low, high, _ = intervals(mean, spread, level)
    return Forecasts(mean=mean, index=spread, low=low, high=high, level=level)


def states(model: RiskModel, history: History) -> tuple[list[State], list[State] | None]:
    """Return each elevator's state after the whole history."""
    known = len(history.months)
    faults, entrapments, log_link = memories(model, history, known)
    first = _states(model.faults, history, faults, None)
    if model.entrapments is None or entrapments is None:
        return first, None
    return first, _states(model.entrapments, history, entrapments, log_link)


def _states(model: OutcomeModel, history: History, memory: Memory, log_link: Floats | None) -> list[State]:
    mean = float(np.exp(model.groups.log_mean))
    linked = np.ones(len(history.elevators)) if log_link is None else np.exp(model.memory.link * log_link[:, -1])
    errors = np.broadcast_to(unsure(model.groups, history.factors), history.exposure.shape)[:, -1] * memory.open[:, -1] ** 2
    found = []
    for place, elevator in enumerate(history.elevators):
        levels = {factor.name: factor.levels[factor.codes[place, -1]] for factor in history.factors}
        factors = {
            name: round(float(np.exp(model.groups.effects.get(name, {}).get(level, 0.0))), 6) for name, level in levels.items()
        }
        rate = mean * float(np.prod(list(factors.values()))) if factors else mean
        if log_link is not None:
            factors["link"] = round(float(linked[place]), 6)
        factors["own"] = round(float(memory.own[place, -1]), 6)
        factors["recent"] = round(float(memory.recent[place, -1]), 6)
        found.append(
            State(
                elevator=elevator, rate_per_day=rate, factors=factors, levels=levels, shape=float(memory.shape[place, -1]),
                error=float(errors[place]),
            )
        )  # fmt: skip
    return found


def expect(model: OutcomeModel, state: State, from_day: date, days: float, level: float) -> Expected:
    """Forecast one elevator's count in some days, all of them under watch.

    Parameters
    ----------
    days
        More than 0; up to three years, over which the season is averaged.
    level
        Chance that the interval comes nearest to.
    """
    months = months_in(days)
    own = state.factors["own"] * state.factors.get("link", 1.0)
    fades = float(fading(months, model.memory))
    mean = state.rate_per_day * days * own * (1 + (state.factors["recent"] - 1) * fades) * season_of(model, from_day, days)
    spread = index(np.array([state.shape]), np.array([state.error]), months, model.memory)
    low, high, _ = intervals(np.array([mean]), spread, level)
    return Expected(days=days, mean=mean, low=int(low[0]), high=int(high[0]), index=float(spread[0]))


def season_of(model: OutcomeModel, from_day: date, days: float) -> float:
    """Return the mean factor of the season over some days."""
    steps = max(1, int(days // 7))
    at = [from_day + timedelta(days=(step + 0.5) * days / steps) for step in range(steps)]
    return float(np.mean([np.exp(model.groups.season[day.month - 1]) for day in at]))


def told_factors(state: State) -> list[tuple[str, float]]:
    """Return the factors worth telling, own history first, then by how much each changes."""
    others = [(name, value) for name, value in state.factors.items() if name not in ("own", "recent", "link")]
    first = [(name, state.factors[name]) for name in ("own", "recent", "link") if name in state.factors]
    ordered = first + sorted(others, key=lambda each: -abs(np.log(each[1])))
    return [(name, value) for name, value in ordered if abs(value - 1) >= LEAST_FACTOR]
