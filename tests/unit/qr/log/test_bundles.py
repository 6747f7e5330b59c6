"""A bundle holds, or it is said what does not."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import msgspec
import pytest

from qr.canonical import canonical
from qr.log import bundle, keys, note
from qr.log.errors import BundleError
from tests.support.logged import RING, body, bundled


def outcome(changed: bundle.Bundle, **options: Any) -> dict[str, bool]:
    return {step.name: step.ok for step in bundle.check(changed, **options).steps}


def test_a_full_and_a_public_bundle_hold() -> None:
    for with_record, steps in ((True, 6), (False, 3)):
        report = bundle.check(bundle.read(bundle.encode(bundled(with_record=with_record))), RING.public)
        assert report.valid
        assert len(report.steps) == steps
        assert (report.index, report.size, report.origin) == (4, 11, RING.origin)
        assert report.has_record is with_record
        assert not report.key_from_bundle


@pytest.mark.parametrize(("size", "index"), [(1, 0), (2, 1), (256, 255), (257, 256), (300, 7)])
def test_bundles_of_every_kind_of_tree_hold(size: int, index: int) -> None:
    assert bundle.check(bundled(size=size, index=index)).valid


def test_a_public_bundle_tells_nothing_of_the_record() -> None:
    content = bundle.encode(bundled(with_record=False)).decode()
    assert "items" not in content
    assert hashlib.sha256(canonical(body())).hexdigest() not in content


def test_a_changed_record_is_told_apart_from_a_record_of_another_visit() -> None:
    good = bundled()
    assert good.record is not None
    changed = msgspec.structs.replace(good, record=msgspec.structs.replace(good.record, body=body(counts=False)))
    assert [name for name, ok in outcome(changed).items() if not ok] == ["record", "agreement"]
    other = body(visit="another")
    sha256 = hashlib.sha256(canonical(other)).hexdigest()
    swapped = msgspec.structs.replace(good, record=msgspec.structs.replace(good.record, body=other, sha256=sha256))
    assert [name for name, ok in outcome(swapped).items() if not ok] == ["commitment", "agreement"]


def test_a_statement_of_another_day_does_not_hold() -> None:
    good = bundled()
    statement = msgspec.structs.replace(good.public.statement, day="2026-11-27")
    changed = msgspec.structs.replace(good, public=msgspec.structs.replace(good.public, statement=statement))
    assert [name for name, ok in outcome(changed).items() if not ok] == ["agreement", "public"]


def test_another_leaf_place_proof_or_checkpoint_does_not_hold() -> None:
    good, other = bundled(), bundled(size=12)
    for change in (
        {"index": 5},
        {"proof": good.proof[:-1]},
        {"proof": other.proof},
        {"checkpoint": other.checkpoint},
        {"leaf": other.leaf},
        {"leaf": good.leaf + " "},
        {"leaf": "{}"},
        {"checkpoint": ""},
    ):
        assert outcome(msgspec.structs.replace(good, **change))["inclusion"] is False


def test_a_log_of_ones_own_making_is_seen_by_whoever_knows_the_key() -> None:
    mine = keys.LogKeys(RING.origin, (keys.LogKey(0, b"m" * 32),))
    forged = bundled(ring=mine)
    assert bundle.check(forged).valid
    assert bundle.check(forged).key_from_bundle
    assert outcome(forged, known=RING.public)["signature"] is False


def test_a_bundle_holds_with_the_older_key_after_rotation() -> None:
    rotated = keys.rotate(RING, lambda length: b"n" * length)
    assert bundle.check(bundled(ring=rotated), RING.public).valid
    assert bundle.check(bundled(), rotated.public).valid


def test_a_key_in_the_bundle_that_is_none_is_no_reason_to_stumble() -> None:
    assert outcome(msgspec.structs.replace(bundled(), keys=["x"]))["signature"] is False
    assert outcome(msgspec.structs.replace(bundled(), keys=[]))["signature"] is False


def test_every_step_is_told_in_both_languages() -> None:
    for shown in (bundled(), msgspec.structs.replace(bundled(), checkpoint="", leaf="")):
        assert all(step.text.zh and step.text.en for step in bundle.check(shown).steps)


def raw(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bundle.encode(bundled()))
    return found | changes


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        json.dumps(raw(format="x")).encode(),
        json.dumps(raw(more=1)).encode(),
        json.dumps(raw(index=-1)).encode(),
        json.dumps(raw(index=1.0)).encode(),
        json.dumps(raw(index=2**53)).encode(),
        json.dumps(raw(index=True)).encode(),
        json.dumps(raw(proof=["A" * 64])).encode(),
        json.dumps(raw(proof=["a" * 64 + "\n"])).encode(),
        json.dumps(raw(proof=["a" * 64] * 65)).encode(),
        json.dumps(raw(leaf="\ud800")).encode(),
        json.dumps(raw(record={})).encode(),
        json.dumps(raw()).replace('"index"', '"index": 3, "index"').encode(),
        b" " * (bundle.LARGEST_BYTES + 1),
        json.dumps(raw(index=float("nan"))).encode(),
    ],
)
def test_what_is_no_bundle_is_refused_with_words(content: bytes) -> None:
    with pytest.raises(BundleError) as refused:
        bundle.read(content)
    assert refused.value.text.en.startswith("This is no bundle: ")
    assert refused.value.text.zh.startswith("不是记录包：")


def test_the_signature_is_over_what_was_logged_and_not_over_the_bundle() -> None:
    """A bundle says who signed: all keys whose signature holds, as they are published."""
    report = bundle.check(bundled(), RING.public)
    assert [note.verifier_of(text) for text in report.signed_by] == RING.public
