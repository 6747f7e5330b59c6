"""Accounts in the office: handed over, used, switched off, given a new password."""

from __future__ import annotations

import re
from uuid import UUID

import httpx

from backend.people import service as people
from backend.people.service import AccountView
from backend.scope import Role, Scope
from tests.support.factory import Factory
from tests.support.http import Site


def manager(firm: UUID) -> Scope:
    return Scope(role=Role.MANAGER, firm=firm)


async def account_called(firm: UUID, login: str) -> AccountView:
    return next(one for one in await people.list_accounts(manager(firm)) if one.login == login)


def password_in(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text[:2000]
    assert answer.headers["cache-control"] == "no-store"
    found = re.search(r'id="password" class="secret" value="([^"]+)"', answer.text)
    assert found
    return found[1]


async def signs_in(http: Site, login: str, password: str) -> bool:
    browser = http.browser_of_anybody()
    await browser.get("/sign-in")
    answer = await browser.post("/sign-in", {"login": login, "password": password})
    return answer.status_code == 303


async def test_a_technician_gets_an_account_a_new_password_and_loses_it(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    technician = await factory.technician(firm, name="王师傅")
    browser = await http.browser(Role.MANAGER, firm)
    page = (await browser.get(f"/office/accounts?technician={technician}")).text
    assert 'value="王师傅"' in page
    form = {"role": "technician", "name": "王师傅", "login": "Wang", "technician": str(technician), "password": ""}
    password = password_in(await browser.post("/office/accounts", form))
    assert await signs_in(http, "wang", password)
    made = await account_called(firm, "wang")
    assert password not in (await browser.get(f"/office/accounts/{made.id}")).text
    new = password_in(await browser.post(f"/office/accounts/{made.id}/password", {"new-password": ""}))
    assert not await signs_in(http, "wang", password)
    assert await signs_in(http, "wang", new)
    await browser.post_and_follow(f"/office/accounts/{made.id}/switch", {"active": "no"})
    assert not await signs_in(http, "wang", new)
    await browser.post_and_follow(f"/office/accounts/{made.id}/switch", {"active": "yes"})
    assert await signs_in(http, "wang", new)
    await browser.post_and_follow(f"/office/accounts/{made.id}", {"name": "王老师傅"})
    assert (await account_called(firm, "wang")).name == "王老师傅"


async def test_an_owner_gets_an_account_with_a_password_that_was_typed(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    owner = await factory.owner(firm)
    browser = await http.browser(Role.MANAGER, firm)
    form = {"role": "owner", "name": "李", "login": "li", "owner": str(owner), "password": " with spaces at both ends "}
    page = await browser.post_and_follow("/office/accounts", form)
    assert "The account li is made." in page.text
    assert await signs_in(http, "li", " with spaces at both ends ")
    assert "李" in (await browser.get("/office/accounts?role=owner")).text
    assert "李" not in (await browser.get("/office/accounts?role=technician")).text


async def test_faults_stand_beside_their_fields(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    browser = await http.browser(Role.MANAGER, firm)
    answer = await browser.post("/office/accounts", {"role": "technician", "name": "", "login": "a b", "password": "short"})
    assert answer.status_code == 400
    assert 'id="name-reason"' in answer.text
    assert 'id="login-reason"' in answer.text
    assert 'id="password-reason"' in answer.text
    assert "name the technician of a technician" in answer.text
    assert "short" not in re.findall(r'value="([^"]*)"', answer.text)
    form = {"role": "manager", "name": "Second", "login": "second", "password": "long enough it is"}
    await browser.post_and_follow("/office/accounts", form)
    answer = await browser.post("/office/accounts", form)
    assert answer.status_code == 400
    assert "the login second is taken" in answer.text


async def test_nobody_switches_off_their_own_account(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    browser = await http.browser(Role.MANAGER, firm)
    [own] = await people.list_accounts(manager(firm))
    assert (await browser.post(f"/office/accounts/{own.id}/switch", {"active": "no"})).status_code == 409
    assert (await people.list_accounts(manager(firm)))[0].active


async def test_a_manager_makes_no_admin_and_reaches_no_other_firms_account(http: Site, factory: Factory) -> None:
    other = await factory.firm()
    await http.browser(Role.MANAGER, other)
    [theirs] = await people.list_accounts(manager(other))
    firm = await factory.firm()
    browser = await http.browser(Role.MANAGER, firm)
    answer = await browser.post("/office/accounts", {"role": "admin", "name": "x", "login": "x", "password": ""})
    assert answer.status_code == 403
    assert (await browser.get(f"/office/accounts/{theirs.id}")).status_code == 404
    assert theirs.login not in (await browser.get("/office/accounts")).text
    for part in ("", "/switch", "/password"):
        answer = await browser.post(f"/office/accounts/{theirs.id}{part}", {"name": "x", "active": "no"})
        assert answer.status_code == 404
    form = {"role": "technician", "name": "x", "login": "x", "password": "", "technician": str(await factory.technician(other))}
    assert (await browser.post("/office/accounts", form)).status_code == 404


async def test_an_admin_without_a_firm_makes_a_regulator_and_a_regulator_sees_no_accounts(http: Site, factory: Factory) -> None:
    await factory.firm()
    admin = await http.browser(Role.ADMIN)
    page = (await admin.get("/office/accounts")).text
    assert "Accounts of a firm are made inside it." in page
    password = password_in(await admin.post("/office/accounts", {"role": "regulator", "name": "局", "login": "bureau-1"}))
    assert await signs_in(http, "bureau-1", password)
    regulator = await http.browser(Role.REGULATOR)
    assert (await regulator.get("/office/accounts")).status_code == 403
    assert (await regulator.post("/office/accounts", {"role": "manager"})).status_code == 403


async def test_no_account_is_made_without_the_forms_token(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    browser = await http.browser(Role.MANAGER, firm)
    answer = await browser.client.post("/office/accounts", data={"role": "manager", "name": "x", "login": "xx"})
    assert answer.status_code == 403
    assert len(await people.list_accounts(manager(firm))) == 1
