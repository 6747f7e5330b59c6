"""`liftrounds labels print | notice | calibrate | stocks | printers`: everything that leaves through a printer."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import click
from msgspec import Struct

from backend.errors import Fault, InvalidInput
from backend.labels import service
from backend.labels.terminal import counted, elevator_of, firm_option, json_option, progress_of, run, tell_json, write_file
from backend.labels.views import LabelFilter, LabelState, PrinterView
from backend.scope import Scope
from backend.settings import Settings, read_settings
from qr import zpl
from qr.keys import KeyRing
from qr.stock import STOCKS

FORMATS = ("pdf", "zpl", "svg", "png")

file_argument = click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
stock_option = click.option(
    "--stock", type=click.Choice(list(STOCKS)), default="L7160", show_default=True, help="Sheet or roll; see `labels stocks`."
)
offset_x_option = click.option("--offset-x", type=float, metavar="MM", help="Shift of the print, right positive.")
offset_y_option = click.option("--offset-y", type=float, metavar="MM", help="Shift of the print, down positive.")
printer_option = click.option("--printer", metavar="NAME", help="Use the offsets that are kept for this printer.")


class _How(Struct, frozen=True, kw_only=True):
    """What is printed and how."""

    kind: str
    stock: str
    start: int
    size_mm: tuple[float, float]
    dots_per_mm: int
    printer: str | None
    offset_x_mm: float | None
    offset_y_mm: float | None


class _Printed(Struct, frozen=True, kw_only=True):
    """What was printed, for `--json`."""

    file: str
    format: str
    labels: int
    pages: int
    offset_x_mm: float
    offset_y_mm: float
    warning_en: str
    warning_zh: str


@click.command("print")
@file_argument
@firm_option
@click.option("--batch", type=click.UUID, help="The labels of this batch.")
@click.option("--state", type=click.Choice(["blank", "active"]), help="The labels in this state.")
@click.option("--code", "codes", multiple=True, metavar="CODE", help="This label; may be repeated.")
@click.option("--format", "kind", type=click.Choice(FORMATS), help="Without it the file's name says which; else pdf.")
@stock_option
@click.option(
    "--start", type=click.IntRange(min=1), default=1, show_default=True, help="First place to use on the first sheet."
)
@click.option(
    "--size", type=(float, float), default=(zpl.DEFAULT_WIDTH_MM, zpl.DEFAULT_HEIGHT_MM), show_default=True,
    metavar="WIDTH HEIGHT", help="zpl: size of a label in mm.",
)  # fmt: skip
@click.option(
    "--dots", type=click.Choice([str(dots) for dots in zpl.DOTS_PER_MM]), default="8", show_default=True,
    help="zpl: dots per mm; 8 is 203 dpi, 12 is 300 dpi.",
)  # fmt: skip
@printer_option
@offset_x_option
@offset_y_option
@json_option
def print_(
    file: Path,
    firm: str | None,
    batch: UUID | None,
    state: str | None,
    codes: tuple[str, ...],
    kind: str | None,
    stock: str,
    start: int,
    size: tuple[float, float],
    dots: str,
    printer: str | None,
    offset_x: float | None,
    offset_y: float | None,
    as_json: bool,
) -> None:
    """Print labels; without a choice all blank and active ones.

    pdf: vectors on a maker's sheets or roll. zpl: for a Zebra printer, sent to its port as it is. svg, png: the codes alone;
    more than one go into a ZIP file.

    \b
    Examples:
      liftrounds labels print labels.pdf
      liftrounds labels print labels.pdf --state blank --stock L7163 --start 5
      liftrounds labels print roll.pdf --stock 62x100 --printer "office Brother"
      liftrounds labels print roll.zpl --size 57 32 --dots 12
      liftrounds labels print code.svg --code 8KQ3T-4ZVXA-BC0D7
      liftrounds labels print codes.zip --format png --batch 3f0c… --json
    """
    suffix = file.suffix.lower().removeprefix(".")
    how = _How(
        kind=kind or (suffix if suffix in FORMATS else "pdf"), stock=stock, start=start, size_mm=size, dots_per_mm=int(dots),
        printer=printer, offset_x_mm=offset_x, offset_y_mm=offset_y,
    )  # fmt: skip

    async def work(scope: Scope, ring: KeyRing, settings: Settings) -> tuple[_Printed, bytes]:
        if codes:
            ids = [(await service.find_label(scope, ring, text)).id for text in codes]
        else:
            wanted = LabelFilter(batch=batch, state=LabelState(state) if state else None)
            ids = await service.printable(scope, ring, wanted)
        return await _print(scope, ring, settings, list(dict.fromkeys(ids)), how, file)

    printed, content = run(firm, work)
    write_file(file, content, "FILE")
    if printed.warning_en:
        click.echo(printed.warning_en, err=True)
    if as_json:
        tell_json(printed)
    else:
        where = (
            f" on {stock}, {counted(printed.pages, 'page')}. Print at 100 %, without scaling."
            if printed.format == "pdf"
            else "."
        )
        click.echo(f"{file}: {counted(printed.labels)}{where}", err=True)


async def _print(
    scope: Scope, ring: KeyRing, settings: Settings, ids: Sequence[UUID], how: _How, file: Path
) -> tuple[_Printed, bytes]:
    offsets = await _offsets(scope, how)
    pages, warning = len(ids), ("", "")
    with progress_of(len(ids)) as progress:
        if how.kind == "pdf":
            content = await service.sheet(scope, ring, settings, ids, how.stock, how.start, offsets, progress)
            [view] = [one for one in service.stocks(settings) if one.name == how.stock]
            pages = -(-(how.start - 1 + len(ids)) // view.per_sheet)
            warning = (view.warning_en, view.warning_zh)
        elif how.kind == "zpl":
            content = await service.zpl(scope, ring, settings, ids, how.size_mm, how.dots_per_mm, offsets, progress)
        else:
            content = await _pictures(scope, ring, settings, ids, how.kind)
    printed = _Printed(
        file=str(file), format=how.kind, labels=len(ids), pages=pages, offset_x_mm=offsets[0], offset_y_mm=offsets[1],
        warning_en=warning[0], warning_zh=warning[1],
    )  # fmt: skip
    return printed, content


async def _offsets(scope: Scope, how: _How) -> tuple[float, float]:
    """Return the offsets as given, else those kept for the printer, else none."""
    known = PrinterView(name="", offset_x_mm=0, offset_y_mm=0)
    if how.printer is not None:
        kept = {one.name: one for one in await service.printers(scope)}
        if how.printer not in kept:
            names = ", ".join(kept) or "none yet: liftrounds labels printers --keep NAME X Y"
            raise InvalidInput("which printer?", faults=[Fault("--printer", how.printer, f"there are: {names}")])
        known = kept[how.printer]
    x_mm = known.offset_x_mm if how.offset_x_mm is None else how.offset_x_mm
    y_mm = known.offset_y_mm if how.offset_y_mm is None else how.offset_y_mm
    return x_mm, y_mm


async def _pictures(scope: Scope, ring: KeyRing, settings: Settings, ids: Sequence[UUID], kind: str) -> bytes:
    """Return one picture, or a ZIP file of several, named by their codes."""
    if not ids:
        fault = Fault("labels", "0", "there is none to print: make labels first, or take something out of the choice")
        raise InvalidInput("these labels cannot be printed", faults=[fault])
    pictures = []
    for label in ids:
        drawn = await service.symbol_of(scope, ring, settings, label)
        picture = await service.picture_of(scope, ring, settings, label, "svg" if kind == "svg" else "png")
        pictures.append((drawn.payload.rpartition("/")[2], picture))
    if len(pictures) == 1:
        return pictures[0][1]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, picture in pictures:
            archive.writestr(f"{name}.{kind}", picture)
    return content.getvalue()


@click.command()
@file_argument
@firm_option
@click.option("--elevator", "elevators", multiple=True, metavar="CODE", help="This elevator; may be repeated.")
def notice(file: Path, firm: str | None, elevators: tuple[str, ...]) -> None:
    """Print the A6 notices for the cars; without a choice for every elevator with an active label.

    \b
    Example:
      liftrounds labels notice notices.pdf --elevator 31103310022015030001
    """

    async def work(scope: Scope, ring: KeyRing, settings: Settings) -> tuple[int, bytes]:
        named = [await elevator_of(scope, text) for text in elevators]
        if not elevators:
            named = await service.labelled_elevators(scope, ring)
        return len(named), await service.notices_pdf(scope, ring, settings, named)

    count, content = run(firm, work)
    write_file(file, content)
    click.echo(f"{file}: {count} notices, A6. Print at 100 %, without scaling.", err=True)


@click.command()
@file_argument
@stock_option
@offset_x_option
@offset_y_option
def calibrate(file: Path, stock: str, offset_x: float | None, offset_y: float | None) -> None:
    """Print a page with the outlines of a stock, to hold against a label sheet.

    Then keep what was read off with `liftrounds labels printers --keep`.

    \b
    Example:
      liftrounds labels calibrate test.pdf --stock L7160
    """
    write_file(file, asyncio.run(service.calibration_pdf(stock, (offset_x or 0, offset_y or 0))))
    click.echo(f"{file}: outlines of {stock}. Print at 100 %, without scaling.", err=True)


@click.command()
@json_option
def stocks(as_json: bool) -> None:
    """List the sheets and rolls, with the size of the code's modules and the error correction level on each.

    \b
    Example:
      liftrounds labels stocks
    """
    found = service.stocks(read_settings())
    if as_json:
        tell_json(found)
        return
    for row in found:
        size = f"code {row.code_mm:4.1f} mm, modules {row.module_mm:.2f} mm, level {row.level} ({row.recovers_percent} %)"
        click.echo(f"{row.name:<7} {row.title:<50} {row.per_sheet:>3}  {size}")
        if row.warning_en:
            click.echo(f"        {row.warning_en}")


@click.command()
@click.option("--keep", type=(str, float, float), metavar="NAME X Y", help="Keep a printer's offsets in mm: right and down.")
@click.option("--forget", metavar="NAME", help="Forget a printer.")
@firm_option
@json_option
def printers(keep: tuple[str, float, float] | None, forget: str | None, firm: str | None, as_json: bool) -> None:
    """List the firm's printers with their offsets; keep or forget one.

    \b
    Examples:
      liftrounds labels printers
      liftrounds labels printers --keep "office Canon" 0.5 -0.3
      liftrounds labels printers --forget "office Canon"
    """

    async def work(scope: Scope, _ring: KeyRing, _settings: Settings) -> list[PrinterView]:
        if keep is not None:
            await service.remember_printer(scope, keep[0], (keep[1], keep[2]))
        if forget is not None:
            await service.forget_printer(scope, forget)
        return await service.printers(scope)

    found = run(firm, work)
    if as_json:
        tell_json(found)
        return
    for row in found:
        click.echo(f"{row.name}  x {row.offset_x_mm:+.1f} mm  y {row.offset_y_mm:+.1f} mm")
    click.echo(f"{len(found)} printers", err=True)


PRINTING_COMMANDS = (print_, notice, calibrate, stocks, printers)
