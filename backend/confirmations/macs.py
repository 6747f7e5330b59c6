"""The keyed hashes of confirmations: of numbers, passwords and marks (`backend.macs` says why)."""

from __future__ import annotations

from cryptography.hazmat.primitives.hmac import HMAC

from backend import keyfile
from backend.macs import fits, mac_of
from backend.settings import Settings


class Macs:
    """The keyed hashes of an installation, one key for each use."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

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
        return fits(self._mac("password", f"{row}:{password}"), expected)

    def mark(self, text: str) -> str:
        """Return the signature of a mark that a browser keeps."""
        return self._mac("mark", text).finalize().hex()

    def is_mark(self, text: str, signature: str) -> bool:
        """Return whether a mark has our signature."""
        return fits(self._mac("mark", text), signature)

    def _mac(self, use: str, text: str) -> HMAC:
        return mac_of(self._secret, f"confirmations: {use}", text)


def macs_of(settings: Settings) -> Macs:
    """Return the keyed hashes of this installation."""
    return Macs(keyfile.page_secret(settings))
