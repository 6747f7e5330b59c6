"""Debian's Chromium for tests."""

from __future__ import annotations

import shutil

import pytest
from playwright.sync_api import Browser, Playwright

_OFFLINE = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
"""As root it has no sandbox; everything that would call home is off."""


def program_and_flags() -> tuple[str, list[str]]:
    """Where the browser is, and how it is started."""
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("these tests need Chromium: apt-get install chromium")
    return program, _OFFLINE


def chromium(playwright: Playwright) -> Browser:
    """A headless browser."""
    program, flags = program_and_flags()
    return playwright.chromium.launch(executable_path=program, args=flags)
