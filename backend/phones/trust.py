"""Phones in use: those that an asker sees, the sessions that are on them, and the end of their trust."""

from __future__ import annotations

from uuid import UUID

from backend import clock, database
from backend.errors import Fault, InvalidInput, NotFound
from backend.messages.subscriptions import phone_revoked_inside
from backend.messages.telling import tell_technician_inside
from backend.messages.views import Kind
from backend.paging import bounded_if_any
from backend.people import service as people
from backend.people import sessions
from backend.phones import queries
from backend.phones.access import require_manager
from backend.phones.views import PhoneView
from backend.scope import Role, Scope

LONGEST_REASON = 500
"""Characters of why a phone was revoked: some sentences, for whoever asks later."""


async def phones(scope: Scope, technician: UUID | None = None, *, limit: int | None = None) -> list[PhoneView]:
    """Return phones: a technician sees their own, the office those of the firm or of one technician; at most `limit`."""
    limit = bounded_if_any(limit)
    own = scope.technician if scope.role is Role.TECHNICIAN else technician
    async with database.tx(scope):
        return await queries.phones(own, limit=limit)


async def phone(scope: Scope, phone: UUID) -> PhoneView:
    """Return a phone.

    Raises
    ------
    NotFound
        If there is none, or it is not one that the asker may see.
    """
    async with database.tx(scope):
        found = await queries.phones(scope.technician if scope.role is Role.TECHNICIAN else None, phone)
    if not found:
        raise NotFound("no phone {phone}", phone=phone)
    return found[0]


async def revoke(scope: Scope, phone: UUID, reason: str) -> PhoneView:
    """Trust a phone no more: what comes from it from now on is kept for review and never applied by itself.

    Whoever holds it is signed out: the technician's sessions and passkeys end, except those of their other phones. A second
    revocation changes nothing.

    Raises
    ------
    NotAllowed
        For anybody but managers and admins.
    NotFound
        If the asker's firm has no such phone.
    InvalidInput
        Without a reason.
    """
    require_manager(scope)
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON or not reason.isprintable():
        told = Fault.of("reason", None, "say why, in at most {most} characters", most=LONGEST_REASON)
        raise InvalidInput("the phone was not revoked", faults=[told])
    async with database.tx(scope):
        row = await queries.phone(phone, lock=True)
        if row is None:
            raise NotFound("no phone {phone}", phone=phone)
        if row.revoked_at is None:
            await queries.revoke_phone(phone, scope.account, reason, clock.now())
            ended, removed = await sessions.end_of_phone_inside(row.technician, phone)
            detail = {"reason": reason, "technician": str(row.technician), "sessions": ended, "passkeys": removed}
            await people.audit(row.firm, scope.account, "phone.revoked", str(phone), detail)
            await phone_revoked_inside(row.firm, scope.account, phone)
            zh, en = f"您的手机“{row.name}”已停用", f"Your phone “{row.name}” was revoked"
            await tell_technician_inside(row.firm, row.technician, Kind.PHONE, zh, en)
        return (await queries.phones(None, phone))[0]


async def note_session(scope: Scope, session: UUID | None, phone: UUID) -> None:
    """Note that a session is on a phone, where that is the technician's own and was not revoked."""
    if scope.role is not Role.TECHNICIAN or session is None:
        return
    async with database.tx(scope):
        row = await queries.phone(phone)
        if row is not None and row.technician == scope.technician and row.revoked_at is None:
            await sessions.tie_inside(session, phone)
