"""The audit trail in the office."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from backend.scope import Role
from mobile_api.pages.office.base import LISTED
from tests.support.factory import Factory
from tests.support.http import Site


async def test_what_was_done_in_the_office_is_told_with_who_and_what(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    browser = await http.browser(Role.MANAGER, firm)
    page = await browser.post_and_follow("/office/crews/new", {"name": "一组", "base_lat": "28.68", "base_lon": "121.42"})
    found = re.search(r"/office/crews/([0-9a-f-]{36})/week", page.text)
    assert found
    trail = (await browser.get("/office/audit")).text
    assert "Crew: made" in trail
    assert f"/office/crews/{found[1]}" in trail
    assert "Signed in" in trail
    only = (await browser.get("/office/audit?action=crew")).text
    assert "Crew: made" in only
    assert '<td data-name="Deed">Signed in' not in only
    about = (await browser.get(f"/office/audit?subject={found[1]}")).text
    assert "Crew: made" in about
    assert "Nothing fits this choice" in (await browser.get("/office/audit?action=label.")).text


async def test_a_day_is_the_firms_own(http: Site, factory: Factory) -> None:
    firm = await factory.firm(time_zone="Asia/Shanghai")
    at = datetime(2026, 3, 1, 17, 0, tzinfo=UTC)  # the second of March in Shanghai
    await factory.row("audit_event", firm=firm, action="label.revoked", subject="x", detail={"reason": "torn"}, at=at)
    browser = await http.browser(Role.MANAGER, firm)
    assert "torn" in (await browser.get("/office/audit?day=2026-03-02")).text
    assert "torn" not in (await browser.get("/office/audit?day=2026-03-01")).text
    assert (await browser.get("/office/audit?day=never")).status_code == 200


async def test_a_long_trail_has_pages_and_no_line_twice(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    at = datetime(2026, 3, 1, tzinfo=UTC)
    for number in range(LISTED + 5):
        await factory.row("audit_event", firm=firm, action="label.revoked", subject="x", detail={"n": f"n{number:03d}"}, at=at)
    browser = await http.browser(Role.MANAGER, firm)
    first = (await browser.get("/office/audit?action=label.")).text
    following = re.search(r'href="(/office/audit\?[^"]*cursor=[^"]+)"', first)
    assert following
    second = (await browser.get(following[1].replace("&amp;", "&"))).text
    told = re.findall(r"n: (n\d{3})", first) + re.findall(r"n: (n\d{3})", second)
    assert sorted(told) == [f"n{number:03d}" for number in range(LISTED + 5)]


async def test_another_firms_lines_are_not_seen_and_a_wrong_cursor_is_refused(http: Site, factory: Factory) -> None:
    other = await factory.firm()
    await factory.row("audit_event", firm=other, action="label.revoked", subject="x", detail={"reason": "theirs"},
                      at=datetime(2026, 3, 1, tzinfo=UTC))  # fmt: skip
    browser = await http.browser(Role.MANAGER, await factory.firm())
    assert "theirs" not in (await browser.get("/office/audit?action=label.")).text
    assert "theirs" in (await (await http.browser(Role.REGULATOR)).get("/office/audit?action=label.")).text
    assert (await browser.get("/office/audit?cursor=nonsense")).status_code == 400
