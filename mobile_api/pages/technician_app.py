"""The technician's app as built: one page, its files with a hash in their names, the service worker.

Built by `hatch_build.py` into `mobile_api/web/dist`; a source checkout that was never installed has none, and says so.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from litestar import Request, Response, get
from litestar.datastructures import Headers
from litestar.response import Redirect

from backend.errors import NotFound, Unavailable
from backend.people.firebase import toolkit_url
from backend.settings import Settings
from mobile_api.api.visits import is_known
from mobile_api.inputs import FromPath, Installation
from mobile_api.security import PUBLIC

DIST = Path(__file__).parents[1] / "web" / "dist"
HASHED = "assets/"
"""Files below it change their name with their content, so that browsers may keep them."""

KEPT_S = 365 * 24 * 3600
ALWAYS_ASKED = ("", "sw.js", "manifest.webmanifest")
"""What a browser asks for anew each time: by these it learns of a new version."""

ASKED_AFTER_S = 24 * 3600
"""Pictures of the app."""

POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:;"
    " media-src 'self' blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; font-src 'self';"
    " form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing from elsewhere and nothing inline; `wasm-unsafe-eval` lets the reader of codes be compiled, and only that."""

_RECAPTCHA = "https://www.google.com/recaptcha/ https://www.recaptcha.net/recaptcha/"
_RECAPTCHA_FILES = "https://www.gstatic.com/recaptcha/ https://www.gstatic.cn/recaptcha/"

PERMISSIONS = "camera=(self), geolocation=(self), microphone=(self)"
"""Of the scanner, the position beside a scan, and dictation."""

WORTH_PACKING = ("text/", "application/json", "application/manifest+json", "application/wasm", "image/svg")

NOT_BUILT = (
    "the technician's app is not built in this checkout: run “uv sync --reinstall-package liftrounds” and restart;"
    " until then the pages at /work/ do the same with a signal"
)

_TYPES = {
    ".js": "text/javascript", ".webmanifest": "application/manifest+json", ".wasm": "application/wasm",
    ".html": "text/html",
}  # fmt: skip
"""Named here, because what the system knows of types differs from machine to machine."""


@get("/t", roles=PUBLIC, include_in_schema=False)
async def technician_app(request: Request[Any, Any, Any], settings: Installation) -> Response[Any]:
    """Answer with the app's only page.

    Raises
    ------
    Unavailable
        If the app is not built.
    """
    if request.scope["raw_path"] == b"/t":  # the router takes the slash off the other one
        return Redirect("/t/", status_code=308)  # its service worker looks after addresses below it only
    page = DIST / "index.html"
    if not page.is_file():
        raise Unavailable(NOT_BUILT)
    return _answer(page, "", request.headers, policy_of(settings))


def policy_of(settings: Settings) -> str:
    """Return the page's policy: where phone sign-in is set up, Firebase and its question for a person are let in."""
    if settings.firebase_project is None:
        return POLICY
    if settings.auth_emulator is not None:
        return POLICY.replace("connect-src 'self'", f"connect-src 'self' http://{settings.auth_emulator}")
    return (
        POLICY.replace("connect-src 'self'", f"connect-src 'self' {toolkit_url(settings)} {_RECAPTCHA}")
        .replace("script-src 'self'", f"script-src 'self' {_RECAPTCHA} {_RECAPTCHA_FILES}")
        .replace("default-src 'none'", f"default-src 'none'; frame-src {_RECAPTCHA}")
        .replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")  # its box is drawn with styles of its own
    )


@get("/t/{name:path}", roles=PUBLIC, include_in_schema=False)
async def app_file(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
    """Answer with a file of the app.

    Raises
    ------
    NotFound
        If the app has no such file.
    """
    path = _files().get(name.lstrip("/"))
    if path is None:
        raise NotFound("there is no such file")
    return _answer(path, name.lstrip("/"), request.headers)


def _files() -> dict[str, Path]:
    """Return the files of the app by address; no address is ever made a path."""
    changed_ns = DIST.stat().st_mtime_ns if DIST.is_dir() else 0
    return _listed(DIST, changed_ns)


@lru_cache(maxsize=4)
def _listed(folder: Path, _changed_ns: int) -> dict[str, Path]:
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path for name, path in found.items() if name != "index.html" and not path.name.startswith(".")}


def _answer(path: Path, name: str, asked: Headers, policy: str = POLICY) -> Response[Any]:
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    file = _read(path, path.stat().st_mtime_ns)
    headers = {
        "Cache-Control": _lifetime(name), "Content-Security-Policy": policy, "Permissions-Policy": PERMISSIONS,
        "Cross-Origin-Opener-Policy": "same-origin", "Vary": "Accept-Encoding", "ETag": f"W/{file.etag}",
    }  # fmt: skip
    if is_known(file.etag, asked.get("if-none-match")):
        return Response(None, status_code=304, headers=headers)
    if not kind.startswith(WORTH_PACKING) or "gzip" not in asked.get("accept-encoding", ""):
        return Response(file.content, media_type=kind, headers=headers)
    return Response(file.packed, media_type=kind, headers=headers | {"Content-Encoding": "gzip"})


def _lifetime(name: str) -> str:
    if name.startswith(HASHED):
        return f"public, max-age={KEPT_S}, immutable"
    return "no-cache" if name in ALWAYS_ASKED else f"public, max-age={ASKED_AFTER_S}"


class _File(NamedTuple):
    content: bytes
    packed: bytes
    etag: str
    """The same for both forms, so it is sent as a weak one."""


@lru_cache(maxsize=256)
def _read(path: Path, _changed_ns: int) -> _File:
    """Return a file as it was at a time; packed once, because all phones ask for the same."""
    content = path.read_bytes()
    return _File(content, gzip.compress(content, mtime=0), f'"{hashlib.sha256(content).hexdigest()[:20]}"')


HANDLERS: list[Any] = [technician_app, app_file]
