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


class AttemptRow(Struct, frozen=True, kw_only=True):
    """Wrong passwords in a row for a login."""

    failed: int
    locked_until: datetime | None


class SessionRow(Struct, frozen=True, kw_only=True):
    """A live session with its account."""

    id: UUID
    kind: str
    client: str
    created_at: datetime
    expires_at: datetime
    account: UUID
    firm: UUID | None
    role: Role
    name: str
    technician: UUID | None
    owner: UUID | None


_ACCOUNT_COLUMNS = "id, firm, login, password_hash, role, name, technician, owner, active"


async def account_by_login(login: str) -> AccountRow | None:
    """Return an account by its login."""
    return await database.fetch_one_as(AccountRow, f"SELECT {_ACCOUNT_COLUMNS} FROM account WHERE login = $1", login)


async def accounts(firm: UUID | None) -> list[AccountRow]:
    """Return the accounts of a firm (None: all accounts), by name."""
    return await database.fetch_as(
        AccountRow,
        f"SELECT {_ACCOUNT_COLUMNS} FROM account WHERE $1::uuid IS NULL OR firm = $1 ORDER BY name, login",
        firm,
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


async def attempts(login_hash: str, at: datetime) -> AttemptRow:
    """Return the wrong passwords of a login, locked until the end of the transaction so that they count one by one."""
    found = await database.fetch_one_as(
        AttemptRow,
        "INSERT INTO sign_in_attempt (id, login_hash, failed, last_at) VALUES (gen_random_uuid(), $1, 0, $2)"
        " ON CONFLICT (login_hash) DO UPDATE SET last_at = $2 RETURNING failed, locked_until",
        login_hash,
        at,
    )
    assert found is not None  # noqa: S101 - inserted or updated
    return found


async def set_attempts(login_hash: str, failed: int, locked_until: datetime | None) -> None:
    """Note wrong passwords in a row."""
    await database.execute(
        "UPDATE sign_in_attempt SET failed = $2, locked_until = $3 WHERE login_hash = $1", login_hash, failed, locked_until
    )


async def delete_attempts(login_hash: str) -> None:
    """Forget the wrong passwords of a login."""
    await database.execute("DELETE FROM sign_in_attempt WHERE login_hash = $1", login_hash)


async def delete_attempts_before(at: datetime) -> int:
    """Forget wrong passwords that nobody has added to since."""
    return await database.execute("DELETE FROM sign_in_attempt WHERE last_at < $1", at)


async def set_password(account: UUID, password_hash: str) -> None:
    """Change a password's hash."""
    await database.execute("UPDATE account SET password_hash = $2 WHERE id = $1", account, password_hash)


async def account_seen(account: UUID, firm: UUID | None) -> AccountRow | None:
    """Return an account of a firm (None: of any), locked until the end of the transaction."""
    return await database.fetch_one_as(
        AccountRow,
        f"SELECT {_ACCOUNT_COLUMNS} FROM account WHERE id = $1 AND ($2::uuid IS NULL OR firm = $2) FOR UPDATE",
        account,
        firm,
    )


async def set_active(account: UUID, active: bool) -> None:
    """Switch an account on or off."""
    await database.execute("UPDATE account SET active = $2 WHERE id = $1", account, active)


async def set_name(account: UUID, name: str) -> None:
    """Change the name that is shown."""
    await database.execute("UPDATE account SET name = $2 WHERE id = $1", account, name)


async def insert_session(
    account: UUID, kind: str, token_hash: str, client: str, created_at: datetime, expires_at: datetime
) -> None:
    """Write a new session."""
    await database.execute(
        "INSERT INTO session (id, account, kind, token_hash, client, created_at, expires_at)"
        " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6)",
        account, kind, token_hash, client, created_at, expires_at,
    )  # fmt: skip


async def live_session(token_hash: str, at: datetime) -> SessionRow | None:
    """Return the session of a token if it has not expired and its account is active."""
    return await database.fetch_one_as(
        SessionRow,
        "SELECT s.id, s.kind, s.client, s.created_at, s.expires_at, a.id AS account, a.firm, a.role, a.name,"
        " a.technician, a.owner FROM session s JOIN account a ON a.id = s.account"
        " WHERE s.token_hash = $1 AND s.expires_at > $2 AND a.active",
        token_hash,
        at,
    )


async def delete_session(token_hash: str) -> None:
    """End a session."""
    await database.execute("DELETE FROM session WHERE token_hash = $1", token_hash)


async def sessions_of(account: UUID, at: datetime) -> list[SessionRow]:
    """Return the live sessions of an account, newest first."""
    return await database.fetch_as(
        SessionRow,
        "SELECT s.id, s.kind, s.client, s.created_at, s.expires_at, a.id AS account, a.firm, a.role, a.name, a.technician,"
        " a.owner FROM session s JOIN account a ON a.id = s.account WHERE s.account = $1 AND s.expires_at > $2"
        " ORDER BY s.created_at DESC, s.id",
        account,
        at,
    )


async def delete_session_by_id(session: UUID, account: UUID) -> int:
    """End one session of an account; return how many there were."""
    return await database.execute("DELETE FROM session WHERE id = $1 AND account = $2", session, account)


async def delete_sessions_of(account: UUID, *, but: UUID | None = None) -> int:
    """End all sessions of an account, except one if it is named."""
    return await database.execute("DELETE FROM session WHERE account = $1 AND id IS DISTINCT FROM $2", account, but)


async def delete_expired_sessions(at: datetime) -> int:
    """Remove sessions that ended before an instant."""
    return await database.execute("DELETE FROM session WHERE expires_at <= $1", at)


async def set_phone_of_session(session: UUID, phone: UUID) -> None:
    """Note the phone of a session that had none."""
    await database.execute("UPDATE session SET phone = $2 WHERE id = $1 AND phone IS NULL", session, phone)


_ON_NO_OTHER_PHONE = (
    "account IN (SELECT id FROM account WHERE technician = $1) AND (phone IS NULL OR phone = $2"
    " OR NOT EXISTS (SELECT FROM phone p WHERE p.id = {table}.phone AND p.technician = $1 AND p.revoked_at IS NULL))"
)


async def delete_sessions_of_phone(technician: UUID, phone: UUID) -> int:
    """End the sessions of a technician that are not on another phone of theirs; return how many there were."""
    condition = _ON_NO_OTHER_PHONE.format(table="session")
    return await database.execute(f"DELETE FROM session WHERE {condition}", technician, phone)


async def delete_passkeys_of_phone(technician: UUID, phone: UUID) -> int:
    """Remove the passkeys of a technician that were not made on another phone of theirs; return how many there were."""
    condition = _ON_NO_OTHER_PHONE.format(table="passkey")
    return await database.execute(f"DELETE FROM passkey WHERE {condition}", technician, phone)


async def delete_expired_challenges(at: datetime) -> int:
    """Remove challenges of passkeys that nobody answered in time."""
    return await database.execute("DELETE FROM passkey_challenge WHERE expires_at <= $1", at)


async def insert_audit_event(
    *, firm: UUID | None, account: UUID | None, action: str, subject: str, detail: object, at: datetime
) -> None:
    """Write one line of the audit trail."""
    await database.execute(
        "INSERT INTO audit_event (id, firm, at, account, action, subject, detail)"
        " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6)",
        firm, at, account, action, subject, detail,
    )  # fmt: skip


class AuditRow(Struct, frozen=True, kw_only=True):
    """A line of the audit trail with the name of who acted."""

    id: UUID
    at: datetime
    account: UUID | None
    account_name: str
    action: str
    subject: str
    detail: dict[str, object]


async def audit_events(
    action: str, subject: str, since: datetime | None, before: datetime | None, after: list[object] | None, limit: int
) -> list[AuditRow]:
    """Return lines of the audit trail, newest first, behind one of them."""
    at, event = after or (None, None)
    return await database.fetch_as(
        AuditRow,
        "SELECT e.id, e.at, e.account, coalesce(a.name, '') AS account_name, e.action, e.subject, e.detail"
        " FROM audit_event e LEFT JOIN account a ON a.id = e.account"
        " WHERE starts_with(e.action, $1) AND ($2 = '' OR e.subject = $2)"
        " AND ($3::timestamptz IS NULL OR (e.at, e.id) < ($3, $4::uuid))"
        " AND ($6::timestamptz IS NULL OR e.at >= $6) AND ($7::timestamptz IS NULL OR e.at < $7)"
        " ORDER BY e.at DESC, e.id DESC LIMIT $5",
        action, subject, at, event, limit, since, before,
    )  # fmt: skip


async def exist(firm: UUID | None, technician: UUID | None, owner: UUID | None) -> bool:
    """Return whether the named firm, technician and owner, as far as named, are visible to the asker."""
    return bool(
        await database.fetch_value(
            "SELECT ($1::uuid IS NULL OR EXISTS (SELECT FROM firm WHERE id = $1))"
            " AND ($2::uuid IS NULL OR EXISTS (SELECT FROM technician WHERE id = $2))"
            " AND ($3::uuid IS NULL OR EXISTS (SELECT FROM owner WHERE id = $3))",
            firm,
            technician,
            owner,
        )
    )
