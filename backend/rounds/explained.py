"""Questions about the plan of a run: what is left out and what would help, why it is there, why not another day or crew."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import date
from uuid import UUID

import msgspec

from backend import database
from backend.errors import Conflict, Fault, InvalidInput, NotFound
from backend.rounds import queries
from backend.rounds.explain_views import ExplainedVisit, LeftOutHelp, WhyNotAnswer
from backend.rounds.explaining import Explaining, Named, WhyLeftOut, look_at, why_left_out
from backend.rounds.runs import existing, stored_snapshot
from backend.rounds.snapshot import Snapshot
from backend.scope import Scope
from planner.rounds.explain.look import Look
from planner.rounds.plan import Plan

_KEPT = 2
"""Plans kept ready for the next question: the plan of a run never changes, and people ask several about the same."""

_KEPT_REASONS = 16
"""Plans whose reasons are kept: the page of a plan is looked at again and again, and its reasons take a second to find."""

_reasons: OrderedDict[UUID, dict[str, WhyLeftOut]] = OrderedDict()
_looks: OrderedDict[UUID, Look] = OrderedDict()


def reasons_of(run: UUID, snapshot: Snapshot, plan: Plan) -> dict[str, WhyLeftOut]:
    """Explain every visit that the search of a run left out, by its id; not for the event loop."""
    found = _reasons.get(run)
    if found is None:
        found = _reasons[run] = why_left_out(_look(run, snapshot, plan))
        while len(_reasons) > _KEPT_REASONS:
            _reasons.popitem(last=False)
    return found


async def explain_visit(scope: Scope, run: UUID, elevator: UUID) -> ExplainedVisit:
    """Say why an elevator is where it is in the plan of a run, or why it is left out and what would help.

    Raises
    ------
    NotFound
        If the asker's firm has no such run, or the run knows nothing of this elevator.
    Conflict
        If the run has no plan.
    """
    explaining = await _explaining(scope, run)
    found = await asyncio.to_thread(explaining.visit, elevator)
    if found is None:
        raise NotFound("this run knows no elevator {id}", id=elevator)
    return found


async def explain_left_out(scope: Scope, run: UUID) -> LeftOutHelp:
    """Say of everything that the plan of a run leaves out why, and what would help.

    Raises
    ------
    NotFound
        If the asker's firm has no such run.
    Conflict
        If the run has no plan.
    """
    explaining = await _explaining(scope, run)
    return LeftOutHelp(rows=await asyncio.to_thread(explaining.all_left_out))


async def why_not(scope: Scope, run: UUID, elevator: UUID, *, crew: UUID | None, day: date | None) -> WhyNotAnswer:
    """Say what it would take to have an elevator on a day, or with a crew, or both.

    Raises
    ------
    NotFound
        If the asker's firm has no such run, or the run did not ask for this elevator or has no such crew.
    Conflict
        If the run has no plan.
    InvalidInput
        If neither crew nor day is named.
    """
    explaining = await _explaining(scope, run)
    if crew is None and day is None:
        raise InvalidInput("name a crew, a day, or both", faults=[Fault.of("day", None, "name a crew, a day, or both")])
    found = await asyncio.to_thread(explaining.why_not, elevator, crew, day)
    if found is None:
        raise NotFound("this run has no such elevator or crew")
    return found


async def _explaining(scope: Scope, run: UUID) -> Explaining:
    async with database.tx(scope):
        row = await existing(run)
        plan = await queries.plan_of(run)
        if plan is None:
            raise Conflict("this run has no plan yet")
        snapshot = await stored_snapshot(row)
        elevators = [item.elevator for item in snapshot.items] + [out.elevator for out in snapshot.out]
        names = Named(elevators=await queries.elevator_names(elevators), crews=await queries.crew_names(row.firm))
    look = await asyncio.to_thread(_look, run, snapshot, msgspec.convert(plan, Plan))
    return Explaining(run, snapshot, look, names)


def _look(run: UUID, snapshot: Snapshot, plan: Plan) -> Look:
    look = _looks.get(run)
    if look is None:
        look = _looks[run] = look_at(snapshot, plan)
        while len(_looks) > _KEPT:
            _looks.popitem(last=False)
    return look
