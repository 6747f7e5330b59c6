"""What is done every few minutes: digests whose time has come, lost jobs, what has expired."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from backend import clock, database
from backend.errors import NotFound
from backend.messages import delivery_queries, digest_queries
from backend.messages.digest_queries import Waiting
from backend.messages.quiet import next_time
from backend.messages.service import enqueue_delivery, send_inside
from backend.messages.views import Kind, Message, ToAccount
from backend.scope import SYSTEM, of_firm

LOST_AFTER = timedelta(minutes=5)
"""A delivery that nobody has tried so long after its turn has lost its job."""

_MOST_AT_ONCE = 500
_MOST_LINES = 20
"""Of a digest; a push shows fewer, and the inbox has all."""


class Done(Struct, frozen=True, kw_only=True):
    """What was done."""

    digests: int
    taken_up: int
    expired: int
    secrets_forgotten: int


async def keep_up() -> Done:
    """Send digests that are due, take up lost deliveries, forget what has expired; safe to repeat."""
    now = clock.now()
    async with database.tx(SYSTEM):
        expired = await delivery_queries.expire_waiting(now)
        forgotten = await delivery_queries.forget_expired_secrets(now)
        lost = await delivery_queries.overdue(now - LOST_AFTER, _MOST_AT_ONCE)
        for each in lost:
            await enqueue_delivery(each, now, now)
        waiting = await digest_queries.waiting()
    digests = 0
    for person in waiting:
        if next_time(person.oldest_at, person.digest_at_s, person.time_zone) <= now:
            digests += await _send_digest(person, now)
    return Done(digests=digests, taken_up=len(lost), expired=expired, secrets_forgotten=forgotten)


async def _send_digest(person: Waiting, now: datetime) -> bool:
    async with database.tx(of_firm(person.firm)):
        lines = await digest_queries.take(person.account, now)
        if not lines:
            return False
        day = clock.local_date(now, person.time_zone).isoformat()
        message = Message(
            to=ToAccount(person.account), kind=Kind.DIGEST, title_zh=f"{len(lines)} 条新消息", title_en=_title(len(lines)),
            text_zh=_text([line.title_zh for line in lines], "等共 {count} 条"),
            text_en=_text([line.title_en for line in lines], "{count} in all"), link="/inbox",
            dedupe_key=f"digest:{person.account}:{day}:{lines[0].message}",
        )  # fmt: skip
        try:
            await send_inside(person.firm, message)
        except NotFound:  # the account was switched off meanwhile
            return False
    return True


def _title(count: int) -> str:
    return "1 new message" if count == 1 else f"{count} new messages"


def _text(titles: list[str], rest: str) -> str:
    lines = [f"· {title}" for title in titles[:_MOST_LINES]]
    if len(titles) > _MOST_LINES:
        lines.append(rest.format(count=len(titles)))
    return "\n".join(lines)
