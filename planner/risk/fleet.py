"""Forecasts of a whole fleet for the same days, in words, the worst first."""

from __future__ import annotations

from datetime import date

import numpy as np
from msgspec import Struct

from planner.intervals.receipt import Text
from planner.risk.counts import LEVEL, fleet_level
from planner.risk.forecast import Expected, State, expect, states
from planner.risk.history import History
from planner.risk.model import OutcomeModel, RiskModel
from planner.risk.words import expected_sentence, factors_sentence


class FleetForecast(Struct, frozen=True, kw_only=True):
    """One elevator."""

    elevator: str
    faults: Expected
    entrapments: Expected | None
    faults_words: Text
    entrapments_words: Text | None
    because: Text
    factors: dict[str, float]


def forecast_fleet(model: RiskModel, history: History, from_day: date, days: float) -> list[FleetForecast]:
    """Forecast every elevator, all of the days under watch."""
    faults, entrapments = states(model, history)
    first = expect_all(model.faults, faults, from_day, days)
    second: list[Expected] | None = None
    if model.entrapments is not None and entrapments is not None:
        second = expect_all(model.entrapments, entrapments, from_day, days)
    lines = [
        FleetForecast(
            elevator=state.elevator, faults=first[place], entrapments=second[place] if second else None,
            faults_words=expected_sentence("faults", first[place]),
            entrapments_words=expected_sentence("entrapments", second[place]) if second else None,
            because=factors_sentence(state), factors=state.factors,
        )
        for place, state in enumerate(faults)
    ]  # fmt: skip
    return sorted(lines, key=lambda line: (-line.faults.mean, line.elevator))


def expect_all(model: OutcomeModel, found: list[State], from_day: date, days: float) -> list[Expected]:
    """Forecast all elevators with the level at which 80 % of the fleet's counts are to fall inside."""
    rough = [expect(model, state, from_day, days, LEVEL) for state in found]
    level = fleet_level(np.array([each.mean for each in rough]), np.array([each.index for each in rough]))
    return rough if level == LEVEL else [expect(model, state, from_day, days, level) for state in found]
