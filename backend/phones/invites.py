"""Invitations: leave of the manager to enrol one phone for one technician; only a keyed hash of the code is kept."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID, uuid4

from backend import clock, database
from backend.errors import NotFound
from backend.macs import mac_of
from backend.paging import bounded_if_any
from backend.people import service as people
from backend.phones import queries
from backend.phones.access import require_manager
from backend.phones.views import InviteView, NewInvite
from backend.scope import Scope
from qr import crockford

LIFETIME = timedelta(hours=24)
"""Long enough for a technician who is out today, short enough that a slip of paper found later opens nothing."""

CHARACTERS = 8
"""Of Crockford's base 32: 40 bits, of which one account may try `enrolment.MOST_WRONG_CODES` an hour."""

_GROUP = 4
"""Characters between dashes, as people read them to each other."""


async def make_invite(scope: Scope, technician: UUID, *, secret: str) -> NewInvite:
    """Invite a technician to enrol a phone; their older open invitations end.

    Parameters
    ----------
    scope
        A manager, or an admin.
    technician
        Whose phone it will be.
    secret
        Of the installation: it keys the hash of the code.

    Returns
    -------
    NewInvite
        With the code, of which only a keyed hash is kept.

    Raises
    ------
    NotAllowed
        For anybody else.
    NotFound
        If the asker's firm has no such technician.
    """
    require_manager(scope)
    code = crockford.encode(secrets.randbits(5 * CHARACTERS), CHARACTERS)
    now = clock.now()
    invite = NewInvite(id=uuid4(), code=f"{code[:_GROUP]}-{code[_GROUP:]}", expires_at=now + LIFETIME)
    async with database.tx(scope):
        firm = await queries.firm_of_technician(technician, lock=True)
        if firm is None:
            raise NotFound("no technician {technician}", technician=technician)
        await queries.withdraw_invites(technician, now)
        await queries.insert_invite(
            invite.id, firm=firm, technician=technician, code_sha256=hash_of(code, secret), made_by=scope.account, at=now,
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
    require_manager(scope)
    async with database.tx(scope):
        firm = await queries.firm_of_technician(technician)
        if firm is None:
            raise NotFound("no technician {technician}", technician=technician)
        ended = await queries.withdraw_invites(technician, clock.now())
        if ended:
            await people.audit(firm, scope.account, "phone.invite_withdrawn", str(technician))
    return ended


async def open_invites(scope: Scope, *, limit: int | None = None) -> list[InviteView]:
    """Return the invitations that can still be used, at most `limit`; managers and admins see those of their firm.

    Raises
    ------
    NotAllowed
        For anybody else.
    """
    require_manager(scope)
    limit = bounded_if_any(limit)
    async with database.tx(scope):
        return await queries.open_invites(clock.now(), limit)


def plain(code: str) -> str:
    """Return a code as it was made, however it was typed."""
    return crockford.plain("".join(character for character in code if character.isalnum()))


def hash_of(code: str, secret: str) -> str:
    """Return what is kept of a code, as `plain` gives it: hexadecimal; without the secret nobody can try them out."""
    return mac_of(secret, "phone invite", code).finalize().hex()
