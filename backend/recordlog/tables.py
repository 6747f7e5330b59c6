"""Tables of the log. Leaves, tiles and checkpoints belong to no firm and are published; what opens a leaf is the firm's."""

from piccolo.columns import BigInt, Bytea, DoublePrecision, ForeignKey, Integer, SmallInt, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.columns.column_types import JSONB
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from backend.columns import belongs_to, key, recorded_at
from backend.registry.tables import Firm
from backend.visits.tables import Visit, VisitRecord


class LogLeaf(Table, tablename="log_leaf"):
    """A leaf of the tree: written once."""

    position = BigInt(primary_key=True, default=0)  # 0, 1, … without a gap
    data = Text(null=False)  # canonical JSON: two salted commitments
    appended_at = recorded_at()
    log_leaf_place = Check("position >= 0")


class LogTile(Table, tablename="log_tile"):
    """Up to 256 hashes of one level of the tree; the last of a level grows, the others stay as they are."""

    level = SmallInt(null=False)  # of hashes over 256^level leaves
    position = BigInt(null=False)
    hashes = Bytea(null=False)
    log_tile_once = Unique([level, position])


class LogCheckpoint(Table, tablename="log_checkpoint"):
    """A signed state of the log: written once."""

    id = key()
    size = BigInt(null=False)
    root = Bytea(null=False)
    note = Text(null=False)  # as published
    signed_at = Timestamptz(null=False)


class LogEntry(Table, tablename="log_entry"):
    """What opens a leaf: which version of which record it stands for, and the salts. Written once."""

    id = key()
    leaf = ForeignKey(LogLeaf, null=False, on_delete=OnDelete.restrict, unique=True)
    firm = belongs_to(Firm)
    record = ForeignKey(VisitRecord, null=False, on_delete=OnDelete.restrict, unique=True)
    visit = belongs_to(Visit)
    version = SmallInt(null=False)
    statement = JSONB(null=False)  # the public statement
    public_salt = Bytea(null=False)
    record_salt = Bytea(null=False)
    log_entry_salts = Check("length(public_salt) = 32 AND length(record_salt) = 32")


class LogPending(Table, tablename="log_pending"):
    """A version of a record that waits for its leaf; written in the transaction that writes the record."""

    id = key()
    firm = belongs_to(Firm)
    record = ForeignKey(VisitRecord, null=False, on_delete=OnDelete.restrict, unique=True)
    since = recorded_at()


class LogCheck(Table, tablename="log_check"):
    """An outcome of the daily check."""

    id = key()
    at = Timestamptz(null=False)
    size = BigInt(null=False)  # leaves that were checked
    found = Integer(null=False)  # contradictions
    took_s = DoublePrecision(null=False)
    detail = JSONB(null=False)  # the first of them: kinds and numbers of leaves, nothing of a firm
