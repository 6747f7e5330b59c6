"""Elevators with what their due windows depend on, for tests of upkeep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from backend import clock, database
from backend.scope import Scope
from backend.telemetry import service as telemetry
from backend.upkeep import service
from backend.upkeep.views import DueWindowView, ToldVisit, WindowChange
from planner.intervals.items import checklist
from tests.support.factory import Factory

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
"""Noon in Taizhou."""

TODAY = date(2026, 11, 25)
TRACTION = "traction_or_positive_drive_lift"
ON_DEMAND: Mapping[str, Any] = {
    "mode": "on_demand", "rule_pack": "cn-on-demand-30", "monitored_since": date(2026, 10, 1), "on_demand_filing": "BA-7",
    "on_demand_filed_on": date(2026, 10, 1),
}  # fmt: skip


async def told(scope: Scope, elevator: UUID, on_day: date, maintenance_class: str = "year") -> None:
    """Tell a visit as an import does."""
    async with database.tx(scope):
        visit = ToldVisit(elevator=elevator, maintenance_class=maintenance_class, on_day=on_day)
        await service.note_told_visits_inside(scope.require_firm(), [visit])


async def noted(
    scope: Scope, elevator: UUID, visit: UUID, departed_at: datetime, maintenance_class: str = "half_month",
    items: list[str] | None = None,
) -> WindowChange:  # fmt: skip
    """Take in a finished visit in which everything was done unless items are named."""
    done = [item.code for item in checklist(TRACTION, maintenance_class)] if items is None else items
    async with database.tx(scope):
        return await service.note_visit(
            firm=scope.require_firm(), elevator=elevator, visit=visit, maintenance_class=maintenance_class,
            departed_at=departed_at, items=done,
        )  # fmt: skip


async def window(scope: Scope, elevator: UUID) -> DueWindowView:
    """The stored window."""
    async with database.tx(scope):
        found = await service.window_inside(elevator)
    assert found is not None
    return found


async def on_demand_elevator(factory: Factory, scope: Scope, code: str = "R-OD", **values: Any) -> UUID:
    """An elevator on demand with contract and filing, which lacks only its telemetry."""
    firm = scope.require_firm()
    owner = await factory.owner(firm)
    contract = await factory.row(
        "contract", firm=firm, owner=owner, number=f"C-{code}", starts_on=date(2026, 1, 1),
        on_demand_consent_on=date(2026, 1, 1), insurance_until=date(2028, 1, 1),
    )  # fmt: skip
    site = await factory.site(firm, owner=owner)
    given = dict(ON_DEMAND) | {"registration_code": code, "contract": contract, "site": site} | values
    return await factory.elevator(firm, **given)


async def heard(scope: Scope, code: str, since: datetime, until: datetime, *, hourly: Mapping[str, int] | None = None) -> None:
    """Load a record an hour, each counter growing evenly."""
    grown = hourly or {"trips": 10, "door_cycles": 12, "run_s": 120, "rope_bends": 20}

    def records() -> Iterator[dict[str, Any]]:
        at, number = since, 0
        while at <= until:
            totals = {counter: 1000 + growth * number for counter, growth in grown.items()}
            seq = int(at.timestamp())
            yield {"elevator": code, "at": at.isoformat(), "seq": seq, "counters": totals}
            at, number = at + timedelta(hours=1), number + 1

    result = await telemetry.load_history(scope.require_firm(), records())
    assert not result.rejected, result.rejected[:3]


async def event(scope: Scope, code: str, at: datetime, kind: str) -> None:
    """Load one event."""
    body = {
        "elevator": code, "at": at.isoformat(), "seq": int(at.timestamp()) * 10 + 7, "counters": {},
        "events": [{"code": f"liftrounds:{kind}", "at": at.isoformat()}],
    }  # fmt: skip
    result = await telemetry.load_history(scope.require_firm(), [body])
    assert not result.rejected, result.rejected


def at_noon(day: date) -> Any:
    """A clock that stands at noon of a day in Taizhou."""
    return clock.stopped_at(datetime(day.year, day.month, day.day, 4, 0, tzinfo=UTC))
