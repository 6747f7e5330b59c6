"""PyVRP as a second engine: which problems it is given, and that what it finds is worth what it says."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from planner.rounds import peer
from planner.rounds.model import Model
from planner.rounds.solution import Solution
from planner.rounds.travel import travel_matrix
from tests.bench.rounds.classes import KINDS, instance
from tests.support.rounds import Document, parsed, small_problem


def model_of(problem: Any) -> Model:
    return Model(problem, travel_matrix(problem.travel, problem.locations))


def plain(**changes: Any) -> Document:
    """One day, two crews, nothing that PyVRP does not know."""
    document = small_problem(days=1, published=None, **changes)
    for visit in document["visits"]:
        for name in ("bank", "day_costs", "crew_costs"):
            visit.pop(name, None)
        visit["last_day"] = 0
    for crew in document["crews"]:
        crew["shifts"] = crew["shifts"][:1]
        for name in ("break", "max_overtime_s"):
            crew["shifts"][0].pop(name, None)
    return document


def test_one_day_with_windows_skills_people_loads_and_prizes_is_plain() -> None:
    assert peer.is_plain(model_of(parsed(plain())))


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(days=2) or d["crews"][1]["shifts"].append(d["crews"][1]["shifts"][0] | {"day": 1}),
        lambda d: d["crews"][0]["shifts"][0].update({"break": {"from_s": 33000, "to_s": 36000, "duration_s": 60}}),
        lambda d: d["crews"][0]["shifts"][0].update(max_overtime_s=1),
        lambda d: [visit.update(bank="lobby") for visit in d["visits"]],
        lambda d: d["visits"][0].update(day_costs=[5]),
        lambda d: d["visits"][0].update(crew_costs={"c1": -1}),
        lambda d: d.update(published={"v1": {"crew": "c1", "day": 0}, "v2": {"crew": "c2", "day": 0}}),
        lambda d: d.update(crews=[]),
        lambda d: d["visits"][0].update(windows=[{"from_s": n * 900, "to_s": n * 900} for n in range(30, 42)]),
    ],
    ids=["days", "break", "overtime", "bank", "day cost", "crew cost", "published", "nobody", "many windows"],
)
def test_what_it_does_not_know_or_not_well_is_not_plain(change: Callable[[Document], Any]) -> None:
    document = plain()
    change(document)
    assert not peer.is_plain(model_of(parsed(document)))


def steps(count: int) -> Callable[[], bool]:
    return itertools.chain([True] * count, itertools.repeat(False)).__next__


def put(model: Model, ways: list[list[int]]) -> Solution:
    solution = Solution(model)
    for duty, stops in enumerate(ways):
        way = solution.way(duty, stops)
        assert way is not None
        solution.put(way)
    return solution


@pytest.mark.parametrize("kind", KINDS)
def test_what_it_finds_keeps_our_rules_and_goes_on_from_where_it_began(kind: str) -> None:
    model = model_of(instance(kind, "rc2", 30, 1))
    assert peer.is_plain(model)
    met: list[list[list[int]]] = []
    found = put(model, peer.search(model, [[] for _ in model.duties], 1, steps(300), met.append))
    assert met
    assert min(put(model, ways).cost for ways in met) == found.cost
    ways = [list(way.stops) for way in found.ways]
    assert put(model, peer.search(model, ways, 2, steps(20))).cost <= found.cost


def test_a_visit_with_two_windows_is_served_in_one_of_them() -> None:
    model = model_of(parsed(plain()))
    found = put(model, peer.search(model, [[] for _ in model.duties], 1, steps(200)))
    assert list(found.left_out()) == []
    assert found.cost == 1800 + 100
