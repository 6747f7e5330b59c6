"""What the technician's app is told: rescues that ring, the inbox, pushes, and what it does by itself while nobody looks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import CDPSession, Page, Playwright, sync_playwright

from tests.support.axe import faults_of
from tests.support.browser_phone import BrowserPhone
from tests.support.gateways import PushBrowser, Served, http_server
from tests.support.installation import installed, must, wait_for
from tests.support.phone_work import MEASURED, answer_by_hand, answer_by_zone, photograph
from tests.support.small_firm import AT_SITE, PASSWORD, SmallFirm
from tests.support.technician_app import built

RESCUED, BACKGROUND, FULL, ELSEWHERE = range(4)
"""Which elevator is each story's."""

SENT = {"applied", "duplicate"}
"""The latter where the page was opened before the worker had the answer, and sent it again."""

_phones = count()

_PUSH_MANAGER = """
(([endpoint, p256dh, auth]) => {
  let made = null;
  PushManager.prototype.subscribe = async (options) => {
    if (!options.userVisibleOnly) throw new Error("refused");
    made = {
      endpoint, options: { applicationServerKey: options.applicationServerKey.buffer },
      toJSON: () => ({ endpoint, keys: { p256dh, auth } }),
      unsubscribe: async () => { made = null; return true; },
    };
    return made;
  };
  PushManager.prototype.getSubscription = async () => made;
})(%s)
"""
"""Debian's Chromium has no key for its maker's push service: the subscription is with a push service of the test's."""

_LISTEN = """() => {
  window.heard = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (at) { window.heard += 1; start.call(this, at); };
}"""


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Starts browsers."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def push_service() -> Iterator[Served]:
    """Takes what is pushed."""
    with http_server() as served:
        yield served


@pytest.fixture(scope="module")
def firm(push_service: Served) -> Iterator[SmallFirm]:
    """A firm that rings both technicians at once, and may push to the test's push service."""
    built()
    with installed() as site:
        site.environment["LIFTROUNDS_OUTBOUND_HOSTS"] = push_service.url
        made = SmallFirm(site, elevators=ELSEWHERE + 1)
        rungs = [{"who": "nearest", "people": 2, "wait_s": 600}, {"who": "managers", "wait_s": 600}]
        must(made.manager.put("/api/v1/rescue-ladder", json={"rungs": rungs}))
        yield made


def new_phone(playwright: Playwright, firm: SmallFirm, *, person: int = 0, **options: Any) -> BrowserPhone:
    """A phone of a technician: signed in, enrolled, the day and the app on it."""
    phone = BrowserPhone(playwright, firm.site.folder / f"told-{next(_phones)}", firm.site.base_url, AT_SITE)
    phone.open(**options)
    phone.sign_in(f"technician-{person + 1}", PASSWORD)
    phone.enrol(firm.invite(person))
    phone.is_ready_offline()
    phone.go()
    phone.page.locator("a[href^='#/stops/']").first.wait_for()
    return phone


@pytest.fixture
def phone(playwright: Playwright, firm: SmallFirm) -> Iterator[BrowserPhone]:
    """The first technician's."""
    made = new_phone(playwright, firm)
    yield made
    made.close()
    for rescue in must(firm.manager.get("/api/v1/dispatches", params={"open_only": True}))["rows"]:
        close_rescue(firm, rescue["id"])  # the next test is not rung for it


def call_for_help(firm: SmallFirm, elevator: int = RESCUED) -> str:
    """Somebody telephones the office."""
    call = {"call": str(uuid4()), "elevator": firm.elevators[elevator]["id"], "words": "stuck between 3 and 4", "people": 2}
    rescue: str = must(firm.manager.post("/api/v1/dispatches", json=call))["summary"]["id"]
    return rescue


def office_sees(firm: SmallFirm, rescue: str) -> dict[str, Any]:
    """The rescue as the office reads it."""
    seen: dict[str, Any] = must(firm.manager.get(f"/api/v1/dispatches/{rescue}"))
    return seen


def close_rescue(firm: SmallFirm, rescue: str) -> None:
    """The office closes it."""
    body = {"outcome": "released", "cause": "door", "reason": "a door contact"}
    must(firm.manager.post(f"/api/v1/dispatches/{rescue}/close", json=body))


def seconds_left(page: Page) -> int:
    """What the clock on the screen says."""
    minutes, seconds = page.locator("[role=timer]").inner_text().split(":")
    return int(minutes) * 60 + int(seconds)


def test_a_rescue_rings_and_is_answered_until_the_people_are_out(phone: BrowserPhone, firm: SmallFirm) -> None:
    """Over the whole screen and heard; a double tap is one answer; what is tapped without a signal is told as not sent."""
    page = phone.page
    page.evaluate(_LISTEN)
    rescue = call_for_help(firm)
    call = page.locator("dialog.call")
    call.wait_for()
    for told in ("Taizhou Bay Tower Lift 1", "1 Shifu Road", "300001", "stuck between 3 and 4"):
        assert told in call.inner_text()
    assert call.bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 800}
    due = datetime.fromisoformat(office_sees(firm, rescue)["summary"]["due_at"])
    assert abs(seconds_left(page) - (due - datetime.now(UTC)).total_seconds()) <= 2
    wait_for(lambda: page.evaluate("window.heard") >= 4)
    assert faults_of(page) == []

    call.get_by_role("button", name="I am going").dblclick()
    call.wait_for(state="detached")
    wait_for(lambda: office_sees(firm, rescue)["summary"]["state"] == "going")
    heard = page.evaluate("window.heard")
    phone.go(f"rescues/{rescue}")
    page.get_by_text("You answered: I am going").wait_for()
    assert [node["what"] for node in office_sees(firm, rescue)["nodes"]].count("going") == 1
    assert page.evaluate("window.heard") in (heard, heard + 4)

    phone.offline()
    page.get_by_role("button", name="I am on site").click()
    page.get_by_text("Not sent yet: “I am on site”").wait_for()
    assert "The office does not know it yet" in page.inner_text("main")
    page.get_by_role("button", name="The people are out").click()
    page.get_by_text("Not sent yet: “The people are out”").wait_for()
    assert office_sees(firm, rescue)["summary"]["state"] == "going"
    page.reload()
    page.get_by_text("Not sent yet: “The people are out”").wait_for()
    phone.offline(False)
    wait_for(lambda: office_sees(firm, rescue)["summary"]["state"] == "released")
    page.get_by_text("Not sent yet").first.wait_for(state="detached")
    assert office_sees(firm, rescue)["arrived_how"] == "button"
    assert faults_of(page) == []
    close_rescue(firm, rescue)
    page.get_by_text("This rescue is closed").wait_for()


def test_a_label_scanned_for_a_rescue_stops_its_clock(phone: BrowserPhone, firm: SmallFirm) -> None:
    """The wrong label is refused by the name of its elevator; the right one is the arrival, told as scanned."""
    rescue = call_for_help(firm)
    phone.page.locator("dialog.call").get_by_role("button", name="I am going").click()
    phone.page.locator("a.strip").click()
    for elevator, told in ((BACKGROUND, "Lift 2"), (RESCUED, "On site")):
        phone.page.get_by_role("link", name="scan the label").click()
        phone.page.locator("details summary").first.click()
        phone.page.locator("#typed-code").fill(f"{phone.base_url}/e/{firm.labels[elevator]['code']}")
        phone.page.keyboard.press("Enter")
        phone.page.wait_for_url(f"**/#/rescues/{rescue}")
        phone.page.locator("main").get_by_text(told).first.wait_for()
    seen = office_sees(firm, rescue)
    assert (seen["summary"]["state"], seen["arrived_how"]) == ("arrived", "scan")
    close_rescue(firm, rescue)


def test_a_colleague_who_goes_ends_the_ringing(playwright: Playwright, phone: BrowserPhone, firm: SmallFirm) -> None:
    """Both are rung; one declines, the other goes: neither is called any more, and both read how it stands."""
    rescue = call_for_help(firm)
    call = phone.page.locator("dialog.call")
    call.wait_for()
    must(firm.technician(1).post(f"/api/v1/dispatches/{rescue}/answer", json={"answer": "going"}))
    call.wait_for(state="detached")
    phone.page.locator("a.strip").click()
    phone.page.get_by_text("Technician 2 is going").wait_for()
    close_rescue(firm, rescue)


def test_the_inbox_follows_and_keeps_what_is_done_without_a_signal(phone: BrowserPhone, firm: SmallFirm) -> None:
    """A new message is counted at once; it is read without a connection, and its acknowledgement is sent later."""
    page, server = phone.page, firm.technician()
    must(server.post("/api/v1/inbox/read", json={"up_to": must(server.get("/api/v1/inbox"))["last_number"]}))
    page.locator(".tab .count").wait_for(state="detached")
    message = must(server.post("/api/v1/push-test"))["message"]
    page.locator(".tab .count").wait_for()
    phone.offline()
    page.locator(".tabs a[href='#/inbox']").click()
    assert faults_of(page) == []
    page.locator(".message.fresh").click()
    page.get_by_role("button", name="Acknowledge").click()
    page.get_by_text("The server has not heard of it yet").wait_for()
    assert faults_of(page) == []

    def acknowledged() -> bool:
        [mine] = [each for each in must(server.get("/api/v1/inbox"))["items"] if each["id"] == message]
        return mine["acknowledged_at"] is not None

    assert not acknowledged()
    phone.offline(False)
    wait_for(acknowledged)
    page.get_by_text("The server has not heard of it yet").wait_for(state="detached")


def test_a_push_reaches_a_phone_that_asked_for_it(phone: BrowserPhone, firm: SmallFirm, push_service: Served) -> None:
    """Asked after a tap only; what the server pushes can be read by this browser alone, and is shown; off means gone."""
    browser = PushBrowser(push_service)
    keys = json.dumps([browser.endpoint, browser.keys["p256dh"], browser.keys["auth"]])
    phone.context.add_init_script(_PUSH_MANAGER % keys)
    phone.context.grant_permissions(["notifications", "camera", "geolocation"])
    page = phone.page
    page.reload()
    phone.go("inbox")
    page.get_by_text("With notifications you hear").wait_for()
    page.get_by_role("button", name="Turn on notifications").click()
    page.get_by_text("This phone gets notifications").wait_for()
    [subscription] = must(firm.technician().get("/api/v1/push-subscriptions"))
    assert subscription["phone"] == phone.kept("phones")[0]["id"]

    rescue = call_for_help(firm)
    wait_for(lambda: any(_read(browser, body)["kind"] == "rescue" for _, _, body in push_service.requests))
    [pushed] = [data for _, _, body in push_service.requests if (data := _read(browser, body))["kind"] == "rescue"]
    devtools, registration = worker_of(phone, page)
    devtools.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": phone.base_url, "registrationId": registration, "data": json.dumps(pushed)},
    )
    wait_for(lambda: len(shown(page)) == 1)
    [notification] = shown(page)
    assert notification["title"] == "People trapped: Taizhou Bay Tower Lift 1"
    assert notification["place"] == f"#/rescues/{rescue}"
    page.locator("dialog.call").get_by_role("button", name="I cannot").click()
    wait_for(lambda: shown(page) == [])
    close_rescue(firm, rescue)
    phone.go("inbox")
    page.get_by_role("button", name="Turn off").click()
    page.get_by_role("button", name="Turn on notifications").wait_for()
    assert must(firm.technician().get("/api/v1/push-subscriptions")) == []


def _read(browser: PushBrowser, body: bytes) -> dict[str, Any]:
    read: dict[str, Any] = browser.read(body)
    return read


def shown(page: Page) -> list[dict[str, Any]]:
    """The notifications on the screen."""
    found: list[dict[str, Any]] = page.evaluate(
        "async () => (await (await navigator.serviceWorker.ready).getNotifications())"
        ".map((each) => ({ title: each.title, place: each.data.place }))"
    )
    return found


def worker_of(phone: BrowserPhone, page: Page) -> tuple[CDPSession, str]:
    """A way to the browser's service workers, and the app's registration."""
    devtools = phone.context.new_cdp_session(page)
    found: list[str] = []

    def note(event: dict[str, Any]) -> None:
        found.extend(each["registrationId"] for each in event["registrations"] if each["scopeURL"].endswith("/t/"))

    devtools.on("ServiceWorker.workerRegistrationUpdated", note)
    devtools.send("ServiceWorker.enable")
    wait_for(lambda: page.evaluate("true") and bool(found))
    return devtools, found[0]


def arrive(phone: BrowserPhone, firm: SmallFirm, number: int) -> None:
    """Type an elevator's code at the scanner."""
    phone.go("scan")
    phone.page.locator("details summary").first.click()
    phone.page.locator("#typed-code").fill(f"{phone.base_url}/e/{firm.labels[number]['code']}")
    phone.page.keyboard.press("Enter")


def test_the_browser_sends_by_itself_when_no_page_is_open(phone: BrowserPhone, firm: SmallFirm) -> None:
    """Background Sync: the service worker alone sends what waits, once."""
    phone.offline()
    arrive(phone, firm, BACKGROUND)
    phone.page.wait_for_url("**/#/visits/*")
    assert [entry["state"] for entry in phone.kept("entries")] == ["waiting"]
    before = len(firm.visits())
    phone.page.goto("about:blank")
    phone.offline(False)
    assert len(firm.visits()) == before
    devtools, registration = worker_of(phone, phone.page)
    wanted = {"origin": phone.base_url, "registrationId": registration, "tag": "liftrounds-sync", "lastChance": False}
    devtools.send("ServiceWorker.dispatchSyncEvent", wanted)
    wait_for(lambda: len(firm.visits()) == before + 1)
    phone.go()
    phone.page.locator("section.here").wait_for()
    wait_for(lambda: {entry["state"] for entry in phone.kept("entries")} <= SENT)
    assert len(firm.visits()) == before + 1


def test_a_full_phone_refuses_photos_and_keeps_taps_and_scans(phone: BrowserPhone, firm: SmallFirm) -> None:
    """With less than the reserve left no photo is taken; answers and the queue still are."""
    phone.context.add_init_script("navigator.storage.estimate = async () => ({ usage: 985e6, quota: 1000e6 })")
    phone.page.reload()
    arrive(phone, firm, FULL)
    phone.page.wait_for_url("**/#/visits/*")
    visit = phone.page.url.rsplit("/", 1)[1]
    answer_by_zone(phone, visit)
    assert "nearly full" in photograph(phone, visit)
    assert phone.kept("photos") == []
    answer_by_hand(phone, visit, "7")
    phone.page.reload()
    phone.page.locator(f"#value-{MEASURED}").wait_for()
    assert phone.page.locator(f"#value-{MEASURED}").input_value() == "7"
    phone.send()
    assert [each["state"] for each in firm.visits() if each["id"] == visit] == ["open"]


def test_a_visit_of_another_phone_is_told_with_what_to_do(playwright: Playwright, phone: BrowserPhone, firm: SmallFirm) -> None:
    """The day says that it is open elsewhere; a scan here begins no second one."""
    other = new_phone(playwright, firm)
    arrive(other, firm, ELSEWHERE)
    other.page.wait_for_url("**/#/visits/*")
    other.send()
    other.close()
    phone.go()
    phone.page.locator("main .row button").click()
    told = phone.page.locator("section.here").filter(has_text="Lift 4")
    told.wait_for()
    assert "opened on another device" in told.inner_text()
    assert "Go on with that phone" in told.inner_text()
    before = len(phone.kept("entries"))
    arrive(phone, firm, ELSEWHERE)
    phone.page.locator("main .card.warn").filter(has_text="opened on another device").wait_for()
    assert len(phone.kept("entries")) == before
