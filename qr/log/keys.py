"""The keys that sign checkpoints, by epoch, and their file; server times (`qr.chain.beacon`) have keys of the same kind.

Every key that is not retired signs, so that those who know only the older key can go on while a newer one becomes known.
A retired key signs no more; its public part stays, because checkpoints of its time must still verify.

A secret never shows up in ``repr``, in a traceback's message or in a log. Reading and writing the file is the caller's job.
"""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

import msgspec

from qr.errors import Bilingual
from qr.log.errors import LogKeyError
from qr.log.note import KEY_BYTES, Verifier, strict_base64, verifier_from

_ORIGIN_BYTES: Final = 8

RandomBytes = Callable[[int], bytes]
"""Given a length, that many random bytes: in production `secrets.token_bytes`."""


@dataclass(frozen=True, slots=True)
class Use:
    """What keys are for. Keys of one use never pass for those of another: their files and their names differ.

    Parameters
    ----------
    file_format, origin_prefix : str
        What the file says it is, and how the name of the signer begins.
    whose : Bilingual
        Of what, inside a sentence.
    loss : Bilingual
        What a new file instead of the lost one would do.
    """

    file_format: str
    origin_prefix: str
    whose: Bilingual
    loss: Bilingual


LOG: Final = Use(
    "liftrounds-log-keys/1",
    "liftrounds-log/",
    Bilingual(zh="日志", en="the log"),
    Bilingual(zh="换新密钥会使日志改名，旧检查点无法延续", en="a new one would begin another log"),
)


@dataclass(frozen=True, slots=True, eq=False)
class LogKey:
    """One Ed25519 key."""

    epoch: int
    secret: bytes = field(repr=False)
    retired: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class LogKeys:
    """The keys of one signer, oldest first.

    Parameters
    ----------
    origin : str
        Name of the log. It is random and not an address: addresses change, and the name must not.
    keys : tuple of LogKey
        At least one, epochs rising, the last not retired.
    use : Use
        What they sign.

    Raises
    ------
    LogKeyError
        If the keys break one of these rules.
    """

    origin: str
    keys: tuple[LogKey, ...]
    use: Use = LOG

    def __post_init__(self) -> None:
        faults = list(_faults(self))
        if faults:
            raise _invalid(faults, self.use)

    @property
    def signing(self) -> list[bytes]:
        """Secrets of the keys that sign, oldest first."""
        return [key.secret for key in self.keys if not key.retired]

    @property
    def public(self) -> list[Verifier]:
        """Public keys of all epochs, the retired ones too, newest first."""
        return [verifier_from(self.origin, key.secret) for key in reversed(self.keys)]


def generate(random_bytes: RandomBytes, use: Use = LOG) -> LogKeys:
    """Name a new log, or another signer, and make its first key."""
    return LogKeys(use.origin_prefix + random_bytes(_ORIGIN_BYTES).hex(), (LogKey(0, random_bytes(KEY_BYTES)),), use)


def rotate(keys: LogKeys, random_bytes: RandomBytes) -> LogKeys:
    """Add a newer key; from now on it signs beside those before it."""
    return replace(keys, keys=(*keys.keys, LogKey(keys.keys[-1].epoch + 1, random_bytes(KEY_BYTES))))


def retire(keys: LogKeys, epoch: int) -> LogKeys:
    """Let a key sign no more; what it signed still verifies.

    Raises
    ------
    LogKeyError
        If there is no such key, or it is the newest: `rotate` first.
    """
    if epoch not in {key.epoch for key in keys.keys}:
        raise LogKeyError("unknown_epoch", Bilingual(zh=f"没有编号 {epoch} 的密钥。", en=f"There is no key of epoch {epoch}."))
    if epoch == keys.keys[-1].epoch:
        raise LogKeyError(
            "newest_epoch",
            Bilingual(zh=f"密钥 {epoch} 是最新密钥，请先轮换。", en=f"Key {epoch} is the newest, which signs: rotate first."),
        )
    return replace(keys, keys=tuple(replace(key, retired=True) if key.epoch == epoch else key for key in keys.keys))


class _Record(msgspec.Struct, forbid_unknown_fields=True):
    epoch: int
    secret: str
    retired: bool = False

    def __repr__(self) -> str:
        return f"_Record(epoch={self.epoch}, retired={self.retired})"


class _File(msgspec.Struct, forbid_unknown_fields=True):
    format: str
    origin: str
    keys: list[_Record]


def dump(keys: LogKeys) -> bytes:
    """Write the keys as the content of their file: JSON, secrets in base 64. Keep it to its owner."""
    records = [_Record(key.epoch, base64.b64encode(key.secret).decode(), key.retired) for key in keys.keys]
    return msgspec.json.format(msgspec.json.encode(_File(keys.use.file_format, keys.origin, records))) + b"\n"


def load(content: bytes, use: Use = LOG) -> LogKeys:
    """Read the keys from the content of their file.

    Raises
    ------
    LogKeyError
        If it is no key file; the message names the fields, never a secret.
    """
    try:
        file = msgspec.json.decode(content, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _invalid([str(error)], use) from None  # msgspec names path and type, not the value
    if file.format != use.file_format:
        raise _invalid([f"format: {file.format!r} is not {use.file_format!r}"], use)
    secrets = [strict_base64(record.secret) or b"" for record in file.keys]
    return LogKeys(
        file.origin,
        tuple(LogKey(record.epoch, secret, record.retired) for record, secret in zip(file.keys, secrets, strict=True)),
        use,
    )


def _faults(keys: LogKeys) -> Iterator[str]:
    prefix = keys.use.origin_prefix
    if not keys.origin.startswith(prefix) or not keys.origin.removeprefix(prefix).isalnum():
        yield f"origin: it is not the name of {keys.use.whose.en}"
    if not keys.keys:
        yield "keys: at least one key is needed"
        return
    epochs = [key.epoch for key in keys.keys]
    if epochs[0] < 0 or any(later <= earlier for earlier, later in pairwise(epochs)):
        yield f"keys: epochs must be 0 or more and rise without repeats, not {epochs}"
    for key in keys.keys:
        if len(key.secret) != KEY_BYTES:
            yield f"keys: epoch {key.epoch} is no key of {KEY_BYTES} bytes in base 64"
    if keys.keys[-1].retired:
        yield f"keys: the newest key (epoch {epochs[-1]}) is retired, so nothing could sign"


def _invalid(faults: list[str], use: Use) -> LogKeyError:
    listed = "; ".join(faults)
    return LogKeyError(
        "invalid_log_keys",
        Bilingual(
            zh=f"{use.whose.zh}密钥文件无效：{listed}。请从备份恢复；{use.loss.zh}。",
            en=f"The key file of {use.whose.en} is not valid: {listed}. Restore it from a backup; {use.loss.en}.",
        ),
    )
