"""What those who run the installation see."""

from __future__ import annotations

import asyncpg
import msgspec
import pytest

from backend import database
from backend.scope import Role
from backend.settings import Settings
from tests.support.factory import Factory
from tests.support.http import Site, running


async def test_a_process_is_alive_without_its_database(http: Site) -> None:
    await database.disconnect()
    assert (await http.anybody().get("/livez")).json() == {"status": "ok"}


async def test_a_head_has_the_headers_of_the_get_and_no_body(http: Site) -> None:
    client = http.anybody()
    for path in ("/livez", "/readyz", "/sign-in", "/schema/openapi.json", "/nowhere"):
        got, head = await client.get(path), await client.head(path)
        assert (head.status_code, head.content) == (got.status_code, b""), path
        assert head.headers["content-length"] == got.headers["content-length"], path


async def test_ready_when_the_database_has_all_migrations(http: Site) -> None:
    assert (await http.anybody().get("/readyz")).json() == {"status": "ok"}


async def test_not_ready_without_the_database_and_the_reason_is_told(http: Site) -> None:
    await database.disconnect()
    answer = await http.anybody().get("/readyz")
    assert answer.status_code == 503
    assert "database" in answer.json()["reasons"][0]


async def test_not_ready_while_a_migration_is_missing(http: Site, db: str) -> None:
    connection = await asyncpg.connect(db)
    try:
        await connection.execute("UPDATE migration SET name = name || '-later' WHERE app_name = 'backend'")
        answer = await http.anybody().get("/readyz")
    finally:
        await connection.execute("UPDATE migration SET name = replace(name, '-later', '')")
        await connection.close()
    assert answer.status_code == 503
    assert "liftrounds migrate" in answer.json()["reasons"][0]


async def test_metrics_count_requests_by_route_and_never_by_address(http: Site) -> None:
    client = http.anybody()
    await client.get("/e/SECRET-CODE")
    await client.get("/no/such/page/at/all")
    text = (await client.get("/metrics")).text
    assert 'route="none",status="404"' in text
    assert "SECRET-CODE" not in text
    assert "liftrounds_jobs_waiting 0" in text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
async def test_metrics_are_not_for_those_behind_a_proxy(http: Site, header: str) -> None:
    assert (await http.anybody().get("/metrics", headers={header: "203.0.113.9"})).status_code == 403


async def test_metrics_are_for_an_admins_token_and_no_managers(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    behind = {"X-Forwarded-For": "203.0.113.9"}
    assert (await (await http.api(Role.MANAGER, firm)).get("/metrics", headers=behind)).status_code == 403
    assert (await (await http.api(Role.ADMIN)).get("/metrics", headers=behind)).status_code == 200


async def test_every_answer_carries_a_request_id_and_safe_headers(http: Site) -> None:
    client = http.anybody()
    for path in ("/livez", "/sign-in", "/nowhere", "/api/v1/nowhere", "/static/base.css", "/schema/openapi.json"):
        answer = await client.get(path)
        assert answer.headers["x-request-id"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "default-src 'self'" in answer.headers["content-security-policy"]
    answer = await client.get("/livez", headers={"X-Request-ID": "from-a-proxy.1"})
    assert answer.headers["x-request-id"] == "from-a-proxy.1"
    answer = await client.get("/livez", headers={"X-Request-ID": "no good; <script>"})
    assert answer.headers["x-request-id"] != "no good; <script>"


async def test_over_https_browsers_are_told_to_stay_there(db: str, settings: Settings) -> None:
    secure = msgspec.structs.replace(settings, public_url="https://rounds.example")
    async with running(secure) as app:
        site = Site(app)
        answer = await site.anybody().get("/sign-in")
        await site.close()
    assert "max-age" in answer.headers["strict-transport-security"]
    assert "Secure" in answer.headers["set-cookie"]


async def test_a_refusal_of_the_api_is_problem_details(http: Site) -> None:
    answer = await http.anybody().get("/api/v1/sessions/current", headers={"Accept-Language": "en"})
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.headers["www-authenticate"] == "Bearer"
    body = answer.json()
    assert (body["status"], body["code"], body["instance"]) == (401, "not_signed_in", "/api/v1/sessions/current")
    answer = await http.anybody().post("/api/v1/sessions", json={"login": 1, "pass": "x"})
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("application/problem+json")
