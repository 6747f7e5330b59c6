"""Push subscriptions: where an account takes pushes."""

from __future__ import annotations

import hashlib
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import Struct

from backend import clock, database
from backend.errors import Fault, InvalidInput, NotFound
from backend.messages import hosts
from backend.messages import subscription_queries as queries
from backend.messages.inbox import owner_of_inbox
from backend.messages.subscription_queries import NewSubscription, SubscriptionView
from backend.people.service import audit
from backend.scope import Scope
from backend.settings import Settings
from qr.base64url import from_base64url

MOST_OF_ACCOUNT = 10
"""Browsers and apps of one account: more are old ones of a phone that was set up anew."""

_MOST_ENDPOINT = 2_000
_MOST_TOKEN = 4_096
_MOST_NAME = 80
_AUTH_BYTES = 16
"""RFC 8291 section 3.2."""


class WebPushKeys(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As in the browser's `PushSubscription.toJSON().keys`."""

    p256dh: str
    auth: str


class SubscriptionInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where somebody wants pushes: a browser's subscription, or an app's FCM token."""

    endpoint: str = ""
    """Web Push: the push service's address."""

    keys: WebPushKeys | None = None
    """Web Push: the browser's."""

    fcm_token: str = ""
    """FCM: the app's registration token."""

    name: str = ""
    """What the browser or app calls itself."""

    phone: UUID | None = None
    """The enrolled phone it is on, so that it ends with it."""


async def subscribe(scope: Scope, settings: Settings, given: SubscriptionInput) -> SubscriptionView:
    """Register a browser or app for the asker; the same one again changes nothing but its keys and name.

    Raises
    ------
    InvalidInput
        With all faults: no or both ways, an address of no push service, keys that are none.
    NotFound
        If the asker has no such phone, or it was revoked.
    """
    account, firm = owner_of_inbox(scope), scope.require_firm()
    faults = _faults(settings, given)
    if faults:
        raise InvalidInput("this cannot take pushes", faults=faults)
    endpoint = given.endpoint or given.fcm_token
    new = NewSubscription(
        id=uuid4(), firm=firm, account=account, phone=given.phone, kind="web_push" if given.endpoint else "fcm",
        endpoint=endpoint, endpoint_hash=hashlib.sha256(endpoint.encode()).hexdigest(),
        p256dh=given.keys.p256dh if given.keys else "", auth=given.keys.auth if given.keys else "",
        name=given.name.strip()[:_MOST_NAME] or ("browser" if given.endpoint else "app"), created_at=clock.now(),
    )  # fmt: skip
    if given.phone is not None:
        async with database.tx(scope):
            if not await queries.is_own_phone(given.phone, scope.technician):
                raise NotFound("no phone {phone}", phone=given.phone)
    async with database.tx(Scope(role=scope.role, firm=None, account=account)):  # the browser may have been a colleague's
        await queries.put(new)
        await queries.delete_oldest_beyond(account, MOST_OF_ACCOUNT)
        found = await queries.with_hash(account, new.endpoint_hash)
    assert found is not None  # noqa: S101 - it was written just now
    return found


async def subscriptions(scope: Scope) -> list[SubscriptionView]:
    """Return where the asker takes pushes."""
    account = owner_of_inbox(scope)
    async with database.tx(scope):
        return await queries.of_account(account)


async def unsubscribe(scope: Scope, id: UUID) -> None:  # noqa: A002
    """Remove one of the asker's subscriptions.

    Raises
    ------
    NotFound
        If the asker has none of this id.
    """
    account = owner_of_inbox(scope)
    async with database.tx(scope):
        if not await queries.delete(account, id):
            raise NotFound("no subscription {id}", id=id)


async def phone_revoked_inside(firm: UUID, account: UUID | None, phone: UUID) -> None:
    """Remove the pushes of a phone that was revoked, inside the caller's transaction."""
    removed = await queries.delete_of_phone(phone)
    if removed:
        await audit(firm, account, "push.removed", str(phone), {"subscriptions": removed})


def _faults(settings: Settings, given: SubscriptionInput) -> list[Fault]:
    if bool(given.endpoint) == bool(given.fcm_token):
        return [Fault("endpoint", None, "give a browser's endpoint with its keys, or an app's fcm_token")]
    if given.fcm_token:
        plain = given.fcm_token.isascii() and given.fcm_token.isprintable() and " " not in given.fcm_token
        good = plain and len(given.fcm_token) <= _MOST_TOKEN
        return [] if good else [Fault("fcm_token", None, "give the token as Firebase gave it")]
    faults = []
    if len(given.endpoint) > _MOST_ENDPOINT or not hosts.is_push_service(given.endpoint, settings.outbound_hosts):
        reason = "this is no address of a known push service; the installation can allow more (LIFTROUNDS_OUTBOUND_HOSTS)"
        faults.append(Fault("endpoint", given.endpoint[:80], reason))
    if given.keys is None or not _is_point(given.keys.p256dh):
        faults.append(Fault("keys.p256dh", None, "give the browser's key: 65 bytes of P-256 as base64url"))
    if given.keys is None or len(_decoded(given.keys.auth)) != _AUTH_BYTES:
        faults.append(Fault("keys.auth", None, "give the browser's secret: 16 bytes as base64url"))
    return faults


def _is_point(text: str) -> bool:
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _decoded(text))
    except ValueError:
        return False
    return True


def _decoded(text: str) -> bytes:
    """Return what base64url text holds, padded or not; nothing for anything else."""
    return from_base64url(text.rstrip("=")) or b""
