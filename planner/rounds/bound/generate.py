"""The loop of column generation."""

from __future__ import annotations

from planner.rounds.bound.result import BoundResult, OnBound, gap_of
from planner.rounds.bound.simple import own_prices
from planner.rounds.evaluate import evaluate
from planner.rounds.model import Model
from planner.rounds.plan import Plan
from planner.rounds.problem import Problem
from planner.rounds.stop import Stop
from planner.rounds.travel import travel_matrix


def bound(problem: Problem, stop: Stop, plan: Plan | None = None, progress: OnBound | None = None) -> BoundResult:
    """Prove how much every valid plan of a problem costs at least.

    Parameters
    ----------
    problem
        A problem without faults.
    stop
        When to end; what is proved by then holds. With a limit of rounds alone the same arguments give the same bound.
    plan
        A plan to begin with, whose gap is told; the better it is, the sooner the bound is good.
    progress
        Told now and then how far the proof is.
    """
    del progress
    matrix = travel_matrix(problem.travel, problem.locations)
    model = Model(problem, matrix)
    cost = None if plan is None else int(evaluate(problem, plan, matrix).cost.total)
    least = sum(own_prices(model, model.price))
    reason = "only the price of every visit on its own was reckoned"
    return BoundResult(least, False, "simple", reason, cost, gap_of(least, cost), 0, 0, round(stop.elapsed_s(), 3))
