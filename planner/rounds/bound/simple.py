"""A bound at once: every visit pays at least for the drive that leads to it, or for being left out.

The prices found here are a first answer of the dual of the set partitioning problem, no matter how the routes are: a
route costs at least its drives to its visits and their options, so at these prices no route earns anything.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from planner.rounds.model import Model


def own_prices(model: Model, price: Sequence[int]) -> list[int]:
    """Give for every visit the least that it adds to the cost of any plan, in the problem's unit.

    Parameters
    ----------
    model
        The problem.
    price
        Per visit, what leaving it out costs.
    """
    nearest_s = _nearest_s(model)
    per_s = model.problem.costs.travel_per_s
    least: dict[int, int | None] = {}
    prices = []
    for i, options in enumerate(model.options):
        if id(options) not in least:  # visits of one kind share their options
            least[id(options)] = min(options.values(), default=None)
        served = least[id(options)]
        prices.append(price[i] if served is None else min(price[i], served + nearest_s[i] * per_s))
    return prices


def _nearest_s(model: Model) -> list[int]:
    """Give for every visit the shortest drive to it: from another visit's place, or from where a shift begins."""
    places = np.asarray(model.place, dtype=np.int64)
    starts = np.unique(np.asarray([duty.start for duty in model.duties], dtype=np.int64))
    crowd = np.bincount(places, minlength=len(model.matrix)) if len(places) else np.zeros(0, dtype=np.int64)
    sources = np.union1d(starts, np.unique(places))
    nearest: dict[int, int] = {}
    for place in set(model.place):
        # another visit at the same place, or a shift that begins there, leads to it without a drive
        near = sources[sources != place] if crowd[place] < 2 and place not in starts else sources
        nearest[place] = int(model.matrix[near, place].min()) if len(near) else 0
    return [nearest[place] for place in model.place]
