"""The page that says why an elevator is where it is in a plan, and why not elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from backend import clock
from backend.rounds import service as rounds
from backend.scope import Role
from planner.rounds.plan import plan_bytes
from planner.rounds.problem import parse_problem
from tests.support.explained import moved, searched
from tests.support.factory import Factory
from tests.support.http import Browser, Site
from tests.support.planned_firm import FRIDAY, MONDAY, planned_firm


@pytest.fixture
def stopped_clock() -> Iterator[None]:
    with clock.stopped_at(FRIDAY):
        yield


@pytest.fixture
async def manager(http: Site, factory: Factory, stopped_clock: None) -> Browser:
    firm = await planned_firm(factory)
    return await http.browser(Role.MANAGER, firm.firm)


@pytest.fixture
async def plan(manager: Browser, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a plan that leaves one elevator out although there is room."""

    async def solve_here(problem: bytes, **_options: Any) -> bytes:
        asked = parse_problem(problem)
        plan = moved(asked, searched(asked, 5), asked.visits[0].id, None, None, None)
        return plan_bytes(msgspec.structs.replace(plan, bound=1000))

    monkeypatch.setattr("backend.rounds.execution.solve_in_process_async", solve_here)
    wanted = {"start_date": MONDAY.isoformat(), "days": "5", "time_limit_s": "1", "seed": "1"}
    answer = await manager.post("/office/plan", wanted)
    address = str(answer.headers["location"])
    await rounds.execute_run(UUID(address.rpartition("/")[2]))
    return address


async def links(manager: Browser, plan: str, text: str) -> list[str]:
    page = (await manager.get(f"{plan}?day=all")).text
    return re.findall(rf'<a href="({plan}/elevators/[0-9a-f-]+)">{re.escape(text)}</a>', page)


async def test_every_stop_of_a_plan_leads_to_its_reasons(manager: Browser, plan: str) -> None:
    stops = await links(manager, plan, "Why here?")
    assert len(stops) == 8
    page = (await manager.get(stops[0])).text
    for part in ("Due window", "/receipt", "Other days", "Other crews on the same day", "is not among the days of this plan"):
        assert part in page


async def test_what_is_left_out_shows_what_would_help_and_the_way_there(manager: Browser, plan: str) -> None:
    (link,) = await links(manager, plan, "What it would change")
    page = (await manager.get(link)).text
    assert "It could be planned" in page
    assert re.search(rf'<a class="button" href="{link}\?crew=[0-9a-f-]+&amp;day=2026-\d\d-\d\d#answer">', page)


async def test_a_question_is_answered_on_the_same_page_without_script(manager: Browser, plan: str) -> None:
    (link,) = await links(manager, plan, "What it would change")
    day = (MONDAY + timedelta(days=1)).isoformat()
    page = (await manager.get(f"{link}?day={day}&crew=")).text
    assert 'id="answer"' in page
    assert "It can be done" in page
    assert f'<option value="{day}" selected>' in page
    late = (await manager.get(f"{link}?day=2027-03-01&crew=")).text
    assert "is not among the days of this plan" in late


@pytest.mark.parametrize(
    "question", ["day=&crew=nobody", "day=&crew=00000000-0000-0000-0000-000000000000", "day=someday&crew="]
)
async def test_a_question_about_nobody_or_never_is_refused_on_the_page(manager: Browser, plan: str, question: str) -> None:
    (link,) = await links(manager, plan, "What it would change")
    answer = await manager.get(f"{link}?{question}")
    assert answer.status_code in (400, 404)
    assert 'role="alert"' in answer.text
    assert "Why not another day or crew?" in answer.text


async def test_a_proved_bound_says_how_far_from_the_best_a_plan_can_be(manager: Browser, plan: str) -> None:
    page = (await manager.get(plan)).text
    assert re.search(r"≤ \d+\.\d %", page)
    assert "above the cheapest plan there can be (proved)" in page


async def test_the_page_speaks_chinese(manager: Browser, plan: str) -> None:
    stops = await links(manager, plan, "Why here?")
    page = await manager.get(stops[0], headers={"Accept-Language": "zh-CN"})
    assert "为何不在其他日期或由其他班组？" in page.text
    assert "不在本计划的日期之内" in page.text
