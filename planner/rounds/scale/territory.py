"""Which part of a plan is searched next: what is done around one place just now.

A territory is a number of whole routes, those whose stops are nearest to a seed on average, of all crews and days. Seeds are
drawn by lot where no search has been for longest, so that the cuts between territories lie elsewhere every time.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.rounds.model import Model
from planner.rounds.solution import Solution

EMPTY_SHARE = 0.25
"""Routes without stops in a territory, as a share of those with stops: room for a better plan to use another shift."""
EMPTY_LEAST = 3
LEFT_OUT_SHARE = 0.3
"""Visits left out in a territory, at most, as a share of those planned."""
RESCUE_CHANCE = 0.3
"""Share of territories that begin beside a visit that is left out, while there are such."""


class Territory(NamedTuple):
    """Duties that are planned anew, and the visits that may be on them."""

    duties: list[int]
    visits: list[int]


class Atlas:
    """Chooses territories of one model.

    Parameters
    ----------
    model
        The whole.
    rng
        All chance comes from here.
    """

    def __init__(self, model: Model, rng: random.Random) -> None:
        self._model = model
        self._rng = rng
        self._place = np.array(model.place, dtype=np.int64)
        self._start = np.array([duty.start for duty in model.duties], dtype=np.int64)
        self._movable = np.array([bool(options) for options in model.options], dtype=bool)
        self._price = np.array([float(price) for price in model.price])
        self._turn = np.zeros(len(model.duties), dtype=np.int64)
        self._turns = 0

    def choose(self, solution: Solution, size: int, busy: Collection[Territory] = ()) -> Territory | None:
        """Choose the next territory.

        Parameters
        ----------
        solution
            The plan as it is.
        size
            Visits wanted in it; whole routes, so that there may be somewhat fewer.
        busy
            Territories that are being searched: no part of them is chosen.

        Returns
        -------
        Territory | None
            None if nothing is left to search.
        """
        free = np.ones(len(self._model.duties), dtype=bool)
        loose = self._movable.copy()
        for territory in busy:
            free[territory.duties] = False
            loose[territory.visits] = False
        duty_of = np.array(solution.duty_of, dtype=np.int64)
        loose &= duty_of < 0
        counts = np.bincount(duty_of[duty_of >= 0], minlength=len(free))
        seed = self._seed(duty_of, free, counts, loose)
        if seed is None:
            return None
        place = self._place[seed]
        away = (self._model.matrix[place, :].astype(np.int64) + self._model.matrix[:, place]).astype(np.float64)
        duties, reach = self._duties(away, duty_of, counts, free, size, int(duty_of[seed]))
        if not duties:
            return None
        visits = [i for k in duties for i in solution.ways[k].stops]
        visits += self._left_out(away, reach, loose, duties, max(EMPTY_LEAST, int(LEFT_OUT_SHARE * size)))
        if not visits:
            return None
        self._turns += 1
        self._turn[duties] = self._turns
        return Territory(duties, sorted(visits))

    def _seed(
        self, duty_of: NDArray[np.int64], free: NDArray[np.bool_], counts: NDArray[np.int64], loose: NDArray[np.bool_]
    ) -> int | None:
        """Draw a visit to begin at; None if there is none that could be moved."""
        worked = np.flatnonzero(free & (counts > 0))
        if loose.any() and (not len(worked) or self._rng.random() < RESCUE_CHANCE):
            dearest = np.flatnonzero(loose & (self._price >= self._price[loose].max()))
            return self._drawn(dearest)
        if not len(worked):
            return None
        longest_ago = worked[self._turn[worked] == self._turn[worked].min()]
        return self._drawn(np.flatnonzero(duty_of == self._drawn(longest_ago)))

    def _drawn(self, numbers: NDArray[np.int64]) -> int:
        return int(numbers[self._rng.randrange(len(numbers))])

    def _duties(
        self,
        away: NDArray[np.float64],
        duty_of: NDArray[np.int64],
        counts: NDArray[np.int64],
        free: NDArray[np.bool_],
        size: int,
        first: int,
    ) -> tuple[list[int], float]:
        """Give the nearest free duties that have up to `size` visits in all, `first` being one, and how far the furthest is."""
        planned = duty_of >= 0
        far = np.bincount(duty_of[planned], weights=away[self._place[planned]], minlength=len(free))
        far = np.where(counts > 0, far / np.maximum(counts, 1), away[self._start])
        if first >= 0:
            far[first] = -1.0
        order = np.argsort(far, kind="stable")
        order = order[free[order]]
        worked = order[counts[order] > 0]
        number = int(np.searchsorted(np.cumsum(counts[worked]), size, side="right"))
        chosen = worked[: max(1, number)]
        everything = len(chosen) == len(worked)
        reach = float(far[chosen[-1]]) if len(chosen) and not everything else np.inf
        empty = order[counts[order] == 0]
        if not everything:
            empty = empty[far[empty] <= reach][: max(EMPTY_LEAST, int(EMPTY_SHARE * len(chosen)))]
        return sorted([*chosen.tolist(), *empty.tolist()]), reach

    def _left_out(
        self, away: NDArray[np.float64], reach: float, loose: NDArray[np.bool_], duties: list[int], most: int
    ) -> list[int]:
        """Give the nearest visits left out that may be on some of the duties, the dear ones first."""
        near = np.flatnonzero(loose)
        near = near[away[self._place[near]] <= reach]
        order = near[np.lexsort((away[self._place[near]], -self._price[near]))]
        chosen = set(duties)
        options = self._model.options
        found: list[int] = []
        for i in order.tolist():
            if len(found) >= most:
                break
            if not chosen.isdisjoint(options[i]):
                found.append(i)
        return found
