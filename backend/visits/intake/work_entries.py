"""Work and findings of signed entries: answers, the second technician, parts, photos."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec
from msgspec import UNSET

from backend.errors import Fault, InvalidInput
from backend.people import service as people
from backend.scope import Scope
from backend.visits import access, answering, arrival, findings, part_queries
from backend.visits.checks import text_faults
from backend.visits.inputs import AnswerInput, FindingInput, Result, Severity
from backend.visits.part_queries import NewPart
from backend.visits.photos import queries as photo_queries
from backend.visits.photos import service as photos
from backend.visits.rows import VisitRow
from backend.visits.signed import Signed
from qr.chain.bodies import Answer, FindingBody, Part, WorkBody
from qr.chain.bodies import Photo as DeclaredPhoto

_INDEX = re.compile(r"^answers\[(\d+)\]")


async def work_inside(scope: Scope, visit: UUID, body: WorkBody, signed: Signed, later: Collection[str]) -> list[Fault]:
    """Apply a batch of work; return the faults of what could not be taken. The rest is kept.

    Parameters
    ----------
    scope
        The first or second technician.
    visit, body, signed
        Of the entry.
    later
        Items that a later entry has answered: an answer that is tried again must not undo a newer one.

    Raises
    ------
    LiftroundsError
        If nothing of it can be taken: there is no such visit, it has ended, or it is another technician's.
    """
    row = await access.mine(scope, visit, second_too=True)
    faults: list[Fault] = []
    if body.second_technician is not UNSET:
        faults += await _second(scope, row, body.second_technician)
    kept = [(index, one) for index, one in enumerate(body.answers) if one.item not in later]
    if kept:
        saved = await answering.answer_inside(scope, visit, [_answer(one) for _, one in kept], signed.at)
        faults += [_renumbered(fault, [index for index, _ in kept]) for fault in saved.rejected]
    if body.parts:
        faults += await _parts(scope, row, body.parts, signed)
    faults += await _photos(scope, row, body.photos)
    return faults


async def finding_inside(scope: Scope, visit: UUID, body: FindingBody, signed: Signed) -> list[Fault]:
    """Apply a finding; return the faults of its photos.

    Raises
    ------
    LiftroundsError
        As `findings.add_finding`.
    """
    found = body.finding
    row = await access.mine(scope, visit, second_too=True)
    finding = FindingInput(
        id=found.id, severity=Severity(found.severity), description=found.description, item=found.item,
        stop_use_condition=found.stop_use_condition, place=found.place, proposal=found.proposal,
    )  # fmt: skip
    await findings.add_inside(scope, visit, finding, signed.at)
    return await _photos(scope, row, body.photos)


async def _second(scope: Scope, row: VisitRow, second: UUID | None) -> list[Fault]:
    """Name the second technician; one who cannot be taken is left out, because the work was done all the same."""
    try:
        await arrival.set_second_inside(scope, row.id, second)
    except InvalidInput as error:
        return list(error.faults)
    return []


def _answer(one: Answer) -> AnswerInput:
    return AnswerInput(
        item=one.item, result=Result(one.result), measured=None if one.measured is None else float(one.measured),
        unit=one.unit, note=one.note, special_checks=one.special_checks,
    )  # fmt: skip


def _renumbered(fault: Fault, indexes: Sequence[int]) -> Fault:
    """Return a fault that names the answer by its place in the entry."""
    return msgspec.structs.replace(fault, path=_INDEX.sub(lambda found: f"answers[{indexes[int(found[1])]}]", fault.path))


async def _parts(scope: Scope, row: VisitRow, parts: Sequence[Part], signed: Signed) -> list[Fault]:
    faults: list[Fault] = []
    technician = access.acting_technician(scope)
    for index, one in enumerate(parts):
        new = NewPart(
            id=one.id, firm=row.firm, visit=row.id, elevator=row.elevator, technician=technician, item=one.item, name=one.name,
            quantity=one.quantity, serial_removed=one.serial_removed.strip(), serial_fitted=one.serial_fitted.strip(),
            photo_before=one.photo_before, photo_after=one.photo_after, fitted_at=signed.at,
        )  # fmt: skip
        if found := _part_faults(f"parts[{index}]", one):
            faults += found
            continue
        before = await part_queries.part(one.id)
        if before is None:
            access.require_open(row)
            if not await part_queries.insert(new):
                faults.append(Fault(f"parts[{index}].id", str(one.id), "this id was used for another part: make a new id"))
        elif msgspec.structs.replace(before, fitted_at=new.fitted_at) != new:
            faults.append(Fault(f"parts[{index}].id", str(one.id), "this id was used for another part: make a new id"))
    await _tell_serials(scope, row, [one.id for one in parts])
    return faults


def _part_faults(path: str, one: Part) -> list[Fault]:
    faults = text_faults(f"{path}.name", one.name, needed="name the part")
    for name in ("item", "serial_removed", "serial_fitted"):
        faults += text_faults(f"{path}.{name}", getattr(one, name))
    return faults


async def _tell_serials(scope: Scope, row: VisitRow, parts: Collection[UUID]) -> None:
    """Note in the audit trail that a serial was fitted elsewhere before and is not known to have left there."""
    for part in await part_queries.parts_of_visit(row.id):
        if part.id in parts and part.also_at:
            detail = {"serial": part.serial_fitted, "also_at": part.also_at, "visit": str(row.id)}
            await people.audit(row.firm, scope.account, "part.serial_elsewhere", str(part.id), detail)


async def _photos(scope: Scope, row: VisitRow, declared: Sequence[DeclaredPhoto]) -> list[Fault]:
    """Put declared photos to the visit. What is declared after the departure is kept, but the record has been written."""
    if not declared:
        return []
    faults = await photos.declare_inside(row.firm, access.acting_technician(scope), row.id, declared, path="photos")
    await photo_queries.set_visit([one.id for one in declared], row.id, access.acting_technician(scope))
    return faults
