"""`liftrounds bound` and `liftrounds plan --bound` as a person and a script use them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backend.cli import main
from tests.support.rounds import small_problem


@pytest.fixture
def problem(tmp_path: Path) -> Path:
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(small_problem()))
    return path


def run(capfd: pytest.CaptureFixture[str], *args: str, code: int = 0) -> tuple[str, str]:
    with pytest.raises(SystemExit) as ended:
        main([*args])
    said = capfd.readouterr()
    assert (ended.value.code or 0) == code, said.err
    return said.out, said.err


def test_a_plan_with_a_bound_carries_it_in_its_file(problem: Path, capfd: pytest.CaptureFixture[str]) -> None:
    plan = problem.with_name("plan.json")
    said, _ = run(capfd, "plan", str(problem), "-o", str(plan), "--time-limit", "1", "--bound", "20")
    found = json.loads(plan.read_bytes())
    assert found["bound"] is not None
    assert found["bound"] <= found["cost"]["total"]
    assert f"No valid plan costs less than {found['bound']}." in said


def test_a_plan_without_the_wish_has_none(problem: Path, capfd: pytest.CaptureFixture[str]) -> None:
    said, _ = run(capfd, "plan", str(problem), "-o", "-", "--time-limit", "0")
    assert json.loads(said)["bound"] is None


def test_a_plan_is_measured_by_the_bound(problem: Path, capfd: pytest.CaptureFixture[str]) -> None:
    plan = problem.with_name("plan.json")
    run(capfd, "plan", str(problem), "-o", str(plan), "--time-limit", "1")
    said, _ = run(capfd, "bound", str(problem), "--plan", str(plan))
    cost = json.loads(plan.read_bytes())["cost"]["total"]
    assert said.startswith("No valid plan costs less than ")
    assert f"The plan costs {cost}" in said
    facts = json.loads(run(capfd, "bound", str(problem), "--plan", str(plan), "--json")[0])
    assert facts["converged"] is True
    assert facts["plan_cost"] == cost
    assert facts["bound"] <= cost


def test_no_time_gives_the_bound_of_every_visits_own_price(problem: Path, capfd: pytest.CaptureFixture[str]) -> None:
    said, _ = run(capfd, "bound", str(problem), "--time-limit", "0")
    assert "The proof did not come to its end: the time was over." in said


def test_a_file_with_faults_is_refused_with_all_of_them(problem: Path, capfd: pytest.CaptureFixture[str]) -> None:
    problem.write_text(json.dumps(small_problem(days=0, costs={})))
    _, told = run(capfd, "bound", str(problem), code=2)
    assert "days" in told
    assert "costs" in told
    _, told = run(capfd, "bound", str(problem.with_name("none.json")), code=2)
    assert "none.json" in told


def test_a_time_limit_that_is_no_time_is_refused(problem: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _, told = run(capfd, "bound", str(problem), "--time-limit", "-1", code=2)
    assert "--time-limit" in told
