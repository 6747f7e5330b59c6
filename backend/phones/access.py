"""Who decides about phones."""

from __future__ import annotations

from backend.errors import NotAllowed
from backend.scope import Role, Scope


def require_manager(scope: Scope) -> None:
    """Let managers and admins pass.

    Raises
    ------
    NotAllowed
        For anybody else.
    """
    if scope.role not in (Role.MANAGER, Role.ADMIN):
        raise NotAllowed("only a manager does this")
