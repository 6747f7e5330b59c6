"""`liftrounds repair` as a person and a script use it: files, exit codes, sentences."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from backend.cli import main
from planner.rounds.plan import plan_bytes
from planner.today.answer import parse_repair
from tests.unit.planner.today.test_repair import KEPT, V1, WORK, problem


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


Repair = Callable[..., Done]


@pytest.fixture
def repair(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Repair:
    """Run `liftrounds repair` with what has happened."""
    (tmp_path / "problem.json").write_bytes(msgspec.json.encode(problem()))
    (tmp_path / "plan.json").write_bytes(plan_bytes(KEPT))

    def run(*args: str, **events: Any) -> Done:
        today = {"schema": "liftrounds/today/1", "day": 0, "now_s": V1 + 60} | events
        (tmp_path / "today.json").write_text(json.dumps(today))
        files = [str(tmp_path / name) for name in ("problem.json", "plan.json", "today.json")]
        with pytest.raises(SystemExit) as ended:
            main(["repair", *files, "-o", str(tmp_path / "plan2.json"), "--time-limit", "0", *args])
        said = capfd.readouterr()
        return Done(int(ended.value.code or 0), said.out, said.err)

    return run


URGENT = {"visit": {"id": "e", "location": "d", "service_s": WORK, "first_day": 0, "last_day": 0}}


def test_a_repaired_plan_is_valid_for_the_problem_as_it_is_now(repair: Repair, tmp_path: Path) -> None:
    now = tmp_path / "problem2.json"
    done = repair("--problem-out", str(now), emergencies=[URGENT], crews_out=[{"crew": "c1"}])
    assert done.returncode == 0, done.stderr
    assert "c1: gives up v2 and v3" in done.stdout
    with pytest.raises(SystemExit) as ended:
        main(["check", str(now), str(tmp_path / "plan2.json")])
    assert ended.value.code == 0


def test_another_place_than_the_best_may_be_taken(repair: Repair, tmp_path: Path) -> None:
    listed = repair("--option", "2", emergencies=[URGENT])
    assert listed.returncode == 0
    assert "* 2." in listed.stdout
    plan = json.loads((tmp_path / "plan2.json").read_text())
    [crew] = [route["crew"] for route in plan["routes"] if any(stop["visit"] == "e" for stop in route["stops"])]
    assert f"* 2. {crew} " in listed.stdout
    none = repair("--option", "9", emergencies=[URGENT])
    assert none.returncode == 2
    assert "4 places" in none.stderr


def test_a_script_gets_the_whole_answer(repair: Repair) -> None:
    done = repair("--json", cancelled=["v3"])
    answer = parse_repair(done.stdout.encode())
    assert answer.outcome is not None
    assert [change.kind for change in answer.outcome.visits] == ["cancelled"]


def test_sentences_come_in_chinese_as_well(repair: Repair) -> None:
    assert "c1：减少v3" in repair("--language", "zh", cancelled=["v3"]).stdout


def test_what_finds_no_place_ends_with_a_finding(repair: Repair, tmp_path: Path) -> None:
    everybody = [{"crew": crew, "through_day": 1} for crew in ("c1", "c2", "c3")]
    done = repair(crews_out=everybody)
    assert done.returncode == 1
    assert "finds no place" in done.stdout
    (tmp_path / "plan2.json").unlink()
    nobody = repair(emergencies=[{"visit": URGENT["visit"] | {"skills": ["x"]}}])
    assert nobody.returncode == 1
    assert "Nobody can take the emergency" in nobody.stdout
    assert not (tmp_path / "plan2.json").exists()


def test_all_faults_of_the_file_are_printed_and_nothing_is_written(repair: Repair, tmp_path: Path) -> None:
    done = repair(crews_out=[{"crew": "c9"}], cancelled=["v9"], wrong=1)
    assert done.returncode == 2
    for path in ("crews_out[0].crew", "cancelled[0]", "wrong"):
        assert f"today.json: {path}" in done.stderr
    assert not (tmp_path / "plan2.json").exists()


def test_nothing_to_change_is_said(repair: Repair) -> None:
    done = repair()
    assert done.returncode == 0
    assert "Nothing has to change." in done.stdout
