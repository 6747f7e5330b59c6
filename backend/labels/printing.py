"""Printing: label sheets, the notice in the car, the page that calibrates a printer, one code as a picture."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Literal
from uuid import UUID

from backend import database
from backend.errors import Conflict, Fault, InvalidInput, NotFound
from backend.labels import queries
from backend.labels.queries import LabelRow, NoticeRow
from backend.labels.views import LabelState, StockView
from backend.scope import Scope
from backend.settings import Settings
from qr import code, single, symbol
from qr import notice as qr_notice
from qr import sheet as qr_sheet
from qr import zpl as qr_zpl
from qr.errors import PrintError
from qr.evidence import Zone
from qr.keys import KeyRing
from qr.label import Label, size_in
from qr.sheet import Progress
from qr.stock import STOCKS, Stock

DEFAULT_STOCK = "L7160"
LARGEST_PRINT = 20_000
"""Labels or notices in one PDF; more are printed in parts."""

DEFAULT_RESCUE_PHONE = "96333"
"""The public rescue number of most of Zhejiang, for a firm that has set none."""

_KEY_RETIRED = "the key of this label's code was retired, so it opens nothing any more: replace the label"


async def sheet(
    scope: Scope,
    ring: KeyRing,
    settings: Settings,
    labels: Sequence[UUID],
    stock: str = DEFAULT_STOCK,
    start: int = 1,
    offsets: tuple[float, float] = (0, 0),
    progress: Progress | None = None,
) -> bytes:
    """Return a PDF of labels on a maker's sheets or roll, vectors only.

    Parameters
    ----------
    scope
        Who asks.
    ring
        Keys of this installation.
    settings
        For the public address that the codes carry.
    labels
        Blank or active labels, in the order of printing.
    stock
        Name of a kind of sheet or roll, one of `qr.stock.STOCKS`.
    start
        Place of the first label on the first sheet, from 1 (upper left), to use up a sheet that was begun.
    offsets
        Shift of everything in mm, right and down positive, as read off the calibration page.
    progress
        Told how many labels are drawn; called in another thread.

    Raises
    ------
    InvalidInput
        With all faults of the order.
    NotFound
        If the scope has no such label.
    """
    kind = _require_order(labels, stock, start, offsets)
    printed = await _printed(scope, ring, labels)
    x_mm, y_mm = offsets
    draw = partial(qr_sheet.sheet_pdf, first_position=start, offset_x_mm=x_mm, offset_y_mm=y_mm, progress=progress)
    try:
        return await asyncio.to_thread(draw, printed, settings.public_url, kind)
    except PrintError as error:
        raise _wrong_public_url(settings, error) from None


async def preview(
    scope: Scope,
    ring: KeyRing,
    settings: Settings,
    labels: Sequence[UUID],
    stock: str = DEFAULT_STOCK,
    start: int = 1,
    offsets: tuple[float, float] = (0, 0),
) -> str:
    """Return the first sheet as an SVG picture; the parameters and refusals are those of `sheet`."""
    kind = _require_order(labels, stock, start, offsets)
    printed = await _printed(scope, ring, list(dict.fromkeys(labels))[: kind.per_sheet])
    x_mm, y_mm = offsets
    draw = partial(qr_sheet.preview_svg, first_position=start, offset_x_mm=x_mm, offset_y_mm=y_mm)
    try:
        return await asyncio.to_thread(draw, printed, settings.public_url, kind)
    except PrintError as error:
        raise _wrong_public_url(settings, error) from None


async def zpl(
    scope: Scope,
    ring: KeyRing,
    settings: Settings,
    labels: Sequence[UUID],
    size_mm: tuple[float, float] = (qr_zpl.DEFAULT_WIDTH_MM, qr_zpl.DEFAULT_HEIGHT_MM),
    dots_per_mm: int = 8,
    offsets: tuple[float, float] = (0, 0),
    progress: Progress | None = None,
) -> bytes:
    """Return labels as ZPL II for a Zebra printer.

    Parameters
    ----------
    scope, ring, settings, labels, offsets, progress
        As in `sheet`.
    size_mm
        Width and height of a label.
    dots_per_mm
        Of the print head: 6, 8, 12 or 24.

    Raises
    ------
    InvalidInput
        With all faults of the order.
    NotFound
        If the scope has no such label.
    """
    faults = [*_offset_faults(offsets), *_count_faults(labels), *_head_faults(size_mm, dots_per_mm)]
    if faults:
        raise InvalidInput("these labels cannot be printed", faults=faults)
    printed = await _printed(scope, ring, labels)
    draw = partial(
        qr_zpl.zpl, width_mm=size_mm[0], height_mm=size_mm[1], dots_per_mm=dots_per_mm, offset_x_mm=offsets[0],
        offset_y_mm=offsets[1], progress=progress,
    )  # fmt: skip
    try:
        return await asyncio.to_thread(draw, printed, settings.public_url)
    except PrintError as error:
        raise _wrong_public_url(settings, error) from None


def stocks(settings: Settings) -> list[StockView]:
    """Return all sheets and rolls with how the code comes out on them: module size, error correction, what is too small."""
    length = payload_length(settings)
    return [_stock_view(kind, length) for kind in STOCKS.values()]


def payload_length(settings: Settings) -> int:
    """Return the characters of a label's link under this installation's public address."""
    example = code.ParsedCode(id="0" * code.ID_CHARACTERS, mac="0" * code.MAC_CHARACTERS)
    try:
        return len(code.payload_url(example, settings.public_url))
    except PrintError as error:
        raise _wrong_public_url(settings, error) from None


def _stock_view(kind: Stock, length: int) -> StockView:
    size = size_in(kind.drawn_box, length)
    return StockView(
        name=kind.name,
        title=kind.title,
        per_sheet=kind.per_sheet,
        label_width_mm=kind.label_width_mm,
        label_height_mm=kind.label_height_mm,
        module_mm=round(size.module_mm, 2),
        code_mm=round(size.dark_side_mm, 1),
        level=size.level.value,
        recovers_percent=size.level.recovers_percent,
        warning_zh=size.warning.zh if size.warning else "",
        warning_en=size.warning.en if size.warning else "",
    )


async def _printed(scope: Scope, ring: KeyRing, labels: Sequence[UUID]) -> list[Label]:
    """Return what stands on labels of the scope, each once, in their order."""
    wanted = list(dict.fromkeys(labels))
    async with database.tx(scope):
        rows = await queries.labels_by_id(wanted)
    missing = set(wanted) - {row.id for row in rows}
    if missing:
        raise NotFound("no label {label}", label=min(missing, key=wanted.index))
    return _printable(rows, ring)


async def notices_pdf(scope: Scope, ring: KeyRing, settings: Settings, elevators: Sequence[UUID]) -> bytes:
    """Return a PDF of in-car notices, one A6 page for each elevator, with the code of its newest active label.

    Raises
    ------
    InvalidInput
        If there is none to print, or too many.
    NotFound
        If the scope has no such elevator.
    Conflict
        If an elevator has no active label.
    """
    wanted = list(dict.fromkeys(elevators))
    if faults := _count_faults(wanted):
        raise InvalidInput("these notices cannot be printed", faults=faults)
    async with database.tx(scope):
        rows = await queries.notice_rows(wanted)
    missing = set(wanted) - {row.elevator for row in rows}
    if missing:
        raise NotFound("no elevator {elevator}", elevator=min(missing, key=wanted.index))
    notices = [_notice(row, ring) for row in rows]
    try:
        return await asyncio.to_thread(qr_notice.notice_pdf, notices, settings.public_url)
    except PrintError as error:
        raise _wrong_public_url(settings, error) from None


async def calibration_pdf(stock: str, offsets: tuple[float, float] = (0, 0)) -> bytes:
    """Return a page with a stock's outlines, to hold against a label sheet.

    Raises
    ------
    InvalidInput
        If there is no such stock, or an offset is out of range.
    """
    faults = [*_stock_faults(stock), *_offset_faults(offsets)]
    if faults:
        raise InvalidInput("this cannot be printed", faults=faults)
    x_mm, y_mm = offsets
    return await asyncio.to_thread(qr_sheet.calibration_pdf, STOCKS[stock], offset_x_mm=x_mm, offset_y_mm=y_mm)


async def symbol_of(scope: Scope, ring: KeyRing, settings: Settings, label: UUID) -> symbol.Symbol:
    """Return the QR code of a label, to show on a screen.

    Raises
    ------
    NotFound
        If the scope has no such label.
    Conflict
        If the key of its code was retired.
    """
    return _symbol(await _row(scope, label), ring, settings)


async def picture_of(scope: Scope, ring: KeyRing, settings: Settings, label: UUID, kind: Literal["svg", "png"]) -> bytes:
    """Return the QR code of a label as a picture; that of a zone's label names the zone below it.

    Raises
    ------
    NotFound, Conflict
        As `symbol_of`.
    """
    row = await _row(scope, label)
    drawn, zone = _symbol(row, ring, settings), _zone(row)
    return single.svg(drawn, zone).encode() if kind == "svg" else single.png(drawn, zone)


async def _row(scope: Scope, label: UUID) -> LabelRow:
    async with database.tx(scope):
        row = await queries.label(label)
    if row is None:
        raise NotFound("no label {label}", label=label)
    return row


def _zone(row: LabelRow) -> Zone | None:
    return Zone(row.zone.value) if row.zone else None


def _symbol(row: LabelRow, ring: KeyRing, settings: Settings) -> symbol.Symbol:
    made = code.rebuild(ring, row.code_id, row.epoch, kept=row.kept_at is not None)
    if made is None:
        raise Conflict(_KEY_RETIRED)
    return symbol_of_code(made, settings)


def symbol_of_code(made: code.ParsedCode, settings: Settings) -> symbol.Symbol:
    """Return the QR code of a code under this installation's public address."""
    try:
        return symbol.make_symbol(code.payload_url(made, settings.public_url))
    except PrintError as error:
        raise _wrong_public_url(settings, error) from None


def _require_order(labels: Sequence[UUID], stock: str, start: int, offsets: tuple[float, float]) -> Stock:
    faults = [*_stock_faults(stock), *_offset_faults(offsets), *_count_faults(labels)]
    kind = STOCKS.get(stock)
    if kind is not None and not 1 <= start <= kind.per_sheet:
        faults.append(
            Fault("start", str(start), "a roll has one label to the page: use 1")
            if kind.is_roll
            else Fault.of("start", str(start), "use a place on the sheet: 1 (upper left) to {places}", places=kind.per_sheet)
        )
    if faults or kind is None:
        raise InvalidInput("these labels cannot be printed", faults=faults)
    return kind


def _count_faults(labels: Sequence[UUID]) -> list[Fault]:
    if not labels:
        return [Fault("labels", "0", "there is none to print: make labels first, or take something out of the filter")]
    if len(labels) > LARGEST_PRINT:
        return [Fault("labels", str(len(labels)), "print at most 20000 at once: choose a batch or a state")]
    return []


def _head_faults(size_mm: tuple[float, float], dots_per_mm: int) -> list[Fault]:
    faults = []
    names = ("width_mm", "height_mm")
    for name, value, least, most in zip(names, size_mm, qr_zpl.SMALLEST_MM, qr_zpl.LARGEST_MM, strict=True):
        if not least <= value <= most:
            faults.append(
                Fault.of(name, str(value), "use {least} to {most} mm: measure the label", least=f"{least:g}", most=f"{most:g}")
            )
    if dots_per_mm not in qr_zpl.DOTS_PER_MM:
        faults.append(Fault("dots_per_mm", str(dots_per_mm), "use 6, 8 (203 dpi), 12 (300 dpi) or 24 (600 dpi)"))
    return faults


def _stock_faults(stock: str) -> list[Fault]:
    return [] if stock in STOCKS else [Fault.of("stock", stock[:40], "use one of {names}", names=", ".join(STOCKS))]


def _offset_faults(offsets: tuple[float, float]) -> list[Fault]:
    limit = qr_sheet.LARGEST_OFFSET_MM
    return [
        Fault(name, str(value), "use -10 to 10 mm; a printer that is off by more has the wrong paper size or scales")
        for name, value in zip(("offset_x_mm", "offset_y_mm"), offsets, strict=True)
        if not -limit <= value <= limit  # written so that a NaN is refused as well
    ]


def _printable(rows: Sequence[LabelRow], ring: KeyRing) -> list[Label]:
    printed: list[Label] = []
    faults: list[Fault] = []
    for index, row in enumerate(rows):
        made = code.rebuild(ring, row.code_id, row.epoch, kept=row.kept_at is not None)
        if row.state not in (LabelState.BLANK, LabelState.ACTIVE):
            faults.append(Fault(f"labels[{index}]", str(row.id), "this label has ended and opens nothing: leave it out"))
        elif made is None:
            faults.append(Fault(f"labels[{index}]", str(row.id), _KEY_RETIRED))
        else:
            printed.append(_label(row, made))
    if faults:
        raise InvalidInput("these labels cannot be printed", faults=faults)
    return printed


def _label(row: LabelRow, made: code.LabelCode) -> Label:
    if row.elevator is None:
        return Label(code=made, zone=_zone(row))
    return Label(
        code=made,
        unit=unit_text(row.site_name, row.unit_name),
        registration_code=row.registration_code,
        rescue_code=row.rescue_code or None,
        phone_24h=row.firm_phone.strip() or None,
        zone=_zone(row),
    )


def _notice(row: NoticeRow, ring: KeyRing) -> qr_notice.Notice:
    if row.code_id is None or row.epoch is None:
        raise Conflict(
            "elevator {registration_code} has no label that works: mint or claim one first",
            registration_code=row.registration_code,
        )
    made = code.rebuild(ring, row.code_id, row.epoch, kept=row.kept_at is not None)
    if made is None:
        raise Conflict(_KEY_RETIRED)
    return qr_notice.Notice(
        code=made,
        rescue_number=row.rescue_phone.strip() or DEFAULT_RESCUE_PHONE,
        rescue_code=row.rescue_code or None,
        unit=unit_text(row.site_name, row.unit_name),
        owner=row.owner_name,
        firm=row.firm_name,
        firm_phone=row.firm_phone or None,
        registration_code=row.registration_code,
        next_inspection=row.inspection_due_on,
    )


def unit_text(site_name: str | None, unit_name: str | None) -> str:
    """Return the name of an elevator for people: site and number."""
    return " ".join(part for part in (site_name, unit_name) if part)


def _wrong_public_url(settings: Settings, error: PrintError) -> InvalidInput:
    reason = "set LIFTROUNDS_PUBLIC_URL to https://host or http://host:port, without a path"
    return InvalidInput(
        "this address cannot go on a label: {reason}",
        reason=error.reason,
        faults=[Fault("LIFTROUNDS_PUBLIC_URL", settings.public_url, reason)],
    )
