"""A firm's own history as the model reads it: what elevators reported while their monitors were online, what visits found."""

from __future__ import annotations

import calendar
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from backend.risk import fact_queries
from backend.risk.fact_queries import ElevatorRow, MonthRow
from backend.telemetry import service as telemetry
from backend.telemetry.views import UsageQuery
from backend.telemetry.vocabulary import vocabulary
from planner.risk.history import Period

LOOK_BACK_MONTHS = 48
"""Older evidence weighs less than an eighth at the usual half-lives."""

USE_DAYS = 60
"""Of the counters that tell how much an elevator is used."""

USE_BANDS = ((125, "<125"), (250, "125–250"), (500, "250–500"), (1_000, "500–1000"))
"""Trips a day below which a band ends; beyond the last: 1000+."""

SHORT_MONTH_DAYS = 15
"""A running month that is younger counts with the one before: a step of the memory is to hold about a month."""


class FirmHistory(Struct, frozen=True, kw_only=True):
    """What was read of a firm."""

    periods: list[Period]
    elevators: dict[str, UUID]
    """Id as text → id."""

    last_use: dict[UUID, float]
    """Trips a day."""


def fault_kinds() -> list[str]:
    """Return the kinds of events that count: faults of the elevator and entrapments, never the monitor's own."""
    kinds = vocabulary().kinds
    return sorted({name for name, kind in kinds.items() if kind.category == "fault"} | {"entrapment"})


async def history_inside(firm: UUID, zone: str, today: date) -> FirmHistory:
    """Read a firm's history up to and without today, inside the caller's transaction.

    An elevator with a monitor counts for the hours in which that was online, another for the days between its first and last
    recorded visit and the serious findings of these: a group of its own, for a finding is no callout.
    """
    since = _months_back(today)
    begin = datetime.combine(since, time.min, ZoneInfo(zone))
    rows = await fact_queries.elevators(firm, zone)
    watched = _by_elevator(await fact_queries.watched_days(firm, since))
    told = _by_elevator(await fact_queries.reported(firm, begin, zone, fault_kinds()))
    found = _by_elevator(await fact_queries.found(firm, begin, zone))
    visited = await fact_queries.visited_between(firm, zone)
    use = await _use(list(watched), datetime.combine(today, time.min, ZoneInfo(zone)))
    periods: list[Period] = []
    for row in rows:
        traits = _traits(row, row.id in watched, use.get(row.id))
        if row.id in watched:
            periods += _monitored(row, watched[row.id], told.get(row.id, {}), traits, today)
        elif row.id in visited:
            periods += _visited(row, *visited[row.id], found.get(row.id, {}), traits, since, today)
        else:
            periods.append(_unknown(row, traits, today))
    return FirmHistory(periods=periods, elevators={str(row.id): row.id for row in rows}, last_use=use)


def _months_back(today: date) -> date:
    months = today.year * 12 + today.month - 1 - LOOK_BACK_MONTHS
    return date(months // 12, months % 12 + 1, 1)


def _by_elevator(rows: list[MonthRow]) -> dict[UUID, dict[date, MonthRow]]:
    grouped: dict[UUID, dict[date, MonthRow]] = defaultdict(dict)
    for row in rows:
        grouped[row.elevator][row.month] = row
    return grouped


async def _use(monitored: list[UUID], until: datetime) -> dict[UUID, float]:
    """Return the trips a day of elevators that count them."""
    if not monitored:
        return {}
    since = until - timedelta(days=USE_DAYS)
    totals = await telemetry.usage_since([UsageQuery(elevator=each, counter="trips", since=since) for each in monitored])
    return {
        each: max(0, total.total) / USE_DAYS
        for each, total in zip(monitored, totals, strict=True)
        if total.readings and total.total > 0
    }


def _traits(row: ElevatorRow, monitored: bool, use: float | None) -> dict[str, str]:
    traits = {
        "make": row.manufacturer, "model": row.model, "drive": row.drive, "kind": row.equipment_type, "site": row.site_name,
        "area": row.district, "building": row.site_kind, "watch": "monitor" if monitored else "visits",
        "use": "" if use is None else use_band(use),
    }  # fmt: skip
    return {name: level for name, level in traits.items() if level}


def use_band(trips_a_day: float) -> str:
    """Return the band of a use."""
    return next((name for end, name in USE_BANDS if trips_a_day < end), "1000+")


def _monitored(
    row: ElevatorRow, watched: dict[date, MonthRow], told: dict[date, MonthRow], traits: dict[str, str], today: date
) -> list[Period]:
    """Return months with the days online. What was told in a month without a record has no exposure and is left out."""
    periods = []
    for month, days in watched.items():
        length = _length(month, today)
        if length <= 0:
            continue
        counts = told.get(month)
        faults = 0.0 if counts is None else counts.number
        entrapments = 0.0 if counts is None else counts.entrapments
        periods.append(_period(row, month, length, min(days.number, length), faults, entrapments, traits, today))
    return periods


def _visited(
    row: ElevatorRow, first: date, last: date, found: dict[date, MonthRow], traits: dict[str, str], since: date, today: date
) -> list[Period]:
    """Return months between the first and the last visit; entrapments are not known from visits and count as none."""
    begin, end = max(first, since, row.starts_on or first), min(last, row.ends_on or last, today - timedelta(days=1))
    periods = []
    month = begin.replace(day=1)
    while month <= end:
        following = _following(month)
        days = (min(end, following - timedelta(days=1)) - max(begin, month)).days + 1
        if days > 0:
            counts = found.get(month)
            faults = 0.0 if counts is None else counts.number
            periods.append(_period(row, month, _length(month, today), float(days), faults, 0.0, traits, today))
        month = following
    return periods


def _unknown(row: ElevatorRow, traits: dict[str, str], today: date) -> Period:
    """Return a hole for an elevator of which nothing is known, so that it gets its groups' forecast."""
    month = (today - timedelta(days=1)).replace(day=1)
    return _period(row, month, max(1, _length(month, today)), 0.0, 0.0, 0.0, traits, today)


def _period(
    row: ElevatorRow, month: date, length: float, exposure: float, faults: float, entrapments: float, traits: dict[str, str],
    today: date,
) -> Period:  # fmt: skip
    if month == today.replace(day=1) and today.day <= SHORT_MONTH_DAYS:
        month = (month - timedelta(days=1)).replace(day=1)
        length = _length(month, today)
        exposure = min(exposure, length)
    return Period(
        elevator=str(row.id), first_day=month, days=length, exposure_days=exposure, faults=faults if exposure > 0 else 0.0,
        entrapments=entrapments if exposure > 0 else 0.0, traits=traits, renewed_on=row.in_use_since,
        where=row.registration_code,
    )  # fmt: skip


def _length(month: date, today: date) -> float:
    """Return the days of a month that lie before today."""
    return float(min(calendar.monthrange(month.year, month.month)[1], (today - month).days))


def _following(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
