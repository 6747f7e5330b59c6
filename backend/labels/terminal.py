"""What the commands about labels share: whose labels, how they are told, where files go."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import click
import msgspec

from backend.cli import run_with_database
from backend.errors import Fault, InvalidInput
from backend.labels.views import LabelView, LabelZone
from backend.paging import MAX_LIMIT
from backend.scope import SYSTEM, Scope, of_firm
from backend.settings import Settings, read_settings
from qr.keys import KeyRing

T = TypeVar("T")

SHOW_PROGRESS_FROM = 300
"""Fewer labels are drawn before anybody reads a bar."""

firm_option = click.option("--firm", metavar="NAME|ID", help="Whose labels; may be left out where there is one firm.")
ZONES = [zone.value or "car" for zone in LabelZone]
"""Places of labels as they are typed."""

zone_option = click.option(
    "--zone", type=click.Choice(ZONES), help="Where in the elevator the label hangs; usually in the car."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON value instead of text for people.")


def run(firm: str | None, work: Callable[[Scope, KeyRing, Settings], Coroutine[Any, Any, T]]) -> T:
    """Run a piece of work for a firm with the keys of this installation."""
    from backend.keyfile import label_keys
    from backend.operations.service import require_label_keys

    settings = read_settings()

    async def whole() -> T:
        await require_label_keys(settings)
        return await work(await scope_of(firm), label_keys(settings), settings)

    return run_with_database(whole)


def run_for_all(work: Callable[[Scope, KeyRing, Settings], Coroutine[Any, Any, T]]) -> T:
    """Run a piece of work for the whole installation: keys are not one firm's."""
    from backend.keyfile import label_keys
    from backend.operations.service import require_label_keys

    settings = read_settings()

    async def whole() -> T:
        await require_label_keys(settings)
        return await work(SYSTEM, label_keys(settings), settings)

    return run_with_database(whole)


async def scope_of(wanted: str | None) -> Scope:
    """Return the scope of the firm with this name or id, or of the only one there is."""
    from backend.registry.service import firms

    found = (await firms(SYSTEM, limit=MAX_LIMIT)).rows
    if wanted is None and len(found) == 1:
        return of_firm(found[0].id)
    fitting = [firm for firm in found if wanted is not None and wanted.strip().lower() in (firm.name.lower(), str(firm.id))]
    if len(fitting) == 1:
        return of_firm(fitting[0].id)
    names = ", ".join(firm.name for firm in found[:20]) or "none: import a register first"
    raise InvalidInput("whose labels?", faults=[Fault("--firm", wanted, f"name one of the firms: {names}")])


async def elevator_of(scope: Scope, text: str) -> UUID:
    """Return the elevator that somebody means by a code."""
    from backend.registry.service import find_elevator

    return (await find_elevator(scope, text)).id


def zone_of(typed: str | None) -> LabelZone | None:
    """Return the place that was typed."""
    return None if typed is None else LabelZone("" if typed == "car" else typed)


def tell(views: Sequence[LabelView], as_json: bool) -> None:
    """Print labels, a line each, or as JSON."""
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(list(views)), indent=2).decode())
        return
    for view in views:
        where = " ".join(part for part in (view.registration_code, view.site_name, view.unit_name) if part) or "-"
        place = f"  [{view.zone.value}]" if view.zone else ""
        said = f"  ({view.state_reason})" if view.state_reason else ""
        click.echo(f"{view.short_code or view.id}  {view.state.value:<8}  {where}{place}{said}")


def tell_one(view: LabelView, as_json: bool) -> None:
    """Print one label."""
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(view), indent=2).decode())
    else:
        tell([view], as_json)


def counted(count: int, what: str = "label") -> str:
    """Return how many of something there are: `1 label`, `2 labels`."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def tell_json(value: object) -> None:
    """Print a value as JSON."""
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def write_file(path: Path, content: bytes, name: str = "PDF") -> None:
    """Write a file, or say how it can be.

    Raises
    ------
    InvalidInput
        If it cannot be written.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        fault = Fault(name, str(path), f"name a file that can be written ({error.strerror})")
        raise InvalidInput("the file was not written", faults=[fault]) from error


@contextmanager
def progress_of(count: int) -> Iterator[Callable[[int], None] | None]:
    """Show a bar for a large batch at a terminal, on standard error; None where nobody looks."""
    if count < SHOW_PROGRESS_FROM or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("labels"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("labels", total=count)
        yield lambda done: progress.update(task, completed=done)
