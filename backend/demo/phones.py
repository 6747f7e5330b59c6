"""Phones of the demo's technicians: keys, clocks and chains of their own; what they sign goes the way of every phone.

Their keys live as long as the city is being loaded and are then gone: nobody signs in a technician's name afterwards.
"""

from __future__ import annotations

import hashlib
import random
import secrets
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Struct

from backend import clock, keyfile
from backend.errors import Conflict
from backend.phones import service as phones
from backend.phones.views import EnrolInput
from backend.scope import Scope
from backend.settings import Settings
from backend.visits import intake
from qr.base64url import to_base64url
from qr.canonical import canonical
from qr.chain.entry import FORMAT
from qr.chain.envelope import Envelope, enrolment, root_of
from qr.chain.position import E7, OpenedPosition
from qr.chain.times import milliseconds
from qr.keys import KeyRing

_E7_PER_METRE = E7 / 111_200
_SCATTER_M = 10.0
"""How far a phone's position is from where it is, typically."""


class Place(Struct, frozen=True):
    """Where a phone is, degrees (WGS-84)."""

    lat: float
    lon: float


class DemoPhone:
    """One technician's phone.

    Parameters
    ----------
    owner
        The technician.
    ring
        Keys that verify the labels.
    settings
        Of the installation, for the keys of server times.
    rng
        For positions.
    """

    def __init__(self, owner: Scope, ring: KeyRing, settings: Settings, rng: random.Random) -> None:
        self.owner = owner
        self._ring, self._rng = ring, rng
        self._beacon_keys, self._handover_keys = keyfile.beacon_keys(settings), keyfile.handover_keys(settings)
        self._key = generate_private_key(SECP256R1())
        self._point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self._id = uuid4()
        self._seq, self._head = 0, root_of(self._point)
        self._session, self._started = uuid4(), clock.now()
        self._beacon: dict[str, Any] | None = None
        self._queue: list[Envelope] = []

    async def enrol(self, manager: Scope, name: str) -> None:
        """Take up an invitation of the office, now."""
        technician = self.owner.technician
        if technician is None:
            raise Conflict("only a technician has a phone")
        invite = (await phones.make_invite(manager, technician)).code
        public_key = to_base64url(self._point)
        proof = to_base64url(self._sign(enrolment(invite, public_key)))
        given = EnrolInput(invite=invite, name=name, public_key=public_key, proof=proof)
        told = await phones.enrol(self.owner, given, beacon_keys=self._beacon_keys, handover_keys=self._handover_keys)
        self._id = told.id
        self._hear(told.beacon)

    def open_app(self) -> None:
        """Start the app in the morning, with a signal: a new run of the monotonic clock, and the server's time."""
        self._session, self._started = uuid4(), clock.now()
        self._hear(phones.beacon(self._beacon_keys).token)

    def scan(
        self, kind: str, visit: UUID | None, code: str, at: datetime, place: Place | None, extra: dict[str, Any] | None = None
    ) -> None:
        """Append the scan of a label by the camera."""
        opened = None if place is None else self._position(place, at)
        mark = {"state": "unavailable", "commitment": ""}
        if opened is not None:
            mark = {"state": "given", "commitment": opened.commitment}
        body = {"scan": str(uuid4()), "code": code, "source": "camera", "zone": "", "position": mark}
        self.append(kind, visit, body | (extra or {}), at, opened)

    def append(
        self, kind: str, visit: UUID | None, body: dict[str, Any], at: datetime, position: OpenedPosition | None = None
    ) -> None:
        """Sign an entry and put it into the queue."""
        payload = canonical(
            {
                "format": FORMAT, "phone": str(self._id), "seq": self._seq + 1, "prev": self._head, "kind": kind,
                "visit": "" if visit is None else str(visit), "at_ms": milliseconds(at),
                "clock": {"session": str(self._session), "mono_ms": self._mono_ms(at)}, "beacon": self._beacon, "body": body,
            }
        )  # fmt: skip
        signature = to_base64url(self._sign(payload))
        self._queue.append(Envelope(payload=to_base64url(payload), signature=signature, position=position))
        self._seq, self._head = self._seq + 1, hashlib.sha256(payload).hexdigest()

    async def sync(self) -> None:
        """Upload the queue, now.

        Raises
        ------
        Conflict
            If an entry was not applied, which is a mistake of the demo's.
        """
        queue, self._queue = self._queue, []
        taken = await intake.take(
            self.owner, self._ring, self._id, queue, beacon_keys=self._beacon_keys, known=self._beacon_keys.public
        )
        self._hear(taken.beacon)
        stuck = next((one for one in taken.results if one.state not in ("applied", "duplicate")), None)
        if stuck is not None:
            raise Conflict(
                "entry {seq} of a demo phone is {state}: {reason}",
                seq=stuck.seq, state=stuck.state, reason=msgspec.json.encode([stuck.reason, stuck.faults]).decode(),
            )  # fmt: skip

    def _hear(self, token: str) -> None:
        self._beacon = {"token": token, "session": str(self._session), "mono_ms": self._mono_ms(clock.now())}

    def _mono_ms(self, at: datetime) -> int:
        return max(0, int((at - self._started).total_seconds() * 1000))

    def _sign(self, content: bytes) -> bytes:
        r, s = decode_dss_signature(self._key.sign(content, ECDSA(SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)

    def _position(self, place: Place, at: datetime) -> OpenedPosition:
        north, east = (round(self._rng.gauss(0, _SCATTER_M) * _E7_PER_METRE) for _ in range(2))
        return OpenedPosition(
            salt=secrets.token_hex(32), lat_e7=round(place.lat * E7) + north, lon_e7=round(place.lon * E7) + east,
            accuracy_dm=self._rng.randint(60, 240), at_ms=milliseconds(at),
        )  # fmt: skip
