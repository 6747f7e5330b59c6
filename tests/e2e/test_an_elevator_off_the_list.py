"""Labels and elevators that the phone does not know, because the day was fetched before: nothing holds the work up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.support.browser_phone import BrowserPhone
from tests.support.installation import installed, must, wait_for
from tests.support.phone_looks import order_of
from tests.support.phone_work import ITEMS, answer_by_hand, answer_by_zone, scan_out
from tests.support.small_firm import AT_SITE, PASSWORD, SmallFirm
from tests.support.technician_app import built

PLANNED, UNKNOWN, AGAIN = range(3)
"""Which elevator is each story's."""

_FORGET = """async () => {
  const db = await new Promise((done) => {
    const asked = indexedDB.open("liftrounds-technician");
    asked.onsuccess = () => done(asked.result);
  });
  const tx = db.transaction(["days", "singles"], "readwrite");
  tx.objectStore("singles").delete("labels_around");
  const days = tx.objectStore("days");
  days.getAll().onsuccess = ({ target }) => {
    for (const day of target.result) {
      for (const stop of day.view.stops) stop.elevator.labels = [];
      days.put(day);
    }
  };
  await new Promise((done) => { tx.oncomplete = done; });
  db.close();
}"""
"""As a phone is that fetched its day before any label was put up."""


@pytest.fixture(scope="module")
def firm() -> Iterator[SmallFirm]:
    """A firm with an elevator for each story."""
    built()
    with installed() as site:
        yield SmallFirm(site, elevators=AGAIN + 1)


@pytest.fixture
def phone(firm: SmallFirm) -> Iterator[BrowserPhone]:
    """A phone in flight mode that knows today's stops and none of their labels."""
    with sync_playwright() as playwright:
        made = _enrolled(playwright, firm)
        yield made
        made.close()


def _enrolled(playwright: Playwright, firm: SmallFirm) -> BrowserPhone:
    number = len(list(firm.site.folder.glob("off-*")))
    phone = BrowserPhone(playwright, firm.site.folder / f"off-{number}", firm.site.base_url, AT_SITE)
    phone.open()
    phone.sign_in("technician-1", PASSWORD)
    phone.enrol(firm.invite())
    phone.is_ready_offline()
    phone.go()
    wait_for(lambda: any(isinstance(each, dict) and "rows" in each for each in phone.kept("singles")))
    phone.offline()
    phone.page.evaluate(_FORGET)
    phone.page.reload()
    phone.page.locator("main h1").wait_for()
    return phone


def test_a_chosen_stop_opens_by_a_label_that_came_after_the_day(phone: BrowserPhone, firm: SmallFirm) -> None:
    """The technician says that this is the stop; the checklist is there, and the server finds the label right."""
    phone.sees(firm.label_sheet(PLANNED))
    phone.go(f"scan?order={order_of(phone, firm, PLANNED)}")
    phone.page.get_by_text("does not know this label").wait_for()
    phone.page.get_by_role("button", name=f"Lift {PLANNED + 1}").click()
    phone.page.wait_for_url("**/#/visits/*")
    visit = phone.page.url.rsplit("/", 1)[1]
    answer_by_zone(phone, visit)
    answer_by_hand(phone, visit, "7.5")
    scan_out(phone, visit)
    phone.offline(False)
    phone.send()
    assert {entry["state"] for entry in phone.kept("entries")} == {"applied"}
    assert [each["state"] for each in firm.visits() if each["id"] == visit] == ["finished"]


def test_an_unknown_elevator_is_begun_and_gets_its_checklist_with_the_signal(phone: BrowserPhone, firm: SmallFirm) -> None:
    """Without a word of which elevator it is, the arrival is kept; the checklist comes by itself when the signal is back."""
    phone.sees(firm.label_sheet(UNKNOWN))
    phone.go("scan")
    phone.page.get_by_role("button", name="unplanned visit").click()
    phone.page.wait_for_url("**/#/visits/*")
    visit = phone.page.url.rsplit("/", 1)[1]
    phone.page.get_by_text("The checklist is not on this phone yet").wait_for()
    phone.offline(False)
    phone.page.get_by_text(f"0 of {ITEMS} items answered").wait_for()
    assert f"Lift {UNKNOWN + 1}" in phone.page.inner_text("main h1")
    answer_by_zone(phone, visit)
    answer_by_hand(phone, visit, "7.5")
    scan_out(phone, visit)
    phone.send()
    assert len(must(firm.manager.get(f"/api/v1/visits/{visit}"))["answers"]) == ITEMS


def test_a_visit_left_before_its_checklist_came_is_finished_when_it_comes(phone: BrowserPhone, firm: SmallFirm) -> None:
    """In and out without a signal at an unknown elevator: the office holds the departure until the answers are there."""
    phone.sees(firm.label_sheet(AGAIN))
    phone.go("scan")
    phone.page.get_by_role("button", name="unplanned visit").click()
    phone.page.wait_for_url("**/#/visits/*")
    visit = phone.page.url.rsplit("/", 1)[1]
    scan_out(phone, visit)
    phone.offline(False)
    phone.go("unsent")
    phone.page.locator("main button.primary").first.click()
    wait_for(lambda: [entry["state"] for entry in phone.kept("entries")] == ["applied", "held"])
    phone.go(f"visits/{visit}")
    phone.page.get_by_text(f"0 of {ITEMS} items answered").wait_for()
    answer_by_zone(phone, visit)
    answer_by_hand(phone, visit, "7.5")
    phone.go(f"visits/{visit}")
    wait_for(lambda: {entry["state"] for entry in phone.kept("entries")} == {"applied"})
    assert [each["state"] for each in firm.visits() if each["id"] == visit] == ["finished"]
