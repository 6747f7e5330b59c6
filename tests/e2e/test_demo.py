"""`liftrounds demo` as a new user meets it: one command, a label scanned from the screen, every page in a real browser."""

from __future__ import annotations

import io
import json
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.support.browser import chromium
from tests.support.installation import Installation, installed, must, wait_for

ELEVATORS = 60
PHONE = {"width": 390, "height": 844}
SMALL_PHONE = {"width": 360, "height": 640}
DESK = {"width": 1280, "height": 800}
MOST_BYTES_OF_THE_PUBLIC_PAGE = 20_000


class Demo:
    """A demo that is being served."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.process = installation.start("demo", "--elevators", str(ELEVATORS))
        self.file = installation.folder / "data" / "demo.json"
        wait_for(lambda: self.process.poll() is not None or self.file.exists(), longest_s=180)
        assert self.process.poll() is None, "the demo ended"
        self.told: dict[str, Any] = json.loads(self.file.read_bytes())

    @property
    def base_url(self) -> str:
        """Where it is served."""
        address: str = self.told["base_url"]
        return address

    def account(self, role: str) -> dict[str, str]:
        """Login and password of a role."""
        [found] = [account for account in self.told["accounts"] if account["role"] == role]
        return dict(found)


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """A small demo, served."""
    with installed() as installation:
        installation.environment["LIFTROUNDS_MQTT_URL"] = ""
        yield Demo(installation)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        found = chromium(playwright)
        yield found
        found.close()


def signed_in(browser: Browser, demo: Demo, role: str, size: dict[str, int], locale: str) -> BrowserContext:
    """A browser in which somebody of a role has signed in by the page."""
    context = browser.new_context(viewport=size, locale=locale)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{demo.base_url}/sign-in")
    account = demo.account(role)
    page.fill("input[name=login]", account["login"])
    page.fill("input[name=password]", account["password"])
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda address: "/sign-in" not in address)
    page.close()
    return context


def test_the_file_names_an_account_for_every_role_labels_and_device_keys(demo: Demo) -> None:
    """`demo.json` is what scripts stand on; it holds passwords, so only its owner reads it."""
    roles = {account["role"] for account in demo.told["accounts"]}
    assert roles == {"technician", "manager", "owner", "regulator", "admin"}
    active = [label for label in demo.told["labels"] if label["state"] == "active"]
    assert len(active) == ELEVATORS
    assert all(label["registration_code"] for label in active)
    assert any(label["state"] == "blank" for label in demo.told["labels"])
    assert {label["zone"] for label in demo.told["zone_labels"]} <= {"machine_room", "car_top", "pit"}
    assert not {label["code"] for label in demo.told["zone_labels"]} & {label["code"] for label in demo.told["labels"]}
    assert demo.told["devices"]
    assert stat.S_IMODE(demo.file.stat().st_mode) == 0o600


def test_a_device_key_of_the_file_sends_telemetry(demo: Demo) -> None:
    """The first device has told nothing yet, so whatever totals a visitor sends are taken."""
    device = demo.told["devices"][0]
    record = {"elevator": device["elevator"], "at": datetime.now(UTC).isoformat(), "seq": 17,
              "counters": {"trips": 120345, "door_cycles": 98001, "run_s": 5001234}, "gauges": {"temperature_c": 31.5},
              "events": [{"code": "gbt24476:43"}]}  # fmt: skip
    answer = httpx.post(
        f"{demo.base_url}/api/v1/telemetry", json={"records": [record]}, headers={"Authorization": f"Bearer {device['key']}"}
    )
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"accepted": 1, "duplicates": 0, "rejected": []}


def test_visits_are_signed_by_phones_and_elevators_bear_them_out_and_some_wait_for_a_review(demo: Demo) -> None:
    manager = demo.installation.client(demo.account("manager")["login"], demo.account("manager")["password"])
    rows = must(manager.get("/api/v1/visits", params={"limit": 500}))["rows"]
    grades = [row["grade"] for row in rows if row["grade"]]
    assert grades.count("A") >= 3
    assert {"A", "B", "C"} <= set(grades)
    assert any(row["review"] == "waiting" for row in rows)


def test_a_label_is_scanned_from_the_screen(demo: Demo, browser: Browser) -> None:
    """What a camera sees of the office's screen opens the public page of that elevator, with the rescue number first."""
    context = signed_in(browser, demo, "manager", DESK, "en-US")
    api = demo.installation.client(demo.account("manager")["login"], demo.account("manager")["password"])
    label = next(each for each in api.get("/api/v1/labels", params={"state": "active"}).json()["rows"])
    page = context.new_page()
    drawing = api.get(f"/api/v1/labels/{label['id']}/qr.svg").text
    page.set_content(f"<div style='width:300px'>{drawing}</div>")
    [seen] = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.screenshot())))
    assert seen.text == seen.text.upper()
    phone = browser.new_context(viewport=PHONE, locale="zh-CN", java_script_enabled=False)  # type: ignore[arg-type]
    public = phone.new_page()
    answer = public.goto(seen.text.replace("HTTP://", "http://"))
    assert answer is not None
    assert answer.status == 200
    assert len(answer.body()) < MOST_BYTES_OF_THE_PUBLIC_PAGE
    text = public.inner_text("body")
    assert text.index("96333") < text.index("维保")
    context.close()
    phone.close()


PAGES = {
    "manager": [
        "/office/", "/office/today", "/office/due", "/office/plan", "/office/visits", "/office/hazards", "/office/elevators",
        "/office/sites", "/office/owners", "/office/contracts", "/office/crews", "/office/technicians", "/office/periods",
        "/office/labels", "/office/devices", "/office/import", "/office/audit", "/office/accounts", "/office/firms",
    ],
    "technician": ["/work/", "/work/visits"],
    "owner": ["/owner/", "/owner/visits", "/owner/notices"],
    "regulator": ["/office/", "/office/due", "/office/visits"],
    "admin": ["/office/", "/office/firms", "/office/accounts"],
}  # fmt: skip


@pytest.mark.parametrize("role", PAGES)
def test_every_page_fits_the_screen_and_makes_no_error(demo: Demo, browser: Browser, role: str) -> None:
    """On a phone in Chinese and at a desk in English: answered, nothing wider than the screen, an empty error console."""
    for size, locale in ((SMALL_PHONE, "zh-CN"), (DESK, "en-US")):
        context = signed_in(browser, demo, role, size, locale)
        page = context.new_page()
        faults = errors_of(page)
        for path in PAGES[role]:
            answer = page.goto(demo.base_url + path)
            assert answer is not None
            assert answer.status == 200, f"{role} {path}: {answer.status}"
            assert too_wide(page) <= 0, f"{role} {path} is wider than {size['width']} px in {locale}"
            assert page.get_attribute("html", "lang") == ("zh-CN" if locale == "zh-CN" else "en")
        assert faults == []
        context.close()


def errors_of(page: Page) -> list[str]:
    """What the browser complains about from now on."""
    faults: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            faults.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: faults.append(str(error)))
    return faults


def too_wide(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    found: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found


def test_a_second_start_keeps_everything_and_a_stopped_demo_says_so(demo: Demo) -> None:
    """Ctrl-C ends all processes and takes `demo.json` away; the next start serves the same city with the same accounts."""
    demo.installation.stop()
    assert demo.process.returncode == 0
    assert not demo.file.exists()
    again = Demo(demo.installation)
    assert again.told["accounts"] == demo.told["accounts"]
    assert again.told["labels"] == demo.told["labels"]
    demo.installation.client(again.account("manager")["login"], again.account("manager")["password"])
    refused = demo.installation.command("demo", "--city", "midtown", "--no-serve", code=2)
    assert refused == ""
