"""The page that checks a record in the browser: a real Chromium, and no request while it checks."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.async_api import Page, Route, async_playwright

from backend import keyfile
from backend.recordlog import service as recordlog
from backend.scope import Role
from backend.settings import Settings
from qr.log import bundle, keys
from qr.log.bundle import Bundle
from tests.support.browser import program_and_flags
from tests.support.factory import Factory
from tests.support.http import Site
from tests.support.logged import RING, bundled
from tests.support.visits import Workplace

ORIGIN = "http://localhost:9"
"""A place where browsers compute hashes; nobody listens, every request is answered by the application in this process."""


class Seen:
    """A page, and what it asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.files = 0

    async def check(self, content: bytes, folder: Path, key: str = "") -> str:
        """Have a file checked; return the verdict."""
        self.files += 1
        file = folder / f"record-{self.files}.json"  # choosing the same file again is no change
        file.write_bytes(content)
        await self.page.fill("#key", key)
        before = len(self.asked)
        await self.page.set_input_files("#file", file)
        await self.page.wait_for_selector("#outcome:not([hidden])")
        assert self.asked[before:] == []
        return await self.verdict()

    async def verdict(self) -> str:
        await self.page.wait_for_selector("#outcome:not([hidden])")
        return str(await self.page.get_attribute("#outcome", "data-verdict"))

    async def steps(self) -> dict[str, str]:
        rows = await self.page.query_selector_all("#steps li")
        return {str(await row.get_attribute("data-step")): (await row.inner_text()).split("\n")[-1] for row in rows}


@pytest.fixture
async def seen(http: Site) -> AsyncIterator[Seen]:
    program, flags = program_and_flags()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=flags)
        page = await browser.new_page(locale="en-GB")
        found = Seen(page)
        client = http.anybody(headers={"Accept-Language": "en"})

        async def answer(route: Route) -> None:
            path = route.request.url.removeprefix(ORIGIN)
            found.asked.append(path)
            given = await client.get(path)
            await route.fulfill(status=given.status_code, headers=dict(given.headers), body=given.content)

        await page.route("**/*", answer)
        yield found
        await browser.close()


def encoded(changed: dict[str, Any]) -> bytes:
    return json.dumps(changed, ensure_ascii=False).encode()


async def test_a_good_bundle_holds_and_one_with_one_changed_byte_does_not(seen: Seen, tmp_path: Path) -> None:
    await seen.page.goto(f"{ORIGIN}/verify")
    for with_record in (True, False):
        good = bundle.encode(bundled(with_record=with_record))
        assert await seen.check(good, tmp_path) == "ok"
        assert set((await seen.steps()).values()) == {"fits"}
        assert RING.public[0].text in await seen.page.inner_text("#trust")
        assert await seen.check(good, tmp_path, RING.public[0].text) == "ok"
    good = bundle.encode(bundled())
    changed = good.replace(b'"measured": "1.5"', b'"measured": "1.6"', 1)
    assert len(changed) == len(good)
    assert changed != good
    assert await seen.check(changed, tmp_path) == "error"
    assert await seen.steps() == {
        "record": "does not fit", "commitment": "fits", "agreement": "fits", "public": "fits", "inclusion": "fits",
        "signature": "fits",
    }  # fmt: skip


async def test_the_browser_and_the_command_say_the_same_of_every_kind_of_fault(seen: Seen, tmp_path: Path) -> None:
    await seen.page.goto(f"{ORIGIN}/verify")
    good, other = bundled(), bundled(size=12)
    assert good.record is not None
    forged = keys.LogKeys(RING.origin, (keys.LogKey(0, b"m" * 32),))
    statement = msgspec.structs.replace(good.public.statement, day="2026-11-27")
    changes: list[dict[str, Any]] = [
        {"index": 5}, {"index": 400}, {"proof": good.proof[:-1]}, {"proof": [*good.proof, good.proof[0]]},
        {"checkpoint": other.checkpoint}, {"checkpoint": ""}, {"leaf": other.leaf},
        {"checkpoint": good.checkpoint.replace("\n11\n", "\n12\n")}, {"leaf": good.leaf + " "},
        {"leaf": "{}"}, {"keys": []}, {"keys": ["x"]},
        {"public": msgspec.structs.replace(good.public, statement=statement)},
        {"public": msgspec.structs.replace(good.public, salt="0" * 64)},
        {"record": msgspec.structs.replace(good.record, salt="0" * 64)},
        {"record": msgspec.structs.replace(good.record, body={})},
    ]  # fmt: skip
    kinds: list[Bundle] = [
        good, bundled(size=1, index=0), bundled(size=257, index=256), bundled(size=300, index=7), bundled(ring=forged),
        bundled(ring=keys.rotate(RING, lambda length: b"n" * length)),
        *(msgspec.structs.replace(good, **change) for change in changes),
    ]  # fmt: skip
    for key, known, tried in (("", None, kinds), (RING.public[0].text, RING.public, kinds[:6])):
        for kind in tried:
            report = bundle.check(kind, known)
            assert await seen.check(bundle.encode(kind), tmp_path, key) == ("ok" if report.valid else "error")
            told = {step.name: "fits" if step.ok else "does not fit" for step in report.steps}
            assert await seen.steps() == told


async def test_what_is_no_bundle_or_no_key_is_told(seen: Seen, tmp_path: Path) -> None:
    await seen.page.goto(f"{ORIGIN}/verify")
    good = json.loads(bundle.encode(bundled()))
    for content in (b"", b"{}", b"null", b"\xff\xfe", encoded(good | {"more": 1}), encoded(good | {"index": 1.5})):
        assert await seen.check(content, tmp_path) == "error"
        assert await seen.page.inner_text("#verdict") == "This file is no record with its proof."
    assert await seen.check(encoded(good), tmp_path, "no key") == "error"
    assert "no public key" in await seen.page.inner_text("#verdict")


async def test_from_the_elevators_page_its_last_visit_is_checked_at_once(
    seen: Seen, factory: Factory, settings: Settings
) -> None:
    place = await Workplace.open(factory, keyfile.label_keys(settings))
    await place.finish()
    await seen.page.goto(f"{ORIGIN}/e/{place.code}")
    assert await seen.page.locator("text=Not in the tamper-evident log yet").count() == 1
    await seen.page.goto(f"{ORIGIN}/verify/{place.code}")
    assert "is not in the log yet" in await seen.page.inner_text("main")
    await recordlog.append(keyfile.log_keys(settings))
    await seen.page.goto(f"{ORIGIN}/e/{place.code}?again")
    await seen.page.click("text=Check this record")
    assert await seen.verdict() == "ok"
    assert await seen.steps() == {"public": "fits", "inclusion": "fits", "signature": "fits"}


async def test_without_scripts_the_page_says_what_to_do(http: Site) -> None:
    for language, words in (("en", "liftrounds verify FILE"), ("zh", "核验记录")):
        page = await http.anybody(headers={"Accept-Language": language}).get("/verify")
        assert words in page.text
        assert len(page.content) < 100_000


async def test_the_office_and_the_owner_save_a_record_with_its_proof(http: Site, factory: Factory, settings: Settings) -> None:
    place = await Workplace.open(factory, keyfile.label_keys(settings))
    visit = await place.finish()
    ring = keyfile.log_keys(settings)
    await recordlog.append(ring)
    for role, area, person in ((Role.MANAGER, "office", {}), (Role.OWNER, "owner", {"owner": place.owner})):
        browser = await http.browser(role, place.firm, "en", **person)
        page = await browser.get(f"/{area}/visits/{visit}")
        address = f"/{area}/visits/{visit}/bundle?version=1"
        assert address in page.text
        assert bundle.check(bundle.read((await browser.get(address)).content), ring.public).valid
