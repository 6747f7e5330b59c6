"""Why a plan is as it is: what is left out and what would help, other days and crews, why not."""

from __future__ import annotations

import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import get
from litestar.params import QueryParameter

from backend.rounds import service
from backend.rounds.explain_views import ExplainedVisit, LeftOutHelp, WhyNotAnswer
from mobile_api.inputs import Asker, FromPath, FromQuery
from mobile_api.security import OFFICE_READERS

Day = Annotated[datetime.date | None, QueryParameter(name="day")]
"""`?day=2026-11-30`: force it to this day."""

_TAGS = ["rounds"]


@get("/api/v1/plan-runs/{id:uuid}/left-out", roles=OFFICE_READERS, tags=_TAGS)
async def left_out(asker: Asker, id: FromPath[UUID]) -> LeftOutHelp:
    """List what the plan of a run leaves out, each with its reason and every kind of change that would let it be planned."""
    return await service.explain_left_out(asker, id)


@get("/api/v1/plan-runs/{id:uuid}/elevators/{elevator:uuid}", roles=OFFICE_READERS, tags=_TAGS)
async def explained(asker: Asker, id: FromPath[UUID], elevator: FromPath[UUID]) -> ExplainedVisit:
    """Say why an elevator is where it is in a plan and what other days and crews would cost, or why it is left out."""
    return await service.explain_visit(asker, id, elevator)


@get("/api/v1/plan-runs/{id:uuid}/elevators/{elevator:uuid}/why-not", roles=OFFICE_READERS, tags=_TAGS)
async def why_not(
    asker: Asker, id: FromPath[UUID], elevator: FromPath[UUID], day: Day = None, crew: FromQuery[UUID | None] = None
) -> WhyNotAnswer:
    """Force an elevator to a day, a crew, or both, plan the routes around it anew, and say what that would change."""
    return await service.why_not(asker, id, elevator, crew=crew, day=day)


HANDLERS: list[Any] = [left_out, explained, why_not]
