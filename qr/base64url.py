"""Base64url without padding (RFC 4648 section 5): one text for one content, so that what is signed has one spelling."""

from __future__ import annotations

import base64
import binascii


def to_base64url(raw: bytes) -> str:
    """Write bytes."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes | None:
    """Return the bytes of a text; None where it is not the one way to write them."""
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if to_base64url(raw) == text else None
