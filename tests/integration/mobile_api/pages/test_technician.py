"""A technician's day in the browser, without script."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from backend import clock, keyfile
from backend.scope import Role
from backend.settings import Settings
from backend.visits import service
from backend.visits.inputs import CorrectionInput
from tests.support.factory import Factory
from tests.support.http import Browser, Site
from tests.support.visits import ZONE, Workplace, value

SHORTED = "door_lock_circuit_shorted"


@pytest.fixture
async def place(http: Site, factory: Factory, settings: Settings) -> Workplace:
    """A workplace whose labels the application knows."""
    return await Workplace.open(factory, keyfile.label_keys(settings), unit_name="2# <b>")


@pytest.fixture
async def browser(http: Site, place: Workplace) -> Browser:
    """The technician's browser, in English."""
    assert place.technician.technician is not None
    return await http.browser(Role.TECHNICIAN, place.firm, technician=place.technician.technician)


def hidden(page: httpx.Response) -> dict[str, str]:
    """The hidden fields of a page's forms."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))


async def arrived(browser: Browser, place: Workplace, **form: Any) -> str:
    """Open a visit by the form; return its id."""
    fields = hidden(await browser.get("/work/arrive"))
    answer = await browser.post("/work/arrive", fields | {"code": place.code} | form)
    assert answer.status_code == 303, answer.text[:3000]
    return str(answer.headers["location"]).rsplit("/", 1)[1]


async def all_in_order(browser: Browser, visit: str) -> None:
    """Tap through all zones, then answer what needs a value or a test."""
    for zone in ("MR", "CT", "SH", "PIT", "LD", "CAR"):
        assert (await browser.post(f"/work/visits/{visit}/zones/{zone}", {"rest": "1"})).status_code == 303
    await browser.post(f"/work/visits/{visit}/zones/MR", {"result:A-1-06": "ok"})
    await browser.post(f"/work/visits/{visit}/zones/LD", {"measured:A-1-29": "8,5"})


async def departed(browser: Browser, place: Workplace, visit: str) -> httpx.Response:
    fields = hidden(await browser.get(f"/work/visits/{visit}/departure"))
    return await browser.post(f"/work/visits/{visit}/departure", fields | {"code": place.code})


async def test_a_day_of_work_in_the_browser(browser: Browser, place: Workplace) -> None:
    (order,) = await place.publish()
    day = await browser.get("/work/")
    assert "15 days since the last visit" in day.text
    assert "key at the gate" in day.text
    assert f"/work/arrive?order={order}" in day.text
    form = await browser.get(f"/work/arrive?order={order}")
    opened = await browser.post_and_follow("/work/arrive", hidden(form) | {"code": place.code})
    assert "0 of 31 items are answered" in opened.text
    visit = str(opened.url).rsplit("/", 1)[1]
    await all_in_order(browser, visit)
    assert "31 of 31 items are answered" in (await browser.get(f"/work/visits/{visit}")).text
    answer = await departed(browser, place, visit)
    finished = await browser.get(answer.headers["location"])
    assert "The visit is finished and its record is written." in finished.text
    assert await value("SELECT sha256 FROM visit_record") in finished.text
    assert "Done" in (await browser.get("/work")).text
    assert visit in (await browser.get("/work/visits?state=finished")).text


async def test_a_day_without_a_round_says_so_in_chinese_too(http: Site, browser: Browser, place: Workplace) -> None:
    assert "No round on this day" in (await browser.get("/work")).text
    assert "当天没有路线" in (await browser.get("/work?lang=zh")).text


async def test_other_days_are_a_step_away(browser: Browser, place: Workplace) -> None:
    tomorrow = clock.today(ZONE) + timedelta(days=1)
    await place.publish(day=tomorrow)
    assert f"/work?day={tomorrow}" in (await browser.get("/work")).text
    assert "15 days since the last visit" in (await browser.get(f"/work?day={tomorrow}")).text


async def test_what_people_named_is_never_markup(browser: Browser, place: Workplace) -> None:
    await place.publish()
    page = await browser.get("/work")
    assert "2# &lt;b&gt;" in page.text
    assert "2# <b>" not in page.text


async def test_the_same_form_sent_twice_opens_one_visit(browser: Browser, place: Workplace) -> None:
    fields = hidden(await browser.get("/work/arrive")) | {"code": place.code}
    first = await browser.post("/work/arrive", fields)
    again = await browser.post("/work/arrive", fields)
    assert (again.status_code, again.headers["location"]) == (303, first.headers["location"])
    assert await value("SELECT count(*) FROM visit") == 1


async def test_the_same_departure_sent_twice_ends_on_the_record(browser: Browser, place: Workplace) -> None:
    visit = await arrived(browser, place)
    await all_in_order(browser, visit)
    fields = hidden(await browser.get(f"/work/visits/{visit}/departure")) | {"code": place.code}
    for _ in range(2):
        answer = await browser.post(f"/work/visits/{visit}/departure", fields)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/work/visits/{visit}")
    assert await value("SELECT count(*) FROM visit_record") == 1


@pytest.mark.parametrize(("code", "status"), [("nonsense", 404), ("", 400)])
async def test_a_refused_code_keeps_the_form(browser: Browser, place: Workplace, code: str, status: int) -> None:
    fields = hidden(await browser.get("/work/arrive")) | {"code": code, "second": str(place.second.technician)}
    answer = await browser.post("/work/arrive", fields)
    assert answer.status_code == status
    assert fields["id"] in answer.text
    assert re.search(rf'value="{place.second.technician}" selected', answer.text)


async def test_a_code_in_the_address_is_a_link_and_a_typed_one_is_typed(browser: Browser, place: Workplace) -> None:
    visit = await arrived(browser, place)
    assert await value("SELECT source FROM scan WHERE visit = $1", UUID(visit)) == "typed"
    _, code = await place.another_elevator()
    page = await browser.get(f"/work/arrive?code={code}")
    assert code in page.text
    answer = await browser.post("/work/arrive", hidden(page) | {"code": code})
    other = answer.headers["location"].rsplit("/", 1)[1]
    assert await value("SELECT source FROM scan WHERE visit = $1", UUID(other)) == "link"


async def test_the_browsers_position_is_taken_if_it_gives_one(browser: Browser, place: Workplace) -> None:
    visit = await arrived(browser, place, lat="28.6764", lon="121.4208", accuracy_m="12")
    assert await value("SELECT lat FROM scan WHERE visit = $1", UUID(visit)) == 28.6764


async def test_a_position_that_is_none_does_not_stop_the_work(browser: Browser, place: Workplace) -> None:
    visit = await arrived(browser, place, lat="", lon="x", accuracy_m="12")
    assert await value("SELECT lat FROM scan WHERE visit = $1", UUID(visit)) is None


async def test_one_tap_answers_a_zone_but_never_what_must_be_measured_or_tested(browser: Browser, place: Workplace) -> None:
    visit = await arrived(browser, place)
    page = await browser.post_and_follow(f"/work/visits/{visit}/zones/MR", {"rest": "1"})
    assert "9 items were set to “in order”. 1 item is still open." in page.text
    page = await browser.post_and_follow(f"/work/visits/{visit}/zones/LD", {"rest": "1"})
    assert "1 item is still open." in page.text
    seen = await service.visit(place.technician, UUID(visit))
    assert {"A-1-06", "A-1-29"} <= set(seen.open_items)  # a test, and a value against a limit


async def test_what_the_one_tap_set_can_be_reviewed_and_changed(browser: Browser, place: Workplace) -> None:
    visit = await arrived(browser, place)
    await browser.post(f"/work/visits/{visit}/zones/CT", {"rest": "1"})
    page = await browser.get(f"/work/visits/{visit}/zones/CT")
    code = re.findall(r'name="result:([A-Z0-9-]+)" value="ok" checked', page.text)
    assert len(code) == 4
    await browser.post(f"/work/visits/{visit}/zones/CT", {f"result:{code[0]}": "adjusted", f"note:{code[0]}": "tightened"})
    assert await value("SELECT result FROM item_result WHERE item = $1", code[0]) == "adjusted"
    assert "tightened" in (await browser.get(f"/work/visits/{visit}/zones/CT")).text


async def test_a_bad_answer_is_marked_and_the_good_ones_are_kept(browser: Browser, place: Workplace) -> None:
    visit = await arrived(browser, place)
    form = {"result:A-1-01": "ok", "result:A-1-02": "not_applicable", "measured:A-1-29": "x"}
    answer = await browser.post(f"/work/visits/{visit}/zones/MR", form)
    assert answer.status_code == 400
    assert "say why the item does not apply" in answer.text
    assert await value("SELECT count(*) FROM item_result WHERE item = 'A-1-01'") == 1
    answer = await browser.post(f"/work/visits/{visit}/zones/LD", {"measured:A-1-29": "about 8"})
    assert "Type the value as a number" in answer.text
    assert "about 8" in answer.text


async def test_a_value_outside_of_its_limit_leads_to_the_finding(browser: Browser, place: Workplace) -> None:
    visit = await arrived(browser, place)
    answer = await browser.post(f"/work/visits/{visit}/zones/LD", {"measured:A-1-29": "5"})
    assert answer.headers["location"] == f"/work/visits/{visit}/findings/new?item=A-1-29"
    form = await browser.get(answer.headers["location"])
    sent = hidden(form) | {"item": "A-1-29", "severity": "general", "description": "5 mm only", "stop_use_condition": ""}
    page = await browser.post_and_follow(f"/work/visits/{visit}/findings", sent)
    assert "goes to the owner" in page.text
    assert "5 mm only" in page.text


async def test_a_stop_use_finding_stops_the_elevator_and_says_so(browser: Browser, place: Workplace) -> None:
    visit = await arrived(browser, place)
    form = hidden(await browser.get(f"/work/visits/{visit}/findings/new"))
    refused = await browser.post(f"/work/visits/{visit}/findings", form | {"severity": "stop_use"})
    assert refused.status_code == 400
    assert "name one of the stop-use conditions" in refused.text
    sent = form | {"severity": "stop_use", "stop_use_condition": SHORTED}
    page = await browser.post_and_follow(f"/work/visits/{visit}/findings", sent)
    assert "The elevator is stopped now." in page.text
    assert "This elevator is stopped" in page.text
    assert (await browser.post(f"/work/visits/{visit}/findings", sent)).status_code == 303  # sent twice, kept once
    assert await value("SELECT count(*) FROM finding") == 1


async def test_a_departure_too_early_shows_what_is_missing(browser: Browser, place: Workplace) -> None:
    visit = await arrived(browser, place)
    answer = await departed(browser, place, visit)
    assert answer.status_code == 400
    assert "the visit cannot end yet: 31 things are missing" in answer.text
    assert f"/work/visits/{visit}/zones/MR" in answer.text


async def test_the_second_technician_can_be_named_later(browser: Browser, place: Workplace) -> None:
    visit = await arrived(browser, place)
    name = await value("SELECT name FROM technician WHERE id = $1", place.second.technician)
    page = await browser.post_and_follow(f"/work/visits/{visit}/second", {"second": str(place.second.technician)})
    assert f"Second technician: {name}" in page.text


async def test_the_second_technician_sees_the_checklist_but_does_not_scan_out(
    http: Site, browser: Browser, place: Workplace
) -> None:
    visit = await arrived(browser, place, second=str(place.second.technician))
    assert place.second.technician is not None
    colleague = await http.browser(Role.TECHNICIAN, place.firm, technician=place.second.technician)
    assert visit in (await colleague.get("/work")).text
    page = await colleague.get(f"/work/visits/{visit}")
    assert "Machine room" in page.text
    assert f"/work/visits/{visit}/departure" not in page.text
    assert (await departed(colleague, place, visit)).status_code == 403


async def test_a_correction_in_the_browser(browser: Browser, place: Workplace) -> None:
    visit = await arrived(browser, place)
    await all_in_order(browser, visit)
    await departed(browser, place, visit)
    form = await browser.get(f"/work/visits/{visit}/correction?item=A-1-02")
    sent = hidden(form) | {"result": "adjusted", "note": "oiled", "measured": ""}
    refused = await browser.post(f"/work/visits/{visit}/correction", sent)
    assert (refused.status_code, "give a reason" in refused.text) == (400, True)
    page = await browser.post_and_follow(f"/work/visits/{visit}/correction", sent | {"reason": "forgot to note it"})
    assert "Version 2 of the record is written" in page.text
    assert "forgot to note it" in page.text
    assert "Earlier versions" in page.text


async def test_a_special_check_survives_a_correction_in_the_browser(browser: Browser, place: Workplace) -> None:
    (order,) = await place.publish()
    await value("UPDATE work_order SET maintenance_class = 'year' WHERE id = $1 RETURNING id", order)
    visit = await arrived(browser, place)
    form = {"result:A-4-06": "ok", "check:A-4-06:governor_speed": "1"}
    zone = next(item.zone for item in (await service.visit(place.technician, UUID(visit))).checklist if item.code == "A-4-06")
    await browser.post(f"/work/visits/{visit}/zones/{zone}", form)
    await place.answer_all(await service.visit(place.technician, UUID(visit)))
    await departed(browser, place, visit)
    page = await browser.get(f"/work/visits/{visit}/correction?item=A-4-06")
    sent = hidden(page) | {"result": "adjusted", "note": "0.4 m/s", "reason": "was adjusted"}
    await browser.post(f"/work/visits/{visit}/correction", sent)
    body = (await service.record(place.technician, UUID(visit), 2)).body
    assert next(item.special_checks for item in body.items if item.item == "A-4-06") == ["governor_speed"]


async def test_a_withdrawn_visit_says_so(browser: Browser, place: Workplace) -> None:
    visit = await arrived(browser, place)
    await all_in_order(browser, visit)
    await departed(browser, place, visit)
    correction = CorrectionInput(version=1, reason="nobody was there", counts=False)
    await service.correct(place.manager, UUID(visit), correction)
    page = await browser.get(f"/work/visits/{visit}")
    assert "This visit was withdrawn and does not count as maintenance." in page.text


async def test_an_abandoned_visit_shows_why(browser: Browser, place: Workplace) -> None:
    visit = await arrived(browser, place)
    await service.abandon(place.manager, UUID(visit), "called to an entrapment")
    assert "called to an entrapment" in (await browser.get(f"/work/visits/{visit}")).text


PAGES = (
    "/work", "/work/arrive", "/work/visits", "/work/visits/{v}", "/work/visits/{v}/zones/MR",
    "/work/visits/{v}/findings/new", "/work/visits/{v}/departure",
)  # fmt: skip


async def test_every_page_comes_in_both_languages_to_its_role_alone(http: Site, browser: Browser, place: Workplace) -> None:
    visit = await arrived(browser, place)
    manager, anybody = await http.browser(Role.MANAGER, place.firm), http.browser_of_anybody()
    for path in PAGES:
        address = path.replace("{v}", visit)
        for language, tag in (("zh", 'lang="zh-CN"'), ("en", 'lang="en"')):
            page = await browser.get(address, headers={"Accept-Language": language})
            assert (page.status_code, tag in page.text) == (200, True), page.text[:2000]
        assert (await manager.get(address)).status_code == 403, address
        assert (await anybody.get(address)).headers["location"].startswith("/sign-in?next="), address


async def test_another_firms_visit_is_not_found(http: Site, browser: Browser, place: Workplace, factory: Factory) -> None:
    visit = await arrived(browser, place)
    stranger = await http.browser(Role.TECHNICIAN, await factory.firm())
    for path in ("", "/zones/MR", "/findings/new", "/departure", "/correction"):
        assert (await stranger.get(f"/work/visits/{visit}{path}")).status_code == 404
    assert (await stranger.post(f"/work/visits/{visit}/zones/MR", {"rest": "1"})).status_code == 404
    assert (await departed(stranger, place, visit)).status_code == 404
    assert await value("SELECT count(*) FROM item_result") == 0


async def test_an_unknown_zone_is_not_found(browser: Browser, place: Workplace) -> None:
    visit = await arrived(browser, place)
    assert (await browser.get(f"/work/visits/{visit}/zones/ROOF")).status_code == 404
    assert (await browser.post(f"/work/visits/{visit}/zones/ROOF", {"rest": "1"})).status_code == 404


async def test_work_at_another_days_stop_shows_in_todays_page_of_the_office(
    http: Site, browser: Browser, place: Workplace
) -> None:
    await place.publish(day=clock.today(ZONE) + timedelta(days=1))
    visit = await arrived(browser, place)
    office = await http.browser(Role.MANAGER, place.firm)
    assert f"/office/visits/{visit}" in (await office.get("/office/today")).text
