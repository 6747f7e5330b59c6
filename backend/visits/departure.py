"""The departure scan: finishes a visit and writes its record. A visit that will never have one is abandoned by the office."""

from __future__ import annotations

from uuid import UUID

import msgspec

from backend import clock, database
from backend.errors import Conflict, Fault, InvalidInput
from backend.people import service as people
from backend.recordlog import service as recordlog
from backend.scope import Scope
from backend.upkeep import service as upkeep
from backend.upkeep.views import WindowChange
from backend.visits import access, checklists, finding_queries, part_queries, queries, reading, repeats, scanning, writing
from backend.visits.checks import needed_reason
from backend.visits.inputs import Result, ScanInput
from backend.visits.orders import release_order_inside
from backend.visits.photos import queries as photo_queries
from backend.visits.proof import grading
from backend.visits.proof.evidence import evidence_checks
from backend.visits.record import RecordTechnician, as_json_object, sha256_of
from backend.visits.rows import ElevatorFacts, VisitRow
from backend.visits.signed import Signed
from backend.visits.views import AnswerView, Departed, EvidenceCheck, FindingView, VisitState, VisitView
from qr.keys import KeyRing


async def depart(scope: Scope, ring: KeyRing, visit: UUID, scan: ScanInput) -> Departed:
    """Finish a visit: write its record, move the due window, set the work order done.

    Parameters
    ----------
    scope
        The first technician of the visit, whose account signs the record.
    ring
        Keys of this installation.
    visit, scan
        Which visit, and the label that was scanned; sent again it says the same again.

    Raises
    ------
    InvalidInput
        With all that is missing: items without an answer, findings that were ticked but not written.
    LabelRefused
        If the code opens no elevator of the firm.
    Conflict
        If the label is another elevator's or not the car's, or the visit has ended with another scan.
    """
    async with database.tx(scope):
        return await depart_inside(scope, ring, visit, scan)


async def depart_inside(scope: Scope, ring: KeyRing, visit: UUID, scan: ScanInput, signed: Signed | None = None) -> Departed:
    """Finish a visit inside the caller's transaction; `signed` is what is known of the time of a signed entry.

    Raises
    ------
    LiftroundsError
        As `depart`.
    """
    received_at = signed.received_at if signed else clock.now()
    sha256 = repeats.scan_sha256(scan)
    row = await access.mine(scope, visit, second_too=False)
    if row.state is not VisitState.OPEN:
        return await _told_again(row, scan, sha256)
    if faults := scanning.scan_faults("", scan, received_at, signed):
        raise InvalidInput("the departure cannot be taken", faults=faults)
    label = await scanning.label_inside(ring, scan, firm=row.firm, signed=signed)
    if label.elevator != row.elevator:
        raise Conflict("this label belongs to another elevator than the one of this visit: scan the label in its car")
    scanning.require_car(label, signed)
    elevator = await reading.elevator_inside(row.elevator)
    checklist = reading.checklist_of(row, elevator)
    answers = {answer.item: answer for answer in await queries.answers(visit)}
    findings = await finding_queries.findings_of_visit(visit)
    if faults := _missing(checklist, answers, findings):
        raise InvalidInput("the visit cannot end yet: {count} things are missing", faults=faults, count=len(faults))
    # A phone whose clock was set back must not move the work before its own beginning: the due date would be too late or
    # the record absurd. The check of the order says what the phone claimed.
    departed_at = max(signed.at if signed else scanning.taken_at(scan, received_at), row.arrived_at)
    await scanning.keep_inside(
        scan, kind="departure", firm=row.firm, visit=visit, label=label, technician=row.technician,
        received_at=received_at, sha256=sha256,
    )  # fmt: skip
    await queries.finish(visit, departed_at)
    row = msgspec.structs.replace(row, state=VisitState.FINISHED, departed_at=departed_at)
    return await _write(scope, row, elevator, checklist, answers, findings)


async def abandon(scope: Scope, visit: UUID, reason: str) -> VisitView:
    """Close an open visit that will have no departure; it never counts. For managers.

    Raises
    ------
    InvalidInput
        Without a reason.
    Conflict
        If the visit has ended.
    """
    access.require_manager(scope)
    reason = needed_reason(reason)
    async with database.tx(scope):
        row = await access.existing(visit, lock=True)
        if row.state is VisitState.ABANDONED and row.closed_reason == reason:
            return await reading.view_inside(row)
        access.require_open(row)
        await queries.abandon(visit, reason)
        await release_order_inside(row)
        await people.audit(row.firm, scope.account, "visit.abandoned", str(visit), {"reason": reason})
        return await reading.view_inside(await access.existing(visit))


async def _told_again(row: VisitRow, scan: ScanInput, sha256: str) -> Departed:
    """Return what the departure changed, to the same request once more.

    Raises
    ------
    Conflict
        To any other request.
    """
    told = reading.departed_of(row)
    departures = [kept for kept in await queries.scans(row.id) if kept.kind == "departure"]
    if told is not None and any(kept.id == scan.id and kept.request_sha256 == sha256 for kept in departures):
        return told
    if row.state is VisitState.FINISHED:
        raise Conflict("the visit has ended already, with another departure scan")
    access.require_open(row)
    raise Conflict("the visit has ended")


def _missing(checklist: checklists.Checklist, answers: dict[str, AnswerView], findings: list[FindingView]) -> list[Fault]:
    """Return what must still be done before the departure, in the order of the annex."""
    described = {finding.item for finding in findings}
    faults = [Fault(f"items.{code}", None, "answer this item") for code in checklists.open_items(checklist, answers)]
    faults += [
        Fault(f"findings.{code}", None, "write down what was found at this item")
        for code in checklist.items
        if code in answers and answers[code].result is Result.FINDING and code not in described
    ]
    return faults


async def _write(
    scope: Scope,
    row: VisitRow,
    elevator: ElevatorFacts,
    checklist: checklists.Checklist,
    answers: dict[str, AnswerView],
    findings: list[FindingView],
) -> Departed:
    """Write version 1 of the record and all that follows from it."""
    assert row.departed_at is not None  # noqa: S101 - just set
    scans = await queries.scans(row.id)
    day = clock.local_date(row.departed_at, elevator.time_zone)
    checks = await grading.checks_inside(row, elevator)
    evidence = evidence_checks(checks, row)
    body = writing.first_body(
        row, elevator, day=day, technicians=await _signatures(scope, row), scans=scans, checklist=checklist,
        answers=answers, findings=findings, evidence=evidence, parts=await part_queries.record_parts(row.id),
        photos=await photo_queries.record_photos(row.id),
    )  # fmt: skip
    stored = as_json_object(body)
    sha256 = sha256_of(stored)
    record = await queries.insert_record(
        firm=row.firm, visit=row.id, version=1, reason="", body=stored, sha256=sha256, account=scope.account, at=clock.now()
    )
    await recordlog.note_inside(row.firm, record)
    standing = await grading.grade_departure_inside(row, elevator, checks)
    if standing.held_back:
        change = await _nothing_moves(row)
        await release_order_inside(row)
    else:
        change = await grading.count_inside(row, body)
    told = msgspec.to_builtins(_told(await access.existing(row.id), sha256, evidence, change))
    await queries.set_outcome(row.id, told)
    await people.audit(row.firm, scope.account, "visit.finished", str(row.id), {"sha256": sha256})
    return msgspec.convert(told, Departed)  # as it will be read again


async def _nothing_moves(row: VisitRow) -> WindowChange:
    """Return the window as it stays: the visit does not count before a manager accepts it."""
    window = await upkeep.window_inside(row.elevator)
    return WindowChange(before=window, after=window)


def _told(row: VisitRow, sha256: str, evidence: list[EvidenceCheck], change: WindowChange) -> Departed:
    assert row.departed_at is not None  # noqa: S101 - set by the departure
    return Departed(
        visit=row.id, arrived_at=row.arrived_at, departed_at=row.departed_at, record_version=1, record_sha256=sha256,
        evidence=evidence, window_before=change.before, window_after=change.after, grade=row.grade or None, review=row.review,
    )  # fmt: skip


async def _signatures(scope: Scope, row: VisitRow) -> list[RecordTechnician]:
    """Return who did the work; the first one signs from their own account."""
    first = await queries.technician(row.technician)
    second = await queries.technician(row.second_technician) if row.second_technician else None
    named = [(first, scope.account), (second, None)]
    return [writing.signature(who, account) for who, account in named if who is not None]
