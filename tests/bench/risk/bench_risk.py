"""How well failure rates are forecast on a file of counts: rolling origins, known and new elevators, who is warned of.

    uv run python tests/bench/risk/bench_risk.py months.csv --cut 2022-01-01 --cut 2022-07-01 --cut 2023-01-01
    uv run python tests/bench/risk/bench_risk.py days.csv.gz --attributes register.csv
    uv run python tests/bench/risk/bench_risk.py --simulated 10000

Any file that `liftrounds risk` reads. Scores are means over the cuts; the share of entrapments of the worst fifth is compared
by drawing elevators again and again.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[3]))

from planner.risk.files import read_counts
from planner.risk.fit import counts_of, fit, months_known
from planner.risk.forecast import forecast_months
from planner.risk.history import History, build_history
from planner.risk.score import METHODS, Score, score, worst_share
from tests.support.outages import simulated

HORIZONS = (1, 3, 6, 12)
DRAWS = 400
LEVELS = 2.5, 97.5


def say(line: object) -> None:
    """Write a line."""
    sys.stdout.write(f"{line}\n")


def main() -> None:
    """Print a table, and one line of JSON."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("file", nargs="?", type=Path)
    asked.add_argument("--attributes", type=Path)
    asked.add_argument("--cut", action="append", type=date.fromisoformat)
    asked.add_argument("--simulated", type=int, metavar="ELEVATORS", help="time a fit of so many simulated elevators instead")
    asked.add_argument("--no-new", action="store_true")
    given = asked.parse_args()
    if given.simulated:
        timed(given.simulated)
        return
    history = read_counts(given.file, attributes=given.attributes).history
    months = history.months
    cuts = given.cut or [months[len(months) * part // 6] for part in (3, 4, 5)]
    started = time.perf_counter()
    table = score(history, cuts, HORIZONS, new=not given.no_new)
    seconds = time.perf_counter() - started
    lines = [*summary("", table.scores), *summary("new", table.new_elevators)]
    for line in lines:
        say("  ".join(f"{value:>12.4f}" if isinstance(value, float) else f"{value!s:>12}" for value in line.values()))
    drawn = drawn_again(history, cuts)
    for line in drawn:
        say(line)
    say(json.dumps({"scores": lines, "worst_fifth": drawn, "cuts": [str(cut) for cut in cuts], "seconds": round(seconds, 1)}))


def summary(who: str, scores: list[Score]) -> list[dict[str, Any]]:
    """Return the means over the cuts."""
    lines = []
    for outcome in ("faults", "entrapments"):
        for months in HORIZONS:
            for method in METHODS:
                chosen = [each for each in scores if (each.outcome, each.months, each.method) == (outcome, months, method)]
                if not chosen:
                    continue
                worst = [each.worst_fifth for each in chosen if each.worst_fifth is not None]
                lines.append(
                    {
                        "who": who or "known", "outcome": outcome, "months": months, "method": method,
                        "log_score": float(np.mean([each.log_score for each in chosen])),
                        "held": float(np.mean([each.held for each in chosen])),
                        "randomised": float(np.mean([each.held_randomised for each in chosen])),
                        "worst_fifth": float(np.mean(worst)) if worst else 0.0,
                    }
                )  # fmt: skip
    return lines


def drawn_again(history: History, cuts: list[date]) -> list[dict[str, Any]]:
    """Return how much more of the entrapments fell to the model's worst fifth, with the spread over elevators drawn anew."""
    if history.entrapments is None:
        return []
    draw = np.random.default_rng(1)
    parts = []
    for cut in cuts:
        known = months_known(history, cut)
        model = fit(history, cut)
        for months in (6, 12):
            if known + months > len(history.months):
                continue
            span, year = slice(known, known + months), slice(max(0, known - 12), known)
            watched = history.exposure[:, span].sum(axis=1) > 0
            came = counts_of(history, "entrapments")[watched, span].sum(axis=1)
            days = np.maximum(history.exposure[watched, year].sum(axis=1), 1.0)
            forecast = forecast_months(model, history, cut, months)[1]
            assert forecast is not None
            rivals = {
                "last year's faults": history.faults[watched, year].sum(axis=1) / days,
                "last year's entrapments": counts_of(history, "entrapments")[watched, year].sum(axis=1) / days,
            }
            parts.append((came, forecast.mean[watched], rivals))
    found = []
    for rival in ("last year's faults", "last year's entrapments"):
        gains = []
        for _ in range(DRAWS):
            shares = []
            for came, mean, rivals in parts:
                chosen = draw.integers(0, len(came), len(came))
                shares.append((worst_share(came[chosen], mean[chosen]), worst_share(came[chosen], rivals[rival][chosen])))
            gains.append(np.mean([one or 0.0 for one, _ in shares]) - np.mean([other or 0.0 for _, other in shares]))
        low, high = np.percentile(gains, LEVELS)
        share = np.mean([worst_share(came, mean) or 0.0 for came, mean, _ in parts])
        other = np.mean([worst_share(came, rivals[rival]) or 0.0 for came, _, rivals in parts])
        found.append(
            {"against": rival, "model": round(float(share), 4), "rival": round(float(other), 4),
             "gain_95": [round(float(low), 4), round(float(high), 4)]}
        )  # fmt: skip
    return found


def timed(elevators: int) -> None:
    """Print how long a fit takes."""
    periods, _ = simulated(elevators, 36)
    history = build_history(periods)
    started = time.perf_counter()
    fit(history)
    say(json.dumps({"elevators": elevators, "months": len(history.months), "seconds": round(time.perf_counter() - started, 1)}))


if __name__ == "__main__":
    main()
