"""What the inbox shows. Instants are UTC."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend.messages.views import Kind


class InboxItem(Struct, frozen=True, kw_only=True):
    """A message as its recipient sees it."""

    id: UUID
    number: int
    """Counts up in the order in which the inbox showed them; what the stream is resumed by."""

    kind: Kind
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    urgent: bool
    link: str
    """A path of ours; empty where it opens nothing."""

    subject: str
    created_at: datetime
    read_at: datetime | None
    acknowledged_at: datetime | None


class InboxPage(Struct, frozen=True, kw_only=True):
    """A part of an inbox, newest first."""

    items: list[InboxItem]
    next_cursor: str | None
    unread: int
    """Of the whole inbox."""

    last_number: int
    """Of the whole inbox, 0 where it is empty: where a stream that is opened now goes on."""

    time_zone: str
    """Of the firm."""
