"""What happened before the demo began: telemetry of the monitors, with what the visits left in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.demo.schedule import PlannedVisit
from backend.registry.views import ElevatorView
from planner import simulate


def history_of(
    fleet: Sequence[ElevatorView],
    since: datetime,
    until: datetime,
    time_zone: str,
    seed: int,
    visits: Mapping[UUID, Sequence[PlannedVisit]],
) -> Iterator[dict[str, Any]]:
    """Yield the native telemetry records of a simulated past, elevator after elevator.

    Parameters
    ----------
    fleet
        Elevators with monitors.
    since, until
        Aware instants.
    time_zone, seed
        Of the simulation.
    visits
        Of each elevator, by time, also those before `since`: what they left on the counters stays there.
    """
    offset = until.astimezone(ZoneInfo(time_zone)).utcoffset() or timedelta()
    for each in fleet:
        one = simulate.elevator(each.registration_code, each.site_kind.value, seed, stops=each.stops)
        told = [visit.simulated() for visit in visits.get(each.id, ())]
        yield from simulate.records_with_visits(one, since, until, told, utc_offset_s=int(offset.total_seconds()))
