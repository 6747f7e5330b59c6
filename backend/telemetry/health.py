"""Data health: what is known of many elevators' data becomes evidence, and what was found of it is kept and shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from backend import database, paging
from backend.errors import Fault, InvalidInput
from backend.scope import Scope
from backend.telemetry import health_queries as queries
from backend.telemetry.health_queries import NewHealth, PublicHealth, SignalDayRow
from backend.telemetry.health_views import HealthFilter, HealthPage
from backend.telemetry.vocabulary import vocabulary
from planner.intervals.health import Health
from planner.intervals.health_evidence import (
    ClockSample,
    CounterDays,
    GaugeDay,
    HealthFacts,
    observe_clock,
    observe_counters,
    observe_gauges,
    observe_hours,
)

USE_BACK = timedelta(days=5 * 7)
"""How far back use on the same day of the week is compared."""

GAUGES_BACK = timedelta(days=7)
"""How far back a gauge may be the same: beyond that nobody asks since when."""

MONITOR_FAULT = "monitor_fault"

STATES = ("good", "degraded", "not_usable")

_HOUR = timedelta(hours=1)


class HealthQuery(Struct, frozen=True, kw_only=True):
    """Of which elevator, since when, and which of its counters grow with each other."""

    elevator: UUID
    since: datetime
    counters: tuple[str, ...]


async def evidence_inside(wanted: Sequence[HealthQuery], zone: ZoneInfo, now: datetime) -> dict[UUID, HealthFacts]:
    """Return what is known of elevators' data, inside the caller's transaction, in four statements for any number of them.

    Parameters
    ----------
    wanted
        One question per elevator.
    zone
        Of the elevators' place: evidence tells local times.
    now
        The present instant.
    """
    if not wanted:
        return {}
    ids = [one.elevator for one in wanted]
    today = now.astimezone(UTC).date()
    first = await queries.first_days(ids)
    begins = {one.elevator: max(_hour(one.since), _first_hour(*first[one.elevator])) for one in wanted if one.elevator in first}
    days: dict[UUID, list[SignalDayRow]] = {}
    oldest = (now - GAUGES_BACK).astimezone(UTC).date()
    for row in await queries.signal_days({elevator: min(begin.date(), oldest) for elevator, begin in begins.items()}):
        days.setdefault(row.elevator, []).append(row)
    counters = frozenset(name for one in wanted for name in one.counters)
    grown: dict[UUID, list[CounterDays]] = {}
    for use in await queries.growth(ids, counters, today - USE_BACK):
        told = CounterDays(counter=use.counter, growth=dict(zip(use.days, use.growth, strict=True)))
        grown.setdefault(use.elevator, []).append(told)
    faults: dict[UUID, list[queries.FaultRow]] = {}
    for fault in await queries.faults(ids, min(one.since for one in wanted), _fault_kinds(), MONITOR_FAULT):
        faults.setdefault(fault.elevator, []).append(fault)
    return {
        one.elevator: _evidence(one, begins[one.elevator], days.get(one.elevator, ()), grown, faults, zone, now)
        for one in wanted
        if one.elevator in begins
    }


def _evidence(
    wanted: HealthQuery,
    begin: datetime,
    days: Sequence[SignalDayRow],
    grown: Mapping[UUID, Sequence[CounterDays]],
    faults: Mapping[UUID, Sequence[queries.FaultRow]],
    zone: ZoneInfo,
    now: datetime,
) -> HealthFacts:
    hours = max(0, (_hour(now) - begin) // _HOUR)
    reported = faults.get(wanted.elevator, ())
    whole_until = days[-1].day if days else now.date()
    return msgspec.structs.replace(
        observe_hours(_local(begin, zone), _bits(days, begin), hours, lambda h: _local(begin + h * _HOUR, zone)),
        stuck=observe_counters(
            grown.get(wanted.elevator, ()), wanted.counters, {row.day: row.faults for row in reported}, whole_until
        ),
        frozen=observe_gauges({
            row.day: {name: GaugeDay(low, high, int(n)) for name, (low, high, n) in row.gauges.items()}
            for row in days
            if row.gauges
        }),
        clock=observe_clock([ClockSample(row.day, delay) for row in days for delay in row.delays_s]),
        monitor_faults=sum(row.monitor_faults for row in reported if row.day >= begin.date()),
    )  # fmt: skip


def _bits(days: Sequence[SignalDayRow], begin: datetime) -> int:
    """Return the hours with a record: bit h stands for the hour h hours after the begin."""
    bits = 0
    for row in days:
        place = (datetime.combine(row.day, time(), UTC) - begin) // _HOUR
        bits |= row.hours << place if place >= 0 else row.hours >> -place
    return bits


def _hour(at: datetime) -> datetime:
    """Return the beginning of the hour (UTC) that holds an instant."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _first_hour(day: date, hours: int) -> datetime:
    return datetime.combine(day, time((hours & -hours).bit_length() - 1), UTC)


def _local(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


@cache
def _fault_kinds() -> frozenset[str]:
    return frozenset(name for name, kind in vocabulary().kinds.items() if kind.category == "fault")


async def keep_inside(firm: UUID, found: Collection[tuple[UUID, HealthFacts, Health]], now: datetime) -> None:
    """Keep what was found of elevators' data, inside the caller's transaction."""
    rows = [
        NewHealth(
            elevator, health.state, _rank(facts, health), facts.online_share, max((gap.hours for gap in facts.gaps), default=0),
            None if facts.clock is None else facts.clock.median_s, msgspec.json.encode(health.reasons).decode(),
            msgspec.json.encode(facts).decode(),
        )
        for elevator, facts, health in found
    ]  # fmt: skip
    if rows:
        await queries.write(firm, now, rows)


def _rank(facts: HealthFacts, health: Health) -> int:
    """Return a number that is greater the worse the data is: by state, then reasons, then hours that are missing."""
    missing = min(facts.hours - facts.hours_seen, 10**6 - 1)
    return STATES.index(health.state) * 10**7 + min(len(health.reasons), 9) * 10**6 + missing


async def public_health_inside(elevator: UUID) -> PublicHealth | None:
    """Return what was found of an elevator's data, inside the caller's transaction; it is public."""
    return await queries.public(elevator)


async def health_list(
    scope: Scope, wanted: HealthFilter, *, cursor: str | None = None, limit: int = paging.DEFAULT_LIMIT
) -> HealthPage:
    """Return the data health of elevators with a monitor, the worst first.

    Raises
    ------
    InvalidInput
        If the cursor is none of this list, or the filter names no state.
    """
    faults = []
    if wanted.state is not None and wanted.state not in STATES:
        faults.append(Fault.of("state", wanted.state[:40], "use one of {known}", known=", ".join(STATES)))
    if "\x00" in (wanted.text or "") + (wanted.reason or "") + (wanted.mode or ""):
        faults.append(Fault("text", None, "leave out the NUL character"))
    if faults:
        raise InvalidInput("the list cannot be filtered like this", faults=faults)
    after = paging.decode(cursor, (int, str, UUID))
    limit = paging.bounded(limit)
    async with database.tx(scope):
        rows = await queries.listed(wanted, after, limit + 1)
        counted = await queries.counts(msgspec.structs.replace(wanted, state=None))
    more = len(rows) > limit
    last = rows[limit - 1] if more else None
    following = None if last is None else paging.encode((last.rank, last.registration_code, last.elevator))
    counts = dict.fromkeys(STATES, 0) | {one.state: one.elevators for one in counted}
    return HealthPage(rows=rows[:limit], next_cursor=following, counts=counts)
