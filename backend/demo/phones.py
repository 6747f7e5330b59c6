"""Phones of the demo's technicians: keys, clocks and chains of their own; what they sign goes the way of every phone.

Their keys live as long as the city is being loaded and are then gone: nobody signs in a technician's name afterwards.
"""

from __future__ import annotations

import random
import secrets
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec
from msgspec import Struct

from backend import clock, keyfile
from backend.errors import Conflict
from backend.phones import service as phones
from backend.phones.views import EnrolInput
from backend.scope import Scope
from backend.settings import Settings
from backend.visits.intake import entries as intake
from qr.base64url import to_base64url
from qr.chain.bodies import ArrivalBody, DepartureBody, PositionMark, ScanBody
from qr.chain.entry import Clock, HeldBeacon
from qr.chain.envelope import Envelope
from qr.chain.position import E7, OpenedPosition
from qr.chain.times import milliseconds
from qr.chain.writer import Body, ChainWriter, PhoneKey
from qr.keys import KeyRing

METRES_PER_DEGREE = 111_200
"""Of latitude: the Earth's circumference by 360."""

_E7_PER_METRE = E7 / METRES_PER_DEGREE
_SCATTER_M = 10.0
"""How far a phone's position is from where it is, typically."""

_ACCURACY_DM = (60, 240)
"""What phones in the open believe of themselves: 6 to 24 m."""

_SECRET_BITS = 255
"""Every number of so many bits is a key of P-256, whose order has 256."""

_SCANS: Final[dict[str, type[ScanBody]]] = {
    "arrival": ArrivalBody,
    "departure": DepartureBody,
    "join": ScanBody,
    "leave": ScanBody,
    "zone": ScanBody,
}


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
        self._secret = keyfile.page_secret(settings)
        self._beacon_keys, self._handover_keys = keyfile.beacon_keys(settings), keyfile.handover_keys(settings)
        self._key = PhoneKey(secrets.randbits(_SECRET_BITS) + 1)
        self._chain = ChainWriter(uuid4(), self._key)
        self._session, self._started = uuid4(), clock.now()
        self._beacon: HeldBeacon | None = None
        self._queue: list[Envelope] = []

    async def enrol(self, manager: Scope, name: str) -> None:
        """Take up an invitation of the office, now."""
        technician = self.owner.technician
        if technician is None:
            raise Conflict("only a technician has a phone")
        invite = (await phones.make_invite(manager, technician, secret=self._secret)).code
        given = EnrolInput(
            invite=invite, name=name, public_key=to_base64url(self._key.point), proof=self._key.proof(invite)
        )  # fmt: skip
        told = await phones.enrol(
            self.owner, given, secret=self._secret, beacon_keys=self._beacon_keys, handover_keys=self._handover_keys
        )
        self._chain.phone = told.id
        self._hear(told.beacon)

    def open_app(self) -> None:
        """Start the app in the morning, with a signal: a new run of the monotonic clock, and the server's time."""
        self._session, self._started = uuid4(), clock.now()
        self._hear(phones.beacon(self._beacon_keys).token)

    def scan(
        self, kind: str, visit: UUID, code: str, at: datetime, place: Place | None, **more: Any
    ) -> None:  # fmt: skip
        """Append the scan of a label by the camera; `more` is what the body of this kind has besides."""
        opened = None if place is None else self._position(place, at)
        mark = PositionMark(state="unavailable", commitment="")
        if opened is not None:
            mark = PositionMark(state="given", commitment=opened.commitment)
        body = _SCANS[kind](scan=uuid4(), code=code, source="camera", position=mark, **({"zone": ""} | more))
        self.append(kind, visit, body, at, opened)

    def append(self, kind: str, visit: UUID, body: Body, at: datetime, position: OpenedPosition | None = None) -> None:
        """Sign an entry and put it into the queue."""
        reading = Clock(session=self._session, mono_ms=self._mono_ms(at))
        self._queue.append(
            self._chain.append(
                kind, body, at_ms=milliseconds(at), clock=reading, visit=visit, beacon=self._beacon, position=position
            )
        )

    async def sync(self) -> None:
        """Upload the queue, now.

        Raises
        ------
        Conflict
            If an entry was not applied, which is a mistake of the demo's.
        """
        queue, self._queue = self._queue, []
        taken = await intake.take(
            self.owner, self._ring, self._chain.phone, queue, beacon_keys=self._beacon_keys, known=self._beacon_keys.public
        )
        self._hear(taken.beacon)
        stuck = next((one for one in taken.results if one.state not in ("applied", "duplicate")), None)
        if stuck is not None:
            raise Conflict(
                "entry {seq} of a demo phone is {state}: {reason}",
                seq=stuck.seq, state=stuck.state, reason=msgspec.json.encode([stuck.reason, stuck.faults]).decode(),
            )  # fmt: skip

    def _hear(self, token: str) -> None:
        self._beacon = HeldBeacon(token=token, session=self._session, mono_ms=self._mono_ms(clock.now()))

    def _mono_ms(self, at: datetime) -> int:
        return max(0, int((at - self._started).total_seconds() * 1000))

    def _position(self, place: Place, at: datetime) -> OpenedPosition:
        north, east = (round(self._rng.gauss(0, _SCATTER_M) * _E7_PER_METRE) for _ in range(2))
        return OpenedPosition(
            salt=secrets.token_hex(32), lat_e7=round(place.lat * E7) + north, lon_e7=round(place.lon * E7) + east,
            accuracy_dm=self._rng.randint(*_ACCURACY_DM), at_ms=milliseconds(at),
        )  # fmt: skip
