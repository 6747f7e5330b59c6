"""A technician's phone in a real browser: Chromium with a camera that sees a printed label and a place where it stands."""

from __future__ import annotations

import os
import signal
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright

from tests.support.browser import program_and_flags
from tests.support.film import blank, film
from tests.support.installation import wait_for

SIZE = {"width": 360, "height": 800}
LONGEST_MS = 15_000

_READ = """async (store) => {
  const db = await new Promise((done, failed) => {
    const asked = indexedDB.open("liftrounds-technician");
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  const all = await new Promise((done, failed) => {
    const asked = db.transaction(store).objectStore(store).getAll();
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  db.close();
  return JSON.parse(JSON.stringify(all));
}"""


_RECEIVER = """
const asked = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation);
let fixes = 0;
navigator.geolocation.getCurrentPosition = (found, failed, options) => asked((fix) => {
  const off = 2e-5 + 1.7e-6 * (Date.now() % 7) + 1e-6 * ++fixes;
  const { latitude, longitude, accuracy } = fix.coords;
  found({ coords: { latitude: latitude + off, longitude: longitude - off, accuracy }, timestamp: Date.now() });
}, failed, options);
"""
"""A receiver finds a place some metres off and never twice the same, and its time is the phone's, also where that was set."""


class BrowserPhone:
    """A phone.

    Parameters
    ----------
    playwright
        Starts the browser.
    folder
        Where its profile and its camera's film lie; a phone that is opened again there is the same one.
    base_url
        Of the installation.
    place
        Latitude and longitude where it is, WGS-84.
    """

    def __init__(self, playwright: Playwright, folder: Path, base_url: str, place: tuple[float, float]) -> None:
        self._playwright = playwright
        self._profile = folder / "profile"
        self._film = folder / "camera.y4m"
        self._place = place
        self.base_url = base_url
        folder.mkdir(parents=True, exist_ok=True)
        blank(self._film)
        self.context: BrowserContext
        self.page: Page

    def open(
        self, *, locale: str = "en-US", dark: bool = False, size: dict[str, int] | None = None, clock: datetime | None = None
    ) -> None:
        """Start the browser; with a clock that says a time of its own, and can be moved by `wait`."""
        program, flags = program_and_flags()
        camera = [
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-video-capture={self._film}",
        ]
        self.context = self._playwright.chromium.launch_persistent_context(
            self._profile, executable_path=program, args=[*flags, *camera], viewport=size or SIZE,  # type: ignore[arg-type]
            locale=locale, color_scheme="dark" if dark else "light", permissions=["camera", "geolocation"],
            geolocation={"latitude": self._place[0], "longitude": self._place[1], "accuracy": 9},
        )  # fmt: skip
        self.context.set_default_timeout(LONGEST_MS)
        self.context.add_init_script(_RECEIVER)
        if clock is not None:
            self.context.clock.install(time=clock)
        self.page = self.context.pages[0]

    def wait(self, span: timedelta) -> None:
        """Let time pass on the phone's clocks, the monotonic one too."""
        self.context.clock.fast_forward(round(span.total_seconds() * 1000))

    def go(self, place: str = "") -> None:
        """Go to a place of the app."""
        self.page.goto(f"{self.base_url}/t/#/{place}")

    def sees(self, sheet: bytes) -> None:
        """Hold the camera before another label; the next time it is opened it sees this one."""
        film(sheet, self._film)

    def sign_in(self, login: str, password: str) -> None:
        """Sign in by the app's form."""
        self.go("sign-in")
        self.page.locator("#login").fill(login)
        self.page.locator("#password").fill(password)
        self.page.locator("main form button.primary").first.click()
        self.page.wait_for_url(lambda address: "sign-in" not in address)

    def enrol(self, invite: str) -> None:
        """Enrol the phone by the manager's code."""
        self.go(f"enrol?invite={invite}")
        self.page.locator("main form button.primary").click()
        self.page.wait_for_url("**/#/phone")

    def is_ready_offline(self) -> None:
        """Wait until the service worker has everything, so that the app opens without a connection."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")

    def offline(self, off: bool = True) -> None:
        """Switch flight mode."""
        self.context.set_offline(off)

    def kept(self, store: str) -> list[dict[str, Any]]:
        """What the phone's database holds."""
        rows: list[dict[str, Any]] = self.page.evaluate(_READ, store)
        return rows

    def has_sent(self) -> None:
        """Wait until the server has answered for every entry, and has every photo."""
        wait_for(lambda: all(entry["state"] != "waiting" for entry in self.kept("entries")))
        wait_for(lambda: all(photo["state"] == "sent" for photo in self.kept("photos")))

    def send(self) -> None:
        """Ask the phone to send now, and wait for it."""
        self.go("unsent")
        self.page.locator("main button.primary").first.click()
        self.has_sent()

    def close(self) -> None:
        """End the browser as a person does."""
        self.context.close()

    def kill(self) -> None:
        """End the browser as a phone without power does: no program gets a word in."""
        mark = f"--user-data-dir={self._profile}".encode()
        mine = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit() and mark in _command(path)]
        assert mine, "the browser is not running"
        for pid in mine:
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not any(mark in _command(Path(f"/proc/{pid}")) for pid in mine))
        for lock in self._profile.glob("Singleton*"):
            lock.unlink()


def _command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""
