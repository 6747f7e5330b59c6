"""Errors at the edge: problem details (RFC 9457) for the API, a plain page for browsers. Mapped here, once."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi import ResponseSpec
from litestar.response import Redirect, Template
from msgspec import UNSET, Struct, UnsetType

from backend import database, errors
from mobile_api.i18n import gettext, translated

_STATUS: dict[type[errors.LiftroundsError], int] = {
    errors.InvalidInput: 400,
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.LabelEnded: 410,
    errors.Conflict: 409,
    errors.Outdated: 412,
    errors.TooManyAttempts: 429,
    errors.Unavailable: 503,
}

ONE_FILE = "/api/v1/photos/"
"""Addresses whose body is a single file, which nobody can split."""

PROBLEM_MEDIA_TYPE = "application/problem+json"

log = structlog.get_logger("mobile_api")


class ProblemFault(Struct, frozen=True, kw_only=True):
    """One thing that is wrong with an input."""

    path: str
    value: str | None
    reason: str


class Problem(Struct, frozen=True, kw_only=True):
    """A refusal (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    """What programs decide by: `invalid_input`, `not_found`, `conflict`, …"""

    detail: str
    """A sentence in the language of the request."""

    instance: str
    faults: list[ProblemFault] | UnsetType = UNSET
    """With `invalid_input`: everything that is wrong."""


RESPONSES = {
    status: ResponseSpec(Problem, description=text, media_type=PROBLEM_MEDIA_TYPE, generate_examples=False)
    for status, text in {
        400: "The input has faults; all are listed.", 401: "Nobody is signed in.", 403: "The role may not do this.",
        404: "There is no such thing, or it belongs to another firm.", 409: "Its state does not allow this.",
        429: "Too many attempts: see Retry-After.", 503: "A part of the installation does not answer.",
    }.items()
}  # fmt: skip
"""What every address of the API may answer besides."""


def status_of(error: errors.LiftroundsError) -> int:
    """Return the HTTP status of an expected refusal."""
    return next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)


def told(fault: errors.Fault) -> str:
    """Return the reason of a fault in the language of the request."""
    return translated(fault.template, fault.params) if fault.template else gettext(fault.reason)


def expected(request: Request[Any, Any, Any], error: errors.LiftroundsError) -> Response[Any]:
    """Answer an expected refusal."""
    faults = [{"path": fault.path, "value": fault.value, "reason": told(fault)} for fault in getattr(error, "faults", ())]
    headers = {}
    if isinstance(error, errors.TooManyAttempts):
        headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, errors.NotSignedIn):
        if not _is_api(request) and request.method == "GET":
            return Redirect(f"/sign-in?next={quote(_address(request))}", status_code=303)
        headers["WWW-Authenticate"] = "Bearer"
    return _answer(request, status_of(error), error.code, translated(error.template, error.params), faults, headers)


def from_framework(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Answer what Litestar refused: no such route, a body that does not fit."""
    faults = []
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        faults = [
            {"path": str(item.get("key", "")), "value": None, "reason": _reason(str(item.get("message", "")))}
            for item in error.extra
            if isinstance(item, dict)
        ]
    code = {404: "not_found", 403: "not_allowed", 405: "method_not_allowed", 413: "too_large"}.get(
        error.status_code, "invalid_input"
    )
    detail = error.detail
    if error.status_code == HTTPStatus.NOT_FOUND:
        detail = gettext("There is no such page.")
    elif error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        detail = gettext("This is too large for one request: split it into several.")
        if request.url.path.startswith(ONE_FILE):
            detail = gettext("make the photo smaller: at most 12 MB")
    headers = {name: value for name, value in (error.headers or {}).items() if name.lower() == "allow"}
    if error.status_code == HTTPStatus.FORBIDDEN and "CSRF" in error.detail:
        detail = gettext("this form has expired: go back, load the page again and send it once more")
        headers["Set-Cookie"] = "csrftoken=; Path=/; Max-Age=0; SameSite=lax"  # one of a former secret would never pass
    return _answer(request, error.status_code, code, detail, faults, headers)


def _reason(message: str) -> str:
    return gettext("please fill this in") if message == "'data'" else message  # of a body that is missing altogether


def unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer a mistake of ours: logged with its trace, told without it. What the database refuses is no mistake of ours."""
    refusal = database.refusal_of(error)
    if refusal is not None:
        log.warning("refused by the database", path=request.url.path, reason=repr(error))
        return expected(request, refusal)
    log.exception("request failed", path=request.url.path, exc_info=error)
    detail = gettext("Something went wrong on our side. It has been noted; please try again.")
    return _answer(request, 500, "internal", detail, [], {})


def _is_api(request: Request[Any, Any, Any]) -> bool:
    return request.url.path.startswith(("/api/", "/livez", "/readyz", "/metrics", "/schema"))


def _answer(
    request: Request[Any, Any, Any],
    status: int,
    code: str,
    detail: str,
    faults: list[dict[str, str | None]],
    headers: dict[str, str],
) -> Response[Any]:
    if _is_api(request):
        body: dict[str, Any] = {"type": f"about:blank#{code}", "title": HTTPStatus(status).phrase, "status": status}
        body |= {"code": code, "detail": detail, "instance": request.url.path}
        if faults:
            body["faults"] = faults
        return Response(body, status_code=status, media_type=PROBLEM_MEDIA_TYPE, headers=headers)
    context = {"status": status, "detail": detail, "faults": faults, "back": _back(request)}
    context["request_id"] = structlog.contextvars.get_contextvars().get("request_id", "")
    return Template("error.html", context=context, status_code=status, headers=headers)


def _address(request: Request[Any, Any, Any]) -> str:
    """Return path and query of the request."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _back(request: Request[Any, Any, Any]) -> str:
    """Return the page before, if it is one of ours; else the start page."""
    before = urlsplit(request.headers.get("referer", ""))
    ours = before.netloc == request.headers.get("host", "") and before.path.startswith("/") and before.path[:2] != "//"
    return before.path + (f"?{before.query}" if before.query else "") if ours else "/"


def not_utf8(request: Request[Any, Any, Any], error: UnicodeDecodeError) -> Response[Any]:
    """Answer a body whose texts are not UTF-8, which no struct can be read from."""
    log.info("not UTF-8", path=request.url.path, at=error.start)
    fault = errors.Fault("body", None, "send it in UTF-8")
    return expected(request, errors.InvalidInput("the request is not UTF-8", faults=[fault]))


def too_deep(request: Request[Any, Any, Any], error: RecursionError) -> Response[Any]:
    """Answer a body whose brackets go deeper than anything that could be meant; any other depth is a mistake of ours."""
    if "deserializing" not in str(error):
        return unexpected(request, error)
    fault = errors.Fault("body", None, "send fewer brackets inside one another")
    return expected(request, errors.InvalidInput("the request cannot be read", faults=[fault]))


HANDLERS = {
    errors.LiftroundsError: expected,
    HTTPException: from_framework,
    UnicodeDecodeError: not_utf8,
    RecursionError: too_deep,
    Exception: unexpected,
}
