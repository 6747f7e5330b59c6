"""Special periods in the office: added, shown, removed."""

from __future__ import annotations

from uuid import UUID

from backend.scope import Role, Scope
from backend.upkeep import service as upkeep
from tests.support.factory import Factory
from tests.support.http import Site

EVENT = {"name": "亚运会", "kind": "major_event", "starts_on": "2099-09-01", "ends_on": "2099-09-20", "district": "椒江"}


def manager(firm: UUID) -> Scope:
    return Scope(role=Role.MANAGER, firm=firm)


async def test_an_event_in_a_district_is_added_shown_and_removed(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    browser = await http.browser(Role.MANAGER, firm)
    assert "No special period now or later" in (await browser.get("/office/periods")).text
    page = await browser.post_and_follow("/office/periods", EVENT | {"gap_days": "7"})
    assert "亚运会" in page.text
    assert "7 days at most" in page.text
    [period] = await upkeep.list_special_periods(manager(firm))
    assert (period.district, period.gap_days) == ("椒江", 7)
    page = await browser.post_and_follow(f"/office/periods/{period.id}/remove")
    assert "亚运会" not in page.text


async def test_a_period_tells_how_many_elevators_it_holds_for_and_warns_without_one(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    site = await factory.site(firm, district="椒江区")
    await factory.elevator(firm, site=site)
    browser = await http.browser(Role.MANAGER, firm)
    page = await browser.post_and_follow("/office/periods", EVENT | {"district": "椒江区"})
    assert "1 elevator<" in page.text
    assert "No elevator: look at how it is written" not in page.text
    page = await browser.post_and_follow("/office/periods", EVENT | {"district": "Nowhere"})
    assert "No elevator: look at how it is written" in page.text


async def test_an_order_holds_for_one_elevator_without_an_end(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    elevator = await factory.elevator(firm, registration_code="31100000000000000042")
    browser = await http.browser(Role.MANAGER, firm)
    form = {"name": "No. 7", "kind": "authority_order", "starts_on": "2026-01-01", "elevator": "31100000000000000042"}
    page = await browser.post_and_follow("/office/periods", form)
    assert f"/office/elevators/{elevator}" in page.text
    assert "until it is removed" in page.text


async def test_all_faults_stand_beside_their_fields(http: Site, factory: Factory) -> None:
    browser = await http.browser(Role.MANAGER, await factory.firm())
    answer = await browser.post("/office/periods", EVENT | {"name": " ", "starts_on": "soon", "gap_days": "x"})
    assert answer.status_code == 400
    for field in ("name", "starts_on", "gap_days"):
        assert f'id="{field}-reason"' in answer.text
    answer = await browser.post("/office/periods", EVENT | {"ends_on": "", "gap_days": "999"})
    assert answer.status_code == 400
    for field in ("ends_on", "gap_days"):
        assert f'id="{field}-reason"' in answer.text
    answer = await browser.post("/office/periods", EVENT | {"elevator": "31109999999999999999"})
    assert 'id="elevator-reason"' in answer.text


async def test_a_past_period_is_only_in_the_whole_list(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    browser = await http.browser(Role.MANAGER, firm)
    await browser.post_and_follow("/office/periods", EVENT | {"starts_on": "2020-01-01", "ends_on": "2020-02-01"})
    assert "亚运会" not in (await browser.get("/office/periods")).text
    assert "亚运会" in (await browser.get("/office/periods?past=yes")).text


async def test_another_firms_period_is_neither_shown_nor_removed(http: Site, factory: Factory) -> None:
    other = await factory.firm()
    await (await http.browser(Role.MANAGER, other)).post_and_follow("/office/periods", EVENT)
    [period] = await upkeep.list_special_periods(manager(other))
    browser = await http.browser(Role.MANAGER, await factory.firm())
    assert "亚运会" not in (await browser.get("/office/periods")).text
    assert (await browser.post(f"/office/periods/{period.id}/remove")).status_code == 404
    assert len(await upkeep.list_special_periods(manager(other))) == 1


async def test_a_regulator_reads_only_and_an_admin_chooses_a_firm_first(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    await (await http.browser(Role.MANAGER, firm)).post_and_follow("/office/periods", EVENT)
    regulator = await http.browser(Role.REGULATOR)
    page = (await regulator.get("/office/periods")).text
    assert "亚运会" in page
    assert 'action="/office' not in page
    assert (await regulator.post("/office/periods", EVENT)).status_code == 403
    admin = await http.browser(Role.ADMIN)
    answer = await admin.post("/office/periods", EVENT)
    assert (answer.status_code, answer.headers["location"]) == (303, "/office/firms")


async def test_a_form_without_its_token_adds_nothing(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    browser = await http.browser(Role.MANAGER, firm)
    assert (await browser.client.post("/office/periods", data=EVENT)).status_code == 403
    assert await upkeep.list_special_periods(manager(firm)) == []
