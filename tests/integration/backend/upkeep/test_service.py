"""Due windows on a real database: computed, stored, moved by visits, listed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from backend import clock, database
from backend.scope import Scope, of_firm
from backend.upkeep import service
from backend.upkeep.views import DueFilter, ToldVisit
from planner.intervals.items import checklist
from tests.support.factory import Factory

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 25)


@pytest.fixture(autouse=True)
def _noon_in_taizhou():
    with clock.stopped_at(NOW):
        yield


async def told(scope: Scope, *visits: ToldVisit) -> None:
    async with database.tx(scope):
        await service.note_told_visits_inside(scope.require_firm(), visits)


async def test_a_told_visit_is_due_again_fifteen_days_later(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    await told(firm_scope, ToldVisit(elevator=elevator, maintenance_class="year", on_day=date(2026, 11, 20)))
    summary = await service.recompute(firm_scope)
    assert (summary.elevators, summary.moved, summary.failed) == (1, 1, [])
    view = await service.receipt(firm_scope, elevator)
    assert view.window.last_day == date(2026, 12, 5)
    assert view.receipt.binding.day == view.window.last_day
    print(view.receipt.sentence)
