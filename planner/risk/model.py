"""A fitted model of one outcome: every parameter by name, nothing else."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from planner.risk.groups import GroupEffects
from planner.risk.memory import MemoryShape

Outcome = Literal["faults", "entrapments"]


class OutcomeModel(Struct, frozen=True, kw_only=True):
    """What was estimated of faults, or of entrapments."""

    outcome: Outcome
    groups: GroupEffects
    memory: MemoryShape
    log_score: float
    """Mean log score of the forecasts inside the past from which the memory was chosen; 0 where there were none."""


class RiskModel(Struct, frozen=True, kw_only=True):
    """Both outcomes, fitted on one history."""

    schema: Literal["liftrounds/risk/1"] = "liftrounds/risk/1"
    fitted_on: str
    """First day that was not known to the fit, ISO 8601."""

    elevators: int
    months: int
    exposure_days: float
    counted_faults: float
    counted_entrapments: float | None
    thin: bool
    """Too little was seen to estimate anything: the prior's rates count, and say so."""

    faults: OutcomeModel
    entrapments: OutcomeModel | None
    """None where entrapments are not counted."""
