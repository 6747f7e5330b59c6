"""The test vectors of docs/log.md are what this implementation computes."""

from __future__ import annotations

from pathlib import Path

from qr.log import checkpoint, leaf, note
from qr.log.checkpoint import Checkpoint
from qr.log.leaf import Statement
from qr.log.merkle import leaf_hash

DOCS = (Path(__file__).parents[4] / "docs" / "log.md").read_text()


def test_statement_leaf_key_and_checkpoint_are_those_of_the_documentation() -> None:
    secret, name = bytes(range(32)), "liftrounds-log/0123456789abcdef"
    statement = Statement(
        format="liftrounds-visit-statement/1", elevator="31103310020000000004", visit="0b54aee8-92b5-4f5c-8c0a-6b7b61a5a001",
        version=1, day="2026-11-26", maintenance_class="half_month", counts=True,
    )  # fmt: skip
    data = leaf.leaf_of(statement, b"\x01" * 32, "ab" * 32, b"\x02" * 32)
    signed = checkpoint.sign(Checkpoint(name, 1, leaf_hash(data)), [secret])
    for value in (
        leaf.statement_bytes(statement).decode(),
        data.decode(),
        leaf_hash(data).hex(),
        note.verifier_from(name, secret).text,
    ):
        assert f"`{value}`" in DOCS
    assert f"```\n{signed}```\n" in DOCS
