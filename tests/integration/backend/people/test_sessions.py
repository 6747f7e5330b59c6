"""Passwords, wrong ones among them, and what a session is worth."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend import clock, database
from backend.errors import Conflict, InvalidInput, NotAllowed, NotFound, NotSignedIn, TooManyAttempts
from backend.people import service as people
from backend.people import sessions
from backend.people.service import AccountPatch
from backend.scope import SYSTEM, Role, Scope
from tests.support.factory import Factory

PASSWORD = "a long enough password"


async def manager_of(factory: Factory, login: str = "li") -> people.AccountView:
    return await people.create_account(
        SYSTEM, login=login, password=PASSWORD, role=Role.MANAGER, name="Li", firm=await factory.firm()
    )


async def test_the_right_password_opens_a_session_in_the_accounts_firm(factory: Factory) -> None:
    made = await manager_of(factory)
    token, signed_in = await sessions.sign_in(" LI ", PASSWORD, api=True)
    assert signed_in.scope == Scope(role=Role.MANAGER, firm=made.firm, account=made.id)
    found = await sessions.session_of(token, api=True)
    assert found is not None
    assert found.scope == signed_in.scope


@pytest.mark.parametrize("login", ["li", "nobody-has-this-login"])
async def test_wrong_passwords_lock_a_login_whether_it_is_there_or_not(factory: Factory, login: str) -> None:
    await manager_of(factory)
    for _ in range(sessions.MAX_FAILED_ATTEMPTS):
        with pytest.raises(NotSignedIn):
            await sessions.sign_in(login, "wrong", api=False)
    with pytest.raises(TooManyAttempts) as refused:
        await sessions.sign_in(login, PASSWORD, api=False)
    assert 0 < refused.value.retry_after_s <= sessions.LOCK.total_seconds() + 1


async def test_a_lock_ends_by_itself_and_a_right_password_starts_the_count_anew(factory: Factory) -> None:
    await manager_of(factory)
    now = clock.now()
    with clock.stopped_at(now):
        for _ in range(sessions.MAX_FAILED_ATTEMPTS):
            with pytest.raises(NotSignedIn):
                await sessions.sign_in("li", "wrong", api=False)
    with clock.stopped_at(now + sessions.LOCK + timedelta(seconds=1)):
        await sessions.sign_in("li", PASSWORD, api=False)
        for _ in range(sessions.MAX_FAILED_ATTEMPTS - 1):
            with pytest.raises(NotSignedIn):
                await sessions.sign_in("li", "wrong", api=False)
        await sessions.sign_in("li", PASSWORD, api=False)


async def test_a_page_session_is_no_api_token_and_ends_after_a_working_day(factory: Factory) -> None:
    await manager_of(factory)
    token, _ = await sessions.sign_in("li", PASSWORD, api=False)
    assert await sessions.session_of(token, api=True) is None
    assert await sessions.session_of(token, api=False) is not None
    with clock.stopped_at(clock.now() + sessions.PAGE_SESSION + timedelta(seconds=1)):
        assert await sessions.session_of(token, api=False) is None
        assert await sessions.remove_expired() == 1


async def test_only_hashes_of_passwords_and_tokens_are_kept(factory: Factory) -> None:
    await manager_of(factory)
    token, _ = await sessions.sign_in("li", PASSWORD, api=True)
    async with database.tx(SYSTEM):
        for table in ("account", "session", "sign_in_attempt", "audit_event"):
            text = str([dict(row) for row in await database.fetch(f"SELECT * FROM {table}")])
            assert PASSWORD not in text
            assert token not in text


async def test_switching_an_account_off_ends_its_sessions_at_once(factory: Factory) -> None:
    made = await manager_of(factory)
    token, _ = await sessions.sign_in("li", PASSWORD, api=True)
    asker = Scope(role=Role.MANAGER, firm=made.firm)
    await people.change_account(asker, made.id, AccountPatch(active=False))
    assert await sessions.session_of(token, api=True) is None
    with pytest.raises(NotSignedIn):
        await sessions.sign_in("li", PASSWORD, api=True)


async def test_nobody_switches_off_their_own_account(factory: Factory) -> None:
    made = await manager_of(factory)
    with pytest.raises(Conflict):
        await people.change_account(
            Scope(role=Role.MANAGER, firm=made.firm, account=made.id), made.id, AccountPatch(active=False)
        )


async def test_a_manager_changes_no_account_of_another_firm_and_none_without_a_firm(factory: Factory) -> None:
    made = await manager_of(factory)
    admin = await people.create_account(SYSTEM, login="root", password=PASSWORD, role=Role.ADMIN, name="Root")
    stranger = Scope(role=Role.MANAGER, firm=await factory.firm())
    for account in (made.id, admin.id):
        with pytest.raises(NotFound):
            await people.change_account(stranger, account, AccountPatch(password="another long password"))
    assert await people.list_accounts(stranger) == []


@pytest.mark.parametrize("role", [Role.ADMIN, Role.REGULATOR])
async def test_only_an_admin_makes_accounts_that_see_every_firm(factory: Factory, role: Role) -> None:
    manager = Scope(role=Role.MANAGER, firm=await factory.firm())
    with pytest.raises(NotAllowed):
        await people.create_account(manager, login="x", password=PASSWORD, role=role, name="X")


async def test_all_faults_of_a_new_account_are_told_at_once(factory: Factory) -> None:
    manager = Scope(role=Role.MANAGER, firm=await factory.firm())
    with pytest.raises(InvalidInput) as refused:
        await people.create_account(manager, login="a b", password="short", role=Role.TECHNICIAN, name=" ")
    assert {fault.path for fault in refused.value.faults} == {"login", "password", "name", "technician"}
    assert "short" not in str([str(fault) for fault in refused.value.faults])


async def test_an_account_names_a_technician_of_its_own_firm_only(factory: Factory) -> None:
    firm, other = await factory.firm(), await factory.firm()
    technician = await factory.technician(other)
    for asker in (Scope(role=Role.MANAGER, firm=firm), SYSTEM):
        with pytest.raises(NotFound):
            await people.create_account(
                asker, login="t", password=PASSWORD, role=Role.TECHNICIAN, name="T", technician=technician, firm=firm
            )


async def test_a_login_is_taken_once_in_any_case(factory: Factory) -> None:
    await manager_of(factory)
    with pytest.raises(Conflict):
        await manager_of(factory, "Li")


async def test_the_trail_tells_who_did_what_newest_first_and_pages(factory: Factory) -> None:
    made = await manager_of(factory)
    asker = Scope(role=Role.MANAGER, firm=made.firm, account=made.id)
    for _ in range(3):
        await people.change_account(asker, made.id, AccountPatch(active=True))
    first = await people.trail(asker, action="account.", limit=2)
    assert [event.account_name for event in first.events] == ["Li", "Li"]
    rest = await people.trail(asker, action="account.", cursor=first.next_cursor, limit=2)
    assert [event.action for event in rest.events] == ["account.switched", "account.created"]
    assert rest.next_cursor is None
    assert (await people.trail(Scope(role=Role.MANAGER, firm=await factory.firm()))).events == []
