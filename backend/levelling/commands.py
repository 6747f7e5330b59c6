"""`liftrounds level` turns a levelling problem into target days."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from backend.cli import EXIT_FINDING
from backend.errors import Fault, InvalidInput, Unavailable
from backend.interrupts import interruptible
from backend.rounds.plan_files import kept

if TYPE_CHECKING:
    from planner.levelling.levels import Levels
    from planner.levelling.problem import LevellingProblem

LONGEST_S = 7 * 86_400
UNPLACED_SHOWN = 20
"""Visits without a day that are listed one by one; the file has them all."""
STOPPING = "Stopping with the best days so far; once more ends at once and without them."
READING_S = 0.3
"""Seconds of the time limit for starting, reading and writing."""


@click.command()
@click.argument("problem_file", metavar="PROBLEM.json", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", required=True, metavar="LEVELS.json", type=click.Path(path_type=Path), help="Where the answer goes."
)
@click.option(
    "--time-limit",
    type=click.FloatRange(0, LONGEST_S),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Wall seconds at most; it ends earlier when nothing is gained any more.",
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True, help="Of all chance.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text for people.")
def level(problem_file: Path, output: Path, time_limit: float, seed: int, as_json: bool) -> None:
    """Give every visit of the weeks or months of PROBLEM.json a target day, and write them to LEVELS.json.

    The chain of visits per elevator, public holidays, hours of crews per area and day, fair shares of weekends and nights.
    Visits that find no day are listed with the reason.

    Ctrl-C ends it early and keeps the best days so far.

    Exit code 0 means that every visit has a day, 1 that some have none, 2 that a file cannot be used: every fault is printed
    with its path.

    \b
    Examples:
      liftrounds level problem.json -o levels.json
      liftrounds level problem.json -o levels.json --time-limit 170 --seed 7 --json
    """
    from planner.levelling.evaluate import evaluate
    from planner.levelling.levels import write_levels
    from planner.levelling.problem import read_levelling
    from planner.levelling.solve import Limit, level
    from planner.rounds.faults import FaultyInputError

    try:
        problem = read_levelling(problem_file)
    except FaultyInputError as error:
        faults = [Fault(fault.path, None, fault.message) for fault in error.faults]
        raise InvalidInput("{file} cannot be used", file=str(problem_file), faults=faults) from None
    if not output.resolve().parent.is_dir():
        raise InvalidInput("{folder} is no folder: the answer could not be written", folder=str(output.resolve().parent))
    with interruptible(STOPPING) as wanted:
        found = level(problem, Limit(time_limit_s=max(0.0, time_limit - READING_S), requested=wanted), seed)
    try:
        write_levels(found, output)
    except OSError as error:
        instead = kept(msgspec.json.encode(found), "levels were")
        told = "{file} cannot be written: {why}; {instead}"
        raise Unavailable(told, file=str(output), why=error.strerror or str(error), instead=instead) from None
    verdict = evaluate(problem, found)
    if not verdict.valid:
        raise Unavailable("the answer breaks rules: {rules}", rules="; ".join(each.message for each in verdict.violations[:5]))
    click.echo(msgspec.json.encode(_facts(found, output)).decode() if as_json else _summary(problem, found, output))
    sys.exit(EXIT_FINDING if found.unplaced else 0)


def _facts(found: Levels, output: Path) -> dict[str, object]:
    return {
        "levels": str(output),
        "visits": sum(len(chain.visits) for chain in found.chains),
        "unplaced": found.unplaced,
        "cost": found.cost,
        "bound": found.bound,
        "unknown_years": found.unknown_years,
        "seed": found.seed,
        "wall_s": found.wall_s,
    }


def _summary(problem: LevellingProblem, found: Levels, output: Path) -> str:
    visits = sum(len(chain.visits) for chain in found.chains)
    lines = [
        f"{visits - len(found.unplaced)} of {visits} visits of {len(problem.elevators)} elevators have a day"
        f" in the {problem.days} days from {problem.start_date}.",
        f"Cost {found.cost.total}, at least {found.bound} whatever is done.",
    ]
    lines += [f"No holidays are known for {year}: its days count as their weekdays." for year in found.unknown_years]
    lines += [f"  {each.elevator}: {each.detail}" for each in found.unplaced[:UNPLACED_SHOWN]]
    if len(found.unplaced) > UNPLACED_SHOWN:
        lines.append(f"  and {len(found.unplaced) - UNPLACED_SHOWN} more, see `unplaced` in the file.")
    return "\n".join([*lines, f"Written to {output}."])
