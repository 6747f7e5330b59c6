"""What happens to every request: an id, a language, a line in the log, headers that keep browsers safe."""

from __future__ import annotations

import re
import time
import uuid
from typing import cast
from urllib.parse import parse_qs

import structlog
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from mobile_api import i18n, metrics, staff_mark
from mobile_api.staff_mark import StaffMark

log = structlog.get_logger("mobile_api")

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_UNMARKED_PATHS = ("/static/", "/e/", "/E/")
"""Answers that browsers keep carry no cookie."""

_QUIET_PATHS = ("/livez", "/readyz", "/metrics", "/static/", "/t/")

_SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline';"
    " script-src 'self'; object-src 'none'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
}


_HTTPS_HEADERS = {"Strict-Transport-Security": "max-age=31536000"}


def every_request(app: ASGIApp, *, over_https: bool, mark: StaffMark) -> ASGIApp:
    """Bind a request id and the language, answer with safe headers, log the outcome.

    Parameters
    ----------
    app
        What answers.
    over_https
        Whether browsers reach us by HTTPS, and are told to stay there.
    mark
        Set on browsers that maintenance staff are signed in with.
    """
    always = _SAFE_HEADERS | (_HTTPS_HEADERS if over_https else {})

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [None])[0]
        cookies = headers.get("cookie", "")
        chosen = i18n.choose(asked, _cookie(cookies, "lang"), headers.get("accept-language", ""))
        i18n.language.set(chosen)
        started = time.perf_counter()
        status = 500
        method, scope = scope["method"], _as_get(scope)

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                out = MutableScopeHeaders.from_message(message)
                out["X-Request-ID"] = request_id
                for name, value in always.items():
                    out.setdefault(name, value)
                if "flash=" in cookies and out.get("content-type", "").startswith("text/html"):
                    out.add("Set-Cookie", "flash=; Path=/; Max-Age=0; SameSite=lax")  # it has been shown
                marked = mark.cookie_for(scope.get("user"), _cookie(cookies, staff_mark.COOKIE) or "")
                kept = scope["path"].startswith(_UNMARKED_PATHS) or "public" in out.get("cache-control", "")
                if marked is not None and not kept:
                    out.add("Set-Cookie", marked)
                if asked in i18n.LANGUAGES:
                    out.add("Set-Cookie", f"lang={asked}; Path=/; Max-Age=31536000; SameSite=lax")
            elif message["type"] == "http.response.body" and method == HttpMethod.HEAD:
                message["body"] = b""
            await send(message)

        try:
            await app(scope, receive, answer)
        finally:
            path, took_s = _loggable(scope["path"]), time.perf_counter() - started
            metrics.note(method, str(scope.get("path_template", metrics.UNKNOWN_ROUTE)), status, took_s)
            if not path.startswith(_QUIET_PATHS):
                took_ms = round(took_s * 1000, 1)
                log.info("request", method=method, path=path, status=status, took_ms=took_ms)

    return middleware


def _loggable(path: str) -> str:
    """Return a path as it is logged: an owner's code opens a record, so it is in no log."""
    head, (code, slash, rest) = path[:3], path[3:].partition("/")
    return f"{head}…{slash}{rest}" if head.lower() == "/c/" and code else path


def _as_get(scope: HTTPScope) -> HTTPScope:
    """Let a HEAD be answered by what answers the GET: its headers are the same (RFC 9110, 9.3.2), its body is cut off."""
    if scope["method"] != HttpMethod.HEAD:
        return scope
    return cast("HTTPScope", {**scope, "method": HttpMethod.GET})


def _cookie(header: str, name: str) -> str | None:
    for part in header.split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value
    return None
