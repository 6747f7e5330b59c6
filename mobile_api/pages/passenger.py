"""The page behind the code in the car: for passengers first, in one answer under 20 KB that needs no script."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from urllib.parse import quote

from babel.dates import format_date
from litestar import Request, Response, get
from msgspec import Struct

from backend.errors import LabelRefused, LiftroundsError, TooManyAttempts
from backend.labels.printing import DEFAULT_RESCUE_PHONE
from backend.labels.views import Refusal
from backend.public.service import rescue_phone
from backend.public.views import PublicElevator
from backend.scope import Role
from mobile_api.errors import status_of, unexpected
from mobile_api.i18n import gettext as _
from mobile_api.i18n import language, ngettext, translated
from mobile_api.inputs import FromPath, Ring
from mobile_api.pages import proof_words
from mobile_api.pages.render import redirect
from mobile_api.pages.visit_words import label_place, maintenance_class
from mobile_api.public_label import kept, opened
from mobile_api.security import PUBLIC
from qr import code as label_code
from qr.errors import CodeError

HTML = "text/html"
_NOT_KEPT = {"Cache-Control": "no-store", "Vary": "Accept-Language, Cookie"}
_LONGEST_TYPED = 80
MOST_HAZARDS = 12
"""Hazards listed, worst first; the page must stay small where there are many."""

_LAST_PHONE = "last_rescue_phone"
"""Where the application keeps the last rescue number shown, for when the database is away."""

_PHONE = re.compile(r"[0-9 ()+.–-]*", re.ASCII)


def failed(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer a failure of ours, such as a database that is away: logged as everywhere, told with the rescue number."""
    status = unexpected(request, error).status_code or 500
    body = _html(
        request,
        "passenger/refused.html",
        heading=_("The record cannot be shown at the moment"),
        detail=_("Please try again in a minute."),
        rescue_phone=request.app.state.get(_LAST_PHONE, DEFAULT_RESCUE_PHONE),
        typed="",
        claim=None,
    )
    return Response(body, status_code=status, media_type=HTML, headers=dict(_NOT_KEPT))


OPEN_TO_ALL: dict[str, Any] = {
    "roles": PUBLIC,
    "include_in_schema": False,
    "exclude_from_csrf": True,  # no cookie: these pages change nothing, and a phone that keeps them gets the same bytes again
    "exception_handlers": {Exception: failed, LiftroundsError: failed},
}


class Summary(Struct, frozen=True, kw_only=True):
    """How the elevator is doing, in one sentence."""

    kind: str
    """`ok`, `warn` or `bad`."""

    text: str


@get(["/e/{code:path}", "/E/{code:path}"], **OPEN_TO_ALL)
async def elevator_page(request: Request[Any, Any, Any], ring: Ring, code: FromPath[str]) -> Response[Any]:
    """Show what anybody may know about the elevator of a label, or say why the code opens nothing."""
    text = f"/e/{code.strip('/')}"
    try:
        found = await opened(request, ring, text)
    except LabelRefused as refusal:
        return await _refused(request, text, refusal)
    except TooManyAttempts as refusal:
        return await _refused(request, text, refusal)
    request.app.state[_LAST_PHONE] = found.rescue_phone
    body = _html(
        request,
        "passenger/elevator.html",
        e=found,
        summary=summary_of(found),
        short_code=label_code.parse(found.code).short_code,
        class_name=_class_name,
        check_name=proof_words.check,
        grade_meaning=proof_words.grade_meaning,
        most_hazards=MOST_HAZARDS,
        may_work=f"/work/arrive?code={found.code}" if _is_technician(request) and not found.zone else None,
        place=label_place(found.zone),
    )
    return kept(request, body, HTML, **{"Content-Language": _language_tag()})


@get(["/e", "/E"], **OPEN_TO_ALL)
async def type_code_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """Take a code that was typed, or ask for one."""
    typed = request.query_params.get("code", "").strip()
    if typed:
        return redirect(f"/e/{quote(_path_of(typed), safe='-')}")
    context = {"heading": _("Which elevator?"), "detail": "", "typed": "", "claim": None}
    body = _html(request, "passenger/refused.html", rescue_phone=await rescue_phone(""), **context)
    return Response(body, media_type=HTML, headers=dict(_NOT_KEPT))


def _path_of(typed: str) -> str:
    """Return the code of what was typed or pasted; what is none stays as it is and is refused with its reason."""
    try:
        return label_code.parse(typed).text
    except CodeError:
        return typed[:_LONGEST_TYPED]


async def _refused(request: Request[Any, Any, Any], text: str, refusal: LabelRefused | TooManyAttempts) -> Response[Any]:
    reason = refusal.reason if isinstance(refusal, LabelRefused) else ""
    typed = text.removeprefix("/e/")[:_LONGEST_TYPED]
    body = _html(
        request,
        "passenger/refused.html",
        heading=_heading(reason),
        detail="" if reason == Refusal.BLANK else _sentence(refusal),
        rescue_phone=await rescue_phone(text),
        typed=typed if reason in (Refusal.MALFORMED, Refusal.CHECK_FAILED, Refusal.WRONG_MAC) else "",
        claim=f"/claim/{quote(label_code.parse(text).text)}" if reason == Refusal.BLANK else None,
    )
    headers = dict(_NOT_KEPT)
    if isinstance(refusal, TooManyAttempts):
        headers["Retry-After"] = str(refusal.retry_after_s)
    return Response(body, status_code=status_of(refusal), media_type=HTML, headers=headers)


def _heading(reason: str) -> str:
    headings = {
        Refusal.BLANK: _("This label is not in use yet"),
        Refusal.REVOKED: _("This label is no longer valid"),
        Refusal.REPLACED: _("This label was replaced"),
        Refusal.RETIRED: _("This label is no longer valid"),
        Refusal.UNKNOWN: _("This label is not in the record"),
        Refusal.WRONG_MAC: _("This is not a genuine label"),
        "": _("Too many wrong codes"),
    }
    return headings.get(Refusal(reason) if reason else "", _("This is not an elevator's code"))


def _sentence(refusal: LiftroundsError) -> str:
    """Return the refusal as a sentence that begins and ends like one."""
    told = translated(refusal.template, refusal.params)
    return f"{told[:1].upper()}{told[1:]}{'。' if language.get() == 'zh' else '.'}"


def summary_of(found: PublicElevator) -> Summary:
    """Say how an elevator in use is doing; the worst thing counts."""
    overdue = found.next_visit is not None and found.next_visit.overdue
    if any(hazard.severity != "general" for hazard in found.hazards):
        return Summary(kind="bad", text=_("In use, with a serious hazard that is being dealt with."))
    if overdue:
        return Summary(kind="bad", text=_("In use, but its maintenance is overdue."))
    if found.inspection.overdue:
        return Summary(kind="bad", text=_("In use, but its inspection is overdue."))
    if found.hazards:
        return Summary(kind="warn", text=_("In use. There is something to repair."))
    if found.next_visit is None:
        return Summary(kind="warn", text=_("In use. Its next maintenance is not set yet."))
    return Summary(kind="ok", text=_("In use. Its maintenance is on time."))


def _is_technician(request: Request[Any, Any, Any]) -> bool:
    return request.user is not None and request.user.scope.role is Role.TECHNICIAN


def _class_name(code: str) -> str:
    return _("%(name)s maintenance") % {"name": maintenance_class(code)}


def _html(request: Request[Any, Any, Any], template: str, **context: Any) -> bytes:
    """Render a page whole: it is weighed and hashed before it is sent."""
    engine = request.app.template_engine
    assert engine is not None  # noqa: S101 - create_app sets it
    rendered: str = engine.get_template(template).render(
        request=request, long_day=long_day, days_from=days_from, phone_digits=phone_digits, **context
    )
    return rendered.encode()


def long_day(value: date) -> str:
    """Return a day as people say it: `Mon, 30 Nov 2026`, `2026年11月30日 周一`."""
    if language.get() == "zh":
        return str(format_date(value, "y年M月d日 EEE", locale="zh"))
    return str(format_date(value, "EEE, d MMM y", locale="en"))


def days_from(value: date, today: date) -> str:
    """Return how far a day is from today: `today`, `3 days ago`, `in 5 days`."""
    days = (value - today).days
    if days == 0:
        return _("today")
    if days < 0:
        return ngettext("%(num)s day ago", "%(num)s days ago", -days) % {"num": -days}
    return ngettext("in %(num)s day", "in %(num)s days", days) % {"num": days}


def phone_digits(phone: str) -> str:
    """Return a phone number as a link takes it: its first number, digits and a leading plus."""
    first = _PHONE.match(phone.strip())
    digits = "".join(character for character in first[0] if character.isdigit()) if first else ""
    return f"+{digits}" if phone.strip().startswith("+") else digits


def _language_tag() -> str:
    return "zh-CN" if language.get() == "zh" else "en"


HANDLERS: list[Any] = [elevator_page, type_code_page]
