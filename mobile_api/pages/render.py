"""Rendering: the template engine, and the answers that page handlers give."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar.datastructures import Cookie
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Redirect, Template
from msgspec import Struct

from backend.people.sessions import SignedIn
from mobile_api.i18n import gettext, language, ngettext
from mobile_api.pages import nav
from mobile_api.pages.office import words as office_words

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"
FLASH_COOKIE = "flash"
_WEEKDAYS_ZH = "一二三四五六日"


def engine() -> JinjaTemplateEngine:
    """Return the template engine: escaping on, unknown names are mistakes, texts from the catalogues."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(day=day, moment=moment, clock=clock_time, minutes=minutes)
    environment.tests.update(under=lambda area, request: nav.is_under(request, area.address))
    environment.filters.update(gist=gist, zip_with=_zip_with, call=lambda value, function: function(value))
    environment.globals.update(
        language=language.get, flash_of=_flash_of, static=static, user_of=user_of, address_with=address_with,
        nav_of=nav.nav_of, is_under=nav.is_under, role_name=office_words.role,
        as_form=as_form,
    )  # fmt: skip
    return JinjaTemplateEngine.from_environment(environment)


def page(template: str, *, status_code: int = 200, **context: Any) -> Template:
    """Answer with a page; the template sees `request`, `csrf_input` and what is given here."""
    return Template(template, context=context, status_code=status_code)


def redirect(path: str, *, message: str | None = None, kind: str = "ok") -> Redirect:
    """Send the browser on after a form, with a message that the next page shows once.

    Parameters
    ----------
    path
        Where to, inside this site.
    message
        One sentence in the reader's language.
    kind
        `ok` or `error`.
    """
    cookies = []
    if message is not None:
        value = base64.urlsafe_b64encode(json.dumps({"kind": kind, "message": message}).encode()).decode()
        cookies.append(Cookie(key=FLASH_COOKIE, value=value, path="/", httponly=True, samesite="lax", max_age=60))
    return Redirect(path, status_code=303, cookies=cookies)


def _flash_of(request: Any) -> dict[str, str] | None:
    """Return the message left by the form before, if any."""
    raw = request.cookies.get(FLASH_COOKIE, "")
    try:
        found = json.loads(base64.urlsafe_b64decode(raw.encode()))
        return {"kind": "error" if found["kind"] == "error" else "ok", "message": str(found["message"])}
    except (ValueError, KeyError, TypeError, binascii.Error):
        return None


def user_of(request: Any) -> SignedIn | None:
    """Return who is signed in; None also where the request reached no handler."""
    found: SignedIn | None = request.scope.get("user")
    return found


def address_with(request: Any, **changes: object) -> str:
    """Return the address of the page under way with parts of its query changed; None removes one."""
    query = dict(parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True))
    query |= {name: str(value) for name, value in changes.items()}
    kept = {name: value for name, value in query.items() if changes.get(name, "") is not None}
    path = str(request.scope["path"])
    return f"{path}?{urlencode(kept)}" if kept else path


def _zip_with(values: Iterable[Any], texts: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Return the options of a select: values with their texts."""
    return list(zip(values, texts, strict=True))


def gist(sentence: str) -> str:
    """Return the rule itself out of a reason: a list has the demand in other columns, and the receipt has the source."""
    rule = sentence
    for colon in (": ", "："):
        _before, found, after = sentence.partition(colon)
        if found:
            rule = after
            break
    whole = rule.rstrip(".。")
    if not whole.endswith((")", "）")):
        return rule
    return whole[: _last_opening(whole)].rstrip() or rule


def _last_opening(text: str) -> int:
    """Return where the parenthesis opens that closes at the end of a text; parentheses inside it are passed over."""
    depth = 0
    for place in range(len(text) - 1, -1, -1):
        depth += (text[place] in ")）") - (text[place] in "(（")
        if not depth:
            return place
    return len(text)


def as_form(thing: Struct) -> dict[str, str]:
    """Return a struct's fields as the texts of a form."""
    found = {}
    for name in thing.__struct_fields__:
        value = getattr(thing, name)
        found[name] = "" if value is None else value.value if isinstance(value, Enum) else str(value)
    return found


@cache
def static(name: str) -> str:
    """Return the address of a static file, which changes with its content."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def day(value: date | None, *, weekday: bool = True) -> str:
    """Return a date as people read it: `2026-11-30 Mon`, `2026-11-30 周一`; a dash for none."""
    if value is None:
        return "–"
    if not weekday:
        return value.isoformat()
    name = f"周{_WEEKDAYS_ZH[value.weekday()]}" if language.get() == "zh" else value.strftime("%a")
    return f"{value.isoformat()} {name}"


def moment(value: datetime | None, time_zone: str = "Asia/Shanghai") -> str:
    """Return an instant in a time zone to the minute; a dash for none."""
    return "–" if value is None else value.astimezone(ZoneInfo(time_zone)).strftime("%Y-%m-%d %H:%M")


def clock_time(seconds: int | None) -> str:
    """Return seconds after midnight as `08:30`; past midnight as `25:10`."""
    return "–" if seconds is None else f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"


def minutes(seconds: int) -> str:
    """Return a duration as `1 h 25 min`, `1 小时 25 分`."""
    hours, rest = divmod(round(seconds / 60), 60)
    if language.get() == "zh":
        return f"{hours} 小时 {rest:02d} 分" if hours else f"{rest} 分钟"
    return f"{hours} h {rest:02d} min" if hours else f"{rest} min"
