"""The daily check: the whole log and every stored record are computed anew and held against what was signed.

What whoever owns the database could change unseen is held against two things that are not in it: the signatures of
checkpoints, whose key is in the key file, and the newest checkpoint of the check before, kept in the data directory.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import structlog

from backend import clock, database
from backend.errors import Unavailable
from backend.people import service as people
from backend.recordlog import proofs, queries
from backend.recordlog.rows import CheckedRow
from backend.recordlog.views import CheckpointView, CheckView, Finding
from backend.scope import SYSTEM
from backend.visits.record import sha256_of
from qr.log import checkpoint, leaf, merkle, tiles
from qr.log.errors import NoteError
from qr.log.keys import LogKeys
from qr.log.leaf import Statement
from qr.log.note import Verifier
from qr.log.tiles import TileId

REMEMBERED = "log-checkpoint"
"""File in the data directory with the newest checkpoint that a check has found good."""

PATIENCE = timedelta(hours=1)
"""A record that waits for its leaf for longer is a finding: no worker runs, or somebody holds the log up."""

MOST_TOLD = 100
"""Findings that are written down one by one; the count tells of the rest."""

_BATCH = 512
"""Leaves read at a time, a multiple of a tile's width: some MB of records."""

log = structlog.get_logger("backend.recordlog")


async def check(keys: LogKeys, folder: Path) -> CheckView:
    """Check everything; write the outcome, and a line of the audit trail for every contradiction.

    Parameters
    ----------
    keys
        Of the log.
    folder
        The data directory, for the checkpoint of the check before.
    """
    started, at = time.monotonic(), clock.now()
    async with database.tx(SYSTEM):
        newest = await queries.newest_checkpoint()
        size = await queries.size()
    found = [one async for one in _tree(size, newest, keys.public)]
    found += await _against_before(folder / REMEMBERED, newest, keys.public)
    async with database.tx(SYSTEM):
        for row in await queries.unlogged(at, PATIENCE, MOST_TOLD):
            kind = "record_unlogged" if row.waiting_since is None else "record_waiting"
            found.append(Finding(kind=kind, firm=row.firm, visit=row.visit, version=row.version))
        detail = [{"kind": one.kind, "index": one.index} for one in found[:MOST_TOLD]]
        told = CheckView(at=at, size=size, found=len(found), took_s=round(time.monotonic() - started, 3), detail=detail)
        await queries.insert_check(told)
        for one in found[:MOST_TOLD]:
            about = {"kind": one.kind, "index": one.index, "version": one.version}
            await people.audit(one.firm, None, "log.contradiction", str(one.visit or "log"), about)
    if found:
        log.error("the log does not fit what was signed", found=len(found), first=detail[0])
    elif newest is not None:
        await asyncio.to_thread(_remember, folder / REMEMBERED, newest.note)
    return told


async def _tree(size: int, newest: CheckpointView | None, known: Sequence[Verifier]) -> AsyncIterator[Finding]:
    """Yield the contradictions between leaves, records, tiles and checkpoints."""
    walk = _Walk()
    for first in range(0, size, _BATCH):
        end = min(first + _BATCH, size)
        async with database.tx(SYSTEM):
            rows = await queries.checked(first, end)
            stored = await queries.tiles([(0, place) for place in range(first // tiles.WIDTH, (end - 1) // tiles.WIDTH + 1)])
            signed = await queries.checkpoints(first, end)
        for one in await asyncio.to_thread(lambda: list(walk.batch(first, end, rows, stored, signed, known))):  # noqa: B023
            yield one
        async with database.tx(SYSTEM):
            upper = await queries.tiles(walk.whole())
        for one in walk.tiles_against(upper):
            yield one
    async with database.tx(SYSTEM):
        edge = await queries.tiles(walk.edge)
    for one in walk.edge_against(edge):
        yield one
    if (newest.size if newest else 0) != size:
        yield Finding(kind="checkpoint_missing" if newest is None or newest.size < size else "log_shrunk", index=size)


class _Walk:
    """One way through the leaves, from the first to the last."""

    def __init__(self) -> None:
        self._frontier = merkle.Frontier()
        self.edge: dict[TileId, bytearray] = {}
        """Tiles that are not complete yet."""
        self._root_is_wrong = False

    def batch(
        self,
        first: int,
        end: int,
        rows: Sequence[CheckedRow],
        stored: Mapping[TileId, bytes],
        signed: Sequence[CheckpointView],
        known: Sequence[Verifier],
    ) -> Iterator[Finding]:
        """Take leaves from one number up to, not with, another."""
        by_place = {row.position: row for row in rows}
        by_size: dict[int, list[CheckpointView]] = {}
        for one in signed:
            by_size.setdefault(one.size, []).append(one)
        hashes = []
        for position in range(first, end):
            told, row = _stored_hash(stored, position), by_place.get(position)
            if row is None:
                yield Finding(kind="leaf_missing", index=position)
                found = told or bytes(merkle.HASH_BYTES)  # to go on with: the next checkpoint says whether that is right
            else:
                yield from leaf_findings(row)
                found = merkle.leaf_hash(row.data.encode())
                if found != told:
                    yield Finding(kind="leaf_changed", index=position, firm=row.firm, visit=row.visit, version=row.version)
            hashes.append(found)
            self._frontier.add(found)
            for one in by_size.get(position + 1, ()):
                yield from self._against(one, known)
        tiles.add_leaves(self.edge, first, hashes)

    def _against(self, signed: CheckpointView, known: Sequence[Verifier]) -> Iterator[Finding]:
        try:
            claimed = checkpoint.opened(signed.note, known).checkpoint
        except NoteError:
            yield Finding(kind="signature_wrong", index=signed.size)
            return
        fits = (claimed.size, claimed.root) == (signed.size, signed.root) and claimed.root == self._frontier.root
        if not fits and not self._root_is_wrong:
            self._root_is_wrong = True  # all later ones are wrong with it
            yield Finding(kind="checkpoint_wrong", index=signed.size)

    def whole(self) -> list[TileId]:
        """Return the tiles that have become complete and were not compared yet."""
        return [tile for tile, held in self.edge.items() if len(held) == tiles.WIDTH * merkle.HASH_BYTES]

    def tiles_against(self, stored: Mapping[TileId, bytes]) -> Iterator[Finding]:
        """Compare the complete tiles, and forget them."""
        for tile in self.whole():
            held = self.edge.pop(tile)
            if tile[0] and stored.get(tile) != bytes(held):  # of level 0 each leaf was compared
                yield Finding(kind="tile_changed", index=tile[1])

    def edge_against(self, stored: Mapping[TileId, bytes]) -> Iterator[Finding]:
        """Compare the tiles at the right edge, which may have grown meanwhile."""
        for tile, held in self.edge.items():
            if tile[0] and not stored.get(tile, b"").startswith(bytes(held)):
                yield Finding(kind="tile_changed", index=tile[1])


def _stored_hash(stored: Mapping[TileId, bytes], position: int) -> bytes | None:
    at = position % tiles.WIDTH * merkle.HASH_BYTES
    part = stored.get((0, position // tiles.WIDTH), b"")[at : at + merkle.HASH_BYTES]
    return part if len(part) == merkle.HASH_BYTES else None


def leaf_findings(row: CheckedRow) -> Iterator[Finding]:
    """Yield the contradictions between a leaf and the record that it stands for."""

    def finding(kind: str) -> Finding:
        return Finding(kind=kind, index=row.position, firm=row.firm, visit=row.visit, version=row.version)

    try:
        logged = msgspec.json.decode(row.data, type=leaf.Leaf)
    except msgspec.MsgspecError:
        yield finding("leaf_changed")
        return
    if row.statement is None or row.public_salt is None or row.record_salt is None or row.sha256 is None or row.body is None:
        yield finding("leaf_unopened")
        return
    if not _record_fits(row.body, row.sha256, row.record_salt, logged):
        yield finding("record_changed")
    try:
        statement = leaf.statement_bytes(msgspec.convert(row.statement, Statement))
    except msgspec.ValidationError:
        statement = b""
    if leaf.commitment(row.public_salt, statement) != logged.public:
        yield finding("statement_changed")


def _record_fits(body: dict[str, Any], sha256: str, salt: bytes, logged: leaf.Leaf) -> bool:
    try:
        return sha256_of(body) == sha256 and leaf.commitment(salt, bytes.fromhex(sha256)) == logged.record
    except ValueError:  # a hash that is none
        return False


async def _against_before(file: Path, newest: CheckpointView | None, known: Sequence[Verifier]) -> list[Finding]:
    """Return the contradiction between the newest checkpoint and the one that the check before found good."""
    note = await asyncio.to_thread(_remembered, file)
    if note is None:
        return []
    try:
        before = checkpoint.opened(note, known).checkpoint
    except NoteError:
        return [Finding(kind="history_rewritten")]
    if newest is None or newest.size < before.size:
        return [Finding(kind="log_shrunk", index=before.size)]
    try:
        async with database.tx(SYSTEM):
            proof = await proofs.hashes_inside(merkle.consistency_ranges(before.size, newest.size))
    except Unavailable:
        return [Finding(kind="history_rewritten", index=before.size)]
    grew = merkle.consistent(before.size, newest.size, before.root, newest.root, proof)
    return [] if grew else [Finding(kind="history_rewritten", index=before.size)]


def _remembered(file: Path) -> str | None:
    with suppress(FileNotFoundError):
        return file.read_text(encoding="utf-8", errors="replace")
    return None


def _remember(file: Path, note: str) -> None:
    draft = file.with_name(f".{file.name}.new")
    draft.write_text(note, encoding="utf-8")
    draft.replace(file)
