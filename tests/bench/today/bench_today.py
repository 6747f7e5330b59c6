"""Repairs of a day under way: one emergency and one crew that is out, on a day of 300 stops and in ten days of 3 000.

    uv run python tests/bench/today/bench_today.py [--plan-s SECONDS]

The limits are those of the issue: 300 ms for an emergency with its change list, 5 s for a repaired day. Both times are of the
whole answer in this process, problem and plan in memory; the first call of a process, which loads modules, is told apart.
Every plan is checked by the independent evaluator. Exit code 1 where a limit is passed or a rule broken.
"""

from __future__ import annotations

import argparse
import datetime
import random
import statistics
import sys
import time

from planner.rounds.evaluate import evaluate
from planner.rounds.plan import Plan
from planner.rounds.problem import Break, Costs, Crew, Estimate, Location, Problem, Shift, Travel, Visit, Window
from planner.rounds.solve import solve
from planner.rounds.stop import Stop
from planner.rounds.travel import Matrix, travel_matrix
from planner.today.asked import SCHEMA, CrewOut, Emergency, Today
from planner.today.repair import problem_after, repair

CREWS, STOPS = 30, 10
INSERT_LIMIT_S, REPAIR_LIMIT_S = 0.3, 5.0
NOW = (31_000, 36_000, 43_000, 50_000)
SEARCH_S = 3.0
"""Of the limit for a repair: what is left is for loading the compiled search and for a busy machine."""


def fleet(days: int, seed: int) -> Problem:
    """Make a problem of ten visits a crew and day: three skills' worth of work, half-day windows, own homes, due windows."""
    rng = random.Random(seed)  # noqa: S311 - positions, not secrets
    count = CREWS * STOPS * days
    places = [(rng.uniform(28.45, 28.75), rng.uniform(121.25, 121.6)) for _ in range(count // 2 + CREWS)]
    locations = tuple(Location(f"l{i}", lat, lon) for i, (lat, lon) in enumerate(places))
    visits = []
    for i in range(count):
        first = rng.randrange(days)
        half = rng.choice([(), (), (), (Window(28_800, 41_400),), (Window(46_800, 59_400),)])
        skills = rng.choice([(), (), (), ("hydraulic",)])
        service_s = rng.choice([1500, 1800, 2100])
        last = min(days - 1, first + rng.randrange(5))
        visits.append(
            Visit(f"v{i}", f"l{rng.randrange(count // 2)}", service_s, first, last, half, skills, rng.choice([1, 1, 2]))
        )
    rest = Break(41_400, 48_600, 2700)
    crews = []
    for k in range(CREWS):
        home = f"l{count // 2 + k}"
        shifts = tuple(Shift(day, 28_800, 61_200, home, home, 3600, None, rest) for day in range(days))
        crews.append(Crew(f"c{k}", shifts, 2 if k % 3 else 1, ("hydraulic",) if k % 2 else ()))
    travel = Travel(estimate=Estimate(30.0, 1.3, 120))
    costs = Costs(1, 0, 2, 20_000, 0)
    day = datetime.date(2026, 11, 30)
    return Problem("liftrounds/problem/1", day, days, "Asia/Shanghai", locations, travel, tuple(visits), tuple(crews), costs)


def questions(days: int, plan: Plan) -> list[tuple[str, Today, float | None]]:
    """Give what is asked: an entrapment at four times of a day, and the busiest crew out from four times on."""
    day = 0 if days == 1 else 2
    found: list[tuple[str, Today, float | None]] = []
    for i, now_s in enumerate(NOW):
        visit = Visit("entrapment", f"l{37 * (i + 1)}", 2400, day, day, people=1)
        asked = Emergency(visit, latest_start_s=now_s + 1800)
        found.append(("emergency", Today(SCHEMA, day, now_s, emergencies=(asked,)), None))
    rounds = [route for route in plan.routes if route.day == day]
    for now_s in NOW:
        busiest = max(rounds, key=lambda route: sum(stop.start_s > now_s for stop in route.stops))
        found.append(("crew out", Today(SCHEMA, day, now_s, crews_out=(CrewOut(busiest.crew),)), SEARCH_S))
    return found


def measure(problem: Problem, plan: Plan, matrix: Matrix, today: Today, search_s: float | None) -> tuple[float, str]:
    """Answer one question and check the answer; give the seconds, and what became of it."""
    begun = time.perf_counter()
    answer = repair(problem, plan, today, None if search_s is None else Stop(search_s), matrix=matrix)
    took = time.perf_counter() - begun
    if answer.outcome is None:
        return took, "nobody can take it"
    verdict = evaluate(problem_after(problem, plan, today, answer.outcome.plan), answer.outcome.plan)
    if not verdict.valid:
        raise SystemExit(f"a rule is broken: {verdict.violations[0].message}")
    kinds = dict.fromkeys(("added", "moved", "order", "time", "dropped"), 0)
    for change in answer.outcome.visits:
        kinds[change.kind] += 1
    told = ", ".join(f"{count} {kind}" for kind, count in kinds.items() if count)
    return took, f"{told}; {len(answer.outcome.crews)} crew-days; cost {answer.outcome.cost.total}; {answer.searched} rounds"


def say(line: str) -> None:
    """Print a line at once, for whoever waits."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Measure both sizes and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plan-s", type=float, default=20.0, help="seconds for the published plan")
    given = parser.parse_args()
    failed = 0
    for days in (1, 10):
        problem = fleet(days, seed=days)
        plan = solve(problem, Stop(given.plan_s), 1)
        matrix = travel_matrix(problem.travel, problem.locations)
        stops = sum(len(route.stops) for route in plan.routes)
        say(f"{len(problem.visits)} visits, {days} days: {stops} planned on {len(plan.routes)} rounds")
        took: dict[str, list[float]] = {"emergency": [], "crew out": []}
        for kind, today, search_s in questions(days, plan):
            seconds, told = measure(problem, plan, matrix, today, search_s)
            say(f"  {kind:<10} at {today.now_s // 3600:02d}:{today.now_s % 3600 // 60:02d} {seconds * 1000:7.0f} ms  {told}")
            if search_s is not None:
                first, told = measure(problem, plan, matrix, today, None)
                say(f"  {'at once':>19} {first * 1000:7.0f} ms  {told}")
            took[kind].append(seconds)
        for kind, limit in (("emergency", INSERT_LIMIT_S), ("crew out", REPAIR_LIMIT_S)):
            most = max(took[kind])
            failed += most > limit
            say(f"  {kind}: median {statistics.median(took[kind]):.3f} s, longest {most:.3f} s, limit {limit} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
