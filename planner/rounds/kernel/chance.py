"""Random numbers (xorshift64*: S. Vigna, ACM Transactions on Mathematical Software 42(4), 2016), compiled."""

from __future__ import annotations

import numpy as np

from planner.rounds.kernel.compiler import inlined
from planner.rounds.kernel.tables import Bits

_TO_UNIT = 1.0 / (1 << 53)
_STEP = np.uint64(2685821657736338717)
_12, _25, _27, _11 = np.uint64(12), np.uint64(25), np.uint64(27), np.uint64(11)


@inlined
def lot(chance: Bits) -> float:
    """Draw a number from 0 up to, not including, 1."""
    x = chance[0]
    x ^= x >> _12
    x ^= x << _25
    x ^= x >> _27
    chance[0] = x
    return np.float64((x * _STEP) >> _11) * _TO_UNIT


@inlined
def pick(chance: Bits, count: int) -> int:
    """Draw one of the numbers 0 to count - 1."""
    return int(lot(chance) * count)
