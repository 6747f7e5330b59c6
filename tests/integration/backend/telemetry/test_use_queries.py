"""Use per local day, for many elevators in one statement."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from backend import clock, database
from backend.scope import Scope
from backend.telemetry.use_queries import DailyUse, daily_use
from tests.support.factory import Factory
from tests.support.upkeep import heard

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)


async def asked(scope: Scope, ids: dict[UUID, datetime], counters: set[str], zone: str) -> dict[tuple[UUID, str], DailyUse]:
    async with database.tx(scope):
        return {(use.elevator, use.counter): use for use in await daily_use(ids, counters, zone)}


async def test_days_are_local_and_only_counters_with_readings_are_told(factory: Factory, firm_scope: Scope) -> None:
    firm = firm_scope.require_firm()
    one, two = [await factory.elevator(firm, registration_code=code) for code in ("R-1", "R-2")]
    silent = await factory.elevator(firm, registration_code="R-3")
    with clock.stopped_at(NOW):
        await heard(firm_scope, "R-1", NOW - timedelta(days=4), NOW, hourly={"trips": 10, "door_cycles": 12})
        await heard(firm_scope, "R-2", NOW - timedelta(days=4), NOW, hourly={"trips": 1})
    since = dict.fromkeys((one, two, silent), NOW - timedelta(days=9))
    found = await asked(firm_scope, since, {"trips", "door_cycles", "run_s"}, "Asia/Shanghai")
    assert found.keys() == {(one, "trips"), (one, "door_cycles"), (two, "trips")}
    whole = {date(2026, 11, 22): 240, date(2026, 11, 23): 240, date(2026, 11, 24): 240}
    assert found[one, "trips"].whole_days(date(2026, 11, 25)) == whole
    # local noon to midnight of the 21st: twelve hours, the first reading without growth
    assert (found[two, "trips"].days[0], found[two, "trips"].totals[0]) == (date(2026, 11, 21), 11)
    utc = await asked(firm_scope, since, {"trips"}, "UTC")
    assert utc[two, "trips"].totals[0] == 19  # from 4 in the morning


async def test_another_firm_sees_nothing_and_nobody_is_no_error(factory: Factory, firm_scope: Scope) -> None:
    one = await factory.elevator(firm_scope.require_firm(), registration_code="R-1")
    with clock.stopped_at(NOW):
        await heard(firm_scope, "R-1", NOW - timedelta(days=2), NOW)
    other = Scope(role=firm_scope.role, firm=await factory.firm())
    assert await asked(other, {one: NOW - timedelta(days=9)}, {"trips"}, "UTC") == {}
    assert await asked(firm_scope, {}, {"trips"}, "UTC") == {}
    assert await asked(firm_scope, {one: NOW}, set(), "UTC") == {}
