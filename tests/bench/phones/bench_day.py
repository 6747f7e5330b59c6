"""A long day of the technician's app against a real server: `python tests/bench/phones/bench_day.py [VISITS [PHOTOS]]`.

VISITS (default 20) half-month visits of PHOTOS (default 8) photos each are made in Chromium in flight mode, by taps and typed
codes; the browser is killed in the middle and once more while it sends. In the end everything has to be there once.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import click
from playwright.sync_api import Page, sync_playwright

from tests.support.browser_phone import BrowserPhone
from tests.support.installation import installed, wait_for
from tests.support.phone_work import MEASURED, answer_by_hand, answer_by_zone
from tests.support.small_firm import AT_SITE, PASSWORD, SmallFirm
from tests.support.technician_app import built

SHIFT_H = (6, 22)
"""Long enough for a round of twenty."""

LONGEST_S = 600

_CAMERA = """
const canvas = Object.assign(document.createElement("canvas"), { width: 1920, height: 1080 });
const pen = canvas.getContext("2d");
setInterval(() => {
  for (let at = 0; at < 300; at++) {
    pen.fillStyle = `hsl(${360 * Math.random()} 60% ${100 * Math.random()}%)`;
    pen.fillRect(1920 * Math.random(), 1080 * Math.random(), 90 * Math.random(), 90 * Math.random());
  }
}, 100);
navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(10);
"""
"""A camera before which never stands the same."""


def main() -> None:
    """Run the day and print what it took."""
    visits, photos = (int(sys.argv[at]) if len(sys.argv) > at else most for at, most in ((1, 20), (2, 8)))
    built()
    with installed() as site, sync_playwright() as playwright:
        firm = SmallFirm(site, elevators=visits, shift_h=SHIFT_H)
        phone = BrowserPhone(playwright, site.folder / "phone", site.base_url, AT_SITE)
        begin(phone)
        phone.sign_in("technician-1", PASSWORD)
        phone.enrol(firm.invite())
        phone.is_ready_offline()
        phone.go()
        wait_for(lambda: len(phone.kept("days")) == 1)
        codes = {elevator["id"]: label["code"] for elevator, label in zip(firm.elevators, firm.labels, strict=True)}
        stops = phone.kept("days")[0]["view"]["stops"]
        click.echo(f"{len(stops)} stops on the phone")
        phone.offline()
        for number, stop in enumerate(stops):
            if number == len(stops) // 2:
                phone.kill()
                begin(phone)
                phone.offline()
            visit(phone, stop, codes[stop["elevator"]["id"]], photos)
        kept = phone.kept("photos")
        click.echo(f"{len(phone.kept('entries'))} entries, {len(kept)} photos, {size_mb(kept):.1f} MB in the queue")
        send(phone, firm, len(stops), photos)
        phone.close()


def begin(phone: BrowserPhone) -> None:
    """Open the browser with a camera of its own."""
    phone.open()
    phone.context.add_init_script(_CAMERA)


def visit(phone: BrowserPhone, stop: dict[str, Any], code: str, photos: int) -> None:
    """Make one visit from scan to scan."""
    page = phone.page
    scan(phone, f"scan?order={stop['work_order']}", code)
    page.wait_for_url("**/#/visits/*")
    name = page.url.rsplit("/", 1)[1]
    answer_by_zone(phone, name)
    answer_by_hand(phone, name, "7.5")
    photograph(page, photos)
    scan(phone, f"scan?kind=departure&visit={name}", code)
    page.wait_for_url(f"**/#/visits/{name}/owner")


def scan(phone: BrowserPhone, place: str, code: str) -> None:
    """Type the code of a label."""
    phone.go(place)
    phone.page.locator("details.card > summary").click()
    phone.page.locator("#typed-code").fill(f"{phone.base_url}/e/{code}")
    phone.page.keyboard.press("Enter")


def photograph(page: Page, photos: int) -> None:
    """Take some photos of the measured item in a row."""
    card = page.locator(f"#{MEASURED}")
    if card.locator("details:not([open])").count():
        card.locator("summary").click()
    card.locator(".photos > button").click()
    for number in range(photos):
        page.locator("dialog button.primary:not([disabled])").click()
        card.locator(".thumbs li").nth(number).wait_for()
    page.locator("dialog button").last.click()


def send(phone: BrowserPhone, firm: SmallFirm, visits: int, photos: int) -> None:
    """Switch the signal on, kill the browser while it sends, and count what the server has in the end."""
    begun = time.monotonic()
    phone.offline(False)
    phone.go("unsent")
    wait_for(lambda: any(photo["state"] == "sent" for photo in phone.kept("photos")), longest_s=LONGEST_S)
    phone.kill()
    begin(phone)
    phone.go()
    wait_for(lambda: all(photo["state"] == "sent" for photo in phone.kept("photos")), longest_s=LONGEST_S)
    click.echo(f"sent {time.monotonic() - begun:.0f} s after the signal came back")
    states = {entry["state"] for entry in phone.kept("entries")}
    finished = [each for each in firm.visits() if each["state"] == "finished"]
    there = sum(has(firm, photo["id"]) for photo in phone.kept("photos"))
    click.echo(f"states {sorted(states)}; {len(finished)} finished visits, {there} photos there")
    assert states <= {"applied", "duplicate"}
    assert (len(finished), there) == (visits, visits * photos)


def has(firm: SmallFirm, photo: str) -> bool:
    """Whether the server gives a photo out; it took it only with the hash that the phone had signed."""
    return firm.manager.get(f"/api/v1/photos/{photo}").is_success


def size_mb(photos: list[dict[str, Any]]) -> float:
    """Of all photos together, in megabytes."""
    return float(sum(photo["declared"]["bytes"] for photo in photos)) / 2**20


if __name__ == "__main__":
    main()
