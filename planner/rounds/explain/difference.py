"""What two plans differ by, split by kind."""

from __future__ import annotations

import msgspec


class Difference(msgspec.Struct, frozen=True):
    """What a plan costs more than another one (less where negative), by kind.

    Attributes
    ----------
    cost
        Sum of the costs below, in the problem's unit.
    travel, shifts, overtime, days, crews, changes, left_out
        As in a plan's cost; `left_out` is the price of all visits left out, mandatory or not.
    driving_s, overtime_s, routes
        Seconds of driving and of overtime, and routes with stops, behind the first three.
    """

    cost: int = 0
    travel: int = 0
    shifts: int = 0
    overtime: int = 0
    days: int = 0
    crews: int = 0
    changes: int = 0
    left_out: int = 0
    driving_s: int = 0
    overtime_s: int = 0
    routes: int = 0

    def __add__(self, other: Difference) -> Difference:
        """Add two differences up."""
        mine, its = msgspec.structs.astuple(self), msgspec.structs.astuple(other)
        return Difference(*(a + b for a, b in zip(mine, its, strict=True)))

    def __sub__(self, other: Difference) -> Difference:
        """Give what this is more than another."""
        mine, its = msgspec.structs.astuple(self), msgspec.structs.astuple(other)
        return Difference(*(a - b for a, b in zip(mine, its, strict=True)))
