"""Rounds as others see them: runs of the planner, published rounds, work orders."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from backend.rounds.plan_views import ProposedPlan
from backend.rounds.views import CrewDay, OrderState, PlannedActual, RunPage, RunView, WorkOrderView
from backend.scope import Scope


async def request_run(scope: Scope, start_date: date, days: int, time_limit_s: float = 30.0, seed: int = 1) -> RunView:
    """Take a snapshot of what is due and who works, and queue a run of the planner over it.

    Parameters
    ----------
    scope
        A manager of the firm.
    start_date
        First day to plan, today or later; of today only what is left.
    days
        Length of the horizon, 1..14.
    time_limit_s
        Wall seconds for the search, 1..600.
    seed
        Of the search: the same snapshot and seed search the same way.

    Raises
    ------
    InvalidInput
        With all faults.
    """
    raise NotImplementedError


async def runs(scope: Scope, *, cursor: str | None = None, limit: int = 50) -> RunPage:
    """Return the runs of the planner, newest first."""
    raise NotImplementedError


async def run(scope: Scope, id: UUID) -> RunView:  # noqa: A002 - what callers name it
    """Return one run, light enough to be asked for every second."""
    raise NotImplementedError


async def run_plan(scope: Scope, id: UUID) -> ProposedPlan:  # noqa: A002
    """Return the plan of a run with names and reasons."""
    raise NotImplementedError


async def problem_file(scope: Scope, id: UUID) -> bytes:  # noqa: A002
    """Return the problem of a run as the contract's JSON, for `liftrounds plan`."""
    raise NotImplementedError


async def plan_file(scope: Scope, id: UUID) -> bytes:  # noqa: A002
    """Return the plan of a run as the contract's JSON, for `liftrounds check`."""
    raise NotImplementedError


async def execute_run(id: UUID) -> None:  # noqa: A002
    """Search a plan for a queued run, in a process of its own; called by the job, may be repeated."""
    raise NotImplementedError


async def stop_run(scope: Scope, id: UUID) -> RunView:  # noqa: A002
    """Stop a run; a search under way keeps its best plan so far and proposes it."""
    raise NotImplementedError


async def discard_run(scope: Scope, id: UUID) -> RunView:  # noqa: A002
    """Put a run aside that nobody will publish."""
    raise NotImplementedError


async def commit_run(scope: Scope, id: UUID) -> RunView:  # noqa: A002
    """Choose a proposed plan; refused where its data has changed since."""
    raise NotImplementedError


async def publish_run(scope: Scope, id: UUID) -> RunView:  # noqa: A002
    """Turn a committed plan into rounds and work orders that technicians see."""
    raise NotImplementedError


async def withdraw_round(scope: Scope, round_id: UUID, reason: str) -> None:
    """Take back a published round that nobody has started."""
    raise NotImplementedError


async def published_rounds(scope: Scope, day: date) -> list[CrewDay]:
    """Return the published rounds of a day, by name of the crew."""
    raise NotImplementedError


async def cancel_order(scope: Scope, order: UUID, reason: str) -> WorkOrderView:
    """Take one stop out of a published round: a closed building, an owner's wish."""
    raise NotImplementedError


async def planned_against_actual(scope: Scope, day: date) -> list[PlannedActual]:
    """Return every stop of a day with the visit that was made of it, then visits that nobody had planned."""
    raise NotImplementedError


async def miss_past_orders() -> int:
    """Mark the stops of past days that nobody came to as missed, of all firms; return how many."""
    raise NotImplementedError


async def crew_day_inside(technician: UUID, day: date) -> CrewDay | None:
    """Return the published day of a technician's crew inside the caller's transaction; None without one."""
    raise NotImplementedError


async def order_for_arrival_inside(
    firm: UUID, technician: UUID, elevator: UUID, day: date, order: UUID | None
) -> WorkOrderView | None:
    """Return the work order that an arrival serves, locked until the end of the caller's transaction.

    Parameters
    ----------
    firm, technician, elevator
        Who arrives where.
    day
        Local date of the arrival.
    order
        The order that the technician's phone names, if it does.

    Returns
    -------
    WorkOrderView or None
        The named one; otherwise the elevator's order of the day, of the technician's own crew first; otherwise its next
        one whose due window is open, or its last missed one; None for an unscheduled visit.

    Raises
    ------
    NotFound
        If the named order is not this firm's, or of another elevator.
    Conflict
        If the named order is done or cancelled.
    """
    raise NotImplementedError


async def set_order_state_inside(order: UUID, state: OrderState) -> None:
    """Move a work order on (or back, when its visit was abandoned) and its round's version, in the caller's transaction.

    Raises
    ------
    NotFound
        If there is no such order.
    Conflict
        If it was cancelled.
    """
    raise NotImplementedError
