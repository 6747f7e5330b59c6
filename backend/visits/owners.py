"""The owner's word on a record: an act of its own identity, once for each version; it does not hold up the count of days."""

from __future__ import annotations

from uuid import UUID

import msgspec

from backend import clock, database
from backend.errors import Conflict, Fault, InvalidInput, NotFound
from backend.people import service as people
from backend.scope import Scope
from backend.visits import access, queries, reading
from backend.visits.checks import needed_reason, text_faults
from backend.visits.inputs import DecisionInput
from backend.visits.rows import VisitRow
from backend.visits.views import OwnerVisit, VisitFilter, VisitPage, VisitState


async def owner_visits(scope: Scope, wanted: VisitFilter, *, cursor: str | None = None, limit: int = 100) -> VisitPage:
    """Return the finished visits of the signed-in owner's elevators, newest arrival first.

    Raises
    ------
    NotAllowed
        For anybody but an owner.
    """
    access.acting_owner(scope)
    return await reading.visits(scope, msgspec.structs.replace(wanted, state=VisitState.FINISHED), cursor=cursor, limit=limit)


async def owner_visit(scope: Scope, visit: UUID) -> OwnerVisit:
    """Return a finished visit of one of the signed-in owner's elevators.

    Raises
    ------
    NotAllowed
        For anybody but an owner.
    NotFound
        If it is not theirs, or not finished.
    """
    access.acting_owner(scope)
    async with database.tx(scope):
        await _theirs(scope, visit)
        return await _view(visit)


async def decide(scope: Scope, visit: UUID, decision: DecisionInput, *, confirmed: bool) -> OwnerVisit:
    """Take the owner's word on the newest version of a record.

    Parameters
    ----------
    scope
        The owner of the elevator; nobody else signs in their name.
    visit, decision
        Which visit, which version they have read, and why if they refuse; sent again it changes nothing.
    confirmed
        Whether they confirm or refuse.

    Raises
    ------
    NotAllowed
        For anybody but an owner.
    NotFound
        If it is not theirs, or not finished.
    InvalidInput
        If they refuse without a reason.
    Conflict
        If there is a newer version, or they have said otherwise before.
    """
    _, account = access.acting_owner(scope)
    reason = decision.reason.strip() if confirmed else needed_reason(decision.reason)
    if faults := text_faults("reason", reason):
        raise InvalidInput("the decision cannot be taken", faults=faults)
    if confirmed and reason:
        fault = Fault("reason", reason[:60], "leave the reason out, or refuse")
        raise InvalidInput("the decision cannot be taken", faults=[fault])
    word = "confirmed" if confirmed else "refused"
    async with database.tx(scope):
        row = await _theirs(scope, visit)
        newest = (await queries.records(visit))[-1]
        if decision.version != newest.version:
            raise Conflict("the record has version {version} by now: read it first", version=newest.version)
        if newest.decision is not None:
            if (newest.decision, newest.decision_reason) != (word, reason):
                raise Conflict("you have decided about this version already; ask the firm for a correction")
            return await _view(visit)
        await queries.insert_decision(
            firm=row.firm, visit=visit, version=newest.version, decision=word, reason=reason, account=account, at=clock.now()
        )
        await people.audit(row.firm, account, f"visit.{word}", str(visit), {"version": newest.version})
        return await _view(visit)


async def _theirs(scope: Scope, visit: UUID) -> VisitRow:
    """Return a finished visit of the owner's elevators, locked so that no correction comes in between."""
    await access.visible(scope, visit)
    row = await access.existing(visit, lock=True)
    if row.state is not VisitState.FINISHED:
        raise NotFound("no visit {visit}", visit=visit)
    return row


async def _view(visit: UUID) -> OwnerVisit:
    return OwnerVisit(summary=await reading.summary_inside(visit), records=await reading.records_inside(visit))
