"""Checkpoints as C2SP tlog-checkpoint writes them."""

from __future__ import annotations

import base64

import pytest

from qr.log import checkpoint, note
from qr.log.checkpoint import Checkpoint
from qr.log.errors import NoteError

ORIGIN = "example.com/behind-the-sofa"
SECRET = b"\x05" * 32
ROOT = bytes(range(32))
KEY = note.verifier_from(ORIGIN, SECRET)


def body(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def test_a_checkpoint_names_log_size_and_root_a_line_each() -> None:
    text = body(ORIGIN, "20852163", base64.b64encode(ROOT).decode())
    assert Checkpoint(ORIGIN, 20852163, ROOT).body == text
    assert checkpoint.parse(text) == Checkpoint(ORIGIN, 20852163, ROOT)


def test_a_signed_checkpoint_opens_with_the_logs_key() -> None:
    signed = checkpoint.sign(Checkpoint(ORIGIN, 7, ROOT), [SECRET])
    found = checkpoint.opened(signed, [KEY])
    assert found.checkpoint == checkpoint.unverified(signed) == Checkpoint(ORIGIN, 7, ROOT)
    assert found.signed_by == (KEY,)


def test_further_lines_are_kept() -> None:
    text = body(ORIGIN, "0", base64.b64encode(ROOT).decode(), "an extension", "another")
    assert checkpoint.parse(text).extension == ("an extension", "another")
    assert checkpoint.parse(text).body == text


def test_a_checkpoint_that_only_another_log_signed_is_refused() -> None:
    signed = note.sign(Checkpoint(ORIGIN, 7, ROOT).body, "another.example/log", [SECRET])
    with pytest.raises(NoteError) as refused:
        checkpoint.opened(signed, [note.verifier_from("another.example/log", SECRET)])
    assert refused.value.reason == "other_log"


@pytest.mark.parametrize(
    "lines",
    [
        (), (ORIGIN,), (ORIGIN, "7"), (ORIGIN, "07", "x"), (ORIGIN, "-1", "x"), (ORIGIN, "٧", "x"), (ORIGIN, "1e3", "x"),
        (ORIGIN, "9" * 20, "x"), ("", "7", "x"), (ORIGIN, "7", "AAAA"), (ORIGIN, "7", ""), (ORIGIN, "7", "x", ""),
    ],
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(lines: tuple[str, ...]) -> None:
    good = base64.b64encode(ROOT).decode()
    with pytest.raises(NoteError) as refused:
        checkpoint.parse(body(*[good if line == "x" and lines[1] != "7" else line for line in lines]))
    assert refused.value.reason == "no_checkpoint"
