"""The inbox: what the asker was told. It is the truth; pushes, SMS and mails only say that there is something in it."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import get, post, put
from litestar.params import HeaderParameter
from litestar.response import ServerSentEvent
from msgspec import Struct

from backend.messages import inbox, preferences
from backend.messages.inbox_views import InboxItem, InboxPage
from backend.messages.preference_queries import Preference
from backend.paging import DEFAULT_LIMIT
from mobile_api.inputs import Asker, FromPath, FromQuery, JSONBody
from mobile_api.security import PEOPLE
from mobile_api.streams import inbox_stream

LastEventId = Annotated[
    str | None, HeaderParameter(name="Last-Event-ID", description="The number of the last message that was received.")
]


class ReadInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far somebody has read."""

    up_to: int
    """The number of the last message that was seen."""


class Marked(Struct, frozen=True, kw_only=True):
    """What that changed."""

    changed: int


@get("/api/v1/inbox", roles=PEOPLE)
async def inbox_list(
    asker: Asker,
    unread_only: FromQuery[bool] = False,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = DEFAULT_LIMIT,
) -> InboxPage:
    """List what the asker was told, newest first, with the count of what is unread and the newest number."""
    return await inbox.inbox(asker, unread_only=unread_only, cursor=cursor, limit=limit)


@get("/api/v1/inbox/stream", roles=PEOPLE)
async def stream(asker: Asker, last_event_id: LastEventId = None, after: FromQuery[str | None] = None) -> ServerSentEvent:
    """Stream what comes in as server-sent events: `message` (an item as in the list) and `unread` (`{"unread": n}`).

    `Last-Event-ID` or `after` names the last number received; what came since is sent at once. Without either only what is
    new from now on. The stream ends after five minutes: open it again.
    """
    return inbox_stream(asker, last_event_id or after)


@post("/api/v1/inbox/read", roles=PEOPLE, status_code=200)
async def read_up_to(asker: Asker, data: JSONBody[ReadInput]) -> Marked:
    """Mark everything up to a number as read."""
    return Marked(changed=await inbox.read_up_to(asker, data.up_to))


@post("/api/v1/inbox/{id:uuid}/read", roles=PEOPLE, status_code=200)
async def read(asker: Asker, id: FromPath[UUID]) -> InboxItem:
    """Mark one message as read. Safe to repeat."""
    return await inbox.read(asker, id)


@post("/api/v1/inbox/{id:uuid}/acknowledge", roles=PEOPLE, status_code=200)
async def acknowledge(asker: Asker, id: FromPath[UUID]) -> InboxItem:
    """Mark one message as read and acknowledged. Safe to repeat."""
    return await inbox.read(asker, id, acknowledge=True)


@get("/api/v1/message-preferences", roles=PEOPLE)
async def preference(asker: Asker) -> Preference:
    """Return how the asker wants to be told."""
    return await preferences.preference(asker)


@put("/api/v1/message-preferences", roles=PEOPLE)
async def set_preference(asker: Asker, data: JSONBody[Preference]) -> Preference:
    """Change how the asker wants to be told; what is left out goes back to its usual."""
    return await preferences.set_preference(asker, data)


HANDLERS: list[Any] = [inbox_list, stream, read_up_to, read, acknowledge, preference, set_preference]
