"""Accounts and the audit trail: who may do what, and what they did. Sessions are in `backend.people.sessions`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from msgspec import UNSET, Struct, UnsetType

from backend import clock, database, paging
from backend.errors import Conflict, Fault, InvalidInput, NotAllowed, NotFound
from backend.people import passwords, queries
from backend.scope import SYSTEM, Role, Scope

NO_FIRM = (Role.REGULATOR, Role.ADMIN)
"""Roles whose accounts belong to no firm and see all."""


class AccountView(Struct, frozen=True, kw_only=True):
    """An account without its secret."""

    id: UUID
    firm: UUID | None
    login: str
    name: str
    role: Role
    technician: UUID | None
    owner: UUID | None
    active: bool


class AccountPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What changes of an account."""

    name: str | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    """Off ends its sessions at once."""

    password: str | UnsetType = UNSET
    """A new one, set by somebody else; ends its sessions."""


class AuditPage(Struct, frozen=True, kw_only=True):
    """A part of the audit trail, newest first."""

    events: Sequence[queries.AuditRow]
    next_cursor: str | None


async def create_account(
    scope: Scope,
    *,
    login: str,
    password: str,
    role: Role,
    name: str,
    technician: UUID | None = None,
    owner: UUID | None = None,
    firm: UUID | None = None,
) -> AccountView:
    """Make an account; a manager makes those of their own firm, an admin those of any and of none.

    Parameters
    ----------
    scope
        Who makes it.
    login, password, role, name
        Of the account.
    technician, owner
        The person behind an account of that role.
    firm
        For an asker without a firm: the account's.

    Raises
    ------
    InvalidInput
        With all faults: an empty name, a login with spaces, a password that is too short, a role without its person.
    NotAllowed
        If somebody but an admin makes an account that sees every firm.
    NotFound
        If there is no such technician, owner or firm.
    Conflict
        If the login is taken.
    """
    if role in NO_FIRM and scope.role is not Role.ADMIN:
        raise NotAllowed("only an admin makes accounts of this role")
    login, name = login.strip().lower(), name.strip()
    of = None if role in NO_FIRM else scope.firm or firm
    faults = _faults(login, name, role, technician, owner, of) + passwords.faults("password", password)
    if faults:
        raise InvalidInput("the account cannot be made", faults=faults)
    password_hash = await asyncio.to_thread(passwords.hashed, password)
    row = queries.AccountRow(
        id=uuid4(), firm=of, login=login, password_hash=password_hash, role=role, name=name, technician=technician,
        owner=owner, active=True,
    )  # fmt: skip
    async with database.tx(Scope(role=scope.role, firm=of, account=scope.account)):  # its person is one of its firm
        if not await queries.exist(of, technician, owner):
            raise NotFound("no such firm, technician or owner")
        if not await queries.insert_account(row):
            raise Conflict("the login {login} is taken", login=login)
        await audit(of, scope.account, "account.created", str(row.id), {"role": role.value, "login": login})
    return _view(row)


def _faults(login: str, name: str, role: Role, technician: UUID | None, owner: UUID | None, firm: UUID | None) -> list[Fault]:
    faults: list[Fault] = []
    if not login or not login.isprintable() or " " in login:
        faults.append(Fault("login", login, "give a login without spaces"))
    if not name:
        faults.append(Fault("name", name, "give a name"))
    if role is Role.DEVICE:
        faults.append(Fault("role", role.value, "devices have keys, not accounts"))
    elif role not in NO_FIRM and firm is None:
        faults.append(Fault("firm", None, "name the firm of the account"))
    if (role is Role.TECHNICIAN) != (technician is not None):
        reason = "name the technician of a technician's account, and of no other"
        faults.append(Fault("technician", str(technician or ""), reason))
    if (role is Role.OWNER) != (owner is not None):
        faults.append(Fault("owner", str(owner or ""), "name the owner of an owner's account, and of no other"))
    return faults


def _view(row: queries.AccountRow) -> AccountView:
    return AccountView(
        id=row.id, firm=row.firm, login=row.login, name=row.name, role=row.role, technician=row.technician, owner=row.owner,
        active=row.active,
    )  # fmt: skip


async def list_accounts(scope: Scope) -> list[AccountView]:
    """Return the accounts of the asker's firm; for an asker without a firm all accounts."""
    async with database.tx(scope):
        return [_view(row) for row in await queries.accounts(scope.firm)]


async def change_account(scope: Scope, account: UUID, patch: AccountPatch) -> AccountView:
    """Change an account of the asker's firm: name, on or off, a new password.

    Raises
    ------
    NotFound
        If the asker's firm has no such account.
    InvalidInput
        For an empty name or a password that is too short.
    Conflict
        If somebody switches off their own account.
    """
    if account == scope.account and patch.active is False:
        raise Conflict("nobody switches off their own account")
    faults = [] if isinstance(patch.password, UnsetType) else passwords.faults("password", patch.password)
    if patch.name is not UNSET and not patch.name.strip():
        faults.append(Fault("name", patch.name, "give a name"))
    if faults:
        raise InvalidInput("the account was not changed", faults=faults)
    async with database.tx(scope):
        row = await queries.account_seen(account, scope.firm)
        if row is None:
            raise NotFound("no account {account}", account=account)
        if not isinstance(patch.name, UnsetType):
            await queries.set_name(account, patch.name.strip())
        if not isinstance(patch.active, UnsetType):
            await queries.set_active(account, patch.active)
            await audit(row.firm, scope.account, "account.switched", str(account), {"active": patch.active})
        if not isinstance(patch.password, UnsetType):
            await queries.set_password(account, await asyncio.to_thread(passwords.hashed, patch.password))
            await audit(row.firm, scope.account, "account.password_set", str(account))
        if patch.active is False or patch.password is not UNSET:
            await queries.delete_sessions_of(account)
        changed = await queries.account_seen(account, scope.firm)
    assert changed is not None  # noqa: S101 - it was locked
    return _view(changed)


async def change_password(scope: Scope, old: str, new: str, *, session: UUID | None = None) -> None:
    """Change the asker's own password; all their other sessions end.

    Parameters
    ----------
    scope, old, new
        Whose, what it was, what it will be.
    session
        The session that asks, which goes on.

    Raises
    ------
    InvalidInput
        If the old password is wrong or the new one too short.
    """
    assert scope.account is not None  # noqa: S101 - only signed-in people reach this
    async with database.tx(SYSTEM):
        row = await queries.account_seen(scope.account, None)
        if row is None or not await asyncio.to_thread(passwords.is_right, row.password_hash, old):
            raise InvalidInput("the password was not changed", faults=[Fault("old", None, "this is not your password")])
        faults = passwords.faults("new", new)
        if faults:
            raise InvalidInput("the password was not changed", faults=faults)
        await queries.set_password(row.id, await asyncio.to_thread(passwords.hashed, new))
        await queries.delete_sessions_of(row.id, but=session)
        await audit(row.firm, row.id, "account.password_changed", str(row.id))


async def set_password_by_login(login: str, password: str) -> None:
    """Set a password from the terminal and end all sessions of the account.

    Raises
    ------
    NotFound
        If there is no such login.
    InvalidInput
        If the password is too short.
    """
    faults = passwords.faults("password", password)
    if faults:
        raise InvalidInput("the password was not set", faults=faults)
    async with database.tx(SYSTEM):
        row = await queries.account_by_login(login.strip().lower())
        if row is None:
            raise NotFound("no account with the login {login}", login=login)
        await queries.set_password(row.id, await asyncio.to_thread(passwords.hashed, password))
        await queries.delete_sessions_of(row.id)
        await queries.delete_attempts(passwords.token_hash(row.login))
        await audit(row.firm, None, "account.password_set", str(row.id))


async def audit(firm: UUID | None, account: UUID | None, action: str, subject: str, detail: object = None) -> None:
    """Write one line of the audit trail inside the caller's transaction.

    Parameters
    ----------
    firm, account
        Whose line it is and who acted; None for jobs and for what belongs to no firm.
    action
        Dotted, in the past: `label.revoked`, `plan_run.published`.
    subject
        Id of what was acted on.
    detail
        Anything JSON can hold; no secrets, no positions.
    """
    await queries.insert_audit_event(
        firm=firm, account=account, action=action, subject=subject, detail=detail or {}, at=clock.now()
    )


async def trail(
    scope: Scope,
    *,
    action: str = "",
    subject: str = "",
    since: datetime | None = None,
    before: datetime | None = None,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> AuditPage:
    """Return the audit trail of the asker's firm, newest first.

    Parameters
    ----------
    scope
        Who asks; without a firm all lines are seen.
    action
        Only lines whose action begins with this; empty for all.
    subject
        Only lines about this id; empty for all.
    since, before
        Only lines of this span; `before` does not belong to it.
    cursor, limit
        Of the page.

    Raises
    ------
    InvalidInput
        If the cursor is none of this list, or the limit is not in 1..1000.
    """
    paging.bounded(limit)
    after = paging.decode(cursor, (datetime, UUID))
    async with database.tx(scope):
        rows = await queries.audit_events(action, subject, since, before, after, limit + 1)
    more = len(rows) > limit
    events = rows[:limit]
    return AuditPage(events=events, next_cursor=paging.encode([events[-1].at, events[-1].id]) if more else None)
