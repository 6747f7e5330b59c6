"""The solver's processes: bytes in, bytes out; faults, deaths and wishes to stop reach the caller in words."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from multiprocessing import active_children
from pathlib import Path

import msgspec
import numpy as np
import pytest

from planner.rounds.evaluate import evaluate
from planner.rounds.faults import FaultyInputError
from planner.rounds.plan import parse_plan
from planner.rounds.problem import parse_problem
from planner.rounds.process import SolverDiedError, solve_in_process, solve_in_process_async
from planner.rounds.stop import Progress
from tests.support.rounds import small_problem
from tests.unit.planner.rounds.test_solve import town

SMALL = msgspec.json.encode(small_problem())
TOWN = msgspec.json.encode(town(visits=60))


def kill_the_solver(number: int) -> None:
    for child in active_children():
        if child.name.startswith("liftrounds-solver") and child.pid is not None:
            os.kill(child.pid, number)


def test_a_problem_goes_in_and_a_plan_comes_out() -> None:
    reports: list[Progress] = []
    plan = parse_plan(solve_in_process(SMALL, time_limit_s=20, on_progress=reports.append))
    assert evaluate(parse_problem(SMALL), plan).valid
    assert plan.unplanned == ()
    assert reports[-1].phase == "done"
    assert plan.cost is not None
    assert reports[-1].best_cost == plan.cost.total
    assert active_children() == []


def test_a_matrix_file_and_a_start_plan_are_used(tmp_path: Path) -> None:
    document = small_problem(travel={"durations_npy": "m.npy"})
    np.save(tmp_path / "m.npy", np.array([[0, 600, 900], [660, 0, 300], [900, 300, 0]], np.int32))
    start = solve_in_process(SMALL, time_limit_s=20)
    plan = solve_in_process(msgspec.json.encode(document), time_limit_s=0.1, folder=tmp_path, start=start)
    assert parse_plan(plan).unplanned == ()


def test_faults_of_the_problem_come_back_all_at_once() -> None:
    document = small_problem(days=0)
    document["visits"][0]["location"] = "c"
    with pytest.raises(FaultyInputError) as caught:
        solve_in_process(msgspec.json.encode(document), time_limit_s=5)
    assert {fault.path for fault in caught.value.faults} == {"days", "visits[0].location"}


def test_faults_of_the_start_plan_say_that_they_are_its() -> None:
    with pytest.raises(FaultyInputError) as caught:
        solve_in_process(SMALL, time_limit_s=5, start=b'{"schema": "liftrounds/plan/1", "routes": []}')
    assert [fault.path for fault in caught.value.faults] == ["start.unplanned"]


def test_the_death_of_the_process_is_named() -> None:
    def kill(progress: Progress) -> None:
        if progress.phase == "search":
            kill_the_solver(signal.SIGKILL)

    with pytest.raises(SolverDiedError, match=r"ended by SIGKILL; the machine may be short of memory"):
        solve_in_process(TOWN, time_limit_s=60, on_progress=kill)
    assert active_children() == []


def test_a_wish_to_stop_keeps_the_best_plan() -> None:
    reports: list[Progress] = []
    begun_s = time.monotonic()
    plan = parse_plan(
        solve_in_process(TOWN, time_limit_s=120, on_progress=reports.append, should_stop=lambda: len(reports) > 3)
    )
    assert time.monotonic() - begun_s < 60
    assert evaluate(parse_problem(TOWN), plan).valid
    assert plan.cost is not None
    assert plan.cost.total <= reports[3].best_cost


def test_several_workers_answer_with_one_plan() -> None:
    reports: list[Progress] = []
    plan = parse_plan(solve_in_process(TOWN, time_limit_s=6, workers=2, on_progress=reports.append))
    assert evaluate(parse_problem(TOWN), plan).valid
    assert plan.cost is not None
    assert plan.cost.total <= min(report.best_cost for report in reports)
    assert active_children() == []


def searchers() -> list[int]:
    """Processes of the solver's team."""
    children = [Path(f"/proc/{solver.pid}/task/{solver.pid}/children").read_text().split() for solver in active_children()]
    return [int(pid) for pids in children for pid in pids if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_a_worker_that_dies_is_replaced_and_nothing_is_lost() -> None:
    killed: list[int] = []

    def kill_one(progress: Progress) -> None:
        if not killed and progress.phase == "search" and progress.share > 0.3:
            killed.append(searchers()[0])
            os.kill(killed[0], signal.SIGKILL)

    plan = parse_plan(solve_in_process(TOWN, time_limit_s=6, workers=2, on_progress=kill_one))
    assert killed
    assert evaluate(parse_problem(TOWN), plan).valid


def test_the_team_ends_with_a_solver_that_is_killed() -> None:
    team: list[int] = []

    def kill(progress: Progress) -> None:
        if progress.phase == "search" and not team:
            team.extend(searchers())
            kill_the_solver(signal.SIGKILL)

    with pytest.raises(SolverDiedError):
        solve_in_process(TOWN, time_limit_s=60, workers=2, on_progress=kill)
    assert len(team) == 2
    give_up_s = time.monotonic() + 20
    while any(is_running(pid) for pid in team):
        assert time.monotonic() < give_up_s


def is_running(pid: int) -> bool:
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()  # one that is dead but not collected does nothing
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_prices_beyond_64_bits_pass_between_processes() -> None:
    document = small_problem(published=None)
    document["costs"] = dict.fromkeys(document["costs"], 10**12)
    document["travel"]["durations_s"] = [[0, 10**9, 10**9], [10**9, 0, 10**9], [10**9, 10**9, 0]]
    for shift in (shift for crew in document["crews"] for shift in crew["shifts"]):
        shift.update(to_s=10**9, max_overtime_s=10**9)
    document["crews"][1]["shifts"].pop()
    document["visits"][2]["defer_cost"] = 10**12
    data = msgspec.json.encode(document)
    plan = parse_plan(solve_in_process(data, time_limit_s=4, workers=2))
    assert evaluate(parse_problem(data), plan).valid


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="workers must be 1 or more"):
        solve_in_process(SMALL, time_limit_s=1, workers=0)
    with pytest.raises(ValueError, match="time_limit_s must be 0 or more"):
        solve_in_process(SMALL, time_limit_s=-1)


async def test_the_event_loop_goes_on_while_the_solver_works() -> None:
    reports: list[Progress] = []
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    data = await solve_in_process_async(TOWN, time_limit_s=30, on_progress=reports.append, should_stop=lambda: len(reports) > 3)
    ticking.cancel()
    assert evaluate(parse_problem(TOWN), parse_plan(data)).valid
    assert ticks > 10


async def test_a_fault_reaches_those_who_await() -> None:
    with pytest.raises(FaultyInputError):
        await solve_in_process_async(b"{}", time_limit_s=5)


async def test_cancelling_ends_the_process() -> None:
    searching = asyncio.Event()
    solving = asyncio.create_task(solve_in_process_async(TOWN, time_limit_s=120, on_progress=lambda progress: searching.set()))
    await searching.wait()
    solving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await solving
    assert active_children() == []
