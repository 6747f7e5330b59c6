"""Routes that a short search meets: what the linear program begins with, so that its first prices make sense."""

from __future__ import annotations

import random
from collections.abc import Callable

from planner.rounds.construct import adopt, by_urgency, insert_all
from planner.rounds.insertion import Neighbourhood
from planner.rounds.model import Model
from planner.rounds.plan import Plan
from planner.rounds.pool import Pool, PooledRoute
from planner.rounds.solution import Solution

FEW = 40
"""Problems of up to so many visits need no search: the pricing finds their routes at once."""
ROUNDS_PER_VISIT = 1000
LATEST = 3000
"""Of the routes met, so many of the latest are worth having in the linear program."""
WARM = 0.1
"""Temperature of the search at its beginning, as for a search that has a plan to begin with."""


def met_routes(model: Model, plan: Plan | None, keep_going: Callable[[], float | None], seed: int = 1) -> list[PooledRoute]:
    """Search for a while, from a plan if there is one, and give the routes met, those of the best plan last."""
    solution = Solution(model)
    if plan is not None:
        adopt(solution, plan)
    if model.visits <= FEW:
        pool = Pool()
    else:
        from planner.rounds.kernel import improve

        near = Neighbourhood(model)
        rng = random.Random(seed)  # noqa: S311 - a search, not a secret
        insert_all(solution, near, by_urgency(model, solution.left_out()), rng, lambda: keep_going() is None)
        pool = Pool()
        improve(
            solution,
            seed=seed,
            rounds=ROUNDS_PER_VISIT * model.visits,
            keep_going=keep_going,
            warm=WARM,
            pool=pool,
            near=near,
            waits=False,
        )
    routes = pool.routes()[-LATEST:]
    pool = Pool()
    pool.add_routes(routes)
    pool.add(solution.ways)
    return pool.routes()
