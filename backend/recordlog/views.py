"""What leaves the room of the log. Hashes are lower-case hexadecimal."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

FORKED = "log_forked"
"""Kind of the alarm that an append raises where the database holds an older log than the one that was signed last."""


HEAD_DAMAGED = "head_damaged"
"""Kind of the alarm that an append raises where the checkpoint that was signed here last cannot be read any more."""


class CheckpointView(Struct, frozen=True, kw_only=True):
    """A signed state of the log."""

    size: int
    root: bytes
    note: str
    signed_at: datetime


class InclusionView(Struct, frozen=True, kw_only=True):
    """The proof that a leaf stands in the log."""

    index: int
    size: int
    """Number of leaves of the tree that the proof is for."""

    leaf: str
    """The leaf's data: the hash of a leaf is SHA-256(0x00 ‖ data)."""

    leaf_hash: str
    root: str
    proof: list[str]
    """From the leaf upwards."""

    checkpoint: str
    """The signed note of that size; empty where none was signed at it."""


class ConsistencyView(Struct, frozen=True, kw_only=True):
    """The proof that the log only grew between two sizes."""

    first: int
    second: int
    first_root: str
    second_root: str
    proof: list[str]


class Logged(Struct, frozen=True, kw_only=True):
    """Where a version of a record stands in the log."""

    index: int
    version: int
    since: datetime
    """When the first checkpoint over it was signed."""


class Finding(Struct, frozen=True, kw_only=True):
    """A contradiction that the check found."""

    kind: str
    """`leaf_missing`, `leaf_changed`, `leaf_unopened`, `record_changed`, `statement_changed`, `tile_changed`,
    `checkpoint_wrong`, `signature_wrong`, `checkpoint_missing`, `log_shrunk`, `history_rewritten`, `log_forked`,
    `record_unlogged` or `record_waiting`."""

    index: int | None = None
    """Of the leaf, or the size of a checkpoint."""

    firm: UUID | None = None
    visit: UUID | None = None
    version: int | None = None


class CheckView(Struct, frozen=True, kw_only=True):
    """An outcome of the daily check."""

    at: datetime
    size: int
    found: int
    took_s: float
    detail: list[dict[str, Any]]
    """The first contradictions: kind and number, of a record also its visit, version and elevator."""

    @property
    def is_alarm(self) -> bool:
        """Whether it was no check, but the alarm of an append that stopped."""
        return self.tells(FORKED)

    def tells(self, kind: str) -> bool:
        """Whether a contradiction of a kind is among the first."""
        return any(one["kind"] == kind for one in self.detail)


class LogState(Struct, frozen=True, kw_only=True):
    """How the log stands."""

    size: int
    checkpoint: CheckpointView | None
    waiting: int
    """Records that wait for their leaf."""

    waiting_since: datetime | None
    check: CheckView | None
    """The newest."""
