"""The tree and the notes once more, as slowly and plainly as RFC 9162 and C2SP write them; nothing of `qr.log` is used."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence


def sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def mth(leaves: Sequence[bytes]) -> bytes:
    """Section 2.1.1."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0])
    k = split(len(leaves))
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:]))


def split(n: int) -> int:
    """The largest power of two smaller than n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Section 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def proof(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Section 2.1.4.1."""
    return subproof(m, leaves, whole=True)


def subproof(m: int, leaves: Sequence[bytes], *, whole: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole=whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], whole=False), mth(leaves[:k])]


def key_id(name: str, public: bytes) -> bytes:
    """C2SP signed-note, the section on Ed25519."""
    return sha256(name.encode() + b"\x0a" + b"\x01" + public)[:4]


def signature_line(name: str, public: bytes, signature: bytes) -> str:
    return f"\u2014 {name} {base64.b64encode(key_id(name, public) + signature).decode()}\n"
