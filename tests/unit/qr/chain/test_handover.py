"""Hand-over files: only the server opens them, whole or not at all."""

from __future__ import annotations

import random
from collections.abc import Callable
from uuid import UUID

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey

from qr.base64url import to_base64url
from qr.chain import handover
from qr.chain.envelope import Envelope
from qr.chain.errors import ChainError
from qr.chain.handover import HandoverFile, HandoverPhoto
from qr.log import keys as key_file
from qr.log.errors import LogKeyError
from qr.log.keys import LogKeys

PHONE = UUID(int=5)


@pytest.fixture
def draw() -> Callable[[int], bytes]:
    return random.Random(5).randbytes  # noqa: S311 - repeatable on purpose


@pytest.fixture
def keys(draw: Callable[[int], bytes]) -> LogKeys:
    return handover.generate(draw)


def file_of(*contents: bytes) -> HandoverFile:
    photos = [
        HandoverPhoto(id=UUID(int=n), sha256="ab" * 32, type="image/jpeg", data=to_base64url(content))
        for n, content in enumerate(contents)
    ]
    entry = Envelope(payload="e30", signature="AA")
    return HandoverFile(format=handover.FORMAT, phone=PHONE, made_at_ms=1, part=1, parts=1, entries=[entry], photos=photos)


def reason(content: bytes, keys: LogKeys) -> str:
    with pytest.raises(ChainError) as refusal:
        handover.read(content, keys)
    assert refusal.value.text.zh.endswith("。")
    return refusal.value.reason


def test_what_a_phone_puts_in_comes_out(keys: LogKeys) -> None:
    content = handover.encrypt(file_of(b"one", b""), handover.public_jwk(keys)).encode()
    file, photos = handover.read(content + b"\n", keys)
    assert (file.phone, len(file.entries)) == (PHONE, 1)
    assert [photo.content for photo in photos] == [b"one", b""]


def test_a_file_of_twelve_megabytes_of_photos_is_taken(keys: LogKeys) -> None:
    content = handover.encrypt(file_of(b"x" * (12 << 20)), handover.public_jwk(keys)).encode()
    assert len(content) < handover.LARGEST_FILE
    assert len(handover.read(content, keys)[1][0].content) == 12 << 20


def test_files_for_an_older_key_open_after_it_was_rotated_and_retired(keys: LogKeys, draw: Callable[[int], bytes]) -> None:
    content = handover.encrypt(file_of(), handover.public_jwk(keys)).encode()
    newer = key_file.retire(handover.rotate(keys, draw), 0)
    assert handover.public_jwk(newer)["kid"] != handover.public_jwk(keys)["kid"]
    assert handover.read(content, newer)[0].phone == PHONE


def test_another_servers_file_is_told_from_a_damaged_one(keys: LogKeys, draw: Callable[[int], bytes]) -> None:
    content = handover.encrypt(file_of(), handover.public_jwk(keys)).encode()
    assert reason(content, handover.generate(draw)) == "handover_key_unknown"
    parts = content.split(b".")
    for place in (3, 4):
        changed = [*parts]
        changed[place] = (b"B" if parts[place][:1] == b"A" else b"A") + parts[place][1:]
        assert reason(b".".join(changed), keys) == "handover_damaged"
    assert reason(content[:-5], keys) == "handover_damaged"
    assert reason(content.rsplit(b".", 1)[0], keys) == "handover_damaged"


@pytest.mark.parametrize("content", [b"", b"hello", b"....", b"\xff\xfe.a.b.c.d", b"e30.a.b.c.d", b"PK\x03\x04"])
def test_what_is_no_hand_over_file_is_said_to_be_none(content: bytes, keys: LogKeys) -> None:
    assert reason(content, keys) == "no_handover_file"


def test_a_file_that_is_packed_is_not_taken(keys: LogKeys) -> None:
    """A small packed file could grow without end."""
    key = ECKey.import_key(dict[str, str | list[str]](handover.public_jwk(keys)))
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "zip": "DEF"}
    packed = jwe.encrypt_compact(header, b"0" * 10_000, key, algorithms=["ECDH-ES", "A256GCM", "DEF"])
    assert reason(packed.encode(), keys) == "no_handover_file"


@pytest.mark.parametrize("plain", [b"", b"[]", b"{}", b"[" * 50_000, b'{"format":"liftrounds-handover/2"}'])
def test_a_file_with_other_content_is_refused(plain: bytes, keys: LogKeys) -> None:
    jwk = handover.public_jwk(keys)
    key = ECKey.import_key(dict[str, str | list[str]](jwk))
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": jwk["kid"]}
    made = jwe.encrypt_compact(header, plain, key, algorithms=["ECDH-ES", "A256GCM"])
    assert reason(made.encode(), keys) == "handover_malformed"


def test_a_file_that_is_too_large_is_not_even_read(keys: LogKeys) -> None:
    assert reason(b"x" * (handover.LARGEST_FILE + 1), keys) == "handover_too_large"


def test_the_public_key_has_no_secret_and_the_secret_shows_nowhere(keys: LogKeys) -> None:
    assert set(handover.public_jwk(keys)) == {"kty", "crv", "x", "y", "kid", "alg"}
    assert keys.keys[0].secret.hex() not in repr(keys)
    assert str(keys.keys[0].secret) not in repr(keys)


def test_a_scalar_that_is_none_is_drawn_again() -> None:
    draws = iter([b"\x01" * 8, b"\xff" * 32, bytes(32), b"\x05" * 32])
    assert handover.generate(lambda _length: next(draws)).keys[0].secret == b"\x05" * 32


def test_a_key_file_of_another_use_is_refused(keys: LogKeys) -> None:
    with pytest.raises(LogKeyError, match="hand-over files"):
        key_file.load(key_file.dump(key_file.generate(bytes)), handover.HANDOVER)
    assert key_file.load(key_file.dump(keys), handover.HANDOVER).origin == keys.origin
