"""Where the files of photos lie: by their content, so that the same file is kept once and a damaged one shows."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import Protocol

from backend.settings import Settings

FOLDER = "photos"
"""In the data directory; a backup takes it along."""


class PhotoStore(Protocol):
    """A place for files by their SHA-256 in lower-case hexadecimal, such as a folder or a bucket."""

    def put(self, content: bytes) -> str:
        """Keep a file, durably; return its SHA-256. The same file again changes nothing."""

    def get(self, sha256: str) -> bytes | None:
        """Return a file; None where it is not there, or is damaged."""

    def drop(self, sha256: str) -> None:
        """Delete a file; nothing happens where there is none."""


class FolderStore:
    """Files in a folder, two levels deep, so that millions of them make no folder slow.

    Parameters
    ----------
    folder
        Made on the first use. Hosts that share a database share it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes) -> str:
        """Keep a file, durably; return its SHA-256. The same file again changes nothing."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path(sha256)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f".{sha256}.{os.getpid()}.{secrets.token_hex(4)}")
            with draft.open("wb") as file:
                draft.chmod(0o600)
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        return sha256

    def get(self, sha256: str) -> bytes | None:
        """Return a file; None where it is not there, or is damaged."""
        try:
            content = self.path(sha256).read_bytes()
        except FileNotFoundError:
            return None
        return content if hashlib.sha256(content).hexdigest() == sha256 else None

    def drop(self, sha256: str) -> None:
        """Delete a file; nothing happens where there is none."""
        self.path(sha256).unlink(missing_ok=True)

    def path(self, sha256: str) -> Path:
        """Return where a file lies."""
        return self.folder / sha256[:2] / sha256[2:4] / sha256


def store_of(settings: Settings) -> PhotoStore:
    """Return the store of this installation."""
    return FolderStore(settings.data_dir / FOLDER)
