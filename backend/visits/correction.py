"""Corrections: a record is never changed; the next version says what is different, why, by whom, and what came before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

import msgspec

from backend import clock, database
from backend.errors import Conflict, Fault, InvalidInput, NotAllowed
from backend.messages.telling import tell_owner_inside, tell_phone_inside
from backend.messages.views import Kind
from backend.people import service as people
from backend.recordlog import service as recordlog
from backend.registry import number_queries
from backend.registry.numbers import for_messages, tail
from backend.scope import Role, Scope
from backend.upkeep import service as upkeep
from backend.visits import access, checklists, finding_queries, findings, queries, reading, repeats, writing
from backend.visits.checks import needed_reason
from backend.visits.inputs import AnswerInput, CorrectionInput, FindingInput, Result, Severity
from backend.visits.orders import release_order_inside
from backend.visits.proof import grading
from backend.visits.proof.views import GradedWhy
from backend.visits.record import RecordBody, RecordCorrection, RecordItem, as_json_object, done_items, sha256_of
from backend.visits.rows import ElevatorFacts, RecordRow, VisitRow
from backend.visits.views import AnswerView, RecordVersion, Review, VisitState
from planner.intervals.rules import load_pack
from planner.intervals.signals import item_of


async def correct(scope: Scope, visit: UUID, correction: CorrectionInput) -> RecordVersion:
    """Write the next version of a record; the owner's word is asked anew.

    Parameters
    ----------
    scope
        A manager, or the first technician of the visit. Only a manager withdraws a visit or restores it.
    visit, correction
        What is to be different, and why; sent again it is the same version.

    Raises
    ------
    InvalidInput
        With all faults, or where nothing would change.
    NotAllowed
        For anybody else.
    Conflict
        If the visit has no record, or a newer version than the sender has seen.
    """
    reason = needed_reason(correction.reason)
    async with database.tx(scope):
        row = await access.existing(visit, lock=True)
        _require_corrector(scope, row, correction)
        if row.state is not VisitState.FINISHED:
            raise Conflict("there is no record to correct: the visit has no departure")
        versions = await queries.records(visit)
        if (repeated := _repeated(scope, versions, correction, reason)) is not None:
            return reading.version_of(repeated)
        newest = versions[-1]
        if correction.version != newest.version:
            raise Conflict("the record has version {version} by now: look at it before you correct it", version=newest.version)
        before = reading.body_of(newest)
        after = _applied(before, correction)
        if (after.items, after.counts) == (before.items, before.counts):
            fault = Fault("items", None, "say what is different from the record")
            raise InvalidInput("the correction would change nothing", faults=[fault])
        await _write_inside(scope, row, before, after, newest.sha256, reason)
        return (await reading.records_inside(visit))[-1]


def _require_corrector(scope: Scope, row: VisitRow, correction: CorrectionInput) -> None:
    """Let managers pass, and the technician who signed unless the question is whether the visit counts."""
    if scope.role in (Role.MANAGER, Role.ADMIN):
        return
    if scope.technician is None or scope.technician != row.technician:
        raise NotAllowed("only a manager or the technician of the visit corrects its record")
    if correction.counts is not None:
        raise NotAllowed("only a manager says whether a visit counts")


def _repeated(scope: Scope, versions: Sequence[RecordRow], correction: CorrectionInput, reason: str) -> RecordRow | None:
    """Return the version that this very correction has already made."""
    if len(versions) < 2 or correction.version != versions[-2].version or versions[-1].reason != reason:
        return None
    before, after = reading.body_of(versions[-2]), reading.body_of(versions[-1])
    if after.correction is None or after.correction.account != scope.account:
        return None
    wished = _applied(before, correction)
    return versions[-1] if (wished.items, wished.counts) == (after.items, after.counts) else None


def _applied(before: RecordBody, correction: CorrectionInput) -> RecordBody:
    """Return the body with the corrected answers, apart from version and correction.

    Raises
    ------
    InvalidInput
        With all faults of the answers.
    """
    checklist = checklists.checklist_of_codes([item.item for item in before.items], load_pack(before.rule_pack, before.day))
    judged = checklists.judge(checklist, correction.items)
    faults = [msgspec.structs.replace(f, path=f.path.replace("answers[", "items[", 1)) for f in judged.rejected]
    faults += [
        Fault(f"items[{index}].note", None, "say what was found")
        for index, answer in enumerate(correction.items)
        if answer.result is Result.FINDING and not answer.note.strip() and not _described(before, answer.item)
    ]
    if faults:
        raise InvalidInput("the correction cannot be taken", faults=faults)
    new = {answer.item: writing.record_item(checklist.items[answer.item], _as_view(answer)) for answer in judged.good}
    counts = before.counts if correction.counts is None else correction.counts
    return msgspec.structs.replace(before, items=[new.get(item.item, item) for item in before.items], counts=counts)


def _described(body: RecordBody, item: str) -> bool:
    return any(finding.item == item for finding in body.findings)


def _as_view(answer: AnswerInput) -> AnswerView:
    return AnswerView(
        item=answer.item, result=answer.result, measured=answer.measured, unit=answer.unit or "", note=answer.note,
        special_checks=answer.special_checks, answered_at=datetime.min,  # noqa: DTZ901 - a record's item has no time of its own
    )  # fmt: skip


async def _write_inside(
    scope: Scope, row: VisitRow, before: RecordBody, after: RecordBody, previous_sha256: str, reason: str
) -> None:
    """Write the version with what follows from it: findings, whether the visit counts, the due window."""
    assert scope.account is not None  # noqa: S101 - only signed-in people reach this
    now = clock.now()
    version = before.version + 1
    elevator = await reading.elevator_inside(row.elevator)
    for item in after.items:
        if item.result == Result.FINDING.value and not _described(before, item.item):
            await _finding_inside(row, elevator, item, version)
    made = RecordCorrection(
        reason=reason, account=scope.account, role=scope.role.value, at=now, previous_sha256=previous_sha256
    )
    found = [writing.record_finding(finding) for finding in await finding_queries.findings_of_visit(row.id)]
    body = msgspec.structs.replace(after, version=version, correction=made, findings=found)
    stored = as_json_object(body)
    sha256 = sha256_of(stored)
    record = await queries.insert_record(
        firm=row.firm, visit=row.id, version=version, reason=reason, body=stored, sha256=sha256, account=scope.account, at=now
    )
    await recordlog.note_inside(row.firm, record)
    await queries.set_after_correction(row.id, "" if body.counts else reason)
    await _follow_inside(scope, row, before, body, reason)
    detail = {"version": version, "reason": reason, "counts": body.counts, "sha256": sha256}
    await people.audit(row.firm, scope.account, "visit.corrected", str(row.id), detail)
    *_, answered, _new = await queries.records(row.id)
    if answered.decision is not None and elevator.owner is not None:
        zh, en = f"您答复过的维保记录已更正：{reason}", f"A record that you have answered was corrected: {reason}"
        link = f"/owner/visits/{row.id}"
        await tell_owner_inside(row.firm, elevator.owner, Kind.CONFIRMATION, zh, en, link=link, subject=str(row.id))
        if answered.number_tail:
            await _tell_officer_inside(row, elevator, elevator.owner, answered.number_tail, body)


async def _tell_officer_inside(row: VisitRow, elevator: ElevatorFacts, owner: UUID, number_tail: str, body: RecordBody) -> None:
    """Tell the safety officer without an account who had answered; nobody where the register has another number by now.

    The page's address is with the officer alone (of the code only its hash is kept), so they are told to open it again.
    """
    number = for_messages(await number_queries.phone_of(owner))
    if number is None or tail(number) != number_tail:
        return
    day, where = body.day, f"{elevator.site_name} {elevator.unit_name}".strip()
    zh = f"您答复过的 {day} {where} 维保记录已更正，请重新打开当时的确认页面查看并答复。询问请致电 {elevator.phone_24h}。"
    en = (
        f"The record of {day} at {where} that you have answered was corrected: open the page of its code again to see it and"
        f" to answer. Questions: {elevator.phone_24h}."
    )
    title = ("您答复过的维保记录已更正", "A record that you have answered was corrected")
    once = f"corrected:{row.id}:{body.version}"
    await tell_phone_inside(row.firm, number, Kind.CONFIRMATION, title, (zh, en), subject=str(row.id), once=once)


async def _finding_inside(row: VisitRow, elevator: ElevatorFacts, item: RecordItem, version: int) -> None:
    """Write the finding that a correction brings to light, with its notice to the owner."""
    measured = f"{item.measured} {item.unit}".strip()
    said = "; ".join(part for part in (item.note, f"测得 measured {measured}" if measured else "") if part)
    finding = FindingInput(
        id=uuid5(row.id, f"correction/{version}/{item.item}"), severity=Severity.GENERAL, item=item.item, description=said
    )
    sha256 = repeats.finding_sha256(finding)
    known = item_of(item.item)
    assert known is not None  # noqa: S101 - its answer was judged as one of a known item
    await findings.keep_inside(row, elevator, finding, known, None, found_by=row.technician, sha256=sha256)


async def withdraw_inside(scope: Scope, row: VisitRow, reason: str) -> None:
    """Write the version that says that a visit does not count, inside the caller's transaction; one that says so stays."""
    newest = (await queries.records(row.id))[-1]
    before = reading.body_of(newest)
    if before.counts:
        await _write_inside(scope, row, before, msgspec.structs.replace(before, counts=False), newest.sha256, reason)


async def _follow_inside(scope: Scope, row: VisitRow, before: RecordBody, after: RecordBody, reason: str) -> None:
    """Move the due window, the work order and the review after the record; a visit that waits for a word goes on waiting."""
    if before.counts and not after.counts:
        if not row.held_back:
            await upkeep.withdraw_visit(firm=row.firm, elevator=row.elevator, visit=row.id)
            await release_order_inside(row)
        if row.review is not Review.NONE:
            await grading.decide_inside(scope, row, Review.DISPUTED, reason)
    elif after.counts and not before.counts:
        if row.review is Review.DISPUTED or row.held_back:
            await grading.decide_inside(scope, row, Review.ACCEPTED, reason)
        await grading.count_inside(row, after)
    elif after.counts and not row.held_back:
        await upkeep.note_visit(
            firm=row.firm, elevator=row.elevator, visit=row.id, maintenance_class=after.maintenance_class,
            departed_at=after.departed_at, items=done_items(after),
        )  # fmt: skip
    if after.counts:
        await grading.regrade_inside(row.id, GradedWhy.CORRECTION)
