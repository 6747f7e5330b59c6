"""Whom a firm rings: its own ladder, or the rule pack's, and the duty roster (值班表)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec

from backend import clock, database
from backend.dispatch import people_queries as queries
from backend.dispatch import rules
from backend.dispatch.inputs import DutyTurnInput, LadderInput
from backend.dispatch.views import DutyTurnView, LadderView
from backend.errors import Fault, InvalidInput, NotFound
from backend.paging import bounded_if_any
from backend.people.service import audit
from backend.scope import Scope
from planner.intervals.pack_rescue import Rung

MOST_RUNGS = 12
"""Of a ladder: with a minute each, the last would ring when half of the time allowed is over."""

LONGEST_TURN = timedelta(days=31)
"""A month on duty is a rota of its own; a longer turn is a slip of the keyboard."""


async def ladder(scope: Scope) -> LadderView:
    """Return whom the asker's firm rings."""
    firm = scope.require_firm()
    async with database.tx(scope):
        own = await queries.ladder(firm)
        if own is not None:
            return LadderView(rungs=msgspec.convert(own[0], list[Rung]), own=True, changed_at=own[1])
        pack = await queries.representative_pack(firm)
    return LadderView(rungs=list(rules.ladder_of(pack, clock.now().date())), own=False, changed_at=None)


async def set_ladder(scope: Scope, given: LadderInput) -> LadderView:
    """Set the firm's own ladder; an empty one goes back to the rule pack's. Rescues under way keep theirs.

    Raises
    ------
    InvalidInput
        If it is too long, or rings technicians only: at night nobody might be there.
    """
    firm = scope.require_firm()
    faults = []
    if len(given.rungs) > MOST_RUNGS:
        faults.append(Fault.of("rungs", str(len(given.rungs)), "give up to {most} rungs", most=MOST_RUNGS))
    if given.rungs and not any(rung.who in ("managers", "firm_phone") for rung in given.rungs):
        faults.append(Fault("rungs", None, "one rung must be the managers or the firm's 24-hour phone"))
    if faults:
        raise InvalidInput("the ladder was not changed", faults=faults)
    async with database.tx(scope):
        plain = msgspec.to_builtins(given.rungs)
        if given.rungs:
            await queries.put_ladder(firm, plain, clock.now())
        else:
            await queries.delete_ladder(firm)
        await audit(firm, scope.account, "rescue_ladder.set", str(firm), {"rungs": plain})
    return await ladder(scope)


async def turns(scope: Scope, *, limit: int | None = None) -> list[DutyTurnView]:
    """Return the duty turns of now and later, in their order, at most `limit`."""
    limit = bounded_if_any(limit)
    async with database.tx(scope):
        return await queries.turns(clock.now(), limit)


async def add_turn(scope: Scope, given: DutyTurnInput) -> DutyTurnView:
    """Put a technician on duty for a time.

    Raises
    ------
    InvalidInput
        If the times have no offset, end before they begin, or are longer than a month.
    NotFound
        If the firm has no such technician.
    """
    firm = scope.require_firm()
    faults = [
        Fault(name, getattr(given, name).isoformat(), "give the time with its offset")
        for name in ("starts_at", "ends_at")
        if getattr(given, name).tzinfo is None
    ]
    if not faults and not timedelta(0) < given.ends_at - given.starts_at <= LONGEST_TURN:
        faults.append(Fault("ends_at", given.ends_at.isoformat(), "end the turn after it begins, within 31 days"))
    if faults:
        raise InvalidInput("the turn cannot be added", faults=faults)
    async with database.tx(scope):
        if await queries.account_of(firm, given.technician) is None:
            raise NotFound("no technician {technician}", technician=given.technician)
        id = await queries.insert_turn(firm, given.technician, given.starts_at, given.ends_at, clock.now())  # noqa: A001
        await audit(firm, scope.account, "duty_turn.added", str(id), {"technician": str(given.technician)})
        found = await queries.turn(id)
    assert found is not None  # noqa: S101 - it was written just now
    return found


async def remove_turn(scope: Scope, id: UUID) -> None:  # noqa: A002 - as everywhere
    """Take a turn off the roster.

    Raises
    ------
    NotFound
        If the firm has none of this id.
    """
    async with database.tx(scope):
        found = await queries.turn(id)
        if found is None:
            raise NotFound("no duty turn {id}", id=id)
        await queries.delete_turn(id)
        await audit(scope.firm, scope.account, "duty_turn.removed", str(id), {"technician": str(found.technician)})
