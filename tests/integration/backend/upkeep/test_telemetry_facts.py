"""What telemetry does to due windows: wear, silence, faults, falling back and coming back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from backend import clock, database
from backend.scope import Scope
from backend.telemetry.vocabulary import vocabulary
from backend.upkeep import service
from planner.intervals.rules import load_pack, pack_ids
from tests.support.factory import Factory
from tests.support.upkeep import NOW, at_noon, event, heard, noted, on_demand_elevator, told, window

CODE = "R-OD"


@pytest.fixture(autouse=True)
def _noon_in_taizhou() -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


async def changes(scope: Scope, elevator: object) -> list[str]:
    return [change.kind.value for change in await service.mode_changes(scope, elevator)]  # type: ignore[arg-type]


def test_every_counter_and_kind_of_event_in_the_packs_is_one_that_telemetry_knows() -> None:
    words = vocabulary()
    for pack_id in pack_ids():
        pack = load_pack(pack_id)
        assert {budget.counter for budget in pack.wear_budgets} <= words.counters.keys()
        kinds = set(pack.fault_rate.kinds)
        if pack.on_demand is not None:
            kinds |= {kind for condition in pack.on_demand.conditions for kind in condition.kinds}
            kinds |= {kind for trigger in pack.on_demand.triggers for kind in trigger.kinds}
        assert kinds <= words.kinds.keys()
        assert all(words.kinds[kind].windows for kind in kinds), "such an event must set off a computation"


async def test_an_eligible_elevator_with_a_month_of_telemetry_has_thirty_days(factory: Factory, firm_scope: Scope) -> None:
    elevator = await on_demand_elevator(factory, firm_scope)
    await told(firm_scope, elevator, date(2026, 11, 15))
    await heard(firm_scope, CODE, NOW - timedelta(days=35), NOW)
    await service.recompute(firm_scope)
    found = await window(firm_scope, elevator)
    assert (found.mode_effective, found.last_day, found.fallen_back) == ("on_demand", date(2026, 12, 15), False)
    assert await changes(firm_scope, elevator) == []


async def test_heavy_use_brings_the_visit_forward_by_the_counted_rate(factory: Factory, firm_scope: Scope) -> None:
    elevator = await on_demand_elevator(factory, firm_scope)
    await told(firm_scope, elevator, date(2026, 11, 15))  # at noon, ten days ago
    await heard(firm_scope, CODE, NOW - timedelta(days=35), NOW, hourly={"door_cycles": 40})
    view = await service.receipt(firm_scope, elevator)
    binding = view.receipt.binding
    assert binding.cites.rule == "wear.door_cycles.half_month"
    # 241 hours of 40 count since the visit's hour; 12 000 - 9 640 = 2 360 at 960 a day, half of today's to come: one day
    assert [one.value for one in binding.inputs[1:4]] == ["9,640 door cycles", "960 door cycles", "12,000 door cycles"]
    assert binding.inputs[4].value == "Mon 960, Tue 960, Wed 960, Thu 960, Fri 960, Sat 960, Sun 960 (± 0 a day)"
    assert binding.inputs[5].value == "2026-10-22 – 2026-11-24, 34 d"  # whole days: neither the first one nor today
    assert view.window.last_day == date(2026, 11, 26)
    fixed = await factory.elevator(firm_scope.require_firm(), registration_code="R-FIX")
    await told(firm_scope, fixed, date(2026, 11, 15))
    await heard(firm_scope, "R-FIX", NOW - timedelta(days=12), NOW, hourly={"door_cycles": 400})
    # 400 an hour from noon of the 15th on: the 75 000th in the 188th hour, in the night of the 23rd
    assert (await service.receipt(firm_scope, fixed)).window.last_day == date(2026, 11, 23)
    with at_noon(date(2026, 12, 20)):  # nobody came, and the monitor is silent: the day stays
        await service.recompute(firm_scope)
        assert (await window(firm_scope, fixed)).last_day == date(2026, 11, 23)


async def test_silence_wears_on_at_the_upper_end_of_the_forecast(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm(), registration_code="R-1")
    await told(firm_scope, elevator, date(2026, 11, 15))
    await heard(firm_scope, "R-1", NOW - timedelta(days=13), NOW - timedelta(days=3), hourly={"door_cycles": 400})
    # 169 hours of 400 until the 22nd, 7 400 left, which 9 600 a day use up on the same day; three days since are 28 800, and
    # more at the upper end, since nine days are few
    view = await service.receipt(firm_scope, elevator)
    assert 96_400 < int(view.receipt.binding.inputs[1].value.removesuffix(" door cycles").replace(",", "")) < 125_000
    assert view.window.last_day == date(2026, 11, 22)


async def test_a_silent_monitor_ends_longer_gaps_and_the_public_reads_when_and_why(factory: Factory, firm_scope: Scope) -> None:
    elevator = await on_demand_elevator(factory, firm_scope)
    await told(firm_scope, elevator, date(2026, 11, 5))
    await heard(firm_scope, CODE, NOW - timedelta(days=35), NOW)
    await service.recompute(firm_scope)
    assert (await window(firm_scope, elevator)).last_day == date(2026, 12, 5)
    with clock.stopped_at(NOW + timedelta(hours=25)):
        summary = await service.recompute(firm_scope)
        assert summary.fallen_back == 1
        found = await window(firm_scope, elevator)
        # fifteen days were over on the 20th: within 48 hours of the 26th
        assert (found.fallen_back, found.fallen_back_on, found.last_day) == (True, date(2026, 11, 26), date(2026, 11, 28))
        async with database.tx(firm_scope):
            [change] = await service.mode_changes_inside(elevator)
        assert change.on_day == date(2026, 11, 26)
        assert change.reasons_en == ["the monitor has been silent for 25 h, more than 24 h"]
        assert change.reasons_zh == ["监测离线25小时，超过24小时"]
    with at_noon(date(2026, 12, 20)):  # nobody came: the day stays, and there is no second change
        await service.recompute(firm_scope)
        assert (await window(firm_scope, elevator)).last_day == date(2026, 11, 28)
        assert await changes(firm_scope, elevator) == ["fallen_back"]


async def test_on_demand_comes_back_after_enough_hours_online_and_a_visit(factory: Factory, firm_scope: Scope) -> None:
    elevator = await on_demand_elevator(factory, firm_scope)
    await told(firm_scope, elevator, date(2026, 11, 20))
    await heard(firm_scope, CODE, NOW - timedelta(days=35), NOW)
    await service.recompute(firm_scope)
    with clock.stopped_at(NOW + timedelta(hours=30)):
        await service.recompute(firm_scope)
        await noted(firm_scope, elevator, factory.fresh_id(), clock.now(), "year")
    again = NOW + timedelta(hours=31)
    await_until = again + timedelta(days=16)
    with clock.stopped_at(again + timedelta(days=3)):
        await heard(firm_scope, CODE, again, again + timedelta(days=3))
        await service.recompute(firm_scope)
        assert (await window(firm_scope, elevator)).fallen_back  # online again, but not for 95 % of 15 days
    with clock.stopped_at(await_until):
        await heard(firm_scope, CODE, again + timedelta(days=3, hours=1), await_until)
        summary = await service.recompute(firm_scope)
        assert summary.restored == 1
        assert await changes(firm_scope, elevator) == ["restored", "fallen_back"]
        assert (await window(firm_scope, elevator)).mode_effective == "on_demand"


async def test_an_entrapment_ends_longer_gaps(factory: Factory, firm_scope: Scope) -> None:
    elevator = await on_demand_elevator(factory, firm_scope)
    await told(firm_scope, elevator, date(2026, 11, 15))
    await heard(firm_scope, CODE, NOW - timedelta(days=20), NOW - timedelta(hours=2))
    await service.recompute(firm_scope)
    await event(firm_scope, CODE, NOW - timedelta(hours=1), "entrapment")
    await service.recompute(firm_scope, [elevator])
    found = await window(firm_scope, elevator)
    assert (found.fallen_back, found.last_day) == (True, date(2026, 11, 30))


async def test_many_faults_bring_a_fixed_elevator_forward(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm(), registration_code="R-1")
    await told(firm_scope, elevator, date(2026, 11, 20))
    for hours in (50, 40, 30):
        await event(firm_scope, "R-1", NOW - timedelta(hours=hours), "door_close_fault")
    view = await service.receipt(firm_scope, elevator)
    assert (view.window.last_day, view.receipt.binding.kind) == (date(2026, 11, 30), "fault_rate")


async def test_too_few_hours_online_shorten_the_gap_without_ending_the_mode(factory: Factory, firm_scope: Scope) -> None:
    elevator = await on_demand_elevator(factory, firm_scope)
    await told(firm_scope, elevator, date(2026, 11, 20))
    await heard(firm_scope, CODE, NOW - timedelta(days=10), NOW)
    view = await service.receipt(firm_scope, elevator)
    assert (view.window.mode_effective, view.window.last_day) == ("on_demand", date(2026, 12, 5))
    assert view.receipt.binding.cites.rule == "on_demand.remote_check"


async def test_what_the_office_lacks_is_named_condition_by_condition(factory: Factory, firm_scope: Scope) -> None:
    elevator = await on_demand_elevator(factory, firm_scope, on_demand_filing="", on_demand_filed_on=None)
    await told(firm_scope, elevator, date(2026, 11, 20))
    await heard(firm_scope, CODE, NOW - timedelta(days=20), NOW)
    view = await service.receipt(firm_scope, elevator)
    assert (view.window.fallen_back, view.window.fallen_back_on) == (True, None)
    unmet = [result.key for result in view.receipt.mode.conditions if result.outcome != "met"]
    assert unmet == ["E6", "E9"]


async def test_silence_is_noticed_on_the_same_day_though_it_sends_no_event(factory: Factory, firm_scope: Scope) -> None:
    elevator = await on_demand_elevator(factory, firm_scope)
    await told(firm_scope, elevator, date(2026, 11, 20))
    await heard(firm_scope, CODE, NOW - timedelta(days=20), NOW - timedelta(hours=23))
    assert (await service.recompute_stale(firm_scope)).elevators == 1
    assert (await service.recompute_stale(firm_scope)).elevators == 0
    with clock.stopped_at(NOW + timedelta(hours=2)):  # the same local day
        summary = await service.recompute_stale(firm_scope)
        assert (summary.elevators, summary.fallen_back) == (1, 1)
        assert (await service.recompute_stale(firm_scope)).elevators == 0
