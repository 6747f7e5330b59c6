"""The account page offers passkeys where browsers have them, and says why where they have none."""

from __future__ import annotations

import pytest
from msgspec import structs

from backend.scope import Role
from backend.settings import Settings
from tests.support.factory import Factory
from tests.support.http import Site, running


@pytest.mark.parametrize(("language", "add"), [("en", "Add a passkey"), ("zh", "添加通行密钥")])
async def test_under_a_name_a_passkey_can_be_added(
    http: Site, settings: Settings, factory: Factory, language: str, add: str
) -> None:  # fmt: skip
    async with running(structs.replace(settings, public_url="http://localhost:8000")) as app:
        site = Site(app)
        page = (await (await site.browser(Role.MANAGER, await factory.firm(), language)).get("/account")).text
        await site.close()
    assert add in page
    assert "flash warn" not in page.replace('<noscript><p class="flash warn">', "").replace(
        '<div id="passkey-none" hidden><p class="flash warn">', ""
    )


@pytest.mark.parametrize(("language", "why"), [("en", "passkeys need HTTPS"), ("zh", "通行密钥需要 HTTPS")])
async def test_over_plain_http_the_page_says_why_there_are_none(
    http: Site, factory: Factory, language: str, why: str
) -> None:  # fmt: skip
    page = (await (await http.browser(Role.MANAGER, await factory.firm(), language)).get("/account")).text
    assert why in page
    assert "passkey-add" not in page
