"""A workplace for tests of visits: an elevator with its label, two technicians, a manager, an owner, a published round."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from backend import clock, database
from backend.labels import service as labels
from backend.labels.views import LabelZone
from backend.scope import SYSTEM, Role, Scope
from backend.visits import service
from backend.visits.inputs import AnswerInput, ArrivalInput, PositionInput, Result, ScanInput, Source
from backend.visits.views import Departed, VisitView
from qr import keys
from qr.keys import KeyRing
from tests.support.factory import Factory, insert

ZONE = "Asia/Shanghai"
AT_SITE = PositionInput(lat=28.6764, lon=121.4208, accuracy_m=8.0)
"""Where the factory puts sites."""

_fixes = count(1)


def near_site() -> PositionInput:
    """A position at the site as a phone finds it: some metres off, never twice the same."""
    off = (next(_fixes) % 997) * 1e-7
    return PositionInput(lat=AT_SITE.lat + 2e-5 + off, lon=AT_SITE.lon - 3e-5 + off, accuracy_m=AT_SITE.accuracy_m)


class Workplace:
    """One elevator and everybody who has to do with its visits."""

    def __init__(self, factory: Factory, ring: KeyRing) -> None:
        self.factory = factory
        self.ring = ring
        self.firm: UUID
        self.owner: UUID
        self.site: UUID
        self.elevator: UUID
        self.code: str
        self.technician: Scope
        self.second: Scope
        self.manager: Scope
        self.owner_scope: Scope

    @classmethod
    async def open(cls, factory: Factory, ring: KeyRing | None = None, **elevator: Any) -> Workplace:
        """Make one; further values of the elevator by name."""
        made = cls(factory, ring or keys.generate(secrets.token_bytes))
        made.firm = await factory.firm()
        made.owner = await factory.owner(made.firm)
        made.site = await factory.site(made.firm, owner=made.owner, address="1 Shifu Road", access_notes="key at the gate")
        made.elevator = await factory.elevator(made.firm, site=made.site, **elevator)
        made.manager = await made.person(Role.MANAGER)
        made.technician = await made.person(Role.TECHNICIAN)
        made.second = await made.person(Role.TECHNICIAN)
        made.owner_scope = await made.person(Role.OWNER, owner=made.owner)
        made.code = await made.label_of(made.elevator)
        return made

    async def person(self, role: Role, *, technician: UUID | None = None, owner: UUID | None = None) -> Scope:
        """Somebody of the firm with an account; a technician with a certificate, an owner as named."""
        if role is Role.TECHNICIAN and technician is None:
            technician = await self.factory.technician(self.firm)
        if role is Role.OWNER and owner is None:
            owner = await self.factory.owner(self.firm)
        firm = None if role in (Role.ADMIN, Role.REGULATOR) else self.firm
        login = f"{role.value}-{uuid4().hex[:10]}"
        account = await insert(
            "account", firm=firm, login=login, password_hash="x", role=role.value, name=f"{role.value} of the test",
            technician=technician, owner=owner,
        )  # fmt: skip
        return Scope(role=role, firm=firm, account=account, technician=technician, owner=owner)

    async def another_elevator(self, **values: Any) -> tuple[UUID, str]:
        """A further elevator at the same site and the code of its label."""
        elevator = await self.factory.elevator(self.firm, **({"site": self.site} | values))
        return elevator, await self.label_of(elevator)

    async def label_of(self, elevator: UUID, zone: str = "") -> str:
        """A new active label of an elevator, in its car or a zone, as its code."""
        scope = Scope(role=Role.MANAGER, firm=self.firm)
        made = await labels.mint(scope, self.ring, elevators=[elevator], zone=LabelZone(zone))
        assert made[0].code is not None
        return made[0].code

    def scan(self, code: str | None = None, *, at: datetime | None = None, **values: Any) -> ScanInput:
        """A scan of the elevator's label by the camera, at the site, now."""
        given: dict[str, Any] = {
            "id": uuid4(),
            "code": code or self.code,
            "at": at or clock.now(),
            "source": Source.CAMERA,
            "position": near_site(),
        }
        return ScanInput(**(given | values))

    def arrival(self, code: str | None = None, *, at: datetime | None = None, **values: Any) -> ArrivalInput:
        """An arrival at the elevator, now."""
        given: dict[str, Any] = {"id": uuid4(), "scan": self.scan(code, at=at)}
        return ArrivalInput(**(given | values))

    async def arrive(self, code: str | None = None, *, at: datetime | None = None, **values: Any) -> VisitView:
        """Open a visit of the elevator."""
        return await service.arrive(self.technician, self.ring, self.arrival(code, at=at, **values))

    async def answer_all(self, visit: VisitView) -> None:
        """Answer whatever is open with "in order"."""
        await service.answer(self.technician, visit.summary.id, in_order(visit.open_items))

    async def depart(self, visit: UUID, *, at: datetime | None = None, code: str | None = None) -> Departed:
        """Scan out."""
        return await service.depart(self.technician, self.ring, visit, self.scan(code, at=at))

    async def finish(self, *, minutes: int = 45, **values: Any) -> UUID:
        """Make a whole visit that ends now; return its id."""
        arrived = await self.arrive(at=clock.now() - timedelta(minutes=minutes), **values)
        await self.answer_all(arrived)
        await self.depart(arrived.summary.id)
        return arrived.summary.id

    async def publish(
        self, elevators: Sequence[UUID] | None = None, *, day: date | None = None, members: Sequence[Scope] | None = None
    ) -> list[UUID]:
        """Publish a round of a new crew with a stop at each elevator; return the work orders."""
        day = day or clock.today(ZONE)
        crew = await self.factory.crew(self.firm)
        for member in members if members is not None else [self.technician, self.second]:
            assert member.technician is not None
            await self.factory.row(
                "crew_member", firm=self.firm, crew=crew, technician=member.technician, starts_on=date(2020, 1, 1)
            )
        run = await self.factory.row(
            "plan_run", firm=self.firm, state="published", start_date=day, days=1, time_limit_s=1.0, snapshot_hash="x"
        )
        round_id = await self.factory.row(
            "published_round", firm=self.firm, crew=crew, day=day, run=run, depart_s=28_800, return_s=61_200
        )
        return [
            await self.factory.row(
                "work_order", firm=self.firm, round=round_id, elevator=elevator, position=position,
                arrive_s=30_000 + 4_000 * position, start_s=30_000 + 4_000 * position, leave_s=33_600 + 4_000 * position,
                maintenance_class="half_month", due_first_day=day - timedelta(days=3), due_last_day=day + timedelta(days=2),
                reason_en="15 days since the last visit", reason_zh="距上次维保 15 天",
            )
            for position, elevator in enumerate(elevators if elevators is not None else [self.elevator])
        ]  # fmt: skip


def in_order(items: Sequence[str]) -> list[AnswerInput]:
    """The answer "in order" to each item."""
    return [AnswerInput(item=item, result=Result.OK) for item in items]


async def value(sql: str, *args: Any) -> Any:
    """One value from the database, past all firms."""
    async with database.tx(SYSTEM):
        return await database.fetch_value(sql, *args)
