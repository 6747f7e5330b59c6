"""SQL of deliveries: what is tried, what became of it, and the log that the office reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.messages.outcome import Outcome
from backend.messages.views import AttemptView, Channel, DeliveryState, DeliveryView, Kind


class Taken(Struct, frozen=True, kw_only=True):
    """A delivery that this worker has taken up, with all that it takes to make it."""

    id: UUID
    firm: UUID
    message: UUID
    channel: Channel
    target: str
    attempts: int
    """With the one under way."""

    kind: Kind
    title_zh: str
    title_en: str
    text_zh: str | None
    """None where a secret is gone already."""

    text_en: str | None
    urgent: bool
    secret: bool
    link: str
    language: str
    expires_at: datetime | None

    def __repr__(self) -> str:
        return f"Taken({self.id}, {self.channel})"


async def take(delivery: UUID, now: datetime, until: datetime) -> Taken | None:
    """Take up a delivery whose turn it is; until the lease is over nobody else does. None where there is nothing to do."""
    return await database.fetch_one_as(
        Taken,
        "UPDATE message_delivery d SET attempts = d.attempts + 1, due_at = $3 FROM message m"
        " LEFT JOIN message_secret s ON s.message = m.id LEFT JOIN message_preference p ON p.account = m.account"
        " LEFT JOIN message_rule r ON r.firm = m.firm"
        " WHERE d.id = $1 AND d.state = 'waiting' AND d.due_at <= $2 AND m.id = d.message"
        " RETURNING d.id, d.firm, d.message, d.channel, d.target, d.attempts, m.kind, m.title_zh, m.title_en,"
        " CASE WHEN m.secret THEN s.text_zh ELSE m.text_zh END AS text_zh,"
        " CASE WHEN m.secret THEN s.text_en ELSE m.text_en END AS text_en, m.urgent, m.secret, m.link,"
        " coalesce(nullif(p.language, ''), nullif(r.language, ''), 'zh') AS language, m.expires_at",
        delivery, now, until,
    )  # fmt: skip


async def waiting_until(delivery: UUID) -> datetime | None:
    """Return when it is a delivery's turn; None where it does not wait."""
    found: datetime | None = await database.fetch_value(
        "SELECT due_at FROM message_delivery WHERE id = $1 AND state = 'waiting'", delivery
    )
    return found


async def settle(taken: Taken, state: DeliveryState, outcome: Outcome, now: datetime, due_at: datetime) -> bool:
    """Write how a delivery stands after an attempt, unless somebody else has taken it up meanwhile; return whether it was."""
    written = await database.execute(
        "UPDATE message_delivery SET state = $3, reason = $4, detail = $5, due_at = $6,"
        " sent_at = CASE WHEN $3 = 'sent' THEN $7 ELSE sent_at END WHERE id = $1 AND attempts = $2 AND state = 'waiting'",
        taken.id, taken.attempts, state.value, outcome.reason.value, outcome.detail, due_at, now,
    )  # fmt: skip
    return bool(written)


async def insert_attempt(taken: Taken, outcome: Outcome, at: datetime, took_ms: int) -> None:
    """Write down one attempt."""
    await database.execute(
        "INSERT INTO message_attempt (id, firm, delivery, at, outcome, reason, detail, took_ms)"
        " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7)",
        taken.firm, taken.id, at, outcome.result.value, outcome.reason.value, outcome.detail, took_ms,
    )  # fmt: skip


async def forget_secret(message: UUID) -> None:
    """Remove the text of a secret message that no delivery waits for."""
    await database.execute(
        "DELETE FROM message_secret s WHERE s.message = $1 AND NOT EXISTS"
        " (SELECT FROM message_delivery d WHERE d.message = s.message AND d.state = 'waiting')",
        message,
    )


async def forget_expired_secrets(now: datetime) -> int:
    """Remove the texts of secret messages that have expired, or that nothing waits to send; return how many."""
    return await database.execute(
        "DELETE FROM message_secret s USING message m WHERE m.id = s.message AND (m.expires_at <= $1 OR NOT EXISTS"
        " (SELECT FROM message_delivery d WHERE d.message = m.id AND d.state = 'waiting'))",
        now,
    )


async def expire_waiting(now: datetime) -> int:
    """Set aside what waits and is of no use any more; return how many."""
    return await database.execute(
        "UPDATE message_delivery d SET state = 'expired', reason = 'expired' FROM message m"
        " WHERE m.id = d.message AND d.state IN ('waiting', 'digest') AND m.expires_at <= $1",
        now,
    )


async def overdue(before: datetime, limit: int) -> Sequence[UUID]:
    """Return deliveries whose turn has passed: their job was lost."""
    rows = await database.fetch(
        "SELECT id FROM message_delivery WHERE state = 'waiting' AND due_at < $1 ORDER BY due_at LIMIT $2", before, limit
    )
    return [row["id"] for row in rows]


async def bot_address(bot: UUID) -> tuple[str, str] | None:
    """Return kind and encrypted address of a bot that is on."""
    rows = await database.fetch("SELECT kind, sealed FROM message_bot WHERE id = $1 AND active", bot)
    return (rows[0]["kind"], rows[0]["sealed"]) if rows else None


class SubscriptionRow(Struct, frozen=True, kw_only=True):
    """Where an account takes pushes."""

    kind: str
    endpoint: str
    p256dh: str
    auth: str


async def subscription(id: UUID) -> SubscriptionRow | None:  # noqa: A002
    """Return a subscription."""
    return await database.fetch_one_as(
        SubscriptionRow, "SELECT kind, endpoint, p256dh, auth FROM push_subscription WHERE id = $1", id
    )


async def note_push(subscription: UUID, now: datetime) -> None:
    """Note that a subscription has taken a push."""
    await database.execute("UPDATE push_subscription SET last_sent_at = $2 WHERE id = $1", subscription, now)


async def delete_subscription(subscription: UUID) -> None:
    """Remove a subscription that takes no pushes any more."""
    await database.execute("DELETE FROM push_subscription WHERE id = $1", subscription)


_DELIVERY = (
    "SELECT d.id, d.message, m.kind, m.title_zh, m.title_en, m.urgent, m.secret, coalesce(a.name, '') AS recipient, d.channel,"
    " d.shown, d.state, d.reason, d.detail, d.attempts, d.created_at, d.due_at, d.sent_at"
    " FROM message_delivery d JOIN message m ON m.id = d.message LEFT JOIN account a ON a.id = m.account"
)


async def deliveries(
    state: str, channel: str, kind: str, after: tuple[datetime, UUID] | None, limit: int
) -> list[DeliveryView]:
    """Return lines of the delivery log, newest first; empty texts are any."""
    return await database.fetch_as(
        DeliveryView,
        _DELIVERY + " WHERE ($1 = '' OR d.state = $1) AND ($2 = '' OR d.channel = $2) AND ($3 = '' OR m.kind = $3)"
        " AND ($4::timestamptz IS NULL OR (d.created_at, d.id) < ($4, $5::uuid))"
        " ORDER BY d.created_at DESC, d.id DESC LIMIT $6",
        state, channel, kind, *(after or (None, None)), limit,
    )  # fmt: skip


async def delivery(id: UUID) -> DeliveryView | None:  # noqa: A002
    """Return one line."""
    return await database.fetch_one_as(DeliveryView, _DELIVERY + " WHERE d.id = $1", id)


async def attempts(delivery: UUID) -> list[AttemptView]:
    """Return the attempts at a delivery, oldest first."""
    return await database.fetch_as(
        AttemptView,
        "SELECT at, outcome, reason, detail, took_ms FROM message_attempt WHERE delivery = $1 ORDER BY at, id",
        delivery,
    )


async def unsent_since(at: datetime) -> int:
    """Return how many deliveries failed or could not be sent since an instant."""
    found: int = await database.fetch_value(
        "SELECT count(*) FROM message_delivery WHERE state IN ('failed', 'not_sent') AND created_at >= $1", at
    )
    return found


async def put_back(delivery: UUID, now: datetime) -> bool:
    """Have a delivery that failed tried again from the start; return whether it was one."""
    written = await database.execute(
        "UPDATE message_delivery SET state = 'waiting', attempts = 0, due_at = $2, reason = '', detail = ''"
        " WHERE id = $1 AND state IN ('failed', 'not_sent', 'expired')",
        delivery, now,
    )  # fmt: skip
    return bool(written)
