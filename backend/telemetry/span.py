"""What telemetry tells of the time of a visit, read as the input of `qr.elevator_word`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from backend.errors import NotFound
from backend.telemetry import span_queries as queries
from backend.telemetry.span_queries import HourRow, Told
from backend.telemetry.views import EventView
from qr.elevator_patterns import usual_patterns
from qr.elevator_span import Happened, PastHour, Reading, Span
from qr.elevator_traffic import hour_of

MODE_KINDS = ("inspection_mode", "out_of_service", "normal_mode", "mode_closed")
"""Events that tell whether an elevator carries passengers; the last one before a visit is looked for a day back."""

_MODES_BACK = timedelta(hours=24)
_MOST_EVENTS = 400
"""More in a visit's time come from a monitor that stutters; the latest are enough."""

_MOST_READINGS = 1500
"""A monitor that tells more often is read every so many seconds only: a minute apart is enough for any pattern."""

_LEAST_APART_S = 10
_HOUR = timedelta(hours=1)
_LONGEST = timedelta(hours=24)
"""A visit that was open for longer is read no further: its traffic says nothing any more."""


async def visit_span_inside(elevator: UUID, arrival: datetime, departure: datetime) -> Span:
    """Return what telemetry tells of the time between two scans and of the margin around it, inside the caller's transaction.

    Raises
    ------
    NotFound
        If the scope's firm has no such elevator.
    """
    known = await queries.watched(elevator)
    if known is None:
        raise NotFound("no elevator {elevator}", elevator=elevator)
    zone = timezone(arrival.astimezone(ZoneInfo(known.time_zone)).utcoffset() or timedelta())
    arrival, departure = arrival.astimezone(zone), departure.astimezone(zone)
    bare = Span(
        arrival=arrival, departure=departure, monitored=known.last_heard_at is not None, landings=known.landings,
        clock_off_s=None if known.skew_s is None else abs(known.skew_s), perhaps_late=(known.skew_s or 0) > 0,
        last_heard_at=None if known.last_heard_at is None else known.last_heard_at.astimezone(zone),
    )  # fmt: skip
    if known.last_heard_at is None or not timedelta() < bare.lasts <= _LONGEST:
        return bare
    margin = timedelta(seconds=usual_patterns().limits.margin_s)
    since, until = arrival - margin, departure + margin
    apart_s = max(_LEAST_APART_S, math.ceil((until - since).total_seconds() / _MOST_READINGS))
    told = await queries.records_between(elevator, since, until, apart_s)
    events = await queries.events_between(elevator, since, until, arrival - _MODES_BACK, MODE_KINDS, _MOST_EVENTS)
    past = await _past(elevator, since, until, ZoneInfo(known.time_zone)) if told else ()
    return msgspec.structs.replace(
        bare, readings=tuple(_reading(each, zone) for each in told), events=tuple(_happened(each, zone) for each in events),
        past=past,
    )  # fmt: skip


def _reading(told: Told, zone: timezone) -> Reading:
    floor = None if told.floor is None else round(told.floor)
    return Reading(at=told.at.astimezone(zone), counters=dict(zip(told.counters, told.totals, strict=True)), floor=floor)


def _happened(event: EventView, zone: timezone) -> Happened:
    return Happened(at=event.at.astimezone(zone), kind=event.kind, code=event.raw_code)


async def _past(elevator: UUID, since: datetime, until: datetime, zone: ZoneInfo) -> tuple[PastHour, ...]:
    """Return what the same hours of earlier weeks brought, where the growth of an hour is surely its own."""
    places = {
        _weeks_before(hour, weeks, zone): (hour, weeks)
        for weeks in range(1, usual_patterns().limits.weeks + 1)
        for hour in _hours(since, until)
    }
    rows = {row.hour: row for row in await queries.hours(elevator, sorted({*places, *(hour - _HOUR for hour in places)}))}
    found = []
    for at, (hour, weeks) in places.items():
        row, before = rows.get(at), rows.get(at - _HOUR)
        if row is not None and before is not None:  # after a gap an hour holds the growth of the gap too
            growth = _growth(row, before)
            readings = max((row.readings[row.counters.index(name)] for name in growth), default=0)
            found.append(PastHour(hour=hour, weeks_ago=weeks, growth=growth, readings=readings))
    return tuple(found)


def _hours(since: datetime, until: datetime) -> Iterator[datetime]:
    hour = hour_of(since)
    while hour < until:
        yield hour
        hour += _HOUR


def _weeks_before(hour: datetime, weeks: int, zone: ZoneInfo) -> datetime:
    """Return the hour of the same local time some weeks earlier, in UTC: people keep to the clock on the wall."""
    wall = hour.astimezone(zone).replace(tzinfo=None) - timedelta(weeks=weeks)
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _growth(row: HourRow, before: HourRow) -> dict[str, int]:
    odd = row.odd or {}
    return {
        name: delta
        for name, delta, readings in zip(row.counters, row.deltas, row.readings, strict=True)
        if readings > 0 and name in before.counters and name not in odd
    }
