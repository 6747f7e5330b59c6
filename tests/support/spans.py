"""Simulated visits as the elevator's word gets them, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from backend.telemetry.vocabulary import vocabulary
from planner import simulate
from planner.simulate import SimulatedElevator, SimulatedVisit
from qr.elevator_patterns import usual_patterns
from qr.elevator_span import Happened, PastHour, Reading, Span
from qr.elevator_traffic import hour_of

SHANGHAI = timezone(timedelta(hours=8))
_OFFSET_S = 28_800
_HOUR = timedelta(hours=1)
_MARGIN = timedelta(seconds=usual_patterns().limits.margin_s)


def span_of(
    one: SimulatedElevator, visit: SimulatedVisit, *, every_s: int = 60, past: tuple[PastHour, ...] | None = None
) -> Span:
    """What the monitor of a simulated elevator tells of a visit."""
    since, until = visit.arrival - _MARGIN, visit.departure + _MARGIN
    hour = hour_of(since)
    told = list(
        simulate.records_with_visits(one, hour, hour_of(until) + 3 * _HOUR, [visit], utc_offset_s=_OFFSET_S, every_s=every_s)
    )
    readings = sorted((_reading(each) for each in told), key=lambda each: each.at)
    events = sorted((event for each in told for event in _events(each)), key=lambda each: each.at)
    return Span(
        arrival=visit.arrival, departure=visit.departure, monitored=True, landings=visit.landings, clock_off_s=0,
        readings=tuple(each for each in readings if since <= each.at <= until),
        events=tuple(each for each in events if since <= each.at <= until),
        past=past_of(one, since, until) if past is None else past, last_heard_at=readings[-1].at if readings else None,
    )  # fmt: skip


def past_of(one: SimulatedElevator, since: datetime, until: datetime) -> tuple[PastHour, ...]:
    """The same hours of the weeks before, each known well."""
    found = []
    for weeks in range(1, usual_patterns().limits.weeks + 1):
        back = timedelta(weeks=weeks)
        truth = simulate.truth(one, hour_of(since) - back, until - back, utc_offset_s=_OFFSET_S)
        found += [PastHour(hour=each.hour + back, weeks_ago=weeks, growth=each.counters, readings=60) for each in truth]
    return tuple(found)


def _at(epoch_ms: int) -> datetime:
    return datetime.fromtimestamp(epoch_ms / 1000, UTC).astimezone(SHANGHAI)


def _reading(record: dict[str, Any]) -> Reading:
    return Reading(at=_at(record["at"]), counters=record["counters"], floor=record.get("gauges", {}).get("floor"))


def _events(record: dict[str, Any]) -> list[Happened]:
    kind_of = vocabulary().kind_of
    return [Happened(at=_at(e["at"]), kind=kind_of(e["code"]), code=e["code"]) for e in record.get("events", ())]
