"""What happened before the demo began: telemetry of the monitors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from backend.registry.views import ElevatorView
from planner import simulate


def history_of(
    fleet: Sequence[ElevatorView], since: datetime, until: datetime, time_zone: str, seed: int
) -> Iterator[dict[str, Any]]:
    """Yield the native telemetry records of a simulated past, elevator after elevator."""
    offset = until.astimezone(ZoneInfo(time_zone)).utcoffset() or timedelta()
    for each in fleet:
        one = simulate.elevator(each.registration_code, each.site_kind.value, seed, stops=each.stops)
        yield from simulate.records(one, since, until, utc_offset_s=int(offset.total_seconds()))
