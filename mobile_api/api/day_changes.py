"""What technicians change of their own day: start and pause, stops handed back, another order, swaps with colleagues."""

from __future__ import annotations

import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import get, post
from litestar.params import QueryParameter

from backend.rounds import service
from backend.rounds.day_change_views import (
    MarkInput,
    OfficeChanges,
    OrderCheck,
    OrderInput,
    RejectionInput,
    RejectionView,
    RoundStanding,
    SwapChoices,
    SwapInput,
    SwapView,
)
from backend.scope import Role
from mobile_api.inputs import Asker, FromPath, Installation, JSONBody
from mobile_api.security import OFFICE, OFFICE_READERS

TECHNICIAN = (Role.TECHNICIAN,)
Day = Annotated[datetime.date | None, QueryParameter(name="day")]
"""`?day=2026-11-30`; today of the firm without it."""

Order = Annotated[UUID, QueryParameter(name="order")]
"""`?order=`: one of the asker's stops."""

_TAGS = ["day"]


@post("/api/v1/day/marks", roles=TECHNICIAN, status_code=200, tags=_TAGS)
async def mark(asker: Asker, data: JSONBody[MarkInput]) -> RoundStanding:
    """Start, pause or resume one's round, by the phone's clock; the same mark again changes nothing."""
    return await service.mark_round(asker, data)


@post("/api/v1/day/rejections", roles=TECHNICIAN, status_code=200, tags=_TAGS)
async def reject(asker: Asker, data: JSONBody[RejectionInput]) -> RejectionView:
    """Hand a stop back with a reason of the list that comes with the day; the office is told. Safe to repeat."""
    return await service.reject_stop(asker, data)


@post("/api/v1/day/rejections/{id:uuid}/undo", roles=(*OFFICE, Role.TECHNICIAN), status_code=200, tags=_TAGS)
async def undo_rejection(asker: Asker, id: FromPath[UUID]) -> RejectionView:
    """Take a stop up again; 409 once anything has followed."""
    return await service.undo_rejection(asker, id)


@post("/api/v1/day/order/check", roles=TECHNICIAN, status_code=200, tags=_TAGS)
async def check_order(asker: Asker, settings: Installation, data: JSONBody[OrderInput]) -> OrderCheck:
    """Say what another order of one's round would break and change; nothing is changed. 412 where the round has moved on."""
    return await service.check_order(asker, data, engine=service.engine_of(settings))


@post("/api/v1/day/order", roles=TECHNICIAN, status_code=200, tags=_TAGS)
async def apply_order(asker: Asker, settings: Installation, data: JSONBody[OrderInput]) -> OrderCheck:
    """Put one's round in another order; 409 with the sentence where it breaks a rule, 412 where the round has moved on."""
    return await service.apply_order(asker, data, engine=service.engine_of(settings))


@get("/api/v1/day/swaps", roles=TECHNICIAN, tags=_TAGS)
async def swap_choices(asker: Asker, settings: Installation, order: Order) -> SwapChoices:
    """List the swaps of one of one's stops that could be made now, the cheapest first."""
    return await service.swap_choices(asker, order, engine=service.engine_of(settings))


@post("/api/v1/day/swaps", roles=TECHNICIAN, status_code=200, tags=_TAGS)
async def offer_swap(asker: Asker, settings: Installation, data: JSONBody[SwapInput]) -> SwapView:
    """Offer a swap to a colleague's crew; the same offer again changes nothing."""
    return await service.offer_swap(asker, data, engine=service.engine_of(settings))


@get("/api/v1/day/swaps/{id:uuid}", roles=(*OFFICE_READERS, Role.TECHNICIAN), tags=_TAGS)
async def swap(asker: Asker, id: FromPath[UUID]) -> SwapView:
    """Return an offer to those whom it concerns."""
    return await service.swap_offer(asker, id)


@post("/api/v1/day/swaps/{id:uuid}/accept", roles=TECHNICIAN, status_code=200, tags=_TAGS)
async def accept_swap(asker: Asker, settings: Installation, id: FromPath[UUID]) -> SwapView:
    """Accept a swap: both rounds change at once; 412 where either has changed since it was offered."""
    return await service.accept_swap(asker, id, engine=service.engine_of(settings))


@post("/api/v1/day/swaps/{id:uuid}/decline", roles=TECHNICIAN, status_code=200, tags=_TAGS)
async def decline_swap(asker: Asker, id: FromPath[UUID]) -> SwapView:
    """Decline a swap; who offered it is told."""
    return await service.decline_swap(asker, id)


@post("/api/v1/day/swaps/{id:uuid}/withdraw", roles=TECHNICIAN, status_code=200, tags=_TAGS)
async def withdraw_swap(asker: Asker, id: FromPath[UUID]) -> SwapView:
    """Take one's offer back."""
    return await service.withdraw_swap(asker, id)


@get("/api/v1/today/changes", roles=OFFICE_READERS, tags=["today"])
async def office_changes(asker: Asker, day: Day = None) -> OfficeChanges:
    """Return what technicians changed of a day: rounds begun and paused, stops handed back, swaps."""
    return await service.office_changes(asker, day)


HANDLERS: list[Any] = [
    mark,
    reject,
    undo_rejection,
    check_order,
    apply_order,
    swap_choices,
    offer_swap,
    swap,
    accept_swap,
    decline_swap,
    withdraw_swap,
    office_changes,
]
