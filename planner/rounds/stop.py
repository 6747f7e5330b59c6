"""When a search ends, and what it tells on the way."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import msgspec

Phase = Literal["construct", "search", "merge", "done"]


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Stop:
    """When a search ends: at the first of its limits, or when somebody asks.

    Attributes
    ----------
    time_limit_s
        Wall seconds after `begun_s`; None for no limit. What is found until then is stated in time, not afterwards.
    rounds
        Rounds of ruin and recreate; None for no limit. With this limit alone the same seed gives the same plan.
    requested
        Asked between two rounds: whether to stop now and keep the best plan.
    clock
        Seconds of a clock that never goes back.
    begun_s
        Reading of the clock when the problem had been read.

    Raises
    ------
    ValueError
        If there is no limit at all, or a negative one.
    """

    time_limit_s: float | None = None
    rounds: int | None = None
    requested: Callable[[], bool] = _never
    clock: Callable[[], float] = time.monotonic
    begun_s: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        if self.time_limit_s is None and self.rounds is None:
            raise ValueError("a search needs a limit: give time_limit_s or rounds")
        for name in ("time_limit_s", "rounds"):
            value = getattr(self, name)
            if value is not None and not value >= 0:
                raise ValueError(f"{name} must be 0 or more, is {value}")

    def elapsed_s(self) -> float:
        """Seconds since the problem was read."""
        return self.clock() - self.begun_s

    def left_s(self) -> float:
        """Seconds that are left, infinite without a time limit."""
        return float("inf") if self.time_limit_s is None else self.time_limit_s - self.elapsed_s()


class Progress(msgspec.Struct, frozen=True):
    """How far a search is.

    Attributes
    ----------
    phase
        What it is doing.
    share
        Part of its time or rounds that is done, 0..1; never falls.
    best_cost
        Price of the best plan so far, in the problem's unit; None while there is none.
    planned, visits
        Visits on a route of that plan, and visits of the problem.
    """

    phase: Phase
    share: float
    best_cost: int | None
    planned: int
    visits: int


OnProgress = Callable[[Progress], None]
