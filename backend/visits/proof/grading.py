"""Grades of finished visits: made at the departure, made anew when evidence comes late, and what follows from them.

A visit graded D does not count until a manager accepts it; one below what its contract demands counts, but waits for a review.
A grade is evidence about evidence, never a reproach: what follows is that somebody looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from backend import clock, database
from backend.messages.telling import tell_managers_inside
from backend.messages.views import Kind
from backend.people import service as people
from backend.rounds import service as rounds
from backend.rounds.views import OrderState
from backend.scope import Scope
from backend.upkeep import service as upkeep
from backend.upkeep.views import WindowChange
from backend.visits import access, orders, queries, reading
from backend.visits.proof import evidence_queries
from backend.visits.proof import queries as grading_queries
from backend.visits.proof.copies import note_copies_inside
from backend.visits.proof.evidence import evidence_checks, gather_inside
from backend.visits.proof.queries import GradeRow
from backend.visits.proof.views import GradedWhy, GradeReason, GradeVersion, VisitProof
from backend.visits.record import RecordBody, done_items
from backend.visits.rows import ElevatorFacts, VisitRow
from backend.visits.views import EvidenceCheck, Review, VisitState
from qr.checks import Check, CheckName, Checks, Outcome
from qr.errors import Bilingual
from qr.grade import MEANINGS, Grade, Graded, grade_of
from qr.proof import check_visit

PLACE_QUESTIONS = frozenset(
    {
        CheckName.LABEL_ONCE, CheckName.ARRIVAL_GEOFENCE, CheckName.DEPARTURE_GEOFENCE, CheckName.PLACE,
        CheckName.POSITION_PLAUSIBLE, CheckName.OWN_SCANS, CheckName.ZONES,
    }
)  # fmt: skip
"""What only positions answer: once they are forgotten, the earlier answers stand."""


class Standing(Struct, frozen=True, kw_only=True):
    """What a new grade leads to."""

    review: Review
    held_back: bool


async def proof(scope: Scope, visit: UUID) -> VisitProof:
    """Return what stands behind a visit.

    Raises
    ------
    NotFound
        If the asker sees no such visit.
    """
    async with database.tx(scope):
        return await proof_inside(await access.visible(scope, visit))


async def proof_inside(row: VisitRow) -> VisitProof:
    """Return what stands behind a visit, inside the caller's transaction."""
    return VisitProof(
        grades=[version_of(grade) for grade in await grading_queries.grades(row.id)],
        review=Review(row.review),
        counts=row.state is VisitState.FINISHED and not row.withdrawn and not row.held_back,
        steps=await grading_queries.steps(row.id),
    )


async def newest_inside(visits: Sequence[UUID]) -> dict[UUID, GradeVersion]:
    """Return the newest grade of each visit that has one, inside the caller's transaction."""
    return {visit: version_of(row) for visit, row in (await grading_queries.newest_grades(visits)).items()}


def version_of(row: GradeRow) -> GradeVersion:
    """Return a version of a grade as it is shown."""
    means = MEANINGS[Grade(row.grade)]
    return GradeVersion(
        version=row.version, grade=row.grade, demanded=row.demanded, why=GradedWhy(row.why),
        means_zh=means.zh, means_en=means.en, reasons=msgspec.convert(row.reasons, list[GradeReason]),
        checks=msgspec.convert(row.checks, list[EvidenceCheck]), made_at=row.made_at,
    )  # fmt: skip


async def checks_inside(row: VisitRow, elevator: ElevatorFacts) -> Checks:
    """Ask every question about a finished visit, inside the caller's transaction."""
    gathered = await gather_inside(row, elevator)
    return check_visit(gathered.evidence, gathered.limits)


async def grade_departure_inside(row: VisitRow, elevator: ElevatorFacts, checks: Checks) -> Standing:
    """Write the first grade of a visit, made at its departure; return what follows from it."""
    graded = grade_of(checks)
    demanded = await _demanded(row, elevator)
    standing = standing_of(graded.grade, demanded, before=Review.NONE, accepted=None)
    await _keep(row, graded, demanded, GradedWhy.DEPARTURE, evidence_checks(checks, row), version=1)
    await _enter(row, graded.grade, standing, before=Review.NONE, version=1)
    await note_copies_inside(row, checks)
    return standing


async def regrade_inside(visit: UUID, why: GradedWhy) -> bool:
    """Grade a finished visit anew, inside the caller's transaction; write a version only where something is different.

    Parameters
    ----------
    visit
        Which one; one that is open or was never graded is left alone.
    why
        What came.

    Returns
    -------
    bool
        Whether there is a new version.
    """
    row = await queries.visit(visit, lock=True)
    if row is None or row.state is not VisitState.FINISHED:
        return False
    before = await grading_queries.newest_grade(visit)
    if before is None:
        return False
    elevator = await reading.elevator_inside(row.elevator)
    checks = await checks_inside(row, elevator)
    if await queries.position_forgotten(visit):
        checks = _with_kept_places(checks, before)
    graded = grade_of(checks)
    demanded = await _demanded(row, elevator)
    told = evidence_checks(checks, row)
    if (graded.grade.value, demanded) == (before.grade, before.demanded) and msgspec.to_builtins(told) == before.checks:
        return False
    await _keep(row, graded, demanded, why, told, version=before.version + 1)
    standing = standing_of(
        graded.grade, demanded, before=Review(row.review), accepted=await _accepted_grade(row)
    )  # fmt: skip
    await _enter(row, graded.grade, standing, before=Review(row.review), version=before.version + 1)
    await note_copies_inside(row, checks)
    if not row.withdrawn:
        await follow_inside(row, held_back=standing.held_back)
    detail = {"grade": graded.grade.value, "before": before.grade, "why": why.value}
    await people.audit(row.firm, None, "visit.graded", str(visit), detail)
    return True


def standing_of(grade: Grade, demanded: str, *, before: Review, accepted: Grade | None) -> Standing:
    """Return what a grade leads to.

    Parameters
    ----------
    grade, demanded
        The new grade, and what the contract demands.
    before
        Where the review stood.
    accepted
        The grade that a manager accepted, where one did: only a worse one asks them again.
    """
    if before is Review.DISPUTED:
        return Standing(review=before, held_back=False)
    if before is Review.ACCEPTED and accepted is not None and not grade.is_below(accepted):
        return Standing(review=before, held_back=False)
    needs = grade is Grade.D or (demanded != "" and grade.is_below(Grade(demanded)))
    return Standing(review=Review.WAITING if needs else Review.NONE, held_back=grade is Grade.D)


async def follow_inside(row: VisitRow, *, held_back: bool) -> WindowChange | None:
    """Move the due window and the work order after a visit that begins or ceases to count; None where nothing changes.

    Parameters
    ----------
    row
        The visit as it was before.
    held_back
        Whether it is kept from counting now.
    """
    if held_back == row.held_back or row.departed_at is None:
        return None
    if held_back:
        change = await upkeep.withdraw_visit(firm=row.firm, elevator=row.elevator, visit=row.id)
        await orders.release_order_inside(row)
        return change
    return await count_inside(row, reading.body_of((await queries.records(row.id))[-1]))


async def count_inside(row: VisitRow, body: RecordBody) -> WindowChange:
    """Let a visit count as its record says: move the due window, set its work order done."""
    change = await upkeep.note_visit(
        firm=row.firm, elevator=row.elevator, visit=row.id, maintenance_class=body.maintenance_class,
        departed_at=body.departed_at, items=done_items(body),
    )  # fmt: skip
    if row.work_order is not None and not await queries.order_is_taken(row.work_order, row.id):
        await rounds.set_order_state_inside(row.work_order, OrderState.DONE)
    return change


async def decide_inside(scope: Scope, row: VisitRow, review: Review, note: str) -> None:
    """Note a manager's word on a visit: a step of its review; what follows from it is the caller's."""
    newest = await grading_queries.newest_grade(row.id)
    version = newest.version if newest else 0
    held_back = review is Review.WAITING and row.grade == Grade.D.value
    await grading_queries.set_standing(row.id, grade=row.grade, review=review, held_back=held_back)
    await grading_queries.insert_step(
        firm=row.firm, visit=row.id, state=review, grade_version=version, account=scope.account, note=note, at=clock.now()
    )


async def _accepted_grade(row: VisitRow) -> Grade | None:
    """Return the grade that a manager accepted last."""
    versions = {step.grade_version for step in await grading_queries.steps(row.id) if step.state is Review.ACCEPTED}
    found = [Grade(grade.grade) for grade in await grading_queries.grades(row.id) if grade.version in versions]
    return max(found, key=lambda grade: grade.rank, default=None)


async def _demanded(row: VisitRow, elevator: ElevatorFacts) -> str:
    assert row.departed_at is not None  # noqa: S101 - only finished visits are graded
    return await evidence_queries.demanded_grade(row.elevator, clock.local_date(row.departed_at, elevator.time_zone))


async def _keep(
    row: VisitRow, graded: Graded, demanded: str, why: GradedWhy, told: Sequence[EvidenceCheck], *, version: int
) -> None:
    reasons = [
        GradeReason(
            name=reason.name.value, outcome=reason.outcome.value, caps=reason.caps.value, zh=reason.text.zh, en=reason.text.en
        )
        for reason in graded.reasons
    ]
    await grading_queries.insert_grade(
        firm=row.firm, visit=row.id, version=version, grade=graded.grade.value, demanded=demanded, why=why.value,
        checks=msgspec.to_builtins(told), reasons=msgspec.to_builtins(reasons), at=clock.now(),
    )  # fmt: skip


async def _enter(row: VisitRow, grade: Grade, standing: Standing, *, before: Review, version: int) -> None:
    """Note the grade at the visit, and a step where its review changes."""
    await grading_queries.set_standing(row.id, grade=grade.value, review=standing.review, held_back=standing.held_back)
    if standing.review is not before:
        await grading_queries.insert_step(
            firm=row.firm, visit=row.id, state=standing.review, grade_version=version, account=None, note="", at=clock.now()
        )
        if standing.review is Review.WAITING:
            zh, en = f"有一次维保待复核（等级{grade.value}）", f"A visit waits for review (grade {grade.value})"
            link = f"/office/visits/{row.id}"
            await tell_managers_inside(row.firm, Kind.REVIEW, zh, en, link=link, subject=str(row.id))


def _with_kept_places(checks: Checks, before: GradeRow) -> Checks:
    """Return the checks with the earlier answers of those questions that forgotten positions answered."""
    kept: dict[str, Any] = {check["name"]: check for check in before.checks}
    return Checks(
        tuple(
            Check(
                check.name, Outcome(kept[check.name]["outcome"]),
                Bilingual(zh=kept[check.name]["reason_zh"], en=kept[check.name]["reason_en"]),
            )
            if check.name in PLACE_QUESTIONS and check.name in kept
            else check
            for check in checks.checks
        )
    )  # fmt: skip
