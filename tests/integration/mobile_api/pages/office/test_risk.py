"""The office's page of failure risk: empty, with a list, and the costs that a manager sets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend import clock
from backend.risk import nightly
from backend.scope import Role
from tests.support.factory import Factory
from tests.support.http import Site
from tests.support.risk import NOW, FaultyFirm, faulty_firm


@pytest.fixture(autouse=True)
def night() -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
async def firm(factory: Factory) -> FaultyFirm:
    return await faulty_firm(factory, elevators=6, months=6)


async def test_before_the_first_night_the_page_says_what_will_come(http: Site, factory: Factory) -> None:
    browser = await http.browser(Role.MANAGER, await factory.firm())
    assert "No forecasts yet" in (await browser.get("/office/risk")).text
    assert "尚无预测" in (await browser.get("/office/risk?lang=zh")).text


async def test_the_list_the_picture_and_the_card_of_an_elevator(http: Site, firm: FaultyFirm) -> None:
    await nightly.fit_firm(firm.firm)
    browser = await http.browser(Role.MANAGER, firm.firm)
    page = (await browser.get("/office/risk")).text
    assert page.index(str(firm.elevators[0])) < page.index(str(firm.elevators[-1]))
    assert page.count('class="calibration"') == 2
    assert "make (Prone) ×" in page
    assert "Nothing fits this choice" in (await browser.get("/office/risk?text=nowhere")).text
    assert "faults a year expected" in (await browser.get(f"/office/elevators/{firm.elevators[0]}")).text
    assert "制造单位（Prone）" in (await browser.get("/office/risk?lang=zh")).text


async def test_a_manager_sets_costs_and_is_told_what_cannot_be(http: Site, firm: FaultyFirm) -> None:
    browser = await http.browser(Role.MANAGER, firm.firm)
    given = {"currency": "CNY", "visit": "200", "fault": "350", "entrapment": "4000", "crew_hour": "150"}
    refused = await browser.post("/office/risk/costs", {**given, "preventable_share": "1.5"})
    assert refused.status_code == 400
    assert "use a share between 0 and 1" in refused.text
    saved = await browser.post_and_follow("/office/risk/costs", {**given, "preventable_share": "0.4", "note": "our books"})
    assert "The costs are saved" in saved.text
    assert "our books" in saved.text
    back = await browser.post_and_follow("/office/risk/costs/reset", {})
    assert "samples" in back.text


async def test_the_api_tells_the_same_and_another_firm_sees_none_of_it(http: Site, firm: FaultyFirm, factory: Factory) -> None:
    await nightly.fit_firm(firm.firm)
    manager = await http.api(Role.MANAGER, firm.firm)
    listed = (await manager.get("/api/v1/risk", params={"limit": 4})).json()
    assert (len(listed["rows"]), listed["total"]) == (4, 6)
    rest = (await manager.get("/api/v1/risk", params={"cursor": listed["next_cursor"]})).json()
    assert len(rest["rows"]) == 2
    rates = [row["faults_per_year"] for row in [*listed["rows"], *rest["rows"]]]
    assert rates == sorted(rates, reverse=True)
    one = (await manager.get(f"/api/v1/elevators/{firm.elevators[0]}/risk")).json()
    assert one["version"] == 1
    assert one["factors"]["own"] > 0
    version = (await manager.get("/api/v1/risk/versions/1")).json()
    assert version["model"]["schema"] == "liftrounds/risk/1"
    assert (await manager.get("/api/v1/risk/versions/2")).status_code == 404
    other = await http.api(Role.MANAGER, await factory.firm())
    assert (await other.get("/api/v1/risk")).json()["rows"] == []
    assert (await other.get(f"/api/v1/elevators/{firm.elevators[0]}/risk")).status_code == 404
    assert (await other.get("/api/v1/risk/versions/1")).status_code == 404
    assert (await manager.post("/api/v1/risk/fit")).status_code == 202
