"""Reading problem files: the contract's example, every kind of fault with its path, all faults at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from planner.rounds.faults import FaultyInputError
from planner.rounds.problem import Break, Place, Problem, Window, parse_problem, problem_faults, read_problem
from tests.support.rounds import Document, parsed, small_problem

FULL: Document = {
    "schema": "liftrounds/problem/1",
    "start_date": "2026-11-30",
    "days": 10,
    "time_zone": "Asia/Shanghai",
    "locations": [{"id": "b17", "lat": 28.6561, "lon": 121.4208}, {"id": "h1", "lat": 28.66, "lon": 121.43}],
    "travel": {"durations_s": [[0, 540], [560, 0]]},
    "visits": [
        {"id": "v1", "location": "b17", "service_s": 3600, "first_day": 0, "last_day": 4}
        | {"windows": [{"from_s": 28800, "to_s": 43200}], "skills": ["hydraulic"], "people": 1, "load": 0}
        | {"mandatory": True, "defer_cost": 1500, "day_costs": [0, 0, 40, 90, 200], "crew_costs": {"c1": 300}}
        | {"pinned": {"crew": "c1", "day": 0}, "bank": None}
    ],
    "crews": [
        {"id": "c1", "people": 2, "skills": ["traction", "hydraulic"], "load_capacity": None}
        | {
            "shifts": [
                {"day": 0, "from_s": 28800, "to_s": 61200, "start_location": "h1", "end_location": "h1"}
                | {"max_overtime_s": 0, "max_duration_s": None}
                | {"break": {"from_s": 41400, "to_s": 48600, "duration_s": 3600}}
            ]
        }
    ],
    "costs": {"travel_per_s": 1, "shift_used": 0, "overtime_per_s": 2, "missed_mandatory": 20000, "change": 0},
    "published": {"v1": {"crew": "c1", "day": 0}},
}
"""Every field of the contract, as its description shows them."""


def test_a_problem_with_every_field_is_read() -> None:
    problem = parsed(FULL)
    (visit,), (crew,) = problem.visits, problem.crews
    assert visit.windows == (Window(28800, 43200),)
    assert visit.day_costs == (0, 0, 40, 90, 200)
    assert visit.pinned == Place("c1", 0)
    assert crew.shifts[0].break_ == Break(41400, 48600, 3600)
    assert problem.published == {"v1": Place("c1", 0)}


def test_a_problem_with_the_required_fields_alone_has_the_defaults() -> None:
    visit = {name: FULL["visits"][0][name] for name in ("id", "location", "service_s", "first_day", "last_day")}
    shift = {name: FULL["crews"][0]["shifts"][0][name] for name in ("day", "from_s", "to_s", "start_location", "end_location")}
    document = {name: value for name, value in FULL.items() if name != "published"}
    document |= {"visits": [visit], "crews": [{"id": "c1", "shifts": [shift]}], "locations": [{"id": "b17"}, {"id": "h1"}]}
    problem = parsed(document)
    (found,), (crew,) = problem.visits, problem.crews
    assert (found.windows, found.skills, found.people, found.load) == ((), (), 1, 0)
    assert (found.mandatory, found.defer_cost, found.day_costs, found.crew_costs) == (True, 0, (), {})
    assert (found.pinned, found.bank, problem.published) == (None, None, None)
    assert (crew.people, crew.skills, crew.load_capacity) == (1, (), None)
    assert (crew.shifts[0].max_overtime_s, crew.shifts[0].max_duration_s, crew.shifts[0].break_) == (0, None, None)


def test_a_problem_without_visits_crews_or_locations_is_no_fault() -> None:
    assert (
        parsed(FULL | {"visits": [], "crews": [], "locations": [], "travel": {"durations_s": []}, "published": None}).visits
        == ()
    )


def test_a_last_day_beyond_the_horizon_is_no_fault() -> None:
    document = small_problem()
    document["visits"][1]["last_day"] = 99
    assert parsed(document).visits[1].last_day == 99


def faults_of(document: Any, folder: Path | None = None) -> dict[str, str]:
    data = document if isinstance(document, bytes) else msgspec.json.encode(document)
    with pytest.raises(FaultyInputError) as caught:
        parse_problem(data, folder)
    return {fault.path: fault.message for fault in caught.value.faults}


def at(document: Document, path: str) -> Any:
    value: Any = document
    for step in path.replace("]", "").replace("[", ".").split("."):
        value = value[int(step)] if step.isdigit() else value[step]
    return value


def setting(path: str, value: Any) -> Callable[[Document], None]:
    holder, _, name = path.rpartition(".")

    def change(document: Document) -> None:
        (at(document, holder) if holder else document)[name] = value

    return change


def removing(path: str) -> Callable[[Document], None]:
    holder, _, name = path.rpartition(".")

    def change(document: Document) -> None:
        del (at(document, holder) if holder else document)[name]

    return change


SHIFT = "crews[0].shifts[0]"
FAULTS: dict[str, tuple[Callable[[Document], Any], str, str]] = {
    "schema": (setting("schema", "liftrounds/problem/2"), "schema", 'must be "liftrounds/problem/1"'),
    "date": (setting("start_date", "2026-02-30"), "start_date", "day of the calendar"),
    "no days": (setting("days", 0), "days", "must be 1 or more, is 0"),
    "days as text": (setting("days", "3"), "days", 'must be an integer, is "3"'),
    "flag for number": (setting("days", True), "days", "must be an integer, is true"),
    "fraction": (setting("visits[0].service_s", 1.5), "visits[0].service_s", "must be an integer, is 1.5"),
    "zone": (setting("time_zone", "Asia/Taizhou"), "time_zone", "IANA"),
    "unknown field": (setting("visits[0].prio", 1), "visits[0].prio", "unknown field"),
    "misspelt field": (setting("visits[0].sevice_s", 1), "visits[0].sevice_s", "did you mean service_s?"),
    "unknown top field": (setting("vehicles", []), "vehicles", "unknown field"),
    "missing": (removing("visits[0].service_s"), "visits[0].service_s", "missing"),
    "missing price": (removing("costs.change"), "costs.change", "missing"),
    "missing on top": (removing("costs"), "costs", "missing"),
    "null": (setting("visits[0].windows", None), "visits[0].windows", "must be a list, is null"),
    "not an object": (lambda d: d["visits"].append(5), "visits[3]", "must be an object, is 5"),
    "negative": (setting("visits[0].service_s", -1), "visits[0].service_s", "must be 0 or more, is -1"),
    "too large": (setting("visits[0].load", 10**12), "visits[0].load", "or less"),
    "no people": (setting("visits[0].people", 0), "visits[0].people", "must be 1 or more"),
    "negative price": (setting("visits[2].defer_cost", -1), "visits[2].defer_cost", "must be 0 or more"),
    "skill that is no text": (setting("visits[0].skills", [7]), "visits[0].skills[0]", "must be text, is 7"),
    "same location id": (setting("locations[1].id", "home"), "locations[1].id", "used by locations[0] as well"),
    "same visit id": (setting("visits[2].id", "v1"), "visits[2].id", "used by visits[0] as well"),
    "same crew id": (setting("crews[1].id", "c1"), "crews[1].id", "used by crews[0] as well"),
    "visit nowhere": (setting("visits[0].location", "c"), "visits[0].location", 'no location "c"'),
    "shift from nowhere": (setting(f"{SHIFT}.start_location", "c"), f"{SHIFT}.start_location", 'no location "c"'),
    "shift to nowhere": (setting(f"{SHIFT}.end_location", "c"), f"{SHIFT}.end_location", 'no location "c"'),
    "days reversed": (setting("visits[0].first_day", 2), "visits[0].last_day", "must be first_day (2) or later, is 1"),
    "window reversed": (setting("visits[0].windows[1].to_s", 39999), "visits[0].windows[1].to_s", "is 39999"),
    "day costs too few": (
        setting("visits[0].day_costs", [7]),
        "visits[0].day_costs",
        "one number per day of 0..1 expected (2)",
    ),
    "day costs too many": (setting("visits[0].day_costs", [7, 8, 9]), "visits[0].day_costs", "found 3"),
    "cost of no crew": (setting("visits[0].crew_costs", {"c9": 1}), "visits[0].crew_costs.c9", 'no crew "c9"'),
    "two shifts on a day": (setting("crews[1].shifts[1].day", 0), "crews[1].shifts[1].day", "more than one shift on day 0"),
    "shift reversed": (setting(f"{SHIFT}.to_s", 28799), f"{SHIFT}.to_s", "must be from_s (28800) or later, is 28799"),
    "break reversed": (setting(f"{SHIFT}.break.to_s", 32999), f"{SHIFT}.break.to_s", "is 32999"),
    "shifts overlap past midnight": (
        setting("crews[1].shifts[0].to_s", 86400 + 28801),
        "crews[1].shifts[1]",
        "begins before the shift of day 0 ends",
    ),
    "published visit unknown": (setting("published", {"v9": {"crew": "c1", "day": 0}}), "published.v9", "no such visit"),
    "no travel": (setting("travel", {}), "travel", "found none"),
    "two travels": (
        lambda d: d["travel"].update(estimate={"speed_kmh": 25, "detour": 1.3, "stop_s": 120}),
        "travel",
        "found durations_s and estimate",
    ),
    "null travel": (setting("travel.durations_npy", None), "travel.durations_npy", "must not be null"),
    "rows missing": (lambda d: d["travel"]["durations_s"].pop(), "travel.durations_s", "must have 3 rows, has 2"),
    "row too short": (lambda d: d["travel"]["durations_s"][1].pop(), "travel.durations_s[1]", "must have 3 numbers, has 2"),
    "negative travel": (
        lambda d: d["travel"]["durations_s"][1].__setitem__(2, -5),
        "travel.durations_s[1][2]",
        "must be 0 or more, is -5",
    ),
    "speed zero": (
        setting("travel", {"estimate": {"speed_kmh": 0, "detour": 1.3, "stop_s": 120}}),
        "travel.estimate.speed_kmh",
        "must be more than 0",
    ),
    "estimate without place": (
        setting("travel", {"estimate": {"speed_kmh": 25, "detour": 1.3, "stop_s": 120}}),
        "locations[2].lon",
        "the estimate needs it",
    ),
    "visit without a name": (setting("visits[0].id", ""), "visits[0].id", 'must not be blank, is ""'),
    "crew without a name": (setting("crews[0].id", " "), "crews[0].id", "must not be blank"),
    "location without a name": (setting("locations[0].id", ""), "locations[0].id", "must not be blank"),
    "latitude": (setting("locations[0].lat", 91), "locations[0].lat", "must be 90 or less"),
}


@pytest.mark.parametrize(("change", "path", "told"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_named_with_its_path(change: Callable[[Document], Any], path: str, told: str) -> None:
    document = small_problem()
    change(document)
    found = faults_of(document)
    assert told in found[path]


def test_all_faults_of_a_file_are_reported_together_whatever_their_kind() -> None:
    document = small_problem()
    document["visits"][0]["service_s"] = "long"
    document["visits"][1]["location"] = "c"
    document["crews"][0]["shifts"][0]["to_s"] = 28799
    document["travel"]["durations_s"][0].pop()
    document["colour"] = "red"
    assert set(faults_of(document)) == {
        "visits[0].service_s",
        "visits[1].location",
        "crews[0].shifts[0].to_s",
        "travel.durations_s[0]",
        "colour",
    }


def test_the_size_of_a_matrix_is_told_whatever_its_cells_and_the_locations_are() -> None:
    document = small_problem()
    document["locations"][1]["lat"] = 91
    document["travel"]["durations_s"][0].pop()
    assert set(faults_of(document)) == {"locations[1].lat", "travel.durations_s[0]"}
    document["travel"]["durations_s"][1][2] = -5
    document["travel"]["durations_s"].pop()
    assert set(faults_of(document)) == {
        "locations[1].lat",
        "travel.durations_s[1][2]",
        "travel.durations_s",
        "travel.durations_s[0]",
    }


def test_a_pin_that_cannot_be_kept_is_told_with_the_other_faults_but_alone_it_is_none() -> None:
    document = small_problem()
    document["visits"][2]["pinned"] = {"crew": "c9", "day": 0}
    assert parsed(document).visits[2].pinned == Place("c9", 0)
    assert problem_faults(parsed(document)) == []
    document["days"] = 0
    assert set(faults_of(document)) == {"days", "visits[2].pinned"}
    document |= {"days": 2, "time_zone": "Mars"}
    assert set(faults_of(document)) == {"time_zone", "visits[2].pinned"}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "not JSON"),
        (b'{"schema": ', "not JSON: Expecting value at line 1, column 12"),
        (b"[1, 2]", "must be an object, is a list"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        ('{"schema": "问题"}'.encode("gb18030"), "not UTF-8"),
        (b'{"days": NaN}', "NaN is not a JSON number"),
        (b"[" * 100_000, "nested too deeply"),
        (b"9" * 5000, "cannot be read"),
    ],
)
def test_a_file_that_is_no_json_document_is_refused_in_words(data: bytes, told: str) -> None:
    (message,) = faults_of(data).values()
    assert told in message


def test_a_key_given_twice_is_a_fault() -> None:
    assert faults_of(b'{"costs": {"change": 1, "change": 2}}') == {"costs.change": "the key is given more than once; keep one"}


def test_half_a_character_is_a_fault() -> None:
    assert "surrogate" in faults_of(b'{"time_zone": "\\ud83d"}')["time_zone"]


def test_thousands_of_faulty_cells_are_counted_not_listed() -> None:
    document = small_problem()
    document["locations"] = [{"id": "home"}, {"id": "a"}, {"id": "b"}, *({"id": f"x{n}"} for n in range(47))]
    document["travel"] = {"durations_s": [[-1] * 50] * 50}
    found = faults_of(document)
    assert len(found) == 21
    assert found["travel.durations_s"] == "2480 more cells have faults of this kind"


def test_a_matrix_file_lies_beside_the_problem(tmp_path: Path) -> None:
    document = small_problem(travel={"durations_npy": "m.npy"})
    np.save(tmp_path / "m.npy", np.array([[0, 600, 900], [660, 0, 300], [900, 300, 0]], np.int32))
    (tmp_path / "p.json").write_text(json.dumps(document))
    problem = read_problem(tmp_path / "p.json")
    assert problem.travel.durations_npy == str(tmp_path / "m.npy")


@pytest.mark.parametrize(
    ("array", "told"),
    [
        (np.zeros((2, 3), np.int32), "must have shape (3, 3)"),
        (np.zeros((3, 3)), "must hold integers"),
        (np.full((3, 3), -1, np.int32), "must be 0.."),
        (np.array([[{}]], dtype=object), "cannot be read as a NumPy file"),
        (None, "cannot be read as a NumPy file"),
    ],
)
def test_a_matrix_file_that_cannot_be_used_is_a_fault(tmp_path: Path, array: Any, told: str) -> None:
    if array is None:
        (tmp_path / "m.npy").write_bytes(b"no array")
    else:
        np.save(tmp_path / "m.npy", array)
    found = faults_of(small_problem(travel={"durations_npy": "m.npy"}), tmp_path)
    assert any(path.startswith("travel.durations_npy") and told in message for path, message in found.items())


def test_a_missing_matrix_file_is_a_fault(tmp_path: Path) -> None:
    found = faults_of(small_problem(travel={"durations_npy": "m.npy"}), tmp_path)
    assert found["travel.durations_npy"].endswith(" cannot be read: No such file or directory")


def test_a_matrix_file_of_a_problem_that_is_no_file_cannot_be_looked_for() -> None:
    found = faults_of(small_problem(travel={"durations_npy": "m.npy"}))
    assert "give durations_s" in found["travel.durations_npy"]


def test_a_missing_problem_file_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(FaultyInputError, match="cannot be read: No such file"):
        read_problem(tmp_path / "p.json")


def test_a_problem_built_in_memory_is_checked_like_a_file() -> None:
    good: Problem = parsed(small_problem())
    assert problem_faults(good) == []
    bad = msgspec.structs.replace(good, visits=(msgspec.structs.replace(good.visits[0], location="c", service_s=-1),))
    assert {fault.path for fault in problem_faults(bad)} >= {"visits[0].location", "visits[0].service_s"}
