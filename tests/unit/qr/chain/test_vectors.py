"""The vectors that every implementation is held to, and ours with them."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import msgspec
import pytest

from qr.base64url import from_base64url
from qr.chain import beacon, encode, envelope
from qr.chain.entry import decode
from qr.chain.envelope import Envelope, opened, public_key_of, root_of
from qr.chain.errors import ChainError
from qr.chain.position import OpenedPosition
from qr.chain.rules import Link, check_chain
from qr.chain.times import Reading, TimeBounds, time_bounds
from qr.log.note import verifier_of
from tests.support import scan_vectors

VECTORS: dict[str, Any] = json.loads(scan_vectors.PATH.read_text())
PHONE = UUID(VECTORS["phone"]["id"])
POINT = from_base64url(VECTORS["phone"]["public_key"]) or b""


def _named(part: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", VECTORS[part], ids=lambda case: case["name"])


def test_the_file_is_what_the_code_of_today_makes() -> None:
    assert scan_vectors.PATH.read_text() == scan_vectors.written()


@_named("good")
def test_good_envelopes_open_to_their_payload_and_hash(case: dict[str, Any]) -> None:
    signed = opened(msgspec.convert(case["envelope"], Envelope), phone=PHONE, point=POINT)
    assert signed.payload.decode() == case["payload"]
    assert signed.sha256 == case["sha256"]
    assert encode(signed.entry) == signed.payload


def test_good_entries_follow_each_other_from_the_public_key_on() -> None:
    before = VECTORS["phone"]["root"]
    assert before == root_of(POINT)
    for number, case in enumerate(VECTORS["good"], 1):
        entry = decode(case["payload"].encode())
        assert (entry.seq, entry.prev) == (number, before)
        before = case["sha256"]


@_named("bad")
def test_bad_envelopes_are_refused_for_their_reason(case: dict[str, Any]) -> None:
    with pytest.raises(ChainError) as refusal:
        opened(msgspec.convert(case["envelope"], Envelope), phone=PHONE, point=POINT)
    assert refusal.value.reason == case["reason"]
    assert refusal.value.text.zh.endswith("。")
    assert refusal.value.text.en.endswith(".")


@pytest.mark.parametrize("text", VECTORS["bad_public_keys"])
def test_points_that_are_no_p256_keys_are_refused(text: str) -> None:
    with pytest.raises(ChainError) as refusal:
        public_key_of(from_base64url(text) or b"")
    assert refusal.value.reason == "bad_public_key"


def test_the_proof_of_enrolment_fits_its_invitation_and_no_other() -> None:
    given = VECTORS["enrolment"]
    signed = envelope.enrolment(given["invite"], VECTORS["phone"]["public_key"])
    assert signed.decode() == given["signed"]
    proof = from_base64url(given["proof"]) or b""
    assert envelope.holds(POINT, proof, signed)
    assert not envelope.holds(POINT, proof, envelope.enrolment("7QK4-M2ZE", VECTORS["phone"]["public_key"]))


def test_a_server_time_is_read_and_a_changed_or_foreign_one_refused() -> None:
    known = [verifier_of(VECTORS["beacon"]["key"])]
    assert beacon.read(VECTORS["beacon"]["token"], known) == VECTORS["beacon"]["at_ms"]
    for token in VECTORS["beacon"]["bad_tokens"]:
        with pytest.raises(ChainError) as refusal:
            beacon.read(token, known)
        assert refusal.value.reason == "bad_beacon"


@pytest.mark.parametrize("case", VECTORS["positions"])
def test_positions_have_their_commitments(case: dict[str, Any]) -> None:
    assert msgspec.convert(case["position"], OpenedPosition).commitment == case["commitment"]


@_named("chains")
def test_chains_are_found_whole_or_wrong(case: dict[str, Any]) -> None:
    head = (case["head"][0], case["head"][1]) if case["head"] else None
    links = msgspec.convert(case["links"], list[Link])
    report = check_chain(links, before=(case["before"][0], case["before"][1]), head=head)
    assert report.state.value == case["state"]
    assert [{"kind": fault.kind.value, "seq": fault.seq} for fault in report.faults] == case["faults"]


@_named("times")
def test_times_are_bounded(case: dict[str, Any]) -> None:
    found = time_bounds(msgspec.convert(case["readings"], list[Reading]), earliest_before_ms=case["earliest_before_ms"])
    assert found == msgspec.convert(case["bounds"], list[TimeBounds])
