"""Labels: minted blank or for an elevator, claimed on site, revoked, replaced; and what a code stands for.

A label is public, so it proves nothing alone. blank → active (claimed) → revoked or replaced; nothing comes back from its
end. An elevator has one active label in its car and at the most one in each zone (machine room, car top, pit); the car's is
for everybody, the zones' are a second mark for those who work there. Every call may be repeated: what is already so stays so,
and is answered the same.
"""

from __future__ import annotations

from uuid import UUID

from backend import clock, database
from backend.errors import Conflict, Fault, InvalidInput, NotFound
from backend.labels import places, queries
from backend.labels.batches import batches, end_batch, forget_printer, printers, remember_printer
from backend.labels.epochs import epochs, keep, labels_that_stop
from backend.labels.listing import all_labels, find_label, label, labelled_elevators, labels, printable, refused, view_inside
from backend.labels.minting import LARGEST_BATCH, mint, mint_one_inside
from backend.labels.printing import (
    DEFAULT_STOCK,
    calibration_pdf,
    notices_pdf,
    picture_of,
    preview,
    sheet,
    stocks,
    symbol_of,
    zpl,
)
from backend.labels.queries import LabelRow
from backend.labels.resolve import genuine_inside, refused_inside, resolve_at_inside, resolve_inside
from backend.labels.views import LabelState, LabelView, LabelZone, Refusal
from backend.people.service import audit
from backend.scope import Scope
from qr.keys import KeyRing

__all__ = [
    "DEFAULT_STOCK", "LARGEST_BATCH", "all_labels", "batches", "calibration_pdf", "claim", "end_batch", "epochs", "find_label",
    "forget_printer", "keep", "label", "labelled_elevators", "labels", "labels_that_stop", "mint", "notices_pdf", "picture_of",
    "preview", "printable", "printers", "refused", "remember_printer", "replace", "resolve_at_inside", "resolve_inside",
    "revoke", "set_zone", "sheet", "stocks", "symbol_of", "zpl",
]  # fmt: skip

_LONGEST_REASON = 300


async def claim(scope: Scope, ring: KeyRing, text: str, elevator: UUID, zone: LabelZone | None = None) -> LabelView:
    """Bind a blank label to an elevator: it opens that elevator from now on.

    Parameters
    ----------
    scope
        Who asks: a technician on site, or a manager.
    ring
        Keys of this installation.
    text
        The label's code, as scanned or typed.
    elevator
        One of the label's firm, not scrapped.
    zone
        Where it hangs; None takes the zone that the label was made for. One made for a zone cannot be claimed for another
        place, because its zone is printed on it.

    Raises
    ------
    LabelRefused
        If the code is none of the firm's labels, or the label was revoked or replaced.
    NotFound
        If the firm has no such elevator.
    Conflict
        If the label belongs to another elevator or place already, another one hangs there, or the elevator is scrapped.
    """
    async with database.tx(scope):
        row = await genuine_inside(ring, text, firm=scope.firm, lock=True)
        await _claim_inside(scope, row, elevator, zone)
        return await view_inside(row.id, ring)


async def _claim_inside(scope: Scope, row: LabelRow, elevator: UUID, wanted: LabelZone | None) -> None:
    if row.state in (LabelState.REVOKED, LabelState.REPLACED):
        raise refused_inside(Refusal(row.state), row)
    target = (await queries.lock_elevators(row.firm, [elevator])).get(elevator)
    if target is None:
        raise NotFound("no elevator {elevator}", elevator=elevator)
    if row.state is LabelState.ACTIVE:
        if row.elevator != elevator:
            raise Conflict(
                "this label belongs to elevator {registration_code} already: take another blank label, or replace it instead",
                registration_code=row.registration_code,
            )
        if wanted not in (None, row.zone):
            raise Conflict("this label is claimed for another place of this elevator: the office can change that")
        return
    zone = row.zone or wanted or LabelZone.CAR
    if wanted not in (None, zone):
        raise Conflict("this label is printed for another place: take one that is printed for this place, or a plain one")
    await places.require_free_inside(target, zone)
    await queries.set_claimed(row.id, elevator, zone, clock.now())
    detail = {"elevator": str(elevator)} | ({"zone": zone.value} if zone else {})
    await audit(row.firm, scope.account, "label.claimed", str(row.id), detail)


async def set_zone(scope: Scope, ring: KeyRing, label_id: UUID, zone: LabelZone) -> LabelView:
    """Say where a label hangs, where it was claimed or made for the wrong place. Scans of before keep what they met.

    Raises
    ------
    NotFound
        If the scope has no such label.
    Conflict
        If the label has ended, or another one hangs there.
    """
    async with database.tx(scope):
        row = await _locked(label_id)
        if row.state not in (LabelState.BLANK, LabelState.ACTIVE):
            raise Conflict("this label has ended and opens nothing any more")
        if row.zone is not zone:
            if row.elevator is not None:
                [target] = (await queries.lock_elevators(row.firm, [row.elevator])).values()
                await places.require_free_inside(target, zone)
            await queries.set_zone(row.id, zone, clock.now())
            detail = {"before": row.zone.value, "after": zone.value}
            await audit(row.firm, scope.account, "label.zone_changed", str(row.id), detail)
        return await view_inside(row.id, ring)


async def revoke(scope: Scope, ring: KeyRing, label_id: UUID, reason: str) -> LabelView:
    """End a label with a reason: its code opens nothing any more.

    Raises
    ------
    InvalidInput
        Without a reason, or with one of more than 300 characters.
    NotFound
        If the scope has no such label.
    Conflict
        If the label was replaced, so that it has ended already.
    """
    said = reason.strip()
    if not 1 <= len(said) <= _LONGEST_REASON:
        fault = Fault("reason", said[:40] or None, "say why in 1 to 300 characters, such as: scratched, stolen, wrong car")
        raise InvalidInput("the label was not revoked", faults=[fault])
    async with database.tx(scope):
        row = await _locked(label_id)
        if row.state is LabelState.REPLACED:
            raise Conflict("this label was replaced already and opens nothing any more")
        if row.state is not LabelState.REVOKED:
            await queries.set_ended(row.id, LabelState.REVOKED, said, clock.now())
            await audit(row.firm, scope.account, "label.revoked", str(row.id), {"reason": said, "before": row.state})
        return await view_inside(row.id, ring)


async def replace(scope: Scope, ring: KeyRing, label_id: UUID, new_text: str | None = None) -> LabelView:
    """End an elevator's label and put another in its place, in the same zone; return the new one.

    Parameters
    ----------
    scope
        Who asks.
    ring
        Keys of this installation.
    label_id
        The old label: active, or revoked while it belonged to an elevator.
    new_text
        Code of the label that takes its place: a blank one, or another active one of the same elevator. None mints one to
        be printed. A repeated call answers with the replacement that was made.

    Raises
    ------
    NotFound
        If the scope has no such label, or `new_text` is none of the firm's.
    Conflict
        If the old label belongs to no elevator, was replaced by another one, or the new one cannot take its place.
    """
    async with database.tx(scope):
        old = await _locked(label_id)
        if old.elevator is None:
            raise Conflict("this label belongs to no elevator: revoke it instead")
        new = None if new_text is None else await genuine_inside(ring, new_text, firm=old.firm, lock=True)
        if old.replaced_by is not None:
            if new is not None and new.id != old.replaced_by:
                raise Conflict("this label was replaced by another one already")
            return await view_inside(old.replaced_by, ring)
        if new is not None and new.id == old.id:
            raise Conflict("a label cannot take its own place: give the code of another one")
        at = clock.now()
        await queries.set_ended(old.id, LabelState.REPLACED, old.state_reason, at)  # first, or its place is taken by itself
        if new is None:
            new = await mint_one_inside(scope, ring, old.firm, old.elevator, old.zone)
        else:
            await _claim_inside(scope, new, old.elevator, old.zone)
        await queries.set_ended(old.id, LabelState.REPLACED, old.state_reason, at, new.id)
        await audit(old.firm, scope.account, "label.replaced", str(old.id), {"by": str(new.id)})
        return await view_inside(new.id, ring)


async def _locked(label_id: UUID) -> LabelRow:
    row = await queries.lock_label(label_id)
    if row is None:
        raise NotFound("no label {label}", label=label_id)
    return row
