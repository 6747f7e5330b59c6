"""Service times as others see them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec import Struct


class FactorView(Struct, frozen=True, kw_only=True):
    """How much longer (above 1) or shorter visits are, all else being equal."""

    id: UUID | None = None
    """Of an elevator or technician."""

    name: str
    factor: float
    from_factor: float
    """Eight in ten such factors lie between these two, given what was seen."""

    to_factor: float
    visits: float
    """Seen, old ones by their weight."""


class ServiceTimesView(Struct, frozen=True, kw_only=True):
    """What a firm's visits taught about how long they take."""

    learnt_on: date | None
    """Local day; None before the first night with visits."""

    visits: int = 0
    left_out: int = 0
    """Dwells that were no evidence: shorter than the rules allow, or departures that were forgotten."""

    overall: float = 1.0
    """All visits against the rule packs' times, as a factor of the mean."""

    classes: list[FactorView] = []
    groups: list[FactorView] = []
    technicians: list[FactorView] = []
    elevators: list[FactorView] = []
    """Those that differ most."""
