"""Rounds as others see them: runs of the planner, published rounds, work orders."""

from __future__ import annotations

import asyncio
from uuid import UUID

import msgspec

from backend import database
from backend.errors import Conflict
from backend.rounds import queries
from backend.rounds.day_changes import day_changes_inside, office_changes
from backend.rounds.day_marks import mark_round
from backend.rounds.execution import execute_run
from backend.rounds.explained import explain_left_out, explain_visit, reasons_of, why_not
from backend.rounds.orders import (
    cancel_order,
    crew_day_inside,
    miss_past_orders,
    order_for_arrival_inside,
    planned_against_actual,
    published_rounds,
    set_order_state_inside,
)
from backend.rounds.plan_views import ProposedPlan
from backend.rounds.proposal import Compared, Names, propose
from backend.rounds.publishing import commit_run, publish_run, withdraw_round
from backend.rounds.queries import RunRow
from backend.rounds.rejections import reject_stop, undo_rejection
from backend.rounds.reorder import apply_order, check_order
from backend.rounds.repair import discard_repair, propose_repair, repair, repairs
from backend.rounds.repair_apply import apply_repair, undo_repair
from backend.rounds.runs import (
    discard_run,
    existing,
    plan_file,
    problem_file,
    remove_dead_runs,
    request_run,
    run,
    runs,
    stop_run,
    stored_snapshot,
    view,
)
from backend.rounds.swaps import accept_swap, decline_swap, offer_swap, swap_choices, swap_offer, withdraw_swap
from backend.rounds.times import engine_of
from backend.scope import Scope
from planner.rounds.plan import Plan

__all__ = [
    "accept_swap",
    "apply_order",
    "apply_repair",
    "cancel_order",
    "check_order",
    "commit_run",
    "crew_day_inside",
    "day_changes_inside",
    "decline_swap",
    "discard_repair",
    "discard_run",
    "engine_of",
    "execute_run",
    "explain_left_out",
    "explain_visit",
    "mark_round",
    "miss_past_orders",
    "offer_swap",
    "office_changes",
    "order_for_arrival_inside",
    "plan_file",
    "planned_against_actual",
    "problem_file",
    "propose_repair",
    "publish_run",
    "published_rounds",
    "reject_stop",
    "remove_dead_runs",
    "repair",
    "repairs",
    "request_run",
    "run",
    "run_plan",
    "runs",
    "set_order_state_inside",
    "stop_run",
    "swap_choices",
    "swap_offer",
    "undo_rejection",
    "undo_repair",
    "why_not",
    "withdraw_round",
    "withdraw_swap",
]


async def run_plan(scope: Scope, id: UUID) -> ProposedPlan:  # noqa: A002 - as everywhere in this room
    """Return the plan of a run with names and reasons, compared with the plan before it.

    Raises
    ------
    NotFound
        If the asker's firm has no run of this id.
    Conflict
        If it has no plan.
    """
    async with database.tx(scope):
        row = await existing(id)
        this = await _compared(row)
        if this is None:
            raise Conflict("this run has no plan yet")
        other = await queries.run_before(row)
        before = await _compared(await existing(other)) if other else None
        named = {item.elevator for each in (this, before) if each for item in each.snapshot.items}
        named |= {out.elevator for out in this.snapshot.out}
        names = Names(elevators=await queries.elevator_names(list(named)), crews=await queries.crew_names(row.firm))

    def proposed() -> ProposedPlan:
        why = reasons_of(id, this.snapshot, this.plan)
        return propose(this.run, this.snapshot, this.plan, names, before, why)

    return await asyncio.to_thread(proposed)


async def _compared(row: RunRow) -> Compared | None:
    plan = await queries.plan_of(row.id)
    if plan is None:
        return None
    return Compared(run=view(row), snapshot=await stored_snapshot(row), plan=msgspec.convert(plan, Plan))
