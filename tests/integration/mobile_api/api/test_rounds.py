"""Runs of the planner and published rounds over the API."""

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
from planner.rounds.evaluate import evaluate
from planner.rounds.plan import parse_plan, plan_bytes
from planner.rounds.problem import parse_problem
from planner.rounds.solve import solve
from planner.rounds.stop import Stop
from tests.support.factory import Factory
from tests.support.http import Site
from tests.support.planned_firm import FRIDAY, MONDAY, PlannedFirm, planned_firm, set_windows


@pytest.fixture(autouse=True)
def friday() -> Iterator[None]:
    """The clock stands at nine in the morning."""
    with clock.stopped_at(FRIDAY):
        yield


@pytest.fixture(autouse=True)
def solver_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same search in this process: these tests are about what is asked and answered."""

    async def solve_here(problem: bytes, **_options: Any) -> bytes:
        return plan_bytes(solve(parse_problem(problem), Stop(rounds=20)))

    monkeypatch.setattr("backend.rounds.execution.solve_in_process_async", solve_here)


@pytest.fixture
async def firm(factory: Factory) -> PlannedFirm:
    """Nine elevators, all due from Monday to Friday."""
    return await planned_firm(factory)


@pytest.fixture
async def manager(http: Site, firm: PlannedFirm) -> httpx.AsyncClient:
    """The firm's manager."""
    return await http.api(Role.MANAGER, firm.firm)


async def _proposed(manager: httpx.AsyncClient) -> str:
    answer = await manager.post("/api/v1/plan-runs", json={"start_date": MONDAY.isoformat(), "days": 5})
    assert answer.status_code == 202, answer.text
    id_: str = answer.json()["id"]
    await service.execute_run(UUID(id_))
    return id_


async def _published(manager: httpx.AsyncClient) -> tuple[str, list[dict[str, Any]]]:
    run = await _proposed(manager)
    for step in ("commit", "publish"):
        answer = await manager.post(f"/api/v1/plan-runs/{run}/{step}")
        assert answer.status_code == 200, answer.text
    days = [(MONDAY + timedelta(days=n)).isoformat() for n in range(5)]
    return run, [each for day in days for each in (await manager.get("/api/v1/rounds", params={"day": day})).json()["rows"]]


async def test_a_run_from_request_to_published_rounds(manager: httpx.AsyncClient, firm: PlannedFirm) -> None:
    run, rounds = await _published(manager)
    status = (await manager.get(f"/api/v1/plan-runs/{run}")).json()
    assert (status["state"], status["start_date"], status["last_date"]) == ("published", "2026-11-30", "2026-12-04")
    assert {stop["elevator"] for each in rounds for stop in each["stops"]} == {str(each) for each in firm.elevators}
    assert (await manager.get("/api/v1/plan-runs")).json()["rows"][0]["id"] == run
    actual = (await manager.get("/api/v1/rounds/actual", params={"day": rounds[0]["day"]})).json()["rows"]
    assert {line["order"]["id"] for line in actual} >= {stop["id"] for stop in rounds[0]["stops"]}


async def test_the_plan_of_a_run_has_all_that_a_page_needs(manager: httpx.AsyncClient) -> None:
    run = await _proposed(manager)
    plan = (await manager.get(f"/api/v1/plan-runs/{run}/plan")).json()
    assert plan["violations"] == []
    stop = plan["rounds"][0]["stops"][0]
    assert {"lat", "lon", "site_name", "unit_name", "registration_code"} <= stop["place"].keys()
    assert {"due_first_day", "due_last_day", "maintenance_class", "reason_zh", "reason_en", "drive_s"} <= stop.keys()


async def test_the_files_of_a_run_can_be_replayed(manager: httpx.AsyncClient) -> None:
    run = await _proposed(manager)
    problem = await manager.get(f"/api/v1/plan-runs/{run}/problem")
    plan = await manager.get(f"/api/v1/plan-runs/{run}/plan-file")
    for answer in (problem, plan):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("application/json")
        assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert evaluate(parse_problem(problem.content), parse_plan(plan.content)).valid


async def test_an_outdated_plan_is_refused_with_what_changed_in_the_asker_s_language(
    manager: httpx.AsyncClient, firm: PlannedFirm
) -> None:
    run = await _proposed(manager)
    await set_windows(firm.firm, firm.elevators[:1], [(MONDAY, MONDAY + timedelta(days=2))])
    english = await manager.post(f"/api/v1/plan-runs/{run}/commit")
    assert english.status_code == 409
    assert english.json()["code"] == "outdated_snapshot"
    [fault] = english.json()["faults"]
    assert "due window" in fault["reason"]
    chinese = await manager.post(f"/api/v1/plan-runs/{run}/commit", headers={"Accept-Language": "zh"})
    assert "重新规划" in chinese.json()["detail"]
    assert "到期窗口" in chinese.json()["faults"][0]["reason"]


async def test_a_taken_day_is_refused_with_crew_and_day(manager: httpx.AsyncClient) -> None:
    first, second = await _proposed(manager), await _proposed(manager)
    for run in (first, second):
        await manager.post(f"/api/v1/plan-runs/{run}/commit")
    assert (await manager.post(f"/api/v1/plan-runs/{first}/publish")).status_code == 200
    refused = await manager.post(f"/api/v1/plan-runs/{second}/publish")
    assert (refused.status_code, refused.json()["code"]) == (409, "round_taken")
    assert "2026-12-0" in refused.json()["detail"]


async def test_wrong_requests_are_refused_with_all_faults(manager: httpx.AsyncClient) -> None:
    body = {"start_date": "2026-01-01", "days": 99, "time_limit_s": 0, "seed": -1}
    answer = await manager.post("/api/v1/plan-runs", json=body)
    assert answer.status_code == 400
    assert [fault["path"] for fault in answer.json()["faults"]] == ["start_date", "days", "time_limit_s", "seed"]
    assert (await manager.post("/api/v1/plan-runs", json={"dayz": 5})).status_code == 400
    assert (await manager.get("/api/v1/rounds", params={"day": "yesterday"})).status_code == 400
    assert (await manager.get("/api/v1/plan-runs", params={"limit": 0})).status_code == 400


async def test_a_round_is_withdrawn_and_a_stop_cancelled_with_a_reason(manager: httpx.AsyncClient) -> None:
    _, rounds = await _published(manager)
    stop = rounds[0]["stops"][0]["id"]
    cancelled = await manager.post(f"/api/v1/work-orders/{stop}/cancel", json={"reason": "大楼封闭"})
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    round_ = rounds[0]["id"]
    assert (await manager.post(f"/api/v1/rounds/{round_}/withdraw", json={"reason": ""})).status_code == 400
    assert (await manager.post(f"/api/v1/rounds/{round_}/withdraw", json={"reason": "training"})).status_code == 204
    assert (await manager.post(f"/api/v1/rounds/{round_}/withdraw", json={"reason": "training"})).status_code == 404


async def test_a_run_is_stopped_or_discarded(manager: httpx.AsyncClient) -> None:
    run = (await manager.post("/api/v1/plan-runs", json={"days": 3})).json()
    assert (await manager.post(f"/api/v1/plan-runs/{run['id']}/stop")).json()["state"] == "stopped"
    assert (await manager.post(f"/api/v1/plan-runs/{run['id']}/discard")).json()["state"] == "discarded"


async def test_readers_read_and_only_the_office_writes(manager: httpx.AsyncClient, http: Site, firm: PlannedFirm) -> None:
    run, _ = await _published(manager)
    regulator = await http.api(Role.REGULATOR)
    technician = await http.api(Role.TECHNICIAN, firm.firm)
    reads = [f"/api/v1/plan-runs/{run}", f"/api/v1/plan-runs/{run}/plan", "/api/v1/plan-runs", "/api/v1/rounds"]
    writes = [f"/api/v1/plan-runs/{run}/{step}" for step in ("stop", "discard", "commit", "publish")]
    for path in reads:
        assert (await regulator.get(path)).status_code == 200
        assert (await technician.get(path)).status_code == 403
    for path in writes:
        assert (await regulator.post(path)).status_code == 403
        assert (await technician.post(path)).status_code == 403
    assert (await regulator.post("/api/v1/plan-runs", json={})).status_code == 403


async def test_another_firm_s_runs_rounds_and_stops_do_not_exist(
    manager: httpx.AsyncClient, http: Site, factory: Factory
) -> None:
    run, rounds = await _published(manager)
    other = await http.api(Role.MANAGER, await factory.firm())
    paths = [f"/api/v1/plan-runs/{run}{part}" for part in ("", "/plan", "/problem", "/plan-file")]
    posts = [f"/api/v1/plan-runs/{run}/{step}" for step in ("stop", "discard", "commit", "publish")]
    bodies = [f"/api/v1/rounds/{rounds[0]['id']}/withdraw", f"/api/v1/work-orders/{rounds[0]['stops'][0]['id']}/cancel"]
    assert {(await other.get(path)).status_code for path in paths} == {404}
    assert {(await other.post(path)).status_code for path in posts} == {404}
    assert {(await other.post(path, json={"reason": "mine"})).status_code for path in bodies} == {404}
    assert (await manager.get(f"/api/v1/plan-runs/{uuid4()}")).status_code == 404
    assert (await other.get("/api/v1/rounds", params={"day": rounds[0]["day"]})).json()["rows"] == []
