"""Why a plan is as it is, over the API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from backend import clock
from backend.rounds import service
from backend.scope import Role
from planner.rounds.plan import plan_bytes
from planner.rounds.problem import parse_problem
from tests.support.explained import moved, searched
from tests.support.factory import Factory
from tests.support.http import Site
from tests.support.planned_firm import FRIDAY, MONDAY, PlannedFirm, planned_firm


@pytest.fixture(autouse=True)
def friday() -> Iterator[None]:
    """The clock stands at nine in the morning."""
    with clock.stopped_at(FRIDAY):
        yield


@pytest.fixture(autouse=True)
def one_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan that leaves its first visit out although there is room: a search that was stopped."""

    async def solve_here(problem: bytes, **_options: Any) -> bytes:
        asked = parse_problem(problem)
        return plan_bytes(moved(asked, searched(asked, 5), asked.visits[0].id, None, None, None))

    monkeypatch.setattr("backend.rounds.execution.solve_in_process_async", solve_here)


@pytest.fixture
async def firm(factory: Factory) -> PlannedFirm:
    """Nine elevators, all due from Monday to Friday."""
    return await planned_firm(factory)


@pytest.fixture
async def manager(http: Site, firm: PlannedFirm) -> httpx.AsyncClient:
    """The firm's manager."""
    return await http.api(Role.MANAGER, firm.firm)


@pytest.fixture
async def run(manager: httpx.AsyncClient) -> str:
    """A run with a plan."""
    answer = await manager.post("/api/v1/plan-runs", json={"start_date": MONDAY.isoformat(), "days": 5})
    id_: str = answer.json()["id"]
    await service.execute_run(UUID(id_))
    return id_


async def _left_out(manager: httpx.AsyncClient, run: str) -> dict[str, Any]:
    (row,) = (await manager.get(f"/api/v1/plan-runs/{run}/left-out")).json()["rows"]
    found: dict[str, Any] = row
    return found


async def _planned(manager: httpx.AsyncClient, run: str) -> dict[str, Any]:
    plan = (await manager.get(f"/api/v1/plan-runs/{run}/plan")).json()
    found: dict[str, Any] = plan["rounds"][0] | {"stop": plan["rounds"][0]["stops"][0]}
    return found


async def test_what_is_left_out_has_its_reason_and_what_would_help(manager: httpx.AsyncClient, run: str) -> None:
    row = await _left_out(manager, run)
    assert (row["code"], row["planned"], row["mandatory"]) == ("possible", None, True)
    assert row["said_en"].startswith("It could be planned: ")
    assert row["said_zh"].startswith("可以安排：")
    assert [each["kind"] for each in row["helps"]] == ["plan_it"]
    assert row["helps"][0]["difference"]["left_out"] == -20000
    page = (await manager.get(f"/api/v1/plan-runs/{run}/plan")).json()
    assert [line["help_kind"] for line in page["left_out"]] == ["plan_it"]
    assert page["left_out"][0]["reason_zh"] == row["said_zh"]


async def test_a_planned_visit_has_other_days_and_crews(manager: httpx.AsyncClient, run: str) -> None:
    at = await _planned(manager, run)
    elevator = at["stop"]["place"]["elevator"]
    found = (await manager.get(f"/api/v1/plan-runs/{run}/elevators/{elevator}")).json()
    assert (found["planned"]["crew"], found["planned"]["day"]) == (at["crew"], at["day"])
    assert found["planned"]["start_s"] == at["stop"]["start_s"]
    assert [day["offset"] for day in found["planned"]["days"]] == [-3, -2, -1, 1, 2, 3]
    assert all((day["difference"] is None) == bool(day["code"]) for day in found["planned"]["days"])
    assert at["crew"] not in {each["crew"] for each in found["planned"]["crews"]}
    assert found["window_en"]
    assert found["helps"] == []


async def test_why_not_says_what_it_would_take(manager: httpx.AsyncClient, run: str) -> None:
    row = await _left_out(manager, run)
    path = f"/api/v1/plan-runs/{run}/elevators/{row['place']['elevator']}/why-not"
    crew = row["choices"][0]["crew"]
    found = (await manager.get(path, params={"day": (MONDAY + timedelta(days=1)).isoformat(), "crew": crew})).json()
    assert (found["outcome"], found["crew_name"]) == ("possible", row["choices"][0]["crew_name"])
    assert found["difference"]["left_out"] <= -20000
    late = (await manager.get(path, params={"day": (MONDAY + timedelta(days=30)).isoformat()})).json()
    assert (late["outcome"], late["rules"][0]["code"]) == ("forbidden", "day")


@pytest.mark.parametrize(
    ("params", "status"), [({}, 400), ({"crew": str(uuid4())}, 404), ({"day": "x"}, 400), ({"crew": "x"}, 400)]
)
async def test_wrong_questions_are_refused(manager: httpx.AsyncClient, run: str, params: dict[str, str], status: int) -> None:
    row = await _left_out(manager, run)
    answer = await manager.get(f"/api/v1/plan-runs/{run}/elevators/{row['place']['elevator']}/why-not", params=params)
    assert answer.status_code == status, answer.text


async def test_what_a_run_does_not_know_or_has_no_plan_for_is_refused(
    manager: httpx.AsyncClient, run: str, firm: PlannedFirm
) -> None:
    assert (await manager.get(f"/api/v1/plan-runs/{run}/elevators/{uuid4()}")).status_code == 404
    waiting = (await manager.post("/api/v1/plan-runs", json={"start_date": MONDAY.isoformat(), "days": 5})).json()["id"]
    assert (await manager.get(f"/api/v1/plan-runs/{waiting}/left-out")).status_code == 409
    assert (await manager.get(f"/api/v1/plan-runs/{waiting}/elevators/{firm.elevators[0]}")).status_code == 409
