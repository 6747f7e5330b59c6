"""What is wrong with a question is named, all of it at once, each with its path."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from planner.rounds.faults import FaultyInputError
from planner.rounds.problem import Location, Travel
from planner.rounds.travel import Estimate
from planner.today.asked import parse_today, read_today
from tests.unit.planner.today.test_repair import EIGHT, KEPT, V1, problem, replace, route

BASE: dict[str, Any] = {"schema": "liftrounds/today/1", "day": 0, "now_s": V1 + 60}


def faults(**given: Any) -> dict[str, str]:
    with pytest.raises(FaultyInputError) as refused:
        parse_today(json.dumps(BASE | given).encode(), problem(), KEPT)
    return {fault.path: fault.message for fault in refused.value.faults}


def urgent(**given: Any) -> dict[str, Any]:
    return {
        "visit": {"id": "e", "location": "a", "service_s": 60, "first_day": 0, "last_day": 0} | given.pop("visit", {})
    } | given


FAULTY: list[tuple[str, dict[str, Any]]] = [
    ("day", {"day": 2}),
    ("foo", {"foo": 1}),
    ("now_s", {"now_s": -1}),
    ("progress[0].crew", {"progress": [{"crew": "c9"}]}),
    ("progress[1].crew", {"progress": [{"crew": "c1"}, {"crew": "c1"}]}),
    ("progress[0].departed_s", {"progress": [{"crew": "c1", "done": [
        {"visit": "v1", "arrive_s": EIGHT, "start_s": EIGHT, "leave_s": EIGHT}]}]}),
    ("progress[0].departed_s", {"progress": [{"crew": "c1", "departed_s": V1 + 61}]}),
    ("progress[0].done[0]", {"progress": [{"crew": "c1", "departed_s": EIGHT, "done": [
        {"visit": "v1", "arrive_s": EIGHT + 2, "start_s": EIGHT + 1, "leave_s": EIGHT + 3}]}]}),
    ("progress[0].done[0].visit", {"progress": [{"crew": "c1", "departed_s": EIGHT, "done": [
        {"visit": "v9", "arrive_s": EIGHT, "start_s": EIGHT, "leave_s": EIGHT}]}]}),
    ("progress[0].under_way", {"progress": [{"crew": "c1", "departed_s": EIGHT, "under_way":
        {"visit": "v1", "arrive_s": EIGHT - 1, "start_s": EIGHT, "ends_s": EIGHT}}]}),
    ("progress[0].position.location", {"progress": [{"crew": "c1", "position": {"location": "z", "at_s": 0}}]}),
    ("emergencies[0].visit.id", {"emergencies": [urgent(visit={"id": "v1"})]}),
    ("emergencies[0].visit.location", {"emergencies": [urgent(visit={"location": "z"})]}),
    ("emergencies[0].visit.first_day", {"emergencies": [urgent(visit={"first_day": 1, "last_day": 1})]}),
    ("emergencies[0].visit.windows[0]", {"emergencies": [urgent(visit={"windows": [{"from_s": 2, "to_s": 1}]})]}),
    ("emergencies[0].visit.pinned", {"emergencies": [urgent(visit={"pinned": {"crew": "c1", "day": 0}})]}),
    ("emergencies[0].visit.day_costs", {"emergencies": [urgent(visit={"day_costs": [1, 2]})]}),
    ("emergencies[0].visit.crew_costs.c9", {"emergencies": [urgent(visit={"crew_costs": {"c9": 1}})]}),
    ("emergencies[0].location", {"emergencies": [urgent(visit={"location": "z"}, location={"id": "z", "lat": 1, "lon": 1})]}),
    ("emergencies[0].latest_start_s", {"emergencies": [urgent(latest_start_s=1)]}),
    ("crews_out[0].crew", {"crews_out": [{"crew": "c9"}]}),
    ("crews_out[0].from_s", {"crews_out": [{"crew": "c1", "from_s": 1}]}),
    ("crews_out[0].through_day", {"day": 1, "crews_out": [{"crew": "c1", "through_day": 0}]}),
    ("closed[0]", {"closed": [{}]}),
    ("closed[0].locations[0]", {"closed": [{"locations": ["z"]}]}),
    ("closed[0].visits[0]", {"closed": [{"visits": ["v9"]}]}),
    ("closed[0].to_s", {"closed": [{"visits": ["v1"], "to_s": 1}]}),
    ("delays[0]", {"delays": [{"by_s": 60}]}),
    ("delays[0].crew", {"delays": [{"by_s": 60, "crew": "c9"}]}),
    ("delays[0].visit", {"delays": [{"by_s": 60, "visit": "v9"}]}),
    ("delays[0].by_s", {"delays": [{"by_s": 0, "visit": "v1"}]}),
    ("cancelled[0]", {"cancelled": ["v9"]}),
    ("cancelled[0]", {"cancelled": ["v1"]}),
]  # fmt: skip


@pytest.mark.parametrize(("path", "given"), FAULTY, ids=[f"{path}-{n}" for n, (path, _) in enumerate(FAULTY)])
def test_every_fault_is_named_with_its_path(path: str, given: dict[str, Any]) -> None:
    assert path in faults(**given)


def test_faults_of_shape_and_of_names_are_named_together_at_their_places() -> None:
    found = faults(crews_out=[{"crow": "c1"}, {"crew": "c9"}], cancelled=["v9"], foo=1)
    assert {"crews_out[0].crow", "crews_out[0].crew", "crews_out[1].crew", "cancelled[0]", "foo"} == found.keys()


def test_a_plan_of_another_problem_is_refused() -> None:
    twice = replace(KEPT, routes=(route("c1", ("v1", V1), ("v2", V1 + 4000)), route("c2", ("v1", V1)), route("c9", ("w1", V1))))
    with pytest.raises(FaultyInputError) as refused:
        parse_today(json.dumps(BASE).encode(), problem(), twice)
    assert {fault.path for fault in refused.value.faults} == {"plan.routes[1].stops[0].visit", "plan.routes[2]"}


def test_a_new_place_is_taken_where_travel_is_estimated() -> None:
    places = tuple(Location(place.id, 28.0, 121.0 + i / 100) for i, place in enumerate(problem().locations))
    estimated = replace(problem(), locations=places, travel=Travel(estimate=Estimate(25.0, 1.3, 120)))
    given = urgent(visit={"location": "z"}, location={"id": "z", "lat": 28.0, "lon": 121.02})
    today = parse_today(json.dumps(BASE | {"emergencies": [given]}).encode(), estimated, KEPT)
    assert today.emergencies[0].location is not None


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FaultyInputError, match="cannot be read"):
        read_today(tmp_path / "none.json", problem(), KEPT)
