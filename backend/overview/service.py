"""What the office sees first."""

from __future__ import annotations

from backend import clock, database
from backend.overview import queries
from backend.overview.views import LatestRun, Overview, SilentElevator
from backend.scope import Scope

MOST_SILENT = 500
"""Lines of the list of silent monitors; more than that is a broken broker, not a list."""


async def overview(scope: Scope) -> tuple[Overview, LatestRun | None]:
    """Return the counts of the asker's firm (of all firms for an asker without one) and the newest run of the planner."""
    async with database.tx(scope):
        return await queries.overview(clock.now()), await queries.latest_run()


async def silent_monitors(scope: Scope) -> list[SilentElevator]:
    """Return monitored elevators without a sign of life for a day, the longest silent first."""
    async with database.tx(scope):
        return await queries.silent(clock.now(), MOST_SILENT)
