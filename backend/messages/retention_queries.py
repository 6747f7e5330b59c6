"""SQL of messages whose time is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backend import database


async def lock_old(before: datetime, limit: int) -> Sequence[UUID]:
    """Return messages from before an instant that nothing needs any more, locked until the transaction ends.

    Rescues stay, and so does what rings and was not read, what still waits to be sent or was tried since, and the last of each
    inbox: its number is where the next one goes on, and where open streams are.
    """
    rows = await database.fetch(
        "SELECT m.id FROM message m WHERE m.created_at < $1 AND m.kind <> 'rescue'"
        " AND NOT (m.urgent AND m.account IS NOT NULL AND m.read_at IS NULL)"
        " AND NOT EXISTS (SELECT FROM message_delivery d WHERE d.message = m.id AND (d.state = 'waiting'"
        "  OR EXISTS (SELECT FROM message_attempt a WHERE a.delivery = d.id AND a.at >= $1)))"
        " AND (m.number IS NULL OR EXISTS (SELECT FROM message n WHERE n.account = m.account AND n.number > m.number))"
        " ORDER BY m.created_at LIMIT $2 FOR UPDATE OF m SKIP LOCKED",
        before, limit,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def delete(messages: Sequence[UUID]) -> None:
    """Remove messages with their deliveries and attempts."""
    await database.execute(
        "DELETE FROM message_attempt a USING message_delivery d WHERE d.id = a.delivery AND d.message = ANY($1::uuid[])",
        messages,
    )
    await database.execute("DELETE FROM message_delivery WHERE message = ANY($1::uuid[])", messages)
    await database.execute("DELETE FROM message_secret WHERE message = ANY($1::uuid[])", messages)
    await database.execute("DELETE FROM message WHERE id = ANY($1::uuid[])", messages)
