"""One attempt at a delivery: take it up, send it, write down what became of it, put off the next attempt."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from backend import clock, database, keyfile
from backend.messages import delivery_queries, hosts, sealing
from backend.messages.channels import fcm, file, gateway, web_push
from backend.messages.delivery_queries import Taken
from backend.messages.outcome import Outcome, Parcel, Result
from backend.messages.reasons import Reason
from backend.messages.service import enqueue_delivery
from backend.messages.threads import TIMEOUT_S, attempt
from backend.messages.views import Channel, DeliveryState
from backend.scope import SYSTEM
from backend.settings import Settings

LEASE = timedelta(seconds=TIMEOUT_S + 10)
"""As long as an attempt may take; if its worker dies, the next attempt comes then."""

RETRIES_S = (10.0, 60.0, 300.0, 1_800.0, 7_200.0)
"""Seconds from one attempt to the next; after the last the delivery has failed. Two and a half hours cover a gateway's
restart and a provider's short outage; longer ones are for people to decide."""

URGENT_RETRIES_S = (3.0, 5.0, 10.0, 20.0, 40.0, 60.0, 120.0, 240.0)
"""The same where somebody is rung: what has not come after ten minutes, the ladder has gone past."""

LONGEST_RETRY_S = 4 * 3600.0
"""A gateway that asks for a longer wait is not waited for longer."""

PUSH_TTL_S = 24 * 3600
"""Seconds that a push may wait for a phone that is off; the inbox has it for good."""

log = structlog.get_logger("backend.messages")

_Call = Callable[[], Outcome]


async def deliver(settings: Settings, delivery: UUID) -> None:
    """Try a delivery whose turn it is; safe to repeat, and by several at once."""
    now = clock.now()
    async with database.tx(SYSTEM):
        taken = await delivery_queries.take(delivery, now, now + LEASE)
        if taken is None:
            due_at = await delivery_queries.waiting_until(delivery)
            if due_at is not None:  # its worker has died, or somebody has put it off
                await enqueue_delivery(delivery, due_at, now)
            return
    started_s = time.monotonic()
    outcome = await _outcome(settings, taken, now)
    took_ms = round((time.monotonic() - started_s) * 1000)
    async with database.tx(SYSTEM):
        await _settle(taken, outcome, took_ms)


async def _outcome(settings: Settings, taken: Taken, now: datetime) -> Outcome:
    """Return what becomes of one attempt."""
    if (taken.expires_at is not None and taken.expires_at <= now) or taken.text_zh is None:
        return Outcome(result=Result.REFUSED, reason=Reason.EXPIRED)
    call = await _call(settings, taken, _parcel(settings, taken, now))
    return call if isinstance(call, Outcome) else await attempt(call)


def _parcel(settings: Settings, taken: Taken, now: datetime) -> Parcel:
    is_chinese = taken.language == "zh"
    left_s = PUSH_TTL_S if taken.expires_at is None else (taken.expires_at - now).total_seconds()
    return Parcel(
        message=str(taken.message),
        kind=taken.kind.value,
        title=taken.title_zh if is_chinese else taken.title_en,
        text=(taken.text_zh if is_chinese else taken.text_en) or "",
        link=settings.public_url + taken.link if taken.link else "",
        urgent=taken.urgent,
        ttl_s=max(0, min(PUSH_TTL_S, int(left_s))),
    )


async def _call(settings: Settings, taken: Taken, parcel: Parcel) -> Outcome | _Call:
    """Return what sends a delivery, or why nothing does."""
    match taken.channel:
        case Channel.SMS:
            return _by_gateway(settings, settings.sms_url, Reason.NO_SMS_GATEWAY, taken, parcel)
        case Channel.EMAIL:
            return _by_gateway(settings, settings.mail_url, Reason.NO_MAIL_SERVER, taken, parcel)
        case Channel.BOT:
            return await _by_bot(settings, taken, parcel)
        case _:
            return await _by_push(settings, taken, parcel)


def _by_gateway(settings: Settings, url: str | None, missing: Reason, taken: Taken, parcel: Parcel) -> Outcome | _Call:
    if url is not None:
        return functools.partial(gateway.send, gateway.addressed(url, taken.target), parcel, taken.target)
    if settings.message_file is None:
        return Outcome(result=Result.NO_WAY, reason=missing)
    at = clock.now().isoformat()
    return functools.partial(file.write, settings.message_file, at, taken.channel.value, taken.target, parcel)


async def _by_bot(settings: Settings, taken: Taken, parcel: Parcel) -> Outcome | _Call:
    async with database.tx(SYSTEM):
        found = await delivery_queries.bot_address(UUID(taken.target))
    if found is None:
        return Outcome(result=Result.REFUSED, reason=Reason.SWITCHED_OFF)
    kind, sealed = found
    url = sealing.opened(keyfile.message_key(settings), sealed, taken.target)
    if url is None:
        return Outcome(result=Result.REFUSED, reason=Reason.UNREADABLE)
    if kind == "webhook" and not await hosts.may_post_to(url, settings.outbound_hosts):
        return Outcome(result=Result.REFUSED, reason=Reason.HOST_NOT_ALLOWED)
    return functools.partial(gateway.send, url, parcel)


async def _by_push(settings: Settings, taken: Taken, parcel: Parcel) -> Outcome | _Call:
    async with database.tx(SYSTEM):
        found = await delivery_queries.subscription(UUID(taken.target))
    if found is None:
        return Outcome(result=Result.REFUSED, reason=Reason.SWITCHED_OFF)
    if taken.channel is Channel.FCM:
        if settings.fcm_account is None:
            return Outcome(result=Result.NO_WAY, reason=Reason.NO_FCM)
        return functools.partial(fcm.send, settings.fcm_account, settings.fcm_url, found.endpoint, parcel)
    if not hosts.is_push_service(found.endpoint, settings.outbound_hosts):
        return Outcome(result=Result.REFUSED, reason=Reason.HOST_NOT_ALLOWED)
    to = web_push.Subscription(endpoint=found.endpoint, p256dh=found.p256dh, auth=found.auth)
    contact = settings.public_url if settings.secure_cookies else "https://liftrounds.invalid"  # RFC 8292 wants https
    return functools.partial(web_push.send, keyfile.push_key(settings), contact, to, parcel)


async def _settle(taken: Taken, outcome: Outcome, took_ms: int) -> None:
    """Write down an attempt and how its delivery stands now."""
    now = clock.now()
    wait_s = next_wait_s(taken.attempts, taken.urgent, outcome)
    state, due_at = _state(outcome), now
    if state is DeliveryState.FAILED and wait_s is not None:
        state, due_at = DeliveryState.WAITING, now + timedelta(seconds=wait_s)
        if taken.expires_at is not None and due_at >= taken.expires_at:
            state, due_at = DeliveryState.FAILED, now
    await delivery_queries.insert_attempt(taken, outcome, now, took_ms)
    if not await delivery_queries.settle(taken, state, outcome, now, due_at):
        return
    if state is DeliveryState.WAITING:
        await enqueue_delivery(taken.id, due_at, now)
    if outcome.result is Result.GONE:
        await delivery_queries.delete_subscription(UUID(taken.target))
    if state is DeliveryState.SENT and taken.channel in (Channel.FCM, Channel.WEB_PUSH):
        await delivery_queries.note_push(UUID(taken.target), now)
    if taken.secret:
        await delivery_queries.forget_secret(taken.message)
    log.info(
        "delivery", delivery=str(taken.id), channel=taken.channel.value, kind=taken.kind.value, state=state.value,
        reason=outcome.reason.value, attempt_of_delivery=taken.attempts, took_ms=took_ms,
    )  # fmt: skip


def next_wait_s(attempts: int, urgent: bool, outcome: Outcome) -> float | None:
    """Return the seconds to the next attempt; None where there is none.

    Parameters
    ----------
    attempts
        Made so far, 1 or more.
    urgent
        Of the message.
    outcome
        Of the last attempt; what its gateway asks for is kept to, up to four hours.
    """
    waits_s = URGENT_RETRIES_S if urgent else RETRIES_S
    if outcome.result is not Result.FAILED or attempts > len(waits_s):
        return None
    return min(max(waits_s[attempts - 1], outcome.retry_after_s or 0.0), LONGEST_RETRY_S)


def _state(outcome: Outcome) -> DeliveryState:
    if outcome.result is Result.SENT:
        return DeliveryState.SENT
    if outcome.result is Result.NO_WAY:
        return DeliveryState.NOT_SENT
    return DeliveryState.EXPIRED if outcome.reason is Reason.EXPIRED else DeliveryState.FAILED
