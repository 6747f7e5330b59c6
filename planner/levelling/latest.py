"""What happens without levelling: everybody is visited as late as the law allows, whatever the day's hours are.

The yardstick of benchmarks and of comparisons: the same rule of the chain, the same days on which somebody works.
"""

from __future__ import annotations

from collections import defaultdict

from planner.levelling.classes import classes_of
from planner.levelling.fleet import Fleet, Unit, single_units


def latest_days(fleet: Fleet) -> list[list[int]]:
    """Return each elevator's days: the last of every window on which somebody works who may do it, else its last day."""
    found: list[list[int]] = [[] for _ in fleet.problem.elevators]
    for unit in single_units(fleet):
        workable = [
            allowed and any(fleet.slots[slot].capacity_s[day] for slot in unit.slots)
            for day, allowed in enumerate(unit.allowed)
        ]
        found[unit.members[0]] = _chain(unit, workable)
    return found


def _chain(unit: Unit, workable: list[bool]) -> list[int]:
    days: list[int] = []
    first, last = unit.first, unit.last
    while last < len(workable):
        day = next((day for day in range(last, first - 1, -1) if workable[day]), last)
        days.append(day)
        first, last = day + unit.opens, day + unit.gap
    return days


def loads_of(fleet: Fleet, days: list[list[int]]) -> dict[tuple[int, int], int]:
    """Return seconds by slot and day of given days, in the first slot that may do each; ways to sites are shared."""
    load: dict[tuple[int, int], int] = defaultdict(int)
    ways: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for unit in single_units(fleet):
        number = unit.members[0]
        elevator = fleet.problem.elevators[number]
        for day, rank in zip(days[number], classes_of(elevator, days[number]), strict=True):
            slot = next((slot for slot in unit.slots if fleet.slots[slot].capacity_s[day]), None)
            if slot is not None:
                load[slot, day] += elevator.services[rank].service_s
                ways[slot, day][unit.site] = unit.way_s[slot]
    return {cell: seconds + sum(ways[cell].values()) for cell, seconds in load.items()}
