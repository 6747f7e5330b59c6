"""What other rooms ask of the levelling inside their own transactions: the days crews keep, and target days."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from backend.levelling import calendars, queries
from backend.rounds.facts import SpecialDayFact, TargetFact


async def days_kept_inside(firm: UUID, first: date, last: date) -> list[SpecialDayFact]:
    """Return the special days of some days on which the firm's crews rest or work instead; none where they do neither."""
    row = await queries.calendar(firm)
    if row is None or not row.crews_rest:
        return []
    found = calendars.of_row(row, first, last)
    if found is None:
        return []
    return [
        SpecialDayFact(special.day, special.kind == "holiday", special.like_weekday)
        for special in found.days
        if first <= special.day <= last
    ]


async def targets_inside(firm: UUID, first: date, last: date) -> list[TargetFact]:
    """Return the target days of a firm from some days before a horizon to some after, by day: windows reach beyond it."""
    return await queries.targets(firm, first, last)
