"""The technician's app on a slow phone: `python tests/bench/app/bench_lighthouse.py [--runs 3] [--stops 12]`.

Lighthouse (npm, installed here at the first run) looks at the day page as it comes: a mid-range phone, 4 times slower CPU,
slow 4G; signed in, the day in the phone's database. Then Playwright measures a five-year-old Android (CPU 6 times slower, slow
4G): time to the day with and without the service worker, and what a tap on the checklist takes until its next paint. Scores
depend on the machine, so nothing is asserted; the load is printed beside them.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import httpx
from playwright.sync_api import CDPSession, Page, Playwright, sync_playwright

from tests.support.browser import program_and_flags
from tests.support.browser_phone import BrowserPhone
from tests.support.installation import free_port, installed, wait_for
from tests.support.small_firm import AT_SITE, PASSWORD, SmallFirm
from tests.support.technician_app import build_hook, built

HERE = Path(__file__).parent
PROGRAM = HERE / "node_modules" / "lighthouse" / "cli" / "index.js"
CATEGORIES = ("performance", "accessibility", "best-practices")
METRICS = (
    "first-contentful-paint",
    "largest-contentful-paint",
    "total-blocking-time",
    "cumulative-layout-shift",
    "speed-index",
)

OLD_PHONE_CPU = 6
"""A low-end Android of five years ago against this machine; Lighthouse's own mid-range phone is 4."""

SLOW_4G = {"offline": False, "latency": 562.5, "downloadThroughput": 1474.56 * 1024 / 8, "uploadThroughput": 675 * 1024 / 8}
"""As Lighthouse throttles by the browser (`mobileSlow4G`, applied): round trips of 150 ms times 3.75, 1.6 Mbit/s times 0.9."""

TAPS = 20

_WHEN_DRAWN = """
new MutationObserver((_, self) => {
  if (!document.querySelector("main ol.list .stop-line")) return;
  self.disconnect();
  requestAnimationFrame(() => setTimeout(() => { document.documentElement.dataset.drawn = performance.now(); }));
}).observe(document, { childList: true, subtree: true });
"""
_NOTE_TAPS = """
window.taps = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (entry.name === "click") window.taps.push(entry.duration);
}).observe({ type: "event", durationThreshold: 16, buffered: true });
"""


@click.command()
@click.option("--runs", default=3, show_default=True, help="Runs of Lighthouse, and loads of the old phone.")
@click.option("--stops", default=12, show_default=True, help="Stops of the day.")
def main(runs: int, stops: int) -> None:
    """Measure and print one JSON object."""
    install()
    built()
    with installed() as site, sync_playwright() as playwright:
        firm = SmallFirm(site, elevators=stops)
        phone = ready_phone(playwright, firm)
        phone.close()
        with browser(site.folder / "phone" / "profile") as port:
            seen = [lighthouse(port, f"{site.base_url}/t/", site.folder / "report.json") for _ in range(runs)]
        old = old_phone(phone, firm, runs)
    told = {
        "machine": platform.processor() or platform.machine(), "load_after": os.getloadavg(), "stops": stops,
        "lighthouse": seen, f"old phone, CPU {OLD_PHONE_CPU} times slower, slow 4G": old,
    }  # fmt: skip
    click.echo(json.dumps(told, indent=1))


def install() -> None:
    """Fetch Lighthouse by the lock file, once."""
    if PROGRAM.is_file():
        return
    node = build_hook().node_program()
    subprocess.run([node, build_hook().npm_script(), "ci", "--no-audit", "--no-fund"], cwd=HERE, check=True)


def ready_phone(playwright: Playwright, firm: SmallFirm) -> BrowserPhone:
    """A phone with the day and the app on it."""
    phone = BrowserPhone(playwright, firm.site.folder / "phone", firm.site.base_url, AT_SITE)
    phone.open()
    phone.sign_in("technician-1", PASSWORD)
    phone.enrol(firm.invite())
    phone.is_ready_offline()
    phone.go()
    phone.page.locator("main ol.list .stop-line").first.wait_for()
    return phone


@contextmanager
def browser(profile: Path) -> Iterator[int]:
    """Chromium with a profile, listening for DevTools."""
    program, flags = program_and_flags()
    port = free_port()
    command = [
        program,
        *flags,
        "--headless=new",
        f"--user-data-dir={profile}",
        f"--remote-debugging-port={port}",
        "about:blank",
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_for(lambda: _answers(port))
        yield port
        process.terminate()


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/json/version", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def lighthouse(port: int, address: str, report: Path) -> dict[str, Any]:
    """One run: scores of 100, metrics in ms, what costs most."""
    node = build_hook().node_program()
    command = [
        node, PROGRAM, address, f"--port={port}", "--disable-storage-reset", "--output=json", f"--output-path={report}",
        "--quiet", f"--only-categories={','.join(CATEGORIES)}",
    ]  # fmt: skip
    load = os.getloadavg()[0]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    found = json.loads(report.read_text())
    audits = found["audits"]
    poor = [audit["id"] for audit in audits.values() if audit["score"] is not None and audit["score"] < 0.9]
    told = {
        "version": found["lighthouseVersion"], "load_1min": load, "benchmark_index": found["environment"]["benchmarkIndex"],
        "scores": {name: round(found["categories"][name]["score"] * 100) for name in CATEGORIES},
        "metrics": {name: round(audits[name]["numericValue"], 3) for name in METRICS}, "below 90": poor,
    }  # fmt: skip
    click.echo(json.dumps(told), err=True)
    return told


def old_phone(phone: BrowserPhone, firm: SmallFirm, runs: int) -> dict[str, Any]:
    """Times of a slow phone in ms."""
    phone.open()
    phone.context.add_init_script(_WHEN_DRAWN)
    devtools = phone.context.new_cdp_session(phone.page)
    slow_down(devtools)
    kept = [time_to_day(phone.page, phone.base_url) for _ in range(runs)]
    first = []
    for _ in range(runs):
        phone.page.goto("about:blank")
        forget = {"origin": phone.base_url, "storageTypes": "service_workers,cache_storage"}
        devtools.send("Storage.clearDataForOrigin", forget)
        devtools.send("Network.clearBrowserCache")
        first.append(time_to_day(phone.page, phone.base_url))
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    taps = taps_on_checklist(phone, firm, devtools)
    phone.close()
    return {
        "day, kept by the service worker": kept, "day, files fetched anew": first,
        "tap to next paint, median": statistics.median(taps), "tap to next paint, worst": max(taps), "taps": len(taps),
    }  # fmt: skip


def slow_down(devtools: CDPSession) -> None:
    """Make the browser an old phone's."""
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", SLOW_4G)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": OLD_PHONE_CPU})


def time_to_day(page: Page, base_url: str) -> int:
    """Milliseconds from the navigation to the frame that shows the first stop."""
    page.goto("about:blank")
    page.goto(f"{base_url}/t/")
    page.locator("html[data-drawn]").wait_for(timeout=60_000)
    return round(float(page.locator("html").get_attribute("data-drawn") or "nan"))


def taps_on_checklist(phone: BrowserPhone, firm: SmallFirm, devtools: CDPSession) -> list[float]:
    """What taps on answers take until their next paint, as Event Timing tells it (steps of 8 ms, from 16 ms on)."""
    phone.go("scan")
    phone.page.locator("details summary").first.click()
    phone.page.locator("#typed-code").fill(f"{phone.base_url}/e/{firm.labels[0]['code']}")
    phone.page.keyboard.press("Enter")
    phone.page.wait_for_url("**/#/visits/*")
    visit = phone.page.url.rsplit("/", 1)[1]
    phone.go(f"visits/{visit}/zones/MR")
    answers = phone.page.locator(".answer")
    answers.first.wait_for()
    phone.page.evaluate(_NOTE_TAPS)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": OLD_PHONE_CPU})
    for number in range(TAPS):
        answers.nth(number % answers.count()).click()
    phone.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    taps: list[float] = phone.page.evaluate("window.taps")
    return taps or [16.0]


if __name__ == "__main__":
    main()
