"""Passkeys in pages: signing in with one, and one's own under the account. The browser's part is `static/passkey.js`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, post

from backend.errors import LiftroundsError
from backend.people import passkeys as people
from backend.people.relying_party import relying_party
from mobile_api.errors import status_of
from mobile_api.i18n import gettext as _
from mobile_api.inputs import FromPath, Installation
from mobile_api.pages.account import account_view
from mobile_api.pages.forms import form_of, told
from mobile_api.pages.render import redirect
from mobile_api.pages.sign_in import refused_page, safe_next, signed_in_answer
from mobile_api.security import PEOPLE, PUBLIC


@post("/sign-in/passkey", roles=PUBLIC, include_in_schema=False, status_code=200)
async def sign_in(request: Request[Any, Any, Any], settings: Installation) -> Response[Any]:
    """Check what the authenticator signed and open a session."""
    form = await form_of(request)
    wanted, client = safe_next(form.get("next", "")), request.headers.get("user-agent", "")
    try:
        party = relying_party(settings.public_url)
        opened = await people.sign_in(party, _credential(form), api=False, client=client)
    except LiftroundsError as error:
        return refused_page(settings, error, wanted)
    return signed_in_answer(request, settings, opened, wanted)


@post("/account/passkeys/challenge", roles=PEOPLE, include_in_schema=False, status_code=200)
async def begin(request: Request[Any, Any, Any], settings: Installation) -> Response[Any]:
    """Answer the page's script with what the browser needs to make a passkey, or with why there is none."""
    password = str((await request.form()).get("password", ""))  # as typed: spaces may be part of it
    try:
        options = await people.begin_registration(request.user, relying_party(settings.public_url), password)
    except LiftroundsError as error:
        refusal = told(error)
        reasons = list(refusal["faults"].values()) or [refusal["message"]]
        return Response({"reason": " ".join(reasons)}, status_code=status_of(error))
    return Response({"public_key": options})


@post("/account/passkeys", roles=PEOPLE, include_in_schema=False, status_code=200)
async def register(request: Request[Any, Any, Any], settings: Installation) -> Response[Any]:
    """Add a passkey that the browser has made."""
    form = await form_of(request)
    try:
        party = relying_party(settings.public_url)
        made = await people.register(request.user, party, _credential(form), form.get("name", ""))
    except LiftroundsError as error:
        return await account_view(request, settings, passkey_error=error)
    return redirect(
        "/account", message=_("The passkey “%(name)s” is added. It signs you in from now on.") % {"name": made.name}
    )


@post("/account/passkeys/{id:uuid}/remove", roles=PEOPLE, include_in_schema=False, status_code=200)
async def remove(request: Request[Any, Any, Any], id: FromPath[UUID]) -> Response[Any]:
    """Remove a passkey; the password stays."""
    await people.remove(request.user, id)
    return redirect("/account", message=_("The passkey is removed. Your password still signs you in."))


def _credential(form: dict[str, str]) -> dict[str, Any]:
    """Return what the script has put into the form; nothing where that is no object."""
    try:
        found = msgspec.json.decode(form.get("credential", "").encode(errors="replace"))
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


HANDLERS: list[Any] = [sign_in, begin, register, remove]
