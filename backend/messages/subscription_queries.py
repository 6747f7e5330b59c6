"""SQL of push subscriptions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend import database


class SubscriptionView(Struct, frozen=True, kw_only=True):
    """A browser or app that takes pushes for the asker."""

    id: UUID
    kind: str
    """`web_push` or `fcm`."""

    name: str
    phone: UUID | None
    """The enrolled phone it is on."""

    created_at: datetime
    last_sent_at: datetime | None


class NewSubscription(Struct, frozen=True, kw_only=True):
    """What is written."""

    id: UUID
    firm: UUID
    account: UUID
    phone: UUID | None
    kind: str
    endpoint: str
    endpoint_hash: str
    p256dh: str
    auth: str
    name: str
    created_at: datetime


async def is_own_phone(phone: UUID, technician: UUID | None) -> bool:
    """Return whether an enrolled phone in sight is this technician's."""
    return bool(
        await database.fetch_value(
            "SELECT EXISTS (SELECT FROM phone WHERE id = $1 AND technician = $2 AND revoked_at IS NULL)", phone, technician
        )
    )


async def put(new: NewSubscription) -> None:
    """Write a subscription; the same endpoint belongs to whoever registered it last."""
    await database.execute(
        "INSERT INTO push_subscription (id, firm, account, phone, kind, endpoint, endpoint_hash, p256dh, auth, name,"
        " created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        " ON CONFLICT (endpoint_hash) DO UPDATE SET firm = $2, account = $3, phone = $4, kind = $5, endpoint = $6, p256dh = $8,"
        " auth = $9, name = $10",
        new.id, new.firm, new.account, new.phone, new.kind, new.endpoint, new.endpoint_hash, new.p256dh, new.auth, new.name,
        new.created_at,
    )  # fmt: skip


_SUBSCRIPTION = "SELECT id, kind, name, phone, created_at, last_sent_at FROM push_subscription"


async def of_account(account: UUID) -> list[SubscriptionView]:
    """Return an account's subscriptions, oldest first."""
    return await database.fetch_as(
        SubscriptionView,
        _SUBSCRIPTION + " WHERE account = $1 ORDER BY created_at, id",
        account,
    )


async def with_hash(account: UUID, endpoint_hash: str) -> SubscriptionView | None:
    """Return an account's subscription at an endpoint."""
    return await database.fetch_one_as(
        SubscriptionView,
        _SUBSCRIPTION + " WHERE account = $1 AND endpoint_hash = $2",
        account, endpoint_hash,
    )  # fmt: skip


async def delete(account: UUID, id: UUID) -> int:  # noqa: A002
    """Remove one of an account's subscriptions."""
    return await database.execute("DELETE FROM push_subscription WHERE account = $1 AND id = $2", account, id)


async def delete_oldest_beyond(account: UUID, most: int) -> int:
    """Remove an account's oldest subscriptions beyond so many."""
    return await database.execute(
        "DELETE FROM push_subscription WHERE id IN (SELECT id FROM push_subscription WHERE account = $1"
        " ORDER BY created_at DESC, id DESC OFFSET $2)",
        account, most,
    )  # fmt: skip


async def delete_of_phone(phone: UUID) -> int:
    """Remove the subscriptions of a phone."""
    return await database.execute("DELETE FROM push_subscription WHERE phone = $1", phone)
