"""Enrolment: a technician makes a phone their own with an invitation, and shows that it has the private key."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from backend import clock, database
from backend.errors import Conflict, Fault, InvalidInput, NotAllowed, TooManyAttempts
from backend.people import service as people
from backend.people import sessions
from backend.phones import invites, queries
from backend.phones.queries import PhoneRow
from backend.phones.views import EnrolInput, Enrolled, HeadView
from backend.scope import SYSTEM, Role, Scope
from qr.base64url import from_base64url
from qr.chain import beacon, handover
from qr.chain.envelope import enrolment, holds, public_key_of, root_of
from qr.chain.errors import ChainError
from qr.chain.times import milliseconds
from qr.log.keys import LogKeys

MOST_WRONG_CODES = 10
"""Wrong invitations of one account within `WRONG_CODES_WINDOW`: people mistype a few times, and 10 of 2^40 open nothing."""

WRONG_CODES_WINDOW = timedelta(hours=1)
LONGEST_NAME = 80
"""Characters; what phones call themselves has under 40."""

_REFUSED = "phone.invite_refused"


async def enrol(
    scope: Scope,
    given: EnrolInput,
    *,
    secret: str,
    beacon_keys: LogKeys,
    handover_keys: LogKeys,
    session: UUID | None = None,
) -> Enrolled:
    """Make a phone the technician's own.

    Sent twice (the answer was lost), it gives the same phone again.

    Parameters
    ----------
    scope
        The technician.
    given
        The invitation, the phone's name, its public key and the proof that it has the private one.
    secret, beacon_keys, handover_keys
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
    code_sha256 = invites.hash_of(invites.plain(given.invite), secret)
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


def _checked(given: EnrolInput) -> bytes:
    """Return the public key of a request without faults."""
    faults = []
    name = given.name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
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
