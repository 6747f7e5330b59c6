"""One visit on the technician's phone, without script: the checklist by zone, findings, the departure, corrections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from litestar import Request, Response, get, post

from backend.errors import Conflict, Fault, InvalidInput, LiftroundsError, NotFound
from backend.scope import Role, Scope
from backend.visits import service
from backend.visits.inputs import AnswerInput, CorrectionInput, FindingInput, Result, Severity
from backend.visits.views import ChecklistItem, VisitState, VisitView
from mobile_api.errors import status_of
from mobile_api.i18n import gettext as _
from mobile_api.i18n import ngettext
from mobile_api.inputs import Asker, FromPath, FromQuery, Installation, Ring
from mobile_api.pages.forms import form_of, told
from mobile_api.pages.owner_code import owner_code_of, with_owner_code
from mobile_api.pages.render import page, redirect
from mobile_api.pages.technician import scan_of, uuid_of, uuid_or_none
from mobile_api.pages.visit_words import by_zone, whys, words, zone

TECHNICIAN = (Role.TECHNICIAN,)


@get("/work/visits/{id:uuid}", roles=TECHNICIAN, include_in_schema=False)
async def visit_page(
    request: Request[Any, Any, Any], asker: Asker, settings: Installation, id: FromPath[UUID]
) -> Response[Any]:
    """Show a visit: what is left to do, or its record, with the code for the owner where it was just made."""
    found = await service.visit(asker, id)
    is_open = found.summary.state is VisitState.OPEN
    mine = asker.technician in (
        found.summary.technician.id,
        found.summary.second_technician and found.summary.second_technician.id,
    )
    records = [] if is_open else await service.records(asker, id)
    colleagues = (await service.technician_day(asker)).second_technicians if is_open else []
    return page(
        "technician/visit.html", visit=found, zones=_zones(found), undescribed=undescribed(found), records=records,
        colleagues=colleagues, mine=mine, is_first=asker.technician == found.summary.technician.id,
        owner_code=owner_code_of(request, settings), proof=await service.proof(asker, id), **words(),
    )  # fmt: skip


def _zones(visit: VisitView) -> list[dict[str, Any]]:
    """Return each zone with how far it is."""
    answers = {answer.item: answer for answer in visit.answers}
    return [
        {
            "code": code,
            "total": len(items),
            "answered": sum(item.code in answers for item in items),
            "findings": sum(item.code in answers and answers[item.code].result is Result.FINDING for item in items),
            "by_hand": sum(item.code not in answers and by_hand(item) and not item.added for item in items),
            "optional": sum(item.code not in answers and item.added for item in items),
            "first": sum(bool(item.reasons) and not item.added for item in items),
            "added": sum(item.added for item in items),
            "why": whys(items),
        }
        for code, items in by_zone(visit.checklist).items()
    ]


def by_hand(item: ChecklistItem) -> bool:
    """Return whether an item is never answered by the one tap for all: what is measured, tested or added is answered alone."""
    return item.limit is not None or item.is_test or item.added


def undescribed(visit: VisitView) -> list[ChecklistItem]:
    """Return the items that were ticked as a finding without anything written down."""
    described = {finding.item for finding in visit.findings}
    ticked = {answer.item for answer in visit.answers if answer.result is Result.FINDING}
    return [item for item in visit.checklist if item.code in ticked - described]


@get("/work/visits/{id:uuid}/zones/{zone_code:str}", roles=TECHNICIAN, include_in_schema=False)
async def zone_page(asker: Asker, id: FromPath[UUID], zone_code: FromPath[str]) -> Response[Any]:
    """Show the checklist of a zone."""
    return _zone(await service.visit(asker, id), zone_code, {}, {})


def _zone(visit: VisitView, code: str, form: dict[str, str], faults: dict[str, str], status_code: int = 200) -> Response[Any]:
    zones = by_zone(visit.checklist)
    if code not in zones:
        raise NotFound("this visit has no zone {zone}", zone=code[:20])
    codes = list(zones)
    after = codes[codes.index(code) + 1] if code != codes[-1] else None
    return page(
        "technician/zone.html", status_code=status_code, visit=visit, zone=code, items=zones[code], form=form, faults=faults,
        answers={answer.item: answer for answer in visit.answers}, findings={f.item: f for f in visit.findings},
        results=list(Result), by_hand=by_hand, after=after, **words(),
    )  # fmt: skip


@post("/work/visits/{id:uuid}/zones/{zone_code:str}", roles=TECHNICIAN, include_in_schema=False, status_code=200)
async def save_zone(
    request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID], zone_code: FromPath[str]
) -> Response[Any]:
    """Keep the answers of a zone; with `rest`, what was not answered is set to be in order."""
    form = await form_of(request)
    visit = await service.visit(asker, id)
    items = by_zone(visit.checklist).get(zone_code)
    if items is None:
        raise NotFound("this visit has no zone {zone}", zone=zone_code[:20])
    answers, faults = _answers_of(form, items)
    rest = _rest(visit, items, answers) if "rest" in form else []
    saved = await service.answer(asker, id, [*answers, *rest])
    faults |= _by_item(saved.rejected, answers)
    visit = await service.visit(asker, id)
    if faults:
        return _zone(visit, zone_code, form, faults, status_code=400)
    if todo := [item for item in undescribed(visit) if item.zone == zone_code]:
        message = _("Kept. Now write down what you found, so that the owner is told.")
        return redirect(f"/work/visits/{id}/findings/new?item={todo[0].code}", message=message)
    return redirect(f"/work/visits/{id}", message=_saved(zone_code, len(rest), visit, items))


def _saved(code: str, rest: int, visit: VisitView, items: Sequence[ChecklistItem]) -> str:
    left = sum(item.code in visit.open_items for item in items)
    parts = [_("%(zone)s is kept.") % {"zone": zone(code)}]
    if rest:
        told = ngettext("%(num)s item was set to “in order”.", "%(num)s items were set to “in order”.", rest)
        parts.append(told % {"num": rest})
    if left:
        parts.append(ngettext("%(num)s item is still open.", "%(num)s items are still open.", left) % {"num": left})
    return " ".join(parts)


def _answers_of(form: dict[str, str], items: Sequence[ChecklistItem]) -> tuple[list[AnswerInput], dict[str, str]]:
    """Return the answers of a form, and what is wrong with typed numbers by item."""
    answers: list[AnswerInput] = []
    faults: dict[str, str] = {}
    for item in items:
        typed = form.get(f"measured:{item.code}", "").replace(",", ".").replace("，", ".")
        try:
            measured = float(typed) if typed else None
        except ValueError:
            faults[item.code] = _("Type the value as a number, such as 7.5.")
            continue
        chosen = form.get(f"result:{item.code}", "")
        if not chosen and measured is not None:
            chosen = Result.OK.value  # a value says that the item was done; one outside of its limit becomes a finding
        if chosen not in list(Result):
            continue
        made = [choice.key for choice in item.special_checks if f"check:{item.code}:{choice.key}" in form]
        answers.append(
            AnswerInput(
                item=item.code, result=Result(chosen), measured=None if chosen == Result.NOT_APPLICABLE else measured,
                note=form.get(f"note:{item.code}", ""), special_checks=made,
            )
        )  # fmt: skip
    return answers, faults


def _rest(visit: VisitView, items: Sequence[ChecklistItem], answers: Sequence[AnswerInput]) -> list[AnswerInput]:
    """Return "in order" for all items of a zone that have no answer and need no value or test."""
    answered = {answer.item for answer in answers} | {answer.item for answer in visit.answers}
    return [AnswerInput(item=item.code, result=Result.OK) for item in items if item.code not in answered and not by_hand(item)]


def _by_item(faults: Sequence[Fault], answers: Sequence[AnswerInput]) -> dict[str, str]:
    """Return the reasons of rejected answers by item."""
    found: dict[str, str] = {}
    for fault in faults:
        index = int(fault.path.split("[", 1)[1].split("]", 1)[0])
        if index < len(answers):
            found[answers[index].item] = _(fault.reason)
    return found


@get("/work/visits/{id:uuid}/findings/new", roles=TECHNICIAN, include_in_schema=False)
async def finding_page(asker: Asker, id: FromPath[UUID], item: FromQuery[str] = "") -> Response[Any]:
    """Show the form of a finding."""
    visit = await service.visit(asker, id)
    note = next((answer.note for answer in visit.answers if answer.item == item), "")
    form = {"id": str(uuid4()), "item": item, "severity": Severity.GENERAL.value, "description": note}
    return _finding(visit, form, None)


def _finding(visit: VisitView, form: dict[str, str], error: LiftroundsError | None) -> Response[Any]:
    return page(
        "technician/finding.html", status_code=status_of(error) if error else 200, visit=visit, form=form,
        error=told(error) if error else None, severities=list(Severity), **words(),
    )  # fmt: skip


@post("/work/visits/{id:uuid}/findings", roles=TECHNICIAN, include_in_schema=False, status_code=200)
async def add_finding(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Keep a finding; its notice goes to the owner."""
    form = await form_of(request)
    severity = Severity(form["severity"]) if form.get("severity") in list(Severity) else Severity.GENERAL
    stops = severity is Severity.STOP_USE
    finding = FindingInput(
        id=uuid_of(form, "id"), severity=severity, description=form.get("description", ""), item=form.get("item", ""),
        stop_use_condition=form.get("stop_use_condition", "") if stops else "", place=form.get("place", ""),
        proposal=form.get("proposal", ""),
    )  # fmt: skip
    try:
        kept = await service.add_finding(asker, id, finding)
    except (InvalidInput, Conflict) as error:
        return _finding(await service.visit(asker, id), form, error)
    message = _("Notice %(number)s goes to the owner.") % {"number": kept.notice_number}
    if stops:
        message = _("The elevator is stopped now.") + " " + message
    return redirect(f"/work/visits/{id}", message=message)


@post("/work/visits/{id:uuid}/second", roles=TECHNICIAN, include_in_schema=False, status_code=200)
async def set_second(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Name the second technician."""
    second = uuid_or_none(await form_of(request), "second")
    await service.set_second_technician(asker, id, second)
    return redirect(f"/work/visits/{id}", message=_("The second technician is noted."))


@get("/work/visits/{id:uuid}/departure", roles=TECHNICIAN, include_in_schema=False)
async def departure_page(asker: Asker, id: FromPath[UUID], code: FromQuery[str] = "") -> Response[Any]:
    """Show the form of the departure, and what is still missing."""
    form = {"scan": str(uuid4()), "code": code, "source": "link" if code else "typed"}
    return await _departure(asker, id, form, None)


async def _departure(asker: Scope, id: UUID, form: dict[str, str], error: LiftroundsError | None) -> Response[Any]:
    visit = await service.visit(asker, id)
    if visit.summary.state is not VisitState.OPEN:
        return redirect(f"/work/visits/{id}")
    return page(
        "technician/departure.html", status_code=status_of(error) if error else 200, visit=visit, zones=_zones(visit),
        undescribed=undescribed(visit), form=form, error=told(error) if error else None, **words(),
    )  # fmt: skip


@post("/work/visits/{id:uuid}/departure", roles=TECHNICIAN, include_in_schema=False, status_code=200)
async def depart(
    request: Request[Any, Any, Any], asker: Asker, ring: Ring, settings: Installation, id: FromPath[UUID]
) -> Response[Any]:
    """Finish the visit; the same form sent twice finishes it once."""
    form = await form_of(request)
    try:
        await service.depart(asker, ring, id, scan_of(form, uuid_of(form, "scan")))
    except LiftroundsError as error:
        return await _departure(asker, id, form, error)
    message = _("The visit is finished and its record is written.")
    try:
        return await with_owner_code(asker, settings, id, message)
    except Conflict:  # a repeated form: the owner has decided meanwhile
        return redirect(f"/work/visits/{id}", message=message)


@get("/work/visits/{id:uuid}/correction", roles=TECHNICIAN, include_in_schema=False)
async def correction_page(asker: Asker, id: FromPath[UUID], item: FromQuery[str] = "") -> Response[Any]:
    """Show the form of a correction."""
    return await _correction(asker, id, {"item": item}, None)


async def _correction(asker: Scope, id: UUID, form: dict[str, str], error: LiftroundsError | None) -> Response[Any]:
    visit, records = await service.visit(asker, id), await service.records(asker, id)
    if not records or asker.technician != visit.summary.technician.id:
        raise Conflict("there is no record of yours to correct")
    chosen = next((item for item in records[-1].body.items if item.item == form.get("item")), None)
    return page(
        "technician/correction.html", status_code=status_of(error) if error else 200, visit=visit, record=records[-1],
        chosen=chosen, form=form, error=told(error) if error else None, results=list(Result), **words(),
    )  # fmt: skip


@post("/work/visits/{id:uuid}/correction", roles=TECHNICIAN, include_in_schema=False, status_code=200)
async def correct(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Write the next version of the record."""
    form = await form_of(request)
    newest = (await service.records(asker, id))[-1:]
    before = [item for record in newest for item in record.body.items if item.item == form.get("item")]
    try:
        answer = AnswerInput(
            item=form.get("item", ""), result=Result(form.get("result", "")),
            measured=float(form["measured"].replace(",", ".")) if form.get("measured") else None, note=form.get("note", ""),
            special_checks=before[0].special_checks if before else [],
        )  # fmt: skip
        version = int(form.get("version", ""))
    except ValueError:
        error = InvalidInput("please check the marked fields", faults=[Fault("result", None, "choose an answer, and a number")])
        return await _correction(asker, id, form, error)
    try:
        correction = CorrectionInput(version=version, reason=form.get("reason", ""), items=[answer])
        made = await service.correct(asker, id, correction)
    except (InvalidInput, Conflict) as error:
        return await _correction(asker, id, form, error)
    message = _("Version %(version)s of the record is written. The owner is asked again.") % {"version": made.version}
    return redirect(f"/work/visits/{id}", message=message)


HANDLERS: list[Any] = [
    visit_page,
    zone_page,
    save_zone,
    finding_page,
    add_finding,
    set_second,
    departure_page,
    depart,
    correction_page,
    correct,
]
