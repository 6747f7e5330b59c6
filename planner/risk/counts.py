"""Counts to come: the negative binomial distribution, its scores and its intervals.

A count is a whole number, so no interval holds exactly 80 % of it. An interval here is the shortest run of numbers whose chance
lies nearest to a level. Where many elevators hardly ever fail, theirs hold far more, and the level for all may go down a
little, so that 80 % of a fleet's counts are to fall inside (`fleet_level`).
"""

from __future__ import annotations

import numpy as np
from scipy.special import betainc, gammaln

from planner.risk.history import Floats

LEVEL = 0.8
LOWEST_LEVEL = 0.76
"""No single elevator's interval is asked for less, however quiet the others are."""

_LEVELS = (0.80, 0.79, 0.78, 0.77, LOWEST_LEVEL)
_TINY = 1e-12
_WIDEST_CELLS = 4_000_000
"""Cells of chances in memory at once: elevators by counts."""


def log_chance(count: Floats, mean: Floats, index: Floats) -> Floats:
    """Return the log of the chance of counts.

    Parameters
    ----------
    count, mean, index
        Of the same shape; the variance is mean + mean² / index.
    """
    mean = np.maximum(mean, _TINY)
    result: Floats = (
        gammaln(count + index) - gammaln(index) - gammaln(count + 1)
        - index * np.log1p(mean / index) + count * np.log(mean / (index + mean))
    )  # fmt: skip
    return result


def chance_up_to(count: Floats, mean: Floats, index: Floats) -> Floats:
    """Return the chance of at most so many."""
    mean = np.maximum(mean, _TINY)
    result: Floats = np.where(count < 0, 0.0, betainc(index, np.maximum(count, 0) + 1, index / (index + mean)))
    return result


def intervals(mean: Floats, index: Floats, level: float = LEVEL) -> tuple[Floats, Floats, Floats]:
    """Return the lowest and highest count of each interval, both included, and its chance."""
    low, high, held = np.empty_like(mean), np.empty_like(mean), np.empty_like(mean)
    order = np.argsort(mean, kind="stable")
    begin = 0
    while begin < len(order):
        # Elevators of like means share a table of chances, wide enough for the largest of them.
        size = max(1, min(len(order) - begin, _WIDEST_CELLS // _width(mean[order[begin]], index[order[begin]])))
        chunk = order[begin : begin + size]
        while len(chunk) > 1 and len(chunk) * max(map(_width, mean[chunk], index[chunk])) > _WIDEST_CELLS:
            chunk = chunk[: len(chunk) // 2]
        low[chunk], high[chunk], held[chunk] = _intervals(mean[chunk], index[chunk], level)
        begin += len(chunk)
    return low, high, held


def _width(mean: float, index: float) -> int:
    """Return beyond which count hardly anything lies."""
    return int(mean + 12 * np.sqrt(mean + mean**2 / index) + 25)


def _intervals(mean: Floats, index: Floats, level: float) -> tuple[Floats, Floats, Floats]:
    count = np.arange(max(map(_width, mean, index)), dtype=np.float64)[None, :]
    chances = np.exp(log_chance(count, mean[:, None], index[:, None]))
    order = np.argsort(-chances, axis=1, kind="stable")  # the likeliest first: a run, because there is one peak
    held = np.cumsum(np.take_along_axis(chances, order, axis=1), axis=1)
    taken = np.argmin(np.abs(held - level), axis=1)
    inside = np.arange(count.shape[1])[None, :] <= taken[:, None]
    low = np.where(inside, order, count.shape[1]).min(axis=1)
    high = np.where(inside, order, -1).max(axis=1)
    return low.astype(np.float64), high.astype(np.float64), held[np.arange(len(mean)), taken]


def fleet_level(mean: Floats, index: Floats) -> float:
    """Return the level at which 80 % of a fleet's counts are to fall inside their intervals, from 0.76 to 0.80."""
    if len(mean) == 0:
        return LEVEL
    off = [abs(float(intervals(mean, index, level)[2].mean()) - LEVEL) for level in _LEVELS]
    return _LEVELS[int(np.argmin(off))]


def held_randomised(count: Floats, mean: Floats, index: Floats, level: float = LEVEL) -> Floats:
    """Return how much of each count lies in the middle of its distribution: 0, 1, or the part of a count on the border.

    The mean of it is the coverage of equal-tailed intervals with borders drawn at random (Czado, Gneiting and Held 2009),
    without the drawing: it equals the level exactly where the forecasts are right, however small the counts.
    """
    tail = (1 - level) / 2
    below, upto = chance_up_to(count - 1, mean, index), chance_up_to(count, mean, index)
    inside = np.minimum(upto, 1 - tail) - np.maximum(below, tail)
    result: Floats = np.clip(inside, 0, None) / np.maximum(upto - below, _TINY)
    return np.clip(result, 0.0, 1.0)
