"""Random instances of the classes that the literature measures on, as problems of one day.

After the way of Solomon (Operations Research 35(2), 1987), Gehring and Homberger (1999), Cordeau and Laporte (2001): clients in
clusters, anywhere, or both; short routes and tight windows, or long routes and wide ones. Distances are tenths, truncated,
as DIMACS counts them. Nothing of the published files is here; `public` reads those.
"""

from __future__ import annotations

import math
import random
from typing import Any

import msgspec

from planner.rounds.problem import Problem, parse_problem

KINDS = ("vrptw", "sdvrptw", "pcvrptw", "mdvrptw")
"""Plain; with skills; with prizes for what may be left out; with several homes and a longest duration."""
SCALE = 10
"""Seconds of the contract per unit of length."""


def instance(kind: str, layout: str, clients: int, seed: int) -> Problem:
    """Make up an instance.

    Parameters
    ----------
    kind
        One of `KINDS`.
    layout
        ``c``, ``r`` or ``rc``, with a 1 for short routes or a 2 for long ones: ``rc2``.
    clients, seed
        How many, and which of them.
    """
    rng = random.Random(f"{kind} {layout} {clients} {seed}")  # noqa: S311 - repeatable on purpose
    long = layout.endswith("2")
    side = 100.0 * math.sqrt(clients / 100)
    depots = [(side / 2, side / 2)]
    if kind == "mdvrptw":
        depots = [(rng.uniform(0, side), rng.uniform(0, side)) for _ in range(4)]
    spots = depots + _spots(rng, layout[:-1], clients, side)
    horizon = SCALE * (round(10 * side + 300) if long else round(1.5 * side + 100))
    legs = [[int(SCALE * math.dist(a, b)) for b in spots] for a in spots]
    service = SCALE * 10
    skills = ["a", "b", "c"]
    fleet = max(4, clients // (12 if long else 4))

    def visit(n: int) -> dict[str, Any]:
        away = min(max(legs[d][n], legs[n][d]) for d in range(len(depots)))
        half = rng.choice([60, 120, 240]) * SCALE if long else rng.choice([5, 15, 30]) * SCALE
        middle = rng.randint(away, max(away, horizon - away - service))
        window = {"from_s": max(0, middle - half), "to_s": max(away, min(middle + half, horizon - away - service))}
        visit = {"id": f"v{n}", "location": f"n{n}", "service_s": service, "first_day": 0, "last_day": 0}
        visit |= {"windows": [window] if rng.random() < 0.75 else [], "load": rng.randint(5, 35)}
        if kind == "sdvrptw":
            visit["skills"] = rng.sample(skills, rng.choice([0, 1, 1]))
        if kind == "pcvrptw":
            visit |= {"mandatory": False, "defer_cost": rng.randint(5 * SCALE, 40 * SCALE)}
        return visit

    def crew(n: int) -> dict[str, Any]:
        home = f"n{n % len(depots)}"
        shift: dict[str, Any] = {"day": 0, "from_s": 0, "to_s": horizon, "start_location": home, "end_location": home}
        if kind in ("mdvrptw", "sdvrptw"):
            shift["max_duration_s"] = horizon * 2 // 3
        held = skills if kind != "sdvrptw" or n == 0 else rng.sample(skills, 2)
        return {"id": f"c{n}", "load_capacity": 1000 if long else 200, "skills": held, "shifts": [shift]}

    return parse_problem(
        msgspec.json.encode(
            {
                "schema": "liftrounds/problem/1",
                "start_date": "2026-11-30",
                "days": 1,
                "time_zone": "UTC",
                "locations": [{"id": f"n{n}"} for n in range(len(spots))],
                "travel": {"durations_s": legs},
                "visits": [visit(n) for n in range(len(depots), len(spots))],
                "crews": [crew(n) for n in range(fleet)],
                "costs": {
                    "travel_per_s": 1,
                    "shift_used": 0,
                    "overtime_per_s": 0,
                    "missed_mandatory": 100 * SCALE * round(side),
                    "change": 0,
                },
            }
        )
    )


def _spots(rng: random.Random, layout: str, clients: int, side: float) -> list[tuple[float, float]]:
    middles = [(rng.uniform(0.1 * side, 0.9 * side), rng.uniform(0.1 * side, 0.9 * side)) for _ in range(max(4, clients // 12))]

    def spot() -> tuple[float, float]:
        if layout == "r" or (layout == "rc" and rng.random() < 0.5):
            return rng.uniform(0, side), rng.uniform(0, side)
        east, north = rng.choice(middles)
        return rng.gauss(east, 4), rng.gauss(north, 4)

    return [spot() for _ in range(clients)]
