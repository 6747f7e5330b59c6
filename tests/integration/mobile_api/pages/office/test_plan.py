"""A manager plans in the office: run, look, commit, publish, take back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

import pytest

from backend import clock, database
from backend.rounds import service as rounds
from backend.scope import SYSTEM, Role
from tests.support.factory import Factory
from tests.support.http import Browser, Site
from tests.support.planned_firm import FRIDAY, MONDAY, PlannedFirm, planned_firm


@pytest.fixture
def stopped_clock() -> Iterator[None]:
    with clock.stopped_at(FRIDAY):
        yield


@pytest.fixture
async def firm(factory: Factory, stopped_clock: None) -> PlannedFirm:
    return await planned_firm(factory)


@pytest.fixture
async def manager(http: Site, firm: PlannedFirm) -> Browser:
    return await http.browser(Role.MANAGER, firm.firm)


WANTED = {"start_date": MONDAY.isoformat(), "days": "5", "time_limit_s": "1", "seed": "1"}


async def proposed(manager: Browser) -> str:
    """Ask for a run as the page does, and let it be planned; the address of its page."""
    answer = await manager.post("/office/plan", WANTED)
    assert answer.status_code == 303, answer.text
    address = str(answer.headers["location"])
    await rounds.execute_run(UUID(address.rpartition("/")[2]))
    return address


async def test_a_run_that_waits_shows_its_progress_without_script(manager: Browser) -> None:
    answer = await manager.post("/office/plan", WANTED)
    page = await manager.get(answer.headers["location"])
    assert '<noscript><meta http-equiv="refresh"' in page.text
    assert "<progress" in page.text
    assert "Waiting for a worker" in page.text


async def test_a_run_that_nobody_takes_says_how_to_start_the_worker(manager: Browser) -> None:
    answer = await manager.post("/office/plan", WANTED)
    async with database.tx(SYSTEM):
        await database.execute("UPDATE plan_run SET requested_at = requested_at - interval '1 minute'")
    assert "liftrounds worker" in (await manager.get(answer.headers["location"])).text


async def test_a_run_can_be_stopped_before_it_is_taken_up(manager: Browser) -> None:
    address = (await manager.post("/office/plan", WANTED)).headers["location"]
    page = await manager.post_and_follow(f"{address}/stop")
    assert "stopped before there was a plan" in page.text
    assert "Plan the same days again" in page.text


async def test_a_wrong_wish_is_told_beside_its_field_and_what_was_typed_stays(manager: Browser) -> None:
    answer = await manager.post("/office/plan", WANTED | {"days": "4000", "start_date": "2026-11-31"})
    assert answer.status_code == 400
    assert 'value="2026-11-31"' in answer.text
    assert 'id="start_date-reason"' in answer.text


async def test_a_proposal_is_shown_as_tables_per_crew_and_day_and_as_a_map(manager: Browser, firm: PlannedFirm) -> None:
    page = (await manager.get(await proposed(manager))).text
    assert page.count('class="card round"') >= 1
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in page
    shown = set(re.findall(r"/office/elevators/([0-9a-f-]{36})/receipt", page))
    assert shown <= {str(elevator) for elevator in firm.elevators}
    everything = (await manager.get((await last_run(manager)) + "?day=all")).text
    shown = set(re.findall(r"/office/elevators/([0-9a-f-]{36})/receipt", everything))
    assert shown == {str(elevator) for elevator in firm.elevators}


async def last_run(manager: Browser) -> str:
    listed = (await manager.get("/office/plan")).text
    found: list[str] = re.findall(r"/office/plan/[0-9a-f-]{36}", listed)
    return found[0]


async def test_a_plan_is_committed_published_and_its_day_shows_every_stop(manager: Browser, firm: PlannedFirm) -> None:
    address = await proposed(manager)
    assert "Publish" in (await manager.post_and_follow(f"{address}/commit")).text
    assert "The rounds are published" in (await manager.post_and_follow(f"{address}/publish")).text
    stops = 0
    for number in range(5):
        day = MONDAY.replace(day=30) if number == 0 else MONDAY.replace(month=12, day=number)
        stops += (await manager.get(f"/office/today?day={day}")).text.count("/cancel")
    assert stops == len(firm.elevators)


async def test_a_published_stop_is_cancelled_and_a_round_withdrawn_with_a_reason(manager: Browser) -> None:
    address = await proposed(manager)
    await manager.post(f"{address}/commit")
    await manager.post(f"{address}/publish")
    async with database.tx(SYSTEM):
        order = await database.fetch_value("SELECT o.id FROM work_order o ORDER BY o.id LIMIT 1")
        found = await database.fetch_value("SELECT r.id FROM published_round r ORDER BY r.id LIMIT 1")
    assert (await manager.post(f"/office/orders/{order}/cancel", {"reason": "", "day": str(MONDAY)})).status_code == 400
    page = await manager.post_and_follow(f"/office/orders/{order}/cancel", {"reason": "closed", "day": str(MONDAY)})
    assert "The stop is cancelled." in page.text
    page = await manager.post_and_follow(f"/office/rounds/{found}/withdraw", {"reason": "storm", "day": str(MONDAY)})
    assert "The round is withdrawn" in page.text


async def test_a_plan_made_from_old_data_is_refused_with_what_changed_and_the_way_out(
    manager: Browser, firm: PlannedFirm, factory: Factory
) -> None:
    address = await proposed(manager)
    await factory.row(
        "absence", firm=firm.firm, technician=firm.technicians[0][0], starts_on=MONDAY, ends_on=MONDAY.replace(month=12, day=4)
    )
    answer = await manager.post(f"{address}/commit")
    assert answer.status_code == 409
    assert "Plan the same days again" in answer.text
    assert "<li>" in answer.text.partition('role="alert"')[2].partition("</div>")[0]


async def test_a_crew_that_has_a_round_already_is_told_with_the_way_to_withdraw_it(
    http: Site, manager: Browser, firm: PlannedFirm
) -> None:
    first, second = await proposed(manager), await proposed(manager)
    for address in (first, second):
        assert (await manager.post(f"{address}/commit")).status_code == 303
    await manager.post(f"{first}/publish")
    answer = await manager.post(f"{second}/publish")
    assert answer.status_code == 409
    assert "/office/today" in answer.text


async def test_a_discarded_plan_cannot_be_published(manager: Browser) -> None:
    address = await proposed(manager)
    await manager.post(f"{address}/discard")
    assert (await manager.post(f"{address}/publish")).status_code == 409


async def test_what_is_left_out_is_listed_with_its_reason(manager: Browser, firm: PlannedFirm) -> None:
    async with database.tx(SYSTEM):
        await database.execute(
            "UPDATE site SET lat = NULL, lon = NULL WHERE id = (SELECT site FROM elevator WHERE id = $1)", firm.elevators[0]
        )
    page = (await manager.get(await proposed(manager))).text
    left_out = page.partition('id="left-out"')[2]
    assert str(firm.elevators[0]) in left_out
    assert "no coordinates" in left_out


async def test_the_map_alone_and_the_contracts_files_are_there(manager: Browser) -> None:
    address = await proposed(manager)
    answer = await manager.get(f"{address}/map.svg?day=all")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.text.startswith("<svg")
    assert (await manager.get(f"{address}/problem.json")).json()["schema"] == "liftrounds/problem/1"
    assert (await manager.get(f"{address}/plan.json")).json()["schema"] == "liftrounds/plan/1"


async def test_a_regulator_sees_the_plan_and_no_button(http: Site, manager: Browser, firm: PlannedFirm) -> None:
    address = await proposed(manager)
    regulator = await http.browser(Role.REGULATOR)
    page = (await regulator.get(address)).text
    assert "/commit" not in page
    assert 'class="card round"' in page
