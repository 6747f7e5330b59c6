"""Passwords and tokens: only their hashes are kept."""

from __future__ import annotations

import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from backend.errors import Fault

MIN_LENGTH = 10
"""NIST SP 800-63B asks for 8 at least; length is what counts."""

MAX_LENGTH = 200
"""Nobody types more; a longer one only costs us time."""

_hasher = PasswordHasher()
_nobodys = _hasher.hash(secrets.token_hex(16))  # compared for unknown logins, so that time tells nothing


def hashed(password: str) -> str:
    """Return the argon2id hash of a password; takes some 50 ms on purpose."""
    return _hasher.hash(password)


def is_right(password_hash: str | None, password: str) -> bool:
    """Return whether a password is the one of a hash; takes as long for no hash."""
    try:
        return _hasher.verify(password_hash or _nobodys, password[: MAX_LENGTH + 1]) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def faults(field: str, password: str) -> list[Fault]:
    """Return what is wrong with a new password."""
    if len(password) < MIN_LENGTH:
        return [Fault(field, None, "use at least 10 characters")]
    if len(password) > MAX_LENGTH:
        return [Fault(field, None, "use at most 200 characters")]
    return []


def token_hash(token: str) -> str:
    """Return the SHA-256 of a token (or of a login), hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()
