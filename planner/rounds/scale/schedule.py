"""How long the parts are searched, and how hot: one annealing over all of them."""

from __future__ import annotations

import math
from collections.abc import Callable

from planner.rounds.scale import task

MOST, LEAST = 800, 400
"""Visits of a territory; smaller ones have too few crews and days to choose among."""
PASSES = 10
"""Times that every visit is part of some territory, about."""
LONGEST_S, SHORTEST_S = 8.0, 0.5
"""Seconds of search in one territory."""
FEWEST_ROUNDS = 20
"""Rounds of search in one territory, where rounds are counted."""
MARGIN_S = 0.1
"""Seconds before the end at which the last answers are wanted, and more where answers take long to arrive."""
FORGOTTEN = 0.8
"""Share of the longest delay of an answer that is still reckoned with at the next."""


class Schedule:
    """Terms of one task after the other.

    Parameters
    ----------
    warm, cold
        Temperatures at the beginning and at the end of the whole search.
    rounds
        Rounds of all tasks together; None for no limit.
    left_s
        Seconds left for all of it, infinite without a limit of time.
    visits
        Of the whole problem.
    hands
        Tasks that are under way at a time.
    lanes
        Whether each of them searches the whole problem, not a territory.

    Attributes
    ----------
    size
        Visits of a territory.
    counted
        Whether rounds alone limit the search, so that the result must not depend on who is quicker.
    done_rounds
        Rounds of all answers so far.
    """

    def __init__(
        self,
        warm: float,
        cold: float,
        rounds: int | None,
        left_s: Callable[[], float],
        visits: int,
        hands: int,
        *,
        lanes: bool,
    ) -> None:
        self._warm, self._cold = warm, cold
        self._rounds = rounds
        self.left_s = left_s
        self._given_s = left_s()
        self.lanes = lanes
        self.size = visits if lanes else min(MOST, max(LEAST, math.ceil(visits / hands)))
        parts = PASSES * (hands if lanes else max(1.0, visits / self.size))
        self.counted = rounds is not None and math.isinf(self._given_s)
        self._slice_s = math.inf if self.counted else min(LONGEST_S, max(SHORTEST_S, self._given_s * hands / parts))
        self._slice_rounds = None if rounds is None else max(FEWEST_ROUNDS, math.ceil(rounds / parts))
        self.done_rounds = 0
        self._sent_rounds = 0
        self._late_s = 0.0

    def share(self) -> float:
        """Give the share of the search that is begun."""
        counted = 0.0 if not self._rounds else self._sent_rounds / self._rounds
        timed = 0.0 if math.isinf(self._given_s) or self._given_s <= 0 else 1 - self.left_s() / self._given_s
        return min(1.0, max(counted, timed, 0.0))

    def next(self, ways: list[list[int]], seed: int, until_s: float | None) -> task.Terms | None:
        """Give the terms of the next task; None if none is to begin any more.

        Parameters
        ----------
        ways, seed
            Of the task.
        until_s
            Seconds from now until others that were sent will be ready, to be ready together with them.
        """
        left_s = self.left_s() - MARGIN_S - self._late_s
        seconds = until_s or self._slice_s
        if left_s < 1.5 * seconds:
            seconds = left_s
        rounds = None
        if self._rounds is not None and self._slice_rounds is not None:
            rounds = min(self._slice_rounds, self._rounds - self._sent_rounds)
        if seconds <= 0 or rounds == 0:
            return None
        begin = self.share()
        self._sent_rounds += rounds or 0
        end = self.share() if math.isinf(seconds) else min(1.0, begin + seconds / max(self._given_s, seconds))
        return task.Terms(
            ways,
            seed,
            None if math.isinf(seconds) else seconds,
            rounds,
            self._heat(begin),
            self._heat(max(end, self.share())),
        )

    def _heat(self, share: float) -> float:
        return self._warm * math.pow(self._cold / self._warm, share)

    def answered(self, rounds: int, due_s: float) -> None:
        """Take note of an answer.

        Parameters
        ----------
        rounds
            Rounds done.
        due_s
            Seconds that were to be left by now.
        """
        self.done_rounds += rounds
        if not math.isinf(due_s):
            self._late_s = max(FORGOTTEN * self._late_s, due_s - self.left_s())
