"""docs/scan-events.md says what this implementation does: its example, its reader, its reasons."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature

from backend.phones import keeping
from qr.chain.times import DRIFT_PPM, TOLERANCE_MS
from tests.support import scan_vectors

ROOT = Path(__file__).parents[4]
DOCS = (ROOT / "docs" / "scan-events.md").read_text()
VECTORS: dict[str, Any] = json.loads(scan_vectors.PATH.read_text())


def test_the_worked_example_is_the_first_vector() -> None:
    first, phone, place = VECTORS["good"][0], VECTORS["phone"], VECTORS["positions"][0]
    assert f"```\n{first['payload']}\n```" in DOCS
    assert f"```\n{VECTORS['enrolment']['signed']}\n```" in DOCS
    salt, commitment = place["position"]["salt"], place["commitment"]
    told = (
        phone["private_d"],
        phone["public_key"],
        phone["root"],
        first["sha256"],
        first["envelope"]["signature"],
        salt,
        commitment,
    )
    for value in told:
        assert f"`{value}`" in DOCS
    assert VECTORS["good"][1]["payload"].count(first["sha256"]) == 1


def reader() -> Any:
    """The reader of the documentation, run as it stands there."""
    (source,) = re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL)
    names: dict[str, Any] = {}
    exec(source, names)  # noqa: S102 - our own documentation
    return names["read_chain"]


def test_the_documented_reader_takes_the_good_vectors() -> None:
    envelopes = [case["envelope"] for case in VECTORS["good"]]
    entries = reader()(VECTORS["phone"]["public_key"], envelopes)
    assert [entry["seq"] for entry in entries] == list(range(1, len(envelopes) + 1))


def test_the_documented_reader_finds_forgeries_and_a_broken_chain() -> None:
    read, key = reader(), VECTORS["phone"]["public_key"]
    envelopes = [case["envelope"] for case in VECTORS["good"]]
    wrong = (InvalidSignature, ValueError)
    for order in (envelopes[1:], [envelopes[1], envelopes[0]], [envelopes[0], *envelopes[2:]]):
        with pytest.raises(wrong):
            read(key, order)
    said = {"bad_signature": None, "position_mismatch": "another position", "not_canonical": "not canonical"}
    tried = [case for case in VECTORS["bad"] if case["reason"] in said and "UUID" not in case["name"]]
    assert len(tried) == 20
    for case in tried:  # whether a text is a UUID is the business of a reader of bodies
        with pytest.raises(wrong, match=said[case["reason"]]):
            read(key, [case["envelope"]])


def test_every_reason_has_its_line() -> None:
    sources = [path.read_text() for path in (ROOT / "qr" / "chain").glob("*.py")]
    reasons = {reason for source in sources for reason in re.findall(r'refused\(\s*"(\w+)"', source)}
    reasons |= {reason for reason, _ in keeping._REASONS.values()} | {"phone_revoked"}
    assert len(reasons) > 15
    assert {reason for reason in reasons if f"`{reason}`" not in DOCS} == set()
    assert {case["reason"] for case in VECTORS["bad"]} <= reasons


def test_the_numbers_are_those_of_the_code() -> None:
    assert f"{DRIFT_PPM} ppm" in DOCS
    assert TOLERANCE_MS == 2 * 60_000
    assert "more than two minutes" in DOCS
