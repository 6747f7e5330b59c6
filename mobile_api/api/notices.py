"""Notices to owners as the firm sees them: what was sent, and whether it was read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import get

from backend.notices import service
from backend.notices.views import NoticePage, NoticeView
from backend.paging import DEFAULT_LIMIT
from mobile_api.inputs import Asker, FromPath, FromQuery
from mobile_api.security import OFFICE_READERS


@get("/api/v1/notices", roles=OFFICE_READERS)
async def notices(
    asker: Asker,
    elevator: FromQuery[UUID | None] = None,
    unread_only: FromQuery[bool] = False,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = DEFAULT_LIMIT,
) -> NoticePage:
    """List notices, newest first, with the time at which the owner opened each."""
    return await service.notices(asker, elevator=elevator, unread_only=unread_only, cursor=cursor, limit=limit)


@get("/api/v1/notices/{id:uuid}", roles=OFFICE_READERS)
async def notice(asker: Asker, id: FromPath[UUID]) -> NoticeView:
    """Return a notice with the draft report to the authority; leaves no receipt."""
    return await service.notice(asker, id)


HANDLERS: list[Any] = [notices, notice]
