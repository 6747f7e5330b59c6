"""The technician's app in a real browser, with a camera that films a real printed label: a half-month visit without a signal.

The hour of the visit passes on the clocks of the server, the browser and the second technician's phone alike.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.support.browser_phone import BrowserPhone
from tests.support.installation import Installation, installed, must, wait_for
from tests.support.phone import SoftPhone
from tests.support.phone_work import ITEMS, MEASURED, answer_by_hand, answer_by_zone, photograph, report, scan_in, scan_out
from tests.support.small_firm import AT_SITE, PASSWORD, SmallFirm

BEHIND = timedelta(minutes=50)
WORK = timedelta(minutes=40)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Starts browsers."""
    with sync_playwright() as started:
        yield started


@pytest.fixture
def site() -> Iterator[Installation]:
    """A fresh installation."""
    with installed() as made:
        yield made


def test_a_visit_without_a_signal_is_there_once_and_of_grade_a(playwright: Playwright, site: Installation) -> None:
    """Scan in, 31 items, photo, finding, scan out in flight mode; back online the record is there once, with all evidence."""
    firm = SmallFirm(site, behind=BEHIND)
    phone = phone_of(playwright, firm)
    second = second_phone(firm)
    phone.offline()
    visit = scan_in(phone, firm)
    apart(second_scans(firm, second, "join", timedelta(minutes=2)))
    answer_by_zone(phone, visit)
    answer_by_hand(phone, visit, "6.2")
    assert photograph(phone, visit) == "The photo is kept"
    report(phone, visit)
    phone.wait(WORK)
    scan_out(phone, visit)
    apart(second_scans(firm, second, "leave", WORK))
    assert firm.visits() == []
    assert {entry["state"] for entry in phone.kept("entries")} == {"waiting"}

    firm.set_clock(BEHIND * 0)
    begun = firm.now() - BEHIND
    firm.tell([(begun + timedelta(minutes=8), "gbt24476:43"), (begun + timedelta(minutes=30), "gbt24476:40")])
    phone.offline(False)
    phone.send()
    assert [entry["state"] for entry in phone.kept("entries")] == ["applied"] * len(phone.kept("entries"))
    assert_record(firm, visit)
    assert_told_what_changed(phone, visit)
    phone.close()


def phone_of(playwright: Playwright, firm: SmallFirm, person: int = 0) -> BrowserPhone:
    """A technician's phone: signed in, enrolled, with the day and the app on it."""
    phone = BrowserPhone(playwright, firm.site.folder / f"phone-{person}", firm.site.base_url, AT_SITE)
    phone.open(clock=firm.now())
    phone.sign_in(f"technician-{person + 1}", PASSWORD)
    phone.enrol(firm.invite(person))
    phone.is_ready_offline()
    phone.go()
    phone.page.locator("a[href*='#/scan?order=']").first.wait_for()
    wait_for(lambda: len(phone.kept("days")) == 1)
    return phone


def second_phone(firm: SmallFirm) -> SoftPhone:
    """The second technician's own phone, enrolled."""
    phone = SoftPhone(at=firm.now())

    async def enrol() -> None:
        async with client_of(firm, 1) as client:
            await phone.enrol(client, firm.invite(1))

    apart(enrol())
    return phone


def apart(work: Coroutine[Any, Any, None]) -> None:
    """Run something asynchronous beside Playwright's own loop."""
    with ThreadPoolExecutor(1) as beside:
        beside.submit(asyncio.run, work).result()


def client_of(firm: SmallFirm, person: int) -> httpx.AsyncClient:
    """A client of the API as a technician."""
    token = firm.technician(person).headers["Authorization"]
    return httpx.AsyncClient(base_url=firm.site.base_url, headers={"Authorization": token}, timeout=30)


async def second_scans(firm: SmallFirm, phone: SoftPhone, kind: str, after: timedelta) -> None:
    """The second technician scans the label too."""
    phone.wait(seconds=after.total_seconds())
    getattr(phone, kind)(firm.labels[0]["code"])
    if kind == "leave":
        async with client_of(firm, 1) as client:
            firm.set_clock(timedelta())
            await phone.sync(client)


def assert_record(firm: SmallFirm, visit: str) -> None:
    """The office has one finished visit with all answers, the photo and the finding, and the grade with its reasons."""
    [only] = firm.visits()
    assert only["id"] == visit
    assert only["state"] == "finished"
    found: dict[str, Any] = must(firm.manager.get(f"/api/v1/visits/{visit}"))
    assert len(found["answers"]) == ITEMS
    assert [finding["item"] for finding in found["findings"]] == [MEASURED]
    assert_grade_a(firm, visit)


def assert_grade_a(firm: SmallFirm, visit: str) -> None:
    """All evidence is in: two people's own scans, place, time, photo, the elevator's word."""
    proof = f"/api/v1/visits/{visit}/proof"
    try:
        wait_for(lambda: must(firm.manager.get(proof))["grades"][-1]["grade"] == "A", longest_s=30)
    except AssertionError:
        checks = must(firm.manager.get(proof))["grades"][-1]["checks"]
        weak = [f"{check['name']} {check['outcome']}: {check['reason_en']}" for check in checks if check["outcome"] != "passed"]
        raise AssertionError("\n".join(weak)) from None


def assert_told_what_changed(phone: BrowserPhone, visit: str) -> None:
    """The phone shows the next due window of the record."""
    phone.go(f"visits/{visit}")
    phone.page.locator(".outcome .facts").wait_for()
