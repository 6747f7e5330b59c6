"""The review of visits whose proof is weaker than asked for: a manager looks, and accepts or disputes with a note.

Accepting lets a visit count that was kept from it; disputing withdraws it by a correction of its record, with the note as the
reason. Both can be undone: an acceptance by `reopen`, a dispute by a correction that lets the visit count again.
"""

from __future__ import annotations

from uuid import UUID

from backend import database
from backend.errors import Conflict
from backend.people import service as people
from backend.scope import Scope
from backend.upkeep import service as upkeep
from backend.visits import access, correction, queries, reading
from backend.visits.checks import needed_reason
from backend.visits.orders import release_order_inside
from backend.visits.proof import grading
from backend.visits.proof import queries as grading_queries
from backend.visits.proof.views import GradeVersion, ReviewLine, ReviewPage, VisitProof
from backend.visits.rows import VisitRow
from backend.visits.views import Review, VisitFilter, VisitState
from qr.grade import Grade


async def accept(scope: Scope, visit: UUID, note: str) -> VisitProof:
    """Accept a visit that waits for a review; from now on it counts. Sent again it changes nothing.

    Parameters
    ----------
    scope
        A manager.
    visit, note
        Which visit, and why it is taken as it is.

    Raises
    ------
    NotAllowed
        For anybody but a manager.
    InvalidInput
        Without a note.
    Conflict
        If it does not wait for a review.
    """
    return await _decide(scope, visit, Review.ACCEPTED, note)


async def dispute(scope: Scope, visit: UUID, note: str) -> VisitProof:
    """Dispute a visit that waits for a review: its record is corrected so that it does not count. Sent again nothing changes.

    Raises
    ------
    NotAllowed, InvalidInput, Conflict
        As for `accept`.
    """
    return await _decide(scope, visit, Review.DISPUTED, note)


async def reopen(scope: Scope, visit: UUID, note: str) -> VisitProof:
    """Take an acceptance back: the visit waits for a review again, and one graded D ceases to count.

    Raises
    ------
    NotAllowed, InvalidInput
        As for `accept`.
    Conflict
        If it was not accepted.
    """
    access.require_manager(scope)
    note = needed_reason(note)
    async with database.tx(scope):
        row = await _finished(visit)
        if row.review is Review.WAITING:
            return await grading.proof_inside(row)
        if row.review is not Review.ACCEPTED:
            raise Conflict("this visit was not accepted: there is nothing to take back")
        await grading.decide_inside(scope, row, Review.WAITING, note)
        if row.grade == Grade.D.value:
            await upkeep.withdraw_visit(firm=row.firm, elevator=row.elevator, visit=row.id)
            await release_order_inside(row)
        await people.audit(row.firm, scope.account, "visit.reopened", str(visit), {"note": note})
        return await grading.proof_inside(await access.existing(visit))


async def queue(
    scope: Scope, *, review: Review = Review.WAITING, grade: str | None = None, cursor: str | None = None, limit: int = 50
) -> ReviewPage:
    """Return visits in a state of review with their newest grades, newest arrival first.

    Parameters
    ----------
    scope
        The office, or an authority that reads.
    review, grade
        Which state, and on demand which grade.
    cursor, limit
        `next_cursor` of the page before, and how many at the most.
    """
    found = await reading.visits(scope, VisitFilter(review=review, grade=grade), cursor=cursor, limit=limit)
    async with database.tx(scope):
        proofs = await grading.newest_inside([row.id for row in found.rows])
        lines = [
            ReviewLine(
                summary=row, grade=proofs.get(row.id), steps=await grading_queries.steps(row.id),
                demand_not_met=_below(row.grade, proofs.get(row.id)),
            )
            for row in found.rows
        ]  # fmt: skip
    return ReviewPage(rows=lines, next_cursor=found.next_cursor)


def _below(grade: str | None, newest: GradeVersion | None) -> bool:
    """Return whether a visit is in the queue for its contract's sake alone."""
    if grade is None or newest is None or not newest.demanded:
        return False
    return Grade(grade).is_below(Grade(newest.demanded))


async def waiting(scope: Scope) -> int:
    """Return how many visits wait for a review."""
    async with database.tx(scope):
        return await grading_queries.waiting()


async def _decide(scope: Scope, visit: UUID, review: Review, note: str) -> VisitProof:
    access.require_manager(scope)
    note = needed_reason(note)
    async with database.tx(scope):
        row = await _finished(visit)
        if row.review is review:
            return await grading.proof_inside(row)
        if row.review is not Review.WAITING:
            raise Conflict("this visit does not wait for a review (any more): look at it again")
        if review is Review.ACCEPTED:
            await grading.decide_inside(scope, row, review, note)
            if row.held_back:
                await grading.count_inside(row, reading.body_of((await queries.records(visit))[-1]))
        else:
            await correction.withdraw_inside(scope, row, note)
        await people.audit(row.firm, scope.account, f"visit.{review.value}", str(visit), {"note": note, "grade": row.grade})
        return await grading.proof_inside(await access.existing(visit))


async def _finished(visit: UUID) -> VisitRow:
    row = await access.existing(visit, lock=True)
    if row.state is not VisitState.FINISHED:
        raise Conflict("the visit has not ended: there is nothing to review")
    return row
