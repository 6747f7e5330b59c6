"""The office sees what technicians change of their day, and puts a stop back; the same over the API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from backend import clock
from backend.rounds import service as rounds
from backend.scope import Role
from planner.rounds.plan import plan_bytes
from planner.rounds.problem import parse_problem
from planner.rounds.solve import solve
from planner.rounds.stop import Stop
from tests.support.factory import Factory
from tests.support.http import Browser, Site
from tests.support.planned_firm import FRIDAY, MONDAY, PlannedFirm, planned_firm, set_windows

SEVEN = datetime(2026, 11, 29, 23, 0, tzinfo=UTC)
"""Monday, seven in the morning in Taizhou."""


async def solve_here(problem: bytes, **_options: object) -> bytes:
    return plan_bytes(solve(parse_problem(problem), Stop(rounds=20)))


@pytest.fixture
async def firm(factory: Factory, monkeypatch: pytest.MonkeyPatch) -> PlannedFirm:
    """Both crews have a published round on Monday."""
    monkeypatch.setattr("backend.rounds.execution.solve_in_process_async", solve_here)
    with clock.stopped_at(FRIDAY):
        found = await planned_firm(factory)
        await set_windows(found.firm, found.elevators, [(MONDAY, MONDAY)] * 9)
        run = await rounds.request_run(found.scope, MONDAY, 1)
        await rounds.execute_run(run.id)
        await rounds.commit_run(found.scope, run.id)
        await rounds.publish_run(found.scope, run.id)
    return found


@pytest.fixture
def seven(firm: PlannedFirm) -> Iterator[None]:
    with clock.stopped_at(SEVEN):
        yield


@pytest.fixture
async def manager(http: Site, firm: PlannedFirm, seven: None) -> Browser:
    return await http.browser(Role.MANAGER, firm.firm, "en")


@pytest.fixture
async def technicians(http: Site, firm: PlannedFirm, seven: None) -> list[httpx.AsyncClient]:
    """One of each crew."""
    return [await http.api(Role.TECHNICIAN, firm.firm, technician=people[0]) for people in firm.technicians]


async def the_day(api: httpx.AsyncClient) -> dict[str, Any]:
    """A technician's day as their phone gets it."""
    found: dict[str, Any] = (await api.get("/api/v1/day")).json()
    return found


async def post(api: httpx.AsyncClient, address: str, code: int = 200, **body: Any) -> dict[str, Any]:
    answer = await api.post(f"/api/v1/day/{address}", json=body or None)
    assert answer.status_code == code, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_board_shows_who_began_and_what_was_handed_back_and_puts_it_back(
    manager: Browser, technicians: list[httpx.AsyncClient]
) -> None:
    mine = technicians[0]
    at = SEVEN.isoformat()
    await post(mine, "marks", id=str(uuid4()), kind="start", at=at)
    await post(mine, "marks", id=str(uuid4()), kind="pause", at=at, note="flat tyre")
    stop = (await the_day(mine))["stops"][-1]
    handed = await post(
        mine, "rejections", id=str(uuid4()), work_order=stop["work_order"], reason="other", note="water in the pit", at=at
    )
    page = (await manager.get("/office/today")).text
    for text in ("flat tyre", "water in the pit", "Handed back by technicians", f"/office/rejections/{handed['id']}/undo"):
        assert text in page
    day = await the_day(mine)
    assert stop["work_order"] not in [each["work_order"] for each in day["stops"]]
    assert [each["id"] for each in day["changes"]["rejections"]] == [handed["id"]]
    assert day["changes"]["standing"]["state"] == "paused"
    await manager.post(f"/office/rejections/{handed['id']}/undo", {"day": "2026-11-30"})
    assert "water in the pit" not in (await manager.get("/office/today")).text
    assert [each["work_order"] for each in (await the_day(mine))["stops"]][-1] == stop["work_order"]
    trail = (await manager.get("/office/audit")).text
    for deed in ("Began the round", "Paused the round", "Handed a stop back", "Took a stop up again"):
        assert deed in trail


async def test_an_order_is_checked_done_and_then_another_version(technicians: list[httpx.AsyncClient]) -> None:
    mine = technicians[0]
    day = await the_day(mine)
    wanted = [each["work_order"] for each in day["stops"]][::-1]
    body = {"round_version": day["round_version"], "work_orders": wanted}
    said = await post(mine, "order/check", **body)
    assert said["breaks"] == []
    assert said["side"] is not None
    assert (await the_day(mine))["etag"] == day["etag"]
    await post(mine, "order", **body, confirmed=True)
    after = await the_day(mine)
    assert [each["work_order"] for each in after["stops"]] == wanted
    assert after["etag"] != day["etag"]
    refused = await post(mine, "order", 412, **body, confirmed=True)
    assert refused["code"] == "outdated"


async def test_a_swap_goes_over_the_api_and_stands_on_the_board(manager: Browser, technicians: list[httpx.AsyncClient]) -> None:
    mine, theirs = technicians
    stop = (await the_day(mine))["stops"][0]["work_order"]
    answer = await mine.get("/api/v1/day/swaps", params={"order": stop})
    choice = answer.json()["rows"][0]
    id = str(uuid4())  # noqa: A001 - as in the body
    body = {"id": id, "gives": choice["gives"], "takes": choice["takes"], "to_crew": choice["to_crew"]}
    assert await post(mine, "swaps", **body) == await post(mine, "swaps", **body)
    assert "offered" in (await manager.get("/office/today")).text
    [waiting] = (await the_day(theirs))["changes"]["incoming"]
    assert waiting["id"] == id
    await post(mine, f"swaps/{id}/accept", 404)
    await post(theirs, f"swaps/{id}/accept")
    assert stop in [each["work_order"] for each in (await the_day(theirs))["stops"]]
    assert stop not in [each["work_order"] for each in (await the_day(mine))["stops"]]
    assert "swapped" in (await manager.get("/office/today")).text
