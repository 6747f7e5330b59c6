"""A firm that can be rung: an elevator, technicians at known places, a manager, a 24-hour phone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from backend import database
from backend.dispatch import ringing, service
from backend.dispatch.inputs import RaiseInput
from backend.dispatch.views import DispatchView
from backend.scope import SYSTEM, Role, Scope, of_firm
from tests.support.factory import Factory, insert

_numbers = count(1)


class Station:
    """A firm with one elevator, and people around it."""

    def __init__(self, factory: Factory) -> None:
        self.factory = factory
        self.firm: UUID
        self.elevator: UUID
        self.manager: Scope

    @classmethod
    async def open(cls, factory: Factory, *, firm: dict[str, Any] | None = None, **elevator: Any) -> Station:
        """Make one; its elevator stands in Jiaojiang."""
        made = cls(factory)
        made.firm = await factory.firm(**(firm or {}))
        made.elevator = await factory.elevator(made.firm, **elevator)
        account = await made.account(Role.MANAGER)
        made.manager = Scope(role=Role.MANAGER, firm=made.firm, account=account)
        return made

    async def account(self, role: Role, **values: Any) -> UUID:
        n = next(_numbers)
        return await insert(
            "account", firm=self.firm, login=f"station{n}", password_hash="none", role=role.value, name=f"{role.value} {n}",
            **values,
        )  # fmt: skip

    async def technician(self, km_away: float, *, with_account: bool = True, **values: Any) -> Scope:
        """A technician whose crew is based so many kilometres north of the elevator."""
        technician = await self.factory.technician(self.firm, **({"phone": "13800000001"} | values))
        crew = await self.factory.crew(self.firm, base_lat=28.6764 + km_away / 111.2, base_lon=121.4208)
        await insert("crew_member", firm=self.firm, crew=crew, technician=technician, starts_on=date(2020, 1, 1))
        account = await self.account(Role.TECHNICIAN, technician=technician) if with_account else None
        return Scope(role=Role.TECHNICIAN, firm=self.firm, account=account, technician=technician)

    async def on_duty(self, scope: Scope, now: datetime) -> None:
        async with database.tx(SYSTEM):
            await database.execute(
                "INSERT INTO duty_turn (id, firm, technician, starts_at, ends_at) VALUES (gen_random_uuid(), $1, $2, $3, $4)",
                self.firm, scope.technician, now - timedelta(hours=1), now + timedelta(hours=1),
            )  # fmt: skip

    async def call(self, call: str = "call-1", **values: Any) -> DispatchView:
        """Somebody telephones."""
        return await service.raise_dispatch(self.manager, RaiseInput(call=call, elevator=str(self.elevator), **values))

    async def look(self, rescue: UUID) -> DispatchView:
        return await service.dispatch(self.manager, rescue)

    async def clock_ticks(self, rescue: UUID) -> DispatchView:
        """The clock's job runs."""
        await ringing.step(rescue)
        return await self.look(rescue)


async def messages(firm: UUID) -> list[dict[str, Any]]:
    """What the firm has told, oldest first, with the channels of each."""
    async with database.tx(of_firm(firm)):
        rows = await database.fetch(
            "SELECT m.*, ARRAY(SELECT channel FROM message_delivery d WHERE d.message = m.id ORDER BY channel) AS channels"
            " FROM message m ORDER BY m.created_at, m.title_en"
        )
    return [dict(row) for row in rows]
