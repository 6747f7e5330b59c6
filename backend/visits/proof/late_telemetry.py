"""Looks again at visits whose telemetry came after they were graded, or went on after it.

A monitor that was offline tells days later what it saw, and even a punctual one tells only after the departure that its
counters went on growing, which is what makes a standstill a pause. Both ways are open: a silent elevator may corroborate, and
it may contradict; the new grade is a version beside the old one.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog

from backend import clock, database
from backend.scope import SYSTEM, of_firm
from backend.visits import queries, reading
from backend.visits.proof import grading, look_queries
from backend.visits.proof import queries as grading_queries
from backend.visits.proof.evidence import word_inside
from backend.visits.proof.look_queries import Look
from backend.visits.proof.views import GradedWhy
from qr.checks import CheckName
from qr.elevator_patterns import usual_patterns
from qr.questions.elevator import answer_of

BACK = timedelta(days=10)
"""Visits that ended longer ago are left as they are: by then a manager has seen them."""

SETTLED = timedelta(minutes=10)
"""After a departure; most monitors have told by then what they saw."""

OVERLAP = timedelta(minutes=2)
"""A record is received some time before it is committed: what came so shortly before a look is looked at once more."""

MOST = 500
"""Visits of one run; those that are left have their turn in the next one, the ones never looked at first."""

log = structlog.get_logger("backend.visits")


async def look_again() -> int:
    """Grade anew the visits that telemetry has something new about; return how many have another grade or other reasons.

    Each visit in a transaction of its own, so that nothing that was done is lost if the next one fails. Safe to repeat.
    """
    now = clock.now()
    margin = timedelta(seconds=usual_patterns().limits.margin_s)
    async with database.tx(SYSTEM):
        looks = await look_queries.waiting(
            since=now - BACK, until=now - SETTLED, whole_before=now - margin - SETTLED,
            margin_s=usual_patterns().limits.margin_s, overlap_s=int(OVERLAP.total_seconds()), limit=MOST,
        )  # fmt: skip
    changed = 0
    for look in looks:
        try:
            async with database.tx(of_firm(look.firm)):
                if await _says_something_else(look.visit):
                    changed += await grading.regrade_inside(look.visit, GradedWhy.TELEMETRY)
                await look_queries.note(look, now - OVERLAP)
        except database.CONNECTION_ERRORS:
            raise  # the whole job is tried again
        except Exception:  # one visit must not keep the others from their turn
            log.exception("a visit could not be graded anew", visit=str(look.visit))
            await _note_alone(look)
    return changed


async def _says_something_else(visit: UUID) -> bool:
    """Return whether the elevator's word is another one than the newest grade has: all else is not telemetry's business."""
    row, graded = await queries.visit(visit), await grading_queries.newest_grade(visit)
    if row is None or row.departed_at is None or graded is None:
        return False
    word = await word_inside(row, await reading.elevator_inside(row.elevator))
    outcome, reason = answer_of(word)
    before = next((check for check in graded.checks if check["name"] == CheckName.ELEVATOR.value), None)
    return before is None or (before["outcome"], before["reason_en"]) != (outcome.value, reason.en)


async def _note_alone(look: Look) -> None:
    async with database.tx(of_firm(look.firm)):
        await look_queries.note(look, clock.now())
