"""One's own account: password and sessions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from backend.errors import InvalidInput, LiftroundsError
from backend.people import passkeys, relying_party, sessions
from backend.people import service as people
from backend.settings import Settings
from mobile_api.errors import status_of
from mobile_api.i18n import gettext as _
from mobile_api.i18n import ngettext
from mobile_api.inputs import Asker, FromPath, Installation
from mobile_api.pages.forms import told
from mobile_api.pages.render import page, redirect
from mobile_api.security import PEOPLE


@get("/account", roles=PEOPLE, include_in_schema=False)
async def account_page(request: Request[Any, Any, Any], settings: Installation) -> Response[Any]:
    """Show the account with its passkeys and sessions."""
    return await account_view(request, settings)


_BROWSERS = (("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip
"""Words in what a browser calls itself, the more particular first."""


def client_name(client: str) -> str:
    """Return what people call a browser; what is not known is shown as it calls itself."""
    browser = next((name for word, name in _BROWSERS if word in client), "")
    system = next((name for word, name in _SYSTEMS if word in client), "")
    if not browser or not system:
        return client
    return _("%(browser)s on %(system)s") % {"browser": _("WeChat") if browser == "WeChat" else browser, "system": system}


async def account_view(
    request: Request[Any, Any, Any],
    settings: Settings,
    *,
    error: InvalidInput | None = None,
    passkey_error: LiftroundsError | None = None,
) -> Response[Any]:
    """Answer with the page of the account, after a form with what was wrong with it."""
    refused, why = error or passkey_error, relying_party.why_none(settings.public_url)
    return page(
        "account.html", status_code=status_of(refused) if refused else 200,
        sessions=await sessions.list_sessions(request.user), passkeys=await passkeys.passkeys(request.user),
        no_passkeys=_(why) if why else "", error=told(error) if error else None,
        passkey_error=told(passkey_error) if passkey_error else None, client_name=client_name,
        own_client=client_name(request.headers.get("user-agent", ""))[:passkeys.LONGEST_NAME],
    )  # fmt: skip


@post("/account/password", roles=PEOPLE, include_in_schema=False, status_code=200)
async def change_password(request: Request[Any, Any, Any], asker: Asker, settings: Installation) -> Response[Any]:
    """Change the password; all other sessions end."""
    form = await request.form()  # as typed: spaces may be part of a password
    try:
        await people.change_password(asker, str(form.get("old", "")), str(form.get("new", "")), session=request.user.session)
    except InvalidInput as error:
        return await account_view(request, settings, error=error)
    return redirect("/account", message=_("The password is changed. All other sessions have ended."))


@post("/account/sessions/end", roles=PEOPLE, include_in_schema=False, status_code=200)
async def end_others(request: Request[Any, Any, Any]) -> Response[Any]:
    """End all sessions but this one."""
    ended = await sessions.end_other_sessions(request.user)
    message = ngettext("%(num)s other session has ended.", "%(num)s other sessions have ended.", ended) % {"num": ended}
    return redirect("/account", message=message)


@post("/account/sessions/{id:uuid}/end", roles=PEOPLE, include_in_schema=False, status_code=200)
async def end_one(request: Request[Any, Any, Any], id: FromPath[UUID]) -> Response[Any]:
    """End one session."""
    await sessions.end_session(request.user, id)
    return redirect("/account", message=_("The session has ended."))


HANDLERS: list[Any] = [account_page, change_password, end_others, end_one]
