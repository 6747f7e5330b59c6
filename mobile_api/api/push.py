"""Push subscriptions: where the asker takes pushes, by Web Push or Firebase Cloud Messaging."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import delete, get, post
from msgspec import Struct

from backend import keyfile
from backend.messages import delivery_log, subscriptions
from backend.messages.channels.web_push import public_key
from backend.messages.subscription_queries import SubscriptionView
from backend.messages.subscriptions import SubscriptionInput
from mobile_api.inputs import Asker, FromPath, Installation, JSONBody
from mobile_api.security import PEOPLE


class PushKeys(Struct, frozen=True, kw_only=True):
    """What a browser or app subscribes with."""

    web_push_key: str
    """`applicationServerKey` of `PushManager.subscribe`: base64url of the uncompressed P-256 point."""

    fcm: bool
    """Whether this installation sends by Firebase Cloud Messaging."""


class Tried(Struct, frozen=True, kw_only=True):
    """A message that was sent to try a way."""

    message: UUID


@get("/api/v1/push-keys", roles=PEOPLE)
async def push_keys(settings: Installation) -> PushKeys:
    """Return what to subscribe with."""
    return PushKeys(web_push_key=public_key(keyfile.push_key(settings)), fcm=settings.fcm_account is not None)


@get("/api/v1/push-subscriptions", roles=PEOPLE)
async def list_subscriptions(asker: Asker) -> list[SubscriptionView]:
    """List where the asker takes pushes."""
    return await subscriptions.subscriptions(asker)


@post("/api/v1/push-subscriptions", roles=PEOPLE)
async def subscribe(asker: Asker, settings: Installation, data: JSONBody[SubscriptionInput]) -> SubscriptionView:
    """Register a browser (`endpoint` and `keys`) or an app (`fcm_token`). Safe to repeat."""
    return await subscriptions.subscribe(asker, settings, data)


@delete("/api/v1/push-subscriptions/{id:uuid}", roles=PEOPLE)
async def unsubscribe(asker: Asker, id: FromPath[UUID]) -> None:
    """Remove one of the asker's subscriptions."""
    await subscriptions.unsubscribe(asker, id)


@post("/api/v1/push-test", roles=PEOPLE, status_code=202)
async def try_push(asker: Asker) -> Tried:
    """Send the asker a message, to their inbox and every subscription of theirs."""
    return Tried(message=await delivery_log.try_channel(asker, None, ""))


HANDLERS: list[Any] = [push_keys, list_subscriptions, subscribe, unsubscribe, try_push]
