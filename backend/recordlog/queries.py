"""SQL of the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from backend import database
from backend.locks import Lock
from backend.recordlog.rows import CheckedRow, EntryRow, PendingRow, UnloggedRow
from backend.recordlog.views import CheckpointView, CheckView
from qr.log.tiles import TileId


async def insert_pending(firm: UUID, record: UUID, at: datetime) -> None:
    """Let a version of a record wait for its leaf."""
    await database.execute(
        "INSERT INTO log_pending (id, firm, record, since) VALUES (gen_random_uuid(), $1, $2, $3)", firm, record, at
    )


async def lock() -> None:
    """Let one at a time append, until the end of the transaction."""
    await database.execute("SELECT pg_advisory_xact_lock($1)", Lock.RECORD_LOG)


async def pending(limit: int) -> list[PendingRow]:
    """Return the versions that wait, in the order in which they were written."""
    return await database.fetch_as(
        PendingRow,
        "SELECT r.id AS record, r.firm, r.visit, r.version, r.sha256, r.body FROM log_pending p"
        " JOIN visit_record r ON r.id = p.record ORDER BY r.written_at, r.version, r.id LIMIT $1",
        limit,
    )


async def delete_pending(records: Sequence[UUID]) -> None:
    """Let versions wait no longer."""
    await database.execute("DELETE FROM log_pending WHERE record = ANY($1::uuid[])", list(records))


async def waiting() -> tuple[int, datetime | None]:
    """Return how many versions wait, and since when the first."""
    row = (await database.fetch("SELECT count(*) AS n, min(since) AS since FROM log_pending"))[0]
    return row["n"], row["since"]


async def size() -> int:
    """Return the number of leaves."""
    return int(await database.fetch_value("SELECT coalesce(max(position) + 1, 0) FROM log_leaf"))


async def insert_leaves(first: int, data: Sequence[str], at: datetime) -> None:
    """Write leaves from a number on."""
    rows = [(first + number, text, at) for number, text in enumerate(data)]
    await database.copy_rows("log_leaf", ("position", "data", "appended_at"), rows)


async def insert_entry(leaf: int, row: PendingRow, statement: Mapping[str, Any], salts: tuple[bytes, bytes]) -> None:
    """Write what opens a leaf."""
    await database.execute(
        "INSERT INTO log_entry (id, leaf, firm, record, visit, version, statement, public_salt, record_salt)"
        " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, $8)",
        leaf, row.firm, row.record, row.visit, row.version, statement, *salts,
    )  # fmt: skip


async def tiles(wanted: Iterable[TileId]) -> dict[TileId, bytes]:
    """Return the tiles that are there."""
    ids = list(wanted)
    rows = await database.fetch(
        "SELECT t.level, t.position, t.hashes FROM log_tile t"
        " JOIN unnest($1::smallint[], $2::bigint[]) AS w (level, position) USING (level, position)",
        [level for level, _ in ids], [position for _, position in ids],
    )  # fmt: skip
    return {(row["level"], row["position"]): row["hashes"] for row in rows}


async def save_tiles(changed: Mapping[TileId, bytes]) -> None:
    """Write tiles over their shorter selves."""
    await database.execute(
        "INSERT INTO log_tile (level, position, hashes) SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[])"
        " ON CONFLICT (level, position) DO UPDATE SET hashes = excluded.hashes",
        [level for level, _ in changed], [position for _, position in changed], list(changed.values()),
    )  # fmt: skip


async def insert_checkpoint(size: int, root: bytes, note: str, at: datetime) -> None:
    """Write a signed checkpoint."""
    await database.execute(
        "INSERT INTO log_checkpoint (id, size, root, note, signed_at) VALUES (gen_random_uuid(), $1, $2, $3, $4)",
        size, root, note, at,
    )  # fmt: skip


_CHECKPOINT = "SELECT size, root, note, signed_at FROM log_checkpoint"


async def newest_checkpoint() -> CheckpointView | None:
    """Return the newest checkpoint."""
    return await database.fetch_one_as(CheckpointView, _CHECKPOINT + " ORDER BY size DESC, signed_at DESC LIMIT 1")


async def checkpoint_of_size(size: int) -> CheckpointView | None:
    """Return the newest checkpoint of one size."""
    return await database.fetch_one_as(CheckpointView, _CHECKPOINT + " WHERE size = $1 ORDER BY signed_at DESC LIMIT 1", size)


async def first_checkpoint_over(leaf: int) -> CheckpointView | None:
    """Return the first checkpoint that has a leaf under it."""
    return await database.fetch_one_as(CheckpointView, _CHECKPOINT + " WHERE size > $1 ORDER BY size, signed_at LIMIT 1", leaf)


async def checkpoints(after: int, up_to: int) -> list[CheckpointView]:
    """Return the checkpoints of sizes behind one and up to another, smallest first."""
    return await database.fetch_as(
        CheckpointView, _CHECKPOINT + " WHERE size > $1 AND size <= $2 ORDER BY size, signed_at", after, up_to
    )


async def leaf_data(position: int) -> str | None:
    """Return the data of a leaf."""
    found: str | None = await database.fetch_value("SELECT data FROM log_leaf WHERE position = $1", position)
    return found


async def leaves(first: int, end: int) -> list[str]:
    """Return the data of leaves from one up to, not with, another."""
    rows = await database.fetch(
        "SELECT data FROM log_leaf WHERE position >= $1 AND position < $2 ORDER BY position", first, end
    )
    return [row["data"] for row in rows]


async def entry(visit: UUID, version: int | None) -> EntryRow | None:
    """Return what opens the leaf of a version; of the newest one that has a leaf where none is named."""
    return await database.fetch_one_as(
        EntryRow,
        "SELECT e.leaf, l.data, e.visit, e.version, e.statement, e.public_salt, e.record_salt, r.sha256, r.body"
        " FROM log_entry e JOIN log_leaf l ON l.position = e.leaf JOIN visit_record r ON r.id = e.record"
        " WHERE e.visit = $1 AND ($2::int IS NULL OR e.version = $2) ORDER BY e.version DESC LIMIT 1",
        visit,
        version,
    )


async def place_of(visit: UUID) -> tuple[int, int] | None:
    """Return the leaf and the version of a visit's newest logged version."""
    rows = await database.fetch("SELECT leaf, version FROM log_entry WHERE visit = $1 ORDER BY version DESC LIMIT 1", visit)
    return (rows[0]["leaf"], rows[0]["version"]) if rows else None


async def checked(first: int, end: int) -> list[CheckedRow]:
    """Return leaves with what they are checked against."""
    return await database.fetch_as(
        CheckedRow,
        "SELECT l.position, l.data, e.firm, e.visit, e.version, e.statement, e.public_salt, e.record_salt, r.sha256, r.body"
        " FROM log_leaf l LEFT JOIN log_entry e ON e.leaf = l.position LEFT JOIN visit_record r ON r.id = e.record"
        " AND r.visit = e.visit AND r.version = e.version"
        " WHERE l.position >= $1 AND l.position < $2 ORDER BY l.position",
        first,
        end,
    )


async def unlogged(before: datetime, patience: timedelta, limit: int) -> list[UnloggedRow]:
    """Return versions written before an instant that neither have a leaf nor wait for one as long as is usual."""
    return await database.fetch_as(
        UnloggedRow,
        "SELECT r.firm, r.visit, r.version, p.since AS waiting_since FROM visit_record r"
        " LEFT JOIN log_pending p ON p.record = r.id"
        " WHERE NOT EXISTS (SELECT FROM log_entry e WHERE e.record = r.id)"
        " AND (p.since < $1::timestamptz - $2::interval OR p.record IS NULL AND r.written_at < $1)"
        " ORDER BY r.written_at, r.id LIMIT $3",
        before,
        patience,
        limit,
    )


async def elevators_of(visits: Sequence[UUID]) -> dict[UUID, str]:
    """Return the registration codes of the elevators of visits; a visit that is gone is left out."""
    rows = await database.fetch(
        "SELECT v.id, e.registration_code FROM visit v JOIN elevator e ON e.id = v.elevator WHERE v.id = ANY($1::uuid[])",
        list(visits),
    )
    return {row["id"]: row["registration_code"] for row in rows}


async def insert_check(check: CheckView) -> None:
    """Write the outcome of a check."""
    await database.execute(
        "INSERT INTO log_check (id, at, size, found, took_s, detail) VALUES (gen_random_uuid(), $1, $2, $3, $4, $5)",
        check.at, check.size, check.found, check.took_s, check.detail,
    )  # fmt: skip


async def newest_check() -> CheckView | None:
    """Return the outcome of the newest check."""
    return await database.fetch_one_as(
        CheckView, "SELECT at, size, found, took_s, detail FROM log_check ORDER BY at DESC LIMIT 1"
    )
