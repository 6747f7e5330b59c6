"""Data health of a firm's elevators: what is asked of telemetry for it, and by whose limits it is judged."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.telemetry.health import HealthQuery, evidence_inside
from planner.intervals.health import Health, assess
from planner.intervals.health_evidence import HealthFacts
from planner.intervals.pack import RulePack
from planner.intervals.pack_health import DataHealth
from planner.intervals.rules import load_pack

if TYPE_CHECKING:
    from backend.upkeep.known import Known

DEFAULT_LIMITS = "cn-on-demand-30"
"""The pack by whose limits data is judged where an elevator's own has none: only what the office sees hangs on it."""


@cache
def _default_limits() -> DataHealth:
    rules = load_pack(DEFAULT_LIMITS).on_demand
    if rules is None or rules.data_health is None:
        raise LookupError(f"the pack {DEFAULT_LIMITS} has no limits of data health")
    return rules.data_health


def limits_of(pack: RulePack | None) -> DataHealth:
    """Return the limits by which data is judged under a pack."""
    own = None if pack is None or pack.on_demand is None else pack.on_demand.data_health
    return own or _default_limits()


def vouched_since(pack: RulePack | None, last_visit: datetime | None, now: datetime) -> datetime:
    """Return from when on the monitor vouches for an elevator: the pack's days, or since the last visit where that is longer.

    Never longer than the pack's gap between visits: by then somebody must have come, monitor or not.
    """
    begin = now - timedelta(days=limits_of(pack).within_days)
    if last_visit is None or pack is None or last_visit >= begin:
        return begin
    return max(last_visit, min(begin, now - timedelta(days=pack.visit_gap.days)))


async def evidence(
    asked: Iterable[tuple[UUID, RulePack | None, datetime | None]], zone: ZoneInfo, now: datetime
) -> dict[UUID, HealthFacts]:
    """Return what is known of elevators' data, inside the caller's transaction.

    Parameters
    ----------
    asked
        Elevators with a monitor, each with its pack and its last visit.
    zone, now
        The elevators' place and the present instant.
    """
    return await evidence_inside(
        [
            HealthQuery(elevator=elevator, since=vouched_since(pack, visit, now), counters=limits_of(pack).counters)
            for elevator, pack, visit in asked
        ],
        zone,
        now,
    )


def judged(known: Iterable[Known]) -> list[tuple[UUID, HealthFacts, Health]]:
    """Return what is found of each elevator's data, those left out of which nothing is known."""
    return [
        (one.row.id, one.facts.monitor.health, assess(one.facts.monitor.health, limits_of(one.pack)))
        for one in known
        if one.facts is not None and one.facts.monitor.health is not None
    ]
