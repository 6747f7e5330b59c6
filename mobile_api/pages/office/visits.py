"""Reviewing visits and their records; hazards and notices."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import QueryParameter

from backend.errors import Conflict, Fault, InvalidInput, LiftroundsError
from backend.notices import service as notices
from backend.scope import Scope
from backend.visits import service as visits
from backend.visits.inputs import AnswerInput, CorrectionInput, Result
from backend.visits.record import RecordItem
from backend.visits.views import Confirmation, VisitFilter, VisitState
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath, FromQuery
from mobile_api.pages.forms import form_of
from mobile_api.pages.office.base import LISTED, as_day, is_id, office_page
from mobile_api.pages.render import redirect
from mobile_api.security import OFFICE, OFFICE_READERS
from planner.intervals.items import items_by_code


@get("/office/visits", roles=OFFICE_READERS, include_in_schema=False)
async def visits_page(
    asker: Asker,
    wanted_state: Annotated[str, QueryParameter(name="state")] = "",
    confirmation: FromQuery[str] = "",
    grade: FromQuery[str] = "",
    elevator: FromQuery[str] = "",
    technician: FromQuery[str] = "",
    from_day: FromQuery[str] = "",
    to_day: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response[Any]:
    """Show visits, newest first."""
    wanted = VisitFilter(
        state=VisitState(wanted_state) if wanted_state in set(VisitState) else None,
        confirmation=Confirmation(confirmation) if confirmation in set(Confirmation) else None,
        grade=grade if grade in ("A", "B", "C", "D") else None,
        elevator=is_id(elevator),
        technician=is_id(technician),
        from_day=as_day(from_day),
        to_day=as_day(to_day),
    )
    found = await visits.visits(asker, wanted, cursor=cursor, limit=LISTED)
    given = {
        "state": wanted_state, "confirmation": confirmation, "grade": grade, "from_day": from_day, "to_day": to_day,
        "elevator": elevator,
    }  # fmt: skip
    return await office_page(asker, "office/visits.html", visits=found, given=given, is_filtered=any(given.values()))


@get("/office/visits/{id:uuid}", roles=OFFICE_READERS, include_in_schema=False)
async def visit_page(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Show a visit with all versions of its record."""
    return await _visit(asker, id)


async def _visit(
    asker: Scope, id: UUID, form: dict[str, str] | None = None, error: LiftroundsError | None = None
) -> Response[Any]:
    return await office_page(
        asker,
        "office/visit.html",
        error=error,
        form=form,
        visit=await visits.visit(asker, id),
        records=await visits.records(asker, id),
        proof=await visits.proof(asker, id),
        item_of=items_by_code().get,
        results=[result.value for result in Result],
    )


@post("/office/visits/{id:uuid}/abandon", roles=OFFICE, include_in_schema=False, status_code=200)
async def abandon(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Close an open visit that will have no departure scan."""
    form = await form_of(request)
    try:
        await visits.abandon(asker, id, form.get("reason", ""))
    except (Conflict, InvalidInput) as error:
        return await _visit(asker, id, form, error)
    return redirect(f"/office/visits/{id}", message=_("The visit is abandoned; it does not count."))


@post("/office/visits/{id:uuid}/correct", roles=OFFICE, include_in_schema=False, status_code=200)
async def correct(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Write the next version of a record."""
    form = await form_of(request)
    try:
        await visits.correct(asker, id, await _correction(asker, id, form))
    except (Conflict, InvalidInput) as error:
        return await _visit(asker, id, form, error)
    return redirect(f"/office/visits/{id}", message=_("The record has a new version; the owner is asked again."))


async def _correction(asker: Scope, visit: UUID, form: dict[str, str]) -> CorrectionInput:
    """Return what a form corrects: answers that differ from the newest version's, and whether the visit counts."""
    newest = (await visits.records(asker, visit))[-1:]
    changed, faults = [], []
    for item in newest[0].body.items if newest else ():
        typed = tuple(
            form.get(f"{name}:{item.item}", before)
            for name, before in (("result", item.result), ("note", item.note), ("value", item.measured))
        )
        if typed == (item.result, item.note, item.measured):
            continue
        try:
            changed.append(_answer(item, *typed))
        except ValueError:
            faults.append(Fault(item.item, " ".join(typed), "choose a result, and a number for the value"))
    if faults:
        raise InvalidInput("the record was not corrected", faults=faults)
    counts = {"yes": True, "no": False}.get(form.get("counts", ""))
    shown = form.get("version", "")
    version = int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 6 else 0
    return CorrectionInput(version=version, reason=form.get("reason", ""), items=changed, counts=counts)


def _answer(item: RecordItem, result: str, note: str, value: str) -> AnswerInput:
    return AnswerInput(
        item=item.item, result=Result(result), measured=float(value) if value else None, unit=item.unit or None, note=note,
        special_checks=list(item.special_checks),
    )  # fmt: skip


@get("/office/hazards", roles=OFFICE_READERS, include_in_schema=False)
async def hazards_page(asker: Asker, closed: FromQuery[str] = "", cursor: FromQuery[str | None] = None) -> Response[Any]:
    """Show findings and the notices to owners."""
    return await _hazards(asker, closed=bool(closed), cursor=cursor)


async def _hazards(
    asker: Scope, *, closed: bool = False, cursor: str | None = None, error: LiftroundsError | None = None
) -> Response[Any]:
    return await office_page(
        asker,
        "office/hazards.html",
        error=error,
        findings=await visits.findings(asker, open_only=not closed),
        notices=await notices.notices(asker, cursor=cursor, limit=LISTED),
        closed=closed,
    )


@post("/office/findings/{id:uuid}/close", roles=OFFICE, include_in_schema=False, status_code=200)
async def close_finding(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Close a finding with what was done."""
    form = await form_of(request)
    try:
        await visits.close_finding(asker, id, form.get("reason", ""))
    except (Conflict, InvalidInput) as error:
        return await _hazards(asker, error=error)
    return redirect("/office/hazards", message=_("The hazard is closed."))


@get("/office/notices/{id:uuid}", roles=OFFICE_READERS, include_in_schema=False)
async def notice_page(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Show a notice to print, with the draft of the report to the authority."""
    return await office_page(asker, "office/notice.html", notice=await notices.notice(asker, id))


HANDLERS: list[Any] = [
    visits_page, visit_page, abandon, correct, hazards_page, close_finding, notice_page,
]  # fmt: skip
