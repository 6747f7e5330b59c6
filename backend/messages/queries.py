"""SQL of the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.messages.routing import Route, Target
from backend.messages.views import Message, ToAccount, ToBots, ToEmail, ToPhone

LIVE_CHANNEL = "liftrounds_live"
"""PostgreSQL's channel that tells the processes of new things to show; the payload is a topic."""


async def insert_message(firm: UUID, id: UUID, message: Message, now: datetime) -> bool:  # noqa: A002
    """Write a message, its text apart where it is secret; return False where its dedupe key is taken."""
    to = message.to
    written = await database.execute(
        "INSERT INTO message (id, firm, account, phone, email, bots, kind, title_zh, title_en, text_zh, text_en, urgent,"
        " secret, subject, link, dedupe_key, expires_at, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)"
        " ON CONFLICT (firm, dedupe_key) DO NOTHING",
        id, firm, to.account if isinstance(to, ToAccount) else None, to.number if isinstance(to, ToPhone) else "",
        to.address if isinstance(to, ToEmail) else "", isinstance(to, ToBots), message.kind.value, message.title_zh,
        message.title_en, "" if message.secret else message.text_zh, "" if message.secret else message.text_en, message.urgent,
        message.secret, message.subject, message.link, message.dedupe_key or None, message.expires_at, now,
    )  # fmt: skip
    if written and message.secret:
        await database.execute(
            "INSERT INTO message_secret (id, firm, message, text_zh, text_en) VALUES (gen_random_uuid(), $1, $2, $3, $4)",
            firm, id, message.text_zh, message.text_en,
        )  # fmt: skip
    return bool(written)


async def message_with_key(firm: UUID, dedupe_key: str) -> UUID:
    """Return the message that has a dedupe key."""
    found: UUID = await database.fetch_value("SELECT id FROM message WHERE firm = $1 AND dedupe_key = $2", firm, dedupe_key)
    return found


async def insert_delivery(firm: UUID, message: UUID, route: Route, now: datetime) -> UUID:
    """Write a delivery that is to be made; return its id."""
    found: UUID = await database.fetch_value(
        "INSERT INTO message_delivery (id, firm, message, channel, target, shown, state, reason, detail, attempts, due_at,"
        " created_at) VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, '', '', 0, $7, $8) RETURNING id",
        firm, message, route.channel.value, route.target, route.shown, route.state.value, route.due_at, now,
    )  # fmt: skip
    return found


async def tell_live(topic: str) -> None:
    """Wake those who show a topic, once the transaction has committed."""
    await database.execute("SELECT pg_notify($1, $2)", LIVE_CHANNEL, topic)


class ReachRow(Struct, frozen=True, kw_only=True):
    """How an account, or nobody in particular, is reached."""

    time_zone: str
    quiet_from_s: int | None
    quiet_to_s: int | None
    phone: str
    email: str
    by_email: bool
    digest: bool
    muted: list[str]


async def reach_of_account(firm: UUID, account: UUID) -> ReachRow | None:
    """Return how an account of the firm is reached: its own wishes, else the firm's; None where there is none, or it is off."""
    return await database.fetch_one_as(
        ReachRow,
        "SELECT f.time_zone,"
        " CASE WHEN p.quiet_from_s IS NULL THEN r.quiet_from_s ELSE p.quiet_from_s END AS quiet_from_s,"
        " CASE WHEN p.quiet_from_s IS NULL THEN r.quiet_to_s ELSE p.quiet_to_s END AS quiet_to_s,"
        " coalesce(nullif(p.phone, ''), nullif(t.phone, ''), nullif(o.phone, ''), '') AS phone, coalesce(p.email, '') AS email,"
        " coalesce(p.by_email, false) AS by_email, coalesce(p.digest, false) AS digest, coalesce(p.muted, '{}') AS muted"
        " FROM account a JOIN firm f ON f.id = a.firm LEFT JOIN technician t ON t.id = a.technician"
        " LEFT JOIN owner o ON o.id = a.owner LEFT JOIN message_preference p ON p.account = a.id"
        " LEFT JOIN message_rule r ON r.firm = a.firm WHERE a.id = $2 AND a.firm = $1 AND a.active",
        firm, account,
    )  # fmt: skip


async def reach_of_firm(firm: UUID) -> ReachRow | None:
    """Return when what is for nobody in particular may be sent."""
    return await database.fetch_one_as(
        ReachRow,
        "SELECT f.time_zone, r.quiet_from_s, r.quiet_to_s, '' AS phone, '' AS email, false AS by_email, false AS digest,"
        " '{}'::text[] AS muted FROM firm f LEFT JOIN message_rule r ON r.firm = f.id WHERE f.id = $1",
        firm,
    )


async def subscriptions_of(account: UUID) -> Sequence[Target]:
    """Return where an account takes pushes."""
    return await database.fetch_as(
        Target,
        "SELECT id, kind AS channel, name FROM push_subscription WHERE account = $1 ORDER BY created_at, id",
        account,
    )


async def bots_of(firm: UUID) -> Sequence[Target]:
    """Return the firm's bots that are on."""
    return await database.fetch_as(
        Target, "SELECT id, 'bot' AS channel, name FROM message_bot WHERE firm = $1 AND active ORDER BY name", firm
    )
