"""Sessions: who somebody is, for how long; wrong passwords and how they are slowed down."""

from __future__ import annotations

import asyncio
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from backend import clock, database
from backend.errors import NotFound, NotSignedIn, TooManyAttempts
from backend.people import passwords, queries
from backend.people.service import audit
from backend.scope import SYSTEM, Scope

PAGE_SESSION = timedelta(hours=12)
"""A working day: long enough for a shift without signing in again."""

API_SESSION = timedelta(days=30)
"""A phone keeps its token for a month."""

MAX_FAILED_ATTEMPTS = 8
"""Wrong passwords in a row before a login is locked (OWASP Authentication Cheat Sheet: lock out, for a while)."""

LOCK = timedelta(minutes=5)
_FORGET_ATTEMPTS = timedelta(days=1)
_CLIENT_LENGTH = 120

API_TOKEN_PREFIX = "lrt_"  # noqa: S105 - a prefix, so that leaked tokens can be found by scanners


class SignedIn(Struct, frozen=True, kw_only=True):
    """A session as the edge sees it."""

    scope: Scope
    name: str
    expires_at: datetime | None
    """When the session ends; None for a device's key."""

    session: UUID | None = None
    """None for a device's key."""


class SessionView(Struct, frozen=True, kw_only=True):
    """A live session in the list of its account."""

    id: UUID
    kind: str
    """`page` for a browser, `api` for an app's token."""

    client: str
    """What the browser or app calls itself."""

    created_at: datetime
    expires_at: datetime
    is_this: bool
    """Whether it is the one that asks."""


async def sign_in(login: str, password: str, *, api: bool, client: str = "") -> tuple[str, SignedIn]:
    """Check a password and open a session.

    Parameters
    ----------
    login, password
        As typed; the login in any case.
    api
        True for a bearer token of the API, False for a browser's cookie.
    client
        What the browser or app calls itself; shown in the list of sessions.

    Returns
    -------
    tuple of str and SignedIn
        The token, known to nobody else, and the session.

    Raises
    ------
    NotSignedIn
        Wrong login or password, or the account is switched off: never told apart.
    TooManyAttempts
        After `MAX_FAILED_ATTEMPTS` wrong passwords in a row, whether there is such an account or not.
    """
    async with database.tx(SYSTEM):
        account = await checked_inside(login.strip().lower(), password, clock.now())
        opened = None if account is None else await open_inside(account, api=api, client=client)
    if opened is None:  # raised here, because inside it would undo the count of attempts
        raise NotSignedIn("the login or the password is wrong")
    return opened


async def open_inside(account: queries.AccountRow, *, api: bool, client: str, way: str = "") -> tuple[str, SignedIn]:
    """Open a session of an active account that has shown who it is; inside the caller's transaction.

    Parameters
    ----------
    account
        Whose.
    api, client
        As of `sign_in`.
    way
        How it has shown that, for the audit trail; empty for a password.

    Returns
    -------
    tuple of str and SignedIn
        The token, known to nobody else, and the session.
    """
    now = clock.now()
    token = API_TOKEN_PREFIX * api + secrets.token_urlsafe(32)
    token_hash = passwords.token_hash(token)
    expires_at = now + (API_SESSION if api else PAGE_SESSION)
    await queries.insert_session(account.id, "api" if api else "page", token_hash, client[:_CLIENT_LENGTH], now, expires_at)
    await audit(account.firm, account.id, "sign_in.done", str(account.id), {"way": way} if way else None)
    row = await queries.live_session(token_hash, now)
    assert row is not None  # noqa: S101 - of an active account, written right now
    return token, _signed_in(row)


async def tie_inside(session: UUID | None, phone: UUID) -> None:
    """Note that a session is on an enrolled phone, so that it ends with it and with no other; the first phone counts."""
    if session is not None:
        await queries.set_phone_of_session(session, phone)


async def end_of_phone_inside(technician: UUID, phone: UUID) -> tuple[int, int]:
    """End what a lost phone could sign in with; inside the caller's transaction.

    What is not known to be on another phone of the technician may be on the lost one, so it ends as well.

    Returns
    -------
    tuple of int and int
        Sessions that ended, passkeys that were removed.
    """
    return await queries.delete_sessions_of_phone(technician, phone), await queries.delete_passkeys_of_phone(technician, phone)


async def checked_inside(login: str, password: str, now: datetime) -> queries.AccountRow | None:
    """Return the account if the password is its own; count what was wrong, inside the caller's transaction."""
    login_hash = passwords.token_hash(login)
    attempts = await attempts_inside(login_hash, now)
    account = await queries.account_by_login(login)
    ok = await asyncio.to_thread(passwords.is_right, account.password_hash if account else None, password)
    if account is not None and account.active and ok:
        await queries.delete_attempts(login_hash)
        return account
    await failed_inside(login_hash, attempts, now)
    if account is not None:
        await audit(account.firm, account.id, "sign_in.refused", str(account.id))
    return None


async def attempts_inside(login_hash: str, now: datetime) -> queries.AttemptRow:
    """Return what went wrong in a row for a login, a passkey or a number, unless it is locked.

    Raises
    ------
    TooManyAttempts
        While it is locked.
    """
    attempts = await queries.attempts(login_hash, now)
    if attempts.locked_until is not None and attempts.locked_until > now:
        wait_s = int((attempts.locked_until - now).total_seconds()) + 1
        raise TooManyAttempts("too many wrong passwords: try again in {retry_after_s} seconds", retry_after_s=wait_s)
    return attempts


async def failed_inside(login_hash: str, attempts: queries.AttemptRow, now: datetime) -> None:
    """Count one more that was wrong, and lock after `MAX_FAILED_ATTEMPTS`."""
    failed = attempts.failed + 1
    lock = now + LOCK if failed >= MAX_FAILED_ATTEMPTS else None
    await queries.set_attempts(login_hash, 0 if lock else failed, lock)


def _signed_in(row: queries.SessionRow) -> SignedIn:
    scope = Scope(role=row.role, firm=row.firm, account=row.account, technician=row.technician, owner=row.owner)
    return SignedIn(scope=scope, name=row.name, expires_at=row.expires_at, session=row.id)


async def session_of(token: str, *, api: bool) -> SignedIn | None:
    """Return the live session of a token, None where there is none; a page's token is no API token."""
    async with database.tx(SYSTEM):
        row = await queries.live_session(passwords.token_hash(token), clock.now())
    return None if row is None or row.kind != ("api" if api else "page") else _signed_in(row)


async def sign_out(token: str) -> None:
    """End the session of a token."""
    async with database.tx(SYSTEM):
        await queries.delete_session(passwords.token_hash(token))


async def list_sessions(asker: SignedIn) -> list[SessionView]:
    """Return the live sessions of the asker's account, newest first."""
    account = _account_of(asker)
    async with database.tx(SYSTEM):
        rows = await queries.sessions_of(account, clock.now())
    return [
        SessionView(
            id=row.id, kind=row.kind, client=row.client, created_at=row.created_at, expires_at=row.expires_at,
            is_this=row.id == asker.session,
        )
        for row in rows
    ]  # fmt: skip


async def end_session(asker: SignedIn, session: UUID) -> None:
    """End one session of the asker's account.

    Raises
    ------
    NotFound
        If the account has no such session.
    """
    async with database.tx(SYSTEM):
        if not await queries.delete_session_by_id(session, _account_of(asker)):
            raise NotFound("no such session")


async def end_other_sessions(asker: SignedIn) -> int:
    """End all sessions of the asker's account but the one that asks; return how many."""
    account = _account_of(asker)
    async with database.tx(SYSTEM):
        ended = await queries.delete_sessions_of(account, but=asker.session)
        await audit(asker.scope.firm, account, "account.sessions_ended", str(account), {"sessions": ended})
    return ended


def _account_of(asker: SignedIn) -> UUID:
    if asker.scope.account is None:
        raise NotFound("a device has a key and no sessions")
    return asker.scope.account


async def remove_expired() -> int:
    """Remove sessions that have ended, unanswered challenges, old counts of wrong passwords; return how many sessions."""
    now = clock.now()
    async with database.tx(SYSTEM):
        await queries.delete_expired_challenges(now)
        await queries.delete_attempts_before(now - _FORGET_ATTEMPTS)
        return await queries.delete_expired_sessions(now)
