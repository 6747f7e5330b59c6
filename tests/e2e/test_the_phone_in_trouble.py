"""The technician's app when things go wrong: killed in the middle, no server, an answer lost, no room, a clock that was set."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Playwright, Route, sync_playwright

from tests.support.axe import faults_of
from tests.support.browser_phone import SIZE, BrowserPhone
from tests.support.installation import installed, must, wait_for
from tests.support.phone_work import (
    ITEMS,
    MEASURED,
    answer_by_hand,
    answer_by_zone,
    photograph,
    report,
    scan_in,
    scan_out,
    whole_visit,
)
from tests.support.small_firm import AT_SITE, PASSWORD, SmallFirm
from tests.support.technician_app import built

KILLED, DOWN, TWICE, FULL, CLOCK, BY_DAY, BY_NIGHT, WRONG = range(8)
"""Which elevator is each story's."""

SET_BACK = timedelta(hours=2)
_phones = count()


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Starts browsers."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def firm() -> Iterator[SmallFirm]:
    """A firm with an elevator for each story."""
    built()
    with installed() as site:
        yield SmallFirm(site, elevators=WRONG + 2)


@pytest.fixture
def phone(playwright: Playwright, firm: SmallFirm) -> Iterator[BrowserPhone]:
    """A phone that was enrolled this morning, with the day and the app on it."""
    made = BrowserPhone(playwright, firm.site.folder / f"phone-{next(_phones)}", firm.site.base_url, AT_SITE)
    made.open()
    made.sign_in("technician-1", PASSWORD)
    made.enrol(firm.invite())
    made.is_ready_offline()
    made.go()
    wait_for(lambda: len(made.kept("days")) == 1)
    yield made
    made.close()


def record_of(firm: SmallFirm, visit: str) -> dict[str, Any]:
    """The one finished visit of this id, with all of its answers."""
    assert [each["state"] for each in firm.visits() if each["id"] == visit] == ["finished"]
    found: dict[str, Any] = must(firm.manager.get(f"/api/v1/visits/{visit}"))
    assert len(found["answers"]) == ITEMS
    return found


def test_nothing_is_lost_when_the_browser_is_killed_in_the_middle(phone: BrowserPhone, firm: SmallFirm) -> None:
    """Every tap before the kill is there after it, and the visit goes on in flight mode."""
    phone.offline()
    visit = scan_in(phone, firm, KILLED)
    answer_by_zone(phone, visit)
    assert photograph(phone, visit) == "The photo is kept"
    answer_by_hand(phone, visit, "8")
    phone.kill()
    phone.open()
    phone.offline()
    phone.go(f"visits/{visit}/zones/LD")
    assert phone.page.locator(f"#value-{MEASURED}").input_value() == "8"
    phone.go(f"visits/{visit}")
    phone.page.get_by_text(f"{ITEMS} of {ITEMS} items answered").wait_for()
    scan_out(phone, visit)
    phone.offline(False)
    phone.send()
    kept = {answer["item"]: answer["measured"] for answer in record_of(firm, visit)["answers"]}
    assert kept[MEASURED] == 8
    assert [photo["state"] for photo in phone.kept("photos")] == ["sent"]


def test_a_server_that_is_down_holds_nothing_up(phone: BrowserPhone, firm: SmallFirm) -> None:
    """The visit is made while nobody answers; what waits is told, and goes out by itself when the server is back."""
    firm.stop_serving()
    visit = whole_visit(phone, firm, DOWN)
    phone.go("unsent")
    phone.page.get_by_text("not sent yet").first.wait_for()
    assert {entry["state"] for entry in phone.kept("entries")} == {"waiting"}
    firm.serve_again()
    phone.send()
    record_of(firm, visit)


def test_an_upload_whose_answer_is_lost_counts_once(phone: BrowserPhone, firm: SmallFirm) -> None:
    """The server took the entries, the phone never heard of it and sends them again."""
    phone.offline()
    visit = whole_visit(phone, firm, TWICE)
    lost: list[int] = []

    def lose_the_first(route: Route) -> None:
        if not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    phone.context.route("**/api/v1/phones/*/entries", lose_the_first)
    phone.offline(False)
    phone.send()
    assert lost == [200]
    assert {entry["state"] for entry in phone.kept("entries")} <= {"applied", "duplicate"}
    record_of(firm, visit)


def test_full_storage_is_told_and_loses_nothing(phone: BrowserPhone, firm: SmallFirm) -> None:
    """Without room a photo or a tap is refused and told; what was kept before stays, and with room the visit goes on."""
    phone.offline()
    visit = scan_in(phone, firm, FULL)
    answer_by_zone(phone, visit)
    phone.close()
    phone.open()
    phone.offline()
    # Before the database is opened: an open one goes on for a while with the room that it was told of.
    devtools = phone.context.new_cdp_session(phone.page)
    origin = {"origin": firm.site.base_url}
    devtools.send("Storage.overrideQuotaForOrigin", origin | {"quotaSize": 1})
    assert "nearly full" in photograph(phone, visit)
    phone.page.locator(f"#{MEASURED} .answer.adjusted").click()
    refused = phone.page.get_by_role("alert").filter(has_text="Your last tap was not kept")
    refused.wait_for()
    devtools.send("Storage.overrideQuotaForOrigin", origin)
    answer_by_hand(phone, visit, "7")
    refused.wait_for(state="detached")
    scan_out(phone, visit)
    phone.offline(False)
    phone.send()
    assert record_of(firm, visit)["summary"]["findings"] == 0


def test_a_clock_that_was_set_back_is_seen_and_moves_nothing(phone: BrowserPhone, firm: SmallFirm) -> None:
    """The departure says two hours before its arrival; the monotonic clock and the server's time say what was."""
    phone.close()
    phone.open(clock=firm.now())
    phone.go()
    phone.offline()
    visit = scan_in(phone, firm, CLOCK)
    answer_by_zone(phone, visit)
    answer_by_hand(phone, visit, "7")
    phone.context.clock.set_system_time(firm.now() - SET_BACK)
    scan_out(phone, visit)
    times = {entry["kind"]: entry["at_ms"] for entry in phone.kept("entries")}
    assert times["departure"] < times["arrival"]
    phone.offline(False)
    phone.send()
    found = record_of(firm, visit)["summary"]
    assert found["departed_at"] >= found["arrived_at"]
    grade = must(firm.manager.get(f"/api/v1/visits/{visit}/proof"))["grades"][-1]
    failed = {check["name"] for check in grade["checks"] if check["outcome"] == "failed"}
    assert failed & {"clock", "time_bounded", "order", "chain"}, grade
    assert grade["grade"] in "CD"


def test_a_wrong_elevator_is_named_without_a_signal(phone: BrowserPhone, firm: SmallFirm) -> None:
    """At the arrival another stop says which one it is; at the departure another label ends nothing."""
    phone.offline()
    visit = scan_in(phone, firm, WRONG)
    phone.sees(firm.label_sheet(WRONG + 1))
    phone.go(f"scan?kind=departure&visit={visit}")
    told = phone.page.locator(".card.bad")
    told.wait_for()
    assert f"Lift {WRONG + 2}" in told.inner_text()
    assert [entry["kind"] for entry in phone.kept("entries")] == ["arrival"]
    stops = phone.kept("days")[0]["view"]["stops"]
    [order] = [stop["work_order"] for stop in stops if stop["elevator"]["unit_name"] == f"Lift {CLOCK + 1}"]
    phone.go(f"scan?order={order}")
    found = phone.page.locator(".card.warn")
    found.wait_for()
    assert f"Lift {WRONG + 2}" in found.inner_text()


@pytest.mark.parametrize(("locale", "dark", "number"), [("en-US", False, BY_DAY), ("zh-CN", True, BY_NIGHT)])
def test_axe_finds_nothing_serious_on_the_screens_of_a_visit(
    phone: BrowserPhone, firm: SmallFirm, locale: str, dark: bool, number: int
) -> None:
    """From the checklist to the owner's code; no screen is wider than the phone, and all targets fit a glove."""
    phone.close()
    phone.open(locale=locale, dark=dark)
    phone.go()
    phone.page.locator("main h1").wait_for()
    phone.offline()
    visit = scan_in(phone, firm, number)
    wrong: list[str] = []

    def look(address: str, shown: str) -> None:
        phone.go(address)
        phone.page.locator(shown).first.wait_for()
        wrong.extend(faults_of(phone.page))
        assert phone.page.evaluate("document.documentElement.scrollWidth") <= SIZE["width"], address

    look(f"visits/{visit}", ".zones")
    answer_by_hand(phone, visit, "6")
    look(f"visits/{visit}/zones/LD", "fieldset.item")
    look(f"visits/{visit}/finding?item={MEASURED}", "#finding-description")
    phone.page.locator(".weight.stop_use").first.click()
    wrong.extend(faults_of(phone.page))
    look(f"visits/{visit}/part?item={MEASURED}", "#part-name")
    look(f"visits/{visit}/leave", "a.line")
    answer_by_zone(phone, visit)
    report(phone, visit)
    scan_out(phone, visit)
    look(f"visits/{visit}/owner", ".owner-code")
    look(f"visits/{visit}", ".zones")
    assert wrong == []
    phone.offline(False)
    phone.send()
