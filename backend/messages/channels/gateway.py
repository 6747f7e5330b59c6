"""SMS gateways, mail servers and bots through Apprise."""

from __future__ import annotations

import logging
import threading
import warnings
from functools import cache
from typing import Any
from urllib.parse import quote

from backend.messages.channels import bot_answers
from backend.messages.outcome import SENT, Outcome, Parcel, Result, told
from backend.messages.reasons import Reason

_FIELD_SCHEMES = ("json", "jsons", "form", "forms", "xml", "xmls")
"""Apprise's webhooks: the recipient is a field of what is posted."""

_MAIL_SCHEMES = ("mailto", "mailtos")
_PLACES = ("{phone}", "{email}")

_CONNECT_S = 5.0
_ANSWER_S = 10.0
"""Together less than `backend.messages.threads.TIMEOUT_S`, so that the thread ends with its attempt."""

_quiet = logging.getLogger("apprise")
_quiet.propagate = False  # its lines carry addresses and texts
_quiet.addHandler(logging.NullHandler())


def addressed(url: str, target: str) -> str:
    """Return a gateway's address with the recipient in it.

    Where the address has no `{phone}` or `{email}`, the recipient goes where Apprise's services expect it: a field of a
    webhook, the `to` of a mail, else one more part of the path.
    """
    safe = quote(target, safe="")
    if any(place in url for place in _PLACES):
        for place in _PLACES:
            url = url.replace(place, safe)
        return url
    scheme = url.partition("://")[0].lower()
    head, mark, query = url.partition("?")
    if scheme in _FIELD_SCHEMES:
        return f"{head}?{query}{'&' if query else ''}:to={safe}"
    if scheme in _MAIL_SCHEMES:
        return f"{head}?{query}{'&' if query else ''}to={safe}"
    return f"{head.rstrip('/')}/{safe}{mark}{query}"


def send(url: str, parcel: Parcel, *secrets: str) -> Outcome:
    """Send by an Apprise address; blocks.

    Parameters
    ----------
    url
        With the recipient in it.
    parcel
        What is sent.
    *secrets
        What must not be in the outcome, beside the address and the text.
    """
    apprise = _loaded()
    asset = apprise.AppriseAsset(
        app_id="Liftrounds", app_desc="Liftrounds", async_mode=False, secure_logging=True, http_redirects=False
    )
    try:
        service: Any = apprise.Apprise.instantiate(_timed(url), asset=asset, suppress_exceptions=True)
    except TypeError:
        service = None
    if not service:
        return Outcome(result=Result.REFUSED, reason=Reason.BAD_GATEWAY_ADDRESS)
    text = "\n".join(part for part in (parcel.text, parcel.link) if part) or parcel.title
    hidden = (url, parcel.text, parcel.title, *secrets)
    with bot_answers.heard() as answer, _Heard() as said:
        try:
            is_sent = bool(service.notify(body=text, title=parcel.title, body_format="text"))
        except Exception as error:
            return Outcome(result=Result.FAILED, reason=Reason.UNREACHABLE, detail=type(error).__name__)
    if answer.refusal:
        return Outcome(result=answer.result, reason=answer.reason, detail=told(answer.refusal, *hidden))
    if is_sent:
        return SENT
    return _failed(told(said.last, *hidden))


@cache
def _loaded() -> Any:
    """Return Apprise with all its services loaded: the first use does that, and one of them warns of Python's future."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import apprise

        apprise.Apprise.instantiate("json://localhost")
    return apprise


def _timed(url: str) -> str:
    """Return an address with its limits of time, unless it has its own."""
    more = "&".join(f"{name}={value:g}" for name, value in (("cto", _CONNECT_S), ("rto", _ANSWER_S)) if f"{name}=" not in url)
    return f"{url}{'&' if '?' in url else '?'}{more}" if more else url


def _failed(detail: str) -> Outcome:
    """Return what a refusal means, by the HTTP status that Apprise writes into its lines (`error=401`)."""
    _, _, status = detail.rpartition("error=")
    code = int(status[:3]) if status[:3].isdigit() else 0
    if code in (408, 425, 429):
        return Outcome(result=Result.FAILED, reason=Reason.BUSY, detail=detail)
    if 400 <= code < 500:
        return Outcome(result=Result.REFUSED, reason=Reason.REFUSED, detail=detail)
    return Outcome(result=Result.FAILED, reason=Reason.UNREACHABLE, detail=detail)


class _Heard(logging.Handler):
    """Keeps the last warning of Apprise in this thread: it says why nothing was sent."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == threading.get_ident():
            self.last = record.getMessage()

    def __enter__(self) -> _Heard:
        _quiet.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        _quiet.removeHandler(self)
