"""The owner's pages, without script: visits to confirm, records, notices. Nobody else signs here."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import QueryParameter

from backend.confirmations import service as confirmations
from backend.errors import Conflict, InvalidInput, LiftroundsError, NotAllowed
from backend.notices import service as notices
from backend.scope import Role, Scope
from backend.settings import Settings
from backend.visits import service
from backend.visits.inputs import DecisionInput
from backend.visits.views import Confirmation, VisitFilter
from mobile_api.errors import status_of
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath, FromQuery, Installation
from mobile_api.pages.account import client_name
from mobile_api.pages.forms import form_of, told
from mobile_api.pages.render import page, redirect
from mobile_api.pages.visit_words import words
from mobile_api.staff_mark import is_technicians, refuse_technicians_device

OWNER = (Role.OWNER,)
LISTED = 30
"""Lines of one page of a list."""


@get("/owner", roles=OWNER, include_in_schema=False)
async def start_page(asker: Asker) -> Response[Any]:
    """Show what waits for the owner: visits to confirm, notices to read, hazards that are open."""
    pending = await service.owner_visits(asker, VisitFilter(confirmation=Confirmation.PENDING), limit=LISTED)
    unread = await notices.notices(asker, unread_only=True, limit=LISTED)
    hazards = await service.findings(asker)
    return page("owner/start.html", pending=pending, unread=unread, hazards=hazards, **words())


@get("/owner/visits", roles=OWNER, include_in_schema=False)
async def visits_page(
    asker: Asker,
    wanted: Annotated[Confirmation | None, QueryParameter(name="confirmation")] = None,
    cursor: FromQuery[str | None] = None,
) -> Response[Any]:
    """Show all finished visits of the owner's elevators, newest first."""
    found = await service.owner_visits(asker, VisitFilter(confirmation=wanted), cursor=cursor, limit=LISTED)
    return page("owner/visits.html", visits=found, wanted=wanted, **words())


@get("/owner/visits/{id:uuid}", roles=OWNER, include_in_schema=False)
async def visit_page(
    request: Request[Any, Any, Any], asker: Asker, settings: Installation, id: FromPath[UUID]
) -> Response[Any]:
    """Show the record of a visit, to be confirmed or refused."""
    return await _visit(asker, id, {}, None, barred=is_technicians(request, settings))


async def _visit(
    asker: Scope, id: UUID, form: dict[str, str], error: LiftroundsError | None, *, barred: bool = False
) -> Response[Any]:
    found = await service.owner_visit(asker, id)
    return page(
        "owner/visit.html", status_code=status_of(error) if error else 200, visit=found, newest=found.records[-1],
        proof=await service.proof(asker, id), form=form,
        error=told(error) if error else None, barred=barred, **words(),
    )  # fmt: skip


@post("/owner/visits/{id:uuid}/confirm", roles=OWNER, include_in_schema=False, status_code=200)
async def confirm(request: Request[Any, Any, Any], asker: Asker, settings: Installation, id: FromPath[UUID]) -> Response[Any]:
    """Confirm the version that was shown."""
    return await _decide(request, settings, asker, id, confirmed=True)


@post("/owner/visits/{id:uuid}/refuse", roles=OWNER, include_in_schema=False, status_code=200)
async def refuse(request: Request[Any, Any, Any], asker: Asker, settings: Installation, id: FromPath[UUID]) -> Response[Any]:
    """Refuse the version that was shown, with a reason."""
    return await _decide(request, settings, asker, id, confirmed=False)


async def _decide(
    request: Request[Any, Any, Any], settings: Settings, asker: Scope, id: UUID, *, confirmed: bool
) -> Response[Any]:
    form = await form_of(request)
    shown = form.get("version", "")
    version = int(shown) if shown.isascii() and shown.isdigit() else 0
    reason = "" if confirmed else form.get("reason", "")
    try:
        await refuse_technicians_device(request, settings, asker, id)
        await service.decide(asker, id, DecisionInput(version=version, reason=reason), confirmed=confirmed)
    except NotAllowed as error:
        return await _visit(asker, id, form, error, barred=True)
    except (InvalidInput, Conflict) as error:
        return await _visit(asker, id, form, error)
    message = _("You have confirmed the visit.") if confirmed else _("You have refused the record. The firm sees your reason.")
    return redirect("/owner", message=message)


@get("/owner/notices", roles=OWNER, include_in_schema=False)
async def notices_page(asker: Asker, cursor: FromQuery[str | None] = None) -> Response[Any]:
    """Show the owner's notices, newest first."""
    found = await notices.notices(asker, cursor=cursor, limit=LISTED)
    return page("owner/notices.html", notices=found, **words())


@get("/owner/notices/{id:uuid}", roles=OWNER, include_in_schema=False)
async def notice_page(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Show a notice; its text only after its receipt was acknowledged, so that no look ahead of a browser leaves a receipt."""
    return page("owner/notice.html", notice=await notices.notice(asker, id), **words())


@post("/owner/notices/{id:uuid}", roles=OWNER, include_in_schema=False, status_code=200)
async def read_notice(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Acknowledge the receipt of a notice and show it."""
    await notices.read(asker, id)
    return redirect(f"/owner/notices/{id}")


@get("/owner/known-phones", roles=OWNER, include_in_schema=False)
async def phones_page(asker: Asker) -> Response[Any]:
    """Show which phones confirm without a password."""
    return await _phones(asker, None)


async def _phones(asker: Scope, error: InvalidInput | None) -> Response[Any]:
    assert asker.owner is not None  # noqa: S101 - only owners reach this
    return page(
        "owner/phones.html", status_code=400 if error else 200, phones=await confirmations.known_phones(asker, asker.owner),
        error=told(error) if error else None, client_name=client_name,
    )  # fmt: skip


@post("/owner/known-phones/{id:uuid}/revoke", roles=OWNER, include_in_schema=False, status_code=200)
async def revoke_phone(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """End a phone that was remembered."""
    try:
        await confirmations.revoke_known_phone(asker, id, (await form_of(request)).get("reason", ""))
    except InvalidInput as error:
        return await _phones(asker, error)
    return redirect("/owner/known-phones", message=_("The phone is known no more: its next visit needs a password."))


HANDLERS: list[Any] = [
    start_page, visits_page, visit_page, confirm, refuse, notices_page, notice_page, read_notice, phones_page, revoke_phone,
]  # fmt: skip
