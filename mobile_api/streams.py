"""Server-sent events: what is new in an inbox or among rescues, as long as somebody looks.

A stream says that there is news; its content is read with the rights of whoever asked. It ends after some minutes, so that an
ended session is noticed; the client comes again with `Last-Event-ID` and misses nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import msgspec
from litestar.response import ServerSentEvent, ServerSentEventMessage

from backend.dispatch import service as dispatch
from backend.dispatch.ringing import topic
from backend.messages import inbox
from backend.messages.live import switchboard
from backend.messages.service import inbox_topic
from backend.scope import Scope

HEARTBEAT_S = 15.0
"""Proxies give up on connections that are silent for a minute, some for half of it."""

LIFE_S = 300.0
"""After so long a session that has ended gets nothing more: the client opens the stream anew and is asked who it is."""

RETRY_MS = 2_000
"""How long browsers wait before they come again; many that lost one server should not all come in the same second."""

_MOST_DIGITS = 18
"""Of a number that fits into PostgreSQL's bigint, whatever it is."""

_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def inbox_stream(asker: Scope, last_event_id: str | None) -> ServerSentEvent:
    """Answer with the asker's inbox: `message` events with their numbers as ids, and `unread` with the count."""
    return ServerSentEvent(_inbox(asker, _number(last_event_id)), headers=_HEADERS)


def dispatch_stream(asker: Scope) -> ServerSentEvent:
    """Answer with `open` events: how many rescues are open, again whenever one has changed."""
    return ServerSentEvent(_dispatches(asker), headers=_HEADERS)


def page_stream(asker: Scope) -> ServerSentEvent:
    """Answer with `news` events whenever the asker's inbox or a rescue of their firm has changed."""
    return ServerSentEvent(_news(asker), headers=_HEADERS)


def _number(last_event_id: str | None) -> int | None:
    text = (last_event_id or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


def _event(event: str, data: object, id: int | None = None) -> ServerSentEventMessage:
    text = msgspec.json.encode(data).decode()
    return ServerSentEventMessage(data=text, event=event, id=id, retry=RETRY_MS)


async def _inbox(asker: Scope, after: int | None) -> AsyncIterator[ServerSentEventMessage]:
    async with switchboard().waiting_for(inbox_topic(inbox.owner_of_inbox(asker))) as news:
        newest = await inbox.last_number(asker)
        # Without a number only what is new from now on; one from before a restored backup is ahead of all there is.
        cursor = newest if after is None else min(after, newest)
        told: int | None = None
        ends_at = time.monotonic() + LIFE_S
        while time.monotonic() < ends_at:
            news.clear()
            items = await inbox.since(asker, cursor)
            for item in items:
                cursor = item.number
                yield _event("message", item, item.number)
            unread = await inbox.unread(asker)
            if unread != told:
                told = unread
                yield _event("unread", {"unread": unread}, cursor)
            if len(items) < inbox.MOST_AT_ONCE and not await _heard(news, ends_at):
                yield ServerSentEventMessage(comment="still here")


async def _dispatches(asker: Scope) -> AsyncIterator[ServerSentEventMessage]:
    async with switchboard().waiting_for(topic(asker.require_firm())) as news:
        ends_at = time.monotonic() + LIFE_S
        while time.monotonic() < ends_at:
            news.clear()
            found = await dispatch.dispatches(asker, open_only=True, limit=100)
            yield _event("open", {"open": found.open, "ids": [str(row.id) for row in found.rows]})
            while not await _heard(news, ends_at) and time.monotonic() < ends_at:
                yield ServerSentEventMessage(comment="still here")


async def _news(asker: Scope) -> AsyncIterator[ServerSentEventMessage]:
    topics = [inbox_topic(inbox.owner_of_inbox(asker))] + ([] if asker.firm is None else [topic(asker.firm)])
    async with switchboard().waiting_for(*topics) as news:
        ends_at = time.monotonic() + LIFE_S
        news.clear()
        yield _event("ready", {})
        while time.monotonic() < ends_at:
            if await _heard(news, ends_at):
                news.clear()
                yield _event("news", {})
            else:
                yield ServerSentEventMessage(comment="still here")


async def _heard(news: asyncio.Event, ends_at: float) -> bool:
    """Return whether there is news before the next heartbeat, or the end."""
    with suppress(TimeoutError):
        await asyncio.wait_for(news.wait(), max(0.0, min(HEARTBEAT_S, ends_at - time.monotonic())))
    return news.is_set()
