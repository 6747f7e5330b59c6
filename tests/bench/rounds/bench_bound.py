"""How near the proved bound comes to a good plan: problem files, or made-up weeks of a firm.

    uv run python tests/bench/rounds/bench_bound.py --visits 100 300 --seeds 3 --plan-time 30 --time-limit 120
    uv run python tests/bench/rounds/bench_bound.py problem.json other.json

A plan is searched, then the bound is proved from it, in one process on one core; the time limit of the proof is in seconds
of the processor, so that other work on the machine does not count. What is compared is one problem's bound and
plan in one run: their gap is what the plan can be above the best one at most, the part of the search and of the proof alike.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

from planner.rounds.bound import bound
from planner.rounds.evaluate import evaluate
from planner.rounds.problem import Problem, read_problem
from planner.rounds.solve import solve
from planner.rounds.stop import Stop
from tests.bench.rounds.weeks import week

VISITS_PER_CREW, DAYS = 100, 10


def problems(args: argparse.Namespace) -> Iterator[tuple[str, Problem]]:
    """Read the files, or make up the weeks."""
    for path in args.files:
        yield path.stem, read_problem(path)
    if not args.files:
        for visits in args.visits:
            for seed in range(1, args.seeds + 1):
                yield f"week {visits}, seed {seed}", week(visits, max(1, visits // VISITS_PER_CREW), DAYS, seed)


def main() -> None:
    """Print a row per problem."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--visits", nargs="+", type=int, default=[100, 300])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--plan-time", type=float, default=30.0)
    parser.add_argument("--time-limit", type=float, default=120.0)
    args = parser.parse_args()
    print("| problem | plan | bound | gap | converged | rounds | routes | wall s | processor s |")  # noqa: T201 - a table
    print("|---|---|---|---|---|---|---|---|---|")  # noqa: T201
    for name, problem in problems(args):
        plan = solve(problem, Stop(args.plan_time))
        cost = evaluate(problem, plan).cost.total
        begun_s = time.monotonic()
        found = bound(problem, Stop(args.time_limit, clock=time.process_time), plan)
        wall_s = time.monotonic() - begun_s
        gap = "" if found.gap is None else f"{100 * found.gap:.1f} %"
        cells = (
            name,
            cost,
            found.bound,
            gap,
            found.converged,
            found.rounds,
            found.routes,
            f"{wall_s:.0f}",
            f"{found.wall_s:.0f}",
        )
        print("| " + " | ".join(map(str, cells)) + " |", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
