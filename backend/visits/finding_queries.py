"""SQL of findings, and of what the public page says about visits and hazards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.visits.inputs import Severity
from backend.visits.rows import NewFinding
from backend.visits.views import Confirmation, FindingView

_FINDING = (
    "SELECT n.id, n.elevator, e.registration_code, e.unit_name, s.name AS site_name, n.visit, n.item, n.severity,"
    " n.stop_use_condition, coalesce(o.title_zh, '') AS title_zh,"
    " coalesce(o.title_en, '') AS title_en, n.description, n.place, n.proposal, n.found_at,"
    " n.closed_at, n.closed_reason, o.id AS notice, o.number AS notice_number, m.time_zone"
    " FROM finding n JOIN elevator e ON e.id = n.elevator JOIN site s ON s.id = e.site JOIN firm m ON m.id = n.firm"
    " LEFT JOIN notice o ON o.finding = n.id"
)


class StoredFinding(Struct, frozen=True, kw_only=True):
    """What tells a repeated finding from another one with the same id."""

    visit: UUID | None
    request_sha256: str


class LastVisit(Struct, frozen=True, kw_only=True):
    """The last visit that counts."""

    id: UUID
    maintenance_class: str
    departed_at: datetime
    day: date
    badges: list[str]
    confirmation: Confirmation
    evidence_holds: bool
    """Whether no question about its evidence was answered with `failed`, by its newest grade or else by its record."""

    grade: str | None
    reasons: list[Any]
    """What keeps the grade from being A."""


class OpenHazard(Struct, frozen=True, kw_only=True):
    """A finding that is not closed, as its notice names it."""

    severity: Severity
    title_zh: str
    title_en: str
    since: date


async def insert_finding(new: NewFinding) -> bool:
    """Write a finding; False where its id is taken, by whomever."""
    return bool(
        await database.execute(
            "INSERT INTO finding (id, firm, elevator, visit, technician, item, severity, stop_use_condition, description,"
            " place, proposal, found_at, request_sha256, closed_reason)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '') ON CONFLICT (id) DO NOTHING",
            new.id, new.firm, new.elevator, new.visit, new.technician, new.item, new.severity.value, new.stop_use_condition,
            new.description, new.place, new.proposal, new.found_at, new.request_sha256,
        )
    )  # fmt: skip


async def stored(finding: UUID) -> StoredFinding | None:
    """Return what tells a repeated finding from another one."""
    return await database.fetch_one_as(StoredFinding, "SELECT visit, request_sha256 FROM finding WHERE id = $1", finding)


async def finding(finding: UUID) -> FindingView | None:
    """Return a finding."""
    return await database.fetch_one_as(FindingView, _FINDING + " WHERE n.id = $1", finding)


async def findings_of_visit(visit: UUID) -> list[FindingView]:
    """Return the findings of a visit, oldest first."""
    return await database.fetch_as(FindingView, _FINDING + " WHERE n.visit = $1 ORDER BY n.found_at, n.id", visit)


_WORST_FIRST = " ORDER BY array_position(ARRAY['stop_use', 'serious', 'general'], n.severity), n.found_at DESC, n.id"


async def findings(elevator: UUID | None, owner: UUID | None, open_only: bool, limit: int) -> list[FindingView]:
    """Return findings, worst first, then newest first; of one elevator or owner, or of all."""
    return await database.fetch_as(
        FindingView,
        _FINDING + " WHERE ($1::uuid IS NULL OR n.elevator = $1) AND ($2::uuid IS NULL OR s.owner = $2)"
        " AND (NOT $3 OR n.closed_at IS NULL)" + _WORST_FIRST + " LIMIT $4",
        elevator, owner, open_only, limit,
    )  # fmt: skip


async def open_findings_of(elevators: Sequence[UUID]) -> list[FindingView]:
    """Return the findings of some elevators that are not closed, worst first."""
    return await database.fetch_as(
        FindingView, _FINDING + " WHERE n.elevator = ANY($1::uuid[]) AND n.closed_at IS NULL" + _WORST_FIRST, list(elevators)
    )


async def close(finding: UUID, *, reason: str, account: UUID | None, at: datetime) -> int:
    """Close a finding that is open; return how many there were."""
    return await database.execute(
        "UPDATE finding SET closed_at = $2, closed_by = $3, closed_reason = $4 WHERE id = $1 AND closed_at IS NULL",
        finding, at, account, reason,
    )  # fmt: skip


async def last_visit(elevator: UUID) -> LastVisit | None:
    """Return the last visit of an elevator that counts: finished, not withdrawn, not waiting for a manager's word."""
    return await database.fetch_one_as(
        LastVisit,
        "SELECT v.id, v.maintenance_class, v.departed_at, (v.departed_at AT TIME ZONE f.time_zone)::date AS day,"
        " array_remove(ARRAY[t.badge, t2.badge], NULL) AS badges, v.confirmation,"
        " NOT coalesce(jsonb_path_exists(coalesce(g.checks, r.body -> 'evidence'), '$[*] ? (@.outcome == \"failed\")'), false)"
        " AS evidence_holds, g.grade, coalesce(g.reasons, '[]'::jsonb) AS reasons"
        " FROM visit v JOIN firm f ON f.id = v.firm JOIN technician t ON t.id = v.technician"
        " LEFT JOIN technician t2 ON t2.id = v.second_technician"
        " LEFT JOIN LATERAL (SELECT body FROM visit_record WHERE visit = v.id ORDER BY version DESC LIMIT 1) r ON true"
        " LEFT JOIN LATERAL (SELECT grade, checks, reasons FROM visit_grade WHERE visit = v.id ORDER BY version DESC LIMIT 1) g"
        " ON true WHERE v.elevator = $1 AND v.state = 'finished' AND v.withdrawn = '' AND NOT v.held_back"
        " ORDER BY v.departed_at DESC, v.id DESC LIMIT 1",
        elevator,
    )


async def open_hazards(elevator: UUID) -> list[OpenHazard]:
    """Return the open hazards of an elevator, worst first."""
    return await database.fetch_as(
        OpenHazard,
        "SELECT n.severity, o.title_zh, o.title_en, (n.found_at AT TIME ZONE f.time_zone)::date AS since"
        " FROM finding n JOIN notice o ON o.finding = n.id JOIN firm f ON f.id = n.firm"
        " WHERE n.elevator = $1 AND n.closed_at IS NULL" + _WORST_FIRST,
        elevator,
    )
