"""An enrolled phone whose envelopes go straight to the service, without HTTP."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from backend import clock, database, keyfile
from backend.phones import service
from backend.phones.views import EnrolInput, Kept
from backend.scope import Scope
from backend.settings import Settings
from qr.base64url import to_base64url
from qr.chain import beacon
from qr.chain.bodies import PositionMark, ScanBody, WorkBody
from qr.chain.entry import Clock, HeldBeacon
from qr.chain.envelope import Envelope
from qr.chain.position import OpenedPosition
from qr.chain.times import milliseconds
from qr.chain.writer import ChainWriter, PhoneKey
from qr.log.keys import LogKeys
from tests.support.visits import Workplace


class Handset:
    """An enrolled phone, its chain, and the server that takes it in."""

    def __init__(self, owner: Scope, writer: ChainWriter, beacons: LogKeys) -> None:
        self.owner, self.writer, self.beacons = owner, writer, beacons
        self.session = uuid4()
        self.started = clock.now() - timedelta(hours=2)

    @property
    def id(self) -> UUID:
        return self.writer.phone

    def note(self, minute: int, *, visit: UUID | None = None, **given: Any) -> Envelope:
        """A piece of work, so many minutes after the start two hours ago."""
        return self.add("work", WorkBody(answers=[], parts=[], photos=[]), minute, visit=visit or UUID(int=1), **given)

    def scan(
        self, kind: str, code: str, minute: int, *, visit: UUID | None = None, position: OpenedPosition | None = None
    ) -> Envelope:
        """A scan of a zone, or of a second technician."""
        mark = PositionMark(state="given" if position else "denied", commitment=position.commitment if position else "")
        body = ScanBody(scan=uuid4(), code=code, source="camera", zone="", position=mark)
        return self.add(kind, body, minute, visit=visit, position=position)

    def add(self, kind: str, body: Any, minute: int, *, heard: int | None = 0, **given: Any) -> Envelope:
        """The next entry; `heard`: the minute of the last server time, None for none."""
        at = self.started + timedelta(minutes=minute)
        held = None
        if heard is not None:
            token = beacon.issue(milliseconds(self.started + timedelta(minutes=heard)), self.beacons)
            held = HeldBeacon(token=token, session=self.session, mono_ms=heard * 60_000)
        return self.writer.append(
            kind, body, at_ms=milliseconds(at), clock=Clock(session=self.session, mono_ms=minute * 60_000), beacon=held, **given
        )

    async def send(self, *envelopes: Envelope, sender: Scope | None = None, at: datetime | None = None) -> Kept:
        """Hand envelopes in, in a transaction of their own."""
        scope = sender or self.owner
        async with database.tx(scope):
            return await service.keep_inside(
                scope, self.id, envelopes, received_at=at or clock.now(), known=self.beacons.public
            )


async def enrolled(place: Workplace, owner: Scope, settings: Settings) -> Handset:
    """A phone of somebody, enrolled with an invitation."""
    assert owner.technician is not None
    invite = await service.make_invite(place.manager, owner.technician, secret=keyfile.page_secret(settings))
    key = PhoneKey(secrets.randbits(255) + 1)
    given = EnrolInput(invite=invite.code, name="Redmi 9", public_key=to_base64url(key.point), proof=key.proof(invite.code))
    beacons = keyfile.beacon_keys(settings)
    made = await service.enrol(
        owner, given, secret=keyfile.page_secret(settings), beacon_keys=beacons,
        handover_keys=keyfile.handover_keys(settings),
    )  # fmt: skip
    return Handset(owner, ChainWriter(made.id, key), beacons)
