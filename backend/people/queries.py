"""SQL of accounts, sessions and the audit trail."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.scope import Role


class AccountRow(Struct, frozen=True, kw_only=True):
    """An account with what sign-in needs."""

    id: UUID
    firm: UUID | None
    login: str
    password_hash: str
    role: Role
    name: str
    technician: UUID | None
    owner: UUID | None
    active: bool
    failed_attempts: int
    locked_until: datetime | None


class SessionRow(Struct, frozen=True, kw_only=True):
    """A live session with its account."""

    id: UUID
    kind: str
    expires_at: datetime
    account: UUID
    firm: UUID | None
    role: Role
    name: str
    technician: UUID | None
    owner: UUID | None


_ACCOUNT_COLUMNS = "id, firm, login, password_hash, role, name, technician, owner, active, failed_attempts, locked_until"


async def account_by_login(login: str) -> AccountRow | None:
    """Return an account by its login, locked until the end of the transaction so that attempts count one by one."""
    return await database.fetch_one_as(AccountRow, f"SELECT {_ACCOUNT_COLUMNS} FROM account WHERE login = $1 FOR UPDATE", login)


async def accounts(firm: UUID | None) -> list[AccountRow]:
    """Return the accounts of a firm (None: those without a firm), by name."""
    return await database.fetch_as(
        AccountRow, f"SELECT {_ACCOUNT_COLUMNS} FROM account WHERE firm IS NOT DISTINCT FROM $1 ORDER BY name, login", firm
    )


async def insert_account(account: AccountRow) -> bool:
    """Write a new account; False where its login is taken."""
    return bool(
        await database.execute(
            "INSERT INTO account (id, firm, login, password_hash, role, name, technician, owner, active)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (login) DO NOTHING",
            account.id, account.firm, account.login, account.password_hash, account.role.value, account.name,
            account.technician, account.owner, account.active,
        )
    )  # fmt: skip


async def set_attempts(account: UUID, failed_attempts: int, locked_until: datetime | None) -> None:
    """Note wrong passwords in a row."""
    await database.execute(
        "UPDATE account SET failed_attempts = $2, locked_until = $3 WHERE id = $1", account, failed_attempts, locked_until
    )


async def set_password(account: UUID, password_hash: str) -> None:
    """Change a password's hash."""
    await database.execute("UPDATE account SET password_hash = $2 WHERE id = $1", account, password_hash)


async def set_active(account: UUID, firm: UUID | None, active: bool) -> int:
    """Switch an account of the firm on or off; return how many there were."""
    return await database.execute(
        "UPDATE account SET active = $3 WHERE id = $1 AND firm IS NOT DISTINCT FROM $2", account, firm, active
    )


async def insert_session(account: UUID, kind: str, token_hash: str, created_at: datetime, expires_at: datetime) -> None:
    """Write a new session."""
    await database.execute(
        "INSERT INTO session (id, account, kind, token_hash, created_at, expires_at)"
        " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5)",
        account, kind, token_hash, created_at, expires_at,
    )  # fmt: skip


async def live_session(token_hash: str, at: datetime) -> SessionRow | None:
    """Return the session of a token if it has not expired and its account is active."""
    return await database.fetch_one_as(
        SessionRow,
        "SELECT s.id, s.kind, s.expires_at, a.id AS account, a.firm, a.role, a.name, a.technician, a.owner"
        " FROM session s JOIN account a ON a.id = s.account"
        " WHERE s.token_hash = $1 AND s.expires_at > $2 AND a.active",
        token_hash,
        at,
    )


async def delete_session(token_hash: str) -> None:
    """End a session."""
    await database.execute("DELETE FROM session WHERE token_hash = $1", token_hash)


async def delete_sessions_of(account: UUID) -> int:
    """End all sessions of an account."""
    return await database.execute("DELETE FROM session WHERE account = $1", account)


async def delete_expired_sessions(at: datetime) -> int:
    """Remove sessions that ended before an instant."""
    return await database.execute("DELETE FROM session WHERE expires_at <= $1", at)


async def insert_audit_event(
    *, firm: UUID | None, account: UUID | None, action: str, subject: str, detail: object, at: datetime
) -> None:
    """Write one line of the audit trail."""
    await database.execute(
        "INSERT INTO audit_event (id, firm, at, account, action, subject, detail)"
        " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6)",
        firm, at, account, action, subject, detail,
    )  # fmt: skip


async def account_by_id(account: UUID) -> AccountRow | None:
    """Return an account, locked until the end of the transaction."""
    return await database.fetch_one_as(AccountRow, f"SELECT {_ACCOUNT_COLUMNS} FROM account WHERE id = $1 FOR UPDATE", account)


async def person_exists(technician: UUID | None, owner: UUID | None) -> bool:
    """Return whether the named technician and owner, as far as named, are visible to the asker."""
    return bool(
        await database.fetch_value(
            "SELECT ($1::uuid IS NULL OR EXISTS (SELECT FROM technician WHERE id = $1))"
            " AND ($2::uuid IS NULL OR EXISTS (SELECT FROM owner WHERE id = $2))",
            technician,
            owner,
        )
    )
