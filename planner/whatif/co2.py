"""The factor from kilometres to CO₂."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from importlib import resources

import msgspec

KM_PER_MILE = 1.609344
"""International mile."""


class Co2Factor(msgspec.Struct, frozen=True, kw_only=True):
    """What a kilometre emits, and who says so."""

    id: str
    kg_per_km: float
    title_zh: str
    title_en: str
    source: str
    url: str
    dated: date
    mark: str
    """`verified`, `expert` or `design`, as in rule packs."""


@cache
def co2_factor() -> Co2Factor:
    """Return the factor of this version."""
    raw = tomllib.loads(resources.files("planner.whatif").joinpath("co2.toml").read_text("utf-8"))
    grams = raw.pop("grams_per_mile")
    return Co2Factor(**raw, kg_per_km=round(grams / 1000 / KM_PER_MILE, 4))
