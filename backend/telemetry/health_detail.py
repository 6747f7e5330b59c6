"""The data of one elevator's monitor in detail: its hours, its counters, what of it was not accepted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from backend import clock, database
from backend.errors import NotFound
from backend.scope import Scope
from backend.telemetry import health_queries, queries, rejected_queries
from backend.telemetry.health_queries import SignalDayRow
from backend.telemetry.health_views import CounterDay, ElevatorHealth, HourStrip
from backend.telemetry.vocabulary import vocabulary
from planner.intervals.health_evidence import HealthFacts

STRIP_DAYS = 21
"""Days of hours that are drawn: three weeks, so that each day of the week is seen three times."""

UNKNOWN_DAYS = 30
MOST_UNKNOWN = 20

_WEEK = 7


async def health_detail(scope: Scope, elevator: UUID) -> ElevatorHealth:
    """Return the data of an elevator's monitor.

    Raises
    ------
    NotFound
        If the asker sees no such elevator, or nothing was ever heard of a monitor of it.
    """
    now = clock.now()
    async with database.tx(scope):
        place = await queries.place_of(elevator)
        if place is None:
            raise NotFound("no elevator {elevator}", elevator=elevator)
        row = await health_queries.one(elevator)
        if row is None:
            raise NotFound("nothing is known yet of the data of this elevator: it has no monitor, or none that ever spoke")
        zone = ZoneInfo(place.time_zone)
        today = now.astimezone(zone).date()
        begin = today - timedelta(days=STRIP_DAYS - 1)
        days = await health_queries.signal_days({elevator: begin - timedelta(days=1)})
        first = (await health_queries.first_days([elevator])).get(elevator)
        counters = sorted(vocabulary().counters)
        grown = await health_queries.growth([elevator], counters, now.date() - timedelta(days=2 * STRIP_DAYS))
        unknown = await health_queries.unknown_codes(elevator, now - timedelta(days=UNKNOWN_DAYS), MOST_UNKNOWN)
        refused = await rejected_queries.open_of(elevator)
    heard = now if first is None else datetime.combine(first[0], time((first[1] & -first[1]).bit_length() - 1), UTC)
    return ElevatorHealth(
        row=row,
        strips=[
            _strip(begin + timedelta(days=n), _instants(days), zone, heard, now.astimezone(UTC)) for n in range(STRIP_DAYS)
        ],
        counters=[
            _counter(use, row.evidence, now.astimezone(UTC).date()) for use in sorted(grown, key=lambda use: use.counter)
        ],
        rejected=refused,
        unknown_codes=unknown,
    )


def _instants(days: Sequence[SignalDayRow]) -> set[datetime]:
    """Return the hours (UTC) with a record."""
    return {datetime.combine(row.day, time(hour), UTC) for row in days for hour in range(24) if row.hours >> hour & 1}


def _strip(day: date, seen: set[datetime], zone: ZoneInfo, heard: datetime, now: datetime) -> HourStrip:
    """Return the hours of a local day; where clocks are put back, an hour counts that was seen either time."""
    told: list[bool | None] = []
    for hour in range(24):
        at = datetime.combine(day, time(hour), zone).astimezone(UTC)
        whole = at.replace(minute=0)
        ahead = whole + timedelta(hours=1) > now
        told.append(True if whole in seen else None if ahead or whole < heard else False)
    return HourStrip(day=day, seen=told)


def _counter(use: health_queries.GrowthRow, evidence: HealthFacts, today: date) -> CounterDay:
    growth = dict(zip(use.days, use.growth, strict=True))
    last = max(growth)
    return CounterDay(
        counter=use.counter, last_day=last, growth=growth[last],
        week=[growth.get(today - timedelta(days=back)) for back in range(_WEEK - 1, -1, -1)],
        stuck_since=next((stuck.since for stuck in evidence.stuck if stuck.counter == use.counter), None),
    )  # fmt: skip
