"""Accounts and sessions: who somebody is, for how long, and what they did."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Struct

from backend import clock, database
from backend.errors import Conflict, Fault, InvalidInput, NotAllowed, NotFound, NotSignedIn, TooManyAttempts
from backend.people import queries
from backend.scope import SYSTEM, Role, Scope

PAGE_SESSION = timedelta(hours=12)
"""A working day: long enough for a shift without signing in again."""

API_SESSION = timedelta(days=30)
"""A phone keeps its token for a month."""

MAX_FAILED_ATTEMPTS = 8
"""Wrong passwords in a row before an account is locked (OWASP Authentication Cheat Sheet: lock out, for a while)."""

LOCK = timedelta(minutes=5)
MIN_PASSWORD_LENGTH = 10
"""NIST SP 800-63B asks for 8 at least; length is what counts."""

API_TOKEN_PREFIX = "lrt_"  # noqa: S105 - a prefix, so that leaked tokens can be found by scanners

_hasher = PasswordHasher()
_no_such_hash = _hasher.hash(secrets.token_hex(16))  # verified for unknown logins, so that time tells nothing


class SignedIn(Struct, frozen=True, kw_only=True):
    """A session as the edge sees it."""

    scope: Scope
    name: str
    expires_at: datetime | None
    """When the session ends; None for a device's key."""


class AccountView(Struct, frozen=True, kw_only=True):
    """An account without its secret."""

    id: UUID
    login: str
    name: str
    role: Role
    technician: UUID | None
    owner: UUID | None
    active: bool


def _hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def sign_in(login: str, password: str, *, api: bool) -> tuple[str, SignedIn]:
    """Check a password and open a session.

    Parameters
    ----------
    login, password
        As typed; the login in any case.
    api
        True for a bearer token of the API, False for a browser's cookie.

    Returns
    -------
    tuple of str and SignedIn
        The token, known to nobody else, and the session.

    Raises
    ------
    NotSignedIn
        Wrong login or password, or the account is switched off: never told apart.
    TooManyAttempts
        After `MAX_FAILED_ATTEMPTS` wrong passwords in a row.
    """
    now = clock.now()
    wrong: Exception | None = None
    token = API_TOKEN_PREFIX * api + secrets.token_urlsafe(32)
    async with database.tx(SYSTEM):
        account = await queries.account_by_login(login.strip().lower())
        if account is not None and account.locked_until is not None and account.locked_until > now:
            wait_s = int((account.locked_until - now).total_seconds()) + 1
            raise TooManyAttempts("too many wrong passwords: try again in {retry_after_s} seconds", retry_after_s=wait_s)
        ok = await asyncio.to_thread(_password_is, account.password_hash if account else _no_such_hash, password)
        if account is None or not account.active or not ok:
            wrong = NotSignedIn("the login or the password is wrong")
            if account is not None:
                failed = account.failed_attempts + 1
                lock = now + LOCK if failed >= MAX_FAILED_ATTEMPTS else None
                await queries.set_attempts(account.id, 0 if lock else failed, lock)
                await audit(account.firm, account.id, "sign_in.refused", str(account.id))
        else:
            expires_at = now + (API_SESSION if api else PAGE_SESSION)
            await queries.set_attempts(account.id, 0, None)
            await queries.insert_session(account.id, "api" if api else "page", _hash_token(token), now, expires_at)
            await audit(account.firm, account.id, "sign_in.done", str(account.id))
    if wrong is not None or account is None:  # raised here, because inside it would undo the count of attempts
        raise wrong or NotSignedIn("the login or the password is wrong")
    return token, SignedIn(scope=_scope(account), name=account.name, expires_at=expires_at)


def _password_is(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _scope(row: queries.AccountRow) -> Scope:
    return Scope(role=row.role, firm=row.firm, account=row.id, technician=row.technician, owner=row.owner)


async def session_of(token: str, *, api: bool) -> SignedIn | None:
    """Return the live session of a token, None where there is none; a page's token is no API token."""
    async with database.tx(SYSTEM):
        row = await queries.live_session(_hash_token(token), clock.now())
    if row is None or row.kind != ("api" if api else "page"):
        return None
    scope = Scope(role=row.role, firm=row.firm, account=row.account, technician=row.technician, owner=row.owner)
    return SignedIn(scope=scope, name=row.name, expires_at=row.expires_at)


async def sign_out(token: str) -> None:
    """End the session of a token."""
    async with database.tx(SYSTEM):
        await queries.delete_session(_hash_token(token))


async def create_account(
    scope: Scope, *, login: str, password: str, role: Role, name: str, technician: UUID | None = None, owner: UUID | None = None
) -> AccountView:
    """Make an account; a manager makes those of their own firm, an admin those without a firm too.

    Raises
    ------
    InvalidInput
        With all faults: an empty name, a login with spaces, a password that is too short, a role without its person.
    Conflict
        If the login is taken.
    """
    login = login.strip().lower()
    faults: list[Fault] = []
    if not login or any(c.isspace() for c in login):
        faults.append(Fault("login", login, "give a login without spaces"))
    if not name.strip():
        faults.append(Fault("name", name, "give a name"))
    if len(password) < MIN_PASSWORD_LENGTH:
        faults.append(Fault("password", None, f"use at least {MIN_PASSWORD_LENGTH} characters"))
    if (role is Role.TECHNICIAN) != (technician is not None):
        faults.append(
            Fault("technician", str(technician or ""), "name the technician of a technician's account, and of no other")
        )
    if (role is Role.OWNER) != (owner is not None):
        faults.append(Fault("owner", str(owner or ""), "name the owner of an owner's account, and of no other"))
    if role is Role.DEVICE:
        faults.append(Fault("role", role.value, "devices have keys, not accounts"))
    if role in (Role.REGULATOR, Role.ADMIN) and scope.role is not Role.ADMIN:
        raise NotAllowed("only an admin makes accounts of this role")
    if faults:
        raise InvalidInput("the account cannot be made", faults=faults)
    firm = None if role in (Role.REGULATOR, Role.ADMIN) else scope.firm
    password_hash = await asyncio.to_thread(_hasher.hash, password)
    row = queries.AccountRow(
        id=uuid4(), firm=firm, login=login, password_hash=password_hash, role=role, name=name.strip(), technician=technician,
        owner=owner, active=True, failed_attempts=0, locked_until=None,
    )  # fmt: skip
    async with database.tx(scope):
        if not await queries.person_exists(technician, owner):
            raise NotFound("no such technician or owner")
        if not await queries.insert_account(row):
            raise Conflict("the login {login} is taken", login=login)
        await audit(firm, scope.account, "account.created", str(row.id), {"role": role.value})
    return _view(row)


def _view(row: queries.AccountRow) -> AccountView:
    return AccountView(
        id=row.id, login=row.login, name=row.name, role=row.role, technician=row.technician, owner=row.owner, active=row.active
    )


async def list_accounts(scope: Scope) -> list[AccountView]:
    """Return the accounts of the asker's firm; for an admin those without a firm."""
    async with database.tx(scope):
        return [_view(row) for row in await queries.accounts(scope.firm)]


async def set_active(scope: Scope, account: UUID, *, active: bool) -> None:
    """Switch an account on or off; off ends its sessions at once.

    Raises
    ------
    NotFound
        If the asker's firm has no such account.
    Conflict
        If somebody switches off their own account.
    """
    if account == scope.account and not active:
        raise Conflict("nobody switches off their own account")
    async with database.tx(scope):
        if not await queries.set_active(account, scope.firm, active):
            raise NotFound("no account {account}", account=account)
        if not active:
            await queries.delete_sessions_of(account)
        await audit(scope.firm, scope.account, "account.switched", str(account), {"active": active})


async def change_password(scope: Scope, old: str, new: str) -> None:
    """Change the asker's own password; all their other sessions end.

    Raises
    ------
    InvalidInput
        If the old password is wrong or the new one too short.
    """
    assert scope.account is not None  # noqa: S101 - only signed-in people reach this
    async with database.tx(SYSTEM):
        row = await queries.account_by_id(scope.account)
        if row is None or not await asyncio.to_thread(_password_is, row.password_hash, old):
            raise InvalidInput("the password was not changed", faults=[Fault("old", None, "this is not your password")])
        if len(new) < MIN_PASSWORD_LENGTH:
            reason = f"use at least {MIN_PASSWORD_LENGTH} characters"
            raise InvalidInput("the password was not changed", faults=[Fault("new", None, reason)])
        await queries.set_password(row.id, await asyncio.to_thread(_hasher.hash, new))
        await queries.delete_sessions_of(row.id)
        await audit(row.firm, row.id, "account.password_changed", str(row.id))


async def remove_expired_sessions() -> int:
    """Remove sessions that have ended; return how many."""
    async with database.tx(SYSTEM):
        return await queries.delete_expired_sessions(clock.now())


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
