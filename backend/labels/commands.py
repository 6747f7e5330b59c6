"""`liftrounds labels`: mint, print, claim, revoke and replace printed codes at the terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import click
import msgspec

from backend.cli import run_with_database
from backend.errors import Fault, InvalidInput
from backend.labels import service
from backend.labels.views import LabelFilter, LabelState, LabelView
from backend.paging import MAX_LIMIT
from backend.scope import SYSTEM, Scope, of_firm
from backend.settings import Settings, read_settings
from qr import symbol
from qr.keys import KeyRing
from qr.stock import STOCKS

T = TypeVar("T")

_STATES = [state.value for state in LabelState]

firm_option = click.option("--firm", metavar="NAME|ID", help="Whose labels; may be left out where there is one firm.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON value instead of text for people.")
pdf_argument = click.argument("pdf", type=click.Path(dir_okay=False, writable=True, path_type=Path))
stock_option = click.option(
    "--stock", type=click.Choice(list(STOCKS)), default="L7160", show_default=True, help="The maker's number of the sheets."
)
offset_x_option = click.option(
    "--offset-x", type=float, default=0.0, show_default=True, metavar="MM", help="Shift of the print, right positive."
)
offset_y_option = click.option(
    "--offset-y", type=float, default=0.0, show_default=True, metavar="MM", help="Shift of the print, down positive."
)


@click.group()
def labels() -> None:
    """Mint, print, claim, revoke and replace the printed codes of elevators.

    \b
    A usual order of things:
      liftrounds labels mint --missing          a label for every elevator that has none
      liftrounds labels print labels.pdf        all of them on label sheets
      liftrounds labels notice notices.pdf      the A6 notices for the cars
      liftrounds labels mint --count 40         blank labels, to be claimed on site
      liftrounds labels claim 8KQ3T-4ZVXA-BC0D7 --elevator 31103310022015030001

    Codes are taken as they are scanned or typed: the whole link, the code, the short code, in any case.
    """


def _run(firm: str | None, work: Callable[[Scope, KeyRing, Settings], Coroutine[Any, Any, T]]) -> T:
    """Run a piece of work for a firm with the keys of this installation."""
    from backend.keyfile import label_keys
    from backend.operations.service import require_label_keys

    settings = read_settings()

    async def whole() -> T:
        await require_label_keys(settings)
        return await work(await _scope_of(firm), label_keys(settings), settings)

    return run_with_database(whole)


async def _scope_of(wanted: str | None) -> Scope:
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


async def _elevator_of(scope: Scope, text: str) -> UUID:
    from backend.registry.service import find_elevator

    return (await find_elevator(scope, text)).id


def _tell(views: Sequence[LabelView], as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(list(views)), indent=2).decode())
        return
    for view in views:
        where = " ".join(part for part in (view.registration_code, view.site_name, view.unit_name) if part) or "-"
        said = f"  ({view.state_reason})" if view.state_reason else ""
        click.echo(f"{view.short_code or view.id}  {view.state.value:<8}  {where}{said}")


def _tell_one(view: LabelView, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(view), indent=2).decode())
    else:
        _tell([view], as_json)


def _write(pdf: Path, content: bytes, what: str) -> None:
    try:
        pdf.write_bytes(content)
    except OSError as error:
        fault = Fault("PDF", str(pdf), f"name a file that can be written ({error.strerror})")
        raise InvalidInput("the PDF was not written", faults=[fault]) from error
    click.echo(f"{pdf}: {what}. Print at 100 %, without scaling.", err=True)


@labels.command()
@firm_option
@click.option("--count", type=click.IntRange(1, service.LARGEST_BATCH), help="So many blank labels.")
@click.option("--elevator", "elevators", multiple=True, metavar="CODE", help="One label for this elevator; may be repeated.")
@click.option("--missing", is_flag=True, help="One label for every elevator (of those named) that has no active one.")
@click.option("--batch", type=click.UUID, help="Name of the batch: the same name again mints nothing new.")
@json_option
def mint(
    firm: str | None, count: int | None, elevators: tuple[str, ...], missing: bool, batch: UUID | None, as_json: bool
) -> None:
    """Mint blank labels, or labels for elevators.

    \b
    Examples:
      liftrounds labels mint --count 40
      liftrounds labels mint --elevator 31103310022015030001
      liftrounds labels mint --missing --json
    """

    async def work(scope: Scope, ring: KeyRing, _settings: Settings) -> list[LabelView]:
        named = [await _elevator_of(scope, text) for text in elevators]
        return await service.mint(scope, ring, count or 0, elevators=named, only_missing=missing, batch=batch)

    minted = _run(firm, work)
    _tell(minted, as_json)
    if minted:
        click.echo(f"{len(minted)} labels, batch {minted[0].batch}", err=True)
    else:
        click.echo("nothing to mint: every elevator has an active label", err=True)


@labels.command("print")
@pdf_argument
@firm_option
@click.option("--batch", type=click.UUID, help="The labels of this batch.")
@click.option("--state", type=click.Choice(["blank", "active"]), help="The labels in this state.")
@click.option("--code", "codes", multiple=True, metavar="CODE", help="This label; may be repeated.")
@stock_option
@click.option(
    "--start", type=click.IntRange(min=1), default=1, show_default=True, help="First place to use on the first sheet."
)
@offset_x_option
@offset_y_option
def print_(
    pdf: Path,
    firm: str | None,
    batch: UUID | None,
    state: str | None,
    codes: tuple[str, ...],
    stock: str,
    start: int,
    offset_x: float,
    offset_y: float,
) -> None:
    """Print labels on sheets, as a PDF of vectors; without a choice all blank and active ones.

    \b
    Examples:
      liftrounds labels print labels.pdf
      liftrounds labels print labels.pdf --state blank --stock L7163 --start 5
    """

    async def work(scope: Scope, ring: KeyRing, settings: Settings) -> tuple[int, bytes]:
        if codes:
            ids = [(await service.find_label(scope, ring, text)).id for text in codes]
        else:
            wanted = LabelFilter(batch=batch, state=LabelState(state) if state else None)
            ids = await service.printable(scope, ring, wanted)
        return len(ids), await service.sheet(scope, ring, settings, ids, stock, start, (offset_x, offset_y))

    count, content = _run(firm, work)
    _write(pdf, content, f"{count} labels on {stock}")


@labels.command()
@pdf_argument
@firm_option
@click.option("--elevator", "elevators", multiple=True, metavar="CODE", help="This elevator; may be repeated.")
def notice(pdf: Path, firm: str | None, elevators: tuple[str, ...]) -> None:
    """Print the A6 notices for the cars; without a choice for every elevator with an active label.

    \b
    Example:
      liftrounds labels notice notices.pdf --elevator 31103310022015030001
    """

    async def work(scope: Scope, ring: KeyRing, settings: Settings) -> tuple[int, bytes]:
        named = [await _elevator_of(scope, text) for text in elevators]
        if not elevators:
            named = await service.labelled_elevators(scope, ring)
        return len(named), await service.notices_pdf(scope, ring, settings, named)

    count, content = _run(firm, work)
    _write(pdf, content, f"{count} notices, A6")


@labels.command()
@pdf_argument
@stock_option
@offset_x_option
@offset_y_option
def calibrate(pdf: Path, stock: str, offset_x: float, offset_y: float) -> None:
    """Print a page with the outlines of a stock, to hold against a label sheet.

    \b
    Example:
      liftrounds labels calibrate test.pdf --stock L7160
    """
    _write(pdf, asyncio.run(service.calibration_pdf(stock, (offset_x, offset_y))), f"outlines of {stock}")


@labels.command()
@click.argument("code_text", metavar="CODE")
@click.option("--elevator", required=True, metavar="CODE", help="Registration code, rescue code or id.")
@firm_option
@json_option
def claim(code_text: str, elevator: str, firm: str | None, as_json: bool) -> None:
    """Bind a blank label to an elevator.

    \b
    Example:
      liftrounds labels claim 8KQ3T-4ZVXA-BC0D7 --elevator 310234
    """

    async def work(scope: Scope, ring: KeyRing, _settings: Settings) -> LabelView:
        return await service.claim(scope, ring, code_text, await _elevator_of(scope, elevator))

    _tell_one(_run(firm, work), as_json)


@labels.command()
@click.argument("code_text", metavar="CODE")
@click.option("--reason", required=True, help="Why, such as: scratched, stolen, wrong car.")
@firm_option
@json_option
def revoke(code_text: str, reason: str, firm: str | None, as_json: bool) -> None:
    """End a label: its code opens nothing any more.

    \b
    Example:
      liftrounds labels revoke 8KQ3T-4ZVXA-BC0D7 --reason scratched
    """

    async def work(scope: Scope, ring: KeyRing, _settings: Settings) -> LabelView:
        return await service.revoke(scope, ring, (await service.find_label(scope, ring, code_text)).id, reason)

    _tell_one(_run(firm, work), as_json)


@labels.command()
@click.argument("code_text", metavar="CODE")
@click.option("--with", "new_code", metavar="CODE", help="The label that takes its place; without it one is minted.")
@firm_option
@json_option
def replace(code_text: str, new_code: str | None, firm: str | None, as_json: bool) -> None:
    """End an elevator's label and put another in its place.

    \b
    Example:
      liftrounds labels replace 8KQ3T-4ZVXA-BC0D7 --with 7M2AA-0PQRS-TV1W9
    """

    async def work(scope: Scope, ring: KeyRing, _settings: Settings) -> LabelView:
        return await service.replace(scope, ring, (await service.find_label(scope, ring, code_text)).id, new_code)

    _tell_one(_run(firm, work), as_json)


@labels.command("list")
@firm_option
@click.option("--state", type=click.Choice(_STATES), help="Only those in this state.")
@click.option("--elevator", metavar="CODE", help="Only those of this elevator.")
@click.option("--batch", type=click.UUID, help="Only those of this batch.")
@click.option("--text", help="Part of a code, of the elevator's numbers, or of the site's name.")
@json_option
def list_(
    firm: str | None, state: str | None, elevator: str | None, batch: UUID | None, text: str | None, as_json: bool
) -> None:
    """List labels, newest first.

    \b
    Example:
      liftrounds labels list --state blank
    """

    async def work(scope: Scope, ring: KeyRing, _settings: Settings) -> list[LabelView]:
        wanted = LabelFilter(
            state=LabelState(state) if state else None,
            elevator=await _elevator_of(scope, elevator) if elevator else None,
            batch=batch,
            text=text,
        )
        return await service.all_labels(scope, ring, wanted)

    found = _run(firm, work)
    _tell(found, as_json)
    click.echo(f"{len(found)} labels", err=True)


@labels.command()
@click.argument("code_text", metavar="CODE")
@firm_option
@click.option("--no-colour", is_flag=True, help="Without ANSI colours: for a dark terminal that shows none.")
def show(code_text: str, firm: str | None, no_colour: bool) -> None:
    """Show a label's code on the screen, so that a phone can scan it.

    \b
    Example:
      liftrounds labels show 8KQ3T-4ZVXA-BC0D7
    """

    async def work(scope: Scope, ring: KeyRing, settings: Settings) -> tuple[LabelView, symbol.Symbol]:
        view = await service.find_label(scope, ring, code_text)
        return view, await service.symbol_of(scope, ring, settings, view.id)

    view, drawn = _run(firm, work)
    click.echo(symbol.terminal_text(drawn, colour=not no_colour), color=not no_colour)
    click.echo(drawn.payload)
    _tell([view], as_json=False)


@labels.command()
@firm_option
@click.option("--days", type=click.IntRange(1, 3660), default=30, show_default=True, help="So many days back, today included.")
@json_option
def refused(firm: str | None, days: int, as_json: bool) -> None:
    """List how often codes of this firm's labels were refused, per day and reason.

    \b
    Example:
      liftrounds labels refused --days 7
    """
    counts = _run(firm, lambda scope, _ring, _settings: service.refused(scope, days))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(counts), indent=2).decode())
        return
    for row in counts:
        click.echo(f"{row.day}  {row.reason.value:<12}  {row.code_id or '-':<8}  {row.times}")
    click.echo(f"{sum(row.times for row in counts)} refusals", err=True)
