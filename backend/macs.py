"""Keyed hashes (HMAC-SHA-256): what is short enough to be tried out is never kept as a plain hash.

A telephone number has some 10^9 values, a one-time password 10^6 and an invitation 2^40, so that whoever reads the database
could try them all; without the key, which lies in a file of the installation, they cannot. Each use has a key of its own (HKDF,
RFC 5869).
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_KEY_BYTES = 32


def mac_of(secret: str, use: str, text: str) -> HMAC:
    """Return the keyed hash of a text, to be finished or verified.

    Parameters
    ----------
    secret
        Of the installation.
    use
        What it is for: the same text has another hash in each use.
    text
        What is hashed; what is no Unicode is nobody's, so it may be changed.
    """
    key = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=f"liftrounds {use}".encode())
    mac = HMAC(key.derive(secret.encode()), SHA256())
    mac.update(text.encode(errors="replace"))
    return mac


def fits(mac: HMAC, expected: str) -> bool:
    """Return whether a keyed hash is the expected one, hexadecimal; takes the same time for all."""
    try:
        mac.verify(bytes.fromhex(expected))
    except (InvalidSignature, ValueError):
        return False
    return True
