"""The compiled search: ruin and recreate on plain arrays, by the rules of `planner.rounds.solution`.

Importing this package is cheap; the compiler (numba) is loaded by the first search.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection

from planner.rounds.insertion import Neighbourhood
from planner.rounds.model import without_pins
from planner.rounds.pool import Pool
from planner.rounds.search import COLD, RuinRecreate
from planner.rounds.solution import Solution

ASKED_EVERY = 20
"""Rounds of the search in plain Python between two questions whether to go on, a hundredth of a second together."""


def improve(
    solution: Solution,
    *,
    seed: int,
    rounds: int | None,
    keep_going: Callable[[], float | None],
    warm: float,
    cold: float = COLD,
    pool: Pool | None = None,
    free: Collection[int] | None = None,
    near: Neighbourhood | None = None,
    waits: bool | None = None,
    tell: Callable[[int, int], None] | None = None,
    last: list[list[int]] | None = None,
) -> int:
    """Search for a cheaper solution by ruin and recreate with simulated annealing.

    Parameters
    ----------
    solution
        Where the search begins; changed in place to the cheapest solution met, so never to a dearer one.
    seed
        All chance comes from here: with the same solution, seed and limit of rounds alone the result is the same.
    rounds
        Rounds of ruin and recreate at most; None for no limit, then `keep_going` ends the search.
    keep_going
        Asked some times a second: the share of the search that is done (0..1, sets the temperature), or None to stop.
        With a limit of rounds the temperature follows the rounds instead wherever they are further.
    warm, cold
        Temperature at the beginning and at the end, as a share of the mean cost of a planned visit's drive. Slices of a
        longer annealing are run by giving the temperatures between them.
    pool
        Is told of routes of the solutions that were kept on the way.
    free
        Visits that may be taken out and put elsewhere; None for all. The others stay on their duties in their order.
    near
        The model's neighbourhood, where the caller has it already.
    waits
        Whether to wait for the compiler where the kernel has never been used before, which a limit of rounds needs to
        give the same result always; otherwise the search in plain Python goes on meanwhile. None: with a limit of rounds.

    tell
        Told, before `keep_going` is asked, what the best solution so far costs (pinned visits left out not counted) and
        how many visits it plans.
    last
        Is filled with the stops per duty with which the search ended, by which a longer annealing goes on: while it is
        warm, that is not the cheapest solution met.

    Returns
    -------
    int
        Rounds done.
    """
    from planner.rounds.kernel import ready
    from planner.rounds.kernel.drive import drive

    waits = rounds is not None if waits is None else waits
    near = near or Neighbourhood(solution.model)
    if not (waits or ready.try_to_load(only_from_disk=True)):
        _meanwhile(solution, near, seed, rounds, keep_going, warm, cold, pool, free, tell, ready.prepare())
    if last is not None:
        last[:] = [list(way.stops) for way in solution.ways]
    if keep_going() is None:
        return 0
    if not ready.try_to_load():
        _meanwhile(solution, near, seed, rounds, keep_going, warm, cold, pool, free, tell, ready.is_loaded)
        return 0
    return drive(solution, near, seed, rounds, keep_going, warm, cold, pool, free, tell, last)


def at_hand() -> bool:
    """Tell whether the machine code is there; otherwise the first search has it compiled, once after installation."""
    from planner.rounds.kernel import ready

    return ready.at_hand()


def load() -> None:
    """Load the machine code, or compile it, so that a later search begins at once."""
    from planner.rounds.kernel import ready

    ready.load()


def _meanwhile(
    solution: Solution,
    near: Neighbourhood,
    seed: int,
    rounds: int | None,
    keep_going: Callable[[], float | None],
    warm: float,
    cold: float,
    pool: Pool | None,
    free: Collection[int] | None,
    tell: Callable[[int, int], None] | None,
    prepared: Callable[[], bool],
) -> None:
    """Search in plain Python until the kernel is compiled."""
    found = RuinRecreate(solution, near, random.Random(seed), pool, warm, cold, free)  # noqa: S311 - a search, not a secret

    done: float | None = 0.0

    def share() -> float | None:
        nonlocal done
        if found.rounds % ASKED_EVERY == 0:
            if tell is not None:
                tell(without_pins(found.best_cost), found.best_planned)
            over = prepared() or (rounds is not None and found.rounds >= rounds)
            done = None if over else keep_going()
        return done

    found.run(share)
    solution.restore(found.best)


__all__ = ["at_hand", "improve", "load"]
