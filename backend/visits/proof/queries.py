"""SQL of grades and reviews."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.visits.proof.views import ReviewStep
from backend.visits.views import Review


class GradeRow(Struct, frozen=True, kw_only=True):
    """A version of a visit's grade."""

    version: int
    grade: str
    demanded: str
    why: str
    checks: list[Any]
    reasons: list[Any]
    made_at: datetime


class GradeOfVisit(GradeRow, frozen=True, kw_only=True):
    """A version of a grade, with whose it is."""

    visit: UUID


async def insert_grade(
    *, firm: UUID, visit: UUID, version: int, grade: str, demanded: str, why: str, checks: object, reasons: object, at: datetime
) -> None:
    """Write a version of a grade."""
    await database.execute(
        "INSERT INTO visit_grade (id, firm, visit, version, grade, demanded, why, checks, reasons, made_at)"
        " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, $8, $9)",
        firm, visit, version, grade, demanded, why, checks, reasons, at,
    )  # fmt: skip


async def grades(visit: UUID) -> list[GradeRow]:
    """Return all versions of a grade, newest last."""
    return await database.fetch_as(
        GradeRow,
        "SELECT version, grade, demanded, why, checks, reasons, made_at FROM visit_grade WHERE visit = $1 ORDER BY version",
        visit,
    )


async def newest_grade(visit: UUID) -> GradeRow | None:
    """Return the newest version of a grade."""
    return await database.fetch_one_as(
        GradeRow,
        "SELECT version, grade, demanded, why, checks, reasons, made_at FROM visit_grade WHERE visit = $1"
        " ORDER BY version DESC LIMIT 1",
        visit,
    )


async def newest_grades(visits: Sequence[UUID]) -> dict[UUID, GradeRow]:
    """Return the newest grade of each visit."""
    rows = await database.fetch_as(
        GradeOfVisit,
        "SELECT DISTINCT ON (visit) visit, version, grade, demanded, why, checks, reasons, made_at FROM visit_grade"
        " WHERE visit = ANY($1::uuid[]) ORDER BY visit, version DESC",
        list(visits),
    )
    return {row.visit: row for row in rows}


async def set_standing(visit: UUID, *, grade: str, review: Review, held_back: bool) -> None:
    """Note the newest grade at the visit, where its review stands, and whether it is kept from counting."""
    await database.execute(
        "UPDATE visit SET grade = $2, review = $3, held_back = $4 WHERE id = $1", visit, grade, review.value, held_back
    )


async def insert_step(
    *, firm: UUID, visit: UUID, state: Review, grade_version: int, account: UUID | None, note: str, at: datetime
) -> None:
    """Write a step of a review."""
    await database.execute(
        "INSERT INTO visit_review (id, firm, visit, step, state, grade_version, decided_by, note, decided_at)"
        " SELECT gen_random_uuid(), $1, $2, coalesce(max(step), 0) + 1, $3, $4, $5, $6, $7 FROM visit_review WHERE visit = $2",
        firm, visit, state.value, grade_version, account, note, at,
    )  # fmt: skip


async def steps(visit: UUID) -> list[ReviewStep]:
    """Return the steps of a review, oldest first."""
    return await database.fetch_as(
        ReviewStep,
        "SELECT r.step, r.state, r.grade_version, coalesce(a.name, '') AS decided_by, r.note, r.decided_at FROM visit_review r"
        " LEFT JOIN account a ON a.id = r.decided_by WHERE r.visit = $1 ORDER BY r.step",
        visit,
    )


async def waiting() -> int:
    """Return how many visits of the scope wait for a review."""
    found: int = await database.fetch_value("SELECT count(*) FROM visit WHERE review = 'waiting'")
    return found


async def labels_of(visit: UUID) -> list[UUID]:
    """Return the labels that were scanned during a visit."""
    rows = await database.fetch("SELECT DISTINCT label FROM scan WHERE visit = $1 AND kind IN ('arrival', 'departure')", visit)
    return [row["label"] for row in rows]


async def is_noted(action: str, label: UUID, visit: UUID) -> bool:
    """Return whether the audit trail has a line of a label for a visit."""
    return bool(
        await database.fetch_value(
            "SELECT EXISTS (SELECT FROM audit_event WHERE action = $1 AND subject = $2 AND detail ->> 'visit' = $3)",
            action,
            str(label),
            str(visit),
        )
    )


async def seen_twice(label: UUID) -> list[tuple[UUID, datetime]]:
    """Return the visits of a label whose newest grade says that it was scanned elsewhere at the same time, newest first."""
    rows = await database.fetch(
        "SELECT v.id, v.arrived_at FROM visit v JOIN LATERAL (SELECT checks FROM visit_grade WHERE visit = v.id"
        ' ORDER BY version DESC LIMIT 1) g ON g.checks @> \'[{"name": "label_once", "outcome": "failed"}]\'::jsonb'
        " WHERE v.id IN (SELECT visit FROM scan WHERE label = $1) ORDER BY v.arrived_at DESC LIMIT 20",
        label,
    )
    return [(row["id"], row["arrived_at"]) for row in rows]
