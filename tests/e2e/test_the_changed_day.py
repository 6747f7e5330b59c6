"""A technician changes their day on the phone: begun, put in order, a stop swapped with a colleague, another handed back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.support.axe import faults_of
from tests.support.browser_phone import BrowserPhone
from tests.support.installation import Installation, installed, must, wait_for
from tests.support.small_firm import AT_SITE, CODE, PASSWORD, SmallFirm
from tests.support.technician_app import built


class TwoCrews(SmallFirm):
    """A second crew with a round of its own beside the first."""

    def __init__(self, site: Installation) -> None:
        super().__init__(site)
        self.codes = [CODE.format(number) for number in (3, 4)]
        self._import_register()
        self.elevators = [self._elevator(code) for code in self.codes]
        self.people = [self._technician(number) for number in (3, 4)]
        self._crew()
        self._publish()

    def _crew(self) -> None:
        """Like the first one, under another name."""
        name = f"Crew {len(must(self.manager.get('/api/v1/crews'))['rows']) + 1}"
        crew = must(self.manager.post("/api/v1/crews", json={"name": name, "base_lat": AT_SITE[0], "base_lon": AT_SITE[1]}))
        for person in self.people:
            joined = {"technician": person["id"], "starts_on": self.today.isoformat()}
            must(self.manager.post(f"/api/v1/crews/{crew['id']}/members", json=joined))
        week = [{"weekday": weekday, "from_s": 8 * 3600, "to_s": 18 * 3600} for weekday in range(7)]
        must(self.manager.put(f"/api/v1/crews/{crew['id']}/week", json={"shifts": week}))

    def changes(self) -> dict[str, Any]:
        """What technicians changed today, as the office sees it."""
        found: dict[str, Any] = must(self.manager.get("/api/v1/today/changes"))
        return found

    def round_of(self, technician: int) -> list[str]:
        """The stops of a technician's day that are not taken out, in order."""
        day = must(self.site.client(f"technician-{technician}", PASSWORD).get("/api/v1/day"))
        return [stop["work_order"] for stop in day["stops"]]


@pytest.fixture(scope="module")
def firm() -> Iterator[TwoCrews]:
    """Two crews, two stops each."""
    built()
    with installed() as site:
        yield TwoCrews(site)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Starts browsers."""
    with sync_playwright() as started:
        yield started


def phone_of(playwright: Playwright, firm: TwoCrews, technician: int, locale: str) -> BrowserPhone:
    """A phone of a technician with the day on it."""
    phone = BrowserPhone(playwright, Path(firm.site.folder) / f"changed-{technician}", firm.site.base_url, AT_SITE)
    phone.open(locale=locale)
    phone.sign_in(f"technician-{technician}", PASSWORD)
    phone.is_ready_offline()
    wait_for(lambda: len(phone.kept("days")) == 1)
    return phone


def looked_at(phone: BrowserPhone) -> list[str]:
    """What axe and a glove have against the page, and whether it is wider than the phone."""
    phone.page.locator("main h1").wait_for()
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 360
    return faults_of(phone.page)


def test_a_day_is_begun_put_in_order_swapped_and_a_stop_handed_back(playwright: Playwright, firm: TwoCrews) -> None:
    """Begun and handed back without a signal; order and swap are checked by the server, and the colleague accepts."""
    mine, theirs = phone_of(playwright, firm, 1, "en-US"), phone_of(playwright, firm, 3, "zh-CN")
    wrong: list[str] = []
    try:
        begin(mine, firm)
        wrong += reorder(mine, firm)
        wrong += swap(mine, theirs, firm)
        wrong += hand_back(mine, firm)
    finally:
        mine.close()
        theirs.close()
    assert wrong == []


def begin(phone: BrowserPhone, firm: TwoCrews) -> None:
    """Start without a signal: it shows at once and arrives later."""
    phone.go()
    phone.offline()
    phone.page.get_by_role("button", name="Start my round").click()
    phone.page.get_by_text("1 not sent yet").wait_for()
    assert firm.changes()["rounds"] == []
    phone.offline(False)
    wait_for(lambda: [each["state"] for each in firm.changes()["rounds"]] == ["running"])
    phone.page.get_by_text("not sent yet").wait_for(state="detached")


def reorder(phone: BrowserPhone, firm: TwoCrews) -> list[str]:
    """Put the last stop first; it is said what changes, and done."""
    before = firm.round_of(1)
    phone.page.get_by_role("link", name="Change the order").click()
    phone.page.get_by_role("button", name="Earlier:").last.click()
    phone.page.get_by_role("button", name="Check this order").click()
    phone.page.get_by_text("Driving:").wait_for()
    wrong = looked_at(phone)
    phone.page.locator("main section button.primary").click()
    wait_for(lambda: firm.round_of(1) == before[::-1])
    return wrong


def swap(mine: BrowserPhone, theirs: BrowserPhone, firm: TwoCrews) -> list[str]:
    """Offer the first stop; the colleague finds it on their phone and accepts."""
    stop = firm.round_of(1)[0]
    before = firm.round_of(3)
    mine.go(f"stops/{stop}/swap")
    mine.page.get_by_role("button", name="Offer this").first.click()
    mine.page.get_by_role("button", name="Take it back").wait_for()
    wrong = looked_at(mine)
    theirs.go("swaps")
    theirs.page.get_by_role("button", name="接受", exact=True).wait_for()
    wrong += looked_at(theirs)
    theirs.page.get_by_role("button", name="接受", exact=True).click()
    wait_for(lambda: stop in firm.round_of(3) and stop not in firm.round_of(1))
    assert firm.round_of(3) != before
    return wrong


def hand_back(phone: BrowserPhone, firm: TwoCrews) -> list[str]:
    """Hand a stop back without a signal, with a reason; the office has it once there is one."""
    phone.go()
    phone.page.get_by_role("button", name="Refresh").click()
    [stop, *_] = firm.round_of(1)
    wait_for(lambda: [each["work_order"] for each in phone.kept("days")[0]["view"]["stops"]] == firm.round_of(1))
    phone.offline()
    phone.go(f"stops/{stop}/reject")
    phone.page.get_by_role("button", name="Hand back").click()
    phone.page.get_by_text("Choose a reason").wait_for()
    wrong = looked_at(phone)
    phone.page.get_by_label("No access to the site").check()
    phone.page.locator("#reject-note").fill("the gate is locked")
    phone.page.get_by_role("button", name="Hand back").click()
    phone.page.get_by_role("heading", name="Handed back").wait_for()
    wrong += looked_at(phone)
    phone.offline(False)
    wait_for(lambda: [each["note"] for each in firm.changes()["rejections"]] == ["the gate is locked"])
    wait_for(lambda: stop not in firm.round_of(1))
    phone.page.get_by_role("button", name="Take it up again").click()
    wait_for(lambda: stop in firm.round_of(1))
    return wrong
