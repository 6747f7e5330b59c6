"""Who asks: the role, and the firm beyond which nothing is seen.

Every service function takes a `Scope` first and every transaction is opened with one (`backend.database.tx`). The firm is
then enforced by PostgreSQL's row security (`backend.isolation`), so a query that forgets its `WHERE firm = …` finds nothing
foreign instead of leaking it.
"""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from backend.errors import Fault, InvalidInput


class Role(StrEnum):
    """What an account may do; each route names the roles it serves."""

    TECHNICIAN = "technician"
    MANAGER = "manager"
    OWNER = "owner"
    REGULATOR = "regulator"
    ADMIN = "admin"
    DEVICE = "device"


class Scope(Struct, frozen=True, kw_only=True):
    """The asker of one request or job."""

    role: Role
    firm: UUID | None
    """The firm whose rows are visible; None sees every firm (regulators and admins read, jobs write)."""

    account: UUID | None = None
    """The signed-in account; None for devices and jobs."""

    technician: UUID | None = None
    """The technician behind the account, if the role is technician."""

    owner: UUID | None = None
    """The owner (使用单位) behind the account, if the role is owner."""

    device: UUID | None = None
    """The telemetry source, if the role is device."""

    def require_firm(self) -> UUID:
        """Return the firm, for what can only be written into one.

        Raises
        ------
        InvalidInput
            For somebody who sees every firm.
        """
        if self.firm is None:
            raise InvalidInput(
                "this belongs to one firm", faults=[Fault("firm", None, "sign in as a manager of the firm, or name the firm")]
            )
        return self.firm

    @property
    def setting(self) -> str:
        """Value of PostgreSQL's `liftrounds.firm` for this scope."""
        return "*" if self.firm is None else str(self.firm)


SYSTEM = Scope(role=Role.ADMIN, firm=None)
"""The scope of jobs and of commands at the terminal: every firm."""


def of_firm(firm: UUID) -> Scope:
    """Return the scope of a job or command that works for one firm."""
    return Scope(role=Role.MANAGER, firm=firm)
