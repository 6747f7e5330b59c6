"""Silence is risk: gaps, stuck values and clocks that are off bring the fixed gap back, and everybody reads why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from backend import clock, database
from backend.errors import NotFound
from backend.keyfile import label_keys
from backend.public.service import public_elevator
from backend.public.views import Monitor
from backend.scope import SYSTEM, Role, Scope, of_firm
from backend.settings import Settings
from backend.telemetry import service as telemetry
from backend.telemetry.health_views import HealthFilter, HealthRow
from backend.upkeep import service
from tests.support.factory import Factory
from tests.support.public_page import code_of
from tests.support.upkeep import NOW, event, heard, noted, on_demand_elevator, told, window

CODE = "R-OD"
VISIT = date(2026, 11, 15)
BY_FIXED, BY_DEMAND = date(2026, 11, 30), date(2026, 12, 15)


@pytest.fixture(autouse=True)
def _noon_in_taizhou() -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
async def elevator(factory: Factory, firm_scope: Scope) -> UUID:
    """An elevator on demand, visited on the 15th."""
    made = await on_demand_elevator(factory, firm_scope)
    await told(firm_scope, made, VISIT)
    return made


async def found(scope: Scope, elevator: UUID) -> HealthRow:
    """The data health as it was kept."""
    [row] = [row for row in (await telemetry.health_list(scope, HealthFilter())).rows if row.elevator == elevator]
    return row


async def monitor(settings: Settings, factory: Factory, scope: Scope, elevator: UUID) -> Monitor:
    """What the public reads of the monitor."""
    code = await code_of(settings, scope.require_firm(), elevator)
    return (await public_elevator(label_keys(settings), code)).monitor


async def gateway(scope: Scope) -> UUID:
    """A device of the firm."""
    device, _key = await telemetry.add_device(scope, None, "gateway-1")
    return device.id


async def live(scope: Scope, since: datetime, hours: int, **values: Any) -> UUID:
    """A device that sends a record an hour, each arriving when it is made unless `late_s` says otherwise."""
    firm = scope.require_firm()
    device = await gateway(scope)
    asker = Scope(role=Role.DEVICE, firm=firm, device=device)
    late = timedelta(seconds=values.pop("late_s", 0))
    for hour in range(hours):
        at = since + timedelta(hours=hour)
        gauges = {name: told(hour) if callable(told) else told for name, told in values.items()}
        body = {
            "elevator": CODE,
            "at": at.isoformat(),
            "seq": int(at.timestamp()),
            "counters": {"trips": 10 * hour},
            "gauges": gauges,
        }
        with clock.stopped_at(at + late):
            result = await telemetry.ingest(asker, [body])
        assert not result.rejected, result.rejected
    return device


async def test_a_monitor_that_is_always_there_is_good(firm_scope: Scope, elevator: UUID) -> None:
    await heard(firm_scope, CODE, NOW - timedelta(days=35), NOW)
    await service.recompute(firm_scope)

    row = await found(firm_scope, elevator)
    assert (row.state, row.online_share, row.gap_h, row.reasons) == ("good", 1.0, 0, [])
    assert (await window(firm_scope, elevator)).last_day == BY_DEMAND


async def test_a_gap_that_has_ended_brings_the_fixed_gap_back_and_everybody_reads_why(
    settings: Settings, factory: Factory, firm_scope: Scope, elevator: UUID
) -> None:
    await heard(firm_scope, CODE, NOW - timedelta(days=35), NOW - timedelta(days=5))
    await heard(firm_scope, CODE, NOW - timedelta(days=3), NOW, hourly={"door_cycles": 12})
    await service.recompute(firm_scope)

    window_now = await window(firm_scope, elevator)
    assert (window_now.mode_effective, window_now.fallen_back, window_now.last_day) == ("fixed", True, BY_FIXED)
    [trigger] = (await service.receipt(firm_scope, elevator)).receipt.mode.triggers
    assert trigger.cites.rule == "on_demand.data_health"
    assert [given.value for given in trigger.inputs[:2]] == ["2026-11-20 13:00", "2026-11-22 12:00"]
    row = await found(firm_scope, elevator)
    assert (row.state, row.gap_h, [reason.key for reason in row.reasons]) == ("not_usable", 47, ["gap", "online"])
    public = await monitor(settings, factory, firm_scope, elevator)
    assert (public.state, public.health, public.shortens) == ("online", "not_usable", True)
    assert public.reasons_zh == ["监测数据缺失47小时（2026-11-20 13:00至2026-11-22 12:00），上限24小时"]
    [change] = await service.mode_changes(firm_scope, elevator)
    assert change.reasons_en == [trigger.reason.en]


async def test_what_comes_late_closes_the_gap_and_a_visit_restores_the_longer_one(
    factory: Factory, firm_scope: Scope, elevator: UUID
) -> None:
    await heard(firm_scope, CODE, NOW - timedelta(days=35), NOW - timedelta(days=5))
    await heard(firm_scope, CODE, NOW - timedelta(days=3), NOW, hourly={"door_cycles": 12})
    await service.recompute(firm_scope)
    await heard(
        firm_scope,
        CODE,
        NOW - timedelta(days=5) + timedelta(hours=1),
        NOW - timedelta(days=3, hours=1),
        hourly={"levelings": 1},
    )
    await service.recompute(firm_scope)
    assert (await found(firm_scope, elevator)).state == "good"
    assert (await window(firm_scope, elevator)).fallen_back  # nobody was there since

    await noted(firm_scope, elevator, factory.fresh_id(), NOW, "half_month")

    assert (await window(firm_scope, elevator)).last_day == date(2026, 12, 25)


async def test_silence_without_any_message_is_noticed_by_the_hourly_job(
    settings: Settings, factory: Factory, firm_scope: Scope, elevator: UUID
) -> None:
    await heard(firm_scope, CODE, NOW - timedelta(days=35), NOW)
    await service.recompute(firm_scope)
    with clock.stopped_at(NOW + timedelta(hours=11)):  # eleven at night: the nightly run has been
        assert (await service.recompute_stale(firm_scope)).fallen_back == 0
    with clock.stopped_at(NOW + timedelta(hours=23)):
        await service.recompute_stale(firm_scope)
        assert not (await window(firm_scope, elevator)).fallen_back
    with clock.stopped_at(NOW + timedelta(hours=25)):
        assert (await service.recompute_stale(firm_scope)).fallen_back == 1
        assert (await window(firm_scope, elevator)).last_day == BY_FIXED
        public = await monitor(settings, factory, firm_scope, elevator)
        assert (public.state, public.shortens) == ("silent", True)


async def test_a_counter_that_stands_still_while_another_moves_ends_longer_gaps(firm_scope: Scope, elevator: UUID) -> None:
    stops = NOW.replace(hour=0) - timedelta(days=3)
    await heard(
        firm_scope, CODE, stops - timedelta(days=32), stops - timedelta(hours=1), hourly={"trips": 10, "door_cycles": 12}
    )
    last = 32 * 24 - 1
    records = [
        {
            "elevator": CODE, "at": (stops + timedelta(hours=h)).isoformat(), "seq": int(stops.timestamp()) + h,
            "counters": {"trips": 1000 + 10 * (last + 1 + h), "door_cycles": 1000 + 12 * last},
        }
        for h in range((NOW - stops) // timedelta(hours=1) + 1)
    ]  # fmt: skip
    assert not (await telemetry.load_history(firm_scope.require_firm(), records)).rejected
    await service.recompute(firm_scope)

    row = await found(firm_scope, elevator)
    assert [reason.key for reason in row.reasons] == ["stuck"]
    assert row.reasons[0].text.en.startswith("door cycles did not grow for 3 days since 2026-11-22")
    assert (await window(firm_scope, elevator)).last_day == BY_FIXED
    detail = await telemetry.health_detail(firm_scope, elevator)
    assert {one.counter: one.stuck_since for one in detail.counters} == {"trips": None, "door_cycles": date(2026, 11, 22)}


@pytest.mark.parametrize(("late_s", "reason"), [(-200, "clock"), (8000, "clock"), (5, None)])
async def test_a_clock_that_is_off_is_seen_by_what_arrives(
    firm_scope: Scope, elevator: UUID, late_s: int, reason: str | None
) -> None:
    await live(firm_scope, NOW - timedelta(hours=30), 28, late_s=late_s)
    await service.recompute(firm_scope)

    row = await found(firm_scope, elevator)
    assert row.skew_s == late_s
    assert [one.key for one in row.reasons] == ([reason] if reason else [])
    assert (await window(firm_scope, elevator)).fallen_back is (reason is not None)


async def test_what_was_held_back_on_the_way_says_nothing_of_the_clock(
    factory: Factory, firm_scope: Scope, elevator: UUID
) -> None:
    firm = firm_scope.require_firm()
    device = await live(firm_scope, NOW - timedelta(hours=10), 10)
    asker = Scope(role=Role.DEVICE, firm=firm, device=device)
    old = [
        {"elevator": CODE, "at": (NOW - timedelta(hours=11 + h)).isoformat(), "seq": h, "gauges": {"temperature_c": 20 + h / 7}}
        for h in range(30)
    ]
    for record in old:
        await telemetry.ingest(asker, [record])
    await service.recompute(firm_scope)

    clock_fact = (await found(firm_scope, elevator)).evidence.clock
    assert clock_fact is not None
    assert (clock_fact.samples, clock_fact.median_s) == (10, 0)


@pytest.mark.parametrize(("value", "state"), [(31.57, "not_usable"), (26, "degraded"), (lambda hour: 20 + hour / 7, "good")])
async def test_a_frozen_gauge_is_seen(factory: Factory, firm_scope: Scope, elevator: UUID, value: Any, state: str) -> None:
    await live(firm_scope, NOW.replace(hour=0) - timedelta(days=3), 74, temperature_c=value, pit_water_mm=0)
    await service.recompute(firm_scope)

    row = await found(firm_scope, elevator)
    assert (row.state, [reason.key for reason in row.reasons]) == (state, [] if state == "good" else ["frozen"])


async def test_faults_of_the_monitor_are_shown_with_its_data_and_never_become_work_on_the_elevator(
    firm_scope: Scope, elevator: UUID
) -> None:
    await heard(firm_scope, CODE, NOW - timedelta(days=35), NOW)
    await service.recompute(firm_scope)
    before = await service.receipt(firm_scope, elevator)
    for day in range(1, 8):
        await event(firm_scope, CODE, NOW - timedelta(days=day, minutes=7), "monitor_fault")
    await service.recompute(firm_scope)

    row = await found(firm_scope, elevator)
    assert (row.state, [reason.key for reason in row.reasons]) == ("degraded", ["monitor_fault"])
    after = await service.receipt(firm_scope, elevator)
    assert after.receipt.mode.triggers == ()
    assert (after.receipt.mode.effective, after.receipt.last_day) == ("on_demand", before.receipt.last_day)


async def test_at_fixed_intervals_the_data_is_judged_and_moves_nothing(factory: Factory, firm_scope: Scope) -> None:
    made = await factory.elevator(firm_scope.require_firm(), registration_code=CODE)
    await told(firm_scope, made, VISIT)
    await heard(firm_scope, CODE, NOW - timedelta(days=35), NOW - timedelta(days=5), hourly={"levelings": 1})
    await service.recompute(firm_scope)

    assert (await found(firm_scope, made)).state == "not_usable"
    assert (await window(firm_scope, made)).last_day == BY_FIXED


async def test_hours_before_the_monitor_was_first_heard_are_no_gap(firm_scope: Scope, elevator: UUID) -> None:
    await heard(firm_scope, CODE, NOW - timedelta(days=4), NOW, hourly={"levelings": 1})
    await service.recompute(firm_scope)

    row = await found(firm_scope, elevator)
    assert (row.state, row.evidence.hours) == ("good", 96)


async def test_the_worst_come_first_and_others_firms_are_not_seen(factory: Factory, firm_scope: Scope, elevator: UUID) -> None:
    await heard(firm_scope, CODE, NOW - timedelta(days=35), NOW)
    bad = await factory.elevator(firm_scope.require_firm(), registration_code="Z-BAD")
    await heard(firm_scope, "Z-BAD", NOW - timedelta(days=35), NOW - timedelta(days=9), hourly={"levelings": 1})
    foreign = of_firm(await factory.firm())
    await service.recompute(SYSTEM)

    first = await telemetry.health_list(firm_scope, HealthFilter(), limit=1)
    second = await telemetry.health_list(firm_scope, HealthFilter(), limit=1, cursor=first.next_cursor)
    assert [row.elevator for row in first.rows + second.rows] == [bad, elevator]
    assert second.next_cursor is None
    assert first.counts == {"good": 1, "degraded": 0, "not_usable": 1}
    only = await telemetry.health_list(firm_scope, HealthFilter(reason="gap"))
    assert [row.elevator for row in only.rows] == [bad]
    assert (await telemetry.health_list(foreign, HealthFilter())).rows == []
    with pytest.raises(NotFound):
        await telemetry.health_detail(foreign, elevator)


async def test_the_hours_of_the_last_weeks_are_told_by_local_day(firm_scope: Scope, elevator: UUID) -> None:
    await heard(firm_scope, CODE, NOW - timedelta(days=6), NOW - timedelta(hours=3), hourly={"levelings": 1})
    await service.recompute(firm_scope)

    strips = {strip.day: strip.seen for strip in (await telemetry.health_detail(firm_scope, elevator)).strips}
    assert len(strips) == 21
    assert strips[date(2026, 11, 19)] == [None] * 12 + [True] * 12  # first heard at noon
    assert strips[date(2026, 11, 20)] == [True] * 24
    assert strips[date(2026, 11, 25)] == [True] * 10 + [False] * 2 + [None] * 12  # noon now


async def test_health_is_one_row_of_an_elevator(firm_scope: Scope, elevator: UUID) -> None:
    await heard(firm_scope, CODE, NOW - timedelta(days=3), NOW, hourly={"levelings": 1})
    await service.recompute(firm_scope)
    await service.recompute(firm_scope)

    async with database.tx(SYSTEM):
        assert await database.fetch_value("SELECT count(*) FROM data_health WHERE elevator = $1", elevator) == 1


async def test_codes_that_no_table_knows_are_counted(firm_scope: Scope, elevator: UUID) -> None:
    await heard(firm_scope, CODE, NOW - timedelta(days=3), NOW, hourly={"levelings": 1})
    for minutes in (3, 5):
        at = (NOW - timedelta(minutes=minutes)).isoformat()
        body = {"elevator": CODE, "at": at, "seq": minutes, "events": [{"code": "vendor:7777"}]}
        assert (await telemetry.ingest(firm_scope, [body])).accepted == 1
    await service.recompute(firm_scope)

    [code] = (await telemetry.health_detail(firm_scope, elevator)).unknown_codes
    assert (code.raw_code, code.times, code.last_at) == ("vendor:7777", 2, NOW - timedelta(minutes=3))
