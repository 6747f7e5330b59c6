"""Every page of the office opens: for a firm with nothing, for a manager, an admin and a regulator, in both languages."""

from __future__ import annotations

import pytest

from backend.scope import Role
from mobile_api.security import handlers_of
from tests.support.factory import Factory
from tests.support.http import Browser, Site
from tests.support.planned_firm import PlannedFirm, planned_firm


@pytest.fixture
async def planned(factory: Factory) -> PlannedFirm:
    """A firm whose pages show their forms."""
    return await planned_firm(factory)


def plain_pages(http: Site) -> list[str]:
    """The addresses of all pages of the office that need nothing to be named."""
    return sorted(
        path
        for path, handler in handlers_of(http.app)
        if path.startswith("/office") and "{" not in path and "GET" in getattr(handler, "http_methods", ())
    )


async def walk(http: Site, browser: Browser, allowed: set[int]) -> None:
    pages = plain_pages(http)
    assert len(pages) > 15
    wrong = {}
    for path in pages:
        answer = await browser.get(path)
        if answer.status_code not in allowed:
            wrong[path] = answer.status_code
    assert wrong == {}


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_every_page_opens_for_the_manager_of_a_firm_with_nothing(http: Site, factory: Factory, language: str) -> None:
    await walk(http, await http.browser(Role.MANAGER, await factory.firm(), language=language), {200})


async def test_every_page_opens_for_an_admin_or_sends_to_choose_a_firm(http: Site, factory: Factory) -> None:
    await factory.firm()
    await walk(http, await http.browser(Role.ADMIN), {200, 303})


async def test_every_page_opens_for_an_admin_in_a_firm(http: Site, factory: Factory) -> None:
    browser = await http.browser(Role.ADMIN)
    page = await browser.post_and_follow("/office/firms/choose", {"firm": str(await factory.firm(name="Chosen firm"))})
    assert "Chosen firm" in page.text
    await walk(http, browser, {200})


async def test_a_regulator_reads_every_page_but_those_for_changes(http: Site, factory: Factory) -> None:
    await factory.firm()
    await walk(http, await http.browser(Role.REGULATOR), {200, 403})


async def test_no_form_is_a_mistake_of_ours_whatever_of_it_is_sent(http: Site, planned: PlannedFirm) -> None:
    browser = await http.browser(Role.MANAGER, planned.firm)
    forms = {
        path
        for path, handler in handlers_of(http.app)
        if path.startswith("/office") and "{" not in path and "POST" in getattr(handler, "http_methods", ())
    }
    assert {"/office/plan", "/office/levelling", "/office/compare", "/office/today/repair"} <= forms
    wrong = {}
    for path in sorted(forms):
        for form in ({}, {"days": "x"}, {"name": "²", "kind": "²"}, {"seed": "9" * 5000, "from_s": "²:00", "kind": "out"}):
            answer = await browser.post(path, form)
            if answer.status_code >= 500:
                wrong[path] = form
    assert wrong == {}
