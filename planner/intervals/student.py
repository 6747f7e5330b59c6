"""Student's t distribution for whole degrees of freedom, in closed form: no library is loaded for two functions.

The sums are those of Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.7.3 and 26.7.4.
"""

from __future__ import annotations

import math
from functools import lru_cache

_FARTHEST = 1e6
"""Quantiles are looked for up to here; of one degree of freedom that is a chance of 3 in ten million."""


def chance_above(value: float, degrees: int) -> float:
    """Return the chance that a t-distributed quantity is larger than a value.

    Parameters
    ----------
    value
        The value; infinity is allowed.
    degrees
        Degrees of freedom, 1 or more.
    """
    if math.isinf(value):
        return 0.0 if value > 0 else 1.0
    within = _within(abs(value), degrees)
    return (1 - within) / 2 if value >= 0 else (1 + within) / 2


def _within(value: float, degrees: int) -> float:
    """Return the chance of lying between minus and plus a value, which is not negative."""
    angle = math.atan(value / math.sqrt(degrees))
    square = math.cos(angle) ** 2
    term, total = 1.0, 0.0
    if degrees % 2:
        for i in range(1, (degrees - 1) // 2 + 1):
            total += term
            term *= square * (2 * i) / (2 * i + 1)
        found = (2 / math.pi) * (angle + math.sin(angle) * math.cos(angle) * total)
    else:
        for i in range(1, degrees // 2 + 1):
            total += term
            term *= square * (2 * i - 1) / (2 * i)
        found = math.sin(angle) * total
    return min(1.0, max(0.0, found))


@lru_cache(maxsize=1024)
def quantile_above(chance: float, degrees: int) -> float:
    """Return the value that is passed with a chance.

    Parameters
    ----------
    chance
        Above 0, at most 0.5: the upper end.
    degrees
        Degrees of freedom, 1 or more.
    """
    low, high = 0.0, 1.0
    while chance_above(high, degrees) > chance and high < _FARTHEST:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if chance_above(middle, degrees) > chance else (low, middle)
    return high
