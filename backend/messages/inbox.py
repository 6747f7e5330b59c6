"""The inbox: the truth about what somebody was told. Pushes, SMS and mails only say that there is something in it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from backend import clock, database, paging
from backend.errors import NotAllowed, NotFound
from backend.messages import inbox_queries as queries
from backend.messages.inbox_views import InboxItem, InboxPage
from backend.messages.queries import tell_live
from backend.messages.service import inbox_topic
from backend.scope import Scope

MOST_AT_ONCE = 200
"""Items that a stream sends in one go."""


async def inbox(
    scope: Scope, *, unread_only: bool = False, cursor: str | None = None, limit: int = paging.DEFAULT_LIMIT
) -> InboxPage:
    """Return the asker's inbox, newest first.

    Parameters
    ----------
    scope
        Whose.
    unread_only
        Only what was not read.
    cursor, limit
        `next_cursor` of the page before, and how many at the most.

    Raises
    ------
    InvalidInput
        If the cursor is none of this list, or the limit is not in 1..1000.
    """
    account = owner_of_inbox(scope)
    limit = paging.bounded(limit)
    key = paging.decode(cursor, (int,))
    before = None if key is None else int(str(key[0]))
    async with database.tx(scope):
        await queries.number_new(account)
        rows = await queries.items_before(account, before, unread_only, limit + 1)
        unread, last = await queries.counts(account)
        time_zone = await queries.time_zone(account)
    more = len(rows) > limit
    rows = rows[:limit]
    next_cursor = paging.encode([rows[-1].number]) if more else None
    return InboxPage(items=rows, next_cursor=next_cursor, unread=unread, last_number=last, time_zone=time_zone)


async def unread(scope: Scope) -> int:
    """Return how many items of the asker's inbox are unread."""
    account = owner_of_inbox(scope)
    async with database.tx(scope):
        return (await queries.counts(account))[0]


async def since(scope: Scope, number: int) -> Sequence[InboxItem]:
    """Return up to 200 items of the asker's inbox behind a number, oldest first."""
    account = owner_of_inbox(scope)
    async with database.tx(scope):
        await queries.number_new(account)
        return await queries.items_after(account, number, MOST_AT_ONCE)


async def last_number(scope: Scope) -> int:
    """Return the number of the newest item of the asker's inbox, 0 where it is empty."""
    account = owner_of_inbox(scope)
    async with database.tx(scope):
        await queries.number_new(account)
        return (await queries.counts(account))[1]


async def read(scope: Scope, message: UUID, *, acknowledge: bool = False) -> InboxItem:
    """Mark an item as read, and as acknowledged where that is asked; the first time counts. Safe to repeat.

    Raises
    ------
    NotFound
        If the asker's inbox has no such item.
    """
    account = owner_of_inbox(scope)
    async with database.tx(scope):
        await queries.number_new(account)
        await queries.mark_read(account, message, clock.now(), acknowledge)
        found = await queries.item(account, message)
        if found is None:
            raise NotFound("no message {message}", message=message)
        await tell_live(inbox_topic(account))
    return found


async def read_up_to(scope: Scope, number: int) -> int:
    """Mark everything up to a number as read; return how many items that changed."""
    account = owner_of_inbox(scope)
    async with database.tx(scope):
        changed = await queries.mark_read_up_to(account, number, clock.now())
        if changed:
            await tell_live(inbox_topic(account))
    return changed


def owner_of_inbox(scope: Scope) -> UUID:
    """Return the account whose inbox the asker has.

    Raises
    ------
    NotAllowed
        For somebody without an account.
    """
    if scope.account is None:
        raise NotAllowed("only people with an account have an inbox")
    return scope.account
