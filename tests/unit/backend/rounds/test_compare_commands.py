"""`liftrounds compare`: what it refuses, and how it tells figures."""

from __future__ import annotations

from datetime import date

import pytest

from backend.cli import main
from backend.rounds import compare_commands
from planner.whatif.co2 import co2_factor
from planner.whatif.policies import FIXED, ON_DEMAND
from planner.whatif.result import Comparison, Counted, result_of


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--policy", "atlantis"], "no rule pack 'atlantis'"),
        (["--policy", "cn-fixed-15+magic"], "with +paperwork or without"),
        (["--policy", "cn-fixed-15", "--policy", "cn-fixed-15"], "named twice"),
        (["--days", "3"], "3 is not in the range"),
    ],
)
def test_wrong_questions_are_refused(args: list[str], told: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["compare", *args])
    assert ended.value.code == 2
    assert told in capfd.readouterr().err


def test_a_pack_decides_the_mode_and_paperwork_is_said_beside_it() -> None:
    policy = compare_commands._policy("cn-on-demand-30+paperwork")
    assert (policy.pack, policy.mode, policy.paperwork) == ("cn-on-demand-30", "on_demand", "assumed")
    assert compare_commands._policy("cn-fixed-15").mode == "fixed"


def test_figures_stand_in_a_table_with_their_spread() -> None:
    runs = [Counted(elevator_days=60, visits=100 + 4 * n, on_site_s=3600, metres=5000) for n in range(2)]
    found = Comparison(
        start_date=date(2026, 12, 1), days=60, elevators=1, seeds=2, co2=co2_factor(),
        policies=(result_of(FIXED, runs, co2_factor()), result_of(ON_DEMAND, runs, co2_factor())),
    )  # fmt: skip
    lines = compare_commands._table(found).splitlines()
    assert lines[0] == "1 elevators, 60 days from 2026-12-01, 2 searches each"
    assert next(part for part in lines if part.startswith("Visits ")).split() == ["Visits", "102", "±2", "102", "±2"]
    assert lines[-1].startswith("CO2: 0.2485 kg/km")
