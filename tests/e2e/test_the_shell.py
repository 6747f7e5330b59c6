"""The frame of the technician's app in a real browser: accessible on every page, there without a connection, sends once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Playwright, Route, sync_playwright

from tests.support.axe import faults_of
from tests.support.browser_phone import BrowserPhone
from tests.support.installation import installed, must, wait_for
from tests.support.small_firm import AT_SITE, PASSWORD, SmallFirm
from tests.support.technician_app import built

PAGES = ["", "stops/{order}", "scan?order={order}", "unsent", "phone", "enrol", "sign-in"]


@pytest.fixture(scope="module")
def firm() -> Iterator[SmallFirm]:
    """A firm with a published round."""
    built()
    with installed() as site:
        yield SmallFirm(site)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Starts browsers."""
    with sync_playwright() as started:
        yield started


NewPhone = Callable[..., BrowserPhone]


@pytest.fixture
def new_phone(playwright: Playwright, firm: SmallFirm) -> Iterator[NewPhone]:
    """Makes phones of the first technician: signed in, enrolled, with the day on them."""
    made: list[BrowserPhone] = []

    def make(**options: Any) -> BrowserPhone:
        folder = firm.site.folder / f"shell-{len(list(firm.site.folder.glob('shell-*')))}"
        phone = BrowserPhone(playwright, folder, firm.site.base_url, AT_SITE)
        phone.open(**options)
        made.append(phone)
        phone.sign_in("technician-1", PASSWORD)
        phone.enrol(firm.invite())
        phone.is_ready_offline()
        wait_for(lambda: len(phone.kept("days")) == 1)
        return phone

    yield make
    for phone in made:
        phone.close()
    for visit in firm.visits():
        if visit["state"] == "open":  # the next test finds its elevators free
            must(firm.manager.post(f"/api/v1/visits/{visit['id']}/abandon", json={"reason": "the test is over"}))


def order_of(phone: BrowserPhone, number: int = 0) -> str:
    """The work order of a stop of the day on the phone."""
    order: str = phone.kept("days")[0]["view"]["stops"][number]["work_order"]
    return order


def arrive(phone: BrowserPhone, firm: SmallFirm, number: int = 0) -> None:
    """Arrive at an elevator by its typed code."""
    phone.go(f"scan?order={order_of(phone, number)}")
    stop = phone.kept("days")[0]["view"]["stops"][number]
    [label] = [
        label for label, elevator in zip(firm.labels, firm.elevators, strict=True) if elevator["id"] == stop["elevator"]["id"]
    ]
    phone.page.locator("details summary").first.click()
    phone.page.locator("#typed-code").fill(f"{phone.base_url}/e/{label['code']}")
    phone.page.keyboard.press("Enter")
    phone.page.wait_for_url("**/#/visits/*")


def states(phone: BrowserPhone) -> list[str]:
    """Where the entries of the phone stand, in the order of its chain."""
    return [entry["state"] for entry in phone.kept("entries")]


@pytest.mark.parametrize(
    ("locale", "dark", "high"), [("en-US", False, False), ("zh-CN", True, False), ("zh-CN", False, True), ("en-US", True, True)]
)
def test_axe_finds_nothing_serious_on_any_page(
    firm: SmallFirm, new_phone: NewPhone, locale: str, dark: bool, high: bool
) -> None:
    """In both languages, by day, by night and in sunlight; no page is wider than the phone, and all targets fit a glove."""
    phone = new_phone(locale=locale, dark=dark)
    if high:
        phone.go("phone")
        phone.page.locator("input[role=switch]").check()
    wrong: list[str] = []
    for address in PAGES:
        phone.go(address.format(order=order_of(phone)))
        phone.page.locator("main h1").wait_for()
        wrong += faults_of(phone.page)
        assert phone.page.evaluate("document.documentElement.scrollWidth") <= phone.page.viewport_size["width"], address  # type: ignore[index]
    assert wrong == []


def test_the_app_opens_without_a_connection_and_after_a_restart(firm: SmallFirm, new_phone: NewPhone) -> None:
    """The day, a stop and the account are there; what is done waits, and is sent once when the signal comes back."""
    phone = new_phone()
    phone.go()
    phone.offline()
    phone.page.reload()
    phone.page.locator("main > ol.list .stop-line").first.wait_for()
    assert "No connection" in phone.page.inner_text("main")
    arrive(phone, firm)
    assert states(phone) == ["waiting"]
    assert "1 unsent" in phone.page.inner_text("header")
    phone.kill()
    phone.open()
    phone.offline()
    phone.go()
    phone.page.locator("section.here").wait_for()
    assert states(phone) == ["waiting"]
    phone.offline(False)
    wait_for(lambda: states(phone) == ["applied"])
    assert [visit["state"] for visit in firm.visits()].count("open") == 1


def test_an_answer_that_is_lost_and_a_server_that_is_down_double_nothing(firm: SmallFirm, new_phone: NewPhone) -> None:
    """The upload is taken but its answer lost; then the server is gone for a while; in the end everything is there once."""
    phone = new_phone()
    before = len(firm.visits())
    lost: list[int] = []

    def lose(route: Route) -> None:
        if lost:
            route.fallback()
            return
        lost.append(route.fetch().status)
        route.abort()

    phone.context.route("**/entries", lose)
    with phone.page.expect_event("requestfailed", lambda request: request.url.endswith("/entries")):
        arrive(phone, firm, 1)
    assert lost == [200]
    assert len(firm.visits()) == before + 1
    firm.stop_serving()
    phone.go("unsent")
    phone.page.locator("main button.primary").click()
    phone.page.get_by_text("cannot be reached").wait_for()
    firm.serve_again()
    phone.page.locator("main button.primary").click()
    wait_for(lambda: states(phone) == ["duplicate"])
    assert len(firm.visits()) == before + 1
    assert phone.page.inner_text("header .chip") == "Sent"


def test_two_tabs_write_one_chain(firm: SmallFirm, new_phone: NewPhone) -> None:
    """Both show what either does; every entry has a number of its own and all are taken."""
    phone = new_phone()
    other = phone.context.new_page()
    other.goto(f"{firm.site.base_url}/t/#/unsent")
    other.locator("main h1").wait_for()
    arrive(phone, firm)
    wait_for(lambda: states(phone) != ["waiting"])
    assert [entry["seq"] for entry in phone.kept("entries")] == [1]
    other.get_by_text("Everything is sent").or_(other.get_by_text("To be solved")).first.wait_for()


def test_a_session_that_has_ended_stops_the_sending_and_nothing_else(firm: SmallFirm, new_phone: NewPhone) -> None:
    """Work goes on; the app asks to sign in, and sends after it."""
    phone = new_phone()
    [token] = [single["token"] for single in phone.kept("singles") if isinstance(single, dict) and "login" in single]
    client = firm.technician()
    must(client.delete("/api/v1/sessions/current", headers={"Authorization": f"Bearer {token}"}), status=204)
    phone.go()
    phone.page.locator("main .row button").click()
    phone.page.get_by_text("Your sign-in has ended").wait_for()
    arrive(phone, firm)
    assert states(phone) == ["waiting"]
    phone.go("sign-in")
    wait_for(lambda: phone.page.locator("#login").input_value() == "technician-1")
    phone.page.locator("#password").fill(PASSWORD)
    phone.page.locator("main form button.primary").click()
    wait_for(lambda: states(phone) != ["waiting"])


def test_a_phone_that_was_revoked_says_so_and_still_hands_over(firm: SmallFirm, new_phone: NewPhone) -> None:
    """Its entries are kept for review, and the technician reads why; the file to hand over opens at the office."""
    phone = new_phone()
    [mine] = [each for each in must(firm.manager.get("/api/v1/phones")) if each["id"] == phone.kept("phones")[0]["id"]]
    must(firm.manager.post(f"/api/v1/phones/{mine['id']}/revoke", json={"reason": "left on the bus"}))
    phone.offline()
    arrive(phone, firm)
    phone.go("unsent")
    with phone.page.expect_download() as saved:
        phone.page.get_by_role("button", name="Make the file").click()
    content = saved.value.path().read_bytes()
    taken = must(firm.manager.post("/api/v1/phones/handover", content=content, headers={"Content-Type": "application/jose"}))
    assert [result["state"] for result in taken["results"]] == ["kept"]
    phone.offline(False)
    phone.go()
    phone.page.get_by_text("Your sign-in has ended").first.wait_for()  # whoever found the phone is out
    phone.sign_in("technician-1", PASSWORD)
    wait_for(lambda: states(phone) == ["kept"])
    phone.go()
    phone.page.get_by_text("left on the bus").wait_for()


def test_a_full_phone_stops_photos_first_and_says_so(new_phone: NewPhone) -> None:
    """Scans and answers still fit."""
    phone = new_phone()
    phone.context.add_init_script("navigator.storage.estimate = async () => ({ usage: 995e6, quota: 1000e6 })")
    phone.go()
    phone.page.reload()
    phone.page.get_by_text("storage is nearly full").wait_for()
