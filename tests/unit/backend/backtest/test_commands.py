"""`liftrounds backtest` at the terminal: one line of JSON, a picture, refusals that say the way out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from backend.backtest.commands import backtest
from backend.cli import main
from planner.intervals.rules import pack_ids

TWO = ("--policy", "cn-fixed-15", "--policy", "cn-on-demand-30")
SMALL = ("--elevators", "3", "--years", "0.3", "--workers", "1")
KEYS = {"id", "elevator_years", "visits", "technician_hours", "faults", "wear_out_faults", "entrapments", "overdue_days",
        "past_legal_limit"}  # fmt: skip


def ran(*args: str) -> Result:
    return CliRunner().invoke(backtest, list(args), catch_exceptions=False)


def answer(*args: str) -> dict[str, Any]:
    done = ran(*args, "--json")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def refused(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    with pytest.raises(SystemExit) as stopped:
        main(["backtest", *args])
    assert stopped.value.code == 2
    return capsys.readouterr().err


def test_json_ends_with_one_line_of_both_policies_and_the_same_again() -> None:
    found = answer(*TWO, *SMALL)
    assert [one["id"] for one in found["policies"]] == ["cn-fixed-15", "cn-on-demand-30"]
    for one in found["policies"]:
        assert one.keys() >= KEYS
        least, most = one["intervals"]["visits"]
        assert least <= one["visits"] <= most
        assert (one["past_legal_limit"], one["overdue_days"]) == (0, 0)
    assert found["differences"][0]["than"] == "cn-fixed-15"
    assert answer(*TWO, *SMALL) == found
    assert answer(*TWO, *SMALL, "--seed", "2") != found


def test_every_pack_is_a_policy() -> None:
    policies = [part for pack_id in pack_ids() for part in ("--policy", pack_id)]
    found = answer(*policies, "--elevators", "1", "--years", "0.3", "--workers", "1")
    assert [one["id"] for one in found["policies"]] == list(pack_ids())


def test_text_and_picture_for_people(tmp_path: Path) -> None:
    picture = tmp_path / "figures.svg"
    done = ran(*TWO, *SMALL, "--picture", str(picture))
    assert done.exit_code == 0
    assert "Visits" in done.stdout
    assert "cn-on-demand-30 against cn-fixed-15" in done.stdout
    assert picture.read_text("utf-8").startswith("<svg")


def test_late_crews_are_counted_and_are_no_finding() -> None:
    found = answer(*TWO, *SMALL, "--late-days", "9:1")
    assert all(one["past_legal_limit"] > 0 and one["overdue_days"] > 0 for one in found["policies"])


def test_a_history_is_replayed_and_its_holes_are_told(tmp_path: Path) -> None:
    file = tmp_path / "history.csv"
    rows = [f"E1,2025-{month:02d}-{day:02d},visit,half_month" for month in range(1, 7) for day in (2, 16)]
    file.write_text("elevator,day,what,value\n" + "\n".join([*rows, "E1,2025-06-31,visit,year"]) + "\n", "utf-8")
    done = ran(*TWO, "--history", str(file), "--json")
    assert done.exit_code == 0
    assert "'2025-06-31'; write a day as" in done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["policies"][0]["id"] == "as it was"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--policy", "cn-fixed-16"), "there are cn-fixed-15, cn-on-demand-30"),
        ((), "name a rule pack, twice or more; there are cn-fixed-15"),
        ((*TWO, "--policy", "cn-fixed-15"), "is named twice"),
        ((*TWO, "--picture", "figures.gif"), "let the name end with .svg"),
        ((*TWO, "--late-days", "often"), "days:chance pairs"),
        ((*TWO, "--set", "visit.magic=1"), "is no number of the truth"),
        ((*TWO, "--set", "visit.restores"), "write NAME=NUMBER"),
        (("--policy", "cn-on-demand-filed", "--filed-gap", "50"), "45, 60, 90 days"),
    ],
)
def test_wrong_use_says_the_way_out(capsys: pytest.CaptureFixture[str], args: tuple[str, ...], said: str) -> None:
    assert said in refused(capsys, *args)


def test_help_has_an_example() -> None:
    assert "liftrounds backtest --policy cn-fixed-15 --policy cn-on-demand-30" in ran("--help").output
