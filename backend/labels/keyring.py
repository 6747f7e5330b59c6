"""The key file in use: read again when it changes, changed by one process at a time."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Callable

from backend import keyfile
from backend.settings import Settings
from qr import keys
from qr.keys import KeyRing


class LiveRing:
    """The label keys of this installation, read again when somebody rotates or retires one.

    Parameters
    ----------
    settings
        Of this host.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._path = settings.data_dir / keyfile.LABEL_KEYS
        self._ring = keyfile.label_keys(settings)
        self._stamp = self._stamp_now()

    def current(self) -> KeyRing:
        """Return the keys as they are in the file; while the file is missing or damaged, as they were."""
        stamp = self._stamp_now()
        if stamp not in (self._stamp, None):
            try:
                self._ring = keyfile.label_keys(self._settings)
            except ValueError:
                return self._ring  # somebody is at it by hand; `liftrounds doctor` tells
            self._stamp = stamp
        return self._ring

    def _stamp_now(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino


def rotate(settings: Settings) -> KeyRing:
    """Add a newer key, which mints from now on; labels in use stay valid."""
    return _change(settings, lambda ring: keys.rotate(ring, secrets.token_bytes))


def retire(settings: Settings, epoch: int) -> KeyRing:
    """Retire a key: of its labels only those on the allow-list stay valid.

    Raises
    ------
    qr.errors.KeyRingError
        If there is no such key, or it is the newest.
    """
    return _change(settings, lambda ring: keys.retire(ring, epoch))


def restore(settings: Settings, epoch: int) -> KeyRing:
    """Take a retirement back.

    Raises
    ------
    qr.errors.KeyRingError
        If there is no such key.
    """
    return _change(settings, lambda ring: keys.restore(ring, epoch))


def _change(settings: Settings, change: Callable[[KeyRing], KeyRing]) -> KeyRing:
    """Change the file as a whole: a crash leaves the old one or the new one, never half of one."""
    path = settings.data_dir / keyfile.LABEL_KEYS
    keyfile.label_keys(settings)  # made where there is none
    lock = os.open(path.with_name(f".{path.name}.lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ring = change(keyfile.label_keys(settings))
        draft = path.with_name(f".{path.name}.{os.getpid()}.new")
        draft.touch(mode=0o600)
        with draft.open("wb") as file:
            file.write(keys.dump(ring))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        return ring
    finally:
        os.close(lock)
