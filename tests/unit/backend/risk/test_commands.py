"""`liftrounds risk` on files: scores with a verdict, parameters, forecasts; wrong use is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from backend.cli import liftrounds
from backend.errors import InvalidInput
from tests.support.outages import MTA

FEW = "elevator,from,faults,make\n" + "".join(
    f"{name},2025-{month:02d}-01,{(month * len(name)) % 3},{name[0]}\n"
    for name in ("a1", "a22", "b1", "b22", "c333", "c4444")
    for month in range(1, 13)
)


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "counts.csv"
    path.write_text(FEW, encoding="utf-8")
    return str(path)


def run(*args: str) -> Result:
    return CliRunner().invoke(liftrounds, ["risk", *args])


def test_scores_are_one_json_object_and_the_exit_code_says_whether_all_was_reached() -> None:
    done = run("score", str(MTA), "--cut", "2023-01-01", "--horizon-months", "6", "--no-new", "--json")
    found = json.loads(done.output)
    assert found["elevators"] == 120
    assert {each["method"] for each in found["scores"]} >= {"model", "last_year", "pooled"}
    assert done.exit_code == (1 if found["failed"] else 0)


def test_every_parameter_is_printed_and_can_be_written(file: str, tmp_path: Path) -> None:
    written = tmp_path / "model.json"
    done = run("fit", file, "-o", str(written))
    assert done.exit_code == 0
    for word in ("own_shape", "half_life_months", "make: spread", "season:"):
        assert word in done.output
    assert json.loads(written.read_bytes())["faults"]["memory"]["own_shape"] > 0


def test_forecasts_are_sentences_in_both_languages(file: str) -> None:
    english = run("predict", file, "--days", "30", "--elevator", "a1").output
    assert "a1: " in english
    assert "expected in 30 days (80 %:" in english
    assert "30天内预计故障" in run("predict", file, "--days", "30", "--zh").output


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--cut", "2031-01-01"), "a cut lies after the first month"),
        (("--cut", "soon"), "a day is written as"),
        (("--column", "faults"), "a column is told as"),
        (("--column", "faults=Nothing"), "cannot be used"),
    ],
)
def test_wrong_use_is_refused_with_the_way_out(file: str, args: tuple[str, ...], said: str) -> None:
    refused = run("score", file, *args)
    assert isinstance(refused.exception, InvalidInput)
    assert said in str(refused.exception)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    refused = run("fit", str(tmp_path / "none.csv"))
    assert isinstance(refused.exception, InvalidInput)
    assert "cannot be read" in str(refused.exception)
