"""Due windows on a real database: computed, stored, moved by visits, never moved back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from backend import clock, database
from backend.errors import InvalidInput, NotFound
from backend.scope import SYSTEM, Scope, of_firm
from backend.upkeep import service
from backend.upkeep.views import ToldVisit
from planner.intervals.items import CLASSES, checklist
from tests.support.factory import Factory
from tests.support.upkeep import NOW, TODAY, TRACTION, at_noon, heard, noted, on_demand_elevator, told, window
from tests.support.waiting import until


@pytest.fixture(autouse=True)
def _noon_in_taizhou() -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


async def test_a_told_visit_is_due_again_fifteen_days_later(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    await told(firm_scope, elevator, date(2026, 11, 20))
    summary = await service.recompute(firm_scope)
    assert (summary.elevators, summary.moved, summary.failed) == (1, 1, [])
    view = await service.receipt(firm_scope, elevator)
    assert (view.window.first_day, view.window.last_day) == (date(2026, 11, 29), date(2026, 12, 5))
    assert view.receipt.binding.day == view.window.last_day
    assert (view.days_left, view.overdue) == (10, False)


async def test_told_again_a_visit_is_replaced_and_nothing_counts_twice(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    for day in (date(2026, 11, 20), date(2026, 11, 20), date(2026, 11, 18)):
        await told(firm_scope, elevator, day)
    await service.recompute(firm_scope)
    assert (await window(firm_scope, elevator)).last_day == date(2026, 12, 3)


async def test_told_visits_of_an_unknown_class_are_refused_with_their_place(firm_scope: Scope, factory: Factory) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    with pytest.raises(InvalidInput) as caught:
        await told(firm_scope, elevator, TODAY, "monthly")
    assert [fault.path for fault in caught.value.faults] == ["visits[0].maintenance_class"]


async def test_no_visits_told_are_no_error(firm_scope: Scope) -> None:
    async with database.tx(firm_scope):
        await service.note_told_visits_inside(firm_scope.require_firm(), [])


async def test_a_finished_visit_moves_the_window(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    await told(firm_scope, elevator, date(2026, 11, 12))
    await service.recompute(firm_scope)
    change = await noted(firm_scope, elevator, factory.fresh_id(), NOW)
    assert change.before is not None
    assert change.after is not None
    assert (change.before.last_day, change.after.last_day) == (date(2026, 11, 27), date(2026, 12, 10))
    assert await window(firm_scope, elevator) == change.after


async def test_a_visit_counts_on_the_local_day_of_its_departure(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    # 16:30 UTC on the 24th is half past midnight of the 25th in Taizhou
    change = await noted(firm_scope, elevator, factory.fresh_id(), datetime(2026, 11, 24, 16, 30, tzinfo=UTC), "year")
    assert change.after is not None
    assert change.after.last_day == date(2026, 12, 10)


async def test_days_are_those_of_the_firms_time_zone_over_summer_time(factory: Factory) -> None:
    firm = await factory.firm(time_zone="Europe/Berlin")
    elevator = await factory.elevator(firm, inspection_due_on=None)
    # clocks go back on 25 October 2026: 23:30 UTC on the 24th is 1:30 on the 25th, on the 25th it is half past midnight
    for departed_at, due in (
        (datetime(2026, 10, 24, 23, 30, tzinfo=UTC), date(2026, 11, 9)),
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 11, 9)),
        (datetime(2026, 10, 25, 23, 30, tzinfo=UTC), date(2026, 11, 10)),
    ):
        change = await noted(of_firm(firm), elevator, factory.fresh_id(), departed_at, "year")
        assert change.after is not None
        assert change.after.last_day == due


async def test_noting_a_visit_again_changes_nothing(factory: Factory, firm_scope: Scope) -> None:
    elevator, visit = await factory.elevator(firm_scope.require_firm()), factory.fresh_id()
    first = await noted(firm_scope, elevator, visit, NOW, "year")
    again = await noted(firm_scope, elevator, visit, NOW, "year")
    assert again.before == first.after
    assert again.after == first.after


async def test_a_visit_that_arrives_late_never_moves_the_last_one_back(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    await noted(firm_scope, elevator, factory.fresh_id(), NOW, "year")
    late = await noted(firm_scope, elevator, factory.fresh_id(), NOW - timedelta(days=4), "year")
    assert late.after is not None
    assert late.after.last_day == date(2026, 12, 10)


async def test_a_late_visit_of_a_higher_class_still_counts_for_its_items(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm(), created_at=NOW - timedelta(days=200))
    change = await noted(firm_scope, elevator, factory.fresh_id(), NOW, "half_month")
    assert change.after is not None
    assert change.after.maintenance_class != "half_month"
    late = await noted(firm_scope, elevator, factory.fresh_id(), NOW - timedelta(days=4), "year")
    assert late.after is not None
    assert (late.after.last_day, late.after.maintenance_class) == (date(2026, 12, 10), "half_month")


async def test_a_withdrawn_visit_leaves_the_one_before_it(factory: Factory, firm_scope: Scope) -> None:
    elevator, visit = await factory.elevator(firm_scope.require_firm()), factory.fresh_id()
    await told(firm_scope, elevator, date(2026, 11, 20))
    await noted(firm_scope, elevator, visit, NOW, "year", ["A-4-06:governor_speed"])
    async with database.tx(firm_scope):
        change = await service.withdraw_visit(firm=firm_scope.require_firm(), elevator=elevator, visit=visit)
    assert change.after is not None
    assert change.after.last_day == date(2026, 12, 5)
    checks = await service.special_checks(firm_scope, elevator)
    assert checks[0].done_on is None


async def test_a_corrected_visit_replaces_what_was_noted(factory: Factory, firm_scope: Scope) -> None:
    elevator, visit = await factory.elevator(firm_scope.require_firm()), factory.fresh_id()
    await noted(firm_scope, elevator, visit, NOW, "year")
    corrected = await noted(firm_scope, elevator, visit, NOW - timedelta(days=2), "year")
    assert corrected.after is not None
    assert corrected.after.last_day == date(2026, 12, 8)


async def test_items_answered_as_not_applicable_are_named_in_the_receipt(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    items = [item.code for item in checklist(TRACTION, "year") if item.code != "A-1-05"]
    await noted(firm_scope, elevator, factory.fresh_id(), NOW, "year", items)
    view = await service.receipt(firm_scope, elevator)
    assert view.window.last_day == date(2026, 12, 10)
    assert any("A-1-05" in text.en and "not applicable" in text.en for text in view.receipt.assumptions)


async def test_items_done_beyond_the_class_count_from_then(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm(), created_at=NOW - timedelta(days=85))
    quarter = [item.code for item in checklist(TRACTION, "quarter")]
    change = await noted(firm_scope, elevator, factory.fresh_id(), NOW, "half_month", quarter)
    assert change.after is not None
    assert (change.after.last_day, change.after.maintenance_class) == (date(2026, 12, 10), "half_month")


async def test_without_any_visit_the_count_starts_at_registration(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm(), created_at=datetime(2026, 11, 22, 20, 0, tzinfo=UTC))
    view = await service.receipt(firm_scope, elevator)  # computed on the spot
    assert (view.window.first_day, view.window.last_day) == (date(2026, 11, 23), date(2026, 12, 8))
    assert "no completed visit is known" in view.receipt.assumptions[0].en


async def test_an_overdue_window_stays_and_is_told_as_overdue(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    await told(firm_scope, elevator, date(2026, 11, 1))
    await service.recompute(firm_scope)
    for day in (TODAY, date(2026, 12, 20)):
        with at_noon(day):
            view = await service.receipt(firm_scope, elevator)
            assert (view.window.last_day, view.overdue) == (date(2026, 11, 16), True)
            assert view.days_left == (date(2026, 11, 16) - day).days


async def test_only_windows_that_are_not_of_today_are_stale(factory: Factory, firm_scope: Scope) -> None:
    for _ in range(3):
        await factory.elevator(firm_scope.require_firm())
    assert (await service.recompute_stale(firm_scope)).elevators == 3
    assert (await service.recompute_stale(firm_scope)).elevators == 0
    await factory.elevator(firm_scope.require_firm())
    assert (await service.recompute_stale(SYSTEM)).elevators == 1
    with at_noon(TODAY + timedelta(days=1)):
        assert (await service.recompute_stale(SYSTEM)).elevators == 4


async def test_midnight_comes_at_another_hour_in_every_firms_time_zone(factory: Factory) -> None:
    china, germany = await factory.firm(), await factory.firm(time_zone="Europe/Berlin")
    for firm in (china, germany):
        await factory.elevator(firm)
    await service.recompute(SYSTEM)
    with clock.stopped_at(datetime(2026, 11, 25, 17, 0, tzinfo=UTC)):  # the 26th in China, still the 25th in Germany
        assert (await service.recompute_stale(of_firm(germany))).elevators == 0
        assert (await service.recompute_stale(of_firm(china))).elevators == 1


async def test_a_scrapped_elevator_loses_its_window(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    await service.recompute(firm_scope)
    async with database.tx(firm_scope):
        await database.execute("UPDATE elevator SET state = 'scrapped' WHERE id = $1", elevator)
        assert (await service.recompute_inside(firm_scope.require_firm(), [elevator])).removed == 1
        assert await service.window_inside(elevator) is None
    with pytest.raises(NotFound, match="it is scrapped"):
        await service.receipt(firm_scope, elevator)
    assert (await service.recompute_stale(firm_scope)).elevators == 0


async def test_a_stopped_elevator_is_paused_and_not_planned(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm(), state="stopped", state_reason="notice 12")
    await told(firm_scope, elevator, date(2026, 11, 1))
    await service.recompute(firm_scope)
    view = await service.receipt(firm_scope, elevator)
    assert (view.window.paused, view.overdue) == (True, False)
    assert "notice 12" in view.window.reason_en
    async with database.tx(firm_scope):
        assert await service.windows_inside(firm_scope.require_firm(), TODAY + timedelta(days=60)) == []
        await database.execute("UPDATE elevator SET state = 'in_use', state_reason = '' WHERE id = $1", elevator)
        await service.recompute_inside(firm_scope.require_firm(), [elevator])
    assert (await service.receipt(firm_scope, elevator)).overdue


async def test_the_planner_gets_windows_that_open_by_a_day_overdue_ones_among_them(factory: Factory, firm_scope: Scope) -> None:
    firm = firm_scope.require_firm()
    days = {code: date(2026, 11, day) for code, day in (("overdue", 1), ("open", 16), ("later", 24))}
    for code, day in days.items():
        elevator = await factory.elevator(firm, registration_code=code)
        await told(firm_scope, elevator, day)
    await service.recompute(firm_scope)
    async with database.tx(firm_scope):
        found = await service.windows_inside(firm, TODAY)
        assert [one.last_day for one in found] == [date(2026, 11, 16), date(2026, 12, 1)]
        assert len(await service.windows_inside(firm, date(2026, 12, 3))) == 3


async def test_an_elevator_whose_pack_is_unknown_is_named_and_the_others_are_computed(
    factory: Factory, firm_scope: Scope
) -> None:
    firm = firm_scope.require_firm()
    bad = await factory.elevator(firm, registration_code="BAD", rule_pack="cn-weekly")
    odd = await factory.elevator(firm, registration_code="ODD", equipment_type="ropeway")
    await factory.elevator(firm)
    summary = await service.recompute(firm_scope)
    assert summary.elevators == 1
    assert [line.split(":")[0] for line in sorted(summary.failed)] == ["BAD", "ODD"]
    assert "there are cn-fixed-15" in " ".join(summary.failed)
    for elevator in (bad, odd):
        with pytest.raises(InvalidInput, match="cannot be computed"):
            await service.receipt(firm_scope, elevator)


async def test_another_firms_elevator_is_neither_seen_nor_computed(factory: Factory, firm_scope: Scope) -> None:
    foreign = await factory.elevator(await factory.firm())
    with pytest.raises(NotFound):
        await service.receipt(firm_scope, foreign)
    with pytest.raises(NotFound):
        await service.special_checks(firm_scope, foreign)
    with pytest.raises(NotFound):
        await service.mode_changes(firm_scope, foreign)
    assert (await service.recompute(firm_scope, [foreign])).elevators == 0
    with pytest.raises(NotFound):
        await noted(firm_scope, foreign, factory.fresh_id(), NOW)


async def test_many_elevators_are_computed_in_several_transactions_and_all_of_them(factory: Factory, firm_scope: Scope) -> None:
    firm = firm_scope.require_firm()
    site = await factory.site(firm)
    async with database.tx(firm_scope):
        await database.execute(
            "INSERT INTO elevator (firm, site, registration_code) SELECT $1, $2, 'N' || n FROM generate_series(1, $3) n",
            firm, site, service.BATCH + 30,
        )  # fmt: skip
    summary = await service.recompute(firm_scope)
    assert (summary.elevators, summary.moved) == (service.BATCH + 30,) * 2
    assert (await service.recompute(firm_scope)).moved == 0


async def test_a_visit_asked_for_by_the_window_resets_all_lower_classes(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    async with database.tx(firm_scope):
        told_visits = [
            ToldVisit(elevator=elevator, maintenance_class=name, on_day=TODAY - timedelta(days=days))
            for name, days in zip(CLASSES, (10, 80, 170, 360), strict=True)
        ]
        await service.note_told_visits_inside(firm_scope.require_firm(), told_visits)
    await service.recompute(firm_scope)
    assert (await window(firm_scope, elevator)).maintenance_class == "year"
    change = await noted(firm_scope, elevator, factory.fresh_id(), NOW, "year")
    assert change.after is not None
    assert change.after.maintenance_class == "half_month"


async def test_the_number_of_queries_does_not_grow_with_the_number_of_elevators(factory: Factory, firm_scope: Scope) -> None:
    firm = firm_scope.require_firm()
    for number in range(3):
        code = f"OD-{number}"
        await on_demand_elevator(factory, firm_scope, code)
        await heard(firm_scope, code, NOW - timedelta(days=2), NOW, hourly={"door_cycles": 1_700})
    site = await factory.site(firm)
    async with database.tx(firm_scope):
        await database.execute(
            "INSERT INTO elevator (firm, site, registration_code) SELECT $1, $2, 'N' || n FROM generate_series(1, 60) n",
            firm,
            site,
        )
        ids = [row["id"] for row in await database.fetch("SELECT id FROM elevator ORDER BY registration_code DESC")]

    async def statements(elevators: list[UUID]) -> int:
        seen: list[object] = []
        async with database.tx(firm_scope):
            with database.connection().query_logger(lambda record: seen.append(record.query)):
                assert (await service.recompute_inside(firm, elevators)).elevators == len(elevators)
        return len(seen)

    few = await statements([ids[0], ids[-1]])
    assert await statements(ids[1:-1]) <= few


async def test_a_receipt_follows_a_change_of_the_rule_pack_at_once(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    assert (await service.receipt(firm_scope, elevator)).receipt.pack == "cn-fixed-15"
    async with database.tx(firm_scope):
        await database.execute("UPDATE elevator SET rule_pack = 'cn-on-demand-30' WHERE id = $1", elevator)
    assert (await service.receipt(firm_scope, elevator)).receipt.pack == "cn-on-demand-30"


async def test_a_computation_that_began_before_a_visit_came_in_does_not_undo_it(
    factory: Factory, firm_scope: Scope, db: str
) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    await told(firm_scope, elevator, date(2026, 11, 12))
    inside = asyncio.Event()

    async def recompute() -> None:
        await inside.wait()
        await service.recompute(firm_scope)

    other = asyncio.create_task(recompute())  # before the transaction, so that it has one of its own
    watching = await asyncpg.connect(db)
    async with database.tx(firm_scope):
        await service.note_visit(
            firm=firm_scope.require_firm(), elevator=elevator, visit=factory.fresh_id(), maintenance_class="year",
            departed_at=NOW, items=[item.code for item in checklist(TRACTION, "year")],
        )  # fmt: skip
        inside.set()
        waiting = "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        await until(lambda: watching.fetchval(waiting))
    await other
    await watching.close()
    assert (await window(firm_scope, elevator)).last_day == date(2026, 12, 10)
