"""Due windows: computed from what was done, what telemetry says and what the rules demand; stored with the receipt."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from backend.scope import Scope
from backend.upkeep.views import DueFilter, DuePage, DueWindowView, Summary, WindowChange


async def recompute(scope: Scope, elevators: Collection[UUID] | None = None) -> Summary:
    """Compute the windows of the scope's elevators anew, in several transactions of some hundred elevators each.

    Parameters
    ----------
    scope
        A firm's scope, or one without a firm for all firms.
    elevators
        Only these; None means all.
    """
    raise NotImplementedError


async def recompute_inside(firm: UUID, elevators: Collection[UUID]) -> Summary:
    """Compute some windows of a firm anew inside the caller's transaction."""
    raise NotImplementedError


async def note_visit(
    *, firm: UUID, elevator: UUID, visit: UUID, maintenance_class: str, departed_at: datetime, items: Collection[str]
) -> WindowChange:
    """Take in a finished visit inside the caller's transaction and compute the elevator's window anew.

    May be repeated. A visit that arrives late never moves the last visit, or an item's last time, back.

    Parameters
    ----------
    firm, elevator, visit
        Whose, where and which.
    maintenance_class
        Class of the visit; it includes the lower ones.
    departed_at
        Departure scan, aware.
    items
        Codes of the items that were done (those not applicable are not among them).
    """
    raise NotImplementedError


async def due_list(scope: Scope, wanted: DueFilter, *, cursor: str | None = None, limit: int = 100) -> DuePage:
    """Return what is due, most urgent first."""
    raise NotImplementedError


async def windows_inside(firm: UUID, until: date) -> list[DueWindowView]:
    """Return the windows of a firm's elevators in use whose first day is not after a day, inside the caller's transaction.

    Overdue ones are among them. By last day.
    """
    raise NotImplementedError
