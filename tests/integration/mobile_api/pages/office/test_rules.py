"""Rules in the office: packs to read, conditions of maintenance on demand, deferrals with document, periods that change."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from backend import clock, database
from backend.scope import Role, of_firm
from planner.intervals.rules import pack_ids
from tests.support.factory import Factory
from tests.support.http import Browser, Site
from tests.support.upkeep import told

DAYS_AGO = 10


@pytest.fixture
async def firm(http: Site, factory: Factory) -> UUID:
    return await factory.firm()


@pytest.fixture
async def elevator(factory: Factory, firm: UUID) -> UUID:
    found = await factory.elevator(firm)
    await told(of_firm(firm), found, clock.today("Asia/Shanghai") - timedelta(days=DAYS_AGO))
    return found


@pytest.fixture
async def browser(http: Site, firm: UUID) -> Browser:
    return await http.browser(Role.MANAGER, firm)


def form(**changes: str) -> dict[str, str]:
    yesterday = str(clock.today("Asia/Shanghai") - timedelta(days=1))
    given = {
        "days": "3", "reason": "no_access", "document": "函7号", "issuer": "阳光花园", "dated_on": yesterday,
        "consent_on": yesterday, "consent_by": "王安全",
    }  # fmt: skip
    return given | changes


async def test_every_pack_and_each_of_its_limits_can_be_read(browser: Browser) -> None:
    listed = await browser.get("/office/rules")
    for pack in pack_ids():
        assert f'href="/office/rules/{pack}"' in listed.text
        page = await browser.get(f"/office/rules/{pack}")
        assert page.status_code == 200, pack
        assert 'id="visit_gap"' in page.text
    compared = await browser.get("/office/rules/cn-fixed-15?version=2026-01-01&against=2018-01-01")
    assert "What differs from the version of 2017-08-01" in compared.text
    assert (await browser.get("/office/rules/cn-weekly")).status_code == 404


async def test_every_value_of_a_pack_is_told_in_words_of_the_readers_language(browser: Browser) -> None:
    for pack in pack_ids():
        page = await browser.get(f"/office/rules/{pack}?lang=zh")
        cells = re.findall(r'<td data-name="取值"><span>(.*?)</span></td>', page.text, re.DOTALL)
        assert cells, pack
        said = [re.sub(r"<[^>]+>", " ", cell) for cell in cells]
        assert [text for text in said if re.search(r"[a-z]{2,}_[a-z]|[a-z]{3,}", text)] == [], pack


async def test_what_an_elevator_lacks_for_on_demand_is_said_with_the_way_out(browser: Browser, elevator: UUID) -> None:
    page = await browser.get(f"/office/elevators/{elevator}/eligibility")
    assert page.status_code == 200
    assert "E9 · Filed under the local scheme before the first longer gap" in page.text
    assert "Enter number and day of the filing" in page.text
    filed = await browser.get(f"/office/elevators/{elevator}/eligibility?pack=cn-on-demand-filed")
    assert "the filing naming 45, 60 or 90 days" in filed.text
    assert (await browser.get(f"/office/elevators/{elevator}/eligibility?pack=sg-rmd")).status_code == 404


async def test_a_deferral_is_entered_with_its_document_downloaded_and_withdrawn(browser: Browser, elevator: UUID) -> None:
    path = f"/office/elevators/{elevator}/deferral"
    assert "Days that may be added" in (await browser.get(path)).text
    sent = await browser.post(path, form(), files={"file": ("函.pdf", b"%PDF-1.7 consent")})
    assert sent.status_code == 303, sent.text
    page = await browser.get(path)
    assert "函7号" in page.text
    deferral = page.text.partition("/office/deferrals/")[2].partition("/")[0]
    file = await browser.get(f"/office/deferrals/{deferral}/file")
    assert (file.content, file.headers["content-disposition"][:10]) == (b"%PDF-1.7 consent", "attachment")
    gone = await browser.post(f"/office/deferrals/{deferral}/withdraw", {"elevator": str(elevator), "why": "let in"})
    assert gone.status_code == 303
    assert "let in" in (await browser.get(path)).text


async def test_a_refused_deferral_keeps_what_was_typed_beside_its_reasons(browser: Browser, elevator: UUID) -> None:
    path = f"/office/elevators/{elevator}/deferral"
    today = clock.today("Asia/Shanghai")
    late = form(days="99", consent_on=str(today + timedelta(days=9)))
    page = await browser.post(path, late, files={"file": ("a.txt", b"I agree")})
    assert page.status_code == 400
    for said in ("use 1 to 15 days", "the consent must be of a day before the due day", "use a PDF, JPEG or PNG file"):
        assert said in page.text
    assert 'value="函7号"' in page.text


async def test_a_regulator_reads_and_changes_nothing(http: Site, firm: UUID, elevator: UUID) -> None:
    regulator = await http.browser(Role.REGULATOR, firm)
    for path in ("/office/rules", f"/office/elevators/{elevator}/deferral", f"/office/elevators/{elevator}/eligibility"):
        assert (await regulator.get(path)).status_code == 200, path
    assert (await regulator.post(f"/office/elevators/{elevator}/deferral", form())).status_code == 403


async def test_a_period_is_changed_in_its_form(browser: Browser, firm: UUID) -> None:
    given = {"name": "Games", "kind": "major_event", "starts_on": "2099-01-01", "ends_on": "2099-01-05", "district": "Linhai"}
    assert (await browser.post("/office/periods", given)).status_code == 303
    async with database.tx(of_firm(firm)):
        period = await database.fetch_value("SELECT id FROM special_period")
    page = await browser.get(f"/office/periods/{period}/edit")
    assert 'value="Linhai"' in page.text
    wrong = await browser.post(f"/office/periods/{period}/edit", given | {"radius_m": "500"})
    assert (wrong.status_code, "give latitude, longitude and radius together" in wrong.text) == (400, True)
    done = await browser.post(
        f"/office/periods/{period}/edit", given | {"district": "", "sector": "health", "ends_on": "2099-01-04"}
    )
    assert done.status_code == 303
    assert "Health" in (await browser.get("/office/periods")).text


async def test_the_register_takes_the_facts_that_conditions_read(http: Site, firm: UUID, elevator: UUID) -> None:
    manager = await http.api(Role.MANAGER, firm)
    given: dict[str, Any] = {
        "on_demand_gap_days": 60, "on_demand_declared_on": "2026-01-05", "on_demand_target": "faults below one a year",
        "programme_document": "MCP-7", "programme_dated_on": "2026-01-01", "programme_gap_days": 45,
        "special_kind": "firefighter", "watch_list": "listed_hazard", "rule_pack": "cn-on-demand-filed",
    }  # fmt: skip
    before = (await manager.get(f"/api/v1/elevators/{elevator}")).json()
    changed = await manager.patch(f"/api/v1/elevators/{elevator}", json=given, headers={"If-Match": f'"{before["version"]}"'})
    assert changed.status_code == 200, changed.text
    assert {name: changed.json()[name] for name in given} == given
    bad = {"on_demand_gap_days": 400, "special_kind": "rocket"}
    assert (await manager.patch(f"/api/v1/elevators/{elevator}", json=bad)).status_code == 400
    site = changed.json()["site"]
    assert (await manager.patch(f"/api/v1/sites/{site}", json={"sector": "health"})).json()["sector"] == "health"
    firm_now = await manager.patch(f"/api/v1/firms/{firm}", json={"serious_violation_on": "2026-11-01"})
    assert firm_now.json()["serious_violation_on"] == "2026-11-01"


async def test_deferrals_and_versions_over_the_api(http: Site, firm: UUID, elevator: UUID) -> None:
    manager = await http.api(Role.MANAGER, firm)
    offer = (await manager.get(f"/api/v1/elevators/{elevator}/deferral-offer")).json()
    assert offer["most_days"] == 15
    body = form() | {"days": 3, "file": {"name": "a.png", "content": "iVBORw0KGgoAAA=="}}
    added = await manager.post(f"/api/v1/elevators/{elevator}/deferrals", json=body)
    assert added.status_code == 201, added.text
    assert (await manager.get(f"/api/v1/deferrals/{added.json()['id']}/file")).headers["content-type"] == "image/png"
    wrong = await manager.post(f"/api/v1/elevators/{elevator}/deferrals", json=form(document="函8号") | {"days": 30})
    assert {fault["path"] for fault in wrong.json()["faults"]} == {"days", "file"}
    taken = await manager.post(f"/api/v1/deferrals/{added.json()['id']}/withdraw", json={"why": "let in"})
    assert taken.status_code == 204
    read = (await manager.get("/api/v1/rule-packs/hk/versions")).json()
    assert read["versions"][0]["visit_gap_days"] == 31
    found = (await manager.get(f"/api/v1/elevators/{elevator}/eligibility")).json()
    assert [one["key"] for one in found["conditions"]] == [f"E{n}" for n in range(1, 10)]
