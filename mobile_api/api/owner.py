"""What owners (使用单位) see and say: visits to confirm, records, notices, findings of their own elevators."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, get, post

from backend.notices import service as notices
from backend.notices.views import NoticePage, NoticeView
from backend.paging import DEFAULT_LIMIT
from backend.scope import Role
from backend.visits import service
from backend.visits.inputs import DecisionInput
from backend.visits.views import Confirmation, OwnerVisit, VisitFilter, VisitPage
from mobile_api.api.visits import FindingList
from mobile_api.inputs import Asker, FromPath, FromQuery, Installation, JSONBody
from mobile_api.staff_mark import refuse_technicians_device

OWNER = (Role.OWNER,)


@get("/api/v1/owner/visits", roles=OWNER)
async def visits(
    asker: Asker,
    confirmation: FromQuery[Confirmation | None] = None,
    elevator: FromQuery[UUID | None] = None,
    from_day: FromQuery[date | None] = None,
    to_day: FromQuery[date | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = DEFAULT_LIMIT,
) -> VisitPage:
    """List the finished visits of the owner's elevators, newest first; `confirmation=pending` are those to decide about."""
    wanted = VisitFilter(confirmation=confirmation, elevator=elevator, from_day=from_day, to_day=to_day)
    return await service.owner_visits(asker, wanted, cursor=cursor, limit=limit)


@get("/api/v1/owner/visits/{id:uuid}", roles=OWNER)
async def visit(asker: Asker, id: FromPath[UUID]) -> OwnerVisit:
    """Return a finished visit with all versions of its record."""
    return await service.owner_visit(asker, id)


@post("/api/v1/owner/visits/{id:uuid}/confirm", roles=OWNER, status_code=200)
async def confirm(
    request: Request[Any, Any, Any], asker: Asker, settings: Installation, id: FromPath[UUID], data: JSONBody[DecisionInput]
) -> OwnerVisit:
    """Confirm the version of the record that the owner has read."""
    await refuse_technicians_device(request, settings, asker, id)
    return await service.decide(asker, id, data, confirmed=True)


@post("/api/v1/owner/visits/{id:uuid}/refuse", roles=OWNER, status_code=200)
async def refuse(
    request: Request[Any, Any, Any], asker: Asker, settings: Installation, id: FromPath[UUID], data: JSONBody[DecisionInput]
) -> OwnerVisit:
    """Refuse the version of the record that the owner has read, with a reason."""
    await refuse_technicians_device(request, settings, asker, id)
    return await service.decide(asker, id, data, confirmed=False)


@get("/api/v1/owner/findings", roles=OWNER)
async def findings(asker: Asker, elevator: FromQuery[UUID | None] = None, open_only: FromQuery[bool] = True) -> FindingList:
    """List the findings of the owner's elevators, worst and newest first."""
    return FindingList(rows=await service.findings(asker, elevator=elevator, open_only=open_only))


@get("/api/v1/owner/notices", roles=OWNER)
async def notice_list(
    asker: Asker,
    elevator: FromQuery[UUID | None] = None,
    unread_only: FromQuery[bool] = False,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = DEFAULT_LIMIT,
) -> NoticePage:
    """List the owner's notices, newest first, without leaving a receipt."""
    return await notices.notices(asker, elevator=elevator, unread_only=unread_only, cursor=cursor, limit=limit)


@post("/api/v1/owner/notices/{id:uuid}/read", roles=OWNER, status_code=200)
async def read_notice(asker: Asker, id: FromPath[UUID]) -> NoticeView:
    """Open a notice and leave the receipt that it was read."""
    return await notices.read(asker, id)


HANDLERS: list[Any] = [visits, visit, confirm, refuse, findings, notice_list, read_notice]
