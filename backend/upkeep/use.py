"""How elevators are used from weekday to weekday: daily sums of telemetry become the patterns that wear is forecast from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from uuid import UUID

from msgspec import Struct

from backend.telemetry.use_queries import daily_use
from planner.intervals.forecast import UsePattern, pattern_of
from planner.intervals.pack import Forecast, RulePack

AHEAD = timedelta(days=400)
"""How far ahead special days are told to a forecast: beyond the longest gap of any class."""


class UseWanted(Struct, frozen=True, kw_only=True):
    """Of which elevator the use is wanted, and by which rules it is carried forward."""

    elevator: UUID
    seen_at: datetime
    """The last sign of life."""

    seen_on: date
    """Its local day."""

    pack: RulePack
    counters: frozenset[str]


async def patterns(wanted: Iterable[UseWanted], time_zone: str) -> dict[tuple[UUID, str], UsePattern]:
    """Return the pattern of each elevator and counter that has whole days, inside the caller's transaction."""
    by_elevator = {one.elevator: one for one in wanted}
    if not by_elevator:
        return {}
    # One day more than the pack asks for: a day is whole only if the day before has readings too.
    since = {one.elevator: one.seen_at - timedelta(days=one.pack.forecast.within_days + 1) for one in by_elevator.values()}
    counters = {counter for one in by_elevator.values() for counter in one.counters}
    found = {}
    for use in await daily_use(since, counters, time_zone):
        one = by_elevator[use.elevator]
        if use.counter in one.counters:
            pattern = _pattern(use.whole_days(one.seen_on), one)
            if pattern is not None:
                found[use.elevator, use.counter] = pattern
    return found


def _pattern(days: Mapping[date, int], one: UseWanted) -> UsePattern | None:
    begin = one.seen_on - timedelta(days=one.pack.forecast.within_days + 1)
    special = special_days(one.pack.region, begin.year, one.seen_on.year + 1)
    upcoming = tuple(day for day in special if one.seen_on < day <= one.seen_on + AHEAD)
    return pattern_of(days, one.pack.forecast, holidays=frozenset(special), upcoming=upcoming)


def rate_pattern(seen_on: date, per_day: float, limits: Forecast) -> UsePattern | None:
    """Return the pattern of a use of which no whole day is known yet: its rate, as if one day had told it."""
    return pattern_of({seen_on: per_day}, limits)


@cache
def special_days(region: str, first_year: int, last_year: int) -> tuple[date, ...]:
    """Return the public holidays and shifted working days of a pack's region, in order; none where no calendar is known."""
    if region.partition("-")[0] != "CN":
        return ()
    from planner.levelling.china import china

    return tuple(special.day for special in china(range(first_year, last_year + 1)).days)
