"""What happened before the demo began: telemetry of the monitors, visits that a register does not know."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from backend.registry.views import ElevatorView
from backend.upkeep.views import ToldVisit
from planner import simulate

_LONGEST_AGO_DAYS = {"half_month": 14, "quarter": 80, "half_year": 165, "year": 345}
"""Of made-up last visits: a little less than each class's gap, so that next to nothing is overdue."""


def history_of(
    fleet: Sequence[ElevatorView], since: datetime, until: datetime, time_zone: str, seed: int
) -> Iterator[dict[str, Any]]:
    """Yield the native telemetry records of a simulated past, elevator after elevator."""
    offset = until.astimezone(ZoneInfo(time_zone)).utcoffset() or timedelta()
    for each in fleet:
        one = simulate.elevator(each.registration_code, each.site_kind.value, seed, stops=each.stops)
        yield from simulate.records(one, since, until, utc_offset_s=int(offset.total_seconds()))


def told_visits(fleet: Sequence[ElevatorView], today: date, seed: int) -> list[ToldVisit]:
    """Return last visits of every class, drawn by lot; elevators of one building were seen on the same day."""
    rng = random.Random(seed)  # noqa: S311 - a made-up past
    drawn: dict[object, dict[str, date]] = {}
    told = []
    for each in fleet:
        if each.site not in drawn:
            drawn[each.site] = {name: today - timedelta(days=rng.randint(1, most)) for name, most in _LONGEST_AGO_DAYS.items()}
        told += [ToldVisit(elevator=each.id, maintenance_class=name, on_day=day) for name, day in drawn[each.site].items()]
    return told
