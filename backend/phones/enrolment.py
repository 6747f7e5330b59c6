"""Whose phone a phone is: invitations by the manager, enrolment by the technician, revocation."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID, uuid4

from backend import clock, database
from backend.errors import Conflict, Fault, InvalidInput, NotAllowed, NotFound, TooManyAttempts
from backend.messages.subscriptions import phone_revoked_inside
from backend.messages.telling import tell_technician_inside
from backend.messages.views import Kind
from backend.people import service as people
from backend.people import sessions
from backend.phones import queries
from backend.phones.queries import PhoneRow
from backend.phones.views import EnrolInput, Enrolled, HeadView, InviteView, NewInvite, PhoneView
from backend.scope import SYSTEM, Role, Scope
from qr import crockford
from qr.base64url import from_base64url
from qr.chain import beacon, handover
from qr.chain.envelope import enrolment, holds, public_key_of, root_of
from qr.chain.errors import ChainError
from qr.chain.times import milliseconds
from qr.log.keys import LogKeys

INVITE_LIFETIME = timedelta(hours=24)
"""Long enough for a technician who is out today, short enough that a slip of paper found later opens nothing."""

INVITE_CHARACTERS = 8
"""Of Crockford's base 32: 40 bits, of which one account may try `MOST_WRONG_CODES` an hour."""

MOST_WRONG_CODES = 10
WRONG_CODES_WINDOW = timedelta(hours=1)
LONGEST_NAME = 80
LONGEST_REASON = 500
_GROUP = 4
_REFUSED = "phone.invite_refused"


async def make_invite(scope: Scope, technician: UUID) -> NewInvite:
    """Invite a technician to enrol a phone; their older open invitations end.

    Parameters
    ----------
    scope
        A manager, or an admin.
    technician
        Whose phone it will be.

    Returns
    -------
    NewInvite
        With the code, of which only the hash is kept.

    Raises
    ------
    NotAllowed
        For anybody else.
    NotFound
        If the asker's firm has no such technician.
    """
    _require_manager(scope)
    code = crockford.encode(secrets.randbits(5 * INVITE_CHARACTERS), INVITE_CHARACTERS)
    now = clock.now()
    invite = NewInvite(id=uuid4(), code=f"{code[:_GROUP]}-{code[_GROUP:]}", expires_at=now + INVITE_LIFETIME)
    async with database.tx(scope):
        firm = await queries.firm_of_technician(technician, lock=True)
        if firm is None:
            raise NotFound("no technician {technician}", technician=technician)
        await queries.withdraw_invites(technician, now)
        await queries.insert_invite(
            invite.id, firm=firm, technician=technician, code_sha256=_hash(code), made_by=scope.account, at=now,
            expires_at=invite.expires_at,
        )  # fmt: skip
        await people.audit(firm, scope.account, "phone.invited", str(technician))
    return invite


async def withdraw_invites(scope: Scope, technician: UUID) -> int:
    """Take back the open invitations of a technician; return how many there were.

    Raises
    ------
    NotAllowed
        For anybody but managers and admins.
    NotFound
        If the asker's firm has no such technician.
    """
    _require_manager(scope)
    async with database.tx(scope):
        firm = await queries.firm_of_technician(technician)
        if firm is None:
            raise NotFound("no technician {technician}", technician=technician)
        ended = await queries.withdraw_invites(technician, clock.now())
        if ended:
            await people.audit(firm, scope.account, "phone.invite_withdrawn", str(technician))
    return ended


async def open_invites(scope: Scope) -> list[InviteView]:
    """Return the invitations that can still be used; managers and admins see those of their firm.

    Raises
    ------
    NotAllowed
        For anybody else.
    """
    _require_manager(scope)
    async with database.tx(scope):
        return await queries.open_invites(clock.now())


async def phones(scope: Scope, technician: UUID | None = None) -> list[PhoneView]:
    """Return phones: a technician sees their own, the office those of the firm or of one technician."""
    own = scope.technician if scope.role is Role.TECHNICIAN else technician
    async with database.tx(scope):
        return await queries.phones(own)


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


async def enrol(
    scope: Scope, given: EnrolInput, *, beacon_keys: LogKeys, handover_keys: LogKeys, session: UUID | None = None
) -> Enrolled:
    """Make a phone the technician's own.

    Sent twice (the answer was lost), it gives the same phone again.

    Parameters
    ----------
    scope
        The technician.
    given
        The invitation, the phone's name, its public key and the proof that it has the private one.
    beacon_keys, handover_keys
        Of this installation.
    session
        The one that asks: it is on this phone from now on, and ends with it.

    Raises
    ------
    NotAllowed
        For anybody but a technician.
    InvalidInput
        With all faults: name, key, proof, invitation.
    TooManyAttempts
        After too many wrong invitations.
    Conflict
        If the key belongs to another phone, or to a revoked one.
    """
    if scope.role is not Role.TECHNICIAN or scope.technician is None or scope.account is None:
        raise NotAllowed("only a technician enrols a phone, from their own account")
    point = _checked(given)
    code_sha256 = _hash(_plain(given.invite))
    now = clock.now()
    async with database.tx(scope):
        await _require_attempts(scope.account)
        invite = await queries.open_invite(code_sha256, scope.technician, now)
        before = await queries.phone_of_key(point)
        if before is not None:
            row = await _again(scope, before, code_sha256)
        elif invite is None:
            _note_refused(scope)
            fault = Fault("invite", None, "the invitation is wrong, used or over: ask your manager for a new one")
            raise InvalidInput("the phone was not enrolled", faults=[fault])
        else:
            row = await _enrolled(scope, given.name.strip(), point, invite)
        await sessions.tie_inside(session, row.id)
    return Enrolled(
        id=row.id, technician=row.technician, head=HeadView(seq=row.head_seq, sha256=row.head_sha256),
        beacon=beacon.issue(milliseconds(now), beacon_keys), handover_key=handover.public_jwk(handover_keys),
    )  # fmt: skip


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
    _require_manager(scope)
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON or not _storable(reason):
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


def _require_manager(scope: Scope) -> None:
    if scope.role not in (Role.MANAGER, Role.ADMIN):
        raise NotAllowed("only a manager does this")


def _checked(given: EnrolInput) -> bytes:
    """Return the public key of a request without faults."""
    faults = []
    name = given.name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not _storable(name):
        faults.append(Fault.of("name", None, "give the phone a name of at most {most} characters", most=LONGEST_NAME))
    point, proof = from_base64url(given.public_key) or b"", from_base64url(given.proof) or b""
    try:
        public_key_of(point)
    except ChainError:
        faults.append(Fault("public_key", None, "send the uncompressed P-256 point, 65 bytes, as base64url without padding"))
    else:
        if not holds(point, proof, _signed(given)):
            faults.append(Fault("proof", None, "sign the enrolment with the private key of this public key"))
    if faults:
        raise InvalidInput("the phone was not enrolled", faults=faults)
    return point


def _signed(given: EnrolInput) -> bytes:
    """Return what the proof is over; a text that is no Unicode was never signed."""
    try:
        return enrolment(given.invite, given.public_key)
    except ValueError:
        return b""


def _storable(text: str) -> bool:
    return text.isprintable()


def _plain(code: str) -> str:
    """Return a code as it was made, however it was typed."""
    return crockford.plain("".join(character for character in code if character.isalnum()))


def _hash(code: str) -> str:
    return hashlib.sha256(f"liftrounds phone invite:{code}".encode(errors="replace")).hexdigest()


async def _require_attempts(account: UUID) -> None:
    now = clock.now()
    if await queries.wrong_codes(account, _REFUSED, now - WRONG_CODES_WINDOW) >= MOST_WRONG_CODES:
        window_s = int(WRONG_CODES_WINDOW.total_seconds())
        raise TooManyAttempts("too many wrong invitations: try again in an hour", retry_after_s=window_s)


def _note_refused(scope: Scope) -> None:
    """Leave a trace of a wrong invitation although the transaction is undone."""

    async def write() -> None:
        async with database.tx(SYSTEM):
            await people.audit(scope.firm, scope.account, _REFUSED, str(scope.technician))

    database.after_tx(write)


async def _again(scope: Scope, before: PhoneRow, code_sha256: str) -> PhoneRow:
    """Return the phone that was enrolled with this very request before."""
    assert scope.technician is not None  # noqa: S101 - `enrol` saw to it
    if before.revoked_at is not None:
        raise Conflict("this phone was revoked: it has to make a new key and be enrolled with a new invitation")
    if before.technician != scope.technician or await queries.used_invite(code_sha256, scope.technician) != before.id:
        raise Conflict("this key is enrolled already: the phone has to make a new one")
    return before


async def _enrolled(scope: Scope, name: str, point: bytes, invite: UUID) -> PhoneRow:
    assert scope.technician is not None  # noqa: S101 - `enrol` saw to it
    assert scope.account is not None  # noqa: S101
    row = PhoneRow(
        id=uuid4(), firm=scope.require_firm(), technician=scope.technician, name=name, public_key=point,
        enrolled_at=clock.now(), revoked_at=None, head_seq=0, head_sha256=root_of(point),
    )  # fmt: skip
    if not await queries.insert_phone(row, scope.account):
        raise Conflict("this key is enrolled already: the phone has to make a new one")
    await queries.use_invite(invite, row.id)
    await people.audit(row.firm, scope.account, "phone.enrolled", str(row.id), {"name": name})
    return row
