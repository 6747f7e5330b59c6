"""The key ring: secret label keys by epoch.

The newest key mints; every key that is not retired verifies. Rotating adds an epoch and leaves printed labels valid;
retiring an epoch makes all labels printed under it invalid at once (say, after its key leaked), but for those that the
caller has on an allow-list. Reading and writing
the file is the caller's job, and so is its mode (0600): here are only bytes in and out.

A key never shows up in ``repr``, in a traceback's message or in a log.
"""

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

import msgspec
from cryptography.hazmat.primitives.constant_time import bytes_eq

from qr.errors import Bilingual, KeyRingError

SECRET_BYTES: Final = 32
"""Length of a key: that of the SHA-256 output, as RFC 2104 section 3 advises."""

FILE_FORMAT: Final = "liftrounds-label-keys/1"

RandomBytes = Callable[[int], bytes]
"""A source of randomness: given a length, that many random bytes. In production `secrets.token_bytes`."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelKey:
    """One secret key.

    Parameters
    ----------
    epoch : int
        Number of the key, 0 or more.
    secret : bytes
        `SECRET_BYTES` random bytes.
    retired : bool
        A retired key neither mints nor verifies; it is kept for the labels on the allow-list (`qr.code.verify_retired`), and so
        that its epoch is never given out again.
    """

    epoch: int
    secret: bytes = field(repr=False)
    retired: bool = False

    def __eq__(self, other: object) -> bool:
        """Compare in constant time, so that not even a test of equality tells a key."""
        if not isinstance(other, LabelKey):
            return NotImplemented
        same_secret = bytes_eq(self.secret, other.secret)
        return same_secret and (self.epoch, self.retired) == (other.epoch, other.retired)

    def __hash__(self) -> int:
        return hash((self.epoch, self.retired))


@dataclass(frozen=True, slots=True)
class KeyRing:
    """All label keys of one installation, oldest first.

    Parameters
    ----------
    keys : tuple of LabelKey
        At least one, epochs rising, the last (the newest) not retired.

    Raises
    ------
    KeyRingError
        If the keys break one of these rules; all faults are named together.
    """

    keys: tuple[LabelKey, ...]

    def __post_init__(self) -> None:
        faults = list(_faults(self.keys))
        if faults:
            raise _invalid_ring(faults)

    @property
    def newest(self) -> LabelKey:
        """The key that mints."""
        return self.keys[-1]

    @property
    def verifying(self) -> tuple[LabelKey, ...]:
        """The keys that verify, oldest first."""
        return tuple(key for key in self.keys if not key.retired)

    @property
    def retired(self) -> tuple[LabelKey, ...]:
        """The keys that vouch only for labels on an allow-list, oldest first."""
        return tuple(key for key in self.keys if key.retired)


def generate(random_bytes: RandomBytes) -> KeyRing:
    """Make the ring of a new installation: one key, epoch 0.

    Parameters
    ----------
    random_bytes : RandomBytes
        Source of randomness, `secrets.token_bytes` in production.
    """
    return KeyRing((LabelKey(epoch=0, secret=random_bytes(SECRET_BYTES)),))


def rotate(ring: KeyRing, random_bytes: RandomBytes) -> KeyRing:
    """Add a newer key, which mints from now on; labels in use stay valid."""
    key = LabelKey(epoch=ring.newest.epoch + 1, secret=random_bytes(SECRET_BYTES))
    return KeyRing((*ring.keys, key))


def retire(ring: KeyRing, epoch: int) -> KeyRing:
    """Make all labels of an epoch invalid.

    Raises
    ------
    KeyRingError
        If the ring has no such epoch, or it is the newest: `rotate` first.
    """
    if epoch not in {key.epoch for key in ring.keys}:
        raise _unknown_epoch(ring, epoch)
    if epoch == ring.newest.epoch:
        raise KeyRingError(
            "newest_epoch",
            Bilingual(
                zh=f"密钥批次 {epoch} 是最新批次，请先轮换密钥再停用。",
                en=f"epoch: {epoch} is the newest key, which mints; rotate first, then retire it.",
            ),
        )
    return KeyRing(tuple(replace(key, retired=True) if key.epoch == epoch else key for key in ring.keys))


def restore(ring: KeyRing, epoch: int) -> KeyRing:
    """Take back a retirement: the labels of the epoch are valid again.

    Raises
    ------
    KeyRingError
        If the ring has no such epoch.
    """
    if epoch not in {key.epoch for key in ring.keys}:
        raise _unknown_epoch(ring, epoch)
    return KeyRing(tuple(replace(key, retired=False) if key.epoch == epoch else key for key in ring.keys))


def _unknown_epoch(ring: KeyRing, epoch: int) -> KeyRingError:
    return KeyRingError(
        "unknown_epoch",
        Bilingual(
            zh=f"密钥批次 {epoch} 不存在，现有批次：{_epochs(ring)}。",
            en=f"epoch: the ring has no key of epoch {epoch}; it has {_epochs(ring)}.",
        ),
    )


class _KeyRecord(msgspec.Struct, forbid_unknown_fields=True):
    epoch: int
    secret: str
    retired: bool = False

    def __repr__(self) -> str:
        return f"_KeyRecord(epoch={self.epoch}, retired={self.retired})"


class _KeyFile(msgspec.Struct, forbid_unknown_fields=True):
    format: str
    keys: list[_KeyRecord]


def dump(ring: KeyRing) -> bytes:
    """Write a ring as the content of its key file: JSON in UTF-8, secrets in base 64. Keep it to its owner."""
    records = [_KeyRecord(key.epoch, base64.b64encode(key.secret).decode("ascii"), key.retired) for key in ring.keys]
    return msgspec.json.format(msgspec.json.encode(_KeyFile(FILE_FORMAT, records))) + b"\n"


def load(content: bytes) -> KeyRing:
    """Read a ring from the content of its key file.

    Parameters
    ----------
    content : bytes
        What `dump` wrote.

    Raises
    ------
    KeyRingError
        If the content is no key file; the message names the fields, never a secret.
    """
    try:
        file = msgspec.json.decode(content, type=_KeyFile)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        # msgspec names the path and the type it wanted, not the value, so no secret gets into the message.
        raise _invalid_ring([str(error)]) from None
    if file.format != FILE_FORMAT:
        raise _invalid_ring([f"format: {file.format!r} is not {FILE_FORMAT!r}"])
    keys: list[LabelKey] = []
    faults: list[str] = []
    for index, record in enumerate(file.keys):
        try:
            secret = base64.b64decode(record.secret, validate=True)
        except (binascii.Error, ValueError):
            faults.append(f"keys[{index}].secret: not base 64")
        else:
            keys.append(LabelKey(record.epoch, secret, record.retired))
    if faults:
        raise _invalid_ring(faults)
    return KeyRing(tuple(sorted(keys, key=lambda key: key.epoch)))


def _faults(keys: tuple[LabelKey, ...]) -> Iterator[str]:
    if not keys:
        yield "keys: at least one key is needed"
        return
    epochs = [key.epoch for key in keys]
    if epochs[0] < 0 or any(later <= earlier for earlier, later in pairwise(epochs)):
        yield f"keys: epochs must be 0 or more and rise without repeats, not {epochs}"
    for key in keys:
        if len(key.secret) != SECRET_BYTES:
            yield f"keys: epoch {key.epoch} has {len(key.secret)} bytes, {SECRET_BYTES} are needed"
    if keys[-1].retired:
        yield f"keys: the newest key (epoch {epochs[-1]}) is retired, so nothing could mint"


def _epochs(ring: KeyRing) -> str:
    return ", ".join(str(key.epoch) for key in ring.keys)


def _invalid_ring(faults: list[str]) -> KeyRingError:
    listed = "; ".join(faults)
    return KeyRingError(
        "invalid_key_ring",
        Bilingual(
            zh=f"标签密钥无效：{listed}。请从备份恢复密钥文件；换新密钥会使已贴标签失效。",
            en=(
                f"Label keys are not valid: {listed}. Restore the key file from a backup; "
                "new keys make the labels already in the cars invalid."
            ),
        ),
    )
