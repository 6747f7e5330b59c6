"""The rates and shapes that count before anything is known, read from `prior.toml`."""

from __future__ import annotations

import datetime
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from planner.risk.memory import MemoryShape
from planner.risk.model import Outcome

Mark = Literal["verified", "expert", "design"]


class Value(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number with where it comes from."""

    value: float
    mark: Mark
    source: str
    valid_from: datetime.date = msgspec.field(name="from")


class Prior(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of `prior.toml`."""

    faults_per_year: Value
    entrapments_per_year: Value
    least_faults: Value
    memory: dict[str, MemoryShape]

    def per_day(self, outcome: Outcome) -> float:
        """Return the rate of an outcome."""
        return (self.faults_per_year if outcome == "faults" else self.entrapments_per_year).value / 365.25


@cache
def prior() -> Prior:
    """Return the prior of this version, read once."""
    return msgspec.toml.decode((Path(__file__).parent / "prior.toml").read_bytes(), type=Prior)
