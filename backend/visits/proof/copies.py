"""Labels that were scanned in two places at the same time: one of the two is a copy, and the label should be replaced."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.people import service as people
from backend.scope import Scope
from backend.visits.proof import queries as grading_queries
from backend.visits.rows import VisitRow
from qr.checks import CheckName, Checks, Outcome


class SeenTwice(Struct, frozen=True, kw_only=True):
    """A visit during which another phone scanned the same label elsewhere."""

    visit: UUID
    arrived_at: datetime


async def seen_twice(scope: Scope, label: UUID) -> list[SeenTwice]:
    """Return the visits during which a label was scanned elsewhere as well, newest first; none where it was seen once."""
    async with database.tx(scope):
        return [SeenTwice(visit=visit, arrived_at=at) for visit, at in await grading_queries.seen_twice(label)]


async def note_copies_inside(row: VisitRow, checks: Checks) -> None:
    """Write into the audit trail that the label of a visit was seen in two places, once for each visit."""
    if checks[CheckName.LABEL_ONCE].outcome is not Outcome.FAILED:
        return
    for label in await grading_queries.labels_of(row.id):
        if not await grading_queries.is_noted("label.seen_twice", label, row.id):
            await people.audit(row.firm, None, "label.seen_twice", str(label), {"visit": str(row.id)})
