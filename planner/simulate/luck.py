"""Drawing from distributions, with the standard library alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random


def poisson_days(chance: Random, per_year: float, days: int) -> Iterator[int]:
    """Yield the days of a Poisson process, ascending; a day may come twice."""
    if per_year <= 0:
        return
    at = chance.expovariate(per_year / 365.25)
    while at < days:
        yield int(at)
        at += chance.expovariate(per_year / 365.25)


def weighted(chance: Random, weights: Mapping[str, float]) -> str:
    """Return one of the names, by weight."""
    return chance.choices(list(weights), weights=list(weights.values()))[0]
