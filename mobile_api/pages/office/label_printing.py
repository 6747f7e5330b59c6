"""Labels through a printer: preview, PDF, ZPL and notices; printers that are kept; batches that are undone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from msgspec import Struct

from backend.errors import Conflict, InvalidInput, NotFound
from backend.labels import service as labels
from backend.labels.views import LabelState
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath, Installation, Ring
from mobile_api.pages.forms import chosen, form_of, parsed, told
from mobile_api.pages.office.base import choose_first, is_id, office_page
from mobile_api.pages.office.labels import labels_answer, wanted_labels
from mobile_api.pages.render import redirect
from mobile_api.security import OFFICE, OFFICE_READERS
from qr.stock import STOCKS

PART_LABELS = 1000
"""Labels in one file: some two seconds to draw; a larger order comes in parts of whole sheets, so that each shows progress."""


class PrintForm(Struct, frozen=True, kw_only=True):
    """How labels are printed."""

    stock: str = labels.DEFAULT_STOCK
    start: int = 1
    printer: str = ""
    offset_x_mm: float = 0.0
    offset_y_mm: float = 0.0
    width_mm: float = 57.0
    height_mm: float = 32.0
    dots_per_mm: int = 8
    part: int = 0
    """Which part of a large order, from 1; 0 is all of it."""

    @property
    def offsets(self) -> tuple[float, float]:
        """Right and down."""
        return self.offset_x_mm, self.offset_y_mm


class Part(Struct, frozen=True, kw_only=True):
    """Labels that are printed as one file."""

    number: int
    first: int
    last: int
    sheets: int


@post("/office/labels/print", roles=OFFICE, include_in_schema=False, status_code=200)
async def print_sheet(request: Request[Any, Any, Any], asker: Asker, ring: Ring, settings: Installation) -> Response[Any]:
    """Return the chosen labels, or all that the filter shows: a preview, a PDF, ZPL, or the calibration page."""
    if asker.firm is None:
        return choose_first()
    form = await form_of(request)
    wanted = [found for found in map(is_id, await chosen(request, "label")) if found]
    try:
        how = parsed(PrintForm, form)
        what = form.get("do", "print")
        if how.printer and what in ("print", "calibrate", "zpl", "preview"):
            await labels.remember_printer(asker, how.printer, how.offsets)
        if what == "calibrate":
            return file(await labels.calibration_pdf(how.stock, how.offsets), "calibration.pdf")
        if not wanted:
            wanted = await labels.printable(asker, ring, wanted_labels(form))
        if what == "zpl":
            size = how.width_mm, how.height_mm
            content = await labels.zpl(asker, ring, settings, wanted, size, how.dots_per_mm, how.offsets)
            return file(content, "labels.zpl", "application/octet-stream")
        parts = parts_of(len(wanted), how.stock, how.start)
        if what == "preview" or (len(parts) > 1 and not how.part):
            drawn = await labels.preview(asker, ring, settings, wanted, how.stock, how.start, how.offsets)
            [stock] = [one for one in labels.stocks(settings) if one.name == how.stock]
            hidden = [(name, value) for name, value in form.items() if name not in ("do", "part", "label")]
            hidden += [("label", str(one)) for one in await chosen(request, "label")]
            return await office_page(
                asker, "office/labels_preview.html", drawn=drawn, parts=parts, stock=stock, how=how, hidden=hidden,
                count=len(wanted), sheets=sum(part.sheets for part in parts), back=_back(form),
            )  # fmt: skip
        start = how.start
        if how.part and len(parts) > 1:
            part = parts[min(how.part, len(parts)) - 1]
            wanted, start = wanted[part.first - 1 : part.last], how.start if part.number == 1 else 1
        return file(await labels.sheet(asker, ring, settings, wanted, how.stock, start, how.offsets), "labels.pdf")
    except (InvalidInput, Conflict, NotFound) as error:
        return await labels_answer(asker, ring, settings, {}, form=form, error=error)


def _back(form: dict[str, str]) -> str:
    batch = is_id(form.get("batch", ""))
    return f"/office/labels?batch={batch}#print" if batch else "/office/labels#print"


def parts_of(count: int, stock: str, start: int) -> list[Part]:
    """Return the parts that an order of so many labels is printed in; each but the last ends with a full sheet."""
    per_sheet = STOCKS[stock].per_sheet if stock in STOCKS else 1
    places = max(1, PART_LABELS // per_sheet) * per_sheet
    skipped = min(max(start, 1), per_sheet) - 1
    parts: list[Part] = []
    first = 1
    while first <= count:
        last = min(count, len(parts) * places + places - skipped)
        taken = last - first + 1 + (skipped if not parts else 0)
        parts.append(Part(number=len(parts) + 1, first=first, last=last, sheets=-(-taken // per_sheet)))
        first = last + 1
    return parts


@get("/office/elevators/{id:uuid}/notice.pdf", roles=OFFICE_READERS, include_in_schema=False)
async def notice_file(asker: Asker, ring: Ring, settings: Installation, id: FromPath[UUID]) -> Response[Any]:
    """Return the notice that hangs in the car."""
    try:
        return file(await labels.notices_pdf(asker, ring, settings, [id]), "notice.pdf")
    except Conflict as error:
        return redirect(f"/office/elevators/{id}", message=told(error)["message"], kind="error")


@post("/office/labels/notices", roles=OFFICE, include_in_schema=False, status_code=200)
async def notices_file(request: Request[Any, Any, Any], asker: Asker, ring: Ring, settings: Installation) -> Response[Any]:
    """Return the notices of the elevators whose labels the filter shows; without a filter of all with a label."""
    wanted = wanted_labels(await form_of(request))
    try:
        found = await labels.all_labels(asker, ring, wanted)
        shown = [one.elevator for one in found if one.state is LabelState.ACTIVE and not one.zone]
        elevators = list(dict.fromkeys(elevator for elevator in shown if elevator is not None))
        return file(await labels.notices_pdf(asker, ring, settings, elevators), "notices.pdf")
    except (InvalidInput, Conflict, NotFound) as error:
        return await labels_answer(asker, ring, settings, {}, error=error)


@post("/office/labels/printers/forget", roles=OFFICE, include_in_schema=False, status_code=200)
async def forget_printer(request: Request[Any, Any, Any], asker: Asker) -> Response[Any]:
    """Forget a printer."""
    if asker.firm is None:
        return choose_first()
    await labels.forget_printer(asker, (await form_of(request)).get("printer", ""))
    return redirect("/office/labels#print", message=_("The printer is forgotten."))


@post("/office/labels/batches/{id:uuid}/end", roles=OFFICE, include_in_schema=False, status_code=200)
async def end_batch(
    request: Request[Any, Any, Any], asker: Asker, ring: Ring, settings: Installation, id: FromPath[UUID]
) -> Response[Any]:
    """Undo a batch."""
    form = await form_of(request)
    try:
        done = await labels.end_batch(asker, id, form.get("reason", ""), with_active=form.get("with_active") == "yes")
    except InvalidInput as error:
        return await labels_answer(asker, ring, settings, {"batch": str(id)}, form=form, error=error)
    said = _("{ended} labels ended, {left} stay in use.").format(ended=done.ended, left=done.left)
    return redirect(f"/office/labels?batch={id}", message=said)


def file(content: bytes, name: str, media_type: str = "application/pdf") -> Response[bytes]:
    """Answer with a file; a PDF is shown, anything else is saved."""
    way = "inline" if media_type == "application/pdf" else "attachment"
    headers = {"Content-Disposition": f'{way}; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)


HANDLERS: list[Any] = [print_sheet, notice_file, notices_file, forget_printer, end_batch]
