"""`liftrounds travel` as a person and a script use it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from backend.cli import main
from planner.rounds.problem import read_problem
from planner.rounds.travel import travel_matrix
from planner.travel import NOT_REACHED, UNREACHABLE_S

EXTRACT = Path(__file__).parents[3] / "data" / "midtown_roads.osm.pbf"


class Done(NamedTuple):
    """How a command ended and what it said."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def liftrounds(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command of the command line in this process."""
    monkeypatch.setattr("backend.logs.configure", lambda settings: None)  # the tests' own logging stays

    def run(*args: object) -> Done:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(arg) for arg in args])
        said = capfd.readouterr()
        return Done(int(ended.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def roads(tmp_path: Path) -> str:
    shutil.copy(EXTRACT, tmp_path / "blocks.osm.pbf")
    return f"roads:{tmp_path / 'blocks.osm.pbf'}"


def written(folder: Path, *extra: dict[str, Any], count: int = 6) -> Path:
    """Write a problem of places along 6th Avenue."""
    places = [{"id": f"b{n}", "lat": 40.7502 + n * 0.0007, "lon": -73.98747 + n * 0.00051} for n in range(count)]
    document = {
        "schema": "liftrounds/problem/1", "start_date": "2026-11-30", "days": 1, "time_zone": "America/New_York",
        "locations": [*places, *extra],
        "travel": {"estimate": {"speed_kmh": 25, "detour": 1.3, "stop_s": 90}},
        "visits": [{"id": "v", "location": "b1", "service_s": 60, "first_day": 0, "last_day": 0}],
        "crews": [{"id": "c", "shifts": [
            {"day": 0, "from_s": 0, "to_s": 9000, "start_location": "b0", "end_location": "b0"}]}],
        "costs": {"travel_per_s": 1, "shift_used": 0, "overtime_per_s": 2, "missed_mandatory": 9, "change": 0},
    }  # fmt: skip
    path = folder / "problem.json"
    path.write_text(json.dumps(document))
    return path


def test_a_problem_gets_a_matrix_of_real_roads_beside_it(liftrounds: Run, tmp_path: Path, roads: str) -> None:
    done = liftrounds("travel", written(tmp_path), "-o", tmp_path / "out.json", "--engine", roads)
    assert (done.returncode, done.stderr) == (0, "")
    assert "6 places, roads blocks.osm.pbf, data of 2025-01-25." in done.stdout
    assert "© OpenStreetMap contributors" in done.stdout
    problem = read_problem(tmp_path / "out.json")
    assert problem.travel.durations_npy == str(tmp_path / "out.durations.npy")
    seconds = travel_matrix(problem.travel, problem.locations)
    metres = np.load(tmp_path / "out.distances.npy")
    assert seconds.dtype == metres.dtype == np.int32
    assert (np.diagonal(seconds) == 0).all()
    assert (seconds[~np.eye(6, dtype=bool)] > 90).all()  # the estimate's time to park is kept
    assert seconds[0, 5] < seconds[5, 0]  # 6th Avenue runs uptown
    assert json.loads((tmp_path / "out.json").read_text())["travel"] == {"durations_npy": "out.durations.npy"}


def test_the_time_to_park_can_be_chosen(liftrounds: Run, tmp_path: Path, roads: str) -> None:
    for stop in (0, 300):
        liftrounds("travel", written(tmp_path), "-o", tmp_path / f"{stop}.json", "--engine", roads, "--stop", stop)
    difference = np.load(tmp_path / "300.durations.npy") - np.load(tmp_path / "0.durations.npy")
    assert sorted(set(difference.ravel().tolist())) == [0, 300]


def test_what_cannot_be_reached_is_named_and_no_route_can_go_there(liftrounds: Run, tmp_path: Path, roads: str) -> None:
    river = {"id": "river", "lat": 40.7495, "lon": -73.995}
    problem = written(tmp_path, river)
    done = liftrounds("travel", problem, "-o", tmp_path / "out.json", "--engine", roads)
    assert done.returncode == 1
    assert "river is 5" in done.stdout
    assert "m from any road; move its position to the street where one parks" in done.stdout
    seconds, metres = np.load(tmp_path / "out.durations.npy"), np.load(tmp_path / "out.distances.npy")
    assert set(seconds[6, :6].tolist()) == set(seconds[:6, 6].tolist()) == {UNREACHABLE_S}
    assert (metres[6, :6] == NOT_REACHED).all()
    told = json.loads(liftrounds("travel", problem, "-o", tmp_path / "out.json", "--engine", roads, "--json").stdout)
    assert told["stranded"][0]["place"] == "river"
    assert told["pairs_without_way"] == 12


def test_the_estimate_is_the_problem_s_own(liftrounds: Run, tmp_path: Path) -> None:
    problem = written(tmp_path)
    assert liftrounds("travel", problem, "-o", tmp_path / "out.json", "--engine", "estimate").returncode == 0
    before, after = read_problem(problem), read_problem(tmp_path / "out.json")
    assert np.array_equal(travel_matrix(before.travel, before.locations), travel_matrix(after.travel, after.locations))


def test_the_setting_is_the_default(liftrounds: Run, tmp_path: Path, roads: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFTROUNDS_TRAVEL", roads)
    assert "roads blocks" in liftrounds("travel", written(tmp_path), "-o", tmp_path / "out.json").stdout


def test_a_pace_is_fitted_to_the_problem_s_own_matrix_and_kept(liftrounds: Run, tmp_path: Path, roads: str) -> None:
    slow = tmp_path / "blocks.osm.pbf.pace.json"
    slow.write_text('{"speed_factor": 0.5}')
    liftrounds("travel", written(tmp_path, count=7), "-o", tmp_path / "measured.json", "--engine", roads, "--stop", 0)
    slow.unlink()
    done = liftrounds(
        "travel", tmp_path / "measured.json", "-o", tmp_path / "out.json", "--engine", roads, "--fit", "matrix", "--stop", 0
    )
    assert done.returncode == 0
    assert "Pace fitted to" in done.stdout
    assert slow.exists()
    wanted, found = np.load(tmp_path / "measured.durations.npy"), np.load(tmp_path / "out.durations.npy")
    away = wanted > 0
    assert np.median(found[away] / wanted[away]) == pytest.approx(1, abs=0.03)


def test_locations_without_a_position_are_all_named(liftrounds: Run, tmp_path: Path, roads: str) -> None:
    problem = written(tmp_path)
    document = json.loads(problem.read_text())
    document["travel"] = {"durations_s": [[0] * 6] * 6}
    del document["locations"][2]["lat"], document["locations"][4]["lon"]
    problem.write_text(json.dumps(document))
    done = liftrounds("travel", problem, "-o", tmp_path / "out.json", "--engine", roads)
    assert done.returncode == 2
    assert "locations[2].lat" in done.stderr
    assert "locations[4].lon" in done.stderr
    assert not (tmp_path / "out.json").exists()


@pytest.mark.parametrize(
    ("engine", "said"),
    [
        ("google", "is no engine: use estimate, osrm:"),
        ("osrm:localhost", "is no engine"),
        ("roads:/nowhere/x.osm.pbf", "/nowhere/x.osm.pbf cannot be read"),
    ],
)
def test_an_engine_that_cannot_be_used_is_told_with_the_way_out(
    liftrounds: Run, tmp_path: Path, engine: str, said: str
) -> None:
    done = liftrounds("travel", written(tmp_path), "-o", tmp_path / "out.json", "--engine", engine)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (tmp_path / "out.json").exists()


def test_files_that_cannot_be_used_are_told(liftrounds: Run, tmp_path: Path, roads: str) -> None:
    assert "missing.json" in liftrounds("travel", tmp_path / "missing.json", "-o", tmp_path / "o.json").stderr
    done = liftrounds("travel", written(tmp_path), "-o", tmp_path / "nowhere" / "out.json", "--engine", roads)
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    refused = liftrounds("travel", written(tmp_path), "-o", tmp_path / "o.json", "--engine", "estimate", "--fit", "matrix")
    assert refused.returncode == 2
    assert "only the pace of roads:FILE" in refused.stderr
