"""`liftrounds bound` proves how much every plan of a problem costs at least, and so how good a plan is."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from backend.interrupts import interruptible
from backend.rounds.plan_files import read_files, say, show_notices

if TYPE_CHECKING:
    from planner.rounds.bound import BoundProgress, BoundResult, OnBound
    from planner.rounds.plan import Plan
    from planner.rounds.problem import Problem

LONGEST_S = 7 * 86_400
STOPPING = "Stopping with what is proved so far; once more ends at once and without it."
COMPILING = "Getting the proof ready; the first time after installation it is compiled, which takes half a minute."


@click.command()
@click.argument("problem_file", metavar="PROBLEM.json", type=click.Path(path_type=Path))
@click.option("--plan", "plan_file", metavar="PLAN.json", type=click.Path(path_type=Path), help="A plan to measure by it.")
@click.option(
    "--time-limit",
    type=click.FloatRange(0, LONGEST_S),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Wall seconds after which the best bound so far is the answer.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text for people.")
def bound(problem_file: Path, plan_file: Path | None, time_limit: float, as_json: bool) -> None:
    """Prove how much every valid plan of PROBLEM.json costs at least.

    With a plan it also says how far that is from the best one at most. What is printed holds whenever it ends: at the time
    limit, at Ctrl-C, or as soon as more time would not help. A plan helps the proof on its way.

    Exit code 2 means that a file cannot be read: every fault is printed with its path.

    \b
    Examples:
      liftrounds bound problem.json --plan plan.json
      liftrounds bound problem.json --time-limit 300 --json
    """
    from planner.rounds.precheck import notices

    problem, found = read_files(problem_file, plan_file)
    show_notices(problem_file, notices(problem))
    with interruptible(STOPPING) as wanted:
        result = proved(problem, found, time_limit, wanted)
    told = msgspec.json.encode(result).decode() if as_json else summary(problem, found, result)
    if not say(told):
        sys.exit(2)


def proved(problem: Problem, found: Plan | None, time_limit_s: float, wanted: Callable[[], bool]) -> BoundResult:
    """Prove a bound within some seconds, telling on the error stream how far it is if a person watches it."""
    from planner.rounds.bound import bound as prove
    from planner.rounds.stop import Stop

    with _progress_bar(time_limit_s) as tell:
        return prove(problem, Stop(time_limit_s, requested=wanted), found, tell)


def summary(problem: Problem, found: Plan | None, result: BoundResult) -> str:
    """Say in plain sentences what is proved, and what that means for the plan."""
    from planner.rounds.evaluate import evaluate

    lines = [f"No valid plan costs less than {result.bound}: proved in {result.wall_s:.1f} s."]
    if result.reason is not None:
        lines.append(f"The proof did not come to its end: {result.reason}. The true bound may be higher.")
    if found is not None and result.plan_cost is not None:
        if not evaluate(problem, found).valid:
            lines.append(f"The plan is not valid, so its cost of {result.plan_cost} says nothing (see liftrounds check).")
        elif result.plan_cost <= result.bound:
            lines.append(f"The plan costs {result.plan_cost}: no plan is cheaper.")
        elif result.gap is None:
            lines.append(
                f"The plan costs {result.plan_cost}, at most {result.plan_cost - result.bound} more than the best one."
            )
        else:
            lines.append(f"The plan costs {result.plan_cost}; the best one saves at most {100 * result.gap:.1f} % of that.")
    return "\n".join(lines)


@contextlib.contextmanager
def _progress_bar(time_limit_s: float) -> Iterator[OnBound | None]:
    """Show a bar on the error stream, if a person watches it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    click.echo(COMPILING, err=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("bound", total=1.0 if time_limit_s else None)

        def tell(progress: BoundProgress) -> None:
            above = "" if progress.limit is None else f", at most {progress.limit:.0f} by this proof"
            bars.update(task, completed=progress.share, description=f"bound {progress.bound}{above}")

        yield tell
