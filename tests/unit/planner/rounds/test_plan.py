"""Reading and writing plan files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from planner.rounds.faults import FaultyInputError
from planner.rounds.plan import Plan, Route, Stop, Unplanned, parse_plan, plan_bytes, read_plan, write_plan

EXAMPLE = b"""{ "schema": "liftrounds/plan/1",
  "routes": [ {"crew": "c1", "day": 0, "depart_s": 28800, "return_s": 60200, "break_start_s": 43200,
               "stops": [ {"visit": "v1", "arrive_s": 29340, "start_s": 29340, "leave_s": 32940} ]} ],
  "unplanned": [ {"visit": "v9", "code": "shift_full", "detail": "The shifts are full."} ],
  "cost": {"travel": 0, "shifts": 0, "overtime": 0, "days": 0, "crews": 0, "deferred": 0,
           "missed": 0, "changes": 0, "total": 0},
  "bound": null, "seed": 1, "wall_s": 10.0 }"""


def test_a_plan_with_every_field_is_read_and_written_back() -> None:
    plan = parse_plan(EXAMPLE)
    assert plan.routes == (Route("c1", 0, 28800, 60200, (Stop("v1", 29340, 29340, 32940),), 43200),)
    assert plan.unplanned == (Unplanned("v9", "shift_full", "The shifts are full."),)
    assert (plan.bound, plan.seed, plan.wall_s) == (None, 1, 10.0)
    assert parse_plan(plan_bytes(plan)) == plan


def test_a_plan_with_the_required_fields_alone_is_read() -> None:
    plan = parse_plan(b'{"schema": "liftrounds/plan/1", "routes": [], "unplanned": [{"visit": "v1"}]}')
    assert plan == Plan("liftrounds/plan/1", (), (Unplanned("v1"),))


def test_what_is_absent_is_written_as_null() -> None:
    route = Route("c1", 0, 28800, 60200, (Stop("v1", 29340, 29340, 32940),))
    written = json.loads(plan_bytes(Plan("liftrounds/plan/1", (route,), (Unplanned("v9"),))))
    assert written["routes"][0]["break_start_s"] is None
    assert written["unplanned"] == [{"visit": "v9", "code": "", "detail": ""}]
    assert [written[name] for name in ("cost", "bound", "seed", "wall_s")] == [None] * 4


def test_all_faults_of_a_plan_are_named_with_their_paths() -> None:
    broken = EXAMPLE.replace(b'"depart_s": 28800,', b'"leaves": 28800,').replace(b'"start_s": 29340', b'"start_s": "soon"')
    with pytest.raises(FaultyInputError) as caught:
        parse_plan(broken)
    assert {fault.path for fault in caught.value.faults} == {
        "routes[0].leaves",
        "routes[0].depart_s",
        "routes[0].stops[0].start_s",
    }


def test_a_plan_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    plan = parse_plan(EXAMPLE)
    write_plan(plan, path)
    assert read_plan(path) == plan
    assert path.read_bytes().endswith(b"}\n")
    with pytest.raises(OSError, match="No such file"):
        write_plan(plan, tmp_path / "nowhere" / "plan.json")
    assert [file.name for file in tmp_path.iterdir()] == ["plan.json"]


def test_a_missing_plan_file_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(FaultyInputError, match="cannot be read: No such file"):
        read_plan(tmp_path / "plan.json")
