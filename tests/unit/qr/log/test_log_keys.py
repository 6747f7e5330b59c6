"""The keys of the log and their file."""

from __future__ import annotations

import json
import traceback
from random import Random

import pytest

from qr.log import checkpoint, keys
from qr.log.checkpoint import Checkpoint
from qr.log.errors import LogKeyError
from qr.log.keys import LogKey, LogKeys

random = Random(1).randbytes  # noqa: S311 - repeatable on purpose


def signed_with(ring: LogKeys) -> str:
    return checkpoint.sign(Checkpoint(ring.origin, 1, bytes(32)), ring.signing)


def test_a_new_log_has_a_name_of_its_own_and_one_key() -> None:
    first, second = keys.generate(random), keys.generate(random)
    assert first.origin != second.origin
    assert len(first.signing) == len(first.public) == 1


def test_after_rotation_both_keys_sign_so_that_who_knows_only_one_can_go_on() -> None:
    before = keys.generate(random)
    after = keys.rotate(before, random)
    assert checkpoint.opened(signed_with(after), before.public).checkpoint.size == 1
    assert checkpoint.opened(signed_with(after), after.public[:1]).checkpoint.size == 1
    assert after.public[1:] == before.public


def test_a_retired_key_signs_no_more_and_what_it_signed_still_verifies() -> None:
    before = keys.generate(random)
    after = keys.retire(keys.rotate(before, random), 0)
    assert len(after.signing) == 1
    assert checkpoint.opened(signed_with(before), after.public).checkpoint.size == 1
    assert [key.name for key in checkpoint.opened(signed_with(after), after.public).signed_by] == [before.origin]
    with pytest.raises(ValueError, match="No known key"):
        checkpoint.opened(signed_with(after), before.public)


@pytest.mark.parametrize("epoch", [0, 5])
def test_the_newest_key_and_one_that_is_not_there_are_not_retired(epoch: int) -> None:
    with pytest.raises(LogKeyError):
        keys.retire(keys.generate(random), epoch)


def test_the_file_reads_back() -> None:
    ring = keys.retire(keys.rotate(keys.generate(random), random), 0)
    again = keys.load(keys.dump(ring))
    assert (again.origin, again.public, again.signing) == (ring.origin, ring.public, ring.signing)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", "x"), ("origin", "example.com"), ("origin", "liftrounds-log/a b"), ("keys", []), ("more", 1),
        ("keys", [{"epoch": 0, "secret": "AAAA"}]), ("keys", [{"epoch": 0, "secret": "?"}]),
        ("keys", [{"epoch": -1, "secret": "x"}]),
    ],
)  # fmt: skip
def test_a_damaged_file_is_refused_and_no_secret_is_told(field: str, value: object) -> None:
    ring = keys.generate(random)
    file = json.loads(keys.dump(ring)) | {field: value}
    with pytest.raises(LogKeyError) as refused:
        keys.load(json.dumps(file).encode())
    told = "".join(traceback.format_exception(refused.value))
    assert json.loads(keys.dump(ring))["keys"][0]["secret"] not in told


def test_no_secret_is_seen_where_keys_are_shown() -> None:
    ring = keys.generate(random)
    for shown in (repr(ring), str(ring), repr(ring.keys[0])):
        assert repr(ring.keys[0].secret) not in shown
        assert ring.keys[0].secret.hex() not in shown


def test_keys_without_order_or_with_a_retired_newest_are_refused() -> None:
    key = LogKey(0, bytes(32))
    for wrong in ((key, key), (LogKey(1, bytes(32)), key), (LogKey(0, bytes(32), retired=True),)):
        with pytest.raises(LogKeyError):
            LogKeys("liftrounds-log/ab", wrong)
