"""What the public is told of how visits were kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from backend import database
from backend.public import queries
from backend.scope import SYSTEM
from tests.support.factory import Factory

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)


async def done(firm: UUID, elevator: UUID, days_ago: int, *, told: bool = False) -> None:
    async with database.tx(SYSTEM):
        await database.execute(
            "INSERT INTO visit_done (firm, elevator, visit, told, maintenance_class, departed_at)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            firm, elevator, uuid4(), told, "half_month", NOW - timedelta(days=days_ago),
        )  # fmt: skip


async def kept(elevator: UUID) -> queries.FulfilmentRow:
    async with database.tx(SYSTEM):
        return await queries.fulfilment(elevator, NOW - timedelta(days=365), NOW, "Asia/Shanghai")


async def test_last_visits_of_each_class_told_at_import_are_no_history_of_gaps(factory: Factory) -> None:
    firm = await factory.firm()
    elevator = await factory.elevator(firm)
    for days_ago in (300, 170, 80, 20):  # year, half-year, quarter, half-month
        await done(firm, elevator, days_ago, told=True)
    await done(firm, elevator, 8)
    found = await kept(elevator)
    assert (found.visits, found.longest_gap_days) == (2, 12)


async def test_gaps_between_visits_recorded_here_all_count(factory: Factory) -> None:
    firm = await factory.firm()
    elevator = await factory.elevator(firm)
    for days_ago in (300, 170, 20):
        await done(firm, elevator, days_ago)
    found = await kept(elevator)
    assert (found.visits, found.longest_gap_days) == (3, 150)
