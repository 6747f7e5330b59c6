"""Keyed hashes (HMAC-SHA-256): what is short enough to be tried out is never kept as a plain hash.

A number has some 10^9 values and a password 10^6, so that whoever reads the database could try them all; without the key, which
lies in a file of the installation, they cannot.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backend import keyfile
from backend.settings import Settings

_KEY_BYTES = 32


class Macs:
    """The keyed hashes of an installation, one key for each use."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def number(self, number: str) -> str:
        """Return the keyed hash of a telephone number, as digits."""
        return self._mac("number", number).finalize().hex()

    def client(self, client: str) -> str:
        """Return the keyed hash of the network address that asks."""
        return self._mac("client", client).finalize().hex()

    def password(self, password: str, row: str) -> str:
        """Return the keyed hash of a one-time password, bound to the row it belongs to."""
        return self._mac("password", f"{row}:{password}").finalize().hex()

    def is_password(self, password: str, row: str, expected: str) -> bool:
        """Return whether digits are the password of a row; takes the same time for all."""
        return _fits(self._mac("password", f"{row}:{password}"), expected)

    def mark(self, text: str) -> str:
        """Return the signature of a mark that a browser keeps."""
        return self._mac("mark", text).finalize().hex()

    def is_mark(self, text: str, signature: str) -> bool:
        """Return whether a mark has our signature."""
        return _fits(self._mac("mark", text), signature)

    def _mac(self, use: str, text: str) -> HMAC:
        key = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=f"liftrounds confirmations: {use}".encode())
        mac = HMAC(key.derive(self._secret), SHA256())
        mac.update(text.encode())
        return mac


def _fits(mac: HMAC, expected: str) -> bool:
    try:
        mac.verify(bytes.fromhex(expected))
    except (InvalidSignature, ValueError):
        return False
    return True


def macs_of(settings: Settings) -> Macs:
    """Return the keyed hashes of this installation."""
    return Macs(keyfile.page_secret(settings))
