"""Entrapment dispatch (困人救援): raised by the office, the duty phone or another system; answered by whoever is rung."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import delete, get, post, put
from litestar.response import ServerSentEvent

from backend.dispatch import roster, service
from backend.dispatch.inputs import AnswerInput, ArriveInput, CloseInput, DutyTurnInput, LadderInput, RaiseInput
from backend.dispatch.views import DispatchPage, DispatchView, DutyTurnView, LadderView
from backend.paging import MAX_LIMIT
from backend.scope import Role
from mobile_api.inputs import Asker, FromPath, FromQuery, JSONBody, Ring
from mobile_api.security import OFFICE, OFFICE_READERS
from mobile_api.streams import dispatch_stream

RESCUERS = (*OFFICE, Role.TECHNICIAN)
RESCUE_READERS = (*OFFICE_READERS, Role.TECHNICIAN)


@get("/api/v1/dispatches", roles=RESCUE_READERS)
async def dispatches(
    asker: Asker,
    open_only: FromQuery[bool] = False,
    elevator: FromQuery[UUID | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> DispatchPage:
    """List rescues, open ones first. A technician sees open ones, and those that they were rung for."""
    return await service.dispatches(asker, open_only=open_only, elevator=elevator, cursor=cursor, limit=limit)


@get("/api/v1/dispatches/stream", roles=RESCUERS)
async def stream(asker: Asker) -> ServerSentEvent:
    """Stream `open` events (`{"open": n, "ids": […]}`) at once and whenever a rescue of the firm changes."""
    return dispatch_stream(asker)


@post("/api/v1/dispatches", roles=OFFICE)
async def raise_dispatch(asker: Asker, data: JSONBody[RaiseInput]) -> DispatchView:
    """Take a call for help.

    The same call (`call`) again, and other calls about the elevator while its rescue is open, are one rescue.
    """
    return await service.raise_dispatch(asker, data)


@get("/api/v1/dispatches/{id:uuid}", roles=RESCUE_READERS)
async def dispatch(asker: Asker, id: FromPath[UUID]) -> DispatchView:
    """Return a rescue with whom it rang, its clock and its points of time."""
    return await service.dispatch(asker, id)


@post("/api/v1/dispatches/{id:uuid}/answer", roles=RESCUERS, status_code=200)
async def answer(asker: Asker, id: FromPath[UUID], data: JSONBody[AnswerInput]) -> DispatchView:
    """Answer `going` or `cannot`; the office may answer for a technician who telephoned. Safe to repeat."""
    return await service.answer(asker, id, data)


@post("/api/v1/dispatches/{id:uuid}/arrival", roles=RESCUERS, status_code=200)
async def arrive(asker: Asker, ring: Ring, id: FromPath[UUID], data: JSONBody[ArriveInput]) -> DispatchView:
    """Be there: `code` is the label in the car as scanned or typed, empty for the button. Stops the clock. Safe to repeat."""
    return await service.arrive(asker, ring, id, data)


@post("/api/v1/dispatches/{id:uuid}/release", roles=RESCUERS, status_code=200)
async def release(asker: Asker, id: FromPath[UUID]) -> DispatchView:
    """Note that the people are out. Safe to repeat."""
    return await service.release(asker, id)


@post("/api/v1/dispatches/{id:uuid}/close", roles=OFFICE, status_code=200)
async def close(asker: Asker, id: FromPath[UUID], data: JSONBody[CloseInput]) -> DispatchView:
    """Close a rescue with its outcome, cause and what happened; it stays as the record of the event."""
    return await service.close(asker, id, data)


@get("/api/v1/rescue-ladder", roles=OFFICE)
async def ladder(asker: Asker) -> LadderView:
    """Return whom the firm rings, for how long: its own ladder, or the rule pack's."""
    return await roster.ladder(asker)


@put("/api/v1/rescue-ladder", roles=OFFICE)
async def set_ladder(asker: Asker, data: JSONBody[LadderInput]) -> LadderView:
    """Set the firm's own ladder; an empty one goes back to the rule pack's."""
    return await roster.set_ladder(asker, data)


@get("/api/v1/duty-turns", roles=RESCUE_READERS)
async def duty_turns(asker: Asker, limit: FromQuery[int] = MAX_LIMIT) -> list[DutyTurnView]:
    """List the duty turns of now and later, the earliest first."""
    return await roster.turns(asker, limit=limit)


@post("/api/v1/duty-turns", roles=OFFICE)
async def add_duty_turn(asker: Asker, data: JSONBody[DutyTurnInput]) -> DutyTurnView:
    """Put a technician on duty for a time: they are rung before others."""
    return await roster.add_turn(asker, data)


@delete("/api/v1/duty-turns/{id:uuid}", roles=OFFICE)
async def remove_duty_turn(asker: Asker, id: FromPath[UUID]) -> None:
    """Take a turn off the roster."""
    await roster.remove_turn(asker, id)


HANDLERS: list[Any] = [
    dispatches, stream, raise_dispatch, dispatch, answer, arrive, release, close, ladder, set_ladder, duty_turns, add_duty_turn,
    remove_duty_turn,
]  # fmt: skip
