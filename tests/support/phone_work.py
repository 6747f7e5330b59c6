"""What a technician does on a phone: scan in, answer, photograph, report, scan out. Taps and typing only, as people do."""

from __future__ import annotations

from tests.support.browser_phone import BrowserPhone
from tests.support.small_firm import SmallFirm

BY_HAND = "A-1-06"
"""The half-month item that is a test: never answered by the one tap for all."""

MEASURED = "A-1-29"
"""The half-month item with a limit: at least 7 mm."""

ITEMS = 31
ZONES = 6


def scan_in(phone: BrowserPhone, firm: SmallFirm, number: int = 0) -> str:
    """Go from a stop of today to the visit of the scanned elevator; return its id."""
    phone.sees(firm.label_sheet(number))
    stops = phone.kept("days")[0]["view"]["stops"]
    [order] = [stop["work_order"] for stop in stops if stop["elevator"]["id"] == firm.elevators[number]["id"]]
    phone.go(f"stops/{order}")
    phone.page.locator(f"a.primary[href='#/scan?order={order}']").click()
    phone.page.wait_for_url("**/#/visits/*")
    phone.page.locator(".zones").wait_for()
    return phone.page.url.rsplit("/", 1)[1]


def answer_by_zone(phone: BrowserPhone, visit: str) -> None:
    """One tap for each zone sets what needs no value and no test of its own."""
    phone.go(f"visits/{visit}")
    zones = phone.page.locator(".zones li")
    phone.page.locator(".zones li").nth(ZONES - 1).wait_for()
    for number in range(ZONES):
        zones.nth(number).locator("button").click()
        zones.nth(number).locator("button").wait_for(state="detached")


def answer_by_hand(phone: BrowserPhone, visit: str, value: str) -> None:
    """Answer the test, and type the measured value."""
    phone.go(f"visits/{visit}/zones/MR")
    phone.page.locator(f"#{BY_HAND} .answer.ok").click()
    phone.page.locator(f"#{BY_HAND} input[value=ok]:checked").wait_for(state="attached")
    phone.go(f"visits/{visit}/zones/LD")
    phone.page.locator(f"#value-{MEASURED}").fill(value)
    phone.page.locator(f"#{MEASURED} .answer input:checked").wait_for(state="attached")


def photograph(phone: BrowserPhone, visit: str) -> str:
    """Take a photo of the measured item by the camera in the app; return what the phone said."""
    phone.go(f"visits/{visit}/zones/LD")
    card = phone.page.locator(f"#{MEASURED}")
    card.wait_for()
    if card.locator("details:not([open])").count():
        card.locator("summary").click()
    card.locator(".photos > button").click()
    shutter = phone.page.locator("dialog.shutter")
    shutter.locator("button.primary:not([disabled])").click()
    told = shutter.locator("p[role=status]:not(:empty)")
    told.wait_for()
    said = told.inner_text()
    shutter.locator("button").last.click()
    return said


def report(phone: BrowserPhone, visit: str) -> None:
    """Write down the finding that the value forced; its notice is shown before it is sent."""
    phone.go(f"visits/{visit}/finding?item={MEASURED}")
    phone.page.locator(".weight.serious").click()
    phone.page.locator("#finding-description").fill("Engagement too small on floor 6")
    phone.page.locator("form > details > summary").click()
    assert "TSG T5002-2017" in phone.page.locator(".letter").inner_text()
    phone.page.locator("form button[type=submit]").click()
    phone.page.wait_for_url(f"**/#/visits/{visit}")


def scan_out(phone: BrowserPhone, visit: str) -> None:
    """Nothing is missing: the label ends the visit, and the owner's code is shown."""
    phone.go(f"visits/{visit}/leave")
    phone.page.locator("a[href*='kind=departure']").click()
    phone.page.wait_for_url(f"**/#/visits/{visit}/owner")
    phone.page.locator(".owner-code").wait_for()


def whole_visit(phone: BrowserPhone, firm: SmallFirm, number: int) -> str:
    """Make a plain visit from scan to scan; return its id."""
    visit = scan_in(phone, firm, number)
    answer_by_zone(phone, visit)
    answer_by_hand(phone, visit, "7.5")
    scan_out(phone, visit)
    return visit
