"""Made-up weeks of a firm: technicians with homes of their own, eight-hour days, due windows, skills, half days.

Some ten visits a technician and day in buildings of which half are in towns, due windows of three to six days, every fourth
visit in the morning or the afternoon only; visits whose due window outlasts the week are optional.
"""

from __future__ import annotations

import math
import random
from typing import Any

import msgspec

from planner.rounds.problem import Problem, parse_problem

MORNING_S, NOON_S, EVENING_S = 28_800, 43_200, 57_600
MISSED, DEFERRED = 20_000, 1_500
"""Seconds of driving that a mandatory and an optional visit are worth."""


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
