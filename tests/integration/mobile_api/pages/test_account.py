"""One's own account: password and sessions."""

from __future__ import annotations

from backend.scope import Role
from tests.support.factory import Factory
from tests.support.http import PASSWORD, Site, account


async def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(http: Site, factory: Factory) -> None:
    login = await account(await factory.firm(), Role.MANAGER)
    here, there = http.browser_of_anybody(), http.browser_of_anybody()
    for browser in (here, there):
        await browser.post("/sign-in", {"login": login, "password": PASSWORD})
    page = await here.post_and_follow("/account/password", {"old": PASSWORD, "new": "another long password"})
    assert "The password is changed." in page.text
    assert (await there.get("/account")).status_code == 303
    assert (await http.browser_of_anybody().post("/sign-in", {"login": login, "password": PASSWORD})).status_code == 401


async def test_a_wrong_old_or_short_new_password_is_told_beside_its_field(http: Site, factory: Factory) -> None:
    browser = await http.browser(Role.MANAGER, await factory.firm())
    answer = await browser.post("/account/password", {"old": "wrong", "new": "another long password"})
    assert (answer.status_code, 'id="old-reason"' in answer.text) == (400, True)
    answer = await browser.post("/account/password", {"old": PASSWORD, "new": "short"})
    assert (answer.status_code, 'id="new-reason"' in answer.text) == (400, True)


async def test_signing_out_everywhere_else_ends_browsers_and_apps(http: Site, factory: Factory) -> None:
    login = await account(await factory.firm(), Role.MANAGER)
    here, there, app = http.browser_of_anybody(), http.browser_of_anybody(), http.anybody()
    for browser in (here, there):
        await browser.post("/sign-in", {"login": login, "password": PASSWORD})
    token = (await app.post("/api/v1/sessions", json={"login": login, "password": PASSWORD})).json()["token"]
    page = await here.post_and_follow("/account/sessions/end")
    assert "2 other sessions have ended." in page.text
    assert (await there.get("/account")).status_code == 303
    answer = await app.get("/api/v1/sessions/current", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


async def test_a_single_session_is_ended_from_the_list(http: Site, factory: Factory) -> None:
    login = await account(await factory.firm(), Role.MANAGER)
    here, there = http.browser_of_anybody(), http.browser_of_anybody()
    for browser in (there, here):
        await browser.post("/sign-in", {"login": login, "password": PASSWORD})
    page = (await here.get("/account")).text
    address = page.partition('action="/account/sessions/')[2]
    other = address.partition('"')[0] if "/end" in address.partition('"')[0] and len(address.partition('"')[0]) > 10 else ""
    assert other
    await here.post(f"/account/sessions/{other}")
    assert (await there.get("/account")).status_code == 303
    assert (await here.get("/account")).status_code == 200
