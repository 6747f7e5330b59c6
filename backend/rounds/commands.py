"""`liftrounds plan` turns a problem file into a plan file, `liftrounds check` says what is wrong with a plan."""

from __future__ import annotations

import contextlib
import gc
import math
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click
import msgspec

from backend.cli import EXIT_FINDING, EXIT_WRONG_USE
from backend.errors import InvalidInput, Unavailable
from backend.rounds.plan_files import STANDARD_OUTPUT, check_output, deliver, is_error, read_files, say, show_notices

if TYPE_CHECKING:
    from planner.rounds.evaluate import Evaluation
    from planner.rounds.plan import Plan
    from planner.rounds.precheck import Notice
    from planner.rounds.problem import Problem
    from planner.rounds.stop import Progress, Stop

LONGEST_S = 7 * 86_400
MOST_WORKERS = 64
LAST_STEP_S, LAST_STEP_SHARE = 0.1, 0.005
"""Seconds, and share of the time limit, for writing the plan and ending the program."""
INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What ends a search: Ctrl-C, the end of the service or machine, and a terminal that is closed."""
LEFT_OUT_SHOWN = 20
"""Visits left out that are listed one by one; the plan file has them all."""


class _Seconds(click.ParamType[float]):
    """A number of seconds, 0 or more and finite."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            seconds = float(value)
        except ValueError:
            seconds = math.nan
        if not 0 <= seconds <= LONGEST_S:
            self.fail(f"{value!r} is not a number of seconds from 0 to {LONGEST_S}", param, ctx)
        return seconds


@click.command()
@click.argument("problem_file", metavar="PROBLEM.json", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="PLAN.json",
    type=click.Path(path_type=Path),
    help="Where the plan goes; - for standard output.",
)
@click.option(
    "--time-limit",
    type=_Seconds(),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Wall seconds from reading the problem to the end; 0 for the first plan, however long it takes.",
)
@click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True, help="Of the search; other seeds, other plans."
)
@click.option(
    "--workers",
    type=click.IntRange(1, MOST_WORKERS),
    default=1,
    show_default=True,
    help="Processes that search side by side, each another part of the plan.",
)
@click.option("--cluster", metavar="tcp://HOST:PORT", help="Scheduler of a Dask cluster whose workers search instead.")
@click.option("--start", metavar="PLAN.json", type=click.Path(path_type=Path), help="A plan to begin with.")
@click.option(
    "--bound",
    "bound_s",
    type=_Seconds(),
    default=0.0,
    metavar="SECONDS",
    help="So many seconds more, after the search, to prove what every plan costs at least.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text for people.")
def plan(
    problem_file: Path,
    output: Path,
    time_limit: float,
    seed: int,
    workers: int,
    cluster: str | None,
    start: Path | None,
    bound_s: float,
    as_json: bool,
) -> None:
    """Find rounds for PROBLEM.json and write them to PLAN.json.

    What nobody may ever do is named before the search, and the rest is planned. Visits that find no place are listed with
    the reason, mandatory ones first. Ctrl-C ends the search early and keeps the best plan so far.

    Exit code 1 means that pinned visits do not fit together, so that the plan breaks a rule; 2 that a file cannot be
    used: every fault is printed with its path; or that there is a plan, but a pin in the problem cannot be kept.

    \b
    Examples:
      liftrounds plan problem.json -o plan.json --time-limit 60
      liftrounds plan problem.json -o better.json --start plan.json --time-limit 600 --workers 4
      liftrounds plan city.json -o plan.json --time-limit 600 --cluster tcp://10.0.0.5:8786
    """
    from planner.rounds.evaluate import evaluate
    from planner.rounds.precheck import notices

    begun_s = time.monotonic()
    _check_cluster(workers, cluster)
    with _interruptible() as stop_wanted, _progress_bar() as tell:
        problem, started = read_files(problem_file, start)
        check_output(output, problem_file)
        noticed = notices(problem)
        show_notices(problem_file, noticed)
        found = _solved(problem, started, _stop(time_limit, stop_wanted, begun_s), seed, tell, workers, cluster)
        if bound_s and output != STANDARD_OUTPUT:
            with _undisturbed():
                deliver(found, output)  # nothing that happens during the proof loses the plan
        if bound_s and not stop_wanted():
            from backend.rounds.bound_commands import proved

            found = msgspec.structs.replace(found, bound=proved(problem, found, bound_s, stop_wanted).bound)
        with _undisturbed():
            deliver(found, output)
        verdict = evaluate(problem, found)
        told = _summary_json(found, verdict, output, noticed) if as_json else _summary(problem, found, verdict, output)
        _end(say(told, err=output == STANDARD_OUTPUT), noticed, verdict)


@click.command()
@click.argument("problem_file", metavar="PROBLEM.json", type=click.Path(path_type=Path))
@click.argument("plan_file", metavar="PLAN.json", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text for people.")
def check(problem_file: Path, plan_file: Path, as_json: bool) -> None:
    """Check PLAN.json against every rule of PROBLEM.json and work out what it costs.

    Nothing in the plan is believed but which crew goes where, in which order and when.

    Exit code 0 means that the plan is valid, 1 that it is not: every violation is listed; 2 that a file cannot be read, or
    that a pin in the problem cannot be kept.

    \b
    Examples:
      liftrounds check problem.json plan.json
      liftrounds check problem.json plan.json --json
    """
    from planner.rounds.evaluate import evaluate
    from planner.rounds.precheck import impossible_pins

    problem, found = read_files(problem_file, plan_file)
    assert found is not None  # noqa: S101 - a plan file was named
    noticed = impossible_pins(problem)
    show_notices(problem_file, noticed)
    verdict = evaluate(problem, found)
    _end(say(_verdict_json(verdict, noticed) if as_json else _verdict(verdict)), noticed, verdict)


def _end(heard: bool, noticed: list[Notice], verdict: Evaluation) -> None:
    """End the command with the exit code that says most."""
    if not heard or any(is_error(notice) for notice in noticed):
        sys.exit(EXIT_WRONG_USE)
    sys.exit(0 if verdict.valid else EXIT_FINDING)


def _stop(time_limit_s: float, wanted: Callable[[], bool], begun_s: float) -> Stop:
    """Limit the search so that the whole command keeps the time; without time, to the first plan."""
    from planner.rounds.stop import Stop

    if time_limit_s == 0:
        return Stop(rounds=0, requested=wanted, begun_s=begun_s)
    return Stop(max(0.0, time_limit_s - LAST_STEP_S - LAST_STEP_SHARE * time_limit_s), requested=wanted, begun_s=begun_s)


def _check_cluster(workers: int, cluster: str | None) -> None:
    if cluster is not None and workers > 1:
        raise InvalidInput("the workers are those of the cluster: leave out --workers or --cluster")


def _solved(
    problem: Problem,
    start: Plan | None,
    stop: Stop,
    seed: int,
    tell: Callable[[Progress], None],
    workers: int,
    cluster: str | None,
) -> Plan:
    """Search in this process, with a team if there is to be one."""
    from planner.rounds.scale import TeamError
    from planner.rounds.scale.teams import team_of
    from planner.rounds.solve import solve

    gc.disable()  # routes hold no circles, and looking for some costs a tenth of the time
    try:
        with team_of(workers, cluster) as team:
            found = solve(problem, stop, seed, start, tell, team)
    except TeamError as error:
        raise Unavailable("{why}", why=error) from error
    finally:
        gc.enable()
    if team is not None and team.failure:
        click.echo(f"warning: {team.failure}; the search went on in this process alone", err=True)
    return found


@contextlib.contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C (or SIGTERM, or a terminal that is closed) into the wish to stop; the second ends the program.

    So a plan that is found is always written, from the first moment on.
    """
    wanted = False

    def want(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - as `signal` wants it
        nonlocal wanted
        if wanted:
            raise KeyboardInterrupt
        wanted = True
        with contextlib.suppress(OSError):
            os.write(sys.stderr.fileno(), b"Stopping with the best plan so far; once more ends at once and without one.\n")

    hung_up_counts = signal.getsignal(signal.SIGHUP) != signal.SIG_IGN  # as `nohup` has it
    try:
        with _handled(want, INTERRUPTS if hung_up_counts else INTERRUPTS[:-1]):
            yield lambda: wanted
    except KeyboardInterrupt:
        raise Unavailable("ended at once as you wished; no plan was written") from None


def _undisturbed() -> contextlib.AbstractContextManager[None]:
    """Let a plan that is found be written to its end; that takes no time."""
    return _handled(signal.SIG_IGN, INTERRUPTS)


@contextlib.contextmanager
def _handled(handler: Any, numbers: tuple[signal.Signals, ...]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


COMPILING = (
    "Compiling the search, once after installation; a slower one plans meanwhile. Later plans start with the quick one at once."
)


@contextlib.contextmanager
def _progress_bar() -> Iterator[Callable[[Progress], None]]:
    """Show a bar on the error stream, if a person watches it; that the search is being compiled is told in any case."""
    told_once = False

    def tell_compiling(progress: Progress) -> None:
        nonlocal told_once
        if progress.phase == "compile" and not told_once:
            told_once = True
            click.echo(COMPILING, err=True)

    if not sys.stderr.isatty():
        yield tell_compiling
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("reading", total=1.0)

        def tell(progress: Progress) -> None:
            tell_compiling(progress)
            told = f"{progress.phase:<9} cost {progress.best_cost}, {progress.planned} of {progress.visits} visits planned"
            bars.update(task, completed=progress.share, description=told)

        yield tell


def _routes(verdict: Evaluation) -> str:
    return "1 route" if verdict.routes == 1 else f"{verdict.routes} routes"


def _summary(problem: Problem, found: Plan, verdict: Evaluation, output: Path) -> str:
    visits = len(problem.visits)
    lines = [
        f"{visits - len(found.unplanned)} of {visits} visits on {_routes(verdict)},"
        f" {verdict.missed_mandatory} mandatory and {verdict.deferred} optional ones left out.",
        f"Cost {_costs(verdict)}.",
    ]
    if found.bound is not None:
        lines.append(f"No valid plan costs less than {found.bound}.")
    lines += [f"  {left_out.visit}: {left_out.detail}" for left_out in found.unplanned[:LEFT_OUT_SHOWN]]
    if len(found.unplanned) > LEFT_OUT_SHOWN:
        lines.append(f"  and {len(found.unplanned) - LEFT_OUT_SHOWN} more, see `unplanned` in the plan.")
    lines += [f"Rule broken: {violation.message}" for violation in verdict.violations]
    return "\n".join([*lines, "Written to standard output." if output == STANDARD_OUTPUT else f"Written to {output}."])


def _costs(verdict: Evaluation) -> str:
    parts = {name: amount for name, amount in msgspec.structs.asdict(verdict.cost).items() if amount and name != "total"}
    told = " + ".join(f"{name} {amount}" for name, amount in parts.items())
    return f"{verdict.cost.total} = {told}" if told else f"{verdict.cost.total}"


def _summary_json(found: Plan, verdict: Evaluation, output: Path, noticed: list[Notice]) -> str:
    facts = _facts(verdict, noticed) | {
        "plan": str(output),
        "bound": found.bound,
        "seed": found.seed,
        "wall_s": found.wall_s,
        "unplanned": found.unplanned,
    }
    return msgspec.json.encode(facts).decode()


def _facts(verdict: Evaluation, noticed: list[Notice]) -> dict[str, Any]:
    return {
        "valid": verdict.valid,
        "total": verdict.cost.total,
        "cost": verdict.cost,
        "missed_mandatory": verdict.missed_mandatory,
        "deferred": verdict.deferred,
        "routes": verdict.routes,
        "violations": verdict.violations,
        "warnings": verdict.warnings,
        "notices": noticed,
    }


def _verdict_json(verdict: Evaluation, noticed: list[Notice]) -> str:
    return msgspec.json.encode(_facts(verdict, noticed)).decode()


def _verdict(verdict: Evaluation) -> str:
    count = len(verdict.violations)
    head = "valid" if verdict.valid else "invalid: 1 violation" if count == 1 else f"invalid: {count} violations"
    lines = [head, *(f"  {violation.rule}: {violation.message}" for violation in verdict.violations)]
    lines.append(f"cost {_costs(verdict)}")
    lines.append(f"{_routes(verdict)}, {verdict.missed_mandatory} mandatory and {verdict.deferred} optional visits left out")
    return "\n".join([*lines, *(f"warning: {told}" for told in verdict.warnings)])
