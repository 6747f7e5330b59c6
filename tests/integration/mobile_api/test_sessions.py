"""Signing in to pages and API."""

from __future__ import annotations

import pytest

from backend.scope import Role
from tests.support.factory import Factory
from tests.support.http import PASSWORD, Site, account


async def test_a_token_says_who_it_is_and_ends_with_signing_out(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    client = await http.api(Role.MANAGER, firm)
    answer = await client.get("/api/v1/sessions/current")
    assert (answer.json()["role"], answer.json()["firm"]) == ("manager", str(firm))
    assert (await client.delete("/api/v1/sessions/current")).status_code == 204
    assert (await client.get("/api/v1/sessions/current")).status_code == 401


async def test_a_browser_signs_in_sees_its_start_page_and_signs_out(http: Site, factory: Factory) -> None:
    browser = await http.browser(Role.MANAGER, await factory.firm())
    assert (await browser.get("/")).headers["location"] == "/office/"
    page = await browser.post_and_follow("/sign-out")
    assert "You are signed out." in page.text
    assert "You are signed out." not in (await browser.get("/sign-in")).text
    assert (await browser.get("/")).headers["location"] == "/sign-in"


async def test_a_form_without_its_token_is_refused(http: Site) -> None:
    client = http.anybody(headers={"Accept-Language": "en"})
    answer = await client.post("/sign-in", data={"login": "x", "password": "y"})
    assert answer.status_code == 403


@pytest.mark.parametrize("bad", ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "evil"])
async def test_signing_in_never_leads_to_another_site(http: Site, factory: Factory, bad: str) -> None:
    login = await account(await factory.firm(), Role.MANAGER)
    browser = http.browser_of_anybody()
    answer = await browser.post("/sign-in", {"login": login, "password": PASSWORD, "next": bad})
    assert answer.headers["location"] == "/office/"


async def test_signing_in_leads_back_to_the_page_that_asked_for_it(http: Site, factory: Factory) -> None:
    login = await account(await factory.firm(), Role.MANAGER)
    browser = http.browser_of_anybody()
    answer = await browser.post("/sign-in", {"login": login, "password": PASSWORD, "next": "/office/due?overdue=1"})
    assert answer.headers["location"] == "/office/due?overdue=1"
