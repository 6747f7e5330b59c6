"""Printing: label sheets, the notice in the car, the page that calibrates a printer, one code as a picture."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

from backend import database
from backend.errors import Conflict, Fault, InvalidInput, NotFound
from backend.labels import queries
from backend.labels.queries import LabelRow, NoticeRow
from backend.labels.views import LabelState
from backend.scope import Scope
from backend.settings import Settings
from qr import code, symbol
from qr import notice as qr_notice
from qr import sheet as qr_sheet
from qr.errors import PrintError
from qr.keys import KeyRing
from qr.label import Label
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
) -> bytes:
    """Return a PDF of labels on a maker's sheets, vectors only.

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
        Name of a kind of sheet, one of `qr.stock.STOCKS`.
    start
        Place of the first label on the first sheet, from 1 (upper left), to use up a sheet that was begun.
    offsets
        Shift of everything in mm, right and down positive, as read off the calibration page.

    Raises
    ------
    InvalidInput
        With all faults of the order.
    NotFound
        If the scope has no such label.
    """
    kind = _require_order(labels, stock, start, offsets)
    wanted = list(dict.fromkeys(labels))
    async with database.tx(scope):
        rows = await queries.labels_by_id(wanted)
    missing = set(wanted) - {row.id for row in rows}
    if missing:
        raise NotFound("no label {label}", label=min(missing, key=wanted.index))
    printed = _printable(rows, ring)
    x_mm, y_mm = offsets
    try:
        return await asyncio.to_thread(
            qr_sheet.sheet_pdf, printed, settings.public_url, kind, first_position=start, offset_x_mm=x_mm, offset_y_mm=y_mm
        )
    except PrintError as error:
        raise _wrong_public_url(settings, error) from None


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
    if not 1 <= len(wanted) <= LARGEST_PRINT:
        fault = Fault("elevators", str(len(wanted)), "print from 1 to 20000 at once")
        raise InvalidInput("these notices cannot be printed", faults=[fault])
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
    async with database.tx(scope):
        row = await queries.label(label)
    if row is None:
        raise NotFound("no label {label}", label=label)
    made = code.rebuild(ring, row.code_id, row.epoch)
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
    faults = [*_stock_faults(stock), *_offset_faults(offsets)]
    if not 1 <= len(labels) <= LARGEST_PRINT:
        faults.append(Fault("labels", str(len(labels)), "print from 1 to 20000 at once"))
    kind = STOCKS.get(stock)
    if kind is not None and not 1 <= start <= kind.per_sheet:
        faults.append(Fault("start", str(start), "use a place on the sheet: 1 is the upper left one"))
    if faults or kind is None:
        raise InvalidInput("these labels cannot be printed", faults=faults)
    return kind


def _stock_faults(stock: str) -> list[Fault]:
    return [] if stock in STOCKS else [Fault("stock", stock[:40], "use one of L7160, L7163, L7165, L4736, 5160, 5163")]


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
        made = code.rebuild(ring, row.code_id, row.epoch)
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
        return Label(code=made)
    return Label(
        code=made,
        unit=unit_text(row.site_name, row.unit_name),
        registration_code=row.registration_code,
        rescue_code=row.rescue_code or None,
    )


def _notice(row: NoticeRow, ring: KeyRing) -> qr_notice.Notice:
    if row.code_id is None or row.epoch is None:
        raise Conflict(
            "elevator {registration_code} has no label that works: mint or claim one first",
            registration_code=row.registration_code,
        )
    made = code.rebuild(ring, row.code_id, row.epoch)
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
