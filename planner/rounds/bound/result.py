"""What a proof of a bound answers, and what it tells on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

Method = Literal["columns", "simple"]


class BoundResult(msgspec.Struct, frozen=True):
    """A proved lower bound: no valid plan of the problem costs less.

    Attributes
    ----------
    bound
        The bound, in the problem's unit. A plan that leaves out a pinned visit is not valid and may cost less.
    converged
        Whether the relaxation is solved to its end, so that more time does not raise the bound. It is then a function of
        the problem alone, and removing a constraint never raises it.
    method
        ``columns`` for column generation, ``simple`` where only every visit's own least price was reckoned.
    reason
        Why it did not converge, or why the simple bound had to do, as a plain sentence; None if it converged.
    plan_cost
        What the plan costs that was given, worked out anew; None without a plan.
    gap
        The most that the plan can be above the best one, as a share of its cost; None without a plan that costs something.
    rounds, routes
        How often prices were set, and routes in the linear program at the end.
    wall_s
        Seconds that it took.
    """

    bound: int
    converged: bool
    method: Method
    reason: str | None
    plan_cost: int | None
    gap: float | None
    rounds: int
    routes: int
    wall_s: float


class BoundProgress(msgspec.Struct, frozen=True):
    """How far a proof is.

    Attributes
    ----------
    share
        Part of the time or the rounds that is used, 0..1.
    bound
        Proved so far, in the problem's unit.
    limit
        Cost of the linear program now: the bound of this relaxation will not be higher. None until there is one.
    rounds
        How often prices were set.
    """

    share: float
    bound: int
    limit: float | None
    rounds: int


OnBound = Callable[[BoundProgress], None]


def gap_of(bound: int, cost: int | None) -> float | None:
    """Give the most that a plan can be above the best one, as a share of its cost; None if that says nothing."""
    if cost is None or cost <= 0:
        return None
    return max(0.0, (cost - bound) / cost)
