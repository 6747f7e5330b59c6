"""A search in parts: by any executor, never worse, the same again where rounds are counted, in time, and stopped at once."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from typing import Any

import pytest

from planner.rounds.evaluate import evaluate
from planner.rounds.plan import plan_bytes
from planner.rounds.scale import Team, improve
from planner.rounds.solve import solve
from planner.rounds.stop import Stop
from tests.unit.planner.rounds.scale.test_parts import first_plan
from tests.unit.planner.rounds.test_solve import town

TOWN = town(visits=90, crews=6)


def test_any_executor_will_do() -> None:
    with ThreadPoolExecutor(3) as pool:
        plan = solve(TOWN, Stop(3), team=Team.of(pool, 3))
    assert evaluate(TOWN, plan).valid


@pytest.mark.parametrize("hands", [1, 2, 3])
def test_counted_rounds_give_the_same_plan_whoever_is_quicker(hands: int) -> None:
    plans = set()
    for delay_s in (0.0, 0.02):
        with _Uneven(hands, delay_s) as pool:
            plans.add(plan_bytes(solve(TOWN, Stop(rounds=600), seed=3, team=Team.of(pool, hands))))
    assert len(plans) == 1


class _Uneven(ThreadPoolExecutor):
    """Threads, of which every other task is late."""

    def __init__(self, threads: int, delay_s: float) -> None:
        super().__init__(threads)
        self._delay_s = delay_s
        self._count = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self._count += 1
        delay_s = self._delay_s if self._count % 2 else 0.0

        def late() -> Any:
            time.sleep(delay_s)
            return fn(*args, **kwargs)

        return super().submit(late)


def test_one_process_alone_searches_one_part_after_the_other_and_better_all_the_time() -> None:
    solution, near = first_plan(town(visits=150, crews=8))
    costs: list[int] = []

    def go_on(share: float, cost: int, planned: int) -> bool:
        costs.append(cost)
        return 0 <= share <= 1 and planned <= 150

    rounds = improve(solution, team=None, seed=1, rounds=500, left_s=lambda: math.inf, keep_going=go_on, warm=0.5, near=near)
    assert rounds == 500
    assert costs == sorted(costs, reverse=True)
    assert solution.cost < costs[0]


def test_a_wish_to_stop_gives_up_what_is_under_way() -> None:
    solution, near = first_plan(TOWN)
    asked: list[float] = []

    def go_on(share: float, cost: int, planned: int) -> bool:
        assert (cost, planned) == (solution.cost, solution.planned())
        asked.append(share)
        return len(asked) < 3

    idle = Team.of(_Idle(), 2)
    improve(solution, team=idle, seed=1, rounds=None, left_s=lambda: 1e6, keep_going=go_on, warm=0.5, near=near)
    assert len(asked) == 3


class _Idle(Executor):
    """Takes tasks and never begins them."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        del fn, args, kwargs
        return Future()


def test_an_executor_that_breaks_is_replaced_and_its_tasks_are_sent_again() -> None:
    made: list[_Fragile] = []

    def make() -> Executor:
        made.append(_Fragile(2 if len(made) < 3 else 10**9))
        return made[-1]

    plan = solve(TOWN, Stop(rounds=600), seed=3, team=(team := Team(make, lambda: 2, lambda executor: executor.shutdown())))
    team.close()
    assert len(made) == 4
    assert team.failure == ""
    with ThreadPoolExecutor(2) as pool:
        assert plan_bytes(plan) == plan_bytes(solve(TOWN, Stop(rounds=600), seed=3, team=Team.of(pool, 2)))


class _Fragile(ThreadPoolExecutor):
    """Breaks after some tasks."""

    def __init__(self, tasks: int) -> None:
        super().__init__(2)
        self._tasks = tasks

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if self._tasks <= 0:
            raise BrokenExecutor("out of tasks")
        self._tasks -= 1
        if self._tasks == 0:

            def lost() -> None:
                raise BrokenExecutor("lost on the way")

            return super().submit(lost)
        return super().submit(fn, *args, **kwargs)


def test_a_mistake_in_a_task_is_not_taken_for_bad_luck() -> None:
    class Wrong(ThreadPoolExecutor):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            del fn, args, kwargs
            return super().submit(int, "x")

    with Wrong(1) as pool, pytest.raises(ValueError, match="invalid literal"):
        solve(TOWN, Stop(rounds=600), team=Team.of(pool, 1))
