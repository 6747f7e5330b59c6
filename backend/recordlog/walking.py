"""One way through the log, from the first leaf to the last: leaves, records, tiles and checkpoints against each other.

It may be put down and taken up again, so that a log of millions of records is checked a minute at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from backend.recordlog.rows import CheckedRow
from backend.recordlog.views import CheckpointView, Finding
from backend.visits.record import sha256_of
from qr.log import checkpoint, leaf, merkle, tiles
from qr.log.errors import NoteError
from qr.log.leaf import Statement
from qr.log.note import Verifier
from qr.log.tiles import TileId

MOST_TOLD = 100
"""Findings that are written down one by one; the count tells of the rest."""


class Findings:
    """Contradictions: the first ones, and how many there are in all."""

    def __init__(self, told: Iterable[Finding] = (), count: int = 0) -> None:
        self.told, self.count = list(told), count

    def add(self, found: Iterable[Finding]) -> None:
        """Take further ones."""
        for one in found:
            self.count += 1
            if len(self.told) < MOST_TOLD:
                self.told.append(one)


class EdgeTile(Struct, frozen=True, kw_only=True):
    """A tile that is not complete yet."""

    level: int
    position: int
    hashes: bytes


class WalkState(Struct, frozen=True, kw_only=True):
    """A walk that was put down."""

    size: int
    """Leaves there were when it began; it ends there."""

    at: int
    """The next leaf."""

    whole: list[bytes]
    edge: list[EdgeTile]
    root_is_wrong: bool
    found: list[Finding]
    count: int
    took_s: float


def taken_up(file: Path) -> WalkState | None:
    """Return the walk that was put down in a file; None where there is none that can be gone on with."""
    with suppress(OSError, msgspec.MsgspecError):
        state = msgspec.json.decode(file.read_bytes(), type=WalkState)
        if 0 < state.at <= state.size and len(state.whole) == state.at.bit_count():
            return state
    return None


def put_down(file: Path, state: WalkState | None) -> None:
    """Write a walk into a file, whole or not at all; None takes the file away."""
    if state is None:
        file.unlink(missing_ok=True)
        return
    draft = file.with_name(f".{file.name}.new")
    draft.touch(mode=0o600)
    draft.write_bytes(msgspec.json.encode(state))
    draft.replace(file)


class Walk:
    """One way through the leaves, from the first to the last."""

    def __init__(self, put_down: WalkState | None = None) -> None:
        self.edge: dict[TileId, bytearray] = {}
        """Tiles that are not complete yet."""
        self._frontier, self._root_is_wrong = merkle.Frontier(), False
        if put_down is not None:
            self._frontier = merkle.Frontier.of(put_down.at, put_down.whole)
            self.edge = {(one.level, one.position): bytearray(one.hashes) for one in put_down.edge}
            self._root_is_wrong = put_down.root_is_wrong

    @property
    def at(self) -> int:
        """Return the number of the next leaf."""
        return self._frontier.size

    def put_down(self, size: int, found: Findings, took_s: float) -> WalkState:
        """Return all that is needed to go on later."""
        edge = [EdgeTile(level=level, position=position, hashes=bytes(held)) for (level, position), held in self.edge.items()]
        return WalkState(
            size=size, at=self.at, whole=self._frontier.whole, edge=edge, root_is_wrong=self._root_is_wrong, found=found.told,
            count=found.count, took_s=took_s,
        )  # fmt: skip

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
