"""Refusals at the edge: problem details for programs, a page for people, and a way out in both."""

from __future__ import annotations

import pytest

from backend import database
from backend.scope import Role
from mobile_api.app import LARGEST_BODY_BYTES
from tests.support.factory import Factory
from tests.support.http import Site


async def test_a_page_that_is_not_there_is_told_in_the_readers_language(http: Site) -> None:
    answer = await http.anybody(headers={"Accept-Language": "zh-CN"}).get("/nowhere")
    assert answer.status_code == 404
    assert "没有这个页面" in answer.text
    answer = await http.anybody(headers={"Accept-Language": "en"}).get("/nowhere")
    assert "There is no such page." in answer.text


async def test_an_address_of_the_api_that_is_not_there_is_problem_details(http: Site) -> None:
    answer = await http.anybody().get("/api/v1/nowhere")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_an_expired_form_says_so_and_the_next_try_works(http: Site, factory: Factory) -> None:
    browser = await http.browser(Role.MANAGER, await factory.firm())
    browser.client.cookies.set(
        "csrftoken", "0" * 128, domain="testserver.local", path="/"
    )  # made with a secret that is no more
    answer = await browser.post("/account/sessions/end")
    assert answer.status_code == 403
    assert "expired" in answer.text
    assert "csrftoken" not in browser.client.cookies
    assert (await browser.post("/account/sessions/end")).status_code == 303


async def test_a_body_without_end_is_refused(http: Site, factory: Factory) -> None:
    api = await http.api(Role.MANAGER, await factory.firm())
    answer = await api.post(
        "/api/v1/owners", content=b"x" * (LARGEST_BODY_BYTES + 1), headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b'{"name": "A", "sqrt": 1}', b'{"name": 7}', b"null", b"[" * 100_000]
)
async def test_a_body_that_does_not_fit_is_a_refusal_with_its_reason(http: Site, factory: Factory, body: bytes) -> None:
    api = await http.api(Role.MANAGER, await factory.firm())
    answer = await api.post("/api/v1/owners", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_input"


async def test_a_text_that_the_database_cannot_hold_is_a_refusal(http: Site, factory: Factory) -> None:
    api = await http.api(Role.MANAGER, await factory.firm())
    answer = await api.post("/api/v1/owners", json={"name": "nul\u0000byte"})
    assert answer.status_code == 400
    assert (await api.get("/api/v1/owners", params={"text": "a\u0000b"})).status_code in (200, 400)


async def test_a_lost_database_is_503_and_no_stack_trace(http: Site, factory: Factory, db: str) -> None:
    api = await http.api(Role.MANAGER, await factory.firm())
    await database.disconnect()
    answer = await api.get("/api/v1/owners")
    assert answer.status_code in (500, 503)
    assert "Traceback" not in answer.text
    await database.connect(db)


async def test_an_error_page_offers_the_way_back_to_our_own_pages_only(http: Site, factory: Factory) -> None:
    browser = await http.browser(Role.MANAGER, await factory.firm())
    own = await browser.get("/nowhere", headers={"Referer": "http://testserver.local/office/due?days=6"})
    assert 'href="/office/due?days=6"' in own.text
    other = await browser.get("/nowhere", headers={"Referer": "https://evil.example/office/due"})
    assert "evil.example" not in other.text


async def test_a_body_that_is_not_utf8_is_a_mistake_of_its_sender_and_is_not_logged(
    http: Site, capfd: pytest.CaptureFixture[str]
) -> None:
    """A client that sends GB 18030 is told so; the password in it stays out of the log."""
    body = '{"login": "经理", "password": "hunter2secret"}'.encode("gb18030")
    answer = await http.anybody().post("/api/v1/sessions", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["faults"][0]["path"] == "body"
    assert "hunter2secret" not in "".join(capfd.readouterr())
