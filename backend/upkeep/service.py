"""Due windows: computed from what was done, what telemetry says and what the rules demand; stored with the receipt."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from backend.scope import Scope
from backend.upkeep.views import (
    DueFilter,
    DuePage,
    DueWindowView,
    ModeChange,
    ReceiptView,
    SpecialCheckView,
    SpecialPeriodInput,
    SpecialPeriodView,
    Summary,
    ToldVisit,
    WindowChange,
)


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


async def recompute_stale(scope: Scope) -> Summary:
    """Compute the windows anew that were not computed on the present local day of their firm, missing ones included."""
    raise NotImplementedError


async def recompute_inside(firm: UUID, elevators: Collection[UUID]) -> Summary:
    """Compute some windows of a firm anew inside the caller's transaction."""
    raise NotImplementedError


async def note_visit(
    *, firm: UUID, elevator: UUID, visit: UUID, maintenance_class: str, departed_at: datetime, items: Collection[str]
) -> WindowChange:
    """Take in a finished visit inside the caller's transaction and compute the elevator's window anew.

    May be repeated; a visit that is told again with other items or another class (a correction) replaces what was told
    before. A visit that arrives late never moves the last visit, or an item's last time, back.

    Parameters
    ----------
    firm, elevator, visit
        Whose, where and which.
    maintenance_class
        Class of the visit; it includes the lower ones.
    departed_at
        Departure scan, aware.
    items
        Codes of the items that were done. Items of the class that are not among them were answered as not applicable.
        Special checks that were made are named by item and key, such as `A-4-06:governor_speed`.
    """
    raise NotImplementedError


async def withdraw_visit(*, firm: UUID, elevator: UUID, visit: UUID) -> WindowChange:
    """Take back a visit that does not count any more, inside the caller's transaction: the one before it is the last again."""
    raise NotImplementedError


async def note_told_visits_inside(firm: UUID, visits: Sequence[ToldVisit]) -> None:
    """Take in visits told at import, inside the caller's transaction; windows are not computed (see `recompute`).

    An elevator has one told visit per class: telling it again replaces it.
    """
    raise NotImplementedError


async def due_list(scope: Scope, wanted: DueFilter, *, cursor: str | None = None, limit: int = 100) -> DuePage:
    """Return what is due, most urgent first; paused windows come last.

    Raises
    ------
    InvalidInput
        If the cursor is none of this list's, or the filter names no class or mode.
    """
    raise NotImplementedError


async def receipt(scope: Scope, elevator: UUID) -> ReceiptView:
    """Return an elevator's window with its receipt; it is computed first where there is none of today.

    Raises
    ------
    NotFound
        If the asker sees no such elevator, or it is scrapped and therefore has no window.
    """
    raise NotImplementedError


async def window_inside(elevator: UUID) -> DueWindowView | None:
    """Return an elevator's window as it is stored, inside the caller's transaction; None where there is none."""
    raise NotImplementedError


async def windows_inside(firm: UUID, until: date) -> list[DueWindowView]:
    """Return the windows of a firm's elevators in use whose first day is not after a day, inside the caller's transaction.

    Overdue ones are among them, paused ones are not. By last day.
    """
    raise NotImplementedError


async def mode_changes_inside(elevator: UUID) -> list[ModeChange]:
    """Return an elevator's changes of mode, newest first, inside the caller's transaction; they are public."""
    raise NotImplementedError


async def add_special_period(scope: Scope, period: SpecialPeriodInput) -> SpecialPeriodView:
    """Add a special period of the asker's firm; the windows it concerns are computed anew by a job.

    Raises
    ------
    InvalidInput
        With all faults.
    NotFound
        If the firm has no such elevator.
    """
    raise NotImplementedError


async def list_special_periods(scope: Scope, *, since: date | None = None) -> list[SpecialPeriodView]:
    """Return special periods that have not ended before a day (today when None), by first day."""
    raise NotImplementedError


async def remove_special_period(scope: Scope, period: UUID) -> None:
    """Remove a special period; the windows it concerns are computed anew by a job.

    Raises
    ------
    NotFound
        If the firm has no such period.
    """
    raise NotImplementedError


async def special_checks(scope: Scope, elevator: UUID) -> list[SpecialCheckView]:
    """Return the special checks that an elevator's rule pack asks for, with the day of the last one.

    Raises
    ------
    NotFound
        If the asker sees no such elevator.
    """
    raise NotImplementedError


async def note_special_check(scope: Scope, elevator: UUID, check: str, done_on: date, note: str = "") -> ReceiptView:
    """Note that a special check was made, by whomever, and compute the elevator's window anew.

    Raises
    ------
    NotFound
        If the firm has no such elevator.
    InvalidInput
        If there is no such check for this equipment, or its day is in the future.
    """
    raise NotImplementedError
