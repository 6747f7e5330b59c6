"""Minting: batches of blank labels, or labels for given elevators."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from uuid import UUID, uuid4

from backend import clock, database
from backend.errors import Conflict, Fault, InvalidInput, NotFound
from backend.labels import places, queries
from backend.labels.listing import view_of
from backend.labels.queries import LabelRow, NewLabel
from backend.labels.views import LabelView, LabelZone
from backend.people.service import audit
from backend.scope import Scope
from qr import code
from qr.keys import KeyRing

LARGEST_BATCH = 20_000
"""Labels minted in one call: a large firm's whole register."""

_MINT_ROUNDS = 5
"""Two codes with the same id are rare (qr.code.mint); five times in a row means that something else is wrong."""


async def mint(
    scope: Scope,
    ring: KeyRing,
    count: int = 0,
    *,
    elevators: Sequence[UUID] = (),
    only_missing: bool = False,
    batch: UUID | None = None,
    zone: LabelZone = LabelZone.CAR,
) -> list[LabelView]:
    """Mint a batch: blank labels, or one active label for each given elevator.

    Parameters
    ----------
    scope
        Of a firm.
    ring
        Keys of this installation; the newest mints.
    count
        Number of blank labels, 1 to `LARGEST_BATCH`; 0 where elevators are given.
    elevators
        Elevators to mint for, in the order of printing; each once.
    only_missing
        Leave out elevators that have an active label in that zone; without count and elevators, mint for all of the firm's
        others.
    batch
        Name of the batch, made by the sender, so that a repeated request mints nothing new; None makes one.
    zone
        Where all of them are to hang; it is printed on them. Blank ones for the car may be claimed for any zone.

    Returns
    -------
    list of LabelView
        In the order of printing; empty only if `only_missing` left nothing out to mint.

    Raises
    ------
    InvalidInput
        Neither or both of count and elevators, too many, a scrapped elevator, or one that has an active label there.
    NotFound
        If the firm has no such elevator.
    Conflict
        If the batch was minted with something else in it.
    """
    firm = scope.require_firm()
    wanted = list(dict.fromkeys(elevators))
    whole_firm = only_missing and not wanted and not count
    if not whole_firm:
        _require_mintable(count, wanted)
    name = batch or uuid4()
    async with database.tx(scope):
        await queries.lock_minting(name)
        before = await queries.labels_of_batch(name)
        if before:
            _require_same_zone(before, zone)
            if not whole_firm:
                _require_same_batch(before, count, wanted, only_missing)
            return [view_of(row, ring) for row in before]
        if whole_firm or wanted:
            targets = await _elevators_inside(firm, wanted, only_missing, zone)
        else:
            targets = [None] * count
        if not targets:
            return []
        await _insert(ring, firm, name, targets, zone)
        await audit(firm, scope.account, "label.minted", str(name), _detail(len(targets), targets[0] is None, zone))
        return [view_of(row, ring) for row in await queries.labels_of_batch(name)]


def _detail(count: int, blank: bool, zone: LabelZone) -> dict[str, object]:
    return {"count": count, "blank": blank} | ({"zone": zone.value} if zone else {})


async def _elevators_inside(firm: UUID, wanted: Sequence[UUID], only_missing: bool, zone: LabelZone) -> list[UUID | None]:
    """Return the elevators to mint for: those wanted (none: all of the firm), less those that need no label."""
    if only_missing:
        await queries.lock_minting(firm)  # or two requests at once would both find the same ones missing
    if not wanted:
        wanted = await queries.elevators_to_label(LARGEST_BATCH, zone, places.WITHOUT_ZONES if zone else ())
    await _require_elevators(firm, wanted, zone, even_labelled=only_missing)
    labelled = await queries.elevators_with_active_label(wanted, zone) if only_missing else set()
    return [elevator for elevator in wanted if elevator not in labelled]


def _require_mintable(count: int, elevators: Sequence[UUID]) -> None:
    faults = []
    if elevators and count:
        faults.append(Fault("count", str(count), "give a number of blank labels or the elevators, not both"))
    elif not elevators and not 1 <= count <= LARGEST_BATCH:
        faults.append(Fault("count", str(count), "give a number of blank labels from 1 to 20000, or the elevators"))
    if len(elevators) > LARGEST_BATCH:
        faults.append(Fault("elevators", str(len(elevators)), "mint for at most 20000 elevators at once"))
    if faults:
        raise InvalidInput("these labels cannot be minted", faults=faults)


def _require_same_batch(before: Sequence[LabelRow], count: int, elevators: Sequence[UUID], only_missing: bool) -> None:
    minted = [row.elevator for row in before]
    same = set(minted) <= set(elevators) if only_missing else minted == list(elevators)
    if not (same if elevators else len(before) == count):
        raise Conflict(
            "the batch {batch} was already minted with other labels: leave the batch out to mint new ones",
            batch=before[0].batch,
        )


def _require_same_zone(before: Sequence[LabelRow], zone: LabelZone) -> None:
    if before[0].zone is not zone:
        raise Conflict(
            "the batch {batch} was already minted for another zone: leave the batch out to mint new ones", batch=before[0].batch
        )


async def _require_elevators(
    firm: UUID, elevators: Sequence[UUID], zone: LabelZone = LabelZone.CAR, *, even_labelled: bool = False
) -> None:
    rows = await queries.lock_elevators(firm, elevators)
    missing = [elevator for elevator in elevators if elevator not in rows]
    if missing:
        raise NotFound("no elevator {elevator}", elevator=missing[0])
    taken = set() if even_labelled else await queries.elevators_with_active_label(elevators, zone)
    faults = [
        Fault(f"elevators[{index}]", str(elevator), refusal)
        for index, elevator in enumerate(elevators)
        if (refusal := places.refusal_of(rows[elevator], zone, taken))
    ]
    if faults:
        raise InvalidInput("these labels cannot be minted", faults=faults)


async def _insert(ring: KeyRing, firm: UUID, batch: UUID, targets: Sequence[UUID | None], zone: LabelZone) -> None:
    """Write labels for elevators (None: blank), drawing codes again where an id is taken."""
    now = clock.now()
    open_targets = list(enumerate(targets, start=1))
    for _ in range(_MINT_ROUNDS):
        drawn: dict[str, NewLabel] = {}
        for number, elevator in open_targets:
            made = code.mint(ring, secrets.token_bytes)
            drawn[made.id] = NewLabel(code_id=made.id, epoch=made.epoch, number=number, elevator=elevator)
        written = await queries.insert_labels(firm, batch, list(drawn.values()), zone, now)
        done = {drawn[code_id].number for code_id in written}
        open_targets = [(number, elevator) for number, elevator in open_targets if number not in done]
        if not open_targets:
            return
    raise RuntimeError("no free label ids: is the source of randomness sound?")


async def mint_one_inside(scope: Scope, ring: KeyRing, firm: UUID, elevator: UUID, zone: LabelZone) -> LabelRow:
    """Mint one label for a place of an elevator inside the caller's transaction."""
    await _require_elevators(firm, [elevator], zone)
    batch = uuid4()
    await _insert(ring, firm, batch, [elevator], zone)
    await audit(firm, scope.account, "label.minted", str(batch), _detail(1, False, zone))
    [row] = await queries.labels_of_batch(batch)
    return row
