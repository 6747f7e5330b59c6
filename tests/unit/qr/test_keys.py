"""The key ring and its file."""

import json
import traceback
from collections.abc import Callable
from random import Random

import pytest

from qr import keys
from qr.errors import KeyRingError
from qr.keys import KeyRing, LabelKey

SECRET = bytes(range(32))


@pytest.fixture
def random_bytes() -> Callable[[int], bytes]:
    return Random(1).randbytes  # noqa: S311 - repeatable on purpose


def test_a_new_ring_has_one_key_of_epoch_0_that_mints_and_verifies(random_bytes: Callable[[int], bytes]) -> None:
    ring = keys.generate(random_bytes)
    assert ring.newest.epoch == 0
    assert ring.verifying == (ring.newest,)
    assert len(ring.newest.secret) == keys.SECRET_BYTES


def test_after_rotation_the_newest_mints_and_both_verify(random_bytes: Callable[[int], bytes]) -> None:
    first = keys.generate(random_bytes)
    ring = keys.rotate(first, random_bytes)
    assert ring.newest.epoch == 1
    assert ring.newest.secret != first.newest.secret
    assert [key.epoch for key in ring.verifying] == [0, 1]


def test_a_retired_key_no_longer_verifies_and_its_epoch_stays_taken(random_bytes: Callable[[int], bytes]) -> None:
    ring = keys.retire(keys.rotate(keys.generate(random_bytes), random_bytes), 0)
    assert [key.epoch for key in ring.verifying] == [1]
    assert [key.epoch for key in ring.keys] == [0, 1]
    assert keys.rotate(ring, random_bytes).newest.epoch == 2


def test_the_newest_key_cannot_be_retired(random_bytes: Callable[[int], bytes]) -> None:
    with pytest.raises(KeyRingError, match="rotate first") as caught:
        keys.retire(keys.generate(random_bytes), 0)
    assert caught.value.reason == "newest_epoch"


def test_an_unknown_epoch_cannot_be_retired(random_bytes: Callable[[int], bytes]) -> None:
    with pytest.raises(KeyRingError, match="no key of epoch 7; it has 0") as caught:
        keys.retire(keys.generate(random_bytes), 7)
    assert caught.value.reason == "unknown_epoch"


def test_what_is_written_is_read_back_the_same(random_bytes: Callable[[int], bytes]) -> None:
    ring = keys.retire(keys.rotate(keys.generate(random_bytes), random_bytes), 0)
    assert keys.load(keys.dump(ring)) == ring


def test_the_file_is_plain_json_in_base_64() -> None:
    content = keys.dump(KeyRing((LabelKey(0, SECRET),)))
    assert json.loads(content) == {
        "format": "liftrounds-label-keys/1",
        "keys": [{"epoch": 0, "secret": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "retired": False}],
    }


def test_neither_repr_nor_str_shows_a_secret() -> None:
    ring = KeyRing((LabelKey(0, SECRET),))
    shown = f"{ring!r} {ring} {ring.newest!r}"
    assert "LabelKey(epoch=0, retired=False)" in shown
    assert "secret" not in shown
    assert r"\x01" not in shown


def test_keys_differ_if_epoch_secret_or_retirement_does() -> None:
    key = LabelKey(0, SECRET)
    assert key == LabelKey(0, bytes(SECRET))
    assert hash(key) == hash(LabelKey(0, bytes(SECRET)))
    assert key != LabelKey(1, SECRET)
    assert key != LabelKey(0, SECRET[::-1])
    assert key != LabelKey(0, SECRET, retired=True)
    assert key != "a key"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "truncated"),
        (b"\xff\xfe", "invalid"),
        (b"[]", "Expected `object`"),
        (b'{"format": "liftrounds-label-keys/1"}', "`keys`"),
        (b'{"format": "other/1", "keys": []}', "format: 'other/1'"),
        (b'{"format": "liftrounds-label-keys/1", "keys": []}', "at least one key"),
        (b'{"format": "liftrounds-label-keys/1", "keys": [], "more": 1}', "more"),
        (b'{"format": "liftrounds-label-keys/1", "keys": [{"epoch": "0", "secret": ""}]}', r"\$\.keys\[0\]\.epoch"),
        (b'{"format": "liftrounds-label-keys/1", "keys": [{"epoch": 0, "secret": "?"}]}', r"keys\[0\]\.secret"),
        (b'{"format": "liftrounds-label-keys/1", "keys": [{"epoch": 0, "secret": "AAEC"}]}', "3 bytes, 32 are needed"),
    ],
)
def test_a_damaged_file_is_refused_by_the_name_of_the_fault_and_with_the_way_out(content: bytes, named: str) -> None:
    with pytest.raises(KeyRingError, match=named) as caught:
        keys.load(content)
    assert caught.value.reason == "invalid_key_ring"
    assert "backup" in caught.value.text.en
    assert "备份" in caught.value.text.zh


def test_all_faults_of_a_ring_are_named_at_once() -> None:
    with pytest.raises(KeyRingError) as caught:
        KeyRing((LabelKey(3, SECRET), LabelKey(3, b"short", retired=True)))
    message = str(caught.value)
    assert "not [3, 3]" in message
    assert "5 bytes" in message
    assert "newest key (epoch 3) is retired" in message


def test_a_refused_file_never_shows_its_secret_not_even_in_the_traceback() -> None:
    secret = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlYw=="
    content = json.dumps({"format": keys.FILE_FORMAT, "keys": [{"epoch": -1, "secret": secret}, {"secret": 5}]})
    with pytest.raises(KeyRingError) as caught:
        keys.load(content.encode())
    assert secret not in "".join(traceback.format_exception(caught.value))


def test_keys_may_stand_in_any_order_in_the_file(random_bytes: Callable[[int], bytes]) -> None:
    ring = keys.rotate(keys.generate(random_bytes), random_bytes)
    file = json.loads(keys.dump(ring))
    file["keys"].reverse()
    assert keys.load(json.dumps(file).encode()) == ring


def test_a_retirement_can_be_taken_back(random_bytes: Callable[[int], bytes]) -> None:
    ring = keys.rotate(keys.generate(random_bytes), random_bytes)
    assert keys.restore(keys.retire(ring, 0), 0) == ring
    with pytest.raises(KeyRingError, match="no key of epoch 7"):
        keys.restore(ring, 7)
