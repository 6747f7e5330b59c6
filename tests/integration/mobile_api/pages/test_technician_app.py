"""The technician's app as it is served."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from mobile_api.pages import technician_app
from tests.support.http import Site
from tests.support.technician_app import built

FIRST_LOAD_BYTES = 150_000


def loaded_first(page: str) -> list[str]:
    """Addresses that the page loads by itself."""
    return re.findall(r'(?:src|href)="(/t/[^"]+)"', page)


async def test_the_first_load_is_small(http: Site) -> None:
    built()
    client = http.anybody(headers={"Accept-Encoding": "gzip"})
    page = await client.get("/t/")
    addresses = loaded_first(page.text)
    assert any(address.endswith(".js") for address in addresses)
    total = len(gzip.compress(page.content))
    for address in addresses:
        answer = await client.get(address)
        assert answer.status_code == 200, address
        total += len(gzip.compress(answer.content))
    assert total < FIRST_LOAD_BYTES


async def test_nothing_is_loaded_from_elsewhere_and_nothing_runs_inline(http: Site) -> None:
    built()
    page = await http.anybody().get("/t/")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self' 'wasm-unsafe-eval'" in policy
    assert "unsafe-inline" not in policy
    assert "http" not in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)", page.text)
    assert not re.search(r"<style|\son\w+=|style=", page.text)
    assert not re.search(r'(?:src|href)="(?!/)', page.text)


async def test_a_new_version_is_seen_at_once_and_old_files_are_never_asked_for_again(http: Site) -> None:
    built()
    client = http.anybody()
    page = await client.get("/t/")
    hashed = [address for address in loaded_first(page.text) if address.endswith((".js", ".css"))]
    for address in ("/t/", "/t/sw.js", "/t/manifest.webmanifest"):
        assert (await client.get(address)).headers["cache-control"] == "no-cache", address
    for address in hashed:
        assert "immutable" in (await client.get(address)).headers["cache-control"], address
    etag = page.headers["etag"]
    again = await client.get("/t/", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


async def test_files_are_packed_where_the_browser_takes_it(http: Site) -> None:
    built()
    client = http.anybody()
    packed = await client.get("/t/sw.js", headers={"Accept-Encoding": "gzip, br"})
    plain = await client.get("/t/sw.js", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert plain.headers["content-type"].startswith("text/javascript")


async def test_no_cookie_is_set_and_no_session_is_read(http: Site) -> None:
    built()
    answer = await http.anybody().get("/t/")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "address",
    ["/t/nothing.js", "/t/../app.py", "/t/%2e%2e/%2e%2e/app.py", "/t/..%2f..%2fapp.py", "/t/.built-from", "/t/index.html",
     "/t/assets", "/t//etc/passwd", "/t/%00", "/t/assets/" + "a" * 300],
)  # fmt: skip
async def test_what_is_no_file_of_the_app_is_not_found(http: Site, address: str) -> None:
    built()
    assert (await http.anybody().get(address)).status_code == 404


async def test_the_address_without_its_slash_leads_to_the_app(http: Site) -> None:
    built()
    answer = await http.anybody().get("/t")
    assert (answer.status_code, answer.headers["location"]) == (308, "/t/")


@pytest.mark.parametrize(("language", "words"), [("en", "is not built"), ("zh", "尚未构建")])
async def test_a_checkout_without_the_built_app_says_what_to_run(
    http: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str, words: str
) -> None:
    monkeypatch.setattr(technician_app, "DIST", tmp_path)
    answer = await http.anybody(headers={"Accept-Language": language}).get("/t/")
    assert answer.status_code == 503
    assert words in answer.text
    assert "uv sync --reinstall-package liftrounds" in answer.text
