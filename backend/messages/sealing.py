"""Secrets at rest: AES-256-GCM, bound to what they belong to, so that one row's secret cannot be put into another."""

from __future__ import annotations

import base64
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
"""NIST SP 800-38D section 8.2: 96 bits."""


def sealed(key: bytes, text: str, belongs_to: str) -> str:
    """Return a text encrypted: base64 of the nonce and what AES-GCM makes."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, text.encode(), belongs_to.encode())).decode()


def opened(key: bytes, sealed_text: str, belongs_to: str) -> str | None:
    """Return the text, None with another key, for another row, or where it was changed."""
    raw = base64.b64decode(sealed_text)
    try:
        return AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], belongs_to.encode()).decode()
    except InvalidTag:
        return None
