"""`liftrounds explain` as a person and a script use it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backend.cli import main
from tests.support.rounds import small_problem


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """v3 left out, v1 planned: there is room for it, so that it is only not worth it."""
    problem = small_problem(published=None)
    problem["visits"] = [problem["visits"][0], problem["visits"][2] | {"defer_cost": 20}]
    stop = {"visit": "v1", "arrive_s": 30000, "start_s": 30000, "leave_s": 31800}
    route = {"crew": "c1", "day": 0, "depart_s": 29400, "return_s": 32460, "break_start_s": None, "stops": [stop]}
    plan = {"schema": "liftrounds/plan/1", "routes": [route], "unplanned": [{"visit": "v3"}]}
    (tmp_path / "problem.json").write_text(json.dumps(problem))
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    return str(tmp_path / "problem.json"), str(tmp_path / "plan.json")


def explain(capfd: pytest.CaptureFixture[str], *args: str, code: int = 0) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["explain", *args])
    said = capfd.readouterr()
    assert (ended.value.code or 0) == code, said.err
    return said.out if code == 0 else said.err


def test_visits_left_out_come_with_reason_and_help(files: tuple[str, str], capfd: pytest.CaptureFixture[str]) -> None:
    said = explain(capfd, *files)
    assert said.startswith("v3 (optional): ")
    assert "Would help: " in said
    assert "可延后" in explain(capfd, *files, "--language", "zh")


def test_a_planned_visit_comes_with_other_days_and_crews(files: tuple[str, str], capfd: pytest.CaptureFixture[str]) -> None:
    said = explain(capfd, *files, "--visit", "v1")
    assert said.startswith("v1: c1 on 2026-11-30 at 08:20, due 2026-11-30 to 2026-12-01.")
    assert "  c2: c2 lacks the skill oil." in said
    assert "+1 2026-12-01: c2 lacks the skill oil." in said


def test_why_not(files: tuple[str, str], capfd: pytest.CaptureFixture[str]) -> None:
    assert explain(capfd, *files, "--visit", "v1", "--crew", "c2").strip() == "c2 lacks the skill oil."
    assert explain(capfd, *files, "--visit", "v1", "--day", "0").strip() == "It is there already."
    assert "不具备技能" in explain(capfd, *files, "--visit", "v1", "--day", "1", "--language", "zh")


def test_a_script_gets_data_and_both_languages(files: tuple[str, str], capfd: pytest.CaptureFixture[str]) -> None:
    (missing,) = json.loads(explain(capfd, *files, "--json"))["left_out"]
    assert (missing["visit"], missing["reason"]["code"], set(missing["said"])) == ("v3", "not_worth_it", {"en", "zh"})
    assert missing["changes"][0]["change"]["difference"]["cost"] > 0
    assert json.loads(explain(capfd, *files, "--visit", "v1", "--json"))["planned"]["visit"]["crew"] == "c1"
    answer = json.loads(explain(capfd, *files, "--visit", "v3", "--day", "1", "--json"))["why_not"]["answer"]
    assert answer["plan"]["schema"] == "liftrounds/plan/1"


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--visit", "v9"], "v9 is no visit of the problem"),
        (["--visit", "v1", "--crew", "c9"], "c9 is no crew of the problem"),
        (["--day", "1"], "name it with --visit"),
    ],
)
def test_wrong_questions_are_refused(
    files: tuple[str, str], capfd: pytest.CaptureFixture[str], args: list[str], told: str
) -> None:
    assert told in explain(capfd, *files, *args, code=2)


def test_everything_planned_is_said(files: tuple[str, str], capfd: pytest.CaptureFixture[str]) -> None:
    problem = json.loads(Path(files[0]).read_text())
    problem["visits"] = problem["visits"][:1]
    plan = json.loads(Path(files[1]).read_text()) | {"unplanned": []}
    Path(files[0]).write_text(json.dumps(problem))
    Path(files[1]).write_text(json.dumps(plan))
    assert explain(capfd, *files) == "Every visit is planned.\n"
