"""`liftrounds plan` and `liftrounds check` as a person and a script use them: files, exit codes, sentences."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest

from backend.cli import main
from tests.support.rounds import small_problem
from tests.unit.planner.rounds.test_solve import town


class Done(NamedTuple):
    """How a command ended and what it said."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def liftrounds(capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command of the command line in this process."""

    def run(*args: object) -> Done:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(arg) for arg in args])
        said = capfd.readouterr()
        return Done(int(ended.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def problem(tmp_path: Path) -> Path:
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(small_problem()))
    return path


@pytest.fixture
def plan(liftrounds: Run, problem: Path) -> Path:
    path = problem.with_name("plan.json")
    assert liftrounds("plan", problem, "-o", path, "--time-limit", 20).returncode == 0
    return path


def changed(path: Path, change: Any) -> Path:
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    return path


def test_a_plan_is_written_and_passes_the_check(liftrounds: Run, problem: Path, plan: Path) -> None:
    found = json.loads(plan.read_text())
    assert found["schema"] == "liftrounds/plan/1"
    assert found["cost"]["total"] == 1968
    assert found["seed"] == 1
    checked = liftrounds("check", problem, plan)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout.splitlines()[0] == "valid"
    assert "cost 1968 = travel 1800 + shifts 100 + days 7 + crews 11 + changes 50" in checked.stdout


def test_the_summary_names_what_is_left_out_and_why(liftrounds: Run, problem: Path) -> None:
    changed(problem, lambda p: p["visits"][2].update(skills=["gas"]))
    done = liftrounds("plan", problem, "-o", problem.with_name("p.json"), "--time-limit", 20)
    assert done.returncode == 0
    assert "2 of 3 visits on 1 route, 0 mandatory and 1 optional ones left out." in done.stdout
    assert "v3: No crew has the skill gas." in done.stdout
    assert done.stderr == f"Warning: {problem}: visits[2].skills: no crew has gas; correct it or add the skill to a crew\n"


def test_json_is_one_object(liftrounds: Run, problem: Path) -> None:
    path = problem.with_name("p.json")
    done = liftrounds("plan", problem, "-o", path, "--time-limit", 20, "--seed", 5, "--json")
    facts = json.loads(done.stdout)
    assert (facts["valid"], facts["total"], facts["seed"], facts["plan"]) == (True, 1968, 5, str(path))
    verdict = json.loads(liftrounds("check", problem, path, "--json").stdout)
    assert (verdict["valid"], verdict["total"], verdict["violations"]) == (True, 1968, [])


def test_every_violation_is_listed_and_the_exit_code_is_1(liftrounds: Run, problem: Path, plan: Path) -> None:
    def spoil(document: dict[str, Any]) -> None:
        document["routes"][0]["depart_s"] = 0
        document["routes"][0]["stops"][0]["leave_s"] += 1

    changed(plan, spoil)
    checked = liftrounds("check", problem, plan)
    assert checked.returncode == 1
    assert checked.stdout.startswith("invalid: ")
    assert "departs_in_shift: route of c1 on day 0: departs at 0" in checked.stdout
    assert "leaves_after_service: v1 (c1, day 0)" in checked.stdout
    rules = {violation["rule"] for violation in json.loads(liftrounds("check", problem, plan, "--json").stdout)["violations"]}
    assert {"departs_in_shift", "leaves_after_service"} <= rules


def test_all_faults_of_a_problem_are_printed_with_their_paths(liftrounds: Run, problem: Path) -> None:
    def spoil(document: dict[str, Any]) -> None:
        document["visits"][0]["windows"][0]["to_s"] = "noon"
        document["visits"][1]["location"] = "nowhere"
        document["crews"][0]["shift"] = []

    changed(problem, spoil)
    path = problem.with_name("p.json")
    for done in (liftrounds("plan", problem, "-o", path), liftrounds("check", problem, problem)):
        assert done.returncode == 2
        assert done.stdout == ""
        assert f"{problem}: visits[0].windows[0].to_s: must be an integer" in done.stderr
        assert f"{problem}: visits[1].location: no location" in done.stderr
        assert f"{problem}: crews[0].shift: unknown field" in done.stderr
    assert not path.exists()


def test_faults_of_both_files_are_printed_together(liftrounds: Run, problem: Path) -> None:
    bad = problem.with_name("bad.json")
    bad.write_text("{")
    changed(problem, lambda p: p.update(days=0))
    done = liftrounds("check", problem, bad)
    assert done.returncode == 2
    assert "it has 2 faults" in done.stderr
    assert f"{problem}: days: must be 1 or more" in done.stderr
    assert f"{bad}: the file is not JSON" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["-o", "nowhere/p.json"], "there is no folder"),
        (["-o", "."], "is a folder"),
        (["-o", "problem.json"], "is the problem file"),
        ([], "Missing option '-o'"),
        (["-o", "p.json", "--time-limit", "-1"], "is not a number of seconds"),
        (["-o", "p.json", "--time-limit", "nan"], "is not a number of seconds"),
        (["-o", "p.json", "--time-limit", "soon"], "is not a number of seconds"),
        (["-o", "p.json", "--workers", "0"], "--workers"),
        (["-o", "p.json", "--seed", "-1"], "--seed"),
        (["-o", "p.json", "--start", "nope.json"], "nope.json: cannot be read: No such file"),
        (["-o", "p.json", "--start", "problem.json"], "problem.json: routes: missing"),
    ],
)
def test_wrong_use_is_explained_before_any_search(
    liftrounds: Run, problem: Path, options: list[str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(problem.parent)
    before = problem.read_bytes()
    done = liftrounds("plan", "problem.json", *options)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert problem.read_bytes() == before
    assert not problem.with_name("p.json").exists()


def test_a_missing_problem_is_named(liftrounds: Run, tmp_path: Path) -> None:
    for done in (
        liftrounds("plan", tmp_path / "no.json", "-o", tmp_path / "p.json"),
        liftrounds("check", tmp_path / "no.json", tmp_path / "p.json"),
    ):
        assert done.returncode == 2
        assert "no.json: cannot be read: No such file or directory" in done.stderr


def test_help_shows_an_example(liftrounds: Run) -> None:
    assert "liftrounds plan problem.json -o plan.json --time-limit 60" in liftrounds("plan", "--help").stdout
    assert "liftrounds check problem.json plan.json" in liftrounds("check", "--help").stdout


def test_a_matrix_beside_the_problem_is_found_from_any_folder(
    liftrounds: Run, problem: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(tmp_path / "m.npy", np.array([[0, 600, 900], [660, 0, 300], [900, 300, 0]], np.int32))
    changed(problem, lambda p: p.update(travel={"durations_npy": "m.npy"}))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    for workers in (1, 2):
        done = liftrounds("plan", problem, "-o", "p.json", "--time-limit", 4, "--workers", workers)
        assert done.returncode == 0, done.stderr
        assert liftrounds("check", problem, elsewhere / "p.json").returncode == 0


def test_a_start_plan_may_be_written_over(liftrounds: Run, problem: Path, plan: Path) -> None:
    done = liftrounds("plan", problem, "-o", plan, "--start", plan, "--time-limit", 20)
    assert done.returncode == 0, done.stderr
    assert json.loads(plan.read_text())["cost"]["total"] == 1968


def test_pins_that_do_not_fit_together_are_a_finding(liftrounds: Run, problem: Path) -> None:
    def pin(document: dict[str, Any]) -> None:
        window = {"windows": [{"from_s": 30000, "to_s": 30000}], "pinned": {"crew": "c1", "day": 0}}
        document["visits"] = [document["visits"][2] | window | {"id": name} for name in ("v1", "v2")]

    changed(problem, pin)
    done = liftrounds("plan", problem, "-o", problem.with_name("p.json"), "--time-limit", 20)
    assert done.returncode == 1
    assert "Rule broken: v2: pinned to c1 on day 0" in done.stdout or "Rule broken: v1: pinned to c1 on day 0" in done.stdout
    assert problem.with_name("p.json").exists()


def test_the_time_limit_holds_for_the_whole_command(liftrounds: Run, tmp_path: Path) -> None:
    path = tmp_path / "town.json"
    path.write_bytes(msgspec.json.encode(town(visits=120, crews=4, days=4)))
    done = liftrounds("plan", path, "-o", tmp_path / "p.json", "--time-limit", 2, "--json")
    assert 0.5 < json.loads(done.stdout)["wall_s"] < 10


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_keeps_the_best_plan(liftrounds: Run, tmp_path: Path, workers: int) -> None:
    path, plan = tmp_path / "town.json", tmp_path / "p.json"
    path.write_bytes(msgspec.json.encode(town(visits=120, crews=4, days=4)))
    command = [sys.executable, "-m", "backend.cli", "plan", str(path), "-o", str(plan)]
    command += ["--time-limit", "100", "--workers", str(workers)]
    seen, shown = b"", pty.openpty()
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=shown[1], start_new_session=True)
    os.close(shown[1])
    while b"search" not in seen:  # the progress bar, which only a terminal sees
        seen += os.read(shown[0], 4096)
    begun_s = time.monotonic()
    os.killpg(running.pid, signal.SIGINT)
    output, _ = running.communicate(timeout=60)
    os.close(shown[0])
    assert running.returncode == 0
    assert time.monotonic() - begun_s < 60
    assert b"Written to" in output
    assert liftrounds("check", path, plan).returncode == 0
    assert re.search(rb"cost \d+, \d+ of 120 visits planned", seen)
