"""Compare the search with other solvers on made-up weeks.

    python tests/bench/rounds/bench_search.py --help

Every plan is judged by our evaluator, and all solvers see the same problem. The others run if they are installed in the
Python that runs this script (PyVRP: pip install pyvrp). The table gives ratios to the cheapest plan of the problem, for
seconds and costs of one machine mean little on another.

The problem: technicians with homes of their own, eight-hour days, some ten visits a technician and day in buildings
of which half are in towns, three skills, due windows of three to six days, every fourth visit in the morning or the
afternoon only, visits whose due window outlasts the week optional.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import math
import random
import time
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from planner.rounds.evaluate import evaluate
from planner.rounds.plan import SCHEMA, Plan, Route, Stop, Unplanned, parse_plan
from planner.rounds.problem import DAY_S, Problem, parse_problem
from planner.rounds.process import solve_in_process
from planner.rounds.travel import travel_matrix

MORNING_S, NOON_S, EVENING_S = 28_800, 43_200, 57_600
MISSED, DEFERRED = 20_000, 1_500
"""Seconds of driving that a mandatory and an optional visit are worth."""

Solver = Callable[[Problem, float, int], Plan]


def week(visits: int, crews: int, days: int, seed: int) -> Problem:
    """Make up a problem; the same arguments give the same one."""
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    side_km = 7 * math.sqrt(crews)
    towns = [(rng.uniform(0, side_km), rng.uniform(0, side_km)) for _ in range(crews)]

    def place(name: str) -> dict[str, Any]:
        east, north = rng.choice(towns) if rng.random() < 0.5 else (rng.uniform(0, side_km), rng.uniform(0, side_km))
        return {"id": name, "lat": 28.6 + (north + rng.gauss(0, 1)) / 111.2, "lon": 121.3 + (east + rng.gauss(0, 1)) / 97.6}

    def visit(number: int) -> dict[str, Any]:
        first = max(0, rng.randrange(-4, days))
        last = first + rng.randrange(2, 6)
        windows = rng.choice([[], [], [], [], [], [], [(MORNING_S, NOON_S)], [(NOON_S, EVENING_S)]])
        return {
            "id": f"v{number}",
            "location": f"b{rng.randrange(buildings)}",
            "service_s": rng.randrange(20, 47) * 60,
            "first_day": first,
            "last_day": last,
            "windows": [{"from_s": begin, "to_s": end} for begin, end in windows],
            "skills": [rng.choice(["traction"] * 7 + ["hydraulic"] * 2 + ["escalator"])],
            "mandatory": last < days,
            "defer_cost": DEFERRED,
        }

    def crew(number: int) -> dict[str, Any]:
        skills = ["traction"] + [name for name in ("hydraulic", "escalator") if number == 0 or rng.random() < 0.5]
        home = f"h{number}"
        shift = {"from_s": MORNING_S, "to_s": EVENING_S, "start_location": home, "end_location": home}
        return {"id": f"c{number}", "skills": skills, "shifts": [shift | {"day": day} for day in range(days)]}

    buildings = max(1, 2 * visits // 3)
    document = {
        "schema": "liftrounds/problem/1",
        "start_date": "2026-11-30",
        "days": days,
        "time_zone": "Asia/Shanghai",
        "locations": [place(f"h{n}") for n in range(crews)] + [place(f"b{n}") for n in range(buildings)],
        "travel": {"estimate": {"speed_kmh": 25, "detour": 1.3, "stop_s": 120}},
        "visits": [visit(n) for n in range(visits)],
        "crews": [crew(n) for n in range(crews)],
        "costs": {"travel_per_s": 1, "shift_used": 0, "overtime_per_s": 2, "missed_mandatory": MISSED, "change": 0},
    }
    return parse_problem(msgspec.json.encode(document))


def ours(workers: int) -> Solver:
    """Our own search, in processes of its own as in real use."""

    def solve(problem: Problem, time_limit_s: float, seed: int) -> Plan:
        data = msgspec.json.encode(problem)
        return parse_plan(solve_in_process(data, time_limit_s=time_limit_s, seed=seed, workers=workers))

    return solve


def pyvrp(problem: Problem, time_limit_s: float, seed: int) -> Plan:
    """PyVRP on one time axis of all days. A visit is one client, or a group of one per day and window; a skill is a load."""
    theirs = importlib.import_module("pyvrp")
    matrix = travel_matrix(problem.travel, problem.locations).astype(np.int64)
    row = {location.id: n for n, location in enumerate(problem.locations)}
    skills = sorted({skill for visit in problem.visits for skill in visit.skills})
    clients: list[Any] = []
    meant: list[str] = []
    groups: list[list[int]] = []
    for visit in problem.visits:
        last = min(visit.last_day, problem.days - 1)
        if visit.windows:
            spans = [
                (day, window.from_s, day, window.to_s) for day in range(visit.first_day, last + 1) for window in visit.windows
            ]
        else:
            spans = [(visit.first_day, 0, last, DAY_S - 1)]  # the shifts leave no other hours
        group = len(groups) if len(spans) > 1 else None
        if group is not None:
            groups.append(list(range(len(clients), len(clients) + len(spans))))
        for first_day, from_s, last_day, to_s in spans:
            client = theirs.Client(
                row[visit.location],
                delivery=[int(skill in visit.skills) for skill in skills],
                service_duration=visit.service_s,
                tw_early=first_day * DAY_S + from_s,
                tw_late=last_day * DAY_S + to_s,
                prize=MISSED if visit.mandatory else visit.defer_cost,
                required=False,
                group=group,
            )
            clients.append(client)
            meant.append(visit.id)
    homes = [row[crew.shifts[0].start_location] for crew in problem.crews]
    shifts = [(n, crew, shift) for n, crew in enumerate(problem.crews) for shift in crew.shifts]
    vehicles = [
        theirs.VehicleType(
            1,
            [len(clients) if skill in crew.skills else 0 for skill in skills],
            n,
            n,
            tw_early=shift.day * DAY_S + shift.from_s,
            tw_late=shift.day * DAY_S + shift.to_s,
        )
        for n, crew, shift in shifts
    ]
    data = theirs.ProblemData(
        [theirs.Location(0, 0) for _ in problem.locations],
        clients,
        [theirs.Depot(home) for home in homes],
        vehicles,
        [matrix],
        [matrix],
        groups=[theirs.ClientGroup(group, required=False) for group in groups],
    )
    stop = theirs.stop.MaxRuntime(time_limit_s)
    found = theirs.solve(data, stop=stop, seed=seed, collect_stats=False, display=False).best
    orders = {}
    for route in found.routes():
        _, crew, shift = shifts[route.vehicle_type()]
        orders[crew.id, shift.day] = [meant[activity.idx] for activity in route if activity.is_client()]
    return timed(problem, matrix, orders)


def timed(problem: Problem, matrix: NDArray[np.int64], orders: dict[tuple[str, int], list[str]]) -> Plan:
    """State a plan of stop orders on plain shifts: without breaks, overtime or banks, everything as early as possible."""
    row = {location.id: n for n, location in enumerate(problem.locations)}
    visits = {visit.id: visit for visit in problem.visits}
    shifts = {(crew.id, shift.day): shift for crew in problem.crews for shift in crew.shifts}
    routes = []
    for (crew, day), order in orders.items():
        shift = shifts[crew, day]
        here, now, stops = row[shift.start_location], shift.from_s, []
        for name in order:
            visit = visits[name]
            arrive = now + int(matrix[here, row[visit.location]])
            start = max(arrive, visit.windows[0].from_s) if visit.windows else arrive
            here, now = row[visit.location], start + visit.service_s
            stops.append(Stop(name, arrive, start, now))
        routes.append(Route(crew, day, shift.from_s, now + int(matrix[here, row[shift.end_location]]), tuple(stops)))
    planned = {stop.visit for route in routes for stop in route.stops}
    left_out = [visit for visit in problem.visits if visit.id not in planned]
    left_out.sort(key=lambda visit: not visit.mandatory)
    return Plan(SCHEMA, tuple(routes), tuple(Unplanned(visit.id) for visit in left_out))


def main() -> None:
    """Run all solvers on all seeds and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visits", type=int, default=300)
    parser.add_argument("--crews", type=int, default=3)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--time-limit", type=float, default=10.0, metavar="SECONDS", help="for our search")
    parser.add_argument("--peer-time-limit", type=float, default=60.0, metavar="SECONDS", help="for the others")
    parser.add_argument("--workers", type=int, default=1)
    args = parser.parse_args()
    solvers: dict[str, tuple[Solver, float]] = {"liftrounds": (ours(args.workers), args.time_limit)}
    if importlib.util.find_spec("pyvrp") is None:
        print("PyVRP is not installed and left out")  # noqa: T201
    else:
        solvers["pyvrp"] = (pyvrp, args.peer_time_limit)
    print(f"{'seed':>4} {'solver':<11} {'limit s':>8} {'wall s':>7} {'total':>9} {'ratio':>6} {'missed':>6} {'deferred':>8}")  # noqa: T201
    for seed in range(1, args.seeds + 1):
        problem = week(args.visits, args.crews, args.days, seed)
        rows = []
        for name, (solve, limit_s) in solvers.items():
            begun_s = time.monotonic()
            plan = solve(problem, limit_s, seed)
            wall_s = time.monotonic() - begun_s
            verdict = evaluate(problem, plan)
            rows.append((name, limit_s, wall_s, verdict))
        best = min((verdict.cost.total for *_, verdict in rows if verdict.valid), default=0)
        for name, limit_s, wall_s, verdict in rows:
            ratio = f"{verdict.cost.total / best:.3f}" if verdict.valid and best else "broken"
            counts = f"{verdict.missed_mandatory:>6} {verdict.deferred:>8}"
            print(f"{seed:>4} {name:<11} {limit_s:>8g} {wall_s:>7.1f} {verdict.cost.total:>9} {ratio:>6} {counts}")  # noqa: T201


if __name__ == "__main__":
    main()
