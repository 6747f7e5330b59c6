"""The page behind the code that the technician shows at departure: the owner's safety officer signs on their own phone.

No account and no script. A browser that maintenance staff have used is refused before anything else is looked at.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie

from backend import clock
from backend.confirmations import service
from backend.confirmations.limits import KNOWN_LIFE, MOST_TOKENS
from backend.confirmations.views import Bar, CodeVisit, Opened, Refused, State, Step
from backend.errors import Conflict, InvalidInput, LiftroundsError, NotAllowed, NotFound
from backend.scope import Role
from backend.settings import Settings
from mobile_api.errors import status_of
from mobile_api.guesses import Guesses, client_of
from mobile_api.i18n import gettext as _
from mobile_api.i18n import ngettext, translated
from mobile_api.inputs import FromPath, Installation
from mobile_api.pages.forms import form_of, told
from mobile_api.pages.render import page, redirect
from mobile_api.pages.visit_words import words
from mobile_api.security import PUBLIC
from mobile_api.staff_mark import is_staff

PHONE_COOKIE = "liftrounds_owner_phone"
"""What a phone keeps since it proved numbers: one token an owner, with dots between them."""

RELOAD_S = 15
"""How often the page asks again whether the visit has arrived: the technician's phone sends it when it has a signal."""

MOST_RELOADS = 120
"""Half an hour; after that, a button."""

_ANONYMOUS: dict[str, Any] = {"roles": PUBLIC, "include_in_schema": False}
_NOT_KEPT = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
_STATUS = {
    State.MALFORMED: 404, State.UNKNOWN: 404, State.REPLACED: 410, State.EXPIRED: 410, State.WITHDRAWN: 410,
}  # fmt: skip


@get(["/c/{code:str}", "/C/{code:str}"], **_ANONYMOUS)
async def code_page(request: Request[Any, Any, Any], settings: Installation, code: FromPath[str]) -> Response[Any]:
    """Show the visit of a code in short, and the next step."""
    if is_staff(request, settings):
        return _staff()
    return await _shown(request, code, await service.opened(settings, code, tokens_of(request)))


@post("/c/{code:str}/password", status_code=200, **_ANONYMOUS)
async def send_password(request: Request[Any, Any, Any], settings: Installation, code: FromPath[str]) -> Response[Any]:
    """Send a one-time password to the number that the register has."""
    if is_staff(request, settings):
        return await _staff_tried(code)
    step = await service.send_password(settings, code, client_of(request))
    if step.refused is None:
        return redirect(_address(code))
    return await _again(request, settings, code, step)


@post("/c/{code:str}/check", status_code=200, **_ANONYMOUS)
async def check_password(request: Request[Any, Any, Any], settings: Installation, code: FromPath[str]) -> Response[Any]:
    """Check the digits that were typed."""
    if is_staff(request, settings):
        return await _staff_tried(code)
    form = await form_of(request)
    remember, client = "remember" in form, request.headers.get("user-agent", "")
    step = await service.check_password(settings, code, form.get("password", ""), remember=remember, client=client)
    if step.refused is not None:
        return await _again(request, settings, code, step)
    answer = redirect(_address(code))
    if step.token:
        kept = [step.token, *tokens_of(request)][:MOST_TOKENS]
        answer.cookies.append(
            Cookie(
                key=PHONE_COOKIE, value=".".join(kept), path="/", httponly=True, samesite="lax",
                secure=settings.secure_cookies, max_age=int(KNOWN_LIFE.total_seconds()),
            )
        )  # fmt: skip
    return answer


@post("/c/{code:str}/confirm", status_code=200, **_ANONYMOUS)
async def confirm(request: Request[Any, Any, Any], settings: Installation, code: FromPath[str]) -> Response[Any]:
    """Confirm the version that was shown."""
    return await _decide(request, settings, code, confirmed=True)


@post("/c/{code:str}/refuse", status_code=200, **_ANONYMOUS)
async def refuse(request: Request[Any, Any, Any], settings: Installation, code: FromPath[str]) -> Response[Any]:
    """Refuse the version that was shown, with a reason."""
    return await _decide(request, settings, code, confirmed=False)


async def _decide(request: Request[Any, Any, Any], settings: Settings, code: str, *, confirmed: bool) -> Response[Any]:
    if is_staff(request, settings):
        return await _staff_tried(code)
    form = await form_of(request)
    shown = form.get("version", "")
    version = int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 6 else 0
    tokens, reason = tokens_of(request), "" if confirmed else form.get("reason", "")
    try:
        await service.decide(settings, code, tokens, version, confirmed=confirmed, reason=reason)
    except (InvalidInput, Conflict, NotAllowed, NotFound) as error:
        opened = await service.opened(settings, code, tokens)
        return await _shown(request, code, opened, error=error, form=form)
    return redirect(_address(code))


def tokens_of(request: Request[Any, Any, Any]) -> list[str]:
    """Return what the browser keeps since it proved numbers."""
    kept = request.cookies.get(PHONE_COOKIE, "")
    return [token for token in kept.split(".") if token][:MOST_TOKENS]


async def _again(request: Request[Any, Any, Any], settings: Settings, code: str, step: Step) -> Response[Any]:
    """Show the page again with what went wrong."""
    opened = await service.opened(settings, code, tokens_of(request))
    return await _shown(request, code, opened, step=step)


async def _shown(
    request: Request[Any, Any, Any],
    code: str,
    opened: Opened,
    *,
    step: Step | None = None,
    error: LiftroundsError | None = None,
    form: dict[str, str] | None = None,
) -> Response[Any]:
    status, headers = _STATUS.get(opened.state, 200), dict(_NOT_KEPT)
    if opened.state in (State.UNKNOWN, State.MALFORMED):
        wait_s = _counted(request)
        if wait_s is not None:
            status, headers["Retry-After"] = 429, str(wait_s)
    if step is not None and step.refused is not None:
        limited = step.refused in (Refused.TOO_SOON, Refused.TOO_MANY, Refused.LOCKED)
        status = 429 if limited else 400
        if limited:
            headers["Retry-After"] = str(step.wait_s)
    if error is not None:
        status = status_of(error)
    answer = page(
        "confirm/page.html", status_code=status, opened=opened, visit=opened.visit, address=_address(code),
        reload=_reload(request, opened), said=_said(step, error), error=told(error) if error else None, form=form or {},
        account=_account(request, opened.visit), bar=_bar(opened), **words(),
    )  # fmt: skip
    answer.headers.update(headers)
    return answer


def _address(code: str) -> str:
    """Return the address of a code, however it was written."""
    plain = service.plain_code(code)
    return f"/c/{quote(code, safe='') if plain is None else plain.lower()}"


def _reload(request: Request[Any, Any, Any], opened: Opened) -> str | None:
    """Return what the browser is told about loading the page again by itself; None where it shall not."""
    given = request.query_params.get("n", "0")
    times = int(given) if given.isascii() and given.isdigit() and len(given) < 4 else 0
    if opened.state is not State.UNKNOWN or times >= MOST_RELOADS:
        return None
    return f"{RELOAD_S};url={_address(str(request.path_params['code']))}?n={times + 1}"


def _said(step: Step | None, error: LiftroundsError | None) -> str:
    """Return what went wrong in a sentence; empty where nothing did."""
    if error is not None:
        return translated(error.template, error.params)
    if step is None or step.refused is None:
        return ""
    minutes = max(1, round(step.wait_s / 60))
    return {
        Refused.TOO_SOON: ngettext(
            "A message was sent just now. Another one can be sent in %(num)s second.",
            "A message was sent just now. Another one can be sent in %(num)s seconds.",
            step.wait_s,
        )
        % {"num": step.wait_s},
        Refused.TOO_MANY: _("No more messages can be sent for this visit, to this number or from here today."),
        Refused.WRONG: ngettext(
            "These are not the digits that were sent. You can try %(num)s more time.",
            "These are not the digits that were sent. You can try %(num)s more times.",
            step.left,
        )
        % {"num": step.left},
        Refused.DEAD: _("This password has expired or was mistyped too often. Have a new one sent."),
        Refused.LOCKED: ngettext(
            "Too many wrong passwords. Try again in %(num)s minute, or sign in with the owner's account.",
            "Too many wrong passwords. Try again in %(num)s minutes, or sign in with the owner's account.",
            minutes,
        )
        % {"num": minutes},
    }[step.refused]


def _bar(opened: Opened) -> dict[str, str]:
    """Return why no password can be sent, and what to do instead."""
    if opened.bar is None:
        return {}
    account = _("Or sign in with the owner's account and confirm there.")
    ask = _("Ask the maintenance firm to enter the mobile number of your safety officer.")
    texts = {
        Bar.NO_OWNER: (_("The register names no owner for this elevator"), ask),
        Bar.NO_NUMBER: (_("The register has no telephone number of the owner"), ask),
        Bar.STAFF_NUMBER: (
            _("The owner's number in the register belongs to somebody who maintains elevators"),
            _("It cannot sign for the owner.") + " " + ask,
        ),
        Bar.NEW_NUMBER: (
            _("The owner's number was entered into the register less than a day ago"),
            _("So that nobody enters a number to suit a visit, a new one signs only after a day. Scan this code again then."),
        ),
        Bar.NO_GATEWAY: (
            _("This installation sends no text messages"),
            _("A visit can be confirmed here only with a password by text message."),
        ),
        Bar.LOCKED: (
            _("Too many wrong passwords today"),
            _("To keep others from guessing, nothing can be signed here for now."),
        ),
    }
    title, text = texts[opened.bar]
    return {"title": title, "text": text, "account": account}


def _account(request: Request[Any, Any, Any], visit: CodeVisit | None) -> str:
    """Return where the owner's account confirms this visit."""
    if visit is None:
        return ""
    there = f"/owner/visits/{visit.visit}"
    user = request.user
    return there if user is not None and user.scope.role is Role.OWNER else f"/sign-in?next={there}"


def _staff() -> Response[Any]:
    """Say that this is not for those who did the work."""
    answer = page("confirm/staff.html", status_code=403)
    answer.headers.update(_NOT_KEPT)
    return answer


async def _staff_tried(code: str) -> Response[Any]:
    await service.note_staff_refused(code)
    return _staff()


def _counted(request: Request[Any, Any, Any]) -> int | None:
    """Count a code that opens nothing; return how long the asker has to wait, None where they need not."""
    state = request.app.state
    if "owner_code_guesses" not in state:
        state["owner_code_guesses"] = Guesses()
    guesses: Guesses = state["owner_code_guesses"]
    client, now = client_of(request), clock.now()
    guesses.note(client, now)
    return guesses.wait_s(client, now)


HANDLERS: list[Any] = [code_page, send_password, check_password, confirm, refuse]
