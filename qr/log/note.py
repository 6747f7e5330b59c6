"""Signed notes as C2SP signed-note describes them, with Ed25519 (signature type 1).

A note is a text, an empty line, and one line per signature: ``— NAME BASE64(key id ‖ signature)``. A key's id is the first four
bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key); it only saves guessing which key to try.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.constant_time import bytes_eq

from qr.errors import Bilingual
from qr.log.errors import NoteError

ED25519: Final = b"\x01"
KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
_ID_BYTES: Final = 4
_DASH: Final = "— "
_MOST_SIGNATURES: Final = 100
_NAME: Final = re.compile(r"[^\s+\x00-\x1f\x7f]+")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


class Verifier(msgspec.Struct, frozen=True):
    """A public key with the name of who signs with it.

    Parameters
    ----------
    name : str
        Without spaces and plus signs.
    public : bytes
        32 bytes.
    """

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """First four bytes of the hash over name and key."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:_ID_BYTES]

    @property
    def text(self) -> str:
        """The key as people pass it on: ``NAME+ID+BASE64(0x01 ‖ key)``."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    def holds(self, text: str, signature: bytes) -> bool:
        """Return whether this key made a signature over a text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


class Signature(msgspec.Struct, frozen=True):
    """A line below a note's text."""

    name: str
    key_id: bytes
    signature: bytes


class Opened(msgspec.Struct, frozen=True):
    """A note that at least one known key has signed."""

    text: str
    signed_by: tuple[Verifier, ...]


def verifier_of(text: str) -> Verifier:
    """Read a public key from ``NAME+ID+BASE64``.

    Raises
    ------
    NoteError
        If it is none, or its id is that of another key.
    """
    parts = text.strip().split("+", 2)
    if len(parts) != 3 or not _NAME.fullmatch(parts[0]):
        raise _refused("no_key", "公钥应写成 名称+编号+密钥", "a key is written NAME+ID+KEY")
    raw = strict_base64(parts[2])
    if raw is None or len(raw) != 1 + KEY_BYTES or raw[:1] != ED25519:
        raise _refused("no_key", "公钥不是 Ed25519 公钥", "the key is no Ed25519 public key")
    found = Verifier(parts[0], raw[1:])
    if not bytes_eq(found.id.hex().encode(), parts[1].encode()):
        raise _refused("no_key", "公钥的编号与名称、密钥不符", "the key's id does not fit its name and key")
    return found


def verifier_from(name: str, secret: bytes) -> Verifier:
    """Return the public key of a secret one."""
    return Verifier(name, Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw())


def sign(text: str, name: str, secrets: Sequence[bytes]) -> str:
    """Return a note: the text with a signature of every key, in their order.

    Parameters
    ----------
    text
        Ends with a line break; has no control characters but line breaks.
    name
        Who signs.
    secrets
        Ed25519 keys of 32 bytes.

    Raises
    ------
    NoteError
        If the text or the name cannot stand in a note.
    """
    _require_text(text)
    if not _NAME.fullmatch(name):
        raise _refused("no_name", "签名者名称不得含空格或加号", "a signer's name has no spaces and no plus signs")
    lines = []
    for secret in secrets:
        signature = Ed25519PrivateKey.from_private_bytes(secret).sign(text.encode())
        lines.append(f"{_DASH}{name} {base64.b64encode(verifier_from(name, secret).id + signature).decode()}\n")
    return f"{text}\n{''.join(lines)}"


def split(note: str) -> tuple[str, list[Signature]]:
    """Return the text of a note and its signatures, none of them checked.

    Raises
    ------
    NoteError
        If it is no note.
    """
    text, found, lines = note.rpartition("\n\n")
    if not found or not lines.endswith("\n"):
        raise _refused("no_note", "不是签名文本：缺少空行和签名", "it is no signed note: no empty line, no signatures")
    _require_text(text + "\n")
    given = lines[:-1].split("\n")
    if len(given) > _MOST_SIGNATURES:
        raise _refused("no_note", "签名过多", "it has too many signatures")
    return text + "\n", [_signature(line) for line in given]


def _signature(line: str) -> Signature:
    name, found, encoded = line.removeprefix(_DASH).partition(" ")
    raw = strict_base64(encoded)
    if not line.startswith(_DASH) or not found or not _NAME.fullmatch(name) or raw is None or len(raw) <= _ID_BYTES:
        raise _refused("no_note", "签名行格式不正确", "a line of a signature is not written as it should be")
    return Signature(name, raw[:_ID_BYTES], raw[_ID_BYTES:])


def opened(note: str, known: Iterable[Verifier]) -> Opened:
    """Return the text of a note that at least one known key has signed.

    Signatures of unknown keys are passed over; a wrong one of a known key refuses the whole note.

    Raises
    ------
    NoteError
        If it is no note, or no known key vouches for it.
    """
    text, signatures = split(note)
    by_id = {(one.name, one.id): one for one in known}
    signed: list[Verifier] = []
    for signature in signatures:
        key = by_id.get((signature.name, signature.key_id))
        if key is None or key in signed:
            continue
        if len(signature.signature) != SIGNATURE_BYTES or not key.holds(text, signature.signature):
            raise _refused("wrong_signature", f"{key.name} 的签名不正确", f"the signature of {key.name} is wrong")
        signed.append(key)
    if not signed:
        raise _refused("no_known_signature", "没有已知密钥的签名", "no known key has signed it")
    return Opened(text, tuple(signed))


def strict_base64(text: str) -> bytes | None:
    """Return the bytes of a base 64 text; None where it is not the one way to write them."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if base64.b64encode(raw).decode() == text else None


def _require_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _refused("no_note", "文本不是 UTF-8", "the text is not UTF-8") from None
    if len(text) < 2 or not text.endswith("\n") or _CONTROL.search(text):
        raise _refused("no_note", "签名文本格式不正确", "the text of the note is not written as it should be")


def _refused(reason: str, zh: str, en: str) -> NoteError:
    return NoteError(reason, Bilingual(zh=f"{zh}。", en=f"{en[:1].upper()}{en[1:]}."))
