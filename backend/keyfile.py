"""Key files in the data directory, readable by their owner only.

Hosts that share a database share these files. Their content never reaches logs, pages or the database.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from backend.errors import Unavailable
from backend.settings import Settings
from qr import keys
from qr.chain import handover
from qr.chain.beacon import BEACON
from qr.log import keys as log_key_file
from qr.log.keys import LOG, LogKeys

LABEL_KEYS = "label-keys.json"
LOG_KEYS = "log-keys.json"
PAGE_SECRET = "page-secret"  # noqa: S105 - a file's name
BEACON_KEYS = "beacon-keys.json"
HANDOVER_KEYS = "handover-keys.json"
MESSAGE_KEY = "message-key"
PUSH_KEY = "push-key.pem"
KEY_FILES = (LABEL_KEYS, LOG_KEYS, BEACON_KEYS, HANDOVER_KEYS, PAGE_SECRET, MESSAGE_KEY, PUSH_KEY)

_PAGE_SECRET_BYTES = 32
_MESSAGE_KEY_BYTES = 32
"""AES-256."""


def label_keys(settings: Settings) -> keys.KeyRing:
    """Return the keys that sign label codes; made on the first use.

    Raises
    ------
    qr.errors.KeyRingError
        If the file was changed and is no key file any more.
    """
    return keys.load(_read_or_create(settings.data_dir / LABEL_KEYS, lambda: keys.dump(keys.generate(secrets.token_bytes))))


def refuse_lost_label_keys(settings: Settings, labels: int) -> None:
    """Refuse to make new keys where labels were printed with others: none of them would open any more.

    Parameters
    ----------
    settings
        Of this host.
    labels
        How many labels the database has.

    Raises
    ------
    Unavailable
        If there are labels and no key file.
    """
    if labels and not (settings.data_dir / LABEL_KEYS).exists():
        raise Unavailable(
            "{file} is missing, and {labels} labels were made with its keys: put it back from the backup,"
            " or copy it from a host that shares this database",
            file=settings.data_dir / LABEL_KEYS, labels=labels,
        )  # fmt: skip


def log_keys(settings: Settings) -> LogKeys:
    """Return the keys that sign the log's checkpoints; made on the first use.

    Raises
    ------
    qr.log.errors.LogKeyError
        If the file was changed and is no key file any more.
    """
    path = settings.data_dir / LOG_KEYS
    return log_key_file.load(_read_or_create(path, lambda: log_key_file.dump(log_key_file.generate(secrets.token_bytes))))


def beacon_keys(settings: Settings) -> LogKeys:
    """Return the keys that sign server times for phones; made on the first use.

    Raises
    ------
    qr.log.errors.LogKeyError
        If the file was changed and is no key file any more.
    """
    made = _read_or_create(
        settings.data_dir / BEACON_KEYS, lambda: log_key_file.dump(log_key_file.generate(secrets.token_bytes, BEACON))
    )
    return log_key_file.load(made, BEACON)


def handover_keys(settings: Settings) -> LogKeys:
    """Return the keys that open hand-over files of phones; made on the first use.

    Raises
    ------
    qr.log.errors.LogKeyError
        If the file was changed and is no key file any more.
    """
    made = _read_or_create(settings.data_dir / HANDOVER_KEYS, lambda: log_key_file.dump(handover.generate(secrets.token_bytes)))
    return log_key_file.load(made, handover.HANDOVER)


def save_log_keys(settings: Settings, changed: LogKeys) -> None:
    """Write changed keys over those of the file of their use, whole or not at all."""
    path = settings.data_dir / {LOG: LOG_KEYS, BEACON: BEACON_KEYS, handover.HANDOVER: HANDOVER_KEYS}[changed.use]
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(log_key_file.dump(changed))
    draft.replace(path)


def page_secret(settings: Settings) -> str:
    """Return the secret that signs the CSRF tokens of pages; made on the first use."""
    path = settings.data_dir / PAGE_SECRET
    return _read_or_create(path, lambda: secrets.token_hex(_PAGE_SECRET_BYTES).encode()).decode().strip()


def message_key(settings: Settings) -> bytes:
    """Return the key that the addresses of bots are encrypted with; made on the first use."""
    path = settings.data_dir / MESSAGE_KEY
    return bytes.fromhex(_read_or_create(path, lambda: secrets.token_hex(_MESSAGE_KEY_BYTES).encode()).decode().strip())


def push_key(settings: Settings) -> ec.EllipticCurvePrivateKey:
    """Return the key that says to push services who pushes (VAPID, RFC 8292); made on the first use.

    With another key all browsers would have to subscribe anew.
    """
    found = serialization.load_pem_private_key(_read_or_create(settings.data_dir / PUSH_KEY, _new_push_key), password=None)
    if not isinstance(found, ec.EllipticCurvePrivateKey):
        raise Unavailable("{file} is no key of Web Push", file=settings.data_dir / PUSH_KEY)
    return found


def _new_push_key() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )  # fmt: skip


def _read_or_create(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return a file's content; write it first where there is none.

    Of two processes that start together, the second reads what the first wrote, and never half of it.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_bytes(make())
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_bytes()
