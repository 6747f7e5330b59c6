"""Reading visits and records: views are put together here, inside and outside of a caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from backend import clock, database, paging
from backend.errors import NotFound
from backend.scope import Role, Scope
from backend.visits import access, asking, checklists, finding_queries, queries
from backend.visits.decider import How
from backend.visits.record import RecordBody, sha256_of
from backend.visits.rows import ElevatorFacts, RecordRow, VisitRow
from backend.visits.views import (
    Confirmation,
    Departed,
    RecordVersion,
    StopUseChoice,
    VisitFilter,
    VisitPage,
    VisitState,
    VisitSummary,
    VisitView,
)
from planner.intervals.rules import load_pack


async def visit(scope: Scope, visit: UUID) -> VisitView:
    """Return a visit.

    Raises
    ------
    NotFound
        If the asker sees no such visit.
    """
    async with database.tx(scope):
        return await view_inside(await access.visible(scope, visit))


async def visits(scope: Scope, wanted: VisitFilter, *, cursor: str | None = None, limit: int = 100) -> VisitPage:
    """Return visits, newest arrival first.

    Parameters
    ----------
    scope
        The asker; an owner sees the visits of their own elevators.
    wanted
        The filter.
    cursor, limit
        `next_cursor` of the page before, and how many at the most.
    """
    after = _after(cursor)
    limit = paging.bounded(limit)
    owner = access.acting_owner(scope)[0] if scope.role is Role.OWNER else None
    async with database.tx(scope):
        rows = await queries.summaries(wanted, owner, after, limit + 1)
    more = len(rows) > limit
    rows = rows[:limit]
    return VisitPage(rows=rows, next_cursor=paging.encode([rows[-1].arrived_at, rows[-1].id]) if more else None)


async def record(scope: Scope, visit: UUID, version: int) -> RecordVersion:
    """Return one version of a record.

    Raises
    ------
    NotFound
        If the asker sees no such visit, or it has no such version.
    """
    for found in await records(scope, visit):
        if found.version == version:
            return found
    raise NotFound("the visit {visit} has no record of version {version}", visit=visit, version=version)


async def records(scope: Scope, visit: UUID) -> list[RecordVersion]:
    """Return all versions of a record, newest last; none before the departure.

    Raises
    ------
    NotFound
        If the asker sees no such visit.
    """
    async with database.tx(scope):
        await access.visible(scope, visit)
        return await records_inside(visit)


async def records_inside(visit: UUID) -> list[RecordVersion]:
    """Return all versions of a record inside the caller's transaction."""
    return [version_of(row) for row in await queries.records(visit)]


def version_of(row: RecordRow) -> RecordVersion:
    """Return a version as it is shown, its hash checked."""
    return RecordVersion(
        version=row.version,
        reason=row.reason,
        body=body_of(row),
        sha256=row.sha256,
        intact=sha256_of(row.body) == row.sha256,
        written_at=row.written_at,
        written_by=row.written_by,
        decision=Confirmation.PENDING if row.decision is None else Confirmation(row.decision),
        decision_reason=row.decision_reason or "",
        decided_at=row.decided_at,
        decision_how=None if row.decision_how is None else How(row.decision_how),
        decided_by=row.decided_by,
        number_tail=row.number_tail,
    )


def body_of(row: RecordRow) -> RecordBody:
    """Return the body of a stored version."""
    return msgspec.convert(row.body, RecordBody)


async def elevator_inside(elevator: UUID) -> ElevatorFacts:
    """Return what the register says about an elevator, inside the caller's transaction.

    Raises
    ------
    NotFound
        If there is no such elevator.
    """
    facts = await queries.elevator_facts(elevator)
    if facts is None:
        raise NotFound("no elevator {elevator}", elevator=elevator)
    return facts


async def summary_inside(visit: UUID) -> VisitSummary:
    """Return a visit as a line of a list, inside the caller's transaction."""
    line = await queries.summary(visit)
    if line is None:
        raise NotFound("no visit {visit}", visit=visit)
    return line


async def view_inside(row: VisitRow) -> VisitView:
    """Return a visit with all that belongs to it, inside the caller's transaction."""
    elevator = await elevator_inside(row.elevator)
    answers = await queries.answers(row.id)
    checklist = checklist_of(row, elevator)
    is_open = row.state is VisitState.OPEN
    return VisitView(
        summary=await summary_inside(row.id),
        equipment_type=elevator.equipment_type,
        rescue_code=elevator.rescue_code,
        address=elevator.address,
        access_notes=elevator.access_notes,
        elevator_state=elevator.state,
        rule_pack=row.rule_pack,
        closed_reason=row.closed_reason,
        scans=[queries.scan_view(scan) for scan in await queries.scans(row.id)],
        checklist=checklists.shown(checklist),
        excluded=checklist.excluded,
        answers=answers,
        open_items=checklists.open_items(checklist, (answer.item for answer in answers)) if is_open else [],
        findings=await finding_queries.findings_of_visit(row.id),
        stop_use_conditions=stop_use_choices([row.rule_pack], clock.local_date(row.arrived_at, elevator.time_zone))[
            row.rule_pack
        ],
        departed=departed_of(row),
        time_zone=elevator.time_zone,
    )


def checklist_of(row: VisitRow, elevator: ElevatorFacts) -> checklists.Checklist:
    """Return the checklist of a visit."""
    pack = load_pack(row.rule_pack, clock.local_date(row.arrived_at, elevator.time_zone))
    found = checklists.checklist_for(elevator.equipment_type, row.maintenance_class, elevator.item_exclusions, pack)
    return checklists.with_asked(found, asking.read(row.asked))


def departed_of(row: VisitRow) -> Departed | None:
    """Return what the departure of a visit changed, as it was told then."""
    return None if row.outcome is None else msgspec.convert(row.outcome, Departed)


def stop_use_choices(packs: Sequence[str], on_day: date) -> dict[str, list[StopUseChoice]]:
    """Return the stop-use conditions of rule packs as they hold on a day."""
    return {
        pack: [StopUseChoice(key=c.key, zh=c.zh, en=c.en, clause=c.clause) for c in load_pack(pack, on_day).stop_use_conditions]
        for pack in packs
    }


def _after(cursor: str | None) -> tuple[datetime, UUID] | None:
    """Return the last row that the asker has seen."""
    key = paging.decode(cursor, (datetime, UUID))
    return None if key is None else msgspec.convert(key, tuple[datetime, UUID])
