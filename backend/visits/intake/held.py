"""What phones have handed in and could not be applied: shown to the office, tried again, taken by hand, or left out.

Nothing here deletes: an entry that is left out stays in its chain, with who left it out and why, and that can be taken back.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.errors import Conflict, NotFound
from backend.people import service as people
from backend.phones import service as phones
from backend.scope import Role, Scope
from backend.visits import access
from backend.visits.checks import needed_reason
from backend.visits.intake import entries as intake
from backend.visits.intake import held_items
from backend.visits.intake import queries as entry_queries
from backend.visits.intake.queries import EntryRow, HeldLine
from qr.keys import KeyRing

MOST_SHOWN = 500
"""Lines of a list: more is a phone that went wrong, and is looked at phone by phone."""

OPEN = ("waiting", "held", "kept")
SETTLED = ("settled",)


class HeldEntries(Struct, frozen=True, kw_only=True):
    """Entries that wait for the office or for later entries."""

    rows: list[HeldLine]
    is_complete: bool
    """False where there are more than are listed."""

    items: dict[UUID, dict[str, str]]
    """Of an entry's faults: the item's code at each place, such as `answers[0]`."""


async def held(scope: Scope, phone: UUID | None = None, *, settled: bool = False) -> HeldEntries:
    """Return the entries that have not been applied: a technician's of their own phone, the office's of all phones.

    Parameters
    ----------
    scope
        Who asks.
    phone
        Only of this phone; a technician has to name one of theirs.
    settled
        Those that the office left out, instead.

    Raises
    ------
    NotFound
        If the asker has no such phone.
    """
    if phone is not None or scope.role is Role.TECHNICIAN:
        await phones.phone(scope, phone or UUID(int=0))
    async with database.tx(scope):
        rows = await entry_queries.held(phone, SETTLED if settled else OPEN, MOST_SHOWN + 1)
        items = await held_items.items_inside(rows[:MOST_SHOWN])
    return HeldEntries(rows=rows[:MOST_SHOWN], is_complete=len(rows) <= MOST_SHOWN, items=items)


async def try_again(scope: Scope, ring: KeyRing, entry: UUID) -> EntryRow:
    """Try a held entry again, with what waits for it. For managers.

    Raises
    ------
    NotFound
        If there is no such entry.
    Conflict
        If it is not held.
    """
    access.require_manager(scope)
    async with database.tx(scope):
        row = await _existing(entry)
        if row.state in ("kept", "settled"):
            raise Conflict("this entry is not tried by itself: take it by hand, or take its settlement back")
        await people.audit(row.firm, scope.account, "entry.tried_again", str(entry))
    await intake.go_on(ring, row.firm, row.phone, {row.visit} if row.visit else set())
    async with database.tx(scope):
        return await _existing(entry)


async def take_by_hand(scope: Scope, ring: KeyRing, entry: UUID, reason: str) -> EntryRow:
    """Have the entries of a visit applied that are not trusted: of a revoked phone, a forked chain, an ended label, very late.

    For managers. The audit trail says so, and the visit's grade stays what such evidence deserves. What is missing stays
    missing.

    Parameters
    ----------
    scope, ring
        Who decides; keys of labels.
    entry, reason
        One of the entries: all of the same phone and visit are taken. Why the manager trusts them.

    Raises
    ------
    InvalidInput
        Without a reason.
    NotFound
        If there is no such entry.
    Conflict
        If it is neither kept for review nor held.
    """
    access.require_manager(scope)
    reason = needed_reason(reason)
    async with database.tx(scope):
        row = await _existing(entry, lock=True)
        if row.by_hand and row.state == "applied":
            return row
        if row.state not in ("kept", "held"):
            raise Conflict("this entry does not wait for a decision")
        group = await entry_queries.same_group(row)
        await entry_queries.set_by_hand([one.id for one in group])
        detail: dict[str, Any] = {"reason": reason, "entries": len(group), "phone": str(row.phone)}
        await people.audit(row.firm, scope.account, "entry.taken_by_hand", str(row.visit or entry), detail)
    await intake.go_on(ring, row.firm, row.phone, {row.visit} if row.visit else set())
    async with database.tx(scope):
        return await _existing(entry)


async def settle(scope: Scope, ring: KeyRing, entry: UUID, reason: str, *, all_of_visit: bool = False) -> EntryRow:
    """Leave out what could not be applied of an entry; what was applied of it stays. For managers, and can be taken back.

    Parameters
    ----------
    scope, ring
        Who decides; keys of labels.
    entry, reason
        Which one, and why.
    all_of_visit
        Whether whatever else of the same phone and visit was not applied is left out as well.

    Raises
    ------
    InvalidInput
        Without a reason.
    NotFound
        If there is no such entry.
    Conflict
        If there is nothing to leave out: it was applied.
    """
    access.require_manager(scope)
    reason = needed_reason(reason)
    async with database.tx(scope):
        row = await _existing(entry, lock=True)
        if row.state == "settled" and row.settled_reason == reason:
            return row
        if row.state not in OPEN:
            raise Conflict("there is nothing to leave out of this entry")
        for one in await entry_queries.same_group(row) if all_of_visit else [row]:
            await entry_queries.settle(one.id, reason=reason, account=scope.account)
            detail = {"reason": reason, "entry": one.kind, "was": one.state, "visit": str(one.visit or "")}
            await people.audit(one.firm, scope.account, "entry.settled", str(one.id), detail)
    await intake.go_on(ring, row.firm, row.phone, {row.visit} if row.visit else set())  # a departure may have waited for it
    async with database.tx(scope):
        return await _existing(entry)


async def take_back(scope: Scope, entry: UUID) -> EntryRow:
    """Take a settlement back: the entry is held, or kept for review, again. For managers.

    Raises
    ------
    NotFound
        If there is no such entry.
    Conflict
        If nobody has settled it.
    """
    access.require_manager(scope)
    async with database.tx(scope):
        row = await _existing(entry, lock=True)
        if row.state != "settled":
            raise Conflict("this entry was not left out")
        trusted = row.tried_at is not None or row.by_hand
        await entry_queries.reopen(entry, "held" if trusted else "kept")
        await people.audit(row.firm, scope.account, "entry.reopened", str(entry), {"reason": row.settled_reason})
        return await _existing(entry)


async def _existing(entry: UUID, *, lock: bool = False) -> EntryRow:
    row = await entry_queries.entry(entry, lock=lock)
    if row is None:
        raise NotFound("no entry {entry}", entry=entry)
    return row
