"""One entry becomes part of a visit, in one transaction: with what it changes, what became of it is written.

An entry that cannot be applied changes nothing and is held with its reason. Whatever goes wrong with one entry is told of that
one; it never stops those of other visits.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from msgspec import Struct, structs

from backend import clock, database
from backend.confirmations import codes as owner_codes
from backend.errors import Conflict, Fault, InvalidInput, LiftroundsError, NotFound, Unavailable
from backend.people import service as people
from backend.phones import service as phones
from backend.phones.views import EntryFacts
from backend.scope import Role, Scope, of_firm
from backend.visits import arrival, departure, queries
from backend.visits.inputs import ArrivalInput
from backend.visits.intake import moved_orders, scan_entries, work_entries
from backend.visits.intake import queries as entry_queries
from backend.visits.intake.queries import EntryRow
from backend.visits.signed import Signed
from qr.chain.bodies import ArrivalBody
from qr.chain.entry import Arrival, Departure, FindingEntry, Join, Leave, ScanEntry, Work, ZoneScan, kind_of
from qr.chain.times import instant
from qr.keys import KeyRing

log = structlog.get_logger("backend.visits")

TO_DO = ("waiting", "held")
"""States of entries that are tried."""

BROKEN = "this entry could not be applied because of a fault in the system: the office has been told"


class Applied(Struct, frozen=True, kw_only=True):
    """What an entry changed."""

    visit: UUID | None
    elevator: UUID | None
    faults: list[Fault] = []
    note: dict[str, Any] | None = None
    """Something that the phone and the office should know, although all is well."""

    holds: bool = False
    """Whether the faults keep the entry waiting for a later one, or for the office."""


class Given(Struct, frozen=True, kw_only=True):
    """An entry that is to be applied, with who has made it."""

    row: EntryRow
    facts: EntryFacts
    scope: Scope
    signed: Signed


def reason_of(error: LiftroundsError) -> dict[str, Any]:
    """Return a refusal as it is kept: the template and its places, so that it can be told in either language."""
    return {"template": error.template, "params": {name: _storable(str(value)) for name, value in error.params.items()}}


def _storable(text: str) -> str:
    """Return a text that the database takes: the one character that it does not is shown as another."""
    return text.replace("\x00", "\ufffd")


def _kept(fault: Fault) -> Fault:
    """Return a fault as it can be kept."""
    return structs.replace(fault, path=_storable(fault.path), value=None if fault.value is None else _storable(fault.value))


async def try_entry(ring: KeyRing, firm: UUID, entry: UUID, facts: EntryFacts | None = None) -> EntryRow | None:
    """Try to apply an entry of a firm's phone; return what became of it, None where there is none.

    Parameters
    ----------
    ring, firm, entry
        Keys of labels; which entry.
    facts
        Its content, where it was read already.

    Raises
    ------
    Unavailable
        If the database does not answer: nothing is known then, and it is tried again.
    """
    try:
        async with database.tx(of_firm(firm)):
            row = await entry_queries.entry(entry, lock=True)
            if row is None or row.state not in TO_DO:
                return row
            applied = await _apply_inside(ring, await _given_inside(row, facts))
            state = "held" if applied.holds else "applied"
            await _note_inside(row, state, applied.note, applied.faults, applied.visit, applied.elevator)
            return await entry_queries.entry(entry)
    except Unavailable:
        raise
    except LiftroundsError as error:
        refusal = error
    except Exception as error:
        known = database.refusal_of(error)
        if isinstance(known, Unavailable):
            raise
        if known is None:
            log.exception("an entry could not be applied", entry=str(entry))
        refusal = known or Conflict(BROKEN)
    return await _hold(ring, firm, entry, refusal, facts)


async def _hold(ring: KeyRing, firm: UUID, entry: UUID, refusal: LiftroundsError, known: EntryFacts | None) -> EntryRow | None:
    """Hold an entry that could not be applied, in a transaction of its own; one that broke something is not read again."""
    faults = list(getattr(refusal, "faults", ()))
    async with database.tx(of_firm(firm)):
        row = await entry_queries.entry(entry, lock=True)
        if row is None or row.state not in TO_DO:
            return row
        is_broken = refusal.template == BROKEN
        elevator = row.elevator if is_broken else row.elevator or await _elevator_inside(ring, row, known)
        await _note_inside(row, "held", reason_of(refusal), faults, None, elevator)
        return await entry_queries.entry(entry)


async def _note_inside(
    row: EntryRow, state: str, reason: dict[str, Any] | None, given: list[Fault], visit: UUID | None, elevator: UUID | None
) -> None:
    faults = [_kept(fault) for fault in given]
    await entry_queries.set_state(
        row.id, state=state, reason=reason, faults=faults, visit=visit, elevator=elevator, at=clock.now()
    )
    if state == "held" and (row.state, row.reason, row.faults) != (state, reason, faults):
        detail = {"entry": row.kind, "seq": row.seq, "phone": str(row.phone), "visit": str(visit or row.visit or "")}
        await people.audit(row.firm, None, "entry.held", str(row.id), detail | {"why": _why(reason, faults)})


def _why(reason: dict[str, Any] | None, faults: list[Fault]) -> dict[str, Any]:
    """Return why an entry is held as a line of the audit trail keeps it: the first fault where they are all that there is."""
    if reason is not None:
        return reason
    return {"template": faults[0].template or faults[0].reason, "params": faults[0].params} if faults else {}


async def _given_inside(row: EntryRow, known: EntryFacts | None = None) -> Given:
    """Return an entry with its content, its time and the technician who signed it.

    Raises
    ------
    NotFound
        If its content is not there.
    """
    facts = known or (await phones.facts_inside([row.sha256])).get(row.sha256)
    if facts is None:
        raise NotFound("the content of this entry is not there")
    account = await entry_queries.account_of(row.phone)
    signed = Signed(
        at=facts.bounds.at, claimed_at=instant(facts.entry.at_ms), received_at=facts.received_at, by_hand=row.by_hand,
        maintenance_class=facts.entry.body.maintenance_class if isinstance(facts.entry, Arrival) else "",
    )  # fmt: skip
    scope = Scope(role=Role.TECHNICIAN, firm=row.firm, account=account, technician=row.technician)
    return Given(row=row, facts=facts, scope=scope, signed=signed)


async def _apply_inside(ring: KeyRing, given: Given) -> Applied:
    row, entry = given.row, given.facts.entry
    if isinstance(entry, (Join, Leave)):
        scan = scan_entries.scan_input(entry.body, given.facts.position, given.signed)
        visit = await scan_entries.come_or_go_inside(given.scope, ring, kind_of(entry), entry.visit_id, scan, given.signed)
        return Applied(visit=visit.id, elevator=visit.elevator)
    named = entry.visit_id
    if named is None:
        raise NotFound("this entry does not say which visit it belongs to")
    if isinstance(entry, Arrival):
        return await _arrive(ring, given, entry, named)
    await _require_arrival(row, named)
    if isinstance(entry, Work):
        faults = await work_entries.work_inside(given.scope, named, entry.body, given.signed, await _later_items(row, named))
        return Applied(visit=named, elevator=None, faults=faults, holds=bool(faults))
    if isinstance(entry, FindingEntry):
        faults = await work_entries.finding_inside(given.scope, named, entry.body, given.signed)
        return Applied(visit=named, elevator=None, faults=faults, holds=bool(faults))
    scan = scan_entries.scan_input(entry.body, given.facts.position, given.signed)
    if isinstance(entry, ZoneScan):
        visit = await scan_entries.zone_inside(given.scope, ring, named, scan, entry.body.zone, given.signed)
        return Applied(visit=named, elevator=visit.elevator)
    assert isinstance(entry, Departure)  # noqa: S101 - the last of the kinds
    await _require_nothing_before(row, named)
    await departure.depart_inside(given.scope, ring, named, scan, given.signed)
    if entry.body.owner_code_sha256:
        await owner_codes.keep_inside(row.firm, named, entry.body.owner_code_sha256)
    return Applied(visit=named, elevator=None)


async def _arrive(ring: KeyRing, given: Given, entry: Arrival, visit: UUID) -> Applied:
    """Open the visit. A second technician who cannot be taken is left out and told: the work was done all the same."""
    body: ArrivalBody = entry.body
    scan = scan_entries.scan_input(body, given.facts.position, given.signed)
    day = clock.local_date(given.signed.at, await queries.time_zone_of(given.row.firm))
    faults = await arrival.second_faults_inside(given.row.technician, body.second_technician, day)
    asked = ArrivalInput(
        id=visit, scan=scan, work_order=body.work_order, second_technician=None if faults else body.second_technician
    )
    row = await arrival.arrive_inside(given.scope, ring, asked, given.signed)
    note = await moved_orders.note_inside(given.scope, row, body.work_order)
    return Applied(visit=row.id, elevator=row.elevator, faults=faults, note=note)


async def _require_arrival(row: EntryRow, visit: UUID) -> None:
    """Let an entry pass whose visit has begun.

    Raises
    ------
    Conflict
        If the arrival is here but could not be applied.
    NotFound
        If no arrival has come.
    """
    if await queries.visit(visit) is not None:
        return
    if await entry_queries.has_unapplied_arrival(row.phone, visit):
        raise Conflict("the arrival of this visit is not applied: see there")
    raise NotFound("no arrival of this visit has come in")


async def _require_nothing_before(row: EntryRow, visit: UUID) -> None:
    """Let a departure pass before which nothing waits: its record must not miss what was done.

    Raises
    ------
    InvalidInput
        With what waits.
    """
    before = await entry_queries.blocking(row.phone, visit, row.seq)
    if not before:
        return
    faults = [Fault(f"entries[{one.seq}]", one.kind, "this entry is held: see there") for one in before]
    raise InvalidInput("{count} earlier entries of this visit are held", faults=faults, count=len(before))


async def _later_items(row: EntryRow, visit: UUID) -> set[str]:
    """Return the items that later entries of this visit have answered."""
    later = await entry_queries.tried_later(row.phone, visit, row.seq)
    stored = await phones.stored_inside([one.sha256 for one in later]) if later else []
    return {answer.item for one in stored if isinstance(one.entry, Work) for answer in one.entry.body.answers}


async def _elevator_inside(ring: KeyRing, row: EntryRow, known: EntryFacts | None) -> UUID | None:
    """Return the elevator of a scan that could not be applied, as far as its label is known."""
    try:
        given = await _given_inside(row, known)
        if not isinstance(given.facts.entry, ScanEntry):
            return None
        scan = scan_entries.scan_input(given.facts.entry.body, given.facts.position, given.signed)
        return await scan_entries.elevator_of_inside(ring, scan, row.firm, structs.replace(given.signed, by_hand=True))
    except LiftroundsError:
        return None
