"""A technician with a phone at an elevator, over HTTP: what most tests of signed visits begin with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec

from backend import clock, database
from backend.scope import SYSTEM, Role, Scope
from planner.intervals.items import checklist
from tests.support.http import Site
from tests.support.phone import SoftPhone, in_order
from tests.support.visits import Workplace, value

HALF_MONTH = 45
"""Minutes of an honest visit of the half-month class."""


class SignedPlace(msgspec.Struct):
    """The elevator, its technicians with their phones, and the office."""

    place: Workplace
    site: Site
    first: httpx.AsyncClient
    second: httpx.AsyncClient
    manager: httpx.AsyncClient
    phone: SoftPhone
    other_phone: SoftPhone
    """Of the second technician."""

    @classmethod
    async def open(cls, place: Workplace, site: Site, *, minutes_ago: float = 60) -> SignedPlace:
        """Enrol a phone of each technician so many minutes ago; their clocks begin there."""
        first, second = [await _client(site, place, who) for who in (place.technician, place.second)]
        manager = await site.api(Role.MANAGER, place.firm)
        began = clock.now() - timedelta(minutes=minutes_ago)
        made = cls(place, site, first, second, manager, SoftPhone(at=began), SoftPhone(at=began))
        for phone, client, who in ((made.phone, first, place.technician), (made.other_phone, second, place.second)):
            assert who.technician is not None
            await made.enrol(phone, client, who.technician)
        return made

    async def enrol(self, phone: SoftPhone, client: httpx.AsyncClient, technician: UUID) -> None:
        """Invite a technician and enrol their phone, at the time that the phone's clock shows."""
        with clock.stopped_at(phone.at):
            invite = await self.manager.post(f"/api/v1/technicians/{technician}/phone-invites")
            assert invite.status_code == 201, invite.text
            await phone.enrol(client, invite.json()["code"])

    def visit(self, *, minutes: float = HALF_MONTH, second: bool = True, **arrival: Any) -> UUID:
        """An honest visit in the queues of both phones, up to the departure; the items are those of `items`."""
        visit = self.phone.arrive(self.place.code, second=self.place.second.technician if second else None, **arrival)
        self.phone.wait(minutes=minutes)
        self.phone.work(visit, answers=in_order(self.items))
        self.phone.depart(visit, self.place.code)
        return visit

    @property
    def items(self) -> Sequence[str]:
        """Codes of the half-month class."""
        return [item.code for item in checklist("traction_or_positive_drive_lift", "half_month")]

    async def sign_in_again(self) -> None:
        """Sign the first technician in anew: revoking a phone ends the sessions on it."""
        self.first = await _client(self.site, self.place, self.place.technician)

    async def sync(self) -> list[dict[str, Any]]:
        """Upload the first technician's queue."""
        return await self.phone.sync(self.first)


async def _client(site: Site, place: Workplace, who: Scope) -> httpx.AsyncClient:
    assert who.technician is not None
    return await site.api(Role.TECHNICIAN, place.firm, technician=who.technician)


async def states(visit: UUID) -> list[tuple[str, str]]:
    """Kind and state of the entries of a visit, in their order."""
    async with database.tx(SYSTEM):
        rows = await database.fetch("SELECT kind, state FROM intake_entry WHERE visit = $1 ORDER BY phone, seq", visit)
    return [(row["kind"], row["state"]) for row in rows]


async def audited(action: str) -> int:
    """How many events of the audit trail have an action."""
    found: int = await value("SELECT count(*) FROM audit_event WHERE action = $1", action)
    return found
