"""The delivery log as the office reads it, "send again", and the test of a channel."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from backend import clock, database, paging
from backend.errors import Conflict, Fault, InvalidInput, NotFound
from backend.messages import delivery_queries as queries
from backend.messages.inbox import owner_of_inbox
from backend.messages.reasons import words
from backend.messages.service import enqueue_delivery, send_inside
from backend.messages.views import (
    AttemptView,
    Channel,
    DeliveryPage,
    DeliveryState,
    DeliveryView,
    Kind,
    Message,
    Recipient,
    ToAccount,
    ToBots,
    ToEmail,
    ToPhone,
)  # fmt: skip
from backend.people.service import audit
from backend.scope import Scope

_COUNTED = timedelta(days=7)


class DeliveryDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery with its attempts."""

    delivery: DeliveryView
    attempts: list[AttemptView]


async def deliveries(
    scope: Scope,
    *,
    state: DeliveryState | None = None,
    channel: Channel | None = None,
    kind: Kind | None = None,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> DeliveryPage:
    """Return the delivery log, newest first; without texts, and numbers and addresses only in part.

    Parameters
    ----------
    scope
        The asker.
    state, channel, kind
        Only those.
    cursor, limit
        `next_cursor` of the page before, and how many at the most.
    """
    key = paging.decode(cursor, (datetime, UUID))
    after = None if key is None else msgspec.convert(key, tuple[datetime, UUID])
    limit = paging.bounded(limit)
    async with database.tx(scope):
        rows = await queries.deliveries(state or "", channel or "", kind or "", after, limit + 1)
        failed = await queries.unsent_since(clock.now() - _COUNTED)
    more = len(rows) > limit
    rows = rows[:limit]
    next_cursor = paging.encode([rows[-1].created_at, rows[-1].id]) if more else None
    return DeliveryPage(rows=[_worded(row) for row in rows], next_cursor=next_cursor, failed=failed)


async def delivery(scope: Scope, id: UUID) -> DeliveryDetail:  # noqa: A002
    """Return a delivery with its attempts.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    """
    async with database.tx(scope):
        return await _detail(id)


async def send_again(scope: Scope, id: UUID) -> DeliveryDetail:  # noqa: A002
    """Have a delivery that failed, or had no way, tried again from the start.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    Conflict
        If it was sent, or waits, or its text was secret and is gone.
    """
    async with database.tx(scope):
        found = (await _detail(id)).delivery
        if found.secret:
            raise Conflict("a one-time code is not kept: let the recipient ask for a new one")
        now = clock.now()
        if not await queries.put_back(id, now):
            raise Conflict("this was sent, or waits for its turn")
        await enqueue_delivery(id, now, now)
        await audit(scope.firm, scope.account, "message.sent_again", str(id), {"channel": found.channel.value})
        return await _detail(id)


async def try_channel(scope: Scope, channel: Channel | None, to: str = "") -> UUID:
    """Send a message that only tries a way; what became of it stands in the delivery log.

    Parameters
    ----------
    scope
        Who tries.
    channel
        `sms` and `email` go to `to`; `bot` to the firm's bots; None to the asker's own inbox and pushes.
    to
        A number or an address.

    Raises
    ------
    InvalidInput
        If the number or address is none.
    """
    recipient: Recipient
    match channel:
        case Channel.SMS:
            recipient = ToPhone(to.strip())
        case Channel.EMAIL:
            recipient = ToEmail(to.strip())
        case Channel.BOT:
            recipient = ToBots()
        case None:
            recipient = ToAccount(owner_of_inbox(scope))
        case _:
            raise InvalidInput("pushes are tried on oneself", faults=[Fault("channel", channel.value, "leave the channel out")])
    message = Message(
        to=recipient, kind=Kind.TEST, title_zh="梯巡测试消息", title_en="Liftrounds: a test",
        text_zh="能看到这条消息，说明该渠道可用。", text_en="If you can read this, the channel works.",
        expires_at=clock.now() + timedelta(hours=1),
    )  # fmt: skip
    firm = scope.require_firm()
    async with database.tx(scope):
        sent = await send_inside(firm, message)
        await audit(firm, scope.account, "message.tested", str(sent), {"channel": channel.value if channel else "own"})
    return sent


async def _detail(id: UUID) -> DeliveryDetail:  # noqa: A002
    found = await queries.delivery(id)
    if found is None:
        raise NotFound("no delivery {id}", id=id)
    return DeliveryDetail(delivery=_worded(found), attempts=await queries.attempts(id))


def _worded(row: DeliveryView) -> DeliveryView:
    zh, en = words(row.reason)
    return msgspec.structs.replace(row, reason_zh=zh, reason_en=en)
