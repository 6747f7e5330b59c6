"""What phones signed, read back as facts for a proof: each entry verified before, with the bounds of its time and its chain."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from backend import clock
from backend.errors import NotFound
from backend.phones import entry_queries, queries
from backend.phones.entry_queries import EntryRow, PositionRow
from backend.phones.keeping import stored_of
from backend.phones.queries import PhoneRow
from backend.phones.views import EntryFacts, PhoneChain, PhoneFacts, StoredEntry
from qr.chain.entry import Entry, decode
from qr.chain.envelope import root_of
from qr.chain.position import OpenedPosition
from qr.chain.rules import ChainReport, check_chain, link_of
from qr.chain.times import TOLERANCE_MS, Reading, TimeBounds, milliseconds, reading_of, time_bounds

NEIGHBOURS: Final = 20
"""Entries before and behind that bound the times of those asked for: more would seldom tell more, and each has to be read."""

OWN_SCANS: Final = ("join", "leave")
"""Kinds of entries that a second technician makes with their own phone."""


async def visit_entries_inside(visit: UUID, *, tolerance_ms: int = TOLERANCE_MS) -> list[PhoneChain]:
    """Return the signed entries that name a visit, by phone, inside the caller's transaction.

    Parameters
    ----------
    visit
        As the entries name it.
    tolerance_ms
        A phone's clock that is off by less is called right.

    Returns
    -------
    list of PhoneChain
        One per phone. Entries that are kept for review are among them: `linked`, `revoked` and the report tell.
    """
    return await _chains(await entry_queries.of_visit(visit), tolerance_ms)


async def entries_by_elevator_inside(
    elevator: UUID, since: datetime, until: datetime, *, kinds: Collection[str] = OWN_SCANS, tolerance_ms: int = TOLERANCE_MS
) -> list[PhoneChain]:
    """Return the signed scans of an elevator's labels in a span of the phones' clocks, inside the caller's transaction.

    Parameters
    ----------
    elevator, since, until
        Which, and from when to when.
    kinds
        Of the entries.
    tolerance_ms
        A phone's clock that is off by less is called right.
    """
    return await _chains(await entry_queries.of_elevator(elevator, kinds, since, until), tolerance_ms)


async def facts_inside(hashes: Collection[str]) -> dict[str, EntryFacts]:
    """Return the facts of entries by their hashes, inside the caller's transaction; unknown hashes are left out."""
    chains = await _chains(await entry_queries.of_hashes(hashes))
    return {facts.sha256: facts for chain in chains for facts in chain.entries}


async def stored_inside(hashes: Collection[str]) -> list[StoredEntry]:
    """Return entries by their hashes as `keep_inside` told of them, in the order of their chains."""
    found: list[StoredEntry] = []
    rows = await entry_queries.of_hashes(hashes)
    opened = await entry_queries.positions([row.id for row in rows])
    for phone, group in groupby(rows, key=lambda row: row.phone):
        of = await _phone(phone)
        for row in group:
            stored = stored_of(row, of.technician)
            found.append(_with_position(stored, opened.get(row.id)))
    return found


async def forget_positions_inside(before: datetime) -> int:
    """Forget the positions that were recorded before an instant, in whole; the chains stay checkable.

    Returns
    -------
    int
        How many were forgotten.
    """
    return await entry_queries.forget_positions(before, clock.now())


async def forget_positions_of_inside(hashes: Collection[str]) -> int:
    """Forget the positions of some entries, in whole; return how many."""
    return await entry_queries.forget_positions_of(hashes, clock.now())


async def _chains(rows: list[EntryRow], tolerance_ms: int = TOLERANCE_MS) -> list[PhoneChain]:
    opened = await entry_queries.positions([row.id for row in rows])
    return [await _chain(phone, list(group), opened, tolerance_ms) for phone, group in groupby(rows, key=lambda row: row.phone)]


async def _chain(phone: UUID, asked: list[EntryRow], opened: dict[UUID, PositionRow], tolerance_ms: int) -> PhoneChain:
    row = await _phone(phone)
    first, last = asked[0].seq, asked[-1].seq
    start = min(first, row.head_seq + 1)
    around = await entry_queries.between(phone, min(start - 1, first - NEIGHBOURS), last + NEIGHBOURS)
    entries = {one.id: decode(one.payload) for one in around}
    timed = await _timed(row, around, entries, tolerance_ms)
    facts = tuple(_facts(one, entries[one.id], opened.get(one.id), *timed(one)) for one in asked)
    told = PhoneFacts(
        id=row.id, technician=row.technician, name=row.name, enrolled_at=row.enrolled_at, revoked_at=row.revoked_at,
        forked_at=tuple(await entry_queries.forks(phone)),
    )  # fmt: skip
    return PhoneChain(phone=told, entries=facts, report=_report(row, around, entries, start, last))


async def _phone(phone: UUID) -> PhoneRow:
    row = await queries.phone(phone)
    if row is None:
        raise NotFound("no phone {phone}", phone=phone)
    return row


class _Timed:
    """Bounds of the entries around, each within the chain, or alone in the place that it claims."""

    def __init__(
        self, around: Sequence[EntryRow], entries: dict[UUID, Entry], before_ms: int | None, tolerance_ms: int
    ) -> None:
        self._entries, self._before_ms, self._tolerance_ms = entries, before_ms, tolerance_ms
        self._main = [next(group) for _, group in groupby(around, key=lambda one: one.seq)]
        readings = [self._reading(one) for one in self._main]
        bounds = self._bounds(readings)
        self._found = {one.id: pair for one, pair in zip(self._main, zip(bounds, readings, strict=True), strict=True)}

    def __call__(self, row: EntryRow) -> tuple[TimeBounds, Reading]:
        if row.id not in self._found:
            before = [self._reading(one) for one in self._main if one.seq < row.seq]
            reading = self._reading(row)
            self._found[row.id] = (self._bounds([*before, reading])[-1], reading)
        return self._found[row.id]

    def _bounds(self, readings: Sequence[Reading]) -> list[TimeBounds]:
        return time_bounds(readings, earliest_before_ms=self._before_ms, tolerance_ms=self._tolerance_ms)

    def _reading(self, row: EntryRow) -> Reading:
        beacon_at_ms = None if row.beacon_at is None else milliseconds(row.beacon_at)
        return reading_of(self._entries[row.id], beacon_at_ms=beacon_at_ms, received_at=row.received_at)


async def _timed(phone: PhoneRow, around: Sequence[EntryRow], entries: dict[UUID, Entry], tolerance_ms: int) -> _Timed:
    before = await entry_queries.latest_beacon(phone.id, around[0].seq)
    return _Timed(around, entries, None if before is None else milliseconds(before), tolerance_ms)


def _facts(row: EntryRow, entry: Entry, opened: PositionRow | None, bounds: TimeBounds, reading: Reading) -> EntryFacts:
    return EntryFacts(
        entry=entry, sha256=row.sha256, received_at=row.received_at, standing=row.standing, linked=row.linked,
        revoked=row.revoked, beacon_refused=row.beacon_refused, label=row.label, position=_position(opened),
        position_forgotten=opened is not None and opened.forgotten_at is not None, bounds=bounds, reading=reading,
    )  # fmt: skip


def _position(row: PositionRow | None) -> OpenedPosition | None:
    if row is None or row.salt is None or row.lat_e7 is None or row.lon_e7 is None:
        return None
    return OpenedPosition(
        salt=row.salt.hex(), lat_e7=row.lat_e7, lon_e7=row.lon_e7, accuracy_dm=row.accuracy_dm or 0, at_ms=row.at_ms or 0
    )


def _with_position(stored: StoredEntry, row: PositionRow | None) -> StoredEntry:
    return replace(stored, position=_position(row))


def _report(phone: PhoneRow, around: Sequence[EntryRow], entries: dict[UUID, Entry], start: int, last: int) -> ChainReport:
    """Hold the chain against its rules, from the entry before the first one asked for, or before the first gap."""
    before = (0, root_of(phone.public_key))
    if start > 1:
        known = next((one for one in around if one.seq == start - 1), None)
        before = (start - 1, known.sha256 if known else phone.head_sha256)
    links = [link_of(entries[one.id], one.sha256) for one in around if start <= one.seq <= last]
    return check_chain(links, before=before)
