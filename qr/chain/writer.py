"""The phone's side: signs entries one behind the other. For the demo, tests and other phones than ours; the server only reads.

The technician's app does the same in the browser, whose private key no program can read.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, derive_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from qr.base64url import to_base64url
from qr.chain import envelope
from qr.chain.bodies import ArrivalBody, DepartureBody, FindingBody, ScanBody, WorkBody
from qr.chain.entry import (
    FORMAT,
    Arrival,
    Clock,
    Departure,
    Entry,
    FindingEntry,
    HeldBeacon,
    Join,
    Leave,
    Work,
    ZoneScan,
    encode,
    sha256_of,
)
from qr.chain.envelope import Envelope
from qr.chain.position import OpenedPosition

Body = ArrivalBody | DepartureBody | ScanBody | WorkBody | FindingBody

_KINDS: Final[dict[str, type[Entry]]] = {
    "arrival": Arrival, "departure": Departure, "zone": ZoneScan, "join": Join, "leave": Leave, "work": Work,
    "finding": FindingEntry,
}  # fmt: skip


class PhoneKey:
    """A phone's P-256 key. Signatures are those of RFC 6979, so that the same content has the same signature.

    Parameters
    ----------
    secret : int
        1 to the order of the curve less 1, random.
    """

    def __init__(self, secret: int) -> None:
        self._private: EllipticCurvePrivateKey = derive_private_key(secret, SECP256R1())

    @property
    def point(self) -> bytes:
        """The public key: 65 bytes, uncompressed."""
        return self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def sign(self, content: bytes) -> bytes:
        """Return r ‖ s, 64 bytes."""
        r, s = decode_dss_signature(self._private.sign(content, ECDSA(SHA256(), deterministic_signing=True)))
        return r.to_bytes(32) + s.to_bytes(32)

    def envelope(self, payload: bytes, position: OpenedPosition | None = None) -> Envelope:
        """Return a payload with its signature."""
        return Envelope(payload=to_base64url(payload), signature=to_base64url(self.sign(payload)), position=position)

    def proof(self, invite: str) -> str:
        """Return what shows, on enrolment, that this phone has the private key."""
        return to_base64url(self.sign(envelope.enrolment(invite, to_base64url(self.point))))


class ChainWriter:
    """Appends entries to a phone's chain.

    Parameters
    ----------
    phone, key
        Id and key of the phone.
    head
        Number and hash of the last entry; None begins a chain.
    """

    def __init__(self, phone: UUID, key: PhoneKey, head: tuple[int, str] | None = None) -> None:
        self.phone = phone
        self.key = key
        self.seq, self.prev = head or (0, envelope.root_of(key.point))

    def append(
        self,
        kind: str,
        body: Body,
        *,
        at_ms: int,
        clock: Clock,
        visit: UUID | None = None,
        beacon: HeldBeacon | None = None,
        position: OpenedPosition | None = None,
    ) -> Envelope:
        """Return the next entry, signed.

        Parameters
        ----------
        kind, body
            What it says; the body is that of the kind.
        at_ms, clock, beacon
            The phone's clock, its monotonic clock, the last server time it had.
        visit
            None where the phone does not know it.
        position
            What opens the body's commitment.
        """
        entry: Entry = _KINDS[kind](
            format=FORMAT, phone=self.phone, seq=self.seq + 1, prev=self.prev, visit="" if visit is None else str(visit),
            at_ms=at_ms, clock=clock, beacon=beacon, body=body,  # type: ignore[arg-type] # of its kind, or decoding refuses it
        )  # fmt: skip
        payload = encode(entry)
        self.seq, self.prev = entry.seq, sha256_of(payload)
        return self.key.envelope(payload, position)
