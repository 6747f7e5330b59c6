"""Phones that have proved an owner's number: for one visit, or remembered for the next ones; listed and revoked.

A phone keeps 256 random bits of which the server keeps the hash, as sessions do: nobody makes one up, and it can be revoked.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backend import clock, database
from backend.confirmations import queries
from backend.confirmations.limits import CLIENT_LENGTH, KNOWN_LIFE, MOST_TOKENS, ONE_VISIT
from backend.confirmations.macs import Macs
from backend.confirmations.queries import CodeRow, PhoneRow
from backend.confirmations.standing import Standing
from backend.confirmations.views import KnownPhoneView
from backend.errors import Fault, InvalidInput, NotAllowed, NotFound
from backend.people import passwords
from backend.people import service as people
from backend.scope import Role, Scope

_LONGEST_REASON = 500


async def know_inside(
    macs: Macs, code: CodeRow, standing: Standing, remember: bool, client: str, now: datetime
) -> tuple[str, datetime]:
    """Know a phone that has just proved a number; return its token and until when it counts."""
    token = secrets.token_urlsafe(32)
    until = now + (KNOWN_LIFE if remember else ONE_VISIT)
    phone = await queries.insert_phone(
        code=code, one_visit=not remember, number_mac=macs.number(standing.number), number_tail=standing.tail,
        token_sha256=passwords.token_hash(token), client=client[:CLIENT_LENGTH], at=now, until=until,
    )  # fmt: skip
    if remember:
        await people.audit(code.firm, None, "known_phone.remembered", str(phone), {"number": f"…{standing.tail}"})
    return token, until


async def proved_inside(macs: Macs, code: CodeRow, standing: Standing, tokens: Sequence[str], now: datetime) -> PhoneRow | None:
    """Return a phone of these tokens that may decide by this code: same owner, and the number is still the register's."""
    number_mac = macs.number(standing.number)
    for token in tokens[:MOST_TOKENS]:
        phone = await queries.phone_of(passwords.token_hash(token), now)
        of_this = phone is not None and phone.owner == code.owner and phone.code in (None, code.id)
        if of_this and phone is not None and hmac.compare_digest(phone.number_mac, number_mac):
            return phone
    return None


async def known_phones(scope: Scope, owner: UUID) -> list[KnownPhoneView]:
    """Return the phones that were remembered for an owner, newest first.

    Raises
    ------
    NotFound
        If the asker sees no such owner; an owner sees their own.
    """
    async with database.tx(scope):
        await _visible(scope, owner)
        now = clock.now()
        return [_view(row, now) for row in await queries.phones(owner)]


async def revoke_known_phone(scope: Scope, phone: UUID, reason: str) -> KnownPhoneView:
    """End a remembered phone: its next visit needs a password again.

    Parameters
    ----------
    scope
        The owner, or a manager; to revoke needs no trust, only to know somebody does.
    phone, reason
        Which, and why; sent again it changes nothing.

    Raises
    ------
    NotFound
        If the asker sees no such phone.
    InvalidInput
        Without a reason.
    """
    reason = reason.strip()
    if not reason or len(reason) > _LONGEST_REASON or not reason.isprintable():
        fault = Fault("reason", reason[:60] or None, "say in a line why, such as: lost, sold, another safety officer")
        raise InvalidInput("the phone cannot be revoked", faults=[fault])
    async with database.tx(scope):
        row = await queries.phone(phone)
        if row is None or (scope.role is Role.OWNER and row.owner != scope.owner):
            raise NotFound("no known phone {phone}", phone=phone)
        if row.revoked_at is None:
            await queries.revoke_phone(phone, scope.account, reason, clock.now())
            await people.audit(row.firm, scope.account, "known_phone.revoked", str(phone), {"reason": reason})
        changed = await queries.phone(phone)
        assert changed is not None  # noqa: S101 - it is locked
        return _view(changed, clock.now())


async def _visible(scope: Scope, owner: UUID) -> None:
    if scope.role not in (Role.OWNER, Role.MANAGER, Role.ADMIN, Role.REGULATOR):
        raise NotAllowed("only the owner and the office see which phones are known")
    if (scope.role is Role.OWNER and owner != scope.owner) or not await queries.owner_exists(owner):
        raise NotFound("there is no owner {id}", id=owner)


def _view(row: PhoneRow, now: datetime) -> KnownPhoneView:
    return KnownPhoneView(
        id=row.id, owner=row.owner, client=row.client, number_tail=row.number_tail, created_at=row.created_at,
        last_used_at=row.last_used_at, expires_at=row.expires_at, revoked_at=row.revoked_at,
        revoked_reason=row.revoked_reason, live=row.revoked_at is None and row.expires_at > now,
    )  # fmt: skip
