"""Bundles for tests, made without a database: a log of some leaves, one of them a record's."""

from __future__ import annotations

import hashlib
from random import Random
from typing import Any

from qr.canonical import canonical
from qr.log import bundle, checkpoint, keys, leaf, merkle, tiles
from qr.log.bundle import Bundle
from qr.log.checkpoint import Checkpoint
from qr.log.keys import LogKeys

RING = keys.generate(Random(7).randbytes)  # noqa: S311 - repeatable on purpose


def body(**changes: Any) -> dict[str, Any]:
    """A record's body, small but with all that a bundle looks at, and texts that are hard to write the same way twice."""
    plain: dict[str, Any] = {
        "format": "liftrounds-visit-record/1",
        "visit": "0b54aee8-92b5-4f5c-8c0a-6b7b61a5a001",
        "version": 1,
        "maintenance_class": "half_month",
        "day": "2026-11-26",
        "counts": True,
        "correction": None,
        "elevator": {"registration_code": "31103310020000000004", "rated_load_kg": 1000, "other": {"\ue000": "1", "😀": "2"}},
        "items": [
            {"item": f"A-1-{number:02d}", "note": 'quoted "清洁" \n\t\u2028 </script>', "measured": "1.5"}
            for number in range(4)
        ],
    }
    return plain | changes


def bundled(*, size: int = 11, index: int = 4, ring: LogKeys = RING, with_record: bool = True, **changes: Any) -> Bundle:
    """A valid bundle."""
    random, record = Random(size * 100 + index).randbytes, body(**changes)  # noqa: S311 - repeatable on purpose
    statement, sha256 = leaf.statement_of(record), hashlib.sha256(canonical(record)).hexdigest()
    public_salt, record_salt = random(32), random(32)
    data = leaf.leaf_of(statement, public_salt, sha256, record_salt)
    leaves = [data if number == index else f"leaf {number}".encode() for number in range(size)]
    held: dict[tiles.TileId, bytearray] = {}
    tiles.add_leaves(held, 0, [merkle.leaf_hash(one) for one in leaves])
    node = tiles.node_from({tile: bytes(hashes) for tile, hashes in held.items()})
    signed = checkpoint.sign(Checkpoint(ring.origin, size, merkle.root(size, node)), ring.signing)
    return Bundle(
        format=bundle.FORMAT,
        leaf=data.decode(),
        index=index,
        proof=[one.hex() for one in merkle.inclusion_proof(index, size, node)],
        checkpoint=signed,
        keys=[key.text for key in ring.public],
        public=bundle.Public(salt=public_salt.hex(), statement=statement),
        record=bundle.Record(salt=record_salt.hex(), sha256=sha256, body=record) if with_record else None,
    )
