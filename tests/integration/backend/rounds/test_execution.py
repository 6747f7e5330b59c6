"""The search runs in a process of its own: it tells how far it is, stops when asked, and dies without losing the run."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from backend import database
from backend.errors import Conflict
from backend.rounds import execution, runs, service
from backend.rounds.views import Progress, RunState
from backend.scope import SYSTEM
from planner.rounds.evaluate import evaluate
from planner.rounds.plan import parse_plan
from planner.rounds.problem import parse_problem
from planner.rounds.process import SolverDiedError
from tests.support.factory import Factory
from tests.support.planned_firm import MONDAY, PlannedFirm, planned_firm
from tests.support.waiting import until


async def test_two_runs_at_the_same_time_are_fine(firm: PlannedFirm) -> None:
    both = [await service.request_run(firm.scope, MONDAY, 5, time_limit_s=2, seed=seed) for seed in (1, 2)]
    await asyncio.gather(*(service.execute_run(each.id) for each in both))
    assert [(await service.run(firm.scope, each.id)).state for each in both] == [RunState.PROPOSED] * 2


async def test_a_plan_of_sixty_elevators_is_valid_by_the_independent_evaluator(factory: Factory) -> None:
    windows = [(0, 4), (-20, -3), (2, 9), (3, 3), (-4, 1), (1, 30)]
    firm = await planned_firm(factory, elevators=60, crews=3, windows=windows)
    run = await service.request_run(firm.scope, MONDAY, 5, time_limit_s=4)
    await service.execute_run(run.id)
    problem = parse_problem(await service.problem_file(firm.scope, run.id))
    plan = parse_plan(await service.plan_file(firm.scope, run.id))
    found = evaluate(problem, plan)
    assert found.violations == ()
    assert found.missed_mandatory == 0
    told = await service.run_plan(firm.scope, run.id)
    assert told.planned + len(told.left_out) == 60
    late = {stop.place.elevator for each in told.rounds for stop in each.stops if stop.days_late}
    overdue = {stop.place.elevator for each in told.rounds for stop in each.stops if stop.bent == "overdue"}
    assert late == overdue != set()
    by_day = [each.day for each in told.rounds for stop in each.stops if stop.bent == "overdue"]
    assert max(by_day) <= MONDAY + timedelta(days=1)  # ten overdue ones come first


async def test_a_run_tells_how_far_it_is_and_a_stop_keeps_the_best_plan_so_far(many: PlannedFirm) -> None:
    run = await service.request_run(many.scope, MONDAY, 5, time_limit_s=600)
    told: list[Progress] = []

    async def has_planned_all() -> bool:
        found = await service.run(many.scope, run.id)
        if found.progress is not None:
            told.append(found.progress)
        return bool(told) and told[-1].planned == len(many.elevators)

    task = asyncio.create_task(service.execute_run(run.id))
    await until(has_planned_all)
    assert told[-1].visits == len(many.elevators)
    assert 0 <= told[-1].share < 0.5
    stopped = await service.stop_run(many.scope, run.id)
    assert (stopped.state, stopped.stop_requested) == (RunState.RUNNING, True)
    await asyncio.wait_for(task, 30)
    found = await service.run(many.scope, run.id)
    assert (found.state, found.outline.stopped_early, found.outline.planned) == (RunState.PROPOSED, True, 60)
    with pytest.raises(Conflict, match="over"):
        await service.stop_run(many.scope, run.id)


async def test_a_run_that_is_discarded_while_it_searches_ends_without_a_plan(many: PlannedFirm) -> None:
    run = await service.request_run(many.scope, MONDAY, 5, time_limit_s=600)
    task = asyncio.create_task(service.execute_run(run.id))

    async def searches() -> bool:
        return (await service.run(many.scope, run.id)).progress is not None

    await until(searches)
    await service.discard_run(many.scope, run.id)
    await asyncio.wait_for(task, 30)
    assert (await service.run(many.scope, run.id)).state is RunState.DISCARDED


async def test_a_run_that_is_stopped_before_it_begins_never_begins(firm: PlannedFirm) -> None:
    run = await service.request_run(firm.scope, MONDAY, 5)
    assert (await service.stop_run(firm.scope, run.id)).state is RunState.STOPPED
    await service.execute_run(run.id)
    assert (await service.stop_run(firm.scope, run.id)).state is RunState.STOPPED


async def test_a_cancelled_search_gives_the_run_back_and_leaves_no_process(many: PlannedFirm) -> None:
    run = await service.request_run(many.scope, MONDAY, 5, time_limit_s=600)
    task = asyncio.create_task(service.execute_run(run.id))

    async def searches() -> bool:
        return (await service.run(many.scope, run.id)).progress is not None

    await until(searches)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await service.run(many.scope, run.id)).state is RunState.QUEUED


async def test_a_search_that_dies_is_tried_again_and_given_up_after_the_third_time(
    firm: PlannedFirm, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def die(_problem: bytes, **_options: Any) -> bytes:
        raise SolverDiedError("killed by signal 9")

    monkeypatch.setattr(execution, "solve_in_process_async", die)
    run = await service.request_run(firm.scope, MONDAY, 5)
    for _ in range(execution.MAX_ATTEMPTS - 1):
        with pytest.raises(SolverDiedError):
            await service.execute_run(run.id)
        assert (await service.run(firm.scope, run.id)).state is RunState.QUEUED
    await service.execute_run(run.id)
    found = await service.run(firm.scope, run.id)
    assert (found.state, found.error) == (RunState.FAILED, execution.GIVEN_UP)


async def test_a_run_that_kills_its_worker_every_time_is_given_up(firm: PlannedFirm) -> None:
    run = await service.request_run(firm.scope, MONDAY, 5)
    async with database.tx(SYSTEM):
        await database.execute(
            "UPDATE plan_run SET state = 'running', attempt = $2 WHERE id = $1", run.id, execution.MAX_ATTEMPTS
        )
    await service.execute_run(run.id)
    assert (await service.run(firm.scope, run.id)).state is RunState.FAILED


async def test_a_plan_that_breaks_rules_is_never_proposed(firm: PlannedFirm, monkeypatch: pytest.MonkeyPatch) -> None:
    async def lie(_problem: bytes, **_options: Any) -> bytes:
        return b'{"schema": "liftrounds/plan/1", "routes": [], "unplanned": []}'

    monkeypatch.setattr(execution, "solve_in_process_async", lie)
    run = await service.request_run(firm.scope, MONDAY, 5)
    await service.execute_run(run.id)
    found = await service.run(firm.scope, run.id)
    assert found.state is RunState.FAILED
    assert "neither planned nor listed" in found.error


async def test_of_two_workers_that_have_the_same_run_one_writes_the_plan(firm: PlannedFirm) -> None:
    """A worker that was taken for dead comes back: its plan is not wanted any more."""
    run = await service.request_run(firm.scope, MONDAY, 5, time_limit_s=2)
    await asyncio.gather(*(service.execute_run(run.id) for _ in range(2)))
    async with database.tx(SYSTEM):
        row = (await database.fetch("SELECT state, attempt FROM plan_run"))[0]
    assert (row["state"], row["attempt"]) == ("proposed", 2)


async def test_workers_that_were_told_to_stop_do_not_count_as_deaths(
    firm: PlannedFirm, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def search_for_ever(_problem: bytes, **_options: Any) -> bytes:
        await asyncio.Event().wait()
        return b""

    run = await service.request_run(firm.scope, MONDAY, 5, time_limit_s=1)
    with monkeypatch.context() as patched:
        patched.setattr(execution, "solve_in_process_async", search_for_ever)
        for number in range(execution.MAX_ATTEMPTS + 1):
            task = asyncio.create_task(service.execute_run(run.id))

            async def running(attempt: int = number + 1) -> bool:
                async with database.tx(SYSTEM):
                    return bool(await database.fetch_value("SELECT attempt = $1 FROM plan_run", attempt))

            await until(running)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
    await service.execute_run(run.id)
    assert (await service.run(firm.scope, run.id)).state is RunState.PROPOSED


async def test_a_firm_cannot_queue_more_runs_than_its_share(firm: PlannedFirm) -> None:
    for _ in range(runs.MAX_UNFINISHED):
        last = await service.request_run(firm.scope, MONDAY, 1)
    with pytest.raises(Conflict, match="waiting"):
        await service.request_run(firm.scope, MONDAY, 1)
    await service.stop_run(firm.scope, last.id)
    await service.request_run(firm.scope, MONDAY, 1)
