"""A team of processes: it searches, it ends with its owner, it is replaced when it breaks."""

from __future__ import annotations

import os
import signal
from concurrent.futures import wait
from multiprocessing import active_children

from planner.rounds.evaluate import evaluate
from planner.rounds.scale.processes import processes
from planner.rounds.scale.task import warm_up
from planner.rounds.solve import solve
from planner.rounds.stop import Progress, Stop
from tests.unit.planner.rounds.test_solve import town

TOWN = town(visits=90, crews=6)


def test_processes_search_and_are_gone_afterwards() -> None:
    with processes(2) as team:
        plan = solve(TOWN, Stop(4), team=team)
    assert evaluate(TOWN, plan).valid
    assert (team.lost, team.failure) == (0, "")
    assert active_children() == []


def test_tasks_under_way_do_not_hold_up_the_end() -> None:
    with processes(1) as team:
        task = team.submit(warm_up, b"")
        wait([task])
        never = team.submit(_work_for_ever, b"")
    assert never.done()
    assert active_children() == []


def _work_for_ever(data: bytes) -> bytes:
    while data is not None:
        pass
    return data


def test_the_death_of_a_process_loses_nothing() -> None:
    killed: list[int] = []

    def kill_one(progress: Progress) -> None:
        if not killed and progress.phase == "search" and progress.share > 0.3:
            killed.extend(child.pid for child in active_children()[:1] if child.pid is not None)
            os.kill(killed[0], signal.SIGKILL)

    with processes(2) as team:
        plan = solve(TOWN, Stop(5), progress=kill_one, team=team)
    assert team.lost > 0
    assert team.failure == ""
    assert evaluate(TOWN, plan).valid


def test_a_team_that_always_dies_is_given_up_and_the_plan_is_made_without_it() -> None:
    def kill_all(progress: Progress) -> None:
        if progress.phase == "search":
            for child in active_children():
                if child.pid is not None:
                    os.kill(child.pid, signal.SIGKILL)

    with processes(2) as team:
        plan = solve(TOWN, Stop(8), progress=kill_all, team=team)
    assert "lost" in team.failure
    assert evaluate(TOWN, plan).valid
