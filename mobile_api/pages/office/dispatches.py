"""Rescues in the office: raise one, watch its ladder and clock, close it; the firm's ladder and duty roster."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, Response, get, post

from backend.dispatch import roster, service
from backend.dispatch.inputs import AnswerInput, ArriveInput, CloseInput, DutyTurnInput, LadderInput, RaiseInput
from backend.dispatch.views import Answer, Source
from backend.errors import Conflict, Fault, InvalidInput, LiftroundsError, NotFound
from backend.paging import MAX_LIMIT
from backend.registry import workforce as registry
from backend.scope import Scope
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath, FromQuery, Ring
from mobile_api.pages.forms import form_of, parsed
from mobile_api.pages.office.base import choose_first, is_id, office_page, time_zone_of
from mobile_api.pages.render import redirect
from mobile_api.pages.rescue_words import causes, outcomes, who_names, words
from mobile_api.security import OFFICE, OFFICE_READERS
from planner.intervals.pack_rescue import Rung

LISTED = 30
EMPTY_RUNGS = 2
"""Lines behind the ladder for further rungs."""


@get("/office/dispatches", roles=OFFICE_READERS, include_in_schema=False)
async def dispatches_page(asker: Asker, cursor: FromQuery[str | None] = None, elevator: FromQuery[str] = "") -> Response[Any]:
    """Show rescues, open ones first, and the form that raises one."""
    return await _list(asker, cursor, {"elevator": elevator, "call": str(uuid4())}, None)


async def _list(asker: Scope, cursor: str | None, form: dict[str, str], error: LiftroundsError | None) -> Response[Any]:
    found = await service.dispatches(asker, cursor=cursor, limit=LISTED)
    return await office_page(asker, "office/dispatches.html", found=found, form=form, error=error, **words())


@post("/office/dispatches", roles=OFFICE, include_in_schema=False, status_code=200)
async def raise_dispatch(request: Request[Any, Any, Any], asker: Asker) -> Response[Any]:
    """Raise a rescue; the same form sent twice is one."""
    if asker.firm is None:
        return choose_first()
    form = await form_of(request)
    source = Source(form["source"]) if form.get("source") in ("office", "phone") else Source.PHONE
    try:
        given = parsed(RaiseInput, form | {"source": source.value})
        raised = await service.raise_dispatch(asker, given)
    except (InvalidInput, NotFound, Conflict) as error:
        return await _list(asker, None, form, error)
    return redirect(f"/office/dispatches/{raised.summary.id}", message=_("The ladder rings."))


@get("/office/dispatches/{id:uuid}", roles=OFFICE_READERS, include_in_schema=False)
async def dispatch_page(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Show a rescue with its ladder and clock."""
    return await _one(asker, id, {}, None)


async def _one(asker: Scope, id: UUID, form: dict[str, str], error: LiftroundsError | None) -> Response[Any]:
    found = await service.dispatch(asker, id)
    technicians = sorted(
        {(str(ring.technician), ring.name) for ring in found.rings if ring.technician}, key=lambda pair: pair[1]
    )
    return await office_page(
        asker, "office/dispatch.html", found=found, form=form, error=error, technicians=technicians, outcomes=outcomes(),
        causes=causes(), who_names=dict(who_names()), **words(),
    )  # fmt: skip


@post("/office/dispatches/{id:uuid}/answer", roles=OFFICE, include_in_schema=False, status_code=200)
async def answer(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Take what somebody answered by telephone, or the office's own answer."""
    form = await form_of(request)
    going = Answer.GOING if form.get("answer") == Answer.GOING.value else Answer.CANNOT
    given = AnswerInput(answer=going, reason=form.get("reason", ""), technician=is_id(form.get("technician", "")))
    try:
        await service.answer(asker, id, given)
    except (InvalidInput, Conflict) as error:
        return await _one(asker, id, form, error)
    return redirect(f"/office/dispatches/{id}", message=_("Noted."))


@post("/office/dispatches/{id:uuid}/arrival", roles=OFFICE, include_in_schema=False, status_code=200)
async def arrive(request: Request[Any, Any, Any], asker: Asker, ring: Ring, id: FromPath[UUID]) -> Response[Any]:
    """Take by telephone that somebody is there."""
    form = await form_of(request)
    try:
        await service.arrive(asker, ring, id, ArriveInput(technician=is_id(form.get("technician", ""))))
    except (InvalidInput, Conflict) as error:
        return await _one(asker, id, form, error)
    return redirect(f"/office/dispatches/{id}", message=_("The clock stands."))


@post("/office/dispatches/{id:uuid}/release", roles=OFFICE, include_in_schema=False, status_code=200)
async def release(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Note that the people are out."""
    try:
        await service.release(asker, id)
    except Conflict as error:
        return await _one(asker, id, {}, error)
    return redirect(f"/office/dispatches/{id}", message=_("Noted."))


@post("/office/dispatches/{id:uuid}/close", roles=OFFICE, include_in_schema=False, status_code=200)
async def close(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Close a rescue."""
    form = await form_of(request)
    try:
        await service.close(asker, id, parsed(CloseInput, form))
    except (InvalidInput, Conflict) as error:
        return await _one(asker, id, form, error)
    return redirect(f"/office/dispatches/{id}", message=_("The rescue is closed; its record is kept."))


@get("/office/rescue", roles=OFFICE, include_in_schema=False)
async def rescue_page(asker: Asker) -> Response[Any]:
    """Show the ladder and the duty roster."""
    return await _rescue(asker, {}, None)


async def _rescue(asker: Scope, form: dict[str, str], error: LiftroundsError | None) -> Response[Any]:
    if asker.firm is None:
        return choose_first()
    found = await registry.technicians(asker, active=True, limit=MAX_LIMIT)
    workers = [(str(worker.id), f"{worker.name} ({worker.badge})") for worker in found.rows]
    return await office_page(
        asker, "office/rescue.html", ladder=await roster.ladder(asker), turns=await roster.turns(asker), workers=workers,
        who_names=who_names(), empty_rungs=EMPTY_RUNGS, form=form, error=error, **words(),
    )  # fmt: skip


@post("/office/rescue/ladder", roles=OFFICE, include_in_schema=False, status_code=200)
async def set_ladder(request: Request[Any, Any, Any], asker: Asker) -> Response[Any]:
    """Set the firm's own ladder, or go back to the rule pack's."""
    form = await form_of(request)
    try:
        given = LadderInput(rungs=[] if form.get("pack") else _rungs(form))
        await roster.set_ladder(asker, given)
    except InvalidInput as error:
        return await _rescue(asker, form, error)
    return redirect("/office/rescue", message=_("The ladder is saved; rescues under way keep theirs."))


def _rungs(form: dict[str, str]) -> list[Rung]:
    """Return the rungs of a form, lines without a recipient left out.

    Raises
    ------
    InvalidInput
        With one fault per line that does not fit.
    """
    rungs, faults = [], []
    for n in range(20):
        if not form.get(f"who{n}"):
            continue
        line = {"who": form[f"who{n}"], "people": form.get(f"people{n}") or "1", "wait_s": form.get(f"wait{n}", "")}
        try:
            rungs.append(msgspec.convert(line, Rung, strict=False))
        except msgspec.ValidationError:
            reason = "give 1 to 20 people and 15 to 1800 seconds"
            faults.append(Fault(f"wait{n}", line["wait_s"][:20], reason))
    if faults:
        raise InvalidInput("the ladder was not changed", faults=faults)
    return rungs


@post("/office/duty-turns", roles=OFFICE, include_in_schema=False, status_code=200)
async def add_turn(request: Request[Any, Any, Any], asker: Asker) -> Response[Any]:
    """Put a technician on duty."""
    form = await form_of(request)
    zone = ZoneInfo(await time_zone_of(asker))
    try:
        times = {name: _local(form.get(name, ""), name, zone) for name in ("starts_at", "ends_at")}
        await roster.add_turn(asker, parsed(DutyTurnInput, form, **times))
    except (InvalidInput, NotFound) as error:
        return await _rescue(asker, form, error)
    return redirect("/office/rescue", message=_("The turn is on the roster."))


def _local(text: str, name: str, zone: ZoneInfo) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone)
    except ValueError:
        raise InvalidInput("the turn cannot be added", faults=[Fault(name, text[:30], "give a day and a time")]) from None


@post("/office/duty-turns/{id:uuid}/remove", roles=OFFICE, include_in_schema=False, status_code=200)
async def remove_turn(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Take a turn off the roster."""
    await roster.remove_turn(asker, id)
    return redirect("/office/rescue", message=_("The turn is off the roster."))


HANDLERS: list[Any] = [
    dispatches_page, raise_dispatch, dispatch_page, answer, arrive, release, close, rescue_page, set_ladder, add_turn,
    remove_turn,
]  # fmt: skip
