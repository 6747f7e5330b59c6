"""Repairs of a day under way: an emergency, a crew that is out, a closed building, a delay."""

from __future__ import annotations

import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import get, post
from litestar.params import QueryParameter
from msgspec import Meta, Struct

from backend.rounds import service
from backend.rounds.repair_views import Events, RepairLine, RepairView
from mobile_api.inputs import Asker, FromPath, Installation, JSONBody
from mobile_api.security import OFFICE, OFFICE_READERS

Day = Annotated[datetime.date | None, QueryParameter(name="day")]
"""`?day=2026-11-30`; today of the firm without it."""

_TAGS = ["today"]


class ApplyBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which of the options to carry out; 1 is the best."""

    option: Annotated[int, Meta(ge=1, le=100)] = 1


class Repairs(Struct, frozen=True, kw_only=True):
    """Repairs of a day, the newest first."""

    rows: list[RepairLine]


@post("/api/v1/today/proposals", roles=OFFICE, status_code=201, tags=_TAGS)
async def propose(asker: Asker, settings: Installation, data: JSONBody[Events]) -> RepairView:
    """Tell what has happened today; get the best ways to repair the rounds, which stay as they are until one is applied."""
    return await service.propose_repair(asker, data, engine=service.engine_of(settings))


@get("/api/v1/today/proposals", roles=OFFICE_READERS, tags=_TAGS)
async def proposals(asker: Asker, day: Day = None) -> Repairs:
    """List the repairs of a day."""
    return Repairs(rows=await service.repairs(asker, day))


@get("/api/v1/today/proposals/{id:uuid}", roles=OFFICE_READERS, tags=_TAGS)
async def proposal(asker: Asker, id: FromPath[UUID]) -> RepairView:
    """Return a repair with its options and what each changes for whom."""
    return await service.repair(asker, id)


@post("/api/v1/today/proposals/{id:uuid}/apply", roles=OFFICE, status_code=200, tags=_TAGS)
async def apply(asker: Asker, id: FromPath[UUID], data: JSONBody[ApplyBody]) -> RepairView:
    """Carry an option out; 412 where a round that it changes has moved on since: propose anew."""
    return await service.apply_repair(asker, id, data.option)


@post("/api/v1/today/proposals/{id:uuid}/undo", roles=OFFICE, status_code=200, tags=_TAGS)
async def undo(asker: Asker, id: FromPath[UUID]) -> RepairView:
    """Take a repair back; 409 once anything has been carried out of the rounds that it changed."""
    return await service.undo_repair(asker, id)


@post("/api/v1/today/proposals/{id:uuid}/discard", roles=OFFICE, status_code=200, tags=_TAGS)
async def discard(asker: Asker, id: FromPath[UUID]) -> RepairView:
    """Put a proposal aside."""
    return await service.discard_repair(asker, id)


HANDLERS: list[Any] = [propose, proposals, proposal, apply, undo, discard]
