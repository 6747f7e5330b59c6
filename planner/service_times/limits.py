"""How service times are learnt, as data."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Literal

import msgspec
from msgspec import Struct

Effect = Literal["all", "maintenance_class", "group", "site", "elevator", "technician"]
"""What a visit's time may depend on."""

EFFECTS: tuple[Effect, ...] = ("all", "maintenance_class", "group", "site", "elevator", "technician")


class Spread(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number for each effect, and one for what differs from visit to visit."""

    all: float
    maintenance_class: float
    group: float
    site: float
    elevator: float
    technician: float
    visit: float

    def of(self, effect: Effect) -> float:
        """Return the number of an effect."""
        number: float = getattr(self, effect)
        return number


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The values of `limits.toml`, which says what each means."""

    mark: str
    half_life_days: float
    least_share: float
    most_share: float
    longest_h: float
    stops_bands: tuple[int, ...]
    spread: Spread
    believed_as: Spread

    @property
    def longest_s(self) -> float:
        """Longest dwell that is evidence, in seconds."""
        return self.longest_h * 3600


@cache
def limits() -> Limits:
    """Return the values."""
    return msgspec.toml.decode(resources.files(__package__).joinpath("limits.toml").read_bytes(), type=Limits)
