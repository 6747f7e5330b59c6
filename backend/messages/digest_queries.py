"""SQL of digests."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.messages.preference_queries import DIGEST_AT_S


class Waiting(Struct, frozen=True, kw_only=True):
    """Somebody whose messages wait for a morning's digest."""

    firm: UUID
    account: UUID
    time_zone: str
    digest_at_s: int
    oldest_at: datetime


class Line(Struct, frozen=True, kw_only=True):
    """A message that goes into a digest."""

    message: UUID
    title_zh: str
    title_en: str
    created_at: datetime


async def waiting() -> list[Waiting]:
    """Return everybody whose messages wait for a digest."""
    return await database.fetch_as(
        Waiting,
        "SELECT m.firm, m.account, f.time_zone, coalesce(r.digest_at_s, $1) AS digest_at_s, min(d.created_at) AS oldest_at"
        " FROM message_delivery d JOIN message m ON m.id = d.message JOIN firm f ON f.id = m.firm"
        " LEFT JOIN message_rule r ON r.firm = m.firm WHERE d.state = 'digest' AND m.account IS NOT NULL"
        " GROUP BY 1, 2, 3, 4 ORDER BY 1, 2",
        DIGEST_AT_S,
    )


async def take(account: UUID, now: datetime) -> list[Line]:
    """Mark what waits for an account's digest as being in it; return the messages that were not read, oldest first."""
    return await database.fetch_as(
        Line,
        "WITH taken AS (UPDATE message_delivery d SET state = 'sent', reason = 'in_digest', sent_at = $2 FROM message m"
        " WHERE m.id = d.message AND m.account = $1 AND d.state = 'digest' RETURNING m.id, m.read_at)"
        " SELECT DISTINCT m.id AS message, m.title_zh, m.title_en, m.created_at FROM taken t JOIN message m ON m.id = t.id"
        " WHERE t.read_at IS NULL ORDER BY m.created_at, m.id",
        account, now,
    )  # fmt: skip
