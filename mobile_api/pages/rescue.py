"""Rescues on a technician's phone, without script: who is rung answers, goes, arrives, releases."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from backend.dispatch import service
from backend.dispatch.inputs import AnswerInput, ArriveInput
from backend.dispatch.views import Answer
from backend.errors import Conflict, InvalidInput, LiftroundsError, NotAllowed, NotFound
from backend.scope import Scope
from mobile_api.errors import status_of
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath, FromQuery, Ring
from mobile_api.pages.forms import form_of, told
from mobile_api.pages.map_links import map_links
from mobile_api.pages.render import page, redirect
from mobile_api.pages.rescue_words import words
from mobile_api.pages.technician import TECHNICIAN

LISTED = 30


@get("/work/dispatches", roles=TECHNICIAN, include_in_schema=False)
async def dispatches_page(asker: Asker, cursor: FromQuery[str | None] = None) -> Response[Any]:
    """Show open rescues, and those that the technician was rung for."""
    found = await service.dispatches(asker, cursor=cursor, limit=LISTED)
    return page("technician/dispatches.html", found=found, **words())


@get("/work/dispatches/{id:uuid}", roles=TECHNICIAN, include_in_schema=False)
async def dispatch_page(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Show a rescue with what can be done next."""
    return await _one(asker, id, {}, None)


async def _one(asker: Scope, id: UUID, form: dict[str, str], error: LiftroundsError | None) -> Response[Any]:
    found = await service.dispatch(asker, id)
    mine = [ring for ring in found.rings if ring.account == asker.account]
    return page(
        "technician/dispatch.html", status_code=status_of(error) if error else 200, found=found, form=form,
        error=told(error) if error else None, my_answer=mine[-1].answer if mine else "", was_rung=bool(mine),
        map_links=map_links, **words(),
    )  # fmt: skip


@post("/work/dispatches/{id:uuid}/answer", roles=TECHNICIAN, include_in_schema=False, status_code=200)
async def answer(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Take the answer."""
    form = await form_of(request)
    going = Answer.GOING if form.get("answer") == Answer.GOING.value else Answer.CANNOT
    try:
        await service.answer(asker, id, AnswerInput(answer=going, reason=form.get("reason", "")))
    except (InvalidInput, Conflict, NotAllowed) as error:
        return await _one(asker, id, form, error)
    message = _("You are going. Scan the label in the car when you are there.") if going is Answer.GOING else _("Noted.")
    return redirect(f"/work/dispatches/{id}", message=message)


@post("/work/dispatches/{id:uuid}/arrival", roles=TECHNICIAN, include_in_schema=False, status_code=200)
async def arrive(request: Request[Any, Any, Any], asker: Asker, ring: Ring, id: FromPath[UUID]) -> Response[Any]:
    """Take the arrival, by the label or by the button."""
    form = await form_of(request)
    try:
        await service.arrive(asker, ring, id, ArriveInput(code=form.get("code", "")))
    except (InvalidInput, Conflict, NotFound) as error:
        return await _one(asker, id, form, error)
    return redirect(f"/work/dispatches/{id}", message=_("You are there: the clock stands."))


@post("/work/dispatches/{id:uuid}/release", roles=TECHNICIAN, include_in_schema=False, status_code=200)
async def release(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Note that the people are out."""
    try:
        await service.release(asker, id)
    except Conflict as error:
        return await _one(asker, id, {}, error)
    return redirect(f"/work/dispatches/{id}", message=_("The people are out. The office closes the rescue."))


HANDLERS: list[Any] = [dispatches_page, dispatch_page, answer, arrive, release]
