"""Levelling in the office and by the API: asked for, looked at, a calendar chosen and refused with its lines."""

from __future__ import annotations

import pytest

from backend.levelling import service
from backend.scope import Role
from tests.support.factory import Factory
from tests.support.http import Site
from tests.support.planned_firm import PlannedFirm, planned_firm


@pytest.fixture
async def firm(factory: Factory) -> PlannedFirm:
    return await planned_firm(factory, elevators=6, windows=((0, 8),))


async def test_a_levelling_is_asked_for_and_shows_load_shares_and_what_does_not_fit(http: Site, firm: PlannedFirm) -> None:
    browser = await http.browser(Role.MANAGER, firm.firm)
    assert "Not levelled yet" in (await browser.get("/office/levelling")).text
    waiting = await browser.post_and_follow("/office/levelling", {"days": "30", "time_limit_s": "2"})
    assert "Waiting for a worker" in waiting.text
    [run] = (await service.levellings(firm.scope)).rows
    await service.execute_levelling(run.id)
    for page in (await browser.get("/office/levelling"), await browser.get(f"/office/levelling/{run.id}")):
        assert 'class="heat"' in page.text
        assert "Every visit has a day" in page.text
        assert "Of weekends and holidays" in page.text


async def test_numbers_that_do_not_fit_are_marked(http: Site, firm: PlannedFirm) -> None:
    browser = await http.browser(Role.MANAGER, firm.firm)
    answer = await browser.post("/office/levelling", {"days": "9", "time_limit_s": "0"})
    assert answer.status_code == 400
    assert 'id="days-reason"' in answer.text
    assert 'id="time_limit_s-reason"' in answer.text


async def test_a_calendar_is_uploaded_and_its_faulty_lines_are_named_in_the_readers_language(
    http: Site, firm: PlannedFirm
) -> None:
    browser = await http.browser(Role.MANAGER, firm.firm, language="zh")
    await browser.get("/office/levelling")
    bad = {"file": ("a.csv", b"2027-13-01, holiday\n2027-01-01, party\n", "text/csv")}
    answer = await browser.post("/office/levelling/calendar", {"source": "own"}, files=bad)
    assert answer.status_code == 400
    assert "第1行" in answer.text
    assert "2027-13-01" in answer.text
    assert "party" in answer.text
    good = {"file": ("2027.csv", "2027-02-06..2027-02-12, 休, 春节\n".encode(), "text/csv")}
    page = await browser.post_and_follow("/office/levelling/calendar", {"source": "own", "crews_rest": "yes"}, files=good)
    assert "自有日历：2027.csv" in page.text
    chosen = await service.calendar(firm.scope)
    assert (chosen.crews_rest, chosen.years) == (True, [2027])


async def test_the_api_takes_a_calendar_and_gives_target_days(http: Site, firm: PlannedFirm) -> None:
    api = await http.api(Role.MANAGER, firm.firm)
    refused = await api.post("/api/v1/work-calendar/file", files={"file": ("a.csv", b"x\n")})
    assert refused.status_code == 400
    assert [fault["path"] for fault in refused.json()["faults"]] == ["line 1", "line 1"]
    taken = await api.post("/api/v1/work-calendar/file", files={"file": ("a.csv", b"2027-01-01, holiday, New Year\n")})
    assert (taken.status_code, taken.json()["source"]) == (200, "own")
    assert (await api.put("/api/v1/work-calendar", json={"source": "cn"})).json()["source"] == "cn"
    asked = await api.post("/api/v1/levellings", json={"days": 20, "time_limit_s": 1})
    assert asked.status_code == 202
    assert (await api.get(f"/api/v1/levellings/{asked.json()['id']}/answer")).status_code == 409
    await service.execute_levelling((await service.levellings(firm.scope)).rows[0].id)
    answer = (await api.get(f"/api/v1/levellings/{asked.json()['id']}/answer")).json()
    assert answer["levelling"]["outline"]["elevators"] == 6
    rows = (await api.get(f"/api/v1/elevators/{firm.elevators[0]}/targets")).json()["rows"]
    assert rows[0]["placed"] is True
