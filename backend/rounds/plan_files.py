"""The files of `liftrounds plan` and `liftrounds check`: read with all faults named, written so that no plan is lost."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from backend.errors import Fault, InvalidInput, Unavailable

if TYPE_CHECKING:
    from planner.rounds.plan import Plan
    from planner.rounds.precheck import Notice
    from planner.rounds.problem import Problem

T = TypeVar("T")

STANDARD_OUTPUT = Path("-")
"""As the name of the plan file: the plan goes to standard output, what is said about it to the error stream."""
NOTICES_SHOWN = 20
"""Notices that are shown one by one; `--json` has them all."""


def read_files(problem_file: Path, plan_file: Path | None) -> tuple[Problem, Plan | None]:
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


def show_notices(problem_file: Path, found: list[Notice]) -> None:
    """Say on the error stream what cannot be planned; the pins among it are errors of the input."""
    for notice in found[:NOTICES_SHOWN]:
        kind = "Error" if is_error(notice) else "Warning"
        click.echo(f"{kind}: {problem_file}: {notice}", err=True)
    if len(found) > NOTICES_SHOWN:
        click.echo(f"  and {len(found) - NOTICES_SHOWN} more of that kind, see --json", err=True)


def is_error(notice: Notice) -> bool:
    """Tell whether a notice is an error of the input, by the contract: a pin that no plan can keep."""
    return notice.code == "pin"


def check_output(output: Path, problem_file: Path) -> None:
    """Refuse an output that cannot be written before time is spent on the search."""
    if output == STANDARD_OUTPUT:
        return
    folder = output.resolve().parent
    reason = None
    if output.is_dir():
        reason = "is a folder; name a file in it"
    elif not folder.is_dir():
        reason = f"there is no folder {folder}; make it or name another"
    elif output.resolve() == problem_file.resolve():
        reason = "is the problem file; name another"
    elif not output.exists() or output.is_file():
        try:
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            reason = f"cannot be written: {error.strerror or error}"
    if reason is not None:
        raise InvalidInput("the output cannot be used", faults=[Fault(str(output), None, reason)])


def deliver(plan: Plan, output: Path) -> None:
    """Write a plan to its file, or to standard output if that is its name.

    Raises
    ------
    Unavailable
        If that cannot be done. The old file is as it was, and the message says where the plan is instead.
    """
    from planner.rounds.plan import plan_bytes, write_plan

    if output == STANDARD_OUTPUT:
        try:
            _to_standard_output(plan_bytes(plan))
        except OSError as error:
            told = "standard output cannot be written: {why}; {instead}"
            raise Unavailable(told, why=error.strerror or error, instead=kept(plan_bytes(plan), spare=True)) from error
        return
    try:
        write_plan(plan, output)
    except OSError as error:
        told = "{path} cannot be written: {why}; {instead}"
        raise Unavailable(told, path=output, why=error.strerror or error, instead=kept(plan_bytes(plan))) from error


def kept(data: bytes, what: str = "plan was", *, spare: bool = False) -> str:
    """Keep an answer that its file would not take, in the folder for temporary files or else on standard output.

    Parameters
    ----------
    data
        The answer.
    what
        What it is called, with its verb.
    spare
        Whether standard output is not to be tried.

    Returns
    -------
    str
        Where it is now, as the end of a message.
    """
    with contextlib.suppress(OSError):
        handle, name = tempfile.mkstemp(prefix=f"liftrounds-{what.split(maxsplit=1)[0]}-", suffix=".json")
        try:
            with open(handle, "wb") as file:  # noqa: PTH123 - of a handle
                file.write(data)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
        return f"the {what} written to {name} instead"
    if not spare:
        with contextlib.suppress(OSError):
            _to_standard_output(data)
            return f"the {what} written to standard output instead"
    return f"no other place took it either, the {what} lost"


def say(text: str, *, err: bool = False) -> bool:
    """Print what there is to say about a plan; False if that cannot be: a full disk, a closed pipe."""
    try:
        click.echo(text, err=err)
        sys.stdout.flush()
    except OSError as error:
        _close_standard_output()
        click.echo(f"Error: standard output cannot be written: {error.strerror or error}", err=True)
        return False
    return True


def _to_standard_output(data: bytes) -> None:
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError:
        _close_standard_output()
        raise


def _close_standard_output() -> None:
    """Send what is left in the buffers nowhere, or Python complains of it at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
