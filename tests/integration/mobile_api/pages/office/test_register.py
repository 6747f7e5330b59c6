"""The register in the office: made, changed by two people, removed; firms, and who may do what."""

from __future__ import annotations

import pytest

from backend.scope import Role
from tests.support.factory import Factory
from tests.support.http import PASSWORD, Browser, Site


@pytest.fixture
async def manager(http: Site, factory: Factory) -> Browser:
    return await http.browser(Role.MANAGER, await factory.firm())


async def made(browser: Browser, path: str, form: dict[str, str]) -> str:
    """Add a thing; return the address of its page."""
    answer = await browser.post(path, form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def test_a_firm_is_entered_by_hand_from_owner_to_elevator(manager: Browser) -> None:
    owner = await made(manager, "/office/owners/new", {"name": "星明物业", "safety_officer": "王安全"})
    site = await made(
        manager, "/office/sites/new",
        {
            "name": "星明商厦", "owner": owner.rpartition("/")[2], "lat": "28.66", "lon": "121.42",
            "access_hours": "08:00-12:00; 14:00-18:00",
        },
    )  # fmt: skip
    contract = await made(
        manager, "/office/contracts/new", {"number": "HT-1", "owner": owner.rpartition("/")[2], "starts_on": "2026-01-01"}
    )
    elevator = await made(
        manager, "/office/elevators/new",
        {
            "registration_code": "31103310022020000001", "site": site.rpartition("/")[2],
            "contract": contract.rpartition("/")[2],
            "unit_name": "1号梯", "equipment_type": "traction_or_positive_drive_lift", "mode": "fixed", "stops": "18",
            "item_exclusions": "A-1-05: 无此部件", "skills": "escalator; heights",
        },
    )  # fmt: skip
    page = (await manager.get(elevator)).text
    assert "31103310022020000001" in page
    assert "无此部件" in page
    edit = (await manager.get(f"{elevator}/edit")).text
    assert "A-1-05: 无此部件" in edit
    assert 'value="18"' in edit
    assert "08:00-12:00; 14:00-18:00" in (await manager.get(site)).text


async def test_faults_stand_beside_their_fields_and_what_was_typed_stays(manager: Browser) -> None:
    answer = await manager.post("/office/sites/new", {"name": "", "lat": "north", "lon": "121", "access_hours": "8 to 9"})
    assert answer.status_code == 400
    for field in ("lat", "access_hours"):
        assert f'id="{field}-reason"' in answer.text
    assert 'value="north"' in answer.text


async def test_of_two_who_change_the_same_thing_the_second_is_told(manager: Browser) -> None:
    owner = await made(manager, "/office/owners/new", {"name": "A"})
    version = (await manager.get(owner)).text.partition('name="version" value="')[2].partition('"')[0]
    assert (await manager.post(owner, {"name": "B", "version": version})).status_code == 303
    answer = await manager.post(owner, {"name": "C", "version": version})
    assert answer.status_code == 412
    assert 'value="C"' in answer.text
    newer = answer.text.partition('name="version" value="')[2].partition('"')[0]
    assert (await manager.post(owner, {"name": "C", "version": newer})).status_code == 303


async def test_what_is_needed_by_something_else_is_not_removed(manager: Browser) -> None:
    owner = await made(manager, "/office/owners/new", {"name": "A"})
    await made(manager, "/office/sites/new", {"name": "S", "owner": owner.rpartition("/")[2]})
    answer = await manager.post(f"{owner}/remove")
    assert answer.status_code == 409
    lone = await made(manager, "/office/owners/new", {"name": "B"})
    assert (await manager.post(f"{lone}/remove")).headers["location"] == "/office/owners"
    assert (await manager.get(lone)).status_code == 404


async def test_an_admin_makes_a_firm_and_its_first_manager_who_signs_in(http: Site) -> None:
    admin = await http.browser(Role.ADMIN)
    page = await admin.post_and_follow("/office/firms", {"name": "新城维保", "time_zone": "Asia/Shanghai"})
    assert "first manager" in page.text
    form = {"login": "li", "password": PASSWORD, "name": "李经理", "role": "manager"}
    assert (await admin.post("/office/accounts", form)).status_code == 303
    manager = http.browser_of_anybody()
    answer = await manager.post("/sign-in", {"login": "li", "password": PASSWORD})
    assert answer.headers["location"] == "/office/"
    page = await manager.get("/office")
    assert "新城维保" in page.text
    assert "First steps" in page.text


async def test_an_admin_without_a_firm_is_asked_to_choose_one_before_making_something(http: Site, factory: Factory) -> None:
    admin = await http.browser(Role.ADMIN)
    await factory.firm()
    for path in ("/office/owners/new", "/office/sites/new", "/office/contracts/new", "/office/elevators/new"):
        assert (await admin.get(path)).headers["location"] == "/office/firms"
    assert (await admin.post("/office/plan", {"start_date": "2026-12-01"})).headers["location"] == "/office/firms"
    assert (await admin.post("/office/import", {})).headers["location"] == "/office/firms"


async def test_a_regulator_finds_no_form_that_changes_something(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    elevator = await factory.elevator(firm)
    regulator = await http.browser(Role.REGULATOR)
    await regulator.post("/office/firms/choose", {"firm": str(firm)})
    pages = ["/office", "/office/due", "/office/plan", "/office/today", "/office/visits", "/office/hazards",
             "/office/elevators", "/office/sites", "/office/owners", "/office/contracts", "/office/labels", "/office/import",
             f"/office/elevators/{elevator}"]  # fmt: skip
    for path in pages:
        page = (await regulator.get(path)).text.partition("<main")[2]
        assert 'method="post"' not in page, path


async def test_sites_without_a_position_and_elevators_with_an_inspection_due_are_found(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    lost = await factory.site(firm, name="Nowhere Hall", lat=None, lon=None)
    await factory.site(firm, name="Somewhere Hall")
    await factory.elevator(firm, site=lost, unit_name="old car", inspection_due_on=None)
    manager = await http.browser(Role.MANAGER, firm)
    page = (await manager.get("/office/sites?position=missing")).text
    assert "Nowhere Hall" in page
    assert "Somewhere Hall" not in page
    assert "Nothing fits" in (await manager.get("/office/elevators?inspection=due")).text
