"""`liftrounds level` as a person and a script use it: files, exit codes, sentences."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from backend.cli import main
from backend.interrupts import interruptible
from planner.levelling.evaluate import evaluate
from planner.levelling.levels import read_levels
from planner.levelling.problem import LevellingProblem
from tests.support.levelling import crew, elevator, problem


def run(*args: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(arg) for arg in args])
    return int(ended.value.code or 0)


def written(folder: Path, given: LevellingProblem) -> Path:
    path = folder / "problem.json"
    path.write_bytes(msgspec.json.encode(given))
    return path


def test_a_problem_becomes_levels(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = problem([elevator(n) for n in range(5)], [crew(1)])
    path, output = written(tmp_path, given), tmp_path / "levels.json"
    assert run("level", path, "-o", output, "--time-limit", 2, "--seed", 7) == 0
    found = read_levels(output)
    visits = sum(len(chain.visits) for chain in found.chains)
    assert f"{visits} of {visits} visits of 5 elevators have a day in the 30 days from 2026-08-31" in capsys.readouterr().out
    assert evaluate(given, found).valid
    assert found.seed == 7


def test_what_has_no_day_is_said_with_the_reason_and_exit_code_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, problem([elevator(1, area="b")], [crew(1)]))
    assert run("level", path, "-o", tmp_path / "levels.json", "--time-limit", 2) == 1
    assert "e1: no crew that works in area b" in capsys.readouterr().out
    assert run("level", path, "-o", tmp_path / "levels.json", "--time-limit", 2, "--json") == 1
    assert json.loads(capsys.readouterr().out)["unplaced"][0]["code"] == "no_crew"


def test_all_faults_are_printed_with_their_paths_and_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "problem.json"
    path.write_text('{"schema": "liftrounds/levelling/1", "days": 0, "elevators": [], "crews": []}')
    assert run("level", path, "-o", tmp_path / "levels.json") == 2
    said = capsys.readouterr().err
    assert "start_date: missing" in said
    assert "days: must be 1 or more, is 0" in said
    assert run("level", written(tmp_path, problem([], [])), "-o", tmp_path / "no" / "levels.json") == 2
    assert "is no folder" in capsys.readouterr().err


def test_an_interrupt_keeps_the_best_days_so_far(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextlib.contextmanager
    def interrupted(told: str) -> Iterator[Callable[[], bool]]:
        with interruptible(told) as wanted:
            os.kill(os.getpid(), signal.SIGINT)
            yield wanted

    monkeypatch.setattr("backend.levelling.commands.interruptible", interrupted)
    given = problem([elevator(n) for n in range(30)], [crew(1)])
    path, output = written(tmp_path, given), tmp_path / "levels.json"
    assert run("level", path, "-o", output, "--time-limit", 600) in {0, 1}
    assert "Stopping with the best days so far" in capfd.readouterr().err
    assert evaluate(given, read_levels(output)).valid


def test_levels_that_their_file_would_not_take_are_kept_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    given = problem([elevator(1)], [crew(1)])
    assert run("level", written(tmp_path, given), "-o", "/dev/full", "--time-limit", 1) == 2
    (kept,) = tmp_path.glob("liftrounds-levels-*.json")
    assert f"No space left on device; the levels were written to {kept} instead" in capsys.readouterr().err
    assert evaluate(given, read_levels(kept)).valid
