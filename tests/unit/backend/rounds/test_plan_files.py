"""Bad input, no time, interrupts and full disks: what `liftrounds plan` says, and that no plan is lost."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import resource
import signal
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planner.rounds.evaluate import evaluate
from planner.rounds.plan import parse_plan
from planner.rounds.problem import read_problem
from tests.support.rounds import small_problem

QUICK = ("--time-limit", "20")
"""The problem is so small that its search ends by itself."""

Run = Callable[..., subprocess.CompletedProcess[str]]


def command(*args: object) -> list[str]:
    return [sys.executable, "-m", "backend.cli", *(str(arg) for arg in args)]


def run(*args: object, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*args), capture_output=True, text=True, check=False, timeout=120, **options)


@pytest.fixture
def problem(tmp_path: Path) -> Path:
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(small_problem()))
    return path


def changed(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def is_whole(problem: Path, plan: bytes) -> bool:
    """Tell whether these bytes are a valid plan that serves somebody."""
    verdict = evaluate(read_problem(problem), parse_plan(plan))
    return verdict.valid and verdict.routes > 0


def test_a_pin_that_cannot_be_kept_is_an_error_of_the_input_and_the_rest_is_planned(problem: Path, tmp_path: Path) -> None:
    changed(problem, lambda p: p["visits"][0].update(pinned={"crew": "c2", "day": 0}))
    plan = tmp_path / "p.json"
    done = run("plan", problem, "-o", plan, *QUICK, "--json")
    assert done.returncode == 2
    assert f"Error: {problem}: visits[0].pinned: cannot be kept: c2 lacks oil; change or remove the pin" in done.stderr
    facts = json.loads(done.stdout)
    assert [(notice["path"], notice["code"], notice["visit"]) for notice in facts["notices"]] == [
        ("visits[0].pinned", "pin", "v1")
    ]
    assert is_whole(problem, plan.read_bytes())
    checked = run("check", problem, plan)
    assert checked.returncode == 2
    assert "visits[0].pinned" in checked.stderr
    assert checked.stdout.startswith("valid\n")


def test_without_crews_the_plan_leaves_everything_out_and_says_so(problem: Path, tmp_path: Path) -> None:
    changed(problem, lambda p: p.update(crews=[], published=None) or p["visits"][0].update(crew_costs={}))
    done = run("plan", problem, "-o", tmp_path / "p.json", *QUICK)
    assert done.returncode == 0
    assert done.stderr == f"Warning: {problem}: crews: there is no crew, so that every visit is left out; add one\n"
    assert len(parse_plan((tmp_path / "p.json").read_bytes()).unplanned) == 3


def test_many_notices_are_shown_in_part_and_given_whole_as_json(problem: Path, tmp_path: Path) -> None:
    def hopeless(document: dict[str, Any]) -> None:
        document["visits"] = [document["visits"][2] | {"id": f"v{n}", "skills": ["gas"]} for n in range(25)]
        document["published"] = None

    changed(problem, hopeless)
    done = run("plan", problem, "-o", tmp_path / "p.json", *QUICK, "--json")
    assert len(done.stderr.splitlines()) == 21
    assert "and 5 more" in done.stderr
    assert len(json.loads(done.stdout)["notices"]) == 25


@pytest.mark.parametrize("workers", [1, 2])
def test_without_any_time_there_is_a_first_plan(problem: Path, tmp_path: Path, workers: int) -> None:
    done = run("plan", problem, "-o", tmp_path / "p.json", "--time-limit", 0, "--workers", workers)
    assert done.returncode == 0, done.stderr
    plan = parse_plan((tmp_path / "p.json").read_bytes())
    assert evaluate(read_problem(problem), plan).valid
    assert plan.unplanned == ()


def test_a_dash_is_standard_output(problem: Path, tmp_path: Path) -> None:
    done = run("plan", problem, "-o", "-", *QUICK, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(Path.cwd())})
    assert done.returncode == 0
    assert is_whole(problem, done.stdout.encode())
    assert "Written to standard output." in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["problem.json"]


def test_a_full_disk_leaves_the_plan_in_another_place(problem: Path, tmp_path: Path) -> None:
    spare = tmp_path / "spare"
    spare.mkdir()
    done = run("plan", problem, "-o", "/dev/full", *QUICK, env=os.environ | {"TMPDIR": str(spare)})
    assert done.returncode == 2
    (kept,) = spare.iterdir()
    assert f"/dev/full cannot be written: No space left on device; the plan was written to {kept} instead" in done.stderr
    assert is_whole(problem, kept.read_bytes())


def test_where_no_file_can_be_written_the_old_plan_stays_and_the_new_one_is_on_standard_output(
    problem: Path, tmp_path: Path
) -> None:
    plan = tmp_path / "p.json"
    plan.write_text("the old plan")

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))

    done = run("plan", problem, "-o", plan, *QUICK, preexec_fn=limited, env=os.environ | {"TMPDIR": str(tmp_path)})
    assert done.returncode == 2
    assert "cannot be written: File too large; the plan was written to standard output instead" in done.stderr
    assert is_whole(problem, done.stdout.encode())
    assert plan.read_text() == "the old plan"
    assert {path.name for path in tmp_path.iterdir()} == {"problem.json", "p.json"}


def test_a_full_standard_output_costs_the_summary_alone(problem: Path, tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command("plan", problem, "-o", tmp_path / "p.json", *QUICK),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "Error: standard output cannot be written: No space left on device\n"
    assert is_whole(problem, (tmp_path / "p.json").read_bytes())


class Reading:
    """A command that waits for the rest of its problem, which comes through a named pipe."""

    def __init__(self, folder: Path) -> None:
        pipe = folder / "pipe"
        os.mkfifo(pipe)
        args = command("plan", pipe, "-o", folder / "p.json", "--time-limit", "100")
        self.process = subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._pipe = pipe.open("wb", buffering=0)  # waits until the command opens it
        self._pipe.write(b" ")
        while fcntl.ioctl(self._pipe, termios.FIONREAD, b"    ") != b"\0\0\0\0":  # until it is read
            os.sched_yield()

    def finish(self, rest: bytes = b"") -> tuple[int, str, str]:
        """Write the rest; give the exit code and what the command said."""
        with contextlib.suppress(BrokenPipeError):
            self._pipe.write(rest)
        self._pipe.close()
        output, errors = self.process.communicate(timeout=60)
        return self.process.returncode, output, errors


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_while_reading_still_gives_a_plan(problem: Path, tmp_path: Path, number: signal.Signals) -> None:
    reading = Reading(tmp_path)
    reading.process.send_signal(number)
    code, output, errors = reading.finish(problem.read_bytes())
    assert code == 0, errors
    assert "Written to" in output
    assert "Stopping with the best plan so far" in errors
    assert is_whole(problem, (tmp_path / "p.json").read_bytes())


def test_a_second_interrupt_ends_at_once_and_leaves_the_old_plan(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text("the old plan")
    reading = Reading(tmp_path)
    reading.process.send_signal(signal.SIGTERM)
    assert reading.process.stderr is not None
    assert "once more ends at once" in reading.process.stderr.readline()
    reading.process.send_signal(signal.SIGTERM)
    code, _, errors = reading.finish()
    assert code == 2
    assert "no plan was written" in errors
    assert (tmp_path / "p.json").read_text() == "the old plan"
