"""What the phones' signed entries say for a visit: signatures, keys, chain and time bounds, scan by scan."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from backend.phones import service as phones
from backend.phones.views import EntryFacts, PhoneChain
from backend.visits.rows import ScanRow, VisitRow
from qr.chain import ChainReport, ChainState, TimeBounds
from qr.chain.entry import Arrival, Departure, Join, Leave, ScanEntry
from qr.chain.times import instant
from qr.evidence import KeyState, Position, Sighting

NEAR = timedelta(days=1)
"""Scans of the elevator's labels further away in time than this cannot be of the same moment, however far the phone was."""

_KINDS = ("arrival", "departure", "zone", "join", "leave")


class SignedScan(Struct, frozen=True, kw_only=True):
    """What is known of a scan because a phone signed it: its signature was verified when it came."""

    key: KeyState
    bounds: TimeBounds
    fixed_at: datetime | None
    """When the phone found its position, by its own clock."""


class SignedFacts(Struct, frozen=True, kw_only=True):
    """What is known of a visit because phones signed it."""

    scans: dict[UUID, SignedScan]
    """By the scan's id; a scan that is not among them is unsigned."""

    chain: ChainReport | None
    """Of the first technician's phone around the visit."""

    sightings: tuple[Sighting, ...]
    """Scans of the elevator's labels by phones that took no part in the visit, whatever became of them."""


async def signed_inside(row: VisitRow, scans: Iterable[ScanRow], tolerance_s: int) -> SignedFacts:
    """Return what signed entries say for a visit, inside the caller's transaction.

    Parameters
    ----------
    row, scans
        The visit with its departure, and its scans.
    tolerance_s
        What the rule pack forgives of a phone's clock, seconds.
    """
    assert row.departed_at is not None  # noqa: S101 - only finished visits are graded
    tolerance_ms = tolerance_s * 1000
    chains = await phones.visit_entries_inside(row.id, tolerance_ms=tolerance_ms)
    around = await phones.entries_by_elevator_inside(
        row.elevator, row.arrived_at - NEAR, row.departed_at + NEAR, kinds=_KINDS, tolerance_ms=tolerance_ms
    )  # fmt: skip
    by_scan = {scan.id: scan for scan in scans}
    found: dict[UUID, SignedScan] = {}
    for chain in [*around, *chains]:
        for facts in sorted(chain.entries, key=lambda one: one.linked):  # of two with the same id the linked one holds
            scan = by_scan.get(facts.entry.body.scan) if isinstance(facts.entry, ScanEntry) else None
            if scan is not None:
                found[scan.id] = _signed(chain, facts, scan)
    there = _phones_there(chains, by_scan)
    own = [chain for chain in chains if chain.phone.technician == row.technician]
    return SignedFacts(
        scans=found,
        chain=_together(own),
        sightings=tuple(
            Sighting(at=facts.bounds.at, position=position)
            for chain in around
            if chain.phone.id not in there
            for facts in chain.entries
            if (position := _position(facts)) is not None
        ),
    )


def _phones_there(chains: Iterable[PhoneChain], by_scan: dict[UUID, ScanRow]) -> set[UUID]:
    """Return the phones that came to the visit or left it; another one of the same technician's is somewhere of its own."""
    return {
        chain.phone.id
        for chain in chains
        for facts in chain.entries
        if isinstance(facts.entry, (Arrival, Departure, Join, Leave)) and facts.entry.body.scan in by_scan
    }


def _signed(chain: PhoneChain, facts: EntryFacts, scan: ScanRow) -> SignedScan:
    return SignedScan(
        key=_key_state(chain, facts, scan.technician), bounds=facts.bounds,
        fixed_at=None if facts.position is None else instant(facts.position.at_ms),
    )  # fmt: skip


def _key_state(chain: PhoneChain, facts: EntryFacts, technician: UUID) -> KeyState:
    """Return whose key signed: one that came after the revocation may be of any time, so it counts as revoked."""
    if chain.phone.technician != technician:
        return KeyState.OTHERS
    if facts.revoked or (chain.phone.revoked_at is not None and facts.bounds.at >= chain.phone.revoked_at):
        return KeyState.REVOKED
    return KeyState.ENROLLED


def _together(chains: list[PhoneChain]) -> ChainReport | None:
    """Return one report of all phones with which the first technician signed."""
    if not chains:
        return None
    worst = min((chain.report.state for chain in chains), key=list(ChainState).index)
    return ChainReport(state=worst, faults=tuple(fault for chain in chains for fault in chain.report.faults))


def _position(facts: EntryFacts) -> Position | None:
    opened = facts.position
    return None if opened is None else Position(opened.latitude_deg, opened.longitude_deg, opened.accuracy_m)
