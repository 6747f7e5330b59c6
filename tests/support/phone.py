"""A technician's phone in software: its key, its clocks, its chain, its photos. What it signs is what a real one signs.

::

    phone = SoftPhone(at=clock.now() - timedelta(minutes=50))
    await phone.enrol(client, invite)
    visit = phone.arrive(code)
    phone.wait(minutes=40)
    phone.work(visit, answers=in_order(items))
    phone.depart(visit, code)
    results = await phone.sync(client)

Its queue holds envelopes as they are sent; a test may change, drop, copy or reorder them.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from backend import clock
from qr.base64url import to_base64url
from qr.canonical import canonical
from qr.chain.bodies import Photo
from qr.chain.entry import FORMAT
from qr.chain.envelope import enrolment, root_of
from qr.chain.position import E7, OpenedPosition
from qr.chain.times import milliseconds
from tests.support import pictures

AT_SITE = (28.6764, 121.4208)
"""Where the factory puts sites: latitude and longitude, WGS-84."""


class SoftPhone:
    """A phone.

    Parameters
    ----------
    at
        What its clock says; it moves by `wait` alone.
    """

    def __init__(self, *, at: datetime | None = None) -> None:
        self.key = generate_private_key(SECP256R1())
        self.point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.id = uuid4()
        self.seq = 0
        self.head = root_of(self.point)
        self.at = at or clock.now()
        self.session = uuid4()
        self.mono_ms = 5_000
        self.beacon: dict[str, Any] | None = None
        self.place: tuple[float, float] | None = AT_SITE
        self.accuracy_m = 8.0
        self.fix_age_s = 0
        """How long before the scan the phone found its position."""

        self.feigns_position = False
        """Whether an app tells the place instead of satellites: to the last digit, every time."""

        self.queue: list[dict[str, Any]] = []
        self.files: dict[UUID, bytes] = {}
        """Content of the photos that were not sent yet."""

    # -- clocks -----------------------------------------------------------------------------------------------------------

    def wait(self, **span: float) -> None:
        """Let time pass: `minutes=40`."""
        passed = timedelta(**span)
        self.at += passed
        self.mono_ms += passed // timedelta(milliseconds=1)

    def set_clock(self, at: datetime) -> None:
        """Set the clock, as anybody may; the monotonic one does not follow."""
        self.at = at

    def restart(self) -> None:
        """Start the app anew: another run of the monotonic clock."""
        self.session, self.mono_ms = uuid4(), 1_000

    def hears(self, token: str) -> None:
        """Take a server time."""
        self.beacon = {"token": token, "session": str(self.session), "mono_ms": self.mono_ms}

    # -- the chain --------------------------------------------------------------------------------------------------------

    def sign(self, content: bytes) -> bytes:
        """Sign bytes: r ‖ s, as WebCrypto gives it."""
        r, s = decode_dss_signature(self.key.sign(content, ECDSA(SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)

    def payload(self, kind: str, visit: UUID | None, body: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """The next entry as it would be signed, with anything changed."""
        return {
            "format": FORMAT, "phone": str(self.id), "seq": self.seq + 1, "prev": self.head, "kind": kind,
            "visit": str(visit) if visit else "", "at_ms": milliseconds(self.at),
            "clock": {"session": str(self.session), "mono_ms": self.mono_ms}, "beacon": self.beacon, "body": body,
        } | changes  # fmt: skip

    def envelope(self, payload: dict[str, Any] | bytes, position: OpenedPosition | None = None) -> dict[str, Any]:
        """Sign a payload; the chain stays as it is."""
        raw = payload if isinstance(payload, bytes) else canonical(payload)
        made: dict[str, Any] = {"payload": to_base64url(raw), "signature": to_base64url(self.sign(raw))}
        return made if position is None else made | {"position": msgspec.to_builtins(position)}

    def append(
        self, kind: str, visit: UUID | None, body: dict[str, Any], position: OpenedPosition | None = None, **changes: Any
    ) -> dict[str, Any]:
        """Append an entry to the chain and the queue; return its envelope."""
        payload = self.payload(kind, visit, body, **changes)
        made = self.envelope(payload, position)
        self.seq += 1
        self.head = hashlib.sha256(canonical(payload)).hexdigest()
        self.queue.append(made)
        return made

    # -- scans ------------------------------------------------------------------------------------------------------------

    def scan_body(self, code: str, **values: Any) -> tuple[dict[str, Any], OpenedPosition | None]:
        """A scan by the camera, where the phone is; with what opens its position."""
        opened = self._opened()
        mark = {"state": "given", "commitment": opened.commitment} if opened else {"state": "denied", "commitment": ""}
        body = {"scan": str(uuid4()), "code": code, "source": "camera", "zone": "", "position": mark}
        return body | values, opened

    def arrive(
        self, code: str, visit: UUID | None = None, *, work_order: UUID | None = None, second: UUID | None = None, **values: Any
    ) -> UUID:
        """Scan in; return the id of the visit."""
        visit = visit or uuid4()
        body, opened = self.scan_body(code)
        body |= {
            "work_order": str(work_order) if work_order else None, "second_technician": str(second) if second else None,
            "maintenance_class": "",
        }  # fmt: skip
        self.append("arrival", visit, body | values, opened)
        return visit

    def depart(self, visit: UUID, code: str, *, owner_code_sha256: str = "", **values: Any) -> None:
        """Scan out."""
        body, opened = self.scan_body(code)
        self.append("departure", visit, body | {"owner_code_sha256": owner_code_sha256} | values, opened)

    def scan_zone(self, visit: UUID, code: str, zone: str) -> None:
        """Scan a zone's label."""
        body, opened = self.scan_body(code, zone=zone)
        self.append("zone", visit, body, opened)

    def join(self, code: str, visit: UUID | None = None) -> None:
        """The second technician's own scan on coming."""
        body, opened = self.scan_body(code)
        self.append("join", visit, body, opened)

    def leave(self, code: str, visit: UUID | None = None) -> None:
        """The second technician's own scan on going."""
        body, opened = self.scan_body(code)
        self.append("leave", visit, body, opened)

    # -- work -------------------------------------------------------------------------------------------------------------

    def work(
        self, visit: UUID, *, answers: Sequence[dict[str, Any]] = (), parts: Sequence[dict[str, Any]] = (),
        photos: Sequence[Photo] = (), **values: Any,
    ) -> None:  # fmt: skip
        """A batch of answers, parts and photos; `second_technician=` as it is sent."""
        body = {"answers": list(answers), "parts": list(parts), "photos": [msgspec.to_builtins(one) for one in photos]}
        self.append("work", visit, body | values)

    def find(self, visit: UUID, *, photos: Sequence[Photo] = (), **values: Any) -> UUID:
        """A finding; return its id."""
        finding = {
            "id": str(uuid4()), "item": "", "severity": "general", "stop_use_condition": "", "description": "oil on the floor",
            "place": "", "proposal": "",
        } | values  # fmt: skip
        self.append("finding", visit, {"finding": finding, "photos": [msgspec.to_builtins(one) for one in photos]})
        return UUID(finding["id"])

    def photograph(self, seed: int, **values: Any) -> Photo:
        """Take a photo: what is declared of it; its file waits to be sent."""
        content = pictures.photo_file(seed)
        one = pictures.declared(content, taken_at_ms=milliseconds(self.at), **values)
        self.files[one.id] = content
        return one

    # -- the server -------------------------------------------------------------------------------------------------------

    def enrolment(self, invite: str, name: str = "phone of a test") -> dict[str, Any]:
        """The body of an enrolment."""
        public_key = to_base64url(self.point)
        proof = to_base64url(self.sign(enrolment(invite, public_key)))
        return {"invite": invite, "name": name, "public_key": public_key, "proof": proof}

    async def enrol(self, client: httpx.AsyncClient, invite: str) -> dict[str, Any]:
        """Enrol as the technician who is signed in at the client."""
        answer = await client.post("/api/v1/phones", json=self.enrolment(invite))
        assert answer.status_code == 201, answer.text
        told: dict[str, Any] = answer.json()
        self.id = UUID(told["id"])
        self.hears(told["beacon"])
        return told

    async def send(self, client: httpx.AsyncClient, envelopes: Sequence[dict[str, Any]]) -> httpx.Response:
        """Upload envelopes, whatever comes of it."""
        return await client.post(f"/api/v1/phones/{self.id}/entries", json={"entries": list(envelopes)})

    async def sync(self, client: httpx.AsyncClient) -> list[dict[str, Any]]:
        """Upload the queue and the photos; return what became of each entry."""
        answer = await self.send(client, self.queue)
        assert answer.status_code == 200, answer.text
        told = answer.json()
        self.queue = []
        self.hears(told["beacon"])
        for photo, content in list(self.files.items()):
            taken = await client.put(f"/api/v1/photos/{photo}", content=content)
            assert taken.status_code == 200, taken.text
            del self.files[photo]
        results: list[dict[str, Any]] = told["results"]
        return results

    def _opened(self) -> OpenedPosition | None:
        if self.place is None:
            return None
        lat, lon = self.place
        off_e7 = 0 if self.feigns_position else 150 + 37 * self.seq % 100  # some metres off, and never twice the same
        return OpenedPosition(
            salt=secrets.token_hex(32), lat_e7=round(lat * E7) + off_e7, lon_e7=round(lon * E7) - off_e7,
            accuracy_dm=round(self.accuracy_m * 10), at_ms=milliseconds(self.at) - self.fix_age_s * 1000,
        )  # fmt: skip


def in_order(items: Sequence[str]) -> list[dict[str, Any]]:
    """The answer "in order" to each item."""
    return [answer(item) for item in items]


def answer(item: str, result: str = "ok", **values: Any) -> dict[str, Any]:
    """An answer as an entry has it."""
    return {"item": item, "result": result, "measured": None, "unit": None, "note": "", "special_checks": []} | values


def part(item: str = "", **values: Any) -> dict[str, Any]:
    """A part as an entry has it."""
    return {
        "id": str(uuid4()), "item": item, "name": "door roller", "quantity": 1, "serial_removed": "", "serial_fitted": "",
        "photo_before": None, "photo_after": None,
    } | values  # fmt: skip
