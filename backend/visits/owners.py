"""The owner's word on a record: an act of its own identity, once for each version; it does not hold up the count of days."""

from __future__ import annotations

from uuid import UUID

import msgspec

from backend import clock, database
from backend.errors import Conflict, Fault, InvalidInput, NotAllowed, NotFound
from backend.messages.telling import tell_managers_inside, tell_technician_inside
from backend.messages.views import Kind
from backend.people import service as people
from backend.scope import Scope
from backend.visits import access, queries, reading
from backend.visits.checks import needed_reason, text_faults
from backend.visits.decider import Decider, How
from backend.visits.inputs import DecisionInput
from backend.visits.rows import VisitRow
from backend.visits.views import OwnerVisit, RecordVersion, VisitFilter, VisitPage, VisitState, VisitSummary


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
    owner, account = access.acting_owner(scope)
    word, reason = _word(decision, confirmed=confirmed)
    async with database.tx(scope):
        row = await _theirs(scope, visit)
        await _decide_inside(row, decision.version, word, reason, Decider(how=How.ACCOUNT, account=account, owner=owner))
        return await _view(visit)


async def decide_by_phone_inside(visit: UUID, decision: DecisionInput, *, confirmed: bool, by: Decider) -> bool:
    """Take the word of a phone that has proved the owner's number, inside the caller's transaction.

    Parameters
    ----------
    visit, decision, confirmed
        As for `decide`.
    by
        What is known of who decides; the caller has proved it.

    Returns
    -------
    bool
        False where the same had been said before.

    Raises
    ------
    NotFound
        If there is no such visit, or it is not finished.
    InvalidInput
        If they refuse without a reason.
    Conflict
        If there is a newer version, the visit was withdrawn, or the owner has said otherwise before.
    """
    word, reason = _word(decision, confirmed=confirmed)
    row = await access.existing(visit, lock=True)
    if row.state is not VisitState.FINISHED:
        raise NotFound("no visit {visit}", visit=visit)
    if row.withdrawn:
        raise Conflict("the firm has withdrawn this visit: there is nothing to confirm")
    return await _decide_inside(row, decision.version, word, reason, by)


def _word(decision: DecisionInput, *, confirmed: bool) -> tuple[str, str]:
    """Return the decision and its reason.

    Raises
    ------
    InvalidInput
        If they refuse without a reason, or confirm with one.
    """
    reason = decision.reason.strip() if confirmed else needed_reason(decision.reason)
    if faults := text_faults("reason", reason):
        raise InvalidInput("the decision cannot be taken", faults=faults)
    if confirmed and reason:
        fault = Fault("reason", reason[:60], "leave the reason out, or refuse")
        raise InvalidInput("the decision cannot be taken", faults=[fault])
    return ("confirmed" if confirmed else "refused"), reason


async def _decide_inside(row: VisitRow, version: int, word: str, reason: str, by: Decider) -> bool:
    """Write the word on the newest version of a locked visit; False where the same had been said before."""
    newest = (await queries.records(row.id))[-1]
    if version != newest.version:
        raise Conflict("the record has version {version} by now: read it first", version=newest.version)
    if newest.decision is not None:
        if (newest.decision, newest.decision_reason) != (word, reason):
            raise Conflict("you have decided about this version already; ask the firm for a correction")
        return False
    await queries.insert_decision(row.firm, row.id, version, word, reason, by, clock.now())
    detail: dict[str, object] = {"version": version, "how": by.how.value}
    if by.number_tail:
        detail["number"] = f"…{by.number_tail}"
    await people.audit(row.firm, by.account, f"visit.{word}", str(row.id), detail)
    if word == "refused":
        await _tell_refused_inside(row, reason)
    return True


async def _tell_refused_inside(row: VisitRow, reason: str) -> None:
    """Tell those who must correct the record: the managers, and the technician of the visit."""
    zh, en = f"使用单位拒绝了一次维保记录：{reason}", f"The owner has refused a record: {reason}"
    await tell_managers_inside(row.firm, Kind.CONFIRMATION, zh, en, link=f"/office/visits/{row.id}", subject=str(row.id))
    await tell_technician_inside(row.firm, row.technician, Kind.CONFIRMATION, zh, en, link=f"/work/visits/{row.id}")


async def _theirs(scope: Scope, visit: UUID) -> VisitRow:
    """Return a finished visit of the owner's elevators, locked so that no correction comes in between."""
    await access.visible(scope, visit)
    row = await access.existing(visit, lock=True)
    if row.state is not VisitState.FINISHED:
        raise NotFound("no visit {visit}", visit=visit)
    return row


async def _view(visit: UUID) -> OwnerVisit:
    return OwnerVisit(summary=await reading.summary_inside(visit), records=await reading.records_inside(visit))


async def newest_inside(visit: UUID) -> tuple[VisitSummary, RecordVersion]:
    """Return a finished visit and the newest version of its record, inside the caller's transaction.

    Raises
    ------
    NotFound
        If there is no such visit, or it has no record.
    """
    summary, records = await reading.summary_inside(visit), await reading.records_inside(visit)
    if not records:
        raise NotFound("no visit {visit}", visit=visit)
    return summary, records[-1]


async def own_finished_inside(scope: Scope, visit: UUID) -> VisitSummary:
    """Return a finished visit of the technician who asks, inside the caller's transaction.

    Raises
    ------
    NotFound
        If there is no such visit.
    NotAllowed
        If it is another technician's.
    Conflict
        If it has no record.
    """
    technician = access.acting_technician(scope)
    row = await access.existing(visit)
    if row.technician != technician:
        raise NotAllowed("this is another technician's visit")
    if row.state is not VisitState.FINISHED:
        raise Conflict("there is no record to confirm: the visit has no departure")
    return await reading.summary_inside(visit)
