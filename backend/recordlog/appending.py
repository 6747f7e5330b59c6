"""Appending: records that wait become leaves, one after the other without a gap, and every new size is signed."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import msgspec

from backend import clock, database
from backend.errors import Unavailable
from backend.jobs.service import enqueue
from backend.recordlog import heads, proofs, queries
from backend.recordlog.rows import PendingRow
from backend.recordlog.views import HEAD_DAMAGED, CheckpointView
from backend.scope import SYSTEM
from qr.log import checkpoint, leaf, merkle, tiles
from qr.log.checkpoint import Checkpoint
from qr.log.keys import LogKeys
from qr.log.leaf import Statement

BATCH = 500
"""Records of one transaction: some MB of bodies."""


async def note_inside(firm: UUID, record: UUID) -> None:
    """Let a version of a record that was just written wait for its leaf, inside the caller's transaction.

    Not appended at once: the tree grows at one place, and whoever finishes a visit would wait for everybody else who does.
    """
    await queries.insert_pending(firm, record, clock.now())
    await enqueue("log_append", {})


async def append(keys: LogKeys, folder: Path | None = None) -> int:
    """Append all records that wait, and sign the log's new size; return how many there were.

    Parameters
    ----------
    keys
        Of the log.
    folder
        The data directory, where the last checkpoint that was signed here is kept; None looks at the database alone.

    Raises
    ------
    LogForked
        If the database holds an earlier log than the one that was signed here last; the alarm is raised.
    Unavailable
        If the stored log is not what its newest checkpoint says, or the keys are another log's: nothing may be built on that.
    """
    total = 0
    while done := await _append_some(keys, folder):
        total += done
    return total


async def _append_some(keys: LogKeys, folder: Path | None) -> int:
    """Append a batch; return how many."""
    try:
        async with database.tx(SYSTEM):
            await queries.lock()
            before = await _sound_inside(keys, folder)
            rows = await queries.pending(BATCH)
            note = await _append_inside(keys, before, rows) if rows else None
    except heads.LogForked as error:
        await heads.alarm(int(str(error.params["size"])))
        raise
    if folder is not None and await asyncio.to_thread(heads.is_damaged, folder, keys):
        await heads.alarm(before, HEAD_DAMAGED)  # seen also where nothing waits; with the next checkpoint it is whole again
    if note is not None and folder is not None:
        await heads.keep_head(folder, note)
    return len(rows)


async def is_sound(keys: LogKeys, folder: Path) -> bool:
    """Return whether the log in the database continues what was signed here last, and that can be read.

    Raises
    ------
    Unavailable
        If the stored log is not what its newest checkpoint says, or the keys are another log's.
    """
    try:
        async with database.tx(SYSTEM):
            await queries.lock()
            await _sound_inside(keys, folder)
    except heads.LogForked:
        return False
    return not await asyncio.to_thread(heads.is_damaged, folder, keys)


async def sign_again(keys: LogKeys) -> CheckpointView | None:
    """Sign the newest size once more, with the keys as they are now; None where the log is empty."""
    async with database.tx(SYSTEM):
        await queries.lock()
        size = await _sound_inside(keys)
        if size:
            await _sign_inside(keys, size)
        return await queries.newest_checkpoint()


async def _sound_inside(keys: LogKeys, folder: Path | None = None) -> int:
    """Return the size, after a look whether the stored tree ends as it was signed."""
    size = await queries.size()
    newest = await queries.newest_checkpoint()
    if newest is None:
        if size:
            raise Unavailable("the log has leaves and no checkpoint: run liftrounds log check")
        if folder is not None:
            await heads.require_grown_inside(folder, keys, 0, merkle.EMPTY_ROOT)
        return 0
    signed = checkpoint.unverified(newest.note)
    if signed.origin != keys.origin:
        raise Unavailable(
            "the log was signed as {theirs}, and the key file is that of {ours}: put log-keys.json back from the backup",
            theirs=signed.origin, ours=keys.origin,
        )  # fmt: skip
    if signed.size != size or signed.root != await proofs.root_inside(size):
        raise Unavailable("the stored log is not the one that was signed: run liftrounds log check")
    if folder is not None:
        await heads.require_grown_inside(folder, keys, size, signed.root)
    return size


async def _append_inside(keys: LogKeys, size: int, rows: Sequence[PendingRow]) -> str:
    """Append versions behind a size; return the signed checkpoint."""
    salts = [(secrets.token_bytes(leaf.SALT_BYTES), secrets.token_bytes(leaf.SALT_BYTES)) for _ in rows]
    statements = [_statement(row) for row in rows]
    data = [
        leaf.leaf_of(statement, public, row.sha256, record)
        for row, statement, (public, record) in zip(rows, statements, salts, strict=True)
    ]
    await queries.insert_leaves(size, [one.decode() for one in data], clock.now())
    for number, (row, statement, pair) in enumerate(zip(rows, statements, salts, strict=True)):
        await queries.insert_entry(size + number, row, msgspec.to_builtins(statement), pair)
    edge = {tile: bytearray(held) for tile, held in (await queries.tiles(tiles.edge_of(size))).items()}
    changed = tiles.add_leaves(edge, size, [merkle.leaf_hash(one) for one in data])
    await queries.save_tiles({tile: bytes(edge[tile]) for tile in changed})
    await queries.delete_pending([row.record for row in rows])
    return await _sign_inside(keys, size + len(rows))


def _statement(row: PendingRow) -> Statement:
    """Return the public statement of a version; of a body that is damaged, one that says little, so that the log goes on."""
    try:
        return leaf.statement_of(row.body)
    except (KeyError, TypeError):
        return Statement(
            format=leaf.STATEMENT_FORMAT, elevator="", visit=str(row.visit), version=row.version, day="", maintenance_class="",
            counts=False,
        )  # fmt: skip


async def _sign_inside(keys: LogKeys, size: int) -> str:
    root = await proofs.root_inside(size)
    note = checkpoint.sign(Checkpoint(keys.origin, size, root), keys.signing)
    await queries.insert_checkpoint(size, root, note, clock.now())
    return note
