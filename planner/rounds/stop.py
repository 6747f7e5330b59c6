"""When a search ends, and what it tells on the way."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import msgspec

from planner.rounds.model import without_pins

EVERY_S = 0.1
"""Seconds between two reports, and between two questions whether to stop."""

Phase = Literal["construct", "compile", "search", "merge", "done"]
"""What a search is doing; "compile": it goes on in plain Python while the kernel is compiled, once after installation."""


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
        Reading of the clock when the time began to run; None for now.

    Raises
    ------
    ValueError
        If there is no limit at all, or a negative one.
    """

    time_limit_s: float | None = None
    rounds: int | None = None
    requested: Callable[[], bool] = _never
    clock: Callable[[], float] = time.monotonic
    begun_s: float | None = None

    def __post_init__(self) -> None:
        if self.time_limit_s is None and self.rounds is None:
            raise ValueError("a search needs a limit: give time_limit_s or rounds")
        for name in ("time_limit_s", "rounds"):
            value = getattr(self, name)
            if value is not None and not value >= 0:
                raise ValueError(f"{name} must be 0 or more, is {value}")
        if self.begun_s is None:
            object.__setattr__(self, "begun_s", self.clock())

    def elapsed_s(self) -> float:
        """Seconds since the time began to run."""
        return self.clock() - (self.begun_s or 0.0)

    def left_s(self) -> float:
        """Seconds that are left, infinite without a time limit."""
        return math.inf if self.time_limit_s is None else self.time_limit_s - self.elapsed_s()


class Progress(msgspec.Struct, frozen=True):
    """How far a search is.

    Attributes
    ----------
    phase
        What it is doing.
    share
        Part of its time or rounds that is done, 0..1; never falls.
    best_cost
        Price of the best plan so far, in the problem's unit, pinned visits that are left out not counted.
    planned, visits
        Visits on a route of that plan, and visits of the problem.
    """

    phase: Phase
    share: float
    best_cost: int
    planned: int
    visits: int


OnProgress = Callable[[Progress], None]


class Reporter:
    """Passes on how far a search is, and whether to stop, without asking or telling more often than anybody wants to know.

    Parameters
    ----------
    stop
        Whose clock and request are asked.
    progress
        Who is told; None for nobody.
    visits
        Visits of the problem.

    Attributes
    ----------
    share
        Part that is done, as told last.
    """

    def __init__(self, stop: Stop, progress: OnProgress | None, visits: int) -> None:
        self.share = 0.0
        self._stop = stop
        self._progress = progress
        self._visits = visits
        self._phase: Phase | None = None
        self._told_s = self._asked_s = -math.inf
        self._asked = False

    def asked(self) -> bool:
        """Tell whether somebody wants the search to stop; once true, always true."""
        now_s = self._stop.clock()
        if not self._asked and now_s - self._asked_s >= EVERY_S:
            self._asked_s = now_s
            self._asked = self._stop.requested()
        return self._asked

    def tell(self, phase: Phase, share: float, best_cost: int, planned: int) -> None:
        """Report, if the phase is new or the last report is old."""
        if self._progress is None:
            return
        now_s = self._stop.clock()
        if phase == self._phase and now_s - self._told_s < EVERY_S:
            return
        self._phase, self._told_s = phase, now_s
        self.share = max(self.share, min(1.0, share))
        self._progress(Progress(phase, self.share, without_pins(best_cost), planned, self._visits))
