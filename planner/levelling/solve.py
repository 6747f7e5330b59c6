"""The one entry: a levelling problem and a limit become levels."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import msgspec
import numpy as np

from planner.levelling.answer import answer
from planner.levelling.bound import lower_bound
from planner.levelling.columns import Columns
from planner.levelling.descent import settle
from planner.levelling.fleet import compile_fleet
from planner.levelling.improve import Settings, choose_together, components, prepare, unplaced
from planner.levelling.levels import Levels
from planner.levelling.problem import LevellingProblem
from planner.levelling.shares import give_out
from planner.levelling.state import State

WORK = 40.0
"""CP-SAT's measure of work for the whole of a problem, where none is asked for: about two minutes of one core."""
MOST_WORK_EACH = 4.0
"""Of it for one component at most; what is gained after that is next to nothing."""
PREPARE_SHARE = 0.6
"""Of the time that is left, what finding chains and room takes at most, in all components together."""
LAST_STEPS_S, LAST_STEPS_SHARE = 0.2, 0.12
"""Seconds, and share of the time limit, that are kept for the bound, the shares of crews and the answer."""

Phase = Literal["settle", "improve", "bound", "done"]


class Progress(msgspec.Struct, frozen=True):
    """How far a levelling is: what it does, which part of it is done (0..1), and what the chains cost so far."""

    phase: Phase
    share: float
    cost: int


def _never() -> bool:
    return False


def _nobody(progress: Progress) -> None:
    del progress


@dataclass(frozen=True)
class Limit:
    """When a levelling ends: at the first of its limits, when nothing is gained any more, or when somebody asks.

    Attributes
    ----------
    time_limit_s
        Wall seconds; None for no limit. A valid answer is there in any case, which for thousands of elevators takes some
        seconds.
    work
        CP-SAT's measure of work, the same on every machine: without a time limit that strikes first, the same seed gives
        the same answer.
    requested
        Asked now and then: whether to stop and keep the best so far.
    clock
        Seconds of a clock that never goes back.
    """

    time_limit_s: float | None = None
    work: float = WORK
    requested: Callable[[], bool] = _never
    clock: Callable[[], float] = time.monotonic


def level(
    problem: LevellingProblem, limit: Limit | None = None, seed: int = 1, progress: Callable[[Progress], None] = _nobody
) -> Levels:
    """Give every visit of a horizon a target day.

    Parameters
    ----------
    problem
        Without faults (`planner.levelling.problem.levelling_faults`).
    limit
        When to end; the usual work when None.
    seed
        Of all chance.
    progress
        Told how far it is.

    Returns
    -------
    Levels
        Always valid (`planner.levelling.evaluate`); what found no day is listed with the reason.
    """
    return _Levelling(problem, limit or Limit(), seed, progress).run()


class _Levelling:
    """One run."""

    def __init__(self, problem: LevellingProblem, limit: Limit, seed: int, progress: Callable[[Progress], None]) -> None:
        self.limit = limit
        self.seed = seed
        self.tell = progress
        self.begun_s = limit.clock()
        self.state = State(compile_fleet(problem))

    def left_s(self) -> float:
        """Seconds that are left for the search, the last steps taken off."""
        if self.limit.time_limit_s is None:
            return math.inf
        kept_s = LAST_STEPS_S + LAST_STEPS_SHARE * self.limit.time_limit_s
        return self.limit.time_limit_s - kept_s - (self.limit.clock() - self.begun_s)

    def keep_going(self) -> bool:
        """Tell whether there is time left and nobody wants to stop."""
        return self.left_s() > 0 and not self.limit.requested()

    def run(self) -> Levels:
        """Settle, improve, prove, share."""
        state = self.state
        self.tell(Progress("settle", 0.0, 0))
        settle(state, self.seed, self.keep_going)
        prices = self._improve()
        self.tell(Progress("bound", 0.9, state.cost().total))
        bound = lower_bound(state, prices, self._last_steps_left)
        given = give_out(state, self.seed, lambda: max(0.0, self.left_s()) if self._last_steps_left() else 0.0)
        found = answer(state, given, bound, self.seed, self.limit.clock() - self.begun_s)
        self.tell(Progress("done", 1.0, found.cost.total))
        return found

    def _last_steps_left(self) -> bool:
        """Tell whether at least half of the seconds kept for the last steps is left and nobody wants to stop."""
        if self.limit.requested():
            return False
        if self.limit.time_limit_s is None:
            return True
        return self.left_s() > -LAST_STEPS_SHARE * self.limit.time_limit_s / 2

    def _improve(self) -> np.ndarray | None:
        """Improve component by component; return the prices of hours that came out (slot, day)."""
        state = self.state
        groups = components(state)
        prices: np.ndarray | None = None
        prepared: list[Columns] = []
        for number, group in enumerate(groups):
            share = PREPARE_SHARE / (1 + PREPARE_SHARE * (len(groups) - number - 1))
            self.tell(Progress("improve", 0.2 + 0.3 * number / len(groups), state.cost().total))
            columns, found = prepare(state, group, self._settings(number, 0.0, share))
            prepared.append(columns)
            if found is not None:
                prices = found if prices is None else _merged(state, prices, found, group)
        self._choose(sorted(prepared, key=lambda columns: -unplaced(state, columns.chosen)))
        return prices

    def _choose(self, prepared: list[Columns]) -> None:
        """Let CP-SAT choose in each component, those first in which visits have no day yet."""
        left = self.limit.work
        for number, columns in enumerate(prepared):
            fair = 1 / (len(prepared) - number)
            self.tell(Progress("improve", 0.5 + 0.4 * number / len(prepared), self.state.cost().total))
            work = min(MOST_WORK_EACH, max(left * fair, 0.1))
            left -= choose_together(self.state, columns, self._settings(number, work, fair))

    def _settings(self, number: int, work: float, share: float) -> Settings:
        """Return what a component's turn goes by, with a share of the time that is left."""
        clock = self.limit.clock
        until_s = clock() + max(0.0, self.left_s()) * share if self.left_s() < math.inf else math.inf
        return Settings(
            seed=random.Random(f"{self.seed}:{number}").randrange(2**31),  # noqa: S311 - not for secrets
            work=work,
            left_s=lambda: until_s - clock(),
            keep_going=lambda: clock() < until_s and not self.limit.requested(),
        )


def _merged(state: State, prices: np.ndarray, found: np.ndarray, group: list[int]) -> np.ndarray:
    """Put the prices of a component's slots into those of all."""
    merged = prices.copy()
    for slot in {slot for number in group for slot in state.units[number].slots}:
        merged[slot] = found[slot]
    return merged
