"""Another order of one's own round: what it would break and change is said first, and it is done only as it was said."""

from __future__ import annotations

import asyncio
from uuid import UUID

from backend import database
from backend.errors import Conflict, Fault, InvalidInput, Outdated
from backend.messages.telling import tell_crew_inside
from backend.people.service import audit
from backend.rounds.day_change_views import OrderCheck, OrderInput, StopTime
from backend.rounds.day_marks import acting_technician
from backend.rounds.day_moves import (
    Asked,
    asked_of,
    breach_views,
    changes_of,
    crew_today,
    facts_inside,
    side_view,
    warnings_of,
    write_inside,
)
from backend.rounds.times import ESTIMATED, EngineChoice
from backend.scope import Scope
from planner.rounds.plan import Plan
from planner.today.moves import Moved


async def check_order(scope: Scope, data: OrderInput, *, engine: EngineChoice = ESTIMATED) -> OrderCheck:
    """Say what another order of the asker's round of today would break and change; nothing is changed.

    Parameters
    ----------
    scope
        The technician.
    data
        All stops that nobody has begun, in the order wanted.
    engine
        Where travel times come from.

    Raises
    ------
    NotAllowed
        For anybody but a technician.
    Outdated
        If the round has another version by now.
    InvalidInput
        If these are not exactly the stops that are left.
    Conflict
        If there is no round today.
    """
    technician = acting_technician(scope)
    async with database.tx(scope):
        facts = await facts_inside(scope.require_firm())
        crew = await crew_today(technician, facts)
    asked = await asked_of(facts, crew, engine)
    found, _plan = await _checked(asked, data)
    return found


async def apply_order(scope: Scope, data: OrderInput, *, engine: EngineChoice = ESTIMATED) -> OrderCheck:
    """Put the asker's round of today in another order.

    Raises
    ------
    NotAllowed
        For anybody but a technician.
    Outdated
        If the round has another version by now.
    InvalidInput
        If these are not exactly the stops that are left, or what has to be confirmed is not confirmed.
    Conflict
        If it breaks a rule, with the sentence, or there is no round today.
    """
    technician, firm = acting_technician(scope), scope.require_firm()
    async with database.tx(scope):
        facts = await facts_inside(firm)
        crew = await crew_today(technician, facts)
    asked = await asked_of(facts, crew, engine)
    found, plan = await _checked(asked, data)
    if plan is None:
        raise Conflict(
            "this order is not possible: {why}", why="; ".join(f"{breach.zh} / {breach.en}" for breach in found.breaks)
        )
    if not found.changes:
        return found
    if found.warnings and not data.confirmed:
        raise InvalidInput(
            "this order has to be confirmed", faults=[Fault("confirmed", "false", "read the warnings and confirm them")]
        )
    async with database.tx(scope):
        await write_inside(asked, plan, [crew])
        detail = {"day": facts.today.isoformat(), "stops": len(data.work_orders)}
        await audit(firm, scope.account, "round.reordered", str(asked.mine.id), detail)
        await _tell_mates(scope, asked, crew)
    return found


async def _checked(asked: Asked, data: OrderInput) -> tuple[OrderCheck, Plan | None]:
    """Ask the planner; give its plan too where it can be done."""
    if asked.mine.version != data.round_version:
        raise Outdated("your round has changed meanwhile: look at it and choose again")
    left = asked.moves.movable(asked.crew)
    wanted = [str(each) for each in data.work_orders]
    if lost := [each for each in wanted if each not in asked.question.elevator_of and each in _scheduled(asked)]:
        faults = [Fault("work_orders", each, "its site has no position: enter one first") for each in lost]
        raise InvalidInput("the order cannot be checked", faults=faults)
    if sorted(left) != sorted(wanted):
        value = ", ".join(wanted)[:120]
        reason = "name each stop that nobody has begun, once, and no other: those under way or done stay where they are"
        raise InvalidInput("this is not an order of your stops", faults=[Fault("work_orders", value, reason)])
    answer = await asyncio.to_thread(asked.moves.change, {asked.crew: wanted})
    version = asked.mine.version
    if not isinstance(answer, Moved):
        return OrderCheck(
            round_version=version, breaks=breach_views(asked, answer), warnings=[], changes=[], stops=[], side=None
        ), None
    changes, _option = changes_of(asked, answer.before, answer.plan)
    if wanted == left:
        changes = []
    return OrderCheck(
        round_version=version,
        breaks=[],
        warnings=warnings_of(asked, answer.sides) if changes else [],
        changes=changes,
        stops=_times(asked, answer),
        side=side_view(asked, answer, asked.crew),
    ), answer.plan


def _scheduled(asked: Asked) -> set[str]:
    return {str(order.id) for order in asked.facts.orders if order.round == asked.mine.id and order.state.value == "scheduled"}


def _times(asked: Asked, moved: Moved) -> list[StopTime]:
    before = {stop.visit: stop.start_s for route in moved.before.routes if route.crew == asked.crew for stop in route.stops}
    left = set(asked.moves.movable(asked.crew))
    return [
        StopTime(
            work_order=UUID(stop.visit), start_s=stop.start_s,
            by_s=stop.start_s - before[stop.visit] if stop.visit in before else None,
        )
        for route in moved.plan.routes if route.crew == asked.crew for stop in route.stops if stop.visit in left
    ]  # fmt: skip


async def _tell_mates(scope: Scope, asked: Asked, crew: UUID) -> None:
    """Tell the others of the crew; who did it knows."""
    await tell_crew_inside(
        scope.require_firm(), crew, asked.facts.today, "今天的站点顺序已由同组人员调整",
        "Your crew has put today's stops in another order", link="/t/#/", subject=str(asked.mine.id), but=scope.account,
    )  # fmt: skip
