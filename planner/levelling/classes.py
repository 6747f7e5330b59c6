"""Which maintenance class is due on which day of a chain.

A class is due at a visit if it would run past its own last day before the visit after this one must be made; a visit of a
class does the lower ones as well, and their gaps count from it (as `planner.intervals.due` reckons).
"""

from __future__ import annotations

from collections.abc import Sequence

from planner.levelling.problem import Elevator


def ripe_day(elevator: Elevator, due_day: int) -> int:
    """Return from which day on a visit does a class whose own last day is `due_day`."""
    return due_day - elevator.gap_days + 1


def classes_of(elevator: Elevator, days: Sequence[int]) -> list[int]:
    """Return the class of every visit of a chain, as an index into the elevator's services."""
    due = [service.due_day for service in elevator.services]
    found = []
    for day in days:
        ripe = (rank for rank, limit in enumerate(due) if limit is not None and ripe_day(elevator, limit) <= day)
        rank = max(ripe, default=0)
        for lower in range(1, rank + 1):
            gap = elevator.services[lower].gap_days
            due[lower] = None if gap is None else day + gap
        found.append(rank)
    return found


def ripenings(elevator: Elevator, horizon: int) -> list[tuple[int, int]]:
    """Return when classes become due first: (ripe day, rank), those that a higher one does on the way left out.

    The first visit on or after the ripe day is the one that does it. What becomes due a second time inside the horizon is
    not told: that day hangs on the chain.
    """
    found: list[tuple[int, int]] = []
    earliest = horizon
    for rank in range(len(elevator.services) - 1, 0, -1):
        due = elevator.services[rank].due_day
        if due is not None and (ripe := ripe_day(elevator, due)) < earliest:
            found.append((ripe, rank))
            earliest = ripe
    return sorted(found)


def repeats(elevator: Elevator, horizon: int) -> bool:
    """Return whether a class may become due again inside a horizon, after a visit of it or of a higher one."""
    earliest = horizon  # day on which a class can be done first, by itself or within a higher one
    for service in reversed(elevator.services[1:]):
        if service.due_day is not None:
            earliest = min(earliest, max(0, ripe_day(elevator, service.due_day)))
        if service.gap_days is not None and ripe_day(elevator, earliest + service.gap_days) < horizon:
            return True
    return False
