"""Signing in and out of the pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie

from backend.errors import LiftroundsError
from backend.people import relying_party
from backend.people import sessions as people
from backend.settings import Settings
from mobile_api.errors import status_of
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Installation
from mobile_api.pages.forms import form_of, told
from mobile_api.pages.nav import HOME
from mobile_api.pages.render import page, redirect
from mobile_api.security import FIRM_COOKIE, PUBLIC, SESSION_COOKIE


def safe_next(address: str) -> str:
    """Return where to go after signing in: a path of this site, else nothing.

    Browsers also take two slashes, a backslash, and tabs in between for another site, so those are refused.
    """
    parts = urlsplit(address)
    inside = address.startswith("/") and not parts.scheme and not parts.netloc
    clean = address.isprintable() and "\\" not in address and not address.startswith("//")
    return address if inside and clean and not parts.path.startswith("/sign-") else ""


@get("/", roles=PUBLIC, include_in_schema=False)
async def start(request: Request[Any, Any, Any]) -> Response[Any]:
    """Send everybody to where they start."""
    return redirect(HOME[request.user.scope.role] if request.user else "/sign-in")


@get("/sign-in", roles=PUBLIC, include_in_schema=False)
async def sign_in_page(request: Request[Any, Any, Any], settings: Installation) -> Response[Any]:
    """Show the form."""
    wanted = safe_next(request.query_params.get("next", ""))
    if request.user:
        return redirect(wanted or HOME[request.user.scope.role])
    return page("sign_in.html", next=wanted, login="", error=None, passkeys=_has_passkeys(settings))


def _has_passkeys(settings: Settings) -> bool:
    return not relying_party.why_none(settings.public_url)


def refused_page(settings: Settings, error: LiftroundsError, wanted: str, login: str = "") -> Response[Any]:
    """Show the form again with why nobody was signed in."""
    return page(
        "sign_in.html", status_code=status_of(error), next=wanted, login=login, error=told(error),
        passkeys=_has_passkeys(settings),
    )  # fmt: skip


def signed_in_answer(
    request: Request[Any, Any, Any], settings: Settings, opened: tuple[str, people.SignedIn], wanted: str
) -> Response[Any]:
    """Send the browser of a new session to where it wanted to go, or to where its role starts."""
    token, session = opened
    request.scope["user"] = session  # so that the answer marks a browser of maintenance staff
    answer = redirect(wanted or HOME[session.scope.role])
    answer.cookies.append(
        Cookie(
            key=SESSION_COOKIE, value=token, path="/", httponly=True, samesite="lax", secure=settings.secure_cookies,
            max_age=int(people.PAGE_SESSION.total_seconds()),
        )
    )  # fmt: skip
    return answer


@post("/sign-in", roles=PUBLIC, include_in_schema=False, status_code=200)
async def sign_in(request: Request[Any, Any, Any], settings: Installation) -> Response[Any]:
    """Check the password and open a session."""
    form = await form_of(request)
    login, wanted = form.get("login", ""), safe_next(form.get("next", ""))
    password = str((await request.form()).get("password", ""))  # as typed: spaces may be part of it
    try:
        opened = await people.sign_in(login, password, api=False, client=request.headers.get("user-agent", ""))
    except LiftroundsError as error:
        return refused_page(settings, error, wanted, login)
    return signed_in_answer(request, settings, opened, wanted)


@post("/sign-out", roles=PUBLIC, include_in_schema=False, status_code=200)
async def sign_out(request: Request[Any, Any, Any]) -> Response[Any]:
    """End the session of this browser."""
    token = request.cookies.get(SESSION_COOKIE)
    if token:
        await people.sign_out(token)
    answer = redirect("/sign-in", message=_("You are signed out."))
    for name in (SESSION_COOKIE, FIRM_COOKIE):
        answer.cookies.append(Cookie(key=name, value="", path="/", httponly=True, samesite="lax", max_age=0))
    return answer


HANDLERS: list[Any] = [start, sign_in_page, sign_in, sign_out]
