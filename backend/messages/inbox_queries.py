"""SQL of the inbox."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from backend import database
from backend.locks import Lock
from backend.messages.inbox_views import InboxItem

_ITEM = (
    "SELECT id, number, kind, title_zh, title_en, text_zh, text_en, urgent, link, subject, created_at, read_at, acknowledged_at"
    " FROM message"
)


async def number_new(account: UUID) -> int:
    """Give numbers to what has come; return how many.

    Those who write give none: of two transactions the one that began first may commit last, and a stream that has passed its
    number would never show it. Readers of one inbox number one after the other, each what it sees.
    """
    if not await database.fetch_value(
        "SELECT EXISTS (SELECT FROM message WHERE account = $1 AND number IS NULL AND NOT secret)", account
    ):
        return 0
    await database.execute("SELECT pg_advisory_xact_lock($1, hashtext($2))", Lock.INBOX, str(account))
    return await database.execute(
        "UPDATE message m SET number = n.number FROM ("
        " SELECT id, (SELECT coalesce(max(number), 0) FROM message WHERE account = $1)"
        " + row_number() OVER (ORDER BY created_at, id) AS number"
        " FROM message WHERE account = $1 AND number IS NULL AND NOT secret) n WHERE m.id = n.id",
        account,
    )


async def items_before(account: UUID, before: int | None, unread_only: bool, limit: int) -> list[InboxItem]:
    """Return items, newest first, from before a number."""
    return await database.fetch_as(
        InboxItem,
        _ITEM + " WHERE account = $1 AND NOT secret AND number IS NOT NULL AND ($2::bigint IS NULL OR number < $2)"
        " AND (NOT $3 OR read_at IS NULL) ORDER BY number DESC LIMIT $4",
        account, before, unread_only, limit,
    )  # fmt: skip


async def items_after(account: UUID, after: int, limit: int) -> list[InboxItem]:
    """Return items, oldest first, from after a number."""
    return await database.fetch_as(
        InboxItem,
        _ITEM + " WHERE account = $1 AND NOT secret AND number > $2 ORDER BY number LIMIT $3",
        account, after, limit,
    )  # fmt: skip


async def counts(account: UUID) -> tuple[int, int]:
    """Return how many items are unread, and the last number."""
    (row,) = await database.fetch(
        "SELECT (SELECT count(*) FROM message WHERE account = $1 AND read_at IS NULL AND NOT secret) AS unread,"
        " (SELECT coalesce(max(number), 0) FROM message WHERE account = $1 AND NOT secret) AS last",
        account,
    )
    return row["unread"], row["last"]


async def time_zone(account: UUID) -> str:
    """Return the time zone of an account's firm; UTC for somebody without one."""
    found: str | None = await database.fetch_value(
        "SELECT f.time_zone FROM account a JOIN firm f ON f.id = a.firm WHERE a.id = $1", account
    )
    return found or "UTC"


async def item(account: UUID, message: UUID) -> InboxItem | None:
    """Return one item of an inbox."""
    return await database.fetch_one_as(
        InboxItem, _ITEM + " WHERE account = $1 AND id = $2 AND NOT secret AND number IS NOT NULL", account, message
    )


async def mark_read(account: UUID, message: UUID, now: datetime, acknowledged: bool) -> int:
    """Note that an item was read, and acknowledged where that is said; the first time counts."""
    return await database.execute(
        "UPDATE message SET read_at = coalesce(read_at, $3),"
        " acknowledged_at = CASE WHEN $4 THEN coalesce(acknowledged_at, $3) ELSE acknowledged_at END"
        " WHERE account = $1 AND id = $2 AND NOT secret",
        account, message, now, acknowledged,
    )  # fmt: skip


async def mark_read_up_to(account: UUID, number: int, now: datetime) -> int:
    """Note that everything up to a number was read; return how many items that changed."""
    return await database.execute(
        "UPDATE message SET read_at = $3 WHERE account = $1 AND number <= $2 AND read_at IS NULL AND NOT secret",
        account, number, now,
    )  # fmt: skip
