"""A run's life: queued, running, proposed, committed, published; or stopped, failed, discarded."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import msgspec
import pytest

from backend import database
from backend.errors import Conflict, InvalidInput, NotFound
from backend.rounds import service
from backend.rounds.views import OrderState, RunState, RunView
from backend.scope import SYSTEM, of_firm
from planner.rounds.evaluate import evaluate
from planner.rounds.plan import parse_plan
from planner.rounds.problem import parse_problem
from tests.support.factory import Factory
from tests.support.planned_firm import FRIDAY, MONDAY, PlannedFirm, planned_firm


async def _jobs() -> list[bytes]:
    async with database.tx(SYSTEM):
        return [row["payload"] for row in await database.fetch("SELECT payload FROM pgqueuer WHERE entrypoint = 'plan_run'")]


async def _audited(subject: UUID) -> list[str]:
    async with database.tx(SYSTEM):
        rows = await database.fetch("SELECT action FROM audit_event WHERE subject = $1 ORDER BY at, action", str(subject))
    return [row["action"] for row in rows]


async def test_a_request_queues_a_run_with_its_problem_and_one_job(firm: PlannedFirm) -> None:
    run = await service.request_run(firm.scope, MONDAY, 5, time_limit_s=3, seed=7)
    assert (run.state, run.days, run.last_date, run.time_limit_s, run.seed) == (
        RunState.QUEUED, 5, MONDAY + timedelta(days=4), 3, 7,
    )  # fmt: skip
    assert (run.outline.visits, run.outline.mandatory, run.outline.crew_days, run.outline.planned) == (9, 9, 10, None)
    assert await _jobs() == [msgspec.json.encode({"run": str(run.id)})]
    problem = parse_problem(await service.problem_file(firm.scope, run.id))
    assert {visit.id for visit in problem.visits} == {str(each) for each in firm.elevators}


async def test_without_a_first_day_tomorrow_is_the_first_day(firm: PlannedFirm) -> None:
    assert (await service.request_run(firm.scope, None, 3)).start_date == MONDAY - timedelta(days=2)


async def test_all_faults_of_a_request_are_named_together(firm: PlannedFirm) -> None:
    with pytest.raises(InvalidInput) as refused:
        await service.request_run(firm.scope, MONDAY - timedelta(days=5), 15, time_limit_s=float("nan"), seed=-1)
    assert [fault.path for fault in refused.value.faults] == ["start_date", "days", "time_limit_s", "seed"]
    with pytest.raises(InvalidInput):
        await service.request_run(SYSTEM, MONDAY, 5)  # of no firm


async def test_a_run_becomes_a_valid_plan_with_names_and_reasons(firm: PlannedFirm, proposed: RunView) -> None:
    plan = await service.run_plan(firm.scope, proposed.id)
    assert plan.violations == []
    assert (plan.planned, plan.missed_mandatory, len(plan.left_out)) == (9, 0, 0)
    assert proposed.outline.planned == 9
    assert proposed.outline.rounds == len(plan.rounds)
    assert proposed.outline.driving_s == plan.driving_s > 0
    stops = [stop for each in plan.rounds for stop in each.stops]
    assert {stop.place.elevator for stop in stops} == set(firm.elevators)
    assert all(stop.place.site_name.startswith("Site ") and stop.place.lat and stop.place.lon for stop in stops)
    assert {(stop.reason_en, stop.reason_zh) for stop in stops} == {("15 days after the last visit", "距上次维保 15 天")}
    for each in plan.rounds:
        assert each.crew in firm.crews
        assert 0 < each.utilisation <= 1.1
        assert each.driving_s == sum(stop.drive_s for stop in each.stops) + (
            each.return_s
            - each.stops[-1].leave_s
            - (each.break_duration_s or 0) * _after(each.break_start_s, each.stops[-1].leave_s)
        )
    assert plan.price.total == proposed.outline.cost


def _after(break_start_s: int | None, last_leave_s: int) -> int:
    return int(break_start_s is not None and break_start_s >= last_leave_s)


async def test_the_files_of_a_run_are_those_of_the_contract(firm: PlannedFirm, proposed: RunView) -> None:
    problem = parse_problem(await service.problem_file(firm.scope, proposed.id))
    plan = parse_plan(await service.plan_file(firm.scope, proposed.id))
    found = evaluate(problem, plan)
    assert found.valid
    assert plan.cost == found.cost


async def test_a_run_without_a_plan_has_no_plan_file(firm: PlannedFirm) -> None:
    run = await service.request_run(firm.scope, MONDAY, 5)
    with pytest.raises(Conflict):
        await service.plan_file(firm.scope, run.id)
    with pytest.raises(Conflict):
        await service.run_plan(firm.scope, run.id)


async def test_a_plan_is_committed_published_and_becomes_work_orders(firm: PlannedFirm, proposed: RunView) -> None:
    with pytest.raises(Conflict, match="commit"):
        await service.publish_run(firm.scope, proposed.id)
    assert (await service.commit_run(firm.scope, proposed.id)).state is RunState.COMMITTED
    assert (await service.publish_run(firm.scope, proposed.id)).state is RunState.PUBLISHED
    plan = await service.run_plan(firm.scope, proposed.id)
    for number in range(5):
        day = MONDAY + timedelta(days=number)
        published = await service.published_rounds(firm.scope, day)
        planned = [each for each in plan.rounds if each.day == day]
        assert [(each.crew, each.depart_s, each.return_s, each.break_start_s) for each in published] == [
            (each.crew, each.depart_s, each.return_s, each.break_start_s) for each in planned
        ]
        for one, other in zip(published, planned, strict=True):
            assert [(stop.elevator, stop.arrive_s, stop.leave_s, stop.position) for stop in one.stops] == [
                (stop.place.elevator, stop.arrive_s, stop.leave_s, stop.position) for stop in other.stops
            ]
            assert {stop.state for stop in one.stops} == {OrderState.SCHEDULED}
            assert {stop.reason_zh for stop in one.stops} == {"距上次维保 15 天"}
            assert len(one.members) == 2
    assert await _audited(proposed.id) == ["plan_run.committed", "plan_run.published", "plan_run.requested"]


async def test_committing_and_publishing_again_changes_nothing(firm: PlannedFirm, proposed: RunView) -> None:
    for _ in range(2):
        await service.commit_run(firm.scope, proposed.id)
    for _ in range(2):
        await service.publish_run(firm.scope, proposed.id)
    assert (await service.commit_run(firm.scope, proposed.id)).state is RunState.PUBLISHED
    async with database.tx(SYSTEM):
        assert await database.fetch_value("SELECT count(*) FROM work_order") == 9


async def test_a_second_run_plans_nothing_that_is_published(firm: PlannedFirm, proposed: RunView) -> None:
    await service.commit_run(firm.scope, proposed.id)
    await service.publish_run(firm.scope, proposed.id)
    again = await service.request_run(firm.scope, MONDAY, 5)
    assert (again.outline.visits, again.outline.kept) == (0, 9)
    assert again.outline.crew_days == 10 - len((await service.run_plan(firm.scope, proposed.id)).rounds)
    await service.execute_run(again.id)
    plan = await service.run_plan(firm.scope, again.id)
    assert plan.rounds == []
    assert sum(each.stops for each in plan.kept) == 9
    with pytest.raises(Conflict, match="nothing to commit"):
        await service.commit_run(firm.scope, again.id)


async def test_executing_a_run_twice_leaves_one_plan(firm: PlannedFirm, proposed: RunView) -> None:
    before = await service.plan_file(firm.scope, proposed.id)
    await service.execute_run(proposed.id)
    assert await service.plan_file(firm.scope, proposed.id) == before
    assert (await service.run(firm.scope, proposed.id)).finished_at == proposed.finished_at


async def test_a_plan_is_compared_with_the_one_before_it(firm: PlannedFirm, proposed: RunView) -> None:
    assert (await service.run_plan(firm.scope, proposed.id)).changed is None
    async with database.tx(SYSTEM):
        await database.execute("UPDATE elevator SET state = 'stopped' WHERE id = $1", firm.elevators[0])
    second = await service.request_run(firm.scope, MONDAY, 5)
    await service.execute_run(second.id)
    changed = (await service.run_plan(firm.scope, second.id)).changed
    assert changed is not None
    assert changed.compared_with == proposed.id
    assert [each.place.elevator for each in changed.removed] == [firm.elevators[0]]
    assert changed.removed[0].day_after is None
    assert changed.unchanged + len(changed.moved) == 8


async def test_a_firm_with_nothing_due_gets_an_empty_plan(factory: Factory) -> None:
    empty = await planned_firm(factory, elevators=0)
    run = await service.request_run(empty.scope, MONDAY, 5)
    await service.execute_run(run.id)
    assert (await service.run(empty.scope, run.id)).state is RunState.PROPOSED
    assert (await service.run_plan(empty.scope, run.id)).rounds == []


async def test_what_cannot_be_planned_is_in_the_plan_with_its_reason(factory: Factory, solver_here: None) -> None:
    firm = await planned_firm(factory, elevators=6)
    async with database.tx(SYSTEM):
        await database.execute(
            "UPDATE site SET lat = NULL WHERE id = (SELECT site FROM elevator WHERE id = $1)", firm.elevators[0]
        )
        await database.execute("UPDATE elevator SET skills = '{hydraulic}' WHERE id = $1", firm.elevators[3])
    await factory.elevator(firm.firm)  # without a due window
    run = await service.request_run(firm.scope, MONDAY, 5)
    assert (run.outline.visits, run.outline.left_out_before) == (2, 5)
    await service.execute_run(run.id)
    plan = await service.run_plan(firm.scope, run.id)
    assert [(each.code, each.mandatory, each.before_search) for each in plan.left_out] == [
        ("no_position", True, True), ("no_position", True, True), ("no_position", True, True), ("no_skill", True, True),
        ("no_window", False, True),
    ]  # fmt: skip
    assert all(each.reason_en and each.reason_zh and each.place.registration_code for each in plan.left_out)


async def test_the_list_of_runs_is_newest_first_in_parts(firm: PlannedFirm) -> None:
    made = [await service.request_run(firm.scope, MONDAY, 1 + n) for n in range(3)]
    first = await service.runs(firm.scope, limit=2)
    second = await service.runs(firm.scope, cursor=first.next_cursor, limit=2)
    listed = [*first.rows, *second.rows]
    assert {row.id for row in listed} == {run.id for run in made}
    assert len(listed) == 3
    assert second.next_cursor is None
    assert (await service.runs(SYSTEM)).rows[0].firm_name
    with pytest.raises(InvalidInput):
        await service.runs(firm.scope, cursor="nonsense")


async def test_a_run_can_be_discarded_until_it_is_published(firm: PlannedFirm, proposed: RunView) -> None:
    queued = await service.request_run(firm.scope, MONDAY, 5)
    assert (await service.discard_run(firm.scope, queued.id)).state is RunState.DISCARDED
    await service.execute_run(queued.id)
    assert (await service.discard_run(firm.scope, queued.id)).state is RunState.DISCARDED
    await service.commit_run(firm.scope, proposed.id)
    await service.publish_run(firm.scope, proposed.id)
    with pytest.raises(Conflict, match="withdraw"):
        await service.discard_run(firm.scope, proposed.id)


async def test_a_discarded_plan_cannot_be_committed(firm: PlannedFirm, proposed: RunView) -> None:
    await service.discard_run(firm.scope, proposed.id)
    with pytest.raises(Conflict, match="proposed"):
        await service.commit_run(firm.scope, proposed.id)


async def test_another_firm_s_run_does_not_exist(firm: PlannedFirm, proposed: RunView, factory: Factory) -> None:
    other = of_firm(await factory.firm())
    for call in (
        service.run, service.run_plan, service.problem_file, service.plan_file, service.stop_run, service.discard_run,
        service.commit_run, service.publish_run,
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await call(other, proposed.id)
        with pytest.raises(NotFound):
            await call(firm.scope, uuid4())
    assert (await service.runs(other)).rows == []


async def test_runs_that_came_to_nothing_are_removed_after_their_time_and_no_others(
    firm: PlannedFirm, proposed: RunView
) -> None:
    dead = await service.request_run(firm.scope, MONDAY, 5)
    await service.discard_run(firm.scope, dead.id)
    assert await service.remove_dead_runs(FRIDAY) == 0
    assert await service.remove_dead_runs(FRIDAY + timedelta(seconds=1)) == 1
    assert [row.id for row in (await service.runs(firm.scope)).rows] == [proposed.id]
