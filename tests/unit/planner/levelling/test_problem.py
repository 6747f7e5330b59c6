"""Problem files: every fault at once, each with its path."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from planner.levelling.levels import parse_levels, read_levels, write_levels
from planner.levelling.problem import LevellingProblem, parse_levelling, read_levelling
from planner.levelling.solve import Limit, level
from planner.rounds.faults import FaultyInputError
from tests.support.levelling import NATIONAL_DAY, crew, elevator, problem


def document(**changes: Any) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(msgspec.json.encode(problem([elevator(1)], [crew(1)], calendar=NATIONAL_DAY)))
    return whole | changes


def faults(value: Any) -> list[str]:
    with pytest.raises(FaultyInputError) as refused:
        parse_levelling(json.dumps(value).encode())
    return [str(fault) for fault in refused.value.faults]


def test_a_problem_survives_its_file(tmp_path: Any) -> None:
    given = problem([elevator(1)], [crew(1)], calendar=NATIONAL_DAY)
    path = tmp_path / "problem.json"
    path.write_bytes(msgspec.json.encode(given))
    assert read_levelling(path) == given
    answer = level(given, Limit(work=0.1))
    write_levels(answer, tmp_path / "levels.json")
    assert read_levels(tmp_path / "levels.json") == answer


def test_all_faults_are_told_at_once_with_their_paths() -> None:
    value = document(days=0, extra=1)
    value["elevators"][0] |= {"first_day": 9, "services": [{"maintenance_class": "x", "service_s": -1}]}
    value["crews"].append(value["crews"][0] | {"areas": [], "week_s": [1, 2]})
    told = faults(value)
    assert [line.partition(":")[0] for line in told] == [
        "extra", "days", "elevators[0].services[0].service_s", "crews[1].id", "elevators[0].last_day",
        "crews[1].areas", "crews[1].week_s",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"services": []}, "elevators[0].services: is empty"),
        ({"opens_days": 20}, "elevators[0].gap_days: must be opens_days (20) or more"),
        ({"services": [{"maintenance_class": "a", "service_s": 9, "gap_days": 3}]}, "elevators[0].services[0]: the lowest"),
        (
            {
                "services": [
                    {"maintenance_class": "a", "service_s": 9},
                    {"maintenance_class": "b", "service_s": 8, "gap_days": 90},
                ]
            },
            "elevators[0].services[1].service_s: must be that of the class before (9) or more",
        ),
        (
            {"services": [{"maintenance_class": "a", "service_s": 9}, {"maintenance_class": "a", "service_s": 9}]},
            'elevators[0].services[1].maintenance_class: "a" is given already',
        ),
        ({"hours": "noon"}, 'elevators[0].hours: must be "any" or "day" or "night"'),
        ({"weekdays": [7]}, "elevators[0].weekdays[0]: must be 6 or less"),
    ],
)
def test_faults_of_an_elevator(change: dict[str, Any], told: str) -> None:
    value = document()
    value["elevators"][0] |= change
    assert any(line.startswith(told) for line in faults(value)), faults(value)


def test_faults_of_a_calendar() -> None:
    value = document()
    days = value["calendar"]["days"]
    days += [days[0], {"day": "2031-01-01", "kind": "party"}]
    told = faults(value)
    assert any("calendar.days[7].day: 2026-10-01 is given already" in line for line in told)
    assert any('calendar.days[8].kind: must be "holiday" or "working"' in line for line in told)
    assert any("add 2031 to calendar.years" in line for line in told)


def test_no_file_and_no_json_are_told(tmp_path: Any) -> None:
    with pytest.raises(FaultyInputError, match="cannot be read"):
        read_levelling(tmp_path / "none.json")
    with pytest.raises(FaultyInputError, match="not JSON"):
        parse_levelling(b"{")
    with pytest.raises(FaultyInputError, match="chains: missing"):
        parse_levels(b'{"schema": "liftrounds/levels/1"}')
    assert LevellingProblem.__struct_fields__[0] == "schema"
