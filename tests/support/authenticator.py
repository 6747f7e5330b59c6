"""An authenticator in software: makes passkeys and signs challenges as a phone or a security key does (WebAuthn level 3).

What a thief or a broken authenticator would do instead is a parameter of each answer.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

USER_PRESENT, USER_VERIFIED, HAS_CREDENTIAL = 0x01, 0x04, 0x40
_NO_MODEL = bytes(16)


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def from_b64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Authenticator:
    """One passkey. It counts its uses where `counts` is set."""

    def __init__(self, *, origin: str, party: str, counts: bool = True) -> None:
        self.origin = origin
        self.party = party
        self.counts = counts
        self.uses = 0
        self.id = secrets.token_bytes(32)
        self.user = b""
        self.key = ec.generate_private_key(ec.SECP256R1())

    def make(self, options: dict[str, Any], *, origin: str | None = None, verified: bool = True) -> dict[str, Any]:
        """Answer `navigator.credentials.create()`."""
        self.user = from_b64(options["user"]["id"])
        client = self._client("webauthn.create", options["challenge"], origin)
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        credential = _NO_MODEL + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        data = self._data(HAS_CREDENTIAL, verified, self.party) + credential
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._credential({"clientDataJSON": b64(client), "attestationObject": b64(attestation)})

    def sign(
        self, options: dict[str, Any], *, origin: str | None = None, verified: bool = True, party: str | None = None,
        user: bytes | None = None, key: ec.EllipticCurvePrivateKey | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Answer `navigator.credentials.get()`."""
        self.uses += self.counts
        client = self._client("webauthn.get", options["challenge"], origin)
        data = self._data(0, verified, party or self.party)
        signature = (key or self.key).sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._credential(
            {
                "clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature),
                "userHandle": b64(self.user if user is None else user),
            }
        )  # fmt: skip

    def _client(self, kind: str, challenge: str, origin: str | None) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": origin or self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _data(self, flags: int, verified: bool, party: str) -> bytes:
        flags |= USER_PRESENT | (USER_VERIFIED if verified else 0)
        return hashlib.sha256(party.encode()).digest() + bytes([flags]) + self.uses.to_bytes(4, "big")

    def _credential(self, response: dict[str, str]) -> dict[str, Any]:
        named = b64(self.id)
        return {"id": named, "rawId": named, "type": "public-key", "clientExtensionResults": {}, "response": response}
