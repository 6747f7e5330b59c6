"""What the bots of WeCom, DingTalk and Feishu answer: they refuse with HTTP 200 and a code, which Apprise takes for success.

The `requests` that Apprise's three plugins see is replaced by one that reads the answer's code as well.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from msgspec import Struct

from backend.messages.outcome import Result
from backend.messages.reasons import Reason

_PLUGINS = ("wecombot", "dingtalk", "feishu")
_CODES = ("errcode", "code", "StatusCode")
"""WeCom and DingTalk; Feishu; Feishu as it was."""

_BUSY = {45009, 410100, 130101, 11232, 9499, -1}
"""Too many messages a minute: WeCom 45009, DingTalk 410100 and 130101, Feishu 11232 and 9499; WeCom -1: its system is busy."""


class Answer(Struct):
    """What a bot's service answered."""

    refusal: str = ""
    result: Result = Result.SENT
    reason: Reason = Reason.NONE


_answer: ContextVar[Answer | None] = ContextVar("bot_answer", default=None)


class _Requests:
    """Stands for `requests` in a plugin."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def post(self, *args: Any, **kwargs: Any) -> Any:
        response = self._real.post(*args, **kwargs)
        kept = _answer.get()
        if kept is not None:
            _read(response, kept)
        return response


def _read(response: Any, kept: Answer) -> None:
    try:
        body = response.json()
    except ValueError:
        return
    if not isinstance(body, dict):
        return
    code = next((body[name] for name in _CODES if isinstance(body.get(name), int)), 0)
    if code == 0:
        return
    said = next((str(body[name]) for name in ("errmsg", "msg", "StatusMessage") if body.get(name)), "")
    busy = code in _BUSY
    kept.refusal = f"{code} {said}".strip()
    kept.result, kept.reason = (Result.FAILED, Reason.BUSY) if busy else (Result.REFUSED, Reason.REFUSED)


@contextmanager
def heard() -> Iterator[Answer]:
    """Keep what a bot answers to a call inside."""
    for name in _PLUGINS:
        plugin: Any = importlib.import_module(f"apprise.plugins.{name}")
        if not isinstance(plugin.requests, _Requests):
            plugin.requests = _Requests(plugin.requests)
    kept = Answer()
    token = _answer.set(kept)
    try:
        yield kept
    finally:
        _answer.reset(token)
