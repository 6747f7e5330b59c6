"""Labels over the API: mint, list, claim, revoke, replace, print."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import QueryParameter
from msgspec import Struct

from backend.labels import service
from backend.labels.views import (
    BatchView,
    EndedBatch,
    LabelFilter,
    LabelPage,
    LabelState,
    LabelView,
    LabelZone,
    PrinterView,
    RefusedCount,
    StockView,
)
from backend.paging import DEFAULT_LIMIT, bounded
from backend.registry.service import find_elevator
from backend.scope import Role
from mobile_api.inputs import Asker, FromPath, FromQuery, Installation, JSONBody, Ring
from mobile_api.security import OFFICE, OFFICE_READERS
from qr import zpl as qr_zpl

OFFICE_AND_TECHNICIANS = (*OFFICE, Role.TECHNICIAN)
"""Those who put labels up."""

WantedState = Annotated[LabelState | None, QueryParameter(name="state")]
"""`?state=`; the name itself is taken by Litestar."""

_NO_STORE = {"Cache-Control": "no-store"}


class MintBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to mint: a number of blank labels, or one for each elevator."""

    count: int = 0
    elevators: list[UUID] = []
    only_missing: bool = False
    """Leave out elevators with an active label; without count and elevators, mint for all of the firm's others."""

    batch: UUID | None = None
    """Name of the batch, made by the sender: the same again mints nothing new."""

    zone: LabelZone = LabelZone.CAR
    """Where all of them are to hang; printed on them."""


class ClaimBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which label belongs to which elevator."""

    code: str
    """As scanned (the whole link) or typed."""

    elevator: str
    """Id, registration code, or rescue code."""

    zone: LabelZone | None = None
    """Where it hangs; without it where the label was made for."""


class ZoneBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a label hangs."""

    zone: LabelZone


class RevokeBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a label ends."""

    reason: str


class ReplaceBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What takes a label's place."""

    code: str | None = None
    """Code of the label that does; None mints one to be printed."""


class PrinterBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far a printer is off."""

    name: str
    offset_x_mm: float
    offset_y_mm: float


class EndBatchBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a batch ends."""

    reason: str
    with_active: bool = False
    """End those too that were made for elevators; labels that were claimed on site always stay."""


@post("/api/v1/labels", roles=OFFICE)
async def mint(asker: Asker, ring: Ring, data: JSONBody[MintBody]) -> LabelPage:
    """Mint blank labels, or labels for elevators; answers with them in the order of printing."""
    minted = await service.mint(
        asker,
        ring,
        data.count,
        elevators=data.elevators,
        only_missing=data.only_missing,
        batch=data.batch,
        zone=data.zone,
    )
    return LabelPage(rows=minted, next_cursor=None, total=len(minted))


@get("/api/v1/labels", roles=OFFICE_READERS)
async def labels(
    asker: Asker,
    ring: Ring,
    label_state: WantedState = None,
    elevator: FromQuery[UUID | None] = None,
    batch: FromQuery[UUID | None] = None,
    text: FromQuery[str | None] = None,
    zone: FromQuery[LabelZone | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = DEFAULT_LIMIT,
) -> LabelPage:
    """List labels, newest first."""
    wanted = LabelFilter(state=label_state, elevator=elevator, batch=batch, text=text, zone=zone)
    return await service.labels(asker, ring, wanted, cursor=cursor, limit=limit)


@get("/api/v1/labels/{id:uuid}", roles=OFFICE_READERS)
async def label(asker: Asker, ring: Ring, id: FromPath[UUID]) -> LabelView:
    """Return one label."""
    return await service.label(asker, ring, id)


@post("/api/v1/labels/claim", roles=OFFICE_AND_TECHNICIANS, status_code=200)
async def claim(asker: Asker, ring: Ring, data: JSONBody[ClaimBody]) -> LabelView:
    """Bind a blank label to an elevator; the same again changes nothing."""
    elevator = await find_elevator(asker, data.elevator)
    return await service.claim(asker, ring, data.code, elevator.id, data.zone)


@post("/api/v1/labels/{id:uuid}/zone", roles=OFFICE, status_code=200)
async def set_zone(asker: Asker, ring: Ring, id: FromPath[UUID], data: JSONBody[ZoneBody]) -> LabelView:
    """Say where a label hangs, where it was claimed or made for the wrong place; print it again then."""
    return await service.set_zone(asker, ring, id, data.zone)


@post("/api/v1/labels/{id:uuid}/revoke", roles=OFFICE, status_code=200)
async def revoke(asker: Asker, ring: Ring, id: FromPath[UUID], data: JSONBody[RevokeBody]) -> LabelView:
    """End a label with a reason: its code opens nothing any more."""
    return await service.revoke(asker, ring, id, data.reason)


@post("/api/v1/labels/{id:uuid}/replace", roles=OFFICE, status_code=200)
async def replace(asker: Asker, ring: Ring, id: FromPath[UUID], data: JSONBody[ReplaceBody]) -> LabelView:
    """End an elevator's label and put another in its place; answers with the new one."""
    return await service.replace(asker, ring, id, data.code)


@get("/api/v1/labels/refused", roles=OFFICE_READERS)
async def refused(asker: Asker, days: FromQuery[int] = 30) -> list[RefusedCount]:
    """Count the refused codes of the last days, per day and reason."""
    return await service.refused(asker, days)


@get("/api/v1/labels/sheet.pdf", roles=OFFICE)
async def sheet(
    asker: Asker,
    ring: Ring,
    settings: Installation,
    label: FromQuery[list[UUID] | None] = None,
    batch: FromQuery[UUID | None] = None,
    label_state: WantedState = None,
    elevator: FromQuery[UUID | None] = None,
    stock: FromQuery[str] = service.DEFAULT_STOCK,
    start: FromQuery[int] = 1,
    offset_x_mm: FromQuery[float] = 0,
    offset_y_mm: FromQuery[float] = 0,
) -> Response[bytes]:
    """Print labels on a maker's sheets: those named, or the blank and active ones that fit the filter."""
    wanted = label or await service.printable(asker, ring, LabelFilter(state=label_state, elevator=elevator, batch=batch))
    return pdf(await service.sheet(asker, ring, settings, wanted, stock, start, (offset_x_mm, offset_y_mm)), "labels")


@get("/api/v1/labels/preview.svg", roles=OFFICE)
async def preview(
    asker: Asker,
    ring: Ring,
    settings: Installation,
    label: FromQuery[list[UUID] | None] = None,
    batch: FromQuery[UUID | None] = None,
    label_state: WantedState = None,
    elevator: FromQuery[UUID | None] = None,
    stock: FromQuery[str] = service.DEFAULT_STOCK,
    start: FromQuery[int] = 1,
    offset_x_mm: FromQuery[float] = 0,
    offset_y_mm: FromQuery[float] = 0,
) -> Response[str]:
    """Draw the first sheet of what `sheet.pdf` prints, as a scalable picture."""
    wanted = label or await service.printable(asker, ring, LabelFilter(state=label_state, elevator=elevator, batch=batch))
    drawn = await service.preview(asker, ring, settings, wanted, stock, start, (offset_x_mm, offset_y_mm))
    return Response(drawn, media_type="image/svg+xml", headers=_NO_STORE)


@get("/api/v1/labels/labels.zpl", roles=OFFICE)
async def zpl(
    asker: Asker,
    ring: Ring,
    settings: Installation,
    label: FromQuery[list[UUID] | None] = None,
    batch: FromQuery[UUID | None] = None,
    label_state: WantedState = None,
    elevator: FromQuery[UUID | None] = None,
    width_mm: FromQuery[float] = qr_zpl.DEFAULT_WIDTH_MM,
    height_mm: FromQuery[float] = qr_zpl.DEFAULT_HEIGHT_MM,
    dots_per_mm: FromQuery[int] = 8,
    offset_x_mm: FromQuery[float] = 0,
    offset_y_mm: FromQuery[float] = 0,
) -> Response[bytes]:
    """Print labels on a Zebra printer: ZPL II, to be sent to its port as it is."""
    wanted = label or await service.printable(asker, ring, LabelFilter(state=label_state, elevator=elevator, batch=batch))
    content = await service.zpl(asker, ring, settings, wanted, (width_mm, height_mm), dots_per_mm, (offset_x_mm, offset_y_mm))
    headers = {**_NO_STORE, "Content-Disposition": 'attachment; filename="labels.zpl"'}
    return Response(content, media_type="application/octet-stream", headers=headers)


@get("/api/v1/labels/stocks", roles=OFFICE_READERS)
async def stocks(settings: Installation) -> list[StockView]:
    """List the sheets and rolls, with module size and error correction of the code on each, and what is too small."""
    return service.stocks(settings)


@get("/api/v1/labels/printers", roles=OFFICE_READERS)
async def printers(asker: Asker) -> list[PrinterView]:
    """List the firm's printers with the offsets kept for them."""
    return await service.printers(asker)


@post("/api/v1/labels/printers", roles=OFFICE, status_code=200)
async def remember_printer(asker: Asker, data: JSONBody[PrinterBody]) -> PrinterView:
    """Keep how far a printer is off; the same name again changes it."""
    return await service.remember_printer(asker, data.name, (data.offset_x_mm, data.offset_y_mm))


@get("/api/v1/labels/batches", roles=OFFICE_READERS)
async def batches(asker: Asker, limit: FromQuery[int] = 20) -> list[BatchView]:
    """List the latest batches, newest first."""
    return await service.batches(asker, bounded(limit))


@post("/api/v1/labels/batches/{id:uuid}/end", roles=OFFICE, status_code=200)
async def end_batch(asker: Asker, id: FromPath[UUID], data: JSONBody[EndBatchBody]) -> EndedBatch:
    """Undo a batch: end its labels that nobody has claimed on site."""
    return await service.end_batch(asker, id, data.reason, with_active=data.with_active)


@get("/api/v1/labels/notices.pdf", roles=OFFICE)
async def notices(
    asker: Asker, ring: Ring, settings: Installation, elevator: FromQuery[list[UUID] | None] = None
) -> Response[bytes]:
    """Print the A6 notices of elevators: those named, or all with an active label."""
    wanted = elevator or await service.labelled_elevators(asker, ring)
    return pdf(await service.notices_pdf(asker, ring, settings, wanted), "notices")


@get("/api/v1/elevators/{id:uuid}/notice.pdf", roles=OFFICE)
async def notice(asker: Asker, ring: Ring, settings: Installation, id: FromPath[UUID]) -> Response[bytes]:
    """Print the A6 notice for the car of one elevator."""
    return pdf(await service.notices_pdf(asker, ring, settings, [id]), "notice")


@get("/api/v1/labels/calibration.pdf", roles=OFFICE)
async def calibration(
    stock: FromQuery[str] = service.DEFAULT_STOCK, offset_x_mm: FromQuery[float] = 0, offset_y_mm: FromQuery[float] = 0
) -> Response[bytes]:
    """Print the outlines of a stock, to hold against a label sheet."""
    return pdf(await service.calibration_pdf(stock, (offset_x_mm, offset_y_mm)), "calibration")


@get("/api/v1/labels/{id:uuid}/qr.svg", roles=OFFICE_READERS)
async def qr_svg(asker: Asker, ring: Ring, settings: Installation, id: FromPath[UUID]) -> Response[str]:
    """Draw a label's code as a scalable picture."""
    drawn = await service.picture_of(asker, ring, settings, id, "svg")
    return Response(drawn.decode(), media_type="image/svg+xml", headers=_NO_STORE)


@get("/api/v1/labels/{id:uuid}/qr.png", roles=OFFICE_READERS)
async def qr_png(asker: Asker, ring: Ring, settings: Installation, id: FromPath[UUID]) -> Response[bytes]:
    """Draw a label's code as a black and white PNG."""
    drawn = await service.picture_of(asker, ring, settings, id, "png")
    return Response(drawn, media_type="image/png", headers=_NO_STORE)


def pdf(content: bytes, name: str) -> Response[bytes]:
    """Answer with a PDF that the browser shows, and saves under a name."""
    headers = {**_NO_STORE, "Content-Disposition": f'inline; filename="{name}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


HANDLERS: list[Any] = [
    mint, labels, label, claim, set_zone, revoke, replace, refused, sheet, preview, zpl, stocks, printers, remember_printer,
    batches, end_batch, notices, notice, calibration, qr_svg, qr_png,
]  # fmt: skip
