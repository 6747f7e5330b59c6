"""Entries and envelopes beyond the vectors: bounds, and what is told of a refusal."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from qr.base64url import to_base64url
from qr.canonical import canonical
from qr.chain import kind_of
from qr.chain.bodies import LONGEST_TEXT, MOST_ANSWERS
from qr.chain.entry import KINDS, LARGEST_PAYLOAD, decode
from qr.chain.envelope import Envelope, opened
from qr.chain.errors import ChainError
from qr.chain.position import OpenedPosition
from qr.chain.writer import PhoneKey
from tests.support.scan_vectors import PHONE, SECRET, chain

KEY = PhoneKey(SECRET)
WORK = next(opened(sent, phone=PHONE, point=KEY.point).payload for name, sent in chain() if "every kind" in name)


def reason(payload: bytes) -> str:
    with pytest.raises(ChainError) as refusal:
        decode(payload)
    return refusal.value.reason


def test_every_kind_is_among_the_vectors() -> None:
    kinds = {kind_of(opened(sent, phone=PHONE, point=KEY.point).entry) for _, sent in chain()}
    assert kinds == set(KINDS)


def test_a_payload_of_any_size_is_refused_before_it_is_read() -> None:
    assert reason(b" " * (LARGEST_PAYLOAD + 1)) == "too_large"
    with pytest.raises(ChainError) as refusal:
        opened(KEY.envelope(b" " * (LARGEST_PAYLOAD + 1)), phone=PHONE, point=KEY.point)
    assert refusal.value.reason == "too_large"


def test_lists_and_texts_without_end_are_refused() -> None:
    value = json.loads(WORK)
    value["body"]["answers"] = value["body"]["answers"][:1] * (MOST_ANSWERS + 1)
    assert reason(canonical(value)) == "malformed"
    value["body"]["answers"] = value["body"]["answers"][:1]
    value["body"]["answers"][0]["note"] = "x" * (LONGEST_TEXT + 1)
    assert reason(canonical(value)) == "malformed"
    value["body"]["answers"][0]["note"] = "x" * LONGEST_TEXT
    assert decode(canonical(value)).phone == PHONE


def test_a_refusal_names_the_field_and_not_what_a_person_wrote() -> None:
    value = json.loads(WORK)
    value["body"]["answers"][0]["note"] = 7
    value["body"]["answers"][0]["item"] = "secret words"
    with pytest.raises(ChainError) as refusal:
        decode(canonical(value))
    assert "note" in refusal.value.text.en
    assert "secret words" not in refusal.value.text.en


def test_the_signature_is_looked_at_before_the_content() -> None:
    with pytest.raises(ChainError) as refusal:
        opened(Envelope(payload=to_base64url(b"{}"), signature=to_base64url(bytes(64))), phone=PHONE, point=KEY.point)
    assert refusal.value.reason == "bad_signature"


def test_a_place_does_not_show_in_logs() -> None:
    place = OpenedPosition(salt="ab" * 32, lat_e7=286_764_000, lon_e7=1, accuracy_dm=80, at_ms=5)
    sent = Envelope(payload="", signature="", position=place)
    assert "2867" not in repr(sent)
    assert "ab" * 32 not in repr(sent)
    assert (place.latitude_deg, place.accuracy_m) == (28.6764, 8.0)


def test_another_phones_key_makes_another_signature() -> None:
    assert PhoneKey(SECRET).sign(b"x") == KEY.sign(b"x")
    assert PhoneKey(SECRET + 1).sign(b"x") != KEY.sign(b"x")
    assert UUID(json.loads(WORK)["phone"]) == PHONE
