"""A firm is levelled: from due windows, crews and a calendar to target days that plan runs follow."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from backend import clock, database
from backend.errors import Conflict, InvalidInput, NotFound
from backend.levelling import service
from backend.levelling.views import CalendarSource, LevellingState
from backend.rounds import service as rounds
from backend.rounds.snapshots import snapshot_inside
from backend.scope import SYSTEM
from planner.levelling.evaluate import evaluate
from planner.levelling.levels import parse_levels
from planner.levelling.problem import parse_levelling
from planner.rounds.problem import parse_problem
from tests.support.factory import Factory
from tests.support.planned_firm import FRIDAY, MONDAY, PlannedFirm, planned_firm
from tests.support.waiting import until

SATURDAY = MONDAY - timedelta(days=2)
"""The first day of a levelling that is asked for on Friday."""


@pytest.fixture(autouse=True)
def friday() -> Iterator[None]:
    with clock.stopped_at(FRIDAY):
        yield


@pytest.fixture
async def firm(factory: Factory) -> PlannedFirm:
    return await planned_firm(factory, elevators=12, windows=((0, 4), (2, 9), (-20, -3)))


async def test_a_levelling_gives_every_elevator_a_valid_chain_and_stores_its_days(firm: PlannedFirm) -> None:
    asked = await service.request_levelling(firm.scope, days=40, time_limit_s=6)
    assert asked.state is LevellingState.QUEUED
    with pytest.raises(Conflict, match="under way"):
        await service.request_levelling(firm.scope)
    await service.execute_levelling(asked.id)
    done = await service.levelling(firm.scope, asked.id)
    assert (done.state, done.outline.elevators, done.outline.unplaced) == (LevellingState.DONE, 12, 0)
    problem = parse_levelling(await service.problem_file(firm.scope, asked.id))
    levels = parse_levels(await service.levels_file(firm.scope, asked.id))
    assert evaluate(problem, levels).violations == ()
    for elevator in firm.elevators:
        days = [target.day for target in await service.targets(firm.scope, elevator)]
        assert len(days) >= 3
        assert all(9 <= (after - before).days <= 15 for before, after in itertools.pairwise(days))
    answer = await service.newest_answer(firm.scope)
    assert answer is not None
    assert answer.levelling.id == asked.id
    assert {share.crew for share in answer.shares} == {str(crew) for crew in firm.crews}
    assert sum(cell.visits for row in answer.loads for cell in row.cells) == done.outline.visits


async def set_target(firm: PlannedFirm, elevator: int, day: date) -> None:
    async with database.tx(SYSTEM):
        await database.execute(
            "INSERT INTO target_day (firm, run, elevator, day, first_day, last_day, maintenance_class, placed)"
            " VALUES ($1, $2, $3, $4, $4, $4, 'half_month', true)",
            firm.firm,
            firm.firm,
            firm.elevators[elevator],
            day,
        )


async def test_a_plan_run_is_asked_to_follow_the_target_days(firm: PlannedFirm) -> None:
    await set_target(firm, 0, MONDAY + timedelta(days=1))
    run = await rounds.request_run(firm.scope, MONDAY, 5)
    problem = parse_problem(await rounds.problem_file(firm.scope, run.id))
    visit = next(visit for visit in problem.visits if visit.id == str(firm.elevators[0]))
    assert visit.day_costs == (120, 0, 120, 240, 660)


async def test_a_target_day_outside_of_the_window_is_not_followed(firm: PlannedFirm) -> None:
    run = await rounds.request_run(firm.scope, MONDAY, 5)
    before = parse_problem(await rounds.problem_file(firm.scope, run.id))
    await set_target(firm, 0, MONDAY + timedelta(days=20))
    again = await rounds.request_run(firm.scope, MONDAY, 5)
    assert parse_problem(await rounds.problem_file(firm.scope, again.id)) == before


async def test_the_visit_after_a_published_one_is_planned_in_the_same_horizon(firm: PlannedFirm, factory: Factory) -> None:
    run = await rounds.request_run(firm.scope, MONDAY, 3)
    published = await factory.row(
        "published_round", firm=firm.firm, crew=firm.crews[0], day=MONDAY, run=run.id, depart_s=28_800, return_s=60_000
    )
    await factory.row(
        "work_order", firm=firm.firm, round=published, elevator=firm.elevators[0], position=0, arrive_s=30_000,
        start_s=30_000, leave_s=33_600, maintenance_class="half_month", due_first_day=MONDAY, due_last_day=MONDAY,
    )  # fmt: skip
    async with database.tx(SYSTEM):
        near = await snapshot_inside(firm.firm, MONDAY, 9, clock.now())
        later = await snapshot_inside(firm.firm, MONDAY + timedelta(days=7), 14, clock.now())
    assert firm.elevators[0] not in {item.elevator for item in near.items}  # its next window opens on the tenth day
    item = next(item for item in later.items if item.elevator == firm.elevators[0])
    assert (item.first_day, item.last_day) == (MONDAY + timedelta(days=9), MONDAY + timedelta(days=15))
    assert item.reason_en == f"within 15 days after the visit that is published for {MONDAY}"


async def test_crews_that_keep_the_calendar_are_not_planned_on_a_public_holiday(firm: PlannedFirm) -> None:
    text = f"{MONDAY}..{MONDAY + timedelta(days=1)}, holiday, 厂休\n".encode()
    view = await service.upload_calendar(firm.scope, "rest.csv", text)
    assert (view.source, view.years, [special.name for special in view.days]) == (CalendarSource.OWN, [2026], ["厂休", "厂休"])
    before = await rounds.request_run(firm.scope, MONDAY, 5)
    await service.choose_calendar(firm.scope, CalendarSource.OWN, crews_rest=True)
    after = await rounds.request_run(firm.scope, MONDAY, 5)
    days = [
        {shift.day for crew in parse_problem(await rounds.problem_file(firm.scope, run.id)).crews for shift in crew.shifts}
        for run in (before, after)
    ]
    assert days == [{0, 1, 2, 3, 4}, {2, 3, 4}]


async def test_a_calendar_with_faults_is_refused_with_every_line_and_changes_nothing(firm: PlannedFirm) -> None:
    before = await service.calendar(firm.scope)
    assert (before.source, before.chosen, before.unknown_years) == (CalendarSource.CHINA, False, [2027])
    with pytest.raises(InvalidInput) as refused:
        await service.upload_calendar(firm.scope, "bad.csv", b"2027-13-01,holiday\n2027-01-01,party\n")
    assert [fault.path for fault in refused.value.faults] == ["line 1", "line 2"]
    assert '"party"' in refused.value.faults[1].reason
    assert await service.calendar(firm.scope) == before
    with pytest.raises(Conflict, match="upload"):
        await service.choose_calendar(firm.scope, CalendarSource.OWN, crews_rest=False)


async def test_a_stop_keeps_the_best_levelling_so_far(firm: PlannedFirm) -> None:
    asked = await service.request_levelling(firm.scope, time_limit_s=600)
    task = asyncio.create_task(service.execute_levelling(asked.id))

    async def is_running() -> bool:
        return (await service.levelling(firm.scope, asked.id)).state is LevellingState.RUNNING

    await until(is_running)
    await service.stop_levelling(firm.scope, asked.id)
    await task
    assert (await service.levelling(firm.scope, asked.id)).state is LevellingState.DONE
    with pytest.raises(Conflict, match="over"):
        await service.stop_levelling(firm.scope, asked.id)


async def test_firms_are_levelled_by_themselves_once_in_the_small_hours(firm: PlannedFirm) -> None:
    assert await service.level_all_nightly() == 0  # it is nine in the morning
    with clock.stopped_at(FRIDAY.replace(hour=18)):  # two in the morning in Taizhou
        assert await service.level_all_nightly() >= 1
        assert await service.level_all_nightly() == 0
    rows = (await service.levellings(firm.scope)).rows
    assert [(row.state, row.days, row.requested_by) for row in rows] == [(LevellingState.QUEUED, 60, "")]


async def test_a_levelling_of_another_firm_is_not_found(firm: PlannedFirm, factory: Factory) -> None:
    asked = await service.request_levelling(firm.scope)
    other = await planned_firm(factory, elevators=1, crews=1)
    with pytest.raises(NotFound):
        await service.levelling(other.scope, asked.id)
    with pytest.raises(NotFound):
        await service.targets(other.scope, firm.elevators[0])
