"""SQL of phones and invitations."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.phones.views import HeadView, InviteView, PhoneView


class PhoneRow(Struct, frozen=True, kw_only=True):
    """A phone as it is stored."""

    id: UUID
    firm: UUID
    technician: UUID
    name: str
    public_key: bytes
    enrolled_at: datetime
    revoked_at: datetime | None
    head_seq: int
    head_sha256: str


_PHONE = "id, firm, technician, name, public_key, enrolled_at, revoked_at, head_seq, head_sha256"


async def phone(phone: UUID, *, lock: bool = False) -> PhoneRow | None:
    """Return a phone that the asker's firm has; with a lock nobody else appends to its chain until the transaction ends."""
    ending = " FOR UPDATE" if lock else ""
    return await database.fetch_one_as(PhoneRow, f"SELECT {_PHONE} FROM phone WHERE id = $1{ending}", phone)


async def phones(technician: UUID | None, phone: UUID | None = None, *, limit: int | None = None) -> list[PhoneView]:
    """Return the phones of a technician (None: of all of the asker's firm), those in use first, the newest first."""
    # Up to the head there is one linked entry in each place: what is counted is only what stands beside the chain.
    rows = await database.fetch(
        "SELECT p.id, p.technician, t.name AS technician_name, p.name, p.enrolled_at, p.revoked_at, p.revoked_reason,"
        " p.head_seq, p.head_sha256, p.head_seq + e.beside AS entries, n.last_entry_at, e.waiting, e.forked, e.after_revocation"
        " FROM phone p JOIN technician t ON t.id = p.technician"
        " CROSS JOIN LATERAL (SELECT max(received_at) AS last_entry_at FROM chain_entry WHERE phone = p.id) n"
        " CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE k.id IS NULL) AS beside,"
        "  count(*) FILTER (WHERE c.seq > p.head_seq AND c.standing = 'cut') AS waiting,"
        "  coalesce(bool_or(c.standing = 'forked'), false) AS forked, count(*) FILTER (WHERE c.revoked) AS after_revocation"
        "  FROM chain_entry c LEFT JOIN chain_link k ON k.entry = c.id"
        "  WHERE c.phone = p.id AND (c.standing <> 'linked' OR c.revoked)) e"
        " WHERE ($1::uuid IS NULL OR p.technician = $1) AND ($2::uuid IS NULL OR p.id = $2)"
        " ORDER BY p.revoked_at IS NOT NULL, t.name, p.enrolled_at DESC, p.id LIMIT $3",
        technician,
        phone,
        limit,
    )
    return [
        PhoneView(
            head=HeadView(seq=row["head_seq"], sha256=row["head_sha256"]),
            **{name: row[name] for name in PhoneView.__struct_fields__ if name != "head"},
        )
        for row in rows
    ]


async def insert_phone(row: PhoneRow, account: UUID) -> bool:
    """Write a new phone; False where its key is known already."""
    return bool(
        await database.execute(
            "INSERT INTO phone (id, firm, technician, account, name, public_key, enrolled_at, revoked_reason, head_seq,"
            " head_sha256) VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, $9) ON CONFLICT (public_key) DO NOTHING",
            row.id, row.firm, row.technician, account, row.name, row.public_key, row.enrolled_at, row.head_seq, row.head_sha256,
        )
    )  # fmt: skip


async def phone_of_key(public_key: bytes) -> PhoneRow | None:
    """Return the phone with a public key, if the asker's firm has it."""
    return await database.fetch_one_as(PhoneRow, f"SELECT {_PHONE} FROM phone WHERE public_key = $1", public_key)


async def revoke_phone(phone: UUID, account: UUID | None, reason: str, at: datetime) -> None:
    """Note that a phone is trusted no more."""
    await database.execute(
        "UPDATE phone SET revoked_at = $2, revoked_by = $3, revoked_reason = $4 WHERE id = $1", phone, at, account, reason
    )


async def set_head(phone: UUID, seq: int, sha256: str) -> None:
    """Note up to which entry nothing is missing."""
    await database.execute("UPDATE phone SET head_seq = $2, head_sha256 = $3 WHERE id = $1", phone, seq, sha256)


async def firm_of_technician(technician: UUID, *, lock: bool = False) -> UUID | None:
    """Return the firm of a technician whom the asker sees."""
    ending = " FOR UPDATE" if lock else ""
    found: UUID | None = await database.fetch_value(f"SELECT firm FROM technician WHERE id = $1{ending}", technician)
    return found


async def insert_invite(
    invite: UUID, *, firm: UUID, technician: UUID, code_sha256: str, made_by: UUID | None, at: datetime, expires_at: datetime
) -> None:
    """Write a new invitation."""
    await database.execute(
        "INSERT INTO phone_invite (id, firm, technician, code_sha256, made_by, made_at, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        invite, firm, technician, code_sha256, made_by, at, expires_at,
    )  # fmt: skip


async def withdraw_invites(technician: UUID, at: datetime) -> int:
    """End the open invitations of a technician; return how many there were."""
    return await database.execute(
        "UPDATE phone_invite SET withdrawn_at = $2"
        " WHERE technician = $1 AND withdrawn_at IS NULL AND phone IS NULL AND expires_at > $2",
        technician,
        at,
    )


async def open_invites(at: datetime, limit: int | None) -> list[InviteView]:
    """Return the invitations of the asker's firm that can still be used."""
    return await database.fetch_as(
        InviteView,
        "SELECT i.id, i.technician, t.name AS technician_name, i.made_at, i.expires_at"
        " FROM phone_invite i JOIN technician t ON t.id = i.technician"
        " WHERE i.withdrawn_at IS NULL AND i.phone IS NULL AND i.expires_at > $1 ORDER BY i.made_at DESC, i.id LIMIT $2",
        at,
        limit,
    )


async def open_invite(code_sha256: str, technician: UUID, at: datetime) -> UUID | None:
    """Return the usable invitation of a technician with a code, locked until the end of the transaction."""
    found: UUID | None = await database.fetch_value(
        "SELECT id FROM phone_invite WHERE code_sha256 = $1 AND technician = $2 AND withdrawn_at IS NULL AND phone IS NULL"
        " AND expires_at > $3 FOR UPDATE",
        code_sha256,
        technician,
        at,
    )
    return found


async def used_invite(code_sha256: str, technician: UUID) -> UUID | None:
    """Return the phone that was enrolled with a code."""
    found: UUID | None = await database.fetch_value(
        "SELECT phone FROM phone_invite WHERE code_sha256 = $1 AND technician = $2", code_sha256, technician
    )
    return found


async def use_invite(invite: UUID, phone: UUID) -> None:
    """Note which phone was enrolled with an invitation."""
    await database.execute("UPDATE phone_invite SET phone = $2 WHERE id = $1", invite, phone)


async def wrong_codes(account: UUID, action: str, since: datetime) -> int:
    """Return how many wrong codes an account has tried."""
    found: int = await database.fetch_value(
        "SELECT count(*) FROM audit_event WHERE account = $1 AND action = $2 AND at >= $3", account, action, since
    )
    return found
