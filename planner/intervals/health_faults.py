"""What can be wrong with a pack's limits of data health, once their shape is right."""

from __future__ import annotations

from planner.intervals.pack_health import DataHealth
from planner.rounds.faults import Fault

_PATH = "on_demand.data_health"


def health_faults(limits: DataHealth | None) -> list[Fault]:
    """Return the faults of the limits; a pack of maintenance on demand without any has one."""
    if limits is None:
        return [Fault(_PATH, "is missing; say what a monitor's data must be like before longer gaps lean on it")]
    found = []
    if limits.worst_online > limits.least_online:
        found.append(Fault(f"{_PATH}.worst_online", "is more than least_online; data is degraded before it cannot be used"))
    if limits.gap_hours > limits.within_days * 24:
        found.append(Fault(f"{_PATH}.gap_hours", "is more than within_days; no gap of that time could ever be found"))
    if not limits.counters:
        found.append(Fault(f"{_PATH}.counters", "is empty; name the counters that grow with every use"))
    doubled = sorted({counter for counter in limits.counters if limits.counters.count(counter) > 1})
    return found + [Fault(f"{_PATH}.counters", f"{counter} stands twice; keep one") for counter in doubled]
