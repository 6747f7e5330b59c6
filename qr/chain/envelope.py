"""Envelopes: a signed payload on its way, and the check of its signature (ECDSA P-256 with SHA-256, r ‖ s).

The public key is the 65-byte uncompressed point of SEC 1. (r, n - s) verifies wherever (r, s) does; that is harmless, because
the signature is no part of the chain: the payload's hash is.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Annotated, Final
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from msgspec import Meta, Struct

from qr.base64url import from_base64url
from qr.canonical import canonical
from qr.chain import entry as entries
from qr.chain.bodies import PositionMark
from qr.chain.entry import LARGEST_PAYLOAD, Entry, ScanEntry
from qr.chain.errors import refused
from qr.chain.position import OpenedPosition, require_opens

PUBLIC_KEY_BYTES: Final = 65
SIGNATURE_BYTES: Final = 64
ENROL_FORMAT: Final = "liftrounds-enrol/1"
_HALF: Final = SIGNATURE_BYTES // 2
_UNCOMPRESSED: Final = 4
_LONGEST_PAYLOAD_TEXT: Final = LARGEST_PAYLOAD * 4 // 3 + 4


class Envelope(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An entry as it is sent."""

    payload: Annotated[str, Meta(max_length=_LONGEST_PAYLOAD_TEXT)]
    """Base64url without padding."""

    signature: Annotated[str, Meta(max_length=200)]
    """Base64url without padding."""

    position: OpenedPosition | None = None
    """What the entry's position commitment stands for."""


_NO_SIGNATURE: Final = "!"
"""No base64url, so that no envelope holds with it."""


def read_envelope(sent: object) -> Envelope:
    """Return an envelope of an upload; of what is none only its payload, which is then refused like any other.

    One bad envelope must not hold up the others of a queue. Its position is left out: what is refused is kept as evidence,
    and places are not kept for ever.

    Parameters
    ----------
    sent
        As it was in the JSON of the upload.
    """
    try:
        return msgspec.convert(sent, Envelope)
    except msgspec.ValidationError:
        payload = sent.get("payload") if isinstance(sent, dict) else None
        kept = payload[:_LONGEST_PAYLOAD_TEXT] if isinstance(payload, str) else ""
        return Envelope(payload=kept, signature=_NO_SIGNATURE)


class Signed(Struct, frozen=True, kw_only=True):
    """An entry whose signature and position are right; its place in the chain is not looked at."""

    entry: Entry
    payload: bytes
    signature: bytes
    sha256: str
    position: OpenedPosition | None


@lru_cache(maxsize=256)
def public_key_of(point: bytes) -> EllipticCurvePublicKey:
    """Read a phone's public key.

    Raises
    ------
    ChainError
        ``bad_public_key`` if it is no uncompressed point on P-256.
    """
    if len(point) != PUBLIC_KEY_BYTES or point[0] != _UNCOMPRESSED:
        raise refused("bad_public_key", "公钥应为 65 字节的 P-256 点", "The public key is no P-256 point of 65 bytes")
    try:
        return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    except ValueError:
        raise refused("bad_public_key", "公钥不在 P-256 曲线上", "The public key is no point on the curve P-256") from None


def root_of(point: bytes) -> str:
    """Return what the first entry of a phone's chain names as the one before: the hash of its public key."""
    return hashlib.sha256(point).hexdigest()


def holds(point: bytes, signature: bytes, signed: bytes) -> bool:
    """Return whether a phone's key made a signature."""
    if len(signature) != SIGNATURE_BYTES:
        return False
    r, s = int.from_bytes(signature[:_HALF]), int.from_bytes(signature[_HALF:])
    try:
        public_key_of(point).verify(encode_dss_signature(r, s), signed, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def mark_of(entry: Entry) -> PositionMark | None:
    """Return what an entry says of its position; None for one that is no scan."""
    return entry.body.position if isinstance(entry, ScanEntry) else None


def opened(envelope: Envelope, *, phone: UUID, point: bytes) -> Signed:
    """Return the entry of an envelope, once its signature and its position are found right.

    The signature is checked before the content is read.

    Parameters
    ----------
    envelope
        As it came.
    phone, point
        Id and public key of the phone whose chain it shall belong to.

    Raises
    ------
    ChainError
        ``malformed``, ``bad_signature``, ``other_phone``, and those of `entry.decode` and `position.require_opens`.
    """
    payload, signature = from_base64url(envelope.payload), from_base64url(envelope.signature)
    if payload is None or signature is None:
        zh, en = "信封有误，或条目、签名不是 base64url", "The envelope is not as documented, or no base64url without padding"
        raise refused("malformed", zh, en)
    if len(signature) != SIGNATURE_BYTES:
        zh, en = f"签名应为 {SIGNATURE_BYTES} 字节", f"The signature has not {SIGNATURE_BYTES} bytes"
        raise refused("bad_signature", zh, en)
    if not holds(point, signature, payload):
        raise refused("bad_signature", "签名不是该手机的签名", "The signature is not that of this phone")
    entry = entries.decode(payload)
    if entry.phone != phone:
        raise refused("other_phone", "条目属于另一台手机", "The entry is another phone's")
    if envelope.position is not None:
        require_opens(mark_of(entry), envelope.position)
    return Signed(
        entry=entry, payload=payload, signature=signature, sha256=entries.sha256_of(payload), position=envelope.position
    )


def enrolment(invite: str, public_key: str) -> bytes:
    """Return what a phone signs to enrol: it has the private key, and it means this invitation.

    Parameters
    ----------
    invite, public_key
        As they stand in the request, to the character.
    """
    return canonical({"format": ENROL_FORMAT, "invite": invite, "public_key": public_key})
