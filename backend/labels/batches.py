"""Batches of labels, to print again or to undo; and how far the printers of a firm are off."""

from __future__ import annotations

from uuid import UUID

from backend import clock, database
from backend.errors import Fault, InvalidInput, NotFound
from backend.labels import queries, upkeep_queries
from backend.labels.views import BatchView, EndedBatch, PrinterView
from backend.people.service import audit
from backend.scope import Scope
from qr.sheet import LARGEST_OFFSET_MM

LONGEST_REASON = 300
LONGEST_PRINTER_NAME = 60
MOST_PRINTERS = 50
"""Printers kept for a firm; a firm with more offices than that gives the offsets by hand."""


async def batches(scope: Scope, limit: int = 20) -> list[BatchView]:
    """Return the latest batches with more than one label, newest first."""
    async with database.tx(scope):
        return await upkeep_queries.batches(limit)


async def end_batch(scope: Scope, batch: UUID, reason: str, *, with_active: bool = False) -> EndedBatch:
    """Undo a batch: end its labels that nobody has claimed on site.

    Parameters
    ----------
    scope
        Who asks.
    batch
        Which.
    reason
        Why, 1 to 300 characters.
    with_active
        End those too that were made for elevators and are active since they were made; labels that somebody claimed on
        site always stay.

    Raises
    ------
    InvalidInput
        Without a reason.
    NotFound
        If the scope has no such batch.
    """
    said = reason.strip()
    if not 1 <= len(said) <= LONGEST_REASON:
        fault = Fault("reason", said[:40] or None, "say why in 1 to 300 characters, such as: misprinted, lost sheet")
        raise InvalidInput("the batch was not ended", faults=[fault])
    async with database.tx(scope):
        rows = await queries.labels_of_batch(batch)
        if not rows:
            raise NotFound("no batch {batch}", batch=batch)
        ended = await upkeep_queries.end_labels_of_batch(batch, said, clock.now(), with_active=with_active)
        left = sum(row.ended_at is None for row in rows) - ended
        if ended:
            details = {"reason": said, "ended": ended, "left": left, "with_active": with_active}
            await audit(rows[0].firm, scope.account, "label.batch_ended", str(batch), details)
    return EndedBatch(batch=batch, ended=ended, left=left)


async def printers(scope: Scope) -> list[PrinterView]:
    """Return the firm's printers with their offsets, by name."""
    async with database.tx(scope):
        return [
            PrinterView(name=row.name, offset_x_mm=row.x_tenths / 10, offset_y_mm=row.y_tenths / 10)
            for row in await upkeep_queries.printers()
        ]


async def remember_printer(scope: Scope, name: str, offsets: tuple[float, float]) -> PrinterView:
    """Keep how far a printer is off, in tenths of a millimetre; the same name again changes it.

    Raises
    ------
    InvalidInput
        With all faults of name and offsets.
    """
    firm = scope.require_firm()
    said = " ".join(name.split())
    faults = []
    if not 1 <= len(said) <= LONGEST_PRINTER_NAME:
        faults.append(Fault("printer", said[:40] or None, "name the printer in 1 to 60 characters, such as: office, Canon"))
    faults += [
        Fault(field, str(value), "use -10 to 10 mm; a printer that is off by more has the wrong paper size or scales")
        for field, value in zip(("offset_x_mm", "offset_y_mm"), offsets, strict=True)
        if not -LARGEST_OFFSET_MM <= value <= LARGEST_OFFSET_MM
    ]
    if faults:
        raise InvalidInput("the printer was not kept", faults=faults)
    x_tenths, y_tenths = (round(value * 10) for value in offsets)
    async with database.tx(scope):
        known = {row.name for row in await upkeep_queries.printers()}
        if said not in known and len(known) >= MOST_PRINTERS:
            fault = Fault("printer", said, "fifty are kept: forget one first")
            raise InvalidInput("the printer was not kept", faults=[fault])
        await upkeep_queries.save_printer(firm, said, x_tenths, y_tenths, clock.now())
    return PrinterView(name=said, offset_x_mm=x_tenths / 10, offset_y_mm=y_tenths / 10)


async def forget_printer(scope: Scope, name: str) -> None:
    """Forget a printer; one that is not known is forgotten already."""
    firm = scope.require_firm()
    async with database.tx(scope):
        await upkeep_queries.delete_printer(firm, " ".join(name.split()))
