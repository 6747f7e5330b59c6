"""The measure of on-demand maintenance on a simulated fleet, and how it hangs on what is assumed: a table for the docs.

`uv run python tests/bench/backtest/bench_backtest.py measure --elevators 2500 --years 2 --seeds 1 2`, or `assumptions`.
"""

from __future__ import annotations

import argparse
import time
from datetime import date

from planner.backtest.figures import Figures
from planner.backtest.run import Study, run
from planner.simulate.known_truth import usual_truth, with_numbers

POLICIES = ("cn-fixed-15", "cn-on-demand-30")
START = date(2027, 1, 1)

ASSUMPTIONS: tuple[tuple[str, dict[str, float]], ...] = (
    ("as it stands", {}),
    ("a longer visit restores no more", {"visit.longer_restores": 0.0}),
    ("… a third of what the shorter one leaves", {"visit.longer_restores": 0.33}),
    ("visits restore 0.6 of an age", {"visit.restores": 0.6}),
    ("visits restore 0.95", {"visit.restores": 0.95}),
    ("shapes of wear × 0.75", {"parts.shape": 0.75}),
    ("shapes of wear × 1.25", {"parts.shape": 1.25}),
    ("parts last twice as long", {"parts.life": 2.0}),
    ("all elevators of a kind used alike (log-sd 0.35)", {"use.further_spread": 0.0}),
    ("entrapments 0.19 of faults, as in transit", {"entrapments.share": 0.19}),
    ("monitors silent three times as often", {"monitor.outages_per_year": 12.6}),
)
"""What is changed, and how."""


def line(name: str, found: Figures, seconds: float) -> str:
    """Return a row of the table."""
    cells = [name]
    for figure in ("visits", "wear_out_expected", "wear_out_faults", "entrapments", "technician_hours"):
        change, least, most = found.differences[0].change[figure]
        cells.append(f"{100 * change:+.1f} % [{100 * least:+.1f}, {100 * most:+.1f}]")
    cells += ["/".join(str(one.past_legal_limit) for one in found.policies), f"{seconds:.0f} s"]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("measure", "assumptions"))
    parser.add_argument("--elevators", type=int, default=300)
    parser.add_argument("--years", type=float, default=1.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--policy", default=POLICIES[1])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rows", type=int, nargs="+", default=list(range(len(ASSUMPTIONS))), help="of the assumptions")
    parser.add_argument("--whole-fleet", action="store_true")
    given = parser.parse_args()
    print("| | visits | wear, without luck | faults of wear | entrapments | hours on site | limits passed | time |")  # noqa: T201
    print("|---|---|---|---|---|---|---|---|")  # noqa: T201
    cases = [ASSUMPTIONS[row] for row in given.rows] if given.what == "assumptions" else ASSUMPTIONS[:1]
    for name, changes in cases:
        for seed in given.seeds:
            study = Study(
                policies=(POLICIES[0], given.policy), elevators=given.elevators, years=given.years, seed=seed,
                truth=with_numbers(usual_truth(), changes), start=START, whole_fleet=given.whole_fleet,
            )  # fmt: skip
            begun = time.perf_counter()
            found = run(study, workers=given.workers)
            label = name if given.what == "assumptions" else f"seed {seed}, {found.policies[0].elevator_years:,.0f} years"
            print(line(label, found, time.perf_counter() - begun), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
