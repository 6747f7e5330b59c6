"""Signed notes: written and read as C2SP signed-note says, checked against `cryptography` directly."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from qr.log import note
from qr.log.errors import NoteError
from qr.log.note import Verifier
from tests.support import slow_log

NAME = "example.com/log"
SECRETS = [bytes([number]) * 32 for number in (1, 2)]
KEYS = [note.verifier_from(NAME, secret) for secret in SECRETS]
TEXT = "a line\nanother, in Chinese: 维保\n"


def expected(text: str, *secrets: bytes, name: str = NAME) -> str:
    lines = ""
    for secret in secrets:
        private = Ed25519PrivateKey.from_private_bytes(secret)
        public = private.public_key().public_bytes_raw()
        lines += slow_log.signature_line(name, public, private.sign(text.encode()))
    return f"{text}\n{lines}"


def test_a_note_is_written_as_the_specification_says() -> None:
    assert note.sign(TEXT, NAME, SECRETS) == expected(TEXT, *SECRETS)


def test_a_key_is_passed_on_as_name_id_and_base_64() -> None:
    key = KEYS[0]
    encoded = base64.b64encode(b"\x01" + key.public).decode()
    assert key.text == f"{NAME}+{slow_log.key_id(NAME, key.public).hex()}+{encoded}"
    assert note.verifier_of(key.text) == key
    assert note.verifier_of(f"  {key.text}\n") == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000",
        f"{NAME}+00000000+{KEYS[0].text.rsplit('+', 1)[-1]}",
        f"other+{KEYS[0].text.split('+', 1)[1]}",
        f"a b+{KEYS[0].text.split('+', 1)[1]}",
        KEYS[0].text[:-4],
        KEYS[0].text.upper(),
        f"{NAME}+{KEYS[0].id.hex()}+é",
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        note.verifier_of(text)


def test_one_known_key_is_enough_and_unknown_ones_are_passed_over() -> None:
    signed = expected(TEXT, *SECRETS)
    assert note.opened(signed, KEYS).signed_by == tuple(KEYS)
    assert note.opened(signed, KEYS[1:]).signed_by == (KEYS[1],)
    assert note.opened(signed, KEYS[:1]).text == TEXT


def test_a_note_without_a_known_signature_is_refused() -> None:
    stranger = note.verifier_from(NAME, b"\x09" * 32)
    for known in ([], [stranger], [Verifier("another name", KEYS[0].public)]):
        with pytest.raises(NoteError) as refused:
            note.opened(expected(TEXT, *SECRETS), known)
        assert refused.value.reason == "no_known_signature"


def test_a_wrong_signature_of_a_known_key_refuses_the_note_though_another_is_right() -> None:
    good, forged = expected(TEXT, SECRETS[1]), expected("another text\n", SECRETS[0])
    both = good + forged.rpartition("\n\n")[2]
    with pytest.raises(NoteError) as refused:
        note.opened(both, KEYS)
    assert refused.value.reason == "wrong_signature"


def test_a_changed_text_is_refused() -> None:
    signed = expected(TEXT, *SECRETS)
    for changed in (signed.replace("another", "Another"), f"x{signed}", signed.replace("a line\n", "a line\n\n", 1)):
        with pytest.raises(NoteError):
            note.opened(changed, KEYS)


def test_an_empty_line_in_the_text_belongs_to_the_text() -> None:
    text = "one\n\ntwo\n"
    assert note.opened(note.sign(text, NAME, SECRETS), KEYS).text == text


@pytest.mark.parametrize(
    "changed",
    [
        lambda signed: signed[:-1],
        lambda signed: signed.replace("\n\n", "\n"),
        lambda signed: signed + "\n",
        lambda signed: signed.replace("— ", "- "),
        lambda signed: signed.replace("=\n", "\n"),
        lambda signed: TEXT,
        lambda signed: "",
        lambda signed: signed.replace("a line", "a\tline"),
        lambda signed: signed.replace("a line", "a\x00line"),
        lambda signed: signed + signed.rpartition("\n\n")[2] * 100,
        lambda signed: signed.replace(" example", "  example"),
    ],
)
def test_what_is_no_note_is_refused(changed: object) -> None:
    assert callable(changed)
    with pytest.raises(NoteError) as refused:
        note.opened(changed(expected(TEXT, *SECRETS)), KEYS)
    assert refused.value.text.zh
    assert refused.value.text.en.endswith(".")


@pytest.mark.parametrize(
    ("text", "name"), [("no line break", NAME), ("", NAME), ("a\tb\n", NAME), (TEXT, "a b"), (TEXT, "a+b"), (TEXT, "")]
)
def test_what_cannot_stand_in_a_note_is_not_signed(text: str, name: str) -> None:
    with pytest.raises(NoteError):
        note.sign(text, name, SECRETS)


def test_base_64_is_read_in_the_one_way_that_it_is_written() -> None:
    assert note.strict_base64("AA==") == b"\x00"
    for other in ("AB==", "AA=", "AA", "A A==", "AA==\n", "é"):
        assert note.strict_base64(other) is None
