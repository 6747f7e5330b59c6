"""Technicians' phones in the office: who has which, inviting one, what its chain looks like, revoking a lost one."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from backend import clock, keyfile
from backend.errors import InvalidInput, LiftroundsError
from backend.phones import service as phones
from backend.registry import service as registry
from backend.scope import Scope
from backend.settings import Settings
from backend.visits.intake import held
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath, FromQuery, Installation
from mobile_api.pages.forms import form_of
from mobile_api.pages.office.base import is_id, office_page
from mobile_api.pages.office.phone_words import phone_state
from mobile_api.pages.render import redirect
from mobile_api.security import OFFICE, OFFICE_READERS
from qr import symbol

ENROL_PATH = "/t/#/enrol?invite="
"""Where the app takes an invitation; what is behind ``#`` never reaches a server, nor its logs."""

CHOICES = 1_000


@get("/office/phones", roles=OFFICE_READERS, include_in_schema=False)
async def phones_page(asker: Asker, only: FromQuery[str] = "") -> Response[Any]:
    """Show the phones of all technicians, those in use first, and the open invitations."""
    found = await phones.phones(asker)
    shown = [one for one in found if only != "used" or one.revoked_at is None]
    may_invite = asker.role in OFFICE and asker.firm is not None
    people = (await registry.technicians(asker, active=True, limit=CHOICES)).rows if may_invite else []
    return await office_page(
        asker,
        "office/phones.html",
        phones=shown,
        is_filtered=len(shown) < len(found),
        query={"only": only},
        phone_state=phone_state,
        invites=await phones.open_invites(asker) if may_invite else [],
        people=people,
    )


@get("/office/phones/{id:uuid}", roles=OFFICE_READERS, include_in_schema=False)
async def phone_page(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Show a phone, the head of its chain, and what of it waits."""
    return await _phone(asker, id)


async def _phone(
    asker: Scope, id: UUID, form: dict[str, str] | None = None, error: LiftroundsError | None = None
) -> Response[Any]:
    phone = await phones.phone(asker, id)
    waiting = await held.held(asker, id)
    return await office_page(
        asker, "office/phone.html", phone=phone, phone_state=phone_state, held=len(waiting.rows), form=form, error=error
    )


@post("/office/phones/{id:uuid}/revoke", roles=OFFICE, include_in_schema=False, status_code=200)
async def revoke_phone(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Trust a phone no more."""
    form = await form_of(request)
    try:
        await phones.revoke(asker, id, form.get("reason", ""))
    except InvalidInput as error:
        return await _phone(asker, id, form, error)
    return redirect(f"/office/phones/{id}", message=_("The phone is revoked. What it sends from now on is kept for review."))


@post("/office/phones/invites", roles=OFFICE, include_in_schema=False, status_code=200)
async def invite_from_list(request: Request[Any, Any, Any], asker: Asker, settings: Installation) -> Response[Any]:
    """Invite the technician who was chosen in the list."""
    technician = is_id((await form_of(request)).get("technician", ""))
    if technician is None:
        return redirect("/office/phones#invite", message=_("Choose the technician first."), kind="error")
    return await _invited(asker, settings, technician)


@post("/office/technicians/{id:uuid}/phone-invites", roles=OFFICE, include_in_schema=False, status_code=200)
async def invite(asker: Asker, settings: Installation, id: FromPath[UUID]) -> Response[Any]:
    """Invite a technician's phone and show the code, this once."""
    return await _invited(asker, settings, id)


async def _invited(asker: Scope, settings: Settings, technician: UUID) -> Response[Any]:
    made = await phones.make_invite(asker, technician, secret=keyfile.page_secret(settings))
    link = f"{settings.public_url.rstrip('/')}{ENROL_PATH}{made.code}"
    image = b64encode(symbol.svg(symbol.make_link_symbol(link)).encode()).decode()
    answer = await office_page(
        asker,
        "office/phone_invite.html",
        technician=await registry.technician(asker, technician),
        invite=made,
        link=link,
        image=f"data:image/svg+xml;base64,{image}",
        now=clock.now(),
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@post("/office/technicians/{id:uuid}/phone-invites/withdraw", roles=OFFICE, include_in_schema=False, status_code=200)
async def withdraw_invites(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Take back the open invitations of a technician."""
    ended = await phones.withdraw_invites(asker, id)
    said = _("The invitation is taken back: its code enrols nothing any more.") if ended else _("There was no open invitation.")
    return redirect("/office/phones", message=said)


HANDLERS: list[Any] = [phones_page, phone_page, revoke_phone, invite_from_list, invite, withdraw_invites]
