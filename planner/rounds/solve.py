"""The one entry to the search: a validated problem in, a plan out."""

from __future__ import annotations

from planner.rounds.plan import Plan
from planner.rounds.problem import Problem
from planner.rounds.stop import OnProgress, Stop


def solve(problem: Problem, stop: Stop, seed: int = 1, start: Plan | None = None, progress: OnProgress | None = None) -> Plan:
    """Find a good plan.

    Parameters
    ----------
    problem
        A problem without faults.
    stop
        When to end. With a limit of rounds alone the same arguments give the same plan on any machine.
    seed
        All chance comes from here.
    start
        A plan to begin with; what the problem does not allow of it is left aside.
    progress
        Told now and then how far the search is.

    Returns
    -------
    Plan
        Valid whatever the problem and the time; what is left out has its reason.
    """
    raise NotImplementedError
