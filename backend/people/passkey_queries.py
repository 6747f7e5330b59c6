"""SQL of passkeys and their challenges."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.people.queries import AccountRow


class PasskeyRow(Struct, frozen=True, kw_only=True):
    """A passkey with its account, as far as signing in needs it."""

    id: UUID
    account: UUID
    firm: UUID | None
    credential_id: bytes
    public_key: bytes
    sign_count: int
    active: bool
    """Of the account."""


class PasskeyView(Struct, frozen=True, kw_only=True):
    """A passkey in the list of its account."""

    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None


_VIEW = "id, name, created_at, last_used_at"


async def insert_challenge(challenge_sha256: str, account: UUID | None, expires_at: datetime) -> None:
    """Note a challenge that was given out."""
    await database.execute(
        "INSERT INTO passkey_challenge (id, challenge_sha256, account, expires_at) VALUES (gen_random_uuid(), $1, $2, $3)",
        challenge_sha256,
        account,
        expires_at,
    )


async def open_challenges(at: datetime, account: UUID | None) -> int:
    """Return how many challenges of an account (None: to sign in) wait for their answer."""
    found: int = await database.fetch_value(
        "SELECT count(*) FROM passkey_challenge WHERE expires_at > $1 AND account IS NOT DISTINCT FROM $2", at, account
    )
    return found


async def take_challenge(challenge_sha256: str, account: UUID | None, at: datetime) -> bool:
    """Use up a challenge; return whether there was one of this account (None: to sign in) that had not expired."""
    expires_at: datetime | None = await database.fetch_value(
        "DELETE FROM passkey_challenge WHERE challenge_sha256 = $1 AND account IS NOT DISTINCT FROM $2 RETURNING expires_at",
        challenge_sha256,
        account,
    )
    return expires_at is not None and expires_at > at


async def insert_passkey(
    passkey: UUID, *, account: UUID, session: UUID | None, credential_id: bytes, public_key: bytes, sign_count: int, name: str,
    at: datetime,
) -> bool:  # fmt: skip
    """Write a new passkey, of the phone that the session is on; False where the authenticator's credential is known."""
    return bool(
        await database.execute(
            "INSERT INTO passkey (id, account, credential_id, public_key, sign_count, name, phone, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, (SELECT phone FROM session WHERE id = $7), $8)"
            " ON CONFLICT (credential_id) DO NOTHING",
            passkey, account, credential_id, public_key, sign_count, name, session, at,
        )
    )  # fmt: skip


async def passkeys_of(account: UUID) -> list[PasskeyView]:
    """Return the passkeys of an account, oldest first."""
    return await database.fetch_as(
        PasskeyView, f"SELECT {_VIEW} FROM passkey WHERE account = $1 ORDER BY created_at, id", account
    )


async def credential_ids_of(account: UUID) -> list[bytes]:
    """Return the credential ids of an account's passkeys."""
    rows = await database.fetch("SELECT credential_id FROM passkey WHERE account = $1", account)
    return [bytes(row["credential_id"]) for row in rows]


async def passkey_by_credential(credential_id: bytes) -> PasskeyRow | None:
    """Return a passkey by its credential, locked until the end of the transaction so that its uses count one by one."""
    return await database.fetch_one_as(
        PasskeyRow,
        "SELECT p.id, p.account, a.firm, p.credential_id, p.public_key, p.sign_count, a.active"
        " FROM passkey p JOIN account a ON a.id = p.account WHERE p.credential_id = $1 FOR UPDATE OF p",
        credential_id,
    )


async def account_of(account: UUID) -> AccountRow | None:
    """Return an account."""
    return await database.fetch_one_as(
        AccountRow,
        "SELECT id, firm, login, password_hash, role, name, technician, owner, active FROM account WHERE id = $1",
        account,
    )


async def note_use(passkey: UUID, sign_count: int, at: datetime) -> None:
    """Note that a passkey has signed in."""
    await database.execute("UPDATE passkey SET sign_count = $2, last_used_at = $3 WHERE id = $1", passkey, sign_count, at)


async def delete_passkey(passkey: UUID, account: UUID) -> int:
    """Remove a passkey of an account; return how many there were."""
    return await database.execute("DELETE FROM passkey WHERE id = $1 AND account = $2", passkey, account)
