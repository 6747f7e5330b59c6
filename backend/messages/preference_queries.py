"""SQL of how people and firms want to be told, and of the firm's bots."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend import database

DIGEST_AT_S = 7 * 3600
"""Where a firm has set nothing: seven in the morning, before the first round."""


class Preference(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an account wants to be told."""

    language: str = ""
    """`zh` or `en`; empty takes the firm's."""

    phone: str = ""
    """For SMS; empty takes the one in the register."""

    email: str = ""
    by_email: bool = False
    """Also what is not urgent."""

    digest: bool = False
    """What is not urgent comes in one message in the morning."""

    quiet_from_s: int | None = None
    """Seconds after local midnight; None takes the firm's quiet hours. Urgent messages ring all the same."""

    quiet_to_s: int | None = None
    muted: list[str] = []
    """Kinds that are only shown in the inbox."""


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a firm tells."""

    language: str = "zh"
    quiet_from_s: int | None = None
    """Seconds after local midnight; may be later than `quiet_to_s`: over midnight. None: no quiet hours."""

    quiet_to_s: int | None = None
    digest_at_s: int = DIGEST_AT_S
    """When the digests go out, seconds after local midnight."""


class BotView(Struct, frozen=True, kw_only=True):
    """A bot of the firm's in a group chat."""

    id: UUID
    kind: str
    name: str
    shown: str
    """Its address, masked."""

    active: bool
    created_at: datetime


async def preference(account: UUID) -> Preference | None:
    """Return what an account has chosen; None where it has chosen nothing."""
    return await database.fetch_one_as(
        Preference,
        "SELECT language, phone, email, by_email, digest, quiet_from_s, quiet_to_s, muted FROM message_preference"
        " WHERE account = $1",
        account,
    )


async def put_preference(firm: UUID, account: UUID, wanted: Preference) -> None:
    """Write what an account has chosen."""
    await database.execute(
        "INSERT INTO message_preference (id, firm, account, language, phone, email, by_email, digest, quiet_from_s, quiet_to_s,"
        " muted) VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (account) DO UPDATE SET"
        " language = $3, phone = $4, email = $5, by_email = $6, digest = $7, quiet_from_s = $8, quiet_to_s = $9, muted = $10",
        firm, account, wanted.language, wanted.phone, wanted.email, wanted.by_email, wanted.digest, wanted.quiet_from_s,
        wanted.quiet_to_s, wanted.muted,
    )  # fmt: skip


async def rule(firm: UUID) -> Rule | None:
    """Return how a firm tells; None where it has set nothing."""
    return await database.fetch_one_as(
        Rule, "SELECT language, quiet_from_s, quiet_to_s, digest_at_s FROM message_rule WHERE firm = $1", firm
    )


async def put_rule(firm: UUID, wanted: Rule) -> None:
    """Write how a firm tells."""
    await database.execute(
        "INSERT INTO message_rule (id, firm, language, quiet_from_s, quiet_to_s, digest_at_s)"
        " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5) ON CONFLICT (firm) DO UPDATE SET"
        " language = $2, quiet_from_s = $3, quiet_to_s = $4, digest_at_s = $5",
        firm, wanted.language, wanted.quiet_from_s, wanted.quiet_to_s, wanted.digest_at_s,
    )  # fmt: skip


async def bots() -> list[BotView]:
    """Return the bots that the asker sees, by name."""
    return await database.fetch_as(
        BotView, "SELECT id, kind, name, shown, active, created_at FROM message_bot ORDER BY name, id"
    )


async def bot(id: UUID) -> BotView | None:  # noqa: A002
    """Return one bot."""
    return await database.fetch_one_as(
        BotView, "SELECT id, kind, name, shown, active, created_at FROM message_bot WHERE id = $1", id
    )


async def insert_bot(firm: UUID, view: BotView, sealed: str) -> bool:
    """Write a bot; return False where the firm has one of this name."""
    written = await database.execute(
        "INSERT INTO message_bot (id, firm, kind, name, sealed, shown, active, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (firm, name) DO NOTHING",
        view.id, firm, view.kind, view.name, sealed, view.shown, view.active, view.created_at,
    )  # fmt: skip
    return bool(written)


async def firm_of_bot(id: UUID) -> UUID | None:  # noqa: A002
    """Return whose a bot is."""
    found: UUID | None = await database.fetch_value("SELECT firm FROM message_bot WHERE id = $1", id)
    return found


async def switch_bot(id: UUID, active: bool) -> None:  # noqa: A002
    """Switch a bot on or off."""
    await database.execute("UPDATE message_bot SET active = $2 WHERE id = $1", id, active)


async def delete_bot(id: UUID) -> None:  # noqa: A002
    """Remove a bot and its address for good."""
    await database.execute("DELETE FROM message_bot WHERE id = $1", id)
