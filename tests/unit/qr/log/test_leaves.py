"""What stands in the log: commitments, and nothing about people."""

from __future__ import annotations

import hashlib
import json

import pytest

from qr.log import leaf
from tests.support.logged import body


def test_a_commitment_is_the_hash_over_salt_and_content() -> None:
    assert leaf.commitment(b"s" * 32, b"content") == hashlib.sha256(b"s" * 32 + b"content").hexdigest()


@pytest.mark.parametrize("salt", [b"", b"s" * 31, b"s" * 33])
def test_a_salt_of_another_length_would_run_into_the_content(salt: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        leaf.commitment(salt, b"content")


def test_a_leaf_has_two_commitments_and_nothing_else() -> None:
    statement = leaf.statement_of(body())
    data = leaf.leaf_of(statement, b"p" * 32, "ab" * 32, b"r" * 32)
    assert json.loads(data) == {
        "format": "liftrounds-log-leaf/1",
        "public": hashlib.sha256(b"p" * 32 + leaf.statement_bytes(statement)).hexdigest(),
        "record": hashlib.sha256(b"r" * 32 + bytes.fromhex("ab" * 32)).hexdigest(),
    }
    assert b" " not in data


def test_the_same_record_with_another_salt_is_another_leaf() -> None:
    """So nobody who guesses a record's content can see from the log whether they guessed right."""
    statement = leaf.statement_of(body())
    leaves = {leaf.leaf_of(statement, bytes([n]) * 32, "ab" * 32, bytes([n]) * 32) for n in range(3)}
    assert len(leaves) == 3


def test_the_public_statement_has_what_the_public_page_shows() -> None:
    assert json.loads(leaf.statement_bytes(leaf.statement_of(body()))) == {
        "format": "liftrounds-visit-statement/1", "elevator": "31103310020000000004",
        "visit": "0b54aee8-92b5-4f5c-8c0a-6b7b61a5a001", "version": 1, "day": "2026-11-26", "maintenance_class": "half_month",
        "counts": True,
    }  # fmt: skip
