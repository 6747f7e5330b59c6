"""What phones hand in becomes visits: kept first, whatever it says, then applied in the order in which it was signed.

::

    keep     every envelope is verified and stored by `backend.phones`; photos are noted as declared; one transaction
    apply    each entry that is linked into the chain, in a transaction of its own (`backend.visits.intake.applying`)
    held     what cannot be applied waits with its reason and is tried again when later entries of its visit come, when its
             visit or its arrival appears, or when the office has put something right

A server that is killed between the two leaves entries that wait; the same upload again, or the job `entries`, goes on there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from backend import clock, database
from backend.errors import Fault, InvalidInput
from backend.phones import service as phones
from backend.phones.views import HeadView, Kept, KeptState, Outcome, StoredEntry
from backend.scope import SYSTEM, Scope, of_firm
from backend.visits import queries, reading
from backend.visits.intake import applying, held_notes
from backend.visits.intake import queries as entry_queries
from backend.visits.intake.queries import EntryRow, NewEntry
from backend.visits.photos import service as photos
from backend.visits.proof import grading
from backend.visits.proof.views import GradedWhy
from backend.visits.views import Departed
from qr.chain.bodies import Photo
from qr.chain.entry import FindingEntry, Work, kind_of
from qr.chain.envelope import Envelope
from qr.chain.times import instant
from qr.keys import KeyRing
from qr.log.keys import LogKeys
from qr.log.note import Verifier

MOST_ENTRIES = 200
"""Envelopes of one upload: a long day's visit; a phone sends the rest with the next."""

MOST_PASSES = 4
"""How often the entries of a phone are gone through: a later one may free an earlier one, which frees the departure."""

SCANS = ("arrival", "zone", "join", "leave", "departure")
"""Kinds of entries that say where somebody was."""

COMING_AND_GOING = ("join", "leave")
"""Kinds of entries of a second technician, who may not know the visit's id."""

STUCK_AFTER = timedelta(minutes=2)
"""An entry that has waited for longer was left by a server that was killed."""

STUCK_AT_ONCE = 1_000


class EntryResult(Struct, frozen=True, kw_only=True):
    """What became of one envelope."""

    index: int
    seq: int | None
    sha256: str
    state: str
    """`applied`, `held`, `kept`, `duplicate` (sent before, and applied) or `refused`."""

    visit: UUID | None
    reason: dict[str, Any] | None
    """`zh` and `en`, or `template` and `params` for the edge to translate; None where all is well."""

    faults: list[Fault]
    outcome: Departed | None
    """Of a departure that was applied."""


class Intake(Struct, frozen=True, kw_only=True):
    """What became of an upload."""

    head: HeadView
    beacon: str
    results: list[EntryResult]


async def take(
    scope: Scope, ring: KeyRing, phone: UUID, envelopes: Sequence[Envelope], *, beacon_keys: LogKeys, known: Sequence[Verifier]
) -> Intake:
    """Take an upload of a phone's queue; sent again it changes nothing and says the same.

    Parameters
    ----------
    scope
        The phone's technician, or a manager who hands a file over.
    ring
        Keys of labels.
    phone, envelopes
        Whose, and what; at most `MOST_ENTRIES`.
    beacon_keys, known
        Keys that sign server times, and the public ones that check them.

    Raises
    ------
    InvalidInput
        If there are too many envelopes.
    NotFound
        If there is no such phone for the asker.
    NotAllowed
        If it is another technician's.
    """
    if len(envelopes) > MOST_ENTRIES:
        fault = Fault.of("entries", str(len(envelopes)), "send at most {most} entries at a time", most=MOST_ENTRIES)
        raise InvalidInput("the entries cannot be taken", faults=[fault])
    received_at = clock.now()
    async with database.tx(scope):
        kept = await phones.keep_inside(scope, phone, envelopes, received_at=received_at, known=known)
        firm = await _note_inside(phone, kept)
    if firm is not None:
        await go_on(ring, firm, phone, {stored.entry.visit_id for stored in kept.linked if stored.entry.visit_id})
    async with database.tx(scope):
        results = await _results_inside(phone, kept)
        await held_notes.tell_inside(phone, [result.sha256 for result in results if result.state == "kept"])
    return Intake(head=kept.head, beacon=phones.beacon(beacon_keys).token, results=results)


async def go_on(ring: KeyRing, firm: UUID, phone: UUID, visits: Collection[UUID]) -> None:
    """Apply what a phone has handed in and can be applied now, with what others' entries waited for it.

    Parameters
    ----------
    ring, firm, phone
        Keys of labels; whose entries.
    visits
        Visits of which entries are new: their held ones are tried again.
    """
    elevators: set[UUID] = set()
    opened: set[UUID] = set()
    seen: dict[UUID, EntryRow] = {}
    for _ in range(MOST_PASSES):
        async with database.tx(of_firm(firm)):
            rows = [row for row in await entry_queries.to_do_of_phone(phone) if _is_due(row, visits)]
            facts = await phones.facts_inside([row.sha256 for row in rows]) if rows else {}
        moved = False
        for row in rows:
            after = await applying.try_entry(ring, firm, row.id, facts.get(row.sha256))
            seen |= {row.id: after} if after is not None else {}
            if after is not None and after.state == "applied":
                moved = True
                opened |= {after.visit} if after.visit else set()
                elevators |= {after.elevator} if after.elevator else set()
        if not moved:
            break
    await _others(ring, firm, phone, opened, elevators)
    async with database.tx(of_firm(firm)):
        await held_notes.tell_inside(phone, [row.sha256 for row in seen.values() if row.state == "held"])
    await _look_again(firm, [row for row in seen.values() if row.kind in SCANS and row.elevator])


def _is_due(row: EntryRow, visits: Collection[UUID]) -> bool:
    """Return whether an entry is to be tried now: a new one, one of these visits, one that looks for its visit."""
    return row.state == "waiting" or row.visit in visits or row.kind in COMING_AND_GOING


async def _others(ring: KeyRing, firm: UUID, phone: UUID, visits: Collection[UUID], elevators: Collection[UUID]) -> None:
    """Try what other phones had handed in for these visits before there were any."""
    async with database.tx(of_firm(firm)):
        found = [row for visit in sorted(visits) for row in await entry_queries.to_do_of_visit(visit)]
        found += [row for elevator in sorted(elevators) for row in await entry_queries.to_do_at(elevator)]
    for row in {row.id: row for row in found if row.phone != phone}.values():
        await applying.try_entry(ring, firm, row.id)


async def _look_again(firm: UUID, scans: Sequence[EntryRow]) -> None:
    """Grade visits anew at whose elevator another phone scanned at that time: the same label may be in two places.

    A scan that was held counts for none, so it may speak about the very visit that it names.
    """
    for scan in scans:
        assert scan.elevator is not None  # noqa: S101 - the caller saw to it
        async with database.tx(of_firm(firm)):
            own = scan.visit if scan.state == "applied" else None
            found = await entry_queries.finished_around(scan.elevator, scan.at, apart_from=own)
            for visit in found:
                await grading.regrade_inside(visit, GradedWhy.LATE_ENTRIES)


async def go_on_with_stuck(ring: KeyRing) -> int:
    """Apply what a killed server has left; return how many entries were looked at."""
    async with database.tx(SYSTEM):
        rows = await entry_queries.stuck(clock.now() - STUCK_AFTER, STUCK_AT_ONCE)
    for firm, phone in sorted({(row.firm, row.phone) for row in rows}):
        mine = {row.visit for row in rows if row.phone == phone and row.visit}
        await go_on(ring, firm, phone, mine)
    return len(rows)


async def _note_inside(phone: UUID, kept: Kept) -> UUID | None:
    """Note what was stored, with the photos that it declares; return the firm, None where nothing was."""
    firm: UUID | None = None
    for outcome in kept.outcomes:
        stored = outcome.stored
        if stored is None:
            continue
        firm = stored.firm
        if await entry_queries.insert(_new(phone, outcome, stored)):
            await photos.declare_inside(
                stored.firm, stored.technician, stored.entry.visit_id, declared_photos(stored), path="photos"
            )
    await entry_queries.release(phone, [stored.sha256 for stored in kept.linked])
    return firm or next((stored.firm for stored in kept.linked), None)


def declared_photos(stored: StoredEntry) -> Sequence[Photo]:
    """Return the photos that an entry declares."""
    return stored.entry.body.photos if isinstance(stored.entry, (Work, FindingEntry)) else ()


def _new(phone: UUID, outcome: Outcome, stored: StoredEntry) -> NewEntry:
    for_review = outcome.state is KeptState.KEPT
    return NewEntry(
        firm=stored.firm, phone=phone, technician=stored.technician, seq=stored.entry.seq, sha256=stored.sha256,
        kind=kind_of(stored.entry), visit=stored.entry.visit_id, at=instant(stored.entry.at_ms),
        state="kept" if for_review else "waiting", reason=_text(outcome) if for_review else None,
        received_at=stored.received_at,
    )  # fmt: skip


def _text(outcome: Outcome) -> dict[str, Any] | None:
    return None if outcome.text is None else {"zh": outcome.text.zh, "en": outcome.text.en}


async def _results_inside(phone: UUID, kept: Kept) -> list[EntryResult]:
    rows = await entry_queries.entries(phone, [outcome.sha256 for outcome in kept.outcomes if outcome.sha256])
    return [await _result_inside(outcome, rows.get(outcome.sha256)) for outcome in kept.outcomes]


async def _result_inside(outcome: Outcome, row: EntryRow | None) -> EntryResult:
    if row is None or outcome.state is KeptState.REFUSED:
        return EntryResult(
            index=outcome.index, seq=outcome.seq, sha256=outcome.sha256, state="refused", visit=None, reason=_text(outcome),
            faults=[], outcome=None,
        )  # fmt: skip
    return EntryResult(
        index=outcome.index, seq=row.seq, sha256=row.sha256, state=told_state(row, outcome.state is KeptState.DUPLICATE),
        visit=row.visit, reason=row.reason, faults=row.faults, outcome=await _outcome_inside(row),
    )  # fmt: skip


def told_state(row: EntryRow, duplicate: bool) -> str:
    """Return the state as a phone is told: what the office settled is done, what still waits is held."""
    if row.state in ("applied", "settled"):
        return "duplicate" if duplicate else "applied"
    return "held" if row.state == "waiting" else row.state


async def _outcome_inside(row: EntryRow) -> Departed | None:
    if row.kind != "departure" or row.state != "applied" or row.visit is None:
        return None
    visit = await queries.visit(row.visit)
    return None if visit is None else reading.departed_of(visit)
