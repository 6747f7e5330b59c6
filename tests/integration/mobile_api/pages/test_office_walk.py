"""Every page of the office opens: for a firm with nothing, for a manager, an admin and a regulator, in both languages."""

from __future__ import annotations

import pytest

from backend.scope import Role
from mobile_api.security import handlers_of
from tests.support.factory import Factory
from tests.support.http import Site


def plain_pages(http: Site) -> list[str]:
    """The addresses of all pages of the office that need nothing to be named."""
    return sorted(
        path
        for path, handler in handlers_of(http.app)
        if path.startswith("/office") and "{" not in path and "GET" in getattr(handler, "http_methods", ())
    )


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN, Role.REGULATOR])
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_every_page_opens_for_a_firm_with_nothing(http: Site, factory: Factory, role: Role, language: str) -> None:
    browser = await http.browser(role, await factory.firm(), language=language)
    pages = plain_pages(http)
    assert len(pages) > 15
    for path in pages:
        answer = await browser.get(path)
        if role is Role.REGULATOR and answer.status_code == 403:
            continue  # a page on which nothing but changes is done
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[-3000:]}"
