"""Special periods and special checks: entered by the office, followed by due windows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from backend import clock, database
from backend.errors import InvalidInput, NotFound
from backend.jobs import due_windows
from backend.jobs.due_windows import DueWindows
from backend.scope import SYSTEM, Scope, of_firm
from backend.upkeep import service
from backend.upkeep.views import PeriodKind, SpecialPeriodInput
from tests.support.factory import Factory
from tests.support.upkeep import NOW, TODAY, heard, on_demand_elevator, told, window


@pytest.fixture(autouse=True)
def _noon_in_taizhou() -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


def games(**changes: Any) -> SpecialPeriodInput:
    given: dict[str, Any] = {
        "name": "City games", "kind": PeriodKind.MAJOR_EVENT, "starts_on": date(2026, 11, 28), "ends_on": date(2026, 12, 6),
        "district": "Jiaojiang",
    }  # fmt: skip
    return SpecialPeriodInput(**(given | changes))


async def run_jobs() -> list[DueWindows]:
    """Run the computations that wait in the queue, as a worker does; return what they were told."""
    async with database.tx(SYSTEM):
        rows = await database.fetch("DELETE FROM pgqueuer WHERE entrypoint = 'due_windows' RETURNING payload")
    payloads = [msgspec.json.decode(row["payload"], type=DueWindows) for row in rows]
    for payload in payloads:
        await due_windows.run(payload)
    return payloads


async def test_a_major_event_brings_visits_forward_in_its_district_and_its_end_lets_go(
    factory: Factory, firm_scope: Scope
) -> None:
    firm = firm_scope.require_firm()
    inside = await factory.elevator(firm)
    outside = await factory.elevator(firm, site=await factory.site(firm, district="Yuhuan"))
    for elevator in (inside, outside):
        await told(firm_scope, elevator, date(2026, 11, 20))
    await service.recompute(firm_scope)
    period = await service.add_special_period(firm_scope, games())
    assert [payload.elevators for payload in await run_jobs()] == [[inside]]
    # the seventh day after the visit is the 27th: before the games begin, and not before 48 hours from now
    assert (await window(firm_scope, inside)).last_day == date(2026, 11, 27)
    assert (await window(firm_scope, outside)).last_day == date(2026, 12, 5)
    assert "City games" in (await service.receipt(firm_scope, inside)).window.reason_en
    await service.remove_special_period(firm_scope, period.id)
    await run_jobs()
    assert (await window(firm_scope, inside)).last_day == date(2026, 12, 5)


async def test_an_order_for_one_elevator_may_name_its_own_number_of_days(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    await told(firm_scope, elevator, date(2026, 11, 24))
    order = games(kind=PeriodKind.AUTHORITY_ORDER, name="Order 12", district="", elevator=elevator, ends_on=None, gap_days=5,
                  starts_on=TODAY)  # fmt: skip
    await service.add_special_period(firm_scope, order)
    await run_jobs()
    assert (await window(firm_scope, elevator)).last_day == date(2026, 11, 29)


@pytest.mark.parametrize("kind", [PeriodKind.COMPLAINT, PeriodKind.MAJOR_REPAIR, PeriodKind.INSPECTION_FAILED])
async def test_a_complaint_a_repair_or_a_failed_inspection_ends_longer_gaps(
    factory: Factory, firm_scope: Scope, kind: PeriodKind
) -> None:
    elevator = await on_demand_elevator(factory, firm_scope)
    await told(firm_scope, elevator, date(2026, 11, 20))
    await heard(firm_scope, "R-OD", NOW - timedelta(days=20), NOW)
    await service.recompute(firm_scope)
    entered = games(kind=kind, name="No. 5", district="", elevator=elevator, ends_on=None, starts_on=TODAY)
    await service.add_special_period(firm_scope, entered)
    await run_jobs()
    found = await window(firm_scope, elevator)
    assert (found.fallen_back, found.last_day) == (True, date(2026, 12, 2))


async def test_all_faults_of_a_period_are_named(firm_scope: Scope, factory: Factory) -> None:
    wrong = games(name=" ", ends_on=date(2026, 11, 1), gap_days=0, elevator=factory.fresh_id(), note="\x00")
    with pytest.raises(InvalidInput) as caught:
        await service.add_special_period(firm_scope, wrong)
    assert [fault.path for fault in caught.value.faults] == ["name", "ends_on", "gap_days", "district", "note"]
    with pytest.raises(InvalidInput, match="cannot be added"):
        await service.add_special_period(firm_scope, games(ends_on=None))


async def test_periods_are_listed_until_they_end_and_belong_to_their_firm(factory: Factory, firm_scope: Scope) -> None:
    added = await service.add_special_period(firm_scope, games())
    assert await service.list_special_periods(firm_scope) == [added]
    with clock.stopped_at(NOW + timedelta(days=12)):
        assert await service.list_special_periods(firm_scope) == []
        assert await service.list_special_periods(firm_scope, since=TODAY) == [added]
    other = of_firm(await factory.firm())
    assert await service.list_special_periods(other) == []
    with pytest.raises(NotFound):
        await service.remove_special_period(other, added.id)
    foreign = await factory.elevator(other.require_firm())
    with pytest.raises(NotFound):
        await service.add_special_period(firm_scope, games(district="", elevator=foreign))
    with pytest.raises(InvalidInput):
        await service.add_special_period(SYSTEM, games())


async def governor_day(scope: Scope, elevator: UUID) -> date:
    receipt = (await service.receipt(scope, elevator)).receipt
    return next(candidate.day for candidate in receipt.candidates if candidate.kind == "special_check")


async def test_a_governor_check_counts_from_the_day_it_was_made(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm(), created_at=NOW - timedelta(days=100))
    [check] = await service.special_checks(firm_scope, elevator)
    assert (check.check, check.title_zh, check.done_on) == ("A-4-06:governor_speed", "限速器动作速度校验", None)
    await service.note_special_check(firm_scope, elevator, check.check, date(2026, 11, 3), "report 77 of the institute")
    assert await governor_day(firm_scope, elevator) == date(2028, 11, 3)
    [check] = await service.special_checks(firm_scope, elevator)
    assert (check.done_on, check.note) == (date(2026, 11, 3), "report 77 of the institute")
    await service.note_special_check(firm_scope, elevator, check.check, date(2026, 11, 2))  # corrected
    assert await governor_day(firm_scope, elevator) == date(2028, 11, 2)


async def test_a_check_that_cannot_be_is_refused_with_those_there_are(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    with pytest.raises(InvalidInput) as caught:
        await service.note_special_check(firm_scope, elevator, "B-4-04:governor_speed", TODAY + timedelta(days=1), "x" * 3000)
    assert [fault.path for fault in caught.value.faults] == ["check", "done_on", "note"]
    assert "A-4-06:governor_speed" in caught.value.faults[0].reason


async def test_the_hourly_job_computes_what_is_stale_and_repeating_it_does_no_harm(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    await due_windows.run(DueWindows())
    first = await window(firm_scope, elevator)
    await due_windows.run(DueWindows())
    await due_windows.run(DueWindows(firm=firm_scope.firm, elevators=[elevator]))
    assert (await window(firm_scope, elevator)).last_day == first.last_day
