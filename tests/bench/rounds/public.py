"""Reads published instances, Solomon's text format or VRPLIB's, as problems of one day.

The files are not ours to copy, so they are read from a folder that you name. Units: one second of the contract is a tenth of
the file's unit of length, distances truncated (DIMACS), or a thousandth, rounded, for the classes that are published in
exact numbers (skills, several homes). A vehicle is a crew, a set of clients that not everybody may serve is a skill, a prize
makes a visit optional.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from planner.rounds.problem import Problem, parse_problem

EXACT = ("SDVRPTW", "MDVRPTW")
"""Types whose values are published in exact numbers."""
NUMBER = re.compile(r"-?\d+(\.\d+)?$")

Rows = list[list[float]]


def read(path: Path) -> tuple[Problem, int | None]:
    """Read an instance, and the value in the solution file beside it, if there is one, in the contract's unit."""
    text = path.read_text()
    fields, sections = _vrplib(text) if "_SECTION" in text else _solomon(text)
    scale = 1000 if fields.get("TYPE") in EXACT else 10
    problem = parse_problem(msgspec.json.encode(_problem(fields, sections, scale)))
    return problem, _best_known(path.with_suffix(".sol"), scale)


def _solomon(text: str) -> tuple[dict[str, Any], dict[str, Rows]]:
    rows = [line.split() for line in text.splitlines()]
    numbers = [[float(word) for word in row] for row in rows if row and all(NUMBER.match(word) for word in row)]
    (vehicles, capacity), nodes = numbers[0], [row for row in numbers if len(row) == 7]
    names = {"NODE_COORD": (1, 3), "DEMAND": (3, 4), "TIME_WINDOW": (4, 6), "SERVICE_TIME": (6, 7)}
    sections = {name: [row[begin:end] for row in nodes] for name, (begin, end) in names.items()}
    return {"TYPE": "VRPTW", "VEHICLES": vehicles, "CAPACITY": capacity, "EDGE_WEIGHT_TYPE": "EUC_2D"}, sections


def _vrplib(text: str) -> tuple[dict[str, Any], dict[str, Rows]]:
    """Read `NAME: value` fields, and sections whose rows lose their first column, the number of the node or vehicle."""
    fields: dict[str, Any] = {}
    sections: dict[str, Rows] = {}
    rows: Rows = []
    for line in text.splitlines():
        words = line.replace(":", " ").split()
        if not words or words[0] == "EOF":
            continue
        if words[0].endswith("_SECTION"):
            rows = sections[words[0].removesuffix("_SECTION")] = []
        elif NUMBER.match(words[0]):
            rows.append([float(word) for word in words])
        else:
            value = " ".join(words[1:])
            fields[words[0]] = float(value) if NUMBER.match(value) else value
    depots = [row for row in sections.pop("DEPOT", [[1]]) if row[0] > 0]
    sections = {name: [row[1:] for row in rows] for name, rows in sections.items()}
    return fields, sections | {"DEPOT": depots}


def _problem(fields: dict[str, Any], sections: dict[str, Rows], scale: int) -> dict[str, Any]:
    if fields.get("EDGE_WEIGHT_TYPE") != "EUC_2D":
        raise SystemExit(f"only coordinates in the plane are read, not {fields.get('EDGE_WEIGHT_TYPE')}")
    xy = np.array(sections["NODE_COORD"])
    apart = scale * np.sqrt(((xy[:, None] - xy[None]) ** 2).sum(-1))
    legs = (np.rint(apart) if fields.get("TYPE") in EXACT else np.floor(apart)).astype(int)
    depots = [int(row[0]) - 1 for row in sections.get("DEPOT", [[1]])]
    clients = [n for n in range(len(xy)) if n not in set(depots)]
    hours = [[round(scale * value) for value in row] for row in sections["TIME_WINDOW"]]
    kinds, skills_of = _skills(sections.get("VEHICLES_ALLOWED_CLIENTS", []), clients)
    prizes = [round(scale * row[0]) for row in sections.get("PRIZE", [[0]] * len(xy))]

    def visit(n: int) -> dict[str, Any]:
        work = sections["SERVICE_TIME"][n][0] if "SERVICE_TIME" in sections else fields.get("SERVICE_TIME", 0)
        return {
            "id": f"v{n}",
            "location": f"n{n}",
            "service_s": round(scale * work),
            "first_day": 0,
            "last_day": 0,
            "windows": [{"from_s": hours[n][0], "to_s": hours[n][1]}],
            "skills": kinds.get(n, []),
            "load": round(sections["DEMAND"][n][0]) if "DEMAND" in sections else 0,
            "mandatory": prizes[n] == 0,
            "defer_cost": prizes[n],
        }

    def crew(k: int) -> dict[str, Any]:
        homes = sections.get("VEHICLES_DEPOT", [])
        home = round(homes[k][0]) - 1 if homes else depots[0]
        room = sections["CAPACITY"][k][0] if "CAPACITY" in sections else fields.get("CAPACITY")
        shift: dict[str, Any] = {"day": 0, "from_s": hours[home][0], "to_s": hours[home][1]}
        shift |= {"start_location": f"n{home}", "end_location": f"n{home}"}
        if "VEHICLES_MAX_DURATION" in fields:
            shift["max_duration_s"] = round(scale * fields["VEHICLES_MAX_DURATION"])
        skills = skills_of[k] if skills_of else []
        return {"id": f"c{k}", "load_capacity": None if room is None else round(room), "skills": skills, "shifts": [shift]}

    return {
        "schema": "liftrounds/problem/1",
        "start_date": "2026-11-30",
        "days": 1,
        "time_zone": "UTC",
        "locations": [{"id": f"n{n}"} for n in range(len(xy))],
        "travel": {"durations_s": legs.tolist()},
        "visits": [visit(n) for n in clients],
        "crews": [crew(k) for k in range(int(fields.get("VEHICLES", len(clients))))],
        "costs": {
            "travel_per_s": 1,
            "shift_used": 0,
            "overtime_per_s": 0,
            "missed_mandatory": 10 ** math.ceil(math.log10(10 * max(int(legs.max()), *prizes))),  # dwarfs any detour
            "change": 0,
        },
    }


def _skills(allowed: Rows, clients: list[int]) -> tuple[dict[int, list[str]], list[list[str]]]:
    """Make a skill of every set of clients that vehicles of one kind may serve and others not; who needs it, who has it."""
    sets = [frozenset(int(n) - 1 for n in row) for row in allowed]
    kinds = list(dict.fromkeys(sets))
    needs: dict[int, list[str]] = {}
    for n in clients:
        able = [k for k, kind in enumerate(kinds) if n in kind]
        needs[n] = [] if len(able) == len(kinds) else ["kind " + " ".join(map(str, able))]
    names = {name for skills in needs.values() for name in skills}
    return needs, [sorted(name for name in names if str(kinds.index(one)) in name.split()[1:]) for one in sets]


def _best_known(path: Path, scale: int) -> int | None:
    """Read the cost of a solution file: with a decimal point it is in the file's unit, without in the contract's."""
    found = re.search(r"(?im)^\s*cost\s*:?\s*([\d.]+)\s*$", path.read_text()) if path.exists() else None
    if found is None:
        return None
    return round(float(found[1]) * scale) if "." in found[1] else int(found[1])
