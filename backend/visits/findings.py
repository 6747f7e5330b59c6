"""Findings: kept with their notice to the owner; a stop-use hazard stops the elevator at once (GB 45067-2024)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from backend import clock, database
from backend.errors import Conflict, Fault, InvalidInput, NotFound
from backend.notices import service as notices
from backend.notices.views import FindingFacts
from backend.people import service as people
from backend.registry import state_queries
from backend.scope import Role, Scope
from backend.upkeep import service as upkeep
from backend.visits import access, finding_queries, queries, reading, repeats
from backend.visits.checks import needed_reason, text_faults
from backend.visits.inputs import AnswerInput, FindingInput, Result, Severity
from backend.visits.rows import ElevatorFacts, NewFinding, VisitRow
from backend.visits.views import FindingView
from planner.intervals.items import Item
from planner.intervals.rules import StopUseCondition, load_pack
from planner.intervals.signals import item_of

MOST_FINDINGS = 1000
"""Lines of a list of findings: far more than a firm leaves open."""

ZONES = {
    "MR": "机房 Machine room",
    "CT": "轿顶 Car top",
    "CAR": "轿厢 Car",
    "LD": "层站 Landing",
    "SH": "井道 Shaft",
    "PIT": "底坑 Pit",
    "UP": "上部机房 Upper station",
    "LOW": "下部机房 Lower station",
    "STEP": "梯级 Steps",
    "ENTRY": "出入口 Entrances",
}
"""What people call the access zones of the item list; both languages, because it goes into the notice as it is."""

_GENERIC = {Severity.GENERAL: ("设备隐患", "Hazard"), Severity.SERIOUS: ("严重设备隐患", "Serious hazard")}


async def add_finding(scope: Scope, visit: UUID, finding: FindingInput) -> FindingView:
    """Keep a finding of an open visit and issue its notice; a stop-use condition stops the elevator at once.

    Parameters
    ----------
    scope
        The first or second technician of the visit.
    visit, finding
        Where and what; sent again it is the same finding.

    Raises
    ------
    InvalidInput
        With all faults.
    Conflict
        If the visit has ended, or the id was used before with other content.
    """
    async with database.tx(scope):
        return await add_inside(scope, visit, finding, clock.now())


async def add_inside(scope: Scope, visit: UUID, finding: FindingInput, at: datetime) -> FindingView:
    """Keep a finding inside the caller's transaction, as found at an instant.

    Raises
    ------
    LiftroundsError
        As `add_finding`.
    """
    sha256 = repeats.finding_sha256(finding)
    row = await access.mine(scope, visit, second_too=True)
    stored = await finding_queries.stored(finding.id)
    if stored is not None and stored.visit == visit and stored.request_sha256 == sha256:
        return await _existing(finding.id)
    access.require_open(row)
    elevator = await reading.elevator_inside(row.elevator)
    item, condition = _checked(finding, row, elevator)
    kept = await keep_inside(
        row, elevator, finding, item, condition, found_by=access.acting_technician(scope), sha256=sha256, at=at
    )
    if item is not None:
        await _answer_inside(row, elevator, item)
    await people.audit(row.firm, scope.account, "finding.added", str(finding.id), {"severity": finding.severity.value})
    return kept


async def keep_inside(
    row: VisitRow,
    elevator: ElevatorFacts,
    finding: FindingInput,
    item: Item | None,
    condition: StopUseCondition | None,
    *,
    found_by: UUID,
    sha256: str,
    at: datetime | None = None,
) -> FindingView:
    """Write a finding with its notice inside the caller's transaction, and stop the elevator where it must be.

    Raises
    ------
    Conflict
        If the finding's id is taken.
    """
    now = at or clock.now()
    place = finding.place.strip() or (ZONES.get(item.zone, item.zone) if item else "")
    new = NewFinding(
        id=finding.id, firm=row.firm, elevator=row.elevator, visit=row.id, technician=found_by, item=finding.item,
        severity=finding.severity, stop_use_condition=finding.stop_use_condition, description=finding.description.strip(),
        place=place, proposal=finding.proposal.strip(), found_at=now, request_sha256=sha256,
    )  # fmt: skip
    if not await finding_queries.insert_finding(new):
        raise Conflict("the finding {id} was sent before with other content: make a new id", id=finding.id)
    technician = await queries.technician(found_by)
    title_zh, title_en = _title(finding.severity, item, condition)
    facts = FindingFacts(
        finding=new.id, elevator=row.elevator, severity=new.severity, title_zh=title_zh, title_en=title_en,
        description=new.description, place=place, proposal=new.proposal, clause=condition.clause if condition else "",
        found_at=now, found_by=f"{technician.name} ({technician.badge})" if technician else "",
    )  # fmt: skip
    notice = await notices.issue_inside(row.firm, facts)
    if condition is not None and elevator.state == "in_use":
        reason = f"{notice.number} {condition.zh} / {condition.en}"
        await state_queries.set_state(row.elevator, "stopped", reason)
        await upkeep.recompute_inside(row.firm, [row.elevator])
    return await _existing(new.id)


async def findings(scope: Scope, *, elevator: UUID | None = None, open_only: bool = True) -> list[FindingView]:
    """Return findings, worst first, then newest first; an owner sees those of their own elevators."""
    owner = access.acting_owner(scope)[0] if scope.role is Role.OWNER else None
    async with database.tx(scope):
        return await finding_queries.findings(elevator, owner, open_only, MOST_FINDINGS)


async def close_finding(scope: Scope, finding: UUID, reason: str) -> FindingView:
    """Close a finding with a reason. For managers; closing it again with the same reason changes nothing.

    Raises
    ------
    InvalidInput
        Without a reason.
    Conflict
        If it was closed with another reason.
    """
    access.require_manager(scope)
    reason = needed_reason(reason)
    async with database.tx(scope):
        found = await _existing(finding)
        if not await finding_queries.close(finding, reason=reason, account=scope.account, at=clock.now()):
            found = await _existing(finding)
            if found.closed_reason != reason:
                raise Conflict("the finding is closed already: {reason}", reason=found.closed_reason)
            return found
        firm = (await reading.elevator_inside(found.elevator)).firm
        await people.audit(firm, scope.account, "finding.closed", str(finding), {"reason": reason})
        return await _existing(finding)


async def return_to_use(scope: Scope, elevator: UUID, reason: str) -> None:
    """Put a stopped elevator back into use, once no stop-use finding is open. For managers.

    Raises
    ------
    InvalidInput
        Without a reason.
    Conflict
        If a stop-use finding is open, or the elevator is not stopped.
    """
    access.require_manager(scope)
    reason = needed_reason(reason)
    async with database.tx(scope):
        await queries.lock_elevator(elevator)
        facts = await reading.elevator_inside(elevator)
        if facts.state != "stopped":
            raise Conflict("this elevator is not stopped")
        count = await state_queries.open_stop_use(elevator)
        if count:
            raise Conflict("close the stop-use findings first: {count} are open", count=count)
        await state_queries.set_state(elevator, "in_use", "")
        await upkeep.recompute_inside(facts.firm, [elevator])
        await people.audit(facts.firm, scope.account, "elevator.returned_to_use", str(elevator), {"reason": reason})


async def open_stop_use_inside(elevator: UUID) -> int:
    """Return how many stop-use findings of an elevator are open, inside the caller's transaction."""
    return await state_queries.open_stop_use(elevator)


def _checked(finding: FindingInput, row: VisitRow, elevator: ElevatorFacts) -> tuple[Item | None, StopUseCondition | None]:
    """Return the item and the stop-use condition that a finding names.

    Raises
    ------
    InvalidInput
        With all faults.
    """
    faults: list[Fault] = []
    item = item_of(finding.item)
    if finding.item and (item is None or not item.holds_for(elevator.equipment_type)):
        faults.append(Fault("item", finding.item[:60], "use an item of this elevator's checklist, or leave it out"))
    pack = load_pack(row.rule_pack, clock.local_date(row.arrived_at, elevator.time_zone))
    conditions = {condition.key: condition for condition in pack.stop_use_conditions}
    condition = conditions.get(finding.stop_use_condition)
    if finding.severity is Severity.STOP_USE and condition is None:
        reason = "name one of the stop-use conditions of the rule pack"
        faults.append(Fault("stop_use_condition", finding.stop_use_condition[:60] or None, reason))
    if finding.severity is not Severity.STOP_USE and finding.stop_use_condition:
        reason = "leave it out, or use the severity stop_use"
        faults.append(Fault("stop_use_condition", finding.stop_use_condition[:60], reason))
    needed = None if finding.severity is Severity.STOP_USE else "say what is wrong"
    faults += text_faults("description", finding.description, needed=needed)
    faults += text_faults("place", finding.place) + text_faults("proposal", finding.proposal)
    if faults:
        raise InvalidInput("the finding cannot be taken", faults=faults)
    return item, condition


def _title(severity: Severity, item: Item | None, condition: StopUseCondition | None) -> tuple[str, str]:
    """Return the hazard in a line; never what somebody typed, because it is shown to the public."""
    if condition is not None:
        return condition.zh, condition.en
    return (item.name_zh, item.name_en) if item is not None else _GENERIC[severity]


async def _answer_inside(row: VisitRow, elevator: ElevatorFacts, item: Item) -> None:
    """Tick an item of the checklist as a finding, unless its answer says that work was done on it."""
    if item.code not in reading.checklist_of(row, elevator).items:
        return
    before = next((a for a in await queries.answers(row.id) if a.item == item.code), None)
    if before is None:
        await queries.save_answers(row, [AnswerInput(item=item.code, result=Result.FINDING)], clock.now())
    elif before.result in (Result.OK, Result.NOT_APPLICABLE):
        kept = AnswerInput(
            item=item.code, result=Result.FINDING, measured=before.measured, unit=before.unit, note=before.note,
            special_checks=before.special_checks,
        )  # fmt: skip
        await queries.save_answers(row, [kept], clock.now())


async def _existing(finding: UUID) -> FindingView:
    found = await finding_queries.finding(finding)
    if found is None:
        raise NotFound("no finding {finding}", finding=finding)
    return found
