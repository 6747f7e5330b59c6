"""Authorised deferrals of an elevator's visit: the form, what was entered, and how one is withdrawn."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from backend.errors import Conflict, InvalidInput, LiftroundsError
from backend.registry import service as registry
from backend.scope import Scope
from backend.upkeep import service as upkeep
from backend.upkeep.views import DeferralFile, DeferralInput
from mobile_api.api.rulebook import document
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath
from mobile_api.pages.forms import form_of, parsed, uploaded
from mobile_api.pages.office.base import office_page
from mobile_api.pages.render import redirect
from mobile_api.security import OFFICE, OFFICE_READERS


@get("/office/elevators/{id:uuid}/deferral", roles=OFFICE_READERS, include_in_schema=False)
async def deferral_page(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Show what may be deferred at an elevator, and what was."""
    return await _page(asker, id)


async def _page(
    asker: Scope, id: UUID, *, form: dict[str, str] | None = None, error: LiftroundsError | None = None
) -> Response[Any]:
    elevator = await registry.elevator(asker, id)
    offer = await upkeep.deferral_offer(asker, id) if elevator.state.value != "scrapped" else None
    return await office_page(
        asker, "office/deferral.html", elevator=elevator, offer=offer, deferrals=await upkeep.deferrals(asker, id),
        reason_name=reason_name, form=form, error=error,
    )  # fmt: skip


def reason_name(code: str) -> str:
    """Return the name of a reason for a deferral."""
    names = {
        "no_access": _("No access"), "epidemic": _("Epidemic"), "disaster": _("Flood, typhoon or the like"),
        "building_work": _("Building work"), "other": _("Another reason"),
    }  # fmt: skip
    return names.get(code, code)


@post("/office/elevators/{id:uuid}/deferral", roles=OFFICE, include_in_schema=False, status_code=200)
async def add_deferral(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Enter a deferral with its document."""
    form = await form_of(request)
    sent = await uploaded(request, "file")
    file = None
    if sent is not None:
        file = DeferralFile(name=sent.filename or "", content_type="", content=await sent.read())
    try:
        added = await upkeep.add_deferral(asker, id, parsed(DeferralInput, form), file)
    except InvalidInput as error:
        return await _page(asker, id, form=form, error=error)
    return redirect(
        f"/office/elevators/{id}/deferral", message=_("The visit is deferred to %(day)s.") % {"day": added.deferred_to}
    )


@post("/office/deferrals/{id:uuid}/withdraw", roles=OFFICE, include_in_schema=False, status_code=200)
async def withdraw_deferral(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Withdraw a deferral."""
    form = await form_of(request)
    back = f"/office/elevators/{form.get('elevator', '')}/deferral" if form.get("elevator") else "/office/due"
    try:
        await upkeep.withdraw_deferral(asker, id, form.get("why", ""))
    except (InvalidInput, Conflict):
        return redirect(back, message=_("Not withdrawn: say why, and withdraw it only once."), kind="error")
    return redirect(back, message=_("The deferral is withdrawn. The due day is the one before it."))


@get("/office/deferrals/{id:uuid}/file", roles=OFFICE_READERS, include_in_schema=False)
async def deferral_file(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Download the document of a deferral."""
    return document(await upkeep.deferral_file(asker, id), id)


HANDLERS: list[Any] = [deferral_page, add_deferral, withdraw_deferral, deferral_file]
