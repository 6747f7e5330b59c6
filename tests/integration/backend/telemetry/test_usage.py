"""What others read: usage, events, signs of life."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from backend import database
from backend.errors import InvalidInput, NotFound
from backend.scope import Scope, of_firm
from backend.telemetry import service
from backend.telemetry.views import Usage, UsageQuery
from tests.integration.backend.telemetry.conftest import NOW, record
from tests.support.factory import Factory

MIDNIGHT = NOW.replace(hour=0)


async def told(scope: Scope) -> None:
    """Readings every 30 minutes from 0:10 to 9:40 with 10 trips each, a restart at 5:10; none of 3 o'clock."""
    totals = [1000 + 10 * n if n < 10 else 10 * (n - 9) for n in range(20)]
    batch = [record(n, 10 + 30 * n, total) for n, total in enumerate(totals) if n not in (6, 7)]
    result = await service.ingest(scope, batch)
    assert result.accepted == 18


async def test_usage_since_counts_the_hour_that_holds_the_instant_whole(firm_scope: Scope, elevator: UUID) -> None:
    await told(firm_scope)
    wanted = [
        UsageQuery(elevator=elevator, counter="trips", since=MIDNIGHT + timedelta(hours=8, minutes=25)),
        UsageQuery(elevator=elevator, counter="run_s", since=MIDNIGHT),
        UsageQuery(elevator=elevator, counter="trips", since=MIDNIGHT - timedelta(days=9)),
        UsageQuery(elevator=elevator, counter="trips", since=NOW),
    ]
    async with database.tx(firm_scope):
        found = await service.usage_since(wanted)
    assert found == [
        Usage(total=40, restarts=0, rollovers=0, jumps=0, readings=4),
        Usage(total=0, restarts=0, rollovers=0, jumps=0, readings=0),
        Usage(total=190, restarts=1, rollovers=0, jumps=0, readings=18),
        Usage(total=0, restarts=0, rollovers=0, jumps=0, readings=0),
    ]


async def test_no_question_has_no_answer(firm_scope: Scope, elevator: UUID) -> None:
    async with database.tx(firm_scope):
        assert await service.usage_since([]) == []


async def test_usage_by_hour_meets_both_ends(firm_scope: Scope, elevator: UUID) -> None:
    await told(firm_scope)
    async with database.tx(firm_scope):
        found = await service.usage_by_hour(
            [elevator], MIDNIGHT + timedelta(hours=2, minutes=30), MIDNIGHT + timedelta(hours=5)
        )
    assert [(row.hour.hour, row.total, row.restarts) for row in found] == [(2, 20, 0), (4, 40, 0)]


async def test_usage_by_day_cuts_days_in_the_place_s_zone(firm_scope: Scope, elevator: UUID) -> None:
    await told(firm_scope)
    async with database.tx(firm_scope):
        found = await service.usage_by_day([elevator], MIDNIGHT - timedelta(days=1), NOW, "America/New_York")
    # Midnight in New York is 5:00 UTC: 0:10 to 4:40 belong to the day before.
    assert [(row.day, row.total, row.readings) for row in found] == [
        (date(2026, 11, 24), 90, 8), (date(2026, 11, 25), 100, 10),
    ]  # fmt: skip


async def test_last_seen_is_the_latest_record_and_the_last_arrival(firm_scope: Scope, elevator: UUID) -> None:
    async with database.tx(firm_scope):
        assert await service.last_seen([elevator]) == {}
    await told(firm_scope)
    await service.ingest(firm_scope, [record(99, 5, 990)])  # late
    async with database.tx(firm_scope):
        seen = (await service.last_seen([elevator]))[elevator]
    assert (seen.at, seen.received_at) == (MIDNIGHT + timedelta(hours=9, minutes=40), NOW)


async def test_the_online_share_counts_whole_hours_with_a_record(firm_scope: Scope, elevator: UUID) -> None:
    await told(firm_scope)
    async with database.tx(firm_scope):
        # Hours 0 to 9, of which 3 is silent.
        assert await service.online_share(elevator, MIDNIGHT, MIDNIGHT + timedelta(hours=10)) == pytest.approx(0.9)
        # Of 2:30 to 5:30 only 3 and 4 are whole.
        half = await service.online_share(
            elevator, MIDNIGHT + timedelta(hours=2, minutes=30), MIDNIGHT + timedelta(hours=5, minutes=30)
        )
        assert half == pytest.approx(0.5)
        # The day before is silent.
        assert await service.online_share(elevator, MIDNIGHT - timedelta(hours=10), MIDNIGHT + timedelta(hours=10)) == (
            pytest.approx(0.45)
        )
        assert await service.online_share(elevator, MIDNIGHT, MIDNIGHT + timedelta(minutes=59)) == 0


async def test_a_sign_of_life_without_counters_is_one(firm_scope: Scope, elevator: UUID) -> None:
    await service.ingest(firm_scope, [record(1, 30)])
    async with database.tx(firm_scope):
        assert await service.online_share(elevator, MIDNIGHT, MIDNIGHT + timedelta(hours=1)) == 1.0


async def test_events_are_told_by_kind_and_time(firm_scope: Scope, elevator: UUID) -> None:
    events = [
        {"code": f"gbt24476:{code}", "at": (MIDNIGHT + timedelta(hours=hour)).isoformat()}
        for code, hour in ((43, 1), (40, 2), (43, 3))
    ]
    await service.ingest(firm_scope, [record(1, 200, events=events)])
    async with database.tx(firm_scope):
        found = await service.events_since(
            [elevator], MIDNIGHT + timedelta(hours=1), MIDNIGHT + timedelta(hours=3), ["inspection_mode"]
        )
    assert [(event.at.hour, event.kind) for event in found] == [(1, "inspection_mode")]


async def test_the_events_of_an_elevator_come_in_pages(firm_scope: Scope, elevator: UUID) -> None:
    events = [{"code": f"x:{n}", "at": (MIDNIGHT + timedelta(minutes=n // 2)).isoformat()} for n in range(7)]
    await service.ingest(firm_scope, [record(1, 200, events=events)])
    codes = []
    cursor = None
    while True:
        page = await service.elevator_events(firm_scope, elevator, cursor=cursor, limit=3)
        codes += [event.raw_code for event in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert codes == ["x:6", "x:5", "x:4", "x:3", "x:2", "x:1", "x:0"]
    with pytest.raises(InvalidInput):
        await service.elevator_events(firm_scope, elevator, cursor="nonsense")


async def test_another_firm_sees_nothing_of_an_elevator(factory: Factory, firm_scope: Scope, elevator: UUID) -> None:
    await told(firm_scope)
    other = of_firm(await factory.firm())
    with pytest.raises(NotFound):
        await service.elevator_usage(other, elevator, MIDNIGHT, NOW, by_day=True)
    with pytest.raises(NotFound):
        await service.elevator_events(other, elevator)
    with pytest.raises(NotFound):
        await service.note_counter_base(other, elevator)
    async with database.tx(other):
        assert await service.usage_by_hour([elevator], MIDNIGHT, NOW) == []
        assert await service.last_seen([elevator]) == {}
