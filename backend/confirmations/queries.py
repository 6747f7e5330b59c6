"""SQL of codes, one-time passwords and known phones."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend import database


class CodeRow(Struct, frozen=True, kw_only=True):
    """A code with its visit."""

    id: UUID
    firm: UUID
    visit: UUID
    code_sha256: str
    expires_at: datetime
    used_at: datetime | None
    replaced_at: datetime | None
    withdrawn: str
    elevator_since: datetime
    """When the elevator came into the register."""

    owner: UUID | None
    owner_phone: str
    owner_since: datetime | None


class PasswordRow(Struct, frozen=True, kw_only=True):
    """A one-time password that lives."""

    id: UUID
    number_mac: str
    password_mac: str
    sent_at: datetime
    expires_at: datetime
    wrong: int


class PhoneRow(Struct, frozen=True, kw_only=True):
    """A known phone."""

    id: UUID
    firm: UUID
    owner: UUID
    code: UUID | None
    number_mac: str
    number_tail: str
    client: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    revoked_reason: str


class Counts(Struct, frozen=True, kw_only=True):
    """Passwords of a span, counted."""

    of_visit: int
    of_number: int
    of_client: int
    wrong_of_visit: int
    wrong_of_number: int
    oldest_of_visit: datetime | None
    oldest_of_number: datetime | None
    last_of_visit: datetime | None


async def insert_code(firm: UUID, visit: UUID, code_sha256: str, made_by: str, at: datetime, until: datetime) -> UUID:
    """Write a code, unless it is there; return the visit that has it."""
    await database.execute(
        "INSERT INTO owner_code (id, firm, visit, code_sha256, made_by, made_at, expires_at)"
        " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6) ON CONFLICT (code_sha256) DO NOTHING",
        firm, visit, code_sha256, made_by, at, until,
    )  # fmt: skip
    # A code of another firm cannot be seen from here: then it is no code of this visit either.
    found: UUID | None = await database.fetch_value("SELECT visit FROM owner_code WHERE code_sha256 = $1", code_sha256)
    return found or UUID(int=0)


async def replace_codes(visit: UUID, but: str, at: datetime) -> None:
    """Note that all codes of a visit but one were followed by it, if it is the newest."""
    await database.execute(
        "UPDATE owner_code SET replaced_at = $3 WHERE visit = $1 AND code_sha256 <> $2 AND replaced_at IS NULL"
        " AND made_at <= (SELECT made_at FROM owner_code WHERE code_sha256 = $2)",
        visit, but, at,
    )  # fmt: skip


async def code(code_sha256: str, *, lock: bool = False) -> CodeRow | None:
    """Return a code by its hash, on demand locked until the end of the transaction."""
    return await database.fetch_one_as(
        CodeRow,
        "SELECT c.id, c.firm, c.visit, c.code_sha256, c.expires_at, c.used_at, c.replaced_at, v.withdrawn,"
        " e.created_at AS elevator_since, o.id AS owner, coalesce(o.phone, '') AS owner_phone, o.created_at AS owner_since"
        " FROM owner_code c JOIN visit v ON v.id = c.visit JOIN elevator e ON e.id = v.elevator JOIN site s ON s.id = e.site"
        " LEFT JOIN owner o ON o.id = s.owner WHERE c.code_sha256 = $1" + (" FOR UPDATE OF c" if lock else ""),
        code_sha256,
    )


async def use_code(code: UUID, at: datetime) -> None:
    """Note that a code has brought a decision, the first time that it does."""
    await database.execute("UPDATE owner_code SET used_at = $2 WHERE id = $1 AND used_at IS NULL", code, at)


async def lock_number(number_mac: str) -> None:
    """Let what counts messages and guesses of a number pass one by one until the end of the transaction."""
    await database.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", number_mac)


_SENT_OF = (
    "SELECT p.id, c.visit, p.number_mac, p.client_mac, p.wrong, p.sent_at FROM one_time_password p"
    " JOIN owner_code c ON c.id = p.code WHERE p.sent_at > $4 AND"
)


async def counts(visit: UUID, number_mac: str, client_mac: str, since: datetime) -> Counts:
    """Count messages and wrong digits since an instant, of all firms that the scope sees."""
    found = await database.fetch_one_as(
        Counts,
        f"WITH mine AS ({_SENT_OF} c.visit = $1 UNION {_SENT_OF} p.number_mac = $2 UNION {_SENT_OF} p.client_mac = $3)"
        " SELECT count(*) FILTER (WHERE visit = $1) AS of_visit, count(*) FILTER (WHERE number_mac = $2) AS of_number,"
        " count(*) FILTER (WHERE client_mac = $3) AS of_client,"
        " coalesce(sum(wrong) FILTER (WHERE visit = $1), 0) AS wrong_of_visit,"
        " coalesce(sum(wrong) FILTER (WHERE number_mac = $2), 0) AS wrong_of_number,"
        " min(sent_at) FILTER (WHERE visit = $1) AS oldest_of_visit,"
        " min(sent_at) FILTER (WHERE number_mac = $2) AS oldest_of_number,"
        " max(sent_at) FILTER (WHERE visit = $1) AS last_of_visit FROM mine",
        visit, number_mac, client_mac, since,
    )  # fmt: skip
    assert found is not None  # noqa: S101 - an aggregate has a row
    return found


async def insert_password(
    *, id: UUID, code: CodeRow, number_mac: str, client_mac: str, password_mac: str, at: datetime, until: datetime  # noqa: A002
) -> None:  # fmt: skip
    """Write a one-time password; earlier ones of the code end."""
    await database.execute("UPDATE one_time_password SET ended_at = $2 WHERE code = $1 AND ended_at IS NULL", code.id, at)
    await database.execute(
        "INSERT INTO one_time_password (id, firm, owner, code, number_mac, client_mac, password_mac, sent_at, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id, code.firm, code.owner, code.id, number_mac, client_mac, password_mac, at, until,
    )  # fmt: skip


async def live_password(code: UUID, at: datetime, *, lock: bool = False) -> PasswordRow | None:
    """Return the password of a code that can still be typed."""
    return await database.fetch_one_as(
        PasswordRow,
        "SELECT id, number_mac, password_mac, sent_at, expires_at, wrong FROM one_time_password"
        " WHERE code = $1 AND ended_at IS NULL AND expires_at > $2 ORDER BY sent_at DESC LIMIT 1"
        + (" FOR UPDATE" if lock else ""),
        code,
        at,
    )


async def note_wrong(password: UUID, ended_at: datetime | None) -> None:
    """Count wrong digits; end the password if it was the last time."""
    await database.execute(
        "UPDATE one_time_password SET wrong = wrong + 1, ended_at = coalesce($2, ended_at) WHERE id = $1", password, ended_at
    )


async def end_password(password: UUID, at: datetime) -> None:
    """End a password that was used."""
    await database.execute("UPDATE one_time_password SET ended_at = $2 WHERE id = $1", password, at)


_PHONE = (
    "SELECT id, firm, owner, code, number_mac, number_tail, client, created_at, expires_at, last_used_at, revoked_at,"
    " revoked_reason FROM known_phone"
)


async def insert_phone(
    *, code: CodeRow, one_visit: bool, number_mac: str, number_tail: str, token_sha256: str, client: str, at: datetime,
    until: datetime,
) -> UUID:  # fmt: skip
    """Write a phone that has proved a number; return its id."""
    found: UUID = await database.fetch_value(
        "INSERT INTO known_phone (id, firm, owner, code, number_mac, number_tail, token_sha256, client, created_at, expires_at,"
        " revoked_reason) VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, $8, $9, '') RETURNING id",
        code.firm, code.owner, code.id if one_visit else None, number_mac, number_tail, token_sha256, client, at, until,
    )  # fmt: skip
    return found


async def phone_of(token_sha256: str, at: datetime) -> PhoneRow | None:
    """Return the live phone of a token."""
    return await database.fetch_one_as(
        PhoneRow, f"{_PHONE} WHERE token_sha256 = $1 AND expires_at > $2 AND revoked_at IS NULL", token_sha256, at
    )


async def use_phone(phone: UUID, at: datetime) -> None:
    """Note that a phone has decided; one that proved its number for one visit ends."""
    await database.execute(
        "UPDATE known_phone SET last_used_at = $2, expires_at = CASE WHEN code IS NULL THEN expires_at ELSE $2 END"
        " WHERE id = $1",
        phone,
        at,
    )


async def phones(owner: UUID | None) -> list[PhoneRow]:
    """Return the remembered phones of an owner, or of all owners that the scope sees, newest first."""
    return await database.fetch_as(
        PhoneRow,
        f"{_PHONE} WHERE code IS NULL AND ($1::uuid IS NULL OR owner = $1) ORDER BY created_at DESC, id LIMIT 200",
        owner,
    )


async def phone(phone: UUID) -> PhoneRow | None:
    """Return a remembered phone, locked until the end of the transaction."""
    return await database.fetch_one_as(PhoneRow, f"{_PHONE} WHERE id = $1 AND code IS NULL FOR UPDATE", phone)


async def revoke_phone(phone: UUID, account: UUID | None, reason: str, at: datetime) -> None:
    """End a phone."""
    await database.execute(
        "UPDATE known_phone SET revoked_at = $2, revoked_by = $3, revoked_reason = $4 WHERE id = $1", phone, at, account, reason
    )


async def owner_exists(owner: UUID) -> bool:
    """Return whether the scope sees an owner."""
    return bool(await database.fetch_value("SELECT EXISTS (SELECT FROM owner WHERE id = $1)", owner))


async def delete_before(passwords: datetime, phones: datetime) -> int:
    """Remove passwords sent, and phones ended, before an instant each; return how many rows."""
    gone = await database.execute("DELETE FROM one_time_password WHERE sent_at < $1", passwords)
    return gone + await database.execute("DELETE FROM known_phone WHERE least(expires_at, revoked_at) < $1", phones)


class OwnerNumberRow(Struct, frozen=True, kw_only=True):
    """An owner with the firm that has it in its register."""

    owner_name: str
    firm_name: str
    phone_24h: str


async def owner_of_firm(owner: UUID) -> OwnerNumberRow | None:
    """Return how an owner and its firm are called."""
    return await database.fetch_one_as(
        OwnerNumberRow,
        "SELECT o.name AS owner_name, f.name AS firm_name, f.phone_24h FROM owner o JOIN firm f ON f.id = o.firm"
        " WHERE o.id = $1",
        owner,
    )
