"""The hand-over file: a phone's unsent queue with its photos, encrypted for the firm's server.

Compact JWE (RFC 7516), ECDH-ES on P-256 with A256GCM (RFC 7518), over JSON. Nobody who carries the file can read or change it.
The keys are by epoch like all others here: phones get the newest, retired ones still open. A key's secret is a P-256 scalar.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from msgspec import Meta, Struct

from qr.base64url import from_base64url, to_base64url
from qr.chain.bodies import Count, Hex64
from qr.chain.envelope import Envelope
from qr.chain.errors import refused
from qr.errors import Bilingual
from qr.log import keys as key_file
from qr.log.keys import LogKeys, RandomBytes, Use
from qr.log.note import KEY_BYTES

FORMAT: Final = "liftrounds-handover/1"

LARGEST_FILE: Final = 32 * 1024 * 1024
"""Bytes of one file: 12 MiB of photos grow to 22 MiB, because base64 is written twice; a phone makes several files of more."""

MOST_ENTRIES: Final = 20_000
"""Entries of one file: months of work without a signal."""

MOST_PHOTOS: Final = 2_000
"""Photos of one file."""

HANDOVER: Final = Use(
    "liftrounds-handover-keys/1",
    "liftrounds-handover/",
    Bilingual(zh="移交文件", en="the hand-over files"),
    Bilingual(zh="换新密钥后，旧的移交文件无法打开", en="with a new one the files made before could not be opened"),
)
"""What these keys are for."""

_ALGORITHMS: Final = ["ECDH-ES", "A256GCM"]
_HEADER: Final = frozenset({"alg", "enc", "epk", "kid"})
"""What the header has; ``zip`` is not taken, because a small file could grow without end."""

_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256 (FIPS 186-5, SP 800-186)."""


class _Registry(jwe.JWERegistry):
    """Allows what a hand-over file is made of; the library's own bound of 64 KiB is for tokens."""

    max_ciphertext_length = LARGEST_FILE


class HandoverPhoto(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A photo of the queue."""

    id: UUID
    sha256: Hex64
    type: Annotated[str, Meta(max_length=100)]
    """Media type."""

    data: str
    """Base64url without padding."""


class HandoverFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is in a hand-over file."""

    format: Literal["liftrounds-handover/1"]
    phone: UUID
    made_at_ms: Count
    part: Count
    """1, 2, … of `parts`; every one can be read alone."""

    parts: Count
    entries: Annotated[list[Envelope], Meta(max_length=MOST_ENTRIES)]
    photos: Annotated[list[HandoverPhoto], Meta(max_length=MOST_PHOTOS)]

    def __repr__(self) -> str:
        return f"HandoverFile({len(self.entries)} entries, {len(self.photos)} photos)"


class PhotoContent(Struct, frozen=True, kw_only=True):
    """A photo of a hand-over file as bytes; whether its hash holds is for the one who stores it."""

    id: UUID
    sha256: str
    type: str
    content: bytes

    def __repr__(self) -> str:
        return f"PhotoContent({self.id})"


def generate(random_bytes: RandomBytes) -> LogKeys:
    """Make the first key."""
    return key_file.generate(lambda length: _scalar(random_bytes, length), HANDOVER)


def rotate(keys: LogKeys, random_bytes: RandomBytes) -> LogKeys:
    """Add a newer key: phones that enrol from now on get it."""
    return key_file.rotate(keys, lambda length: _scalar(random_bytes, length))


def _scalar(random_bytes: RandomBytes, length: int) -> bytes:
    """Draw until the bytes are a scalar of the curve; one draw in four thousand million is none."""
    while True:
        drawn = random_bytes(length)
        if length != KEY_BYTES or 1 <= int.from_bytes(drawn) < _ORDER:
            return drawn


def public_jwk(keys: LogKeys) -> dict[str, str]:
    """Return the newest public key as a JWK, for phones to encrypt to."""
    newest = keys.keys[-1]
    point = derive_private_key(int.from_bytes(newest.secret), SECP256R1()).public_key()
    raw = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    half = KEY_BYTES + 1
    return {
        "kty": "EC", "crv": "P-256", "x": to_base64url(raw[1:half]), "y": to_base64url(raw[half:]),
        "kid": _kid(keys, newest.epoch), "alg": "ECDH-ES",
    }  # fmt: skip


def encrypt(file: HandoverFile, jwk: dict[str, str]) -> str:
    """Return a hand-over file: the phone's side, for the demo and tests."""
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": jwk["kid"]}
    key = ECKey.import_key(dict[str, str | list[str]](jwk))
    return jwe.encrypt_compact(header, msgspec.json.encode(file), key, algorithms=_ALGORITHMS)


def read(content: bytes, keys: LogKeys) -> tuple[HandoverFile, list[PhotoContent]]:
    """Decrypt a hand-over file.

    Parameters
    ----------
    content
        As uploaded.
    keys
        Of all epochs.

    Returns
    -------
    tuple of HandoverFile and list of PhotoContent
        The file, and its photos as bytes. Signatures and hashes are not checked.

    Raises
    ------
    ChainError
        ``handover_too_large``, ``no_handover_file``, ``handover_key_unknown``, ``handover_damaged``, ``handover_malformed``.
    """
    if len(content) > LARGEST_FILE:
        largest = LARGEST_FILE // 1024**2
        raise refused("handover_too_large", f"文件超过 {largest} MiB", f"The file has more than {largest} MiB")
    text = content.strip()
    secret = _secret_of(_header_of(text), keys)
    point = ECKey.import_key(derive_private_key(int.from_bytes(secret), SECP256R1()))
    try:
        opened = jwe.decrypt_compact(text, point, registry=_Registry(algorithms=_ALGORITHMS)).plaintext
    except (JoseError, ValueError, KeyError, TypeError):
        raise refused("handover_damaged", "文件已损坏，无法解密", "The file is damaged: it cannot be decrypted") from None
    return _file_of(opened or b"")


def _header_of(text: bytes) -> dict[str, object]:
    raw = from_base64url(text.split(b".", 1)[0].decode("ascii", "replace"))
    try:
        header = msgspec.json.decode(raw or b"", type=dict[str, object])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        header = {}
    if (header.get("alg"), header.get("enc")) != tuple(_ALGORITHMS) or not set(header) <= _HEADER:
        zh, en = "不是本应用生成的移交文件", "This is no hand-over file of the app"
        raise refused("no_handover_file", zh, en)
    return header


def _secret_of(header: dict[str, object], keys: LogKeys) -> bytes:
    """Return the secret that a file was made for; one without a name is tried with the newest."""
    kid = header.get("kid", _kid(keys, keys.keys[-1].epoch))
    found = next((key.secret for key in keys.keys if _kid(keys, key.epoch) == kid), None)
    if found is None:
        zh, en = "文件是用其他服务器的密钥加密的", "The file was made for another server's key"
        raise refused("handover_key_unknown", zh, en)
    return found


def _kid(keys: LogKeys, epoch: int) -> str:
    return f"{keys.origin}/{epoch}"


def _file_of(plain: bytes) -> tuple[HandoverFile, list[PhotoContent]]:
    try:
        file = msgspec.json.decode(plain, type=HandoverFile)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise refused(
            "handover_malformed", f"文件内容无效：{error}", f"The content of the file is not valid: {error}"
        ) from None
    photos = []
    for photo in file.photos:
        content = from_base64url(photo.data)
        if content is None:
            zh, en = f"照片 {photo.id} 不是 base64url", f"The photo {photo.id} is no base64url"
            raise refused("handover_malformed", zh, en)
        photos.append(PhotoContent(id=photo.id, sha256=photo.sha256, type=photo.type, content=content))
    return file, photos
