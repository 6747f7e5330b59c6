"""The use of elevators for their due windows: what was counted since each work, and how it goes on from weekday to weekday."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from backend.telemetry import service as telemetry
from backend.telemetry.views import UsageQuery
from backend.upkeep import fact_queries
from backend.upkeep.known import Known, Read
from backend.upkeep.use import UseWanted, patterns, rate_pattern
from planner.intervals.due import counters_wanted
from planner.intervals.facts import UsageFact
from planner.intervals.forecast import UsePattern

STALE_MONITOR = timedelta(days=90)
"""A monitor that was not heard for so long is taken as gone: its last rate says nothing of today."""


class _Wanted(NamedTuple):
    """A question about use: of which elevator, of what, since when, and the budgets it is held against."""

    place: int
    """Among the known."""

    counter: str
    since: date
    at: datetime
    """The instant from which it counts."""

    budgets: set[int]


async def with_usage(known: list[Known], read: Read) -> list[Known]:
    """Add the usage of elevators whose monitor was heard of lately, in a few queries for all of them."""
    wanted = [one for index, each in enumerate(known) for one in _wanted(index, each, read)]
    if not wanted:
        return known
    asked = {(one.place, one.counter) for one in wanted}
    pattern = await _patterns(known, asked, read)
    rates = await _rates(known, asked - pattern.keys(), read)
    totals = await telemetry.usage_since(
        [UsageQuery(elevator=known[one.place].row.id, counter=one.counter, since=one.at) for one in wanted]
    )
    crossed = await _crossed(known, [(one, total.total) for one, total in zip(wanted, totals, strict=True)], read)
    usage: dict[int, list[UsageFact]] = defaultdict(list)
    for number, (one, total) in enumerate(zip(wanted, totals, strict=True)):
        found = pattern.get((one.place, one.counter), rates.get((one.place, one.counter)))
        if found is not None or total.readings:
            seen_at = read.seen[known[one.place].row.id].at
            usage[one.place].append(
                UsageFact(
                    counter=one.counter, since=one.since, used=max(0, total.total), per_day=found.per_day if found else 0.0,
                    known_until=max(read.day(seen_at), one.since), crossed=tuple(crossed.get(number, ())), pattern=found,
                    rest=read.rest_of_day(max(seen_at, one.at)),
                )
            )  # fmt: skip
    return [
        msgspec.structs.replace(each, facts=msgspec.structs.replace(each.facts, usage=tuple(usage[index])))
        if each.facts is not None and index in usage
        else each
        for index, each in enumerate(known)
    ]


def _wanted(index: int, known: Known, read: Read) -> list[_Wanted]:
    seen = read.seen.get(known.row.id)
    if known.facts is None or known.pack is None or seen is None or read.now - seen.at >= STALE_MONITOR:
        return []
    asked = counters_wanted(known.facts, known.pack)
    return [
        _Wanted(index, counter, since, _instant(known, since, read), budgets)
        for (counter, since), budgets in sorted(asked.items())
    ]


async def _crossed(known: list[Known], counted: list[tuple[_Wanted, int]], read: Read) -> dict[int, list[tuple[int, date]]]:
    """Return for each question, by its number, the budgets that are used up, each with the day on which it was."""
    over = [(number, one, most) for number, (one, total) in enumerate(counted) for most in sorted(one.budgets) if total >= most]
    found: dict[int, list[tuple[int, date]]] = defaultdict(list)
    if not over:
        return found
    hours = await fact_queries.reached_at([(known[one.place].row.id, one.counter, one.at, most) for _, one, most in over])
    for (number, _, most), hour in zip(over, hours, strict=True):
        if hour is not None:
            found[number].append((most, read.day(hour)))
    return found


def _instant(known: Known, since: date, read: Read) -> datetime:
    """Return the instant from which a day's use counts: the end of that day's work, or its beginning where there was none."""
    ends = [visit.departed_at for visit in read.visits.get(known.row.id, ()) if read.day(visit.departed_at) == since]
    ends += [item.done_at for item in read.items.get(known.row.id, ()) if read.day(item.done_at) == since]
    return min(ends, default=read.midnight(since))


async def _patterns(known: list[Known], wanted: set[tuple[int, str]], read: Read) -> dict[tuple[int, str], UsePattern]:
    """Return how counters grow on each weekday, by the place of the elevator; of those that have a whole day."""
    places: dict[UUID, int] = {}
    counters: dict[int, list[str]] = defaultdict(list)
    for index, counter in sorted(wanted):
        counters[index].append(counter)
    asked = []
    for index, some in counters.items():
        one = known[index]
        if one.pack is not None:
            seen_at = read.seen[one.row.id].at
            asked.append(
                UseWanted(
                    elevator=one.row.id, seen_at=seen_at, seen_on=read.day(seen_at), pack=one.pack, counters=frozenset(some)
                )
            )  # fmt: skip
            places[one.row.id] = index
    found = await patterns(asked, read.zone.key)
    return {(places[elevator], counter): pattern for (elevator, counter), pattern in found.items()}


async def _rates(known: list[Known], wanted: set[tuple[int, str]], read: Read) -> dict[tuple[int, str], UsePattern]:
    """Return the use of counters without a whole day: their daily rate up to the last sign of life, not up to today."""
    if not wanted:
        return {}
    indexes = {index for index, _ in wanted}
    seen = {index: read.seen[known[index].row.id].at for index in indexes}
    begin = {index: seen[index] - timedelta(days=_forecast_days(known[index])) for index in indexes}
    earliest = min(begin.values()).date()
    first = {row.elevator: row for row in await fact_queries.first_seen([known[index].row.id for index in indexes], earliest)}
    ordered = sorted(wanted)
    totals = await telemetry.usage_since(
        [UsageQuery(elevator=known[index].row.id, counter=counter, since=begin[index]) for index, counter in ordered]
    )
    rates = {}
    for (index, counter), total in zip(ordered, totals, strict=True):
        if total.readings:
            began = max(begin[index], _first_hour(first.get(known[index].row.id), begin[index]))
            days = max(1.0, (seen[index] - began).total_seconds() / 86_400)
            pack = known[index].pack
            if pack is not None:
                rate = rate_pattern(read.day(seen[index]), max(0, total.total) / days, pack.forecast)
                rates[(index, counter)] = rate
    return {key: rate for key, rate in rates.items() if rate is not None}


def _forecast_days(known: Known) -> int:
    return known.pack.forecast.within_days if known.pack is not None else 1


def _first_hour(row: fact_queries.FirstSeenRow | None, otherwise: datetime) -> datetime:
    if row is None:
        return otherwise
    lowest = (row.hours & -row.hours).bit_length() - 1
    return datetime.combine(row.day, time(lowest), tzinfo=UTC)
