"""`liftrounds repair`: what becomes of a published plan when the day goes another way."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from backend.cli import EXIT_FINDING
from backend.errors import Fault, InvalidInput
from backend.rounds.plan_files import STANDARD_OUTPUT, check_output, deliver, read_files, say

if TYPE_CHECKING:
    from planner.rounds.plan import Plan
    from planner.rounds.problem import Problem
    from planner.today.answer import Option, Repair, VisitChange
    from planner.today.asked import Today

LAST_STEP_S = 0.2
"""Seconds kept of the time limit for writing the files and ending the program."""
LINES_SHOWN = 30
"""Changes that are listed one by one; `--json` has them all."""


@click.command()
@click.argument("problem_file", metavar="PROBLEM.json", type=click.Path(path_type=Path))
@click.argument("plan_file", metavar="PLAN.json", type=click.Path(path_type=Path))
@click.argument("today_file", metavar="TODAY.json", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", required=True, metavar="PLAN2.json", type=click.Path(path_type=Path), help="Where the plan goes."
)
@click.option("--option", "number", type=click.IntRange(min=1), default=1, show_default=True, help="Which place to take.")
@click.option(
    "--problem-out", metavar="PROBLEM2.json", type=click.Path(path_type=Path), help="Write the problem as it is now as well."
)
@click.option(
    "--time-limit",
    type=click.FloatRange(0, 600),
    default=3.0,
    show_default=True,
    metavar="SECONDS",
    help="Wall seconds to search for something better than the first repair; 0 takes that one.",
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True, help="Of the search.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Of the sentences.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer (liftrounds/repair/1).")
def repair(
    problem_file: Path,
    plan_file: Path,
    today_file: Path,
    output: Path,
    number: int,
    problem_out: Path | None,
    time_limit: float,
    seed: int,
    language: str,
    as_json: bool,
) -> None:
    """Repair PLAN.json after what TODAY.json tells has happened, and write the whole plan to PLAN2.json.

    What is over or under way stays as it is. Every other change is listed, by crew and by visit. For an emergency the best
    places are offered; the first is taken unless --option says otherwise.

    Exit code 1 means that something finds no place: an emergency that nobody can take, a visit that drops out; 2 that a file
    cannot be used: every fault is printed with its path.

    \b
    Examples:
      liftrounds repair problem.json plan.json today.json -o plan2.json
      liftrounds repair problem.json plan.json today.json -o plan2.json --option 2 --problem-out problem2.json
    """
    from planner.rounds.stop import Stop
    from planner.today.repair import repair as repaired

    begun_s = time.monotonic()
    problem, plan = read_files(problem_file, plan_file)
    assert plan is not None  # noqa: S101 - a plan file was named
    today = _read(today_file, problem, plan)
    check_output(output, problem_file)
    limit = Stop(max(0.0, time_limit - LAST_STEP_S), begun_s=begun_s) if time_limit else None
    answer = repaired(problem, plan, today, limit, seed)
    outcome = _chosen(answer, number)
    if outcome is None:
        say(_nowhere(as_json, answer))
        sys.exit(EXIT_FINDING)
    deliver(_priced(problem, plan, today, outcome, problem_out), output)
    text = msgspec.json.encode(answer).decode() if as_json else _summary(answer, number, language, output)
    said = say(text, err=output == STANDARD_OUTPUT)
    dropped = any(change.kind == "dropped" for change in _changes(answer, number))
    sys.exit(EXIT_FINDING if dropped or not said else 0)


def _read(path: Path, problem: Problem, plan: Plan) -> Today:
    from planner.rounds.faults import FaultyInputError
    from planner.today.asked import read_today

    try:
        return read_today(path, problem, plan)
    except FaultyInputError as error:
        faults = [
            Fault(f"{path}: {fault.path}" if fault.path and fault.path != str(path) else str(path), None, fault.message)
            for fault in error.faults
        ]
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise InvalidInput("the input cannot be used, it has {count}", faults=faults, count=count) from None


def _chosen(answer: Repair, number: int) -> Plan | None:
    """Return the plan that is wanted; None where there is none at all."""
    if answer.outcome is None:
        return None
    if number == 1:
        return answer.outcome.plan
    if number > len(answer.options):
        fault = Fault("--option", str(number), f"there are {len(answer.options)} places to choose from")
        raise InvalidInput("there is no such place", faults=[fault])
    return answer.options[number - 1].outcome.plan


def _changes(answer: Repair, number: int) -> tuple[VisitChange, ...]:
    """Return the changes of visits of the option that was taken."""
    outcome = answer.options[number - 1].outcome if answer.options else answer.outcome
    return outcome.visits if outcome else ()


def _priced(problem: Problem, plan: Plan, today: Today, found: Plan, problem_out: Path | None) -> Plan:
    """Return the repaired plan with what it costs as a whole; write the problem of which it is a plan, if wanted."""
    from planner.rounds.evaluate import evaluate
    from planner.today.repair import problem_after

    after = problem_after(problem, plan, today, found)
    if problem_out is not None:
        try:
            problem_out.write_bytes(msgspec.json.encode(after) + b"\n")
        except OSError as error:
            fault = Fault(str(problem_out), None, f"cannot be written: {error.strerror or error}")
            raise InvalidInput("the output cannot be used", faults=[fault]) from error
    return msgspec.structs.replace(found, cost=evaluate(after, found).cost)


def _nowhere(as_json: bool, answer: Repair) -> str:
    if as_json:
        return msgspec.json.encode(answer).decode()
    return "Nobody can take the emergency today: no crew at work has the time, the people and the skills. Nothing was written."


def _summary(answer: Repair, number: int, language: str, output: Path) -> str:
    assert answer.outcome is not None  # noqa: S101 - the caller has looked
    outcome = answer.options[number - 1].outcome if answer.options else answer.outcome
    lines = []
    for place, option in enumerate(answer.options, 1):
        mark = "*" if place == number else " "
        lines.append(f"{mark} {place}. {_said(option, language)}")
    crews = [getattr(change, language) for change in outcome.crews]
    lines += crews[:LINES_SHOWN] or ["Nothing has to change."]
    if len(crews) > LINES_SHOWN:
        lines.append(f"  and {len(crews) - LINES_SHOWN} more crews, see --json")
    dropped = [getattr(change, language) for change in outcome.visits if change.kind == "dropped"]
    lines += [f"  {told}" for told in dropped[:LINES_SHOWN]]
    lines += [getattr(note, language) for note in answer.notes]
    return "\n".join([*lines, "Written to standard output." if output == STANDARD_OUTPUT else f"Written to {output}."])


def _said(option: Option, language: str) -> str:
    return option.zh if language == "zh" else option.en
