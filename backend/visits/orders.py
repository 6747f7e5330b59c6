"""The work order that a visit served."""

from __future__ import annotations

from backend import clock
from backend.rounds import service as rounds
from backend.rounds.views import OrderState
from backend.visits import queries
from backend.visits.rows import VisitRow


async def release_order_inside(row: VisitRow) -> None:
    """Set the work order of a visit that does not count back: to be done again, or missed where its day is over."""
    if row.work_order is None:
        return
    today = clock.today(await queries.time_zone_of(row.firm))
    day = await queries.day_of_order(row.work_order)
    await rounds.set_order_state_inside(row.work_order, OrderState.SCHEDULED if day >= today else OrderState.MISSED)
