"""`liftrounds plan` turns a problem file into a plan file, `liftrounds check` says what is wrong with a plan."""

from __future__ import annotations

import contextlib
import gc
import math
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

import click
import msgspec

from backend.cli import EXIT_FINDING
from backend.errors import Fault, InvalidInput, Unavailable

if TYPE_CHECKING:
    from planner.rounds.evaluate import Evaluation
    from planner.rounds.plan import Plan
    from planner.rounds.problem import Problem
    from planner.rounds.stop import Progress

T = TypeVar("T")

LONGEST_S = 7 * 86_400
MOST_WORKERS = 64
LAST_STEP_S, LAST_STEP_SHARE = 0.1, 0.005
"""Seconds, and share of the time limit, for writing the plan and ending the program."""
LEFT_OUT_SHOWN = 20
"""Visits left out that are listed one by one; the plan file has them all."""


class _Seconds(click.ParamType[float]):
    """A number of seconds, more than 0 and finite."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            seconds = float(value)
        except ValueError:
            seconds = math.nan
        if not 0 < seconds <= LONGEST_S:
            self.fail(f"{value!r} is not a number of seconds more than 0 and up to {LONGEST_S}", param, ctx)
        return seconds


@click.command()
@click.argument("problem_file", metavar="PROBLEM.json", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", required=True, metavar="PLAN.json", type=click.Path(path_type=Path), help="Where the plan goes."
)
@click.option(
    "--time-limit",
    type=_Seconds(),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Wall seconds from reading the problem to the end.",
)
@click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True, help="Of the search; other seeds, other plans."
)
@click.option(
    "--workers",
    type=click.IntRange(1, MOST_WORKERS),
    default=1,
    show_default=True,
    help="Processes that search side by side; the best mix of what they find is the plan.",
)
@click.option("--start", metavar="PLAN.json", type=click.Path(path_type=Path), help="A plan to begin with.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text for people.")
def plan(
    problem_file: Path, output: Path, time_limit: float, seed: int, workers: int, start: Path | None, as_json: bool
) -> None:
    """Find rounds for PROBLEM.json and write them to PLAN.json.

    Visits that find no place are listed with the reason, mandatory ones first. Ctrl-C ends the search early and keeps
    the best plan so far.

    Exit code 1 means that pinned visits do not fit together, so that the plan breaks a rule; 2 that a file cannot be
    used: every fault is printed with its path.

    \b
    Examples:
      liftrounds plan problem.json -o plan.json --time-limit 60
      liftrounds plan problem.json -o better.json --start plan.json --time-limit 600 --workers 4
    """
    from planner.rounds.evaluate import evaluate
    from planner.rounds.plan import write_plan

    begun_s = time.monotonic()
    problem, started = _read(problem_file, start)
    _check_output(output, (problem_file, start))
    limit_s = max(0.0, time_limit - LAST_STEP_S - LAST_STEP_SHARE * time_limit)
    with _interruptible() as stop_wanted, _progress_bar() as tell:
        if workers == 1:
            found = _solved_here(problem, started, begun_s, limit_s, seed, tell, stop_wanted)
        else:
            found = _solved_by_many(problem_file, start, begun_s, limit_s, seed, workers, tell, stop_wanted)
    try:
        write_plan(found, output)
    except OSError as error:
        raise Unavailable("{path} cannot be written: {why}", path=output, why=error.strerror or error) from error
    verdict = evaluate(problem, found)
    click.echo(_summary_json(found, verdict, output) if as_json else _summary(problem, found, verdict, output))
    sys.stdout.flush()
    sys.exit(0 if verdict.valid else EXIT_FINDING)


@click.command()
@click.argument("problem_file", metavar="PROBLEM.json", type=click.Path(path_type=Path))
@click.argument("plan_file", metavar="PLAN.json", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text for people.")
def check(problem_file: Path, plan_file: Path, as_json: bool) -> None:
    """Check PLAN.json against every rule of PROBLEM.json and work out what it costs.

    Nothing in the plan is believed but which crew goes where, in which order and when.

    Exit code 0 means that the plan is valid, 1 that it is not: every violation is listed; 2 that a file cannot be read.

    \b
    Examples:
      liftrounds check problem.json plan.json
      liftrounds check problem.json plan.json --json
    """
    from planner.rounds.evaluate import evaluate

    problem, found = _read(problem_file, plan_file)
    assert found is not None  # noqa: S101 - a plan file was named
    verdict = evaluate(problem, found)
    click.echo(_verdict_json(verdict) if as_json else _verdict(verdict))
    sys.exit(0 if verdict.valid else EXIT_FINDING)


def _read(problem_file: Path, plan_file: Path | None) -> tuple[Problem, Plan | None]:
    """Read both files; the faults of both are reported together."""
    from planner.rounds.plan import read_plan
    from planner.rounds.problem import read_problem

    faults: list[Fault] = []
    problem = _without_faults(read_problem, problem_file, faults)
    found = None if plan_file is None else _without_faults(read_plan, plan_file, faults)
    if problem is None or faults:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise InvalidInput("the input cannot be used, it has {count}", faults=faults, count=count)
    return problem, found


def _without_faults(read: Callable[[Path], T], path: Path, faults: list[Fault]) -> T | None:
    from planner.rounds.faults import FaultyInputError

    try:
        return read(path)
    except FaultyInputError as error:
        for fault in error.faults:
            where = f"{path}: {fault.path}" if fault.path and fault.path != str(path) else str(path)
            faults.append(Fault(where, None, fault.message))
        return None


def _check_output(output: Path, inputs: tuple[Path | None, ...]) -> None:
    """Refuse an output that cannot be written before time is spent on the search."""
    folder = output.resolve().parent
    reason = None
    if output.is_dir():
        reason = "is a folder; name a file in it"
    elif not folder.is_dir():
        reason = f"there is no folder {folder}; make it or name another"
    elif output.resolve() == inputs[0].resolve() if inputs[0] else False:
        reason = "is the problem file; name another"
    elif not output.exists() or output.is_file():
        try:
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            reason = f"cannot be written: {error.strerror or error}"
    if reason is not None:
        raise InvalidInput("the output cannot be used", faults=[Fault(str(output), None, reason)])


def _solved_here(
    problem: Problem,
    start: Plan | None,
    begun_s: float,
    limit_s: float,
    seed: int,
    tell: Callable[[Progress], None],
    stop_wanted: Callable[[], bool],
) -> Plan:
    from planner.rounds.solve import solve
    from planner.rounds.stop import Stop

    gc.disable()  # routes hold no circles, and looking for some costs a tenth of the time
    try:
        return solve(problem, Stop(limit_s, requested=stop_wanted, begun_s=begun_s), seed, start, tell)
    finally:
        gc.enable()


def _solved_by_many(
    problem_file: Path,
    start: Path | None,
    begun_s: float,
    limit_s: float,
    seed: int,
    workers: int,
    tell: Callable[[Progress], None],
    stop_wanted: Callable[[], bool],
) -> Plan:
    from planner.rounds.plan import parse_plan
    from planner.rounds.process import SolverDiedError, solve_in_process

    try:
        answer = solve_in_process(
            problem_file.read_bytes(),
            time_limit_s=max(0.0, limit_s - (time.monotonic() - begun_s)),
            seed=seed,
            workers=workers,
            start=None if start is None else start.read_bytes(),
            folder=problem_file.absolute().parent,
            on_progress=tell,
            should_stop=stop_wanted,
        )
    except SolverDiedError as error:
        raise Unavailable("there is no plan: {why}", why=error) from error
    return parse_plan(answer)


@contextlib.contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C (or SIGTERM) into the wish to stop; the second ends the program as usual."""
    wanted = False

    def want(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - as `signal` wants it
        nonlocal wanted
        if wanted:
            raise KeyboardInterrupt
        wanted = True

    before = {number: signal.signal(number, want) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: wanted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _progress_bar() -> Iterator[Callable[[Progress], None]]:
    """Show a bar on the error stream, if a person watches it."""
    if not sys.stderr.isatty():
        yield _tell_nobody
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("reading", total=1.0)

        def tell(progress: Progress) -> None:
            told = f"{progress.phase:<9} cost {progress.best_cost}, {progress.planned} of {progress.visits} visits planned"
            bars.update(task, completed=progress.share, description=told)

        yield tell


def _tell_nobody(progress: Progress) -> None:
    del progress


def _summary(problem: Problem, found: Plan, verdict: Evaluation, output: Path) -> str:
    visits = len(problem.visits)
    lines = [
        f"{visits - len(found.unplanned)} of {visits} visits on {verdict.routes} routes,"
        f" {verdict.missed_mandatory} mandatory and {verdict.deferred} optional ones left out.",
        f"Cost {_costs(verdict)}.",
    ]
    lines += [f"  {left_out.visit}: {left_out.detail}" for left_out in found.unplanned[:LEFT_OUT_SHOWN]]
    if len(found.unplanned) > LEFT_OUT_SHOWN:
        lines.append(f"  and {len(found.unplanned) - LEFT_OUT_SHOWN} more, see `unplanned` in the plan.")
    lines += [f"Rule broken: {violation.message}" for violation in verdict.violations]
    return "\n".join([*lines, f"Written to {output}."])


def _costs(verdict: Evaluation) -> str:
    parts = {name: amount for name, amount in msgspec.structs.asdict(verdict.cost).items() if amount and name != "total"}
    told = " + ".join(f"{name} {amount}" for name, amount in parts.items())
    return f"{verdict.cost.total} = {told}" if told else f"{verdict.cost.total}"


def _summary_json(found: Plan, verdict: Evaluation, output: Path) -> str:
    facts = _facts(verdict) | {"plan": str(output), "seed": found.seed, "wall_s": found.wall_s, "unplanned": found.unplanned}
    return msgspec.json.encode(facts).decode()


def _facts(verdict: Evaluation) -> dict[str, Any]:
    return {
        "valid": verdict.valid,
        "total": verdict.cost.total,
        "cost": verdict.cost,
        "missed_mandatory": verdict.missed_mandatory,
        "deferred": verdict.deferred,
        "routes": verdict.routes,
        "violations": verdict.violations,
        "warnings": verdict.warnings,
    }


def _verdict_json(verdict: Evaluation) -> str:
    return msgspec.json.encode(_facts(verdict)).decode()


def _verdict(verdict: Evaluation) -> str:
    count = len(verdict.violations)
    head = "valid" if verdict.valid else "invalid: 1 violation" if count == 1 else f"invalid: {count} violations"
    lines = [head, *(f"  {violation.rule}: {violation.message}" for violation in verdict.violations)]
    lines.append(f"cost {_costs(verdict)}")
    lines.append(
        f"{verdict.routes} routes, {verdict.missed_mandatory} mandatory and {verdict.deferred} optional visits left out"
    )
    return "\n".join([*lines, *(f"warning: {told}" for told in verdict.warnings)])
