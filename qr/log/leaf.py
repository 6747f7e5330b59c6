"""What is logged of a record: two salted commitments, and nothing that a person could be known by.

A leaf is canonical JSON with the commitment to the record's hash and the commitment to its public statement. A commitment is
SHA-256(salt ‖ content) with a salt of 32 random bytes: without the salt nobody can try out guesses of the content, so a leaf
tells nothing, not even to somebody who knows the elevator, the day and the technician. Whoever is shown a content with its
salt can check it against the leaf.

The public statement names the elevator by its registration code (which hangs in the car), the visit, the version, the day
and the class: what the public page shows. Names, badge numbers, accounts, positions and typed texts stand in the record only.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from qr.canonical import canonical

LEAF_FORMAT: Final = "liftrounds-log-leaf/1"
STATEMENT_FORMAT: Final = "liftrounds-visit-statement/1"
SALT_BYTES: Final = 32


class Statement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What anybody may know of a version of a record."""

    format: str
    elevator: str
    """Registration code."""

    visit: str
    version: int
    day: str
    """Local date of the departure, ISO 8601."""

    maintenance_class: str
    counts: bool
    """False where a correction withdrew the visit."""


class Leaf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands in the log."""

    format: str
    public: str
    """Commitment to the statement's canonical form, lower-case hexadecimal."""

    record: str
    """Commitment to the 32 bytes of the record's hash."""


def commitment(salt: bytes, content: bytes) -> str:
    """Return the commitment to a content, lower-case hexadecimal.

    Raises
    ------
    ValueError
        If the salt has another length: salt and content would run together.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    return hashlib.sha256(salt + content).hexdigest()


def statement_of(body: Mapping[str, Any]) -> Statement:
    """Return the public statement of a record's body.

    Raises
    ------
    KeyError, TypeError
        If the body is none.
    """
    return Statement(
        format=STATEMENT_FORMAT,
        elevator=body["elevator"]["registration_code"],
        visit=body["visit"],
        version=body["version"],
        day=body["day"],
        maintenance_class=body["maintenance_class"],
        counts=body["counts"],
    )


def statement_bytes(statement: Statement) -> bytes:
    """Return the canonical form of a statement, which is committed to."""
    return canonical(msgspec.to_builtins(statement))


def leaf_of(statement: Statement, public_salt: bytes, record_sha256: str, record_salt: bytes) -> bytes:
    """Return the data of a leaf."""
    leaf = Leaf(
        format=LEAF_FORMAT,
        public=commitment(public_salt, statement_bytes(statement)),
        record=commitment(record_salt, bytes.fromhex(record_sha256)),
    )
    return canonical(msgspec.to_builtins(leaf))
