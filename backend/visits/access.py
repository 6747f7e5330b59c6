"""Who may do what with which visit: one function per rule."""

from __future__ import annotations

from uuid import UUID

from backend.errors import Conflict, NotAllowed, NotFound
from backend.scope import Role, Scope
from backend.visits import queries
from backend.visits.rows import VisitRow
from backend.visits.views import VisitState


def acting_technician(scope: Scope) -> UUID:
    """Return the technician who asks.

    Raises
    ------
    NotAllowed
        For anybody else: work on an elevator is signed by who did it.
    """
    if scope.role is not Role.TECHNICIAN or scope.technician is None:
        raise NotAllowed("only a technician does this, from their own account")
    return scope.technician


def require_manager(scope: Scope) -> None:
    """Let managers and admins pass.

    Raises
    ------
    NotAllowed
        For anybody else.
    """
    if scope.role not in (Role.MANAGER, Role.ADMIN):
        raise NotAllowed("only a manager does this")


def acting_owner(scope: Scope) -> tuple[UUID, UUID]:
    """Return the owner who asks and their account.

    Raises
    ------
    NotAllowed
        For anybody else. Nobody signs in the owner's name: neither the technician nor the office.
    """
    if scope.role is not Role.OWNER or scope.owner is None or scope.account is None:
        raise NotAllowed("only the owner does this, from their own account")
    return scope.owner, scope.account


async def existing(visit: UUID, *, lock: bool = False) -> VisitRow:
    """Return a visit that the asker's firm has.

    Raises
    ------
    NotFound
        If there is none.
    """
    row = await queries.visit(visit, lock=lock)
    if row is None:
        raise NotFound("no visit {visit}", visit=visit)
    return row


async def visible(scope: Scope, visit: UUID) -> VisitRow:
    """Return a visit that the asker may see: an owner sees those of their own elevators that have ended.

    Raises
    ------
    NotFound
        If there is none, or it is not theirs.
    """
    row = await existing(visit)
    if scope.role is Role.OWNER and (scope.owner is None or await queries.owner_of(visit) != scope.owner):
        raise NotFound("no visit {visit}", visit=visit)
    return row


async def mine(scope: Scope, visit: UUID, *, second_too: bool) -> VisitRow:
    """Return a visit of the technician who asks, locked until the end of the transaction.

    Parameters
    ----------
    scope, visit
        Who asks for which.
    second_too
        Whether the second technician may do this as well.

    Raises
    ------
    NotFound
        If there is no such visit.
    NotAllowed
        If it is another technician's.
    """
    technician = acting_technician(scope)
    row = await existing(visit, lock=True)
    if technician != row.technician and not (second_too and technician == row.second_technician):
        raise NotAllowed("this is another technician's visit")
    return row


def require_open(row: VisitRow) -> None:
    """Let an open visit pass.

    Raises
    ------
    Conflict
        If it has ended.
    """
    if row.state is VisitState.FINISHED:
        raise Conflict("the visit has ended: a change is a correction, with its reason")
    if row.state is VisitState.ABANDONED:
        raise Conflict("the visit was abandoned: {reason}", reason=row.closed_reason)
