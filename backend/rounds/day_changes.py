"""All that technicians changed of a day, for their phones and for the office."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from backend import clock, database
from backend.rounds import day_change_queries as changes
from backend.rounds import rejections, swaps
from backend.rounds.day_change_views import DayChanges, OfficeChanges, SwapState
from backend.rounds.day_marks import standing_of, standings_inside
from backend.rounds.fact_queries import time_zone
from backend.rounds.rejection_reasons import REASONS
from backend.scope import Scope
from backend.settings import DEFAULT_TIME_ZONE


async def day_changes_inside(firm: UUID, technician: UUID, day: date) -> DayChanges | None:
    """Return what a technician's phone has to know beside the stops, inside the caller's transaction; None without a crew."""
    crew = await changes.crew_of(technician, day)
    if crew is None:
        return None
    offers = [swaps.view(row) for row in await changes.offers_of_day(firm, day, crew)]
    return DayChanges(
        crew=crew,
        standing=standing_of(crew, await changes.marks_of_day(firm, day, crew)),
        reasons=list(REASONS),
        rejections=[rejections.view(row) for row in await changes.rejections_of_day(firm, day, crew)],
        incoming=[offer for offer in offers if offer.to_crew == crew and offer.state is SwapState.OFFERED],
        outgoing=[offer for offer in offers if offer.crew == crew],
    )


async def office_changes(scope: Scope, day: date | None = None) -> OfficeChanges:
    """Return what technicians changed of a day (today when None)."""
    async with database.tx(scope):
        day = day or clock.today(await time_zone(scope.firm) if scope.firm else DEFAULT_TIME_ZONE)
        return OfficeChanges(
            rounds=await standings_inside(scope.firm, day),
            rejections=[rejections.view(row) for row in await changes.rejections_of_day(scope.firm, day)],
            swaps=[swaps.view(row) for row in await changes.offers_of_day(scope.firm, day)],
        )
