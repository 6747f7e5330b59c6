"""Prices of visits raised step by step towards the best: a subgradient method with a memory of its directions.

The volume algorithm (F. Barahona and R. Anbil, The volume algorithm: producing primal solutions with a subgradient
method, Mathematical Programming 87(3), 2000): a visit that the routes of the rounds so far serve too seldom is worth more,
one that they serve too often less.
"""

from __future__ import annotations

import numpy as np

from planner.rounds.bound.master import Floats

FRESH = 0.1
"""How much of the direction is the latest round's."""
FIRST_STEP = 0.3
"""Length of the first steps, as a share of the way that a perfect direction would have to go."""
LONGER, SHORTER, PATIENCE = 1.3, 0.5, 1
"""Steps grow after a round that raised the bound, and shrink after so many that did not."""
LEAST_STEP, MOST_ROUNDS = 0.002, 150
"""Where this is no quicker any more than the linear program."""
AIM = 1.05
"""The bound that is aimed at, as a multiple of the best so far."""


class Climb:
    """Prices on their way up.

    Parameters
    ----------
    visit
        Prices to begin with.
    most
        Per visit, what leaving it out costs, which no price exceeds.

    Attributes
    ----------
    visit
        The prices to try next.
    rounds
        How many have been tried.
    """

    def __init__(self, visit: Floats, most: Floats) -> None:
        self.visit = visit
        self._most = most
        self._best = -np.inf
        self._best_visit = visit
        self._served = np.zeros(len(visit))
        self._step, self._failed, self.rounds = FIRST_STEP, 0, 0

    def worth_going_on(self) -> bool:
        """Tell whether another round is likely to gain enough."""
        return self._step > LEAST_STEP and self.rounds < MOST_ROUNDS

    def learn(self, bound: float, passed: Floats) -> None:
        """Take note of a round.

        Parameters
        ----------
        bound
            What the prices tried proved.
        passed
            Per visit, how often the routes serve it that earn most at these prices.
        """
        served = passed.copy()
        served[(self.visit >= self._most) & (served < 1)] = 1.0  # left out: it pays as much as it can
        fresh = 1.0 if self.rounds == 0 else FRESH
        self._served = fresh * served + (1 - fresh) * self._served
        self.rounds += 1
        if bound > self._best:
            self._best, self._best_visit, self._failed = bound, self.visit, 0
            self._step *= LONGER
        else:
            self._failed += 1
            if self._failed >= PATIENCE:
                self._failed = 0
                self._step *= SHORTER
        wanted = 1.0 - self._served
        size = float(wanted @ wanted)
        if size == 0:
            self._step = 0.0
            return
        ahead = AIM * abs(self._best) + 1.0
        self.visit = np.minimum(self._best_visit + self._step * ahead / size * wanted, self._most)
