"""SQL of the entries that phones signed, their positions and what was refused."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.phones.views import Standing


class NewEntry(Struct, frozen=True, kw_only=True):
    """An entry as it is written."""

    id: UUID
    firm: UUID
    phone: UUID
    seq: int
    sha256: str
    prev: str
    payload: bytes
    signature: bytes
    kind: str
    visit: UUID | None
    label: str
    at: datetime
    beacon_at: datetime | None
    beacon_refused: bool
    received_at: datetime
    received_from: UUID | None
    standing: Standing
    revoked: bool


class EntryRow(NewEntry, frozen=True, kw_only=True):
    """An entry as it is stored."""

    linked: bool
    """It has its place in the chain."""


class PositionRow(Struct, frozen=True, kw_only=True):
    """What opens the position of an entry, empty once it is forgotten."""

    entry: UUID
    salt: bytes | None
    lat_e7: int | None
    lon_e7: int | None
    accuracy_dm: int | None
    at_ms: int | None
    forgotten_at: datetime | None


_COLUMNS = NewEntry.__struct_fields__
_TYPES = {
    "id": "uuid", "firm": "uuid", "phone": "uuid", "seq": "bigint", "sha256": "text", "prev": "text", "payload": "bytea",
    "signature": "bytea", "kind": "text", "visit": "uuid", "label": "text", "at": "timestamptz", "beacon_at": "timestamptz",
    "beacon_refused": "bool", "received_at": "timestamptz", "received_from": "uuid", "standing": "text", "revoked": "bool",
}  # fmt: skip
_READ = (
    "SELECT " + ", ".join(f"e.{name}" for name in _COLUMNS) + ", k.id IS NOT NULL AS linked"
    " FROM chain_entry e LEFT JOIN chain_link k ON k.entry = e.id"
)
_ORDER = "ORDER BY e.phone, e.seq, k.id IS NULL, e.received_at, e.id"
"""By place; of several entries in one place the one in the chain first."""


async def insert_entries(rows: Sequence[NewEntry]) -> None:
    """Write entries."""
    places = ", ".join(f"${number}::{_TYPES[name]}[]" for number, name in enumerate(_COLUMNS, 1))
    columns = [[getattr(row, name) for row in rows] for name in _COLUMNS]
    await database.execute(f"INSERT INTO chain_entry ({', '.join(_COLUMNS)}) SELECT * FROM unnest({places})", *columns)


async def of_places(phone: UUID, seqs: Collection[int]) -> list[EntryRow]:
    """Return the entries of a phone at these places."""
    return await database.fetch_as(
        EntryRow, f"{_READ} WHERE e.phone = $1 AND e.seq = ANY($2::bigint[]) {_ORDER}", phone, list(seqs)
    )


async def behind(phone: UUID, seq: int) -> list[EntryRow]:
    """Return the entries of a phone behind a place: those that wait for what is missing."""
    return await database.fetch_as(EntryRow, f"{_READ} WHERE e.phone = $1 AND e.seq > $2 {_ORDER}", phone, seq)


async def between(phone: UUID, first: int, last: int) -> list[EntryRow]:
    """Return the entries of a phone from one place to another, at each the one that counts first."""
    return await database.fetch_as(
        EntryRow,
        f"{_READ} WHERE e.phone = $1 AND e.seq BETWEEN $2 AND $3 {_ORDER}",
        phone,
        first,
        last,
    )


async def forks(phone: UUID) -> list[int]:
    """Return the places of a phone that two entries claim."""
    rows = await database.fetch(
        "SELECT DISTINCT seq FROM chain_entry WHERE phone = $1 AND standing = 'forked' ORDER BY seq", phone
    )
    return [row["seq"] for row in rows]


async def latest_beacon(phone: UUID, before: int) -> datetime | None:
    """Return the latest server time that entries of a phone before a place carry."""
    found: datetime | None = await database.fetch_value(
        "SELECT e.beacon_at FROM chain_entry e JOIN chain_link k ON k.entry = e.id"
        " WHERE e.phone = $1 AND e.seq < $2 AND e.beacon_at IS NOT NULL ORDER BY e.beacon_at DESC LIMIT 1",
        phone,
        before,
    )
    return found


async def of_visit(visit: UUID) -> list[EntryRow]:
    """Return the entries that name a visit."""
    return await database.fetch_as(EntryRow, f"{_READ} WHERE e.visit = $1 {_ORDER}", visit)


async def of_hashes(hashes: Collection[str]) -> list[EntryRow]:
    """Return the entries with these hashes."""
    return await database.fetch_as(EntryRow, f"{_READ} WHERE e.sha256 = ANY($1::text[]) {_ORDER}", list(hashes))


async def of_elevator(elevator: UUID, kinds: Collection[str], since: datetime, until: datetime) -> list[EntryRow]:
    """Return the scans of an elevator's labels that were made, by the phones' clocks, in a span."""
    return await database.fetch_as(
        EntryRow,
        f"{_READ} JOIN label l ON l.code_id = e.label"
        f" WHERE l.elevator = $1 AND e.kind = ANY($2::text[]) AND e.at BETWEEN $3 AND $4 {_ORDER}",
        elevator,
        list(kinds),
        since,
        until,
    )


async def insert_links(phone: UUID, firm: UUID, links: Sequence[tuple[int, UUID]], at: datetime) -> None:
    """Give entries their places in the chain."""
    await database.execute(
        "INSERT INTO chain_link (id, firm, phone, seq, entry, linked_at)"
        " SELECT gen_random_uuid(), $1, $2, given.seq, given.entry, $3"
        " FROM unnest($4::bigint[], $5::uuid[]) AS given (seq, entry)",
        firm, phone, at, [seq for seq, _ in links], [entry for _, entry in links],
    )  # fmt: skip


async def insert_positions(rows: Sequence[PositionRow], firm: UUID, at: datetime) -> None:
    """Write what opens positions; one that is there, or was forgotten, stays as it is."""
    await database.execute(
        "INSERT INTO chain_position (id, firm, entry, salt, lat_e7, lon_e7, accuracy_dm, at_ms, recorded_at)"
        " SELECT gen_random_uuid(), $1, given.entry, given.salt, given.lat_e7, given.lon_e7, given.accuracy_dm, given.at_ms, $2"
        " FROM unnest($3::uuid[], $4::bytea[], $5::int[], $6::int[], $7::bigint[], $8::bigint[])"
        " AS given (entry, salt, lat_e7, lon_e7, accuracy_dm, at_ms) ON CONFLICT (entry) DO NOTHING",
        firm, at, [row.entry for row in rows], [row.salt for row in rows], [row.lat_e7 for row in rows],
        [row.lon_e7 for row in rows], [row.accuracy_dm for row in rows], [row.at_ms for row in rows],
    )  # fmt: skip


async def positions(entries: Collection[UUID]) -> dict[UUID, PositionRow]:
    """Return what opens the positions of entries."""
    rows = await database.fetch_as(
        PositionRow,
        "SELECT entry, salt, lat_e7, lon_e7, accuracy_dm, at_ms, forgotten_at FROM chain_position"
        " WHERE entry = ANY($1::uuid[])",
        list(entries),
    )
    return {row.entry: row for row in rows}


async def forget_positions(before: datetime, at: datetime) -> int:
    """Empty the positions that were recorded before an instant; return how many."""
    return await database.execute(
        "UPDATE chain_position SET salt = NULL, lat_e7 = NULL, lon_e7 = NULL, accuracy_dm = NULL, at_ms = NULL,"
        " forgotten_at = $2 WHERE recorded_at < $1 AND forgotten_at IS NULL",
        before,
        at,
    )


async def forget_positions_of(hashes: Collection[str], at: datetime) -> int:
    """Empty the positions of entries; return how many."""
    return await database.execute(
        "UPDATE chain_position p SET salt = NULL, lat_e7 = NULL, lon_e7 = NULL, accuracy_dm = NULL, at_ms = NULL,"
        " forgotten_at = $2 FROM chain_entry e WHERE e.id = p.entry AND e.sha256 = ANY($1::text[]) AND p.forgotten_at IS NULL",
        list(hashes),
        at,
    )


async def refusals(phone: UUID) -> int:
    """Return how many refused contents of a phone are kept."""
    found: int = await database.fetch_value("SELECT count(*) FROM chain_refusal WHERE phone = $1", phone)
    return found


async def note_refusal(
    *, firm: UUID, phone: UUID, reason: str, sha256: str, content: bytes, received_from: UUID | None, at: datetime
) -> None:
    """Keep what was refused; the same again is counted."""
    await database.execute(
        "INSERT INTO chain_refusal (id, firm, phone, reason, sha256, content, received_from, first_at, times)"
        " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, 1)"
        " ON CONFLICT (phone, sha256, reason) DO UPDATE SET times = least(chain_refusal.times + 1, 32000)",
        firm, phone, reason, sha256, content, received_from, at,
    )  # fmt: skip
