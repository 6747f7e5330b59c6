"""The compiled search: ruin and recreate on plain arrays, by the rules of `planner.rounds.solution`.

Importing this package is cheap; the compiler (numba) is loaded by the first search.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from planner.rounds.insertion import Neighbourhood
from planner.rounds.pool import Pool
from planner.rounds.search import COLD
from planner.rounds.solution import Solution


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

    Returns
    -------
    int
        Rounds done.
    """
    from planner.rounds.kernel.drive import drive

    return drive(solution, near or Neighbourhood(solution.model), seed, rounds, keep_going, warm, cold, pool, free)


__all__ = ["improve"]
