"""It is Friday, and a firm of nine elevators and two crews plans from Monday on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from backend import clock
from backend.rounds import service
from backend.rounds.views import RunState, RunView
from planner.rounds.plan import plan_bytes
from planner.rounds.problem import parse_problem
from planner.rounds.solve import solve
from planner.rounds.stop import Stop
from tests.support.factory import Factory
from tests.support.planned_firm import FRIDAY, MONDAY, PlannedFirm, planned_firm


@pytest.fixture(autouse=True)
def friday() -> Iterator[None]:
    """The clock stands at nine in the morning."""
    with clock.stopped_at(FRIDAY):
        yield


@pytest.fixture
async def firm(factory: Factory) -> PlannedFirm:
    """Nine elevators, all due from Monday to Friday."""
    return await planned_firm(factory)


MANY = 60


@pytest.fixture
async def many(factory: Factory) -> PlannedFirm:
    """Sixty elevators: the search for a few is over at once, for these it goes on until its time is over."""
    return await planned_firm(factory, elevators=MANY)


async def solve_here(problem: bytes, **_options: Any) -> bytes:
    """The same search, a few rounds of it, in this process: one of its own takes a second to start."""
    return plan_bytes(solve(parse_problem(problem), Stop(rounds=20)))


@pytest.fixture
def solver_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that are about what happens after the search; test_execution.py and test_worker_death.py are about it."""
    monkeypatch.setattr("backend.rounds.execution.solve_in_process_async", solve_here)


@pytest.fixture
async def proposed(firm: PlannedFirm, solver_here: None) -> RunView:
    """A run with a plan."""
    run = await service.request_run(firm.scope, MONDAY, 5)
    await service.execute_run(run.id)
    found = await service.run(firm.scope, run.id)
    assert found.state is RunState.PROPOSED, found
    return found
