"""The state as an answer: chains by elevator, load by team and day, shares of crews, and why a visit found no day."""

from __future__ import annotations

import datetime

from planner.levelling.calendar import unknown_years
from planner.levelling.classes import classes_of
from planner.levelling.fleet import Fleet
from planner.levelling.levels import Chain, Levels, Load, PlannedVisit, ReasonCode, Unplaced
from planner.levelling.problem import Elevator
from planner.levelling.shares import Given, shares_of
from planner.levelling.state import Placed, State


def answer(state: State, given: Given, bound: int, seed: int, wall_s: float) -> Levels:
    """Turn a state into the answer document."""
    fleet = state.fleet
    problem = fleet.problem
    chain_of: dict[int, tuple[Placed, ...]] = {}
    for unit, chain in zip(state.units, state.chains, strict=True):
        chain_of.update(dict.fromkeys(unit.members, chain or ()))
    chains = []
    unplaced = []
    for number, elevator in enumerate(problem.elevators):
        visits = _visits(fleet, number, chain_of[number], given)
        chains.append(Chain(elevator.id, visits))
        unplaced += [_reason(state, number, visit) for visit in visits if visit.team is None]
    return Levels(
        schema="liftrounds/levels/1",
        start_date=problem.start_date,
        days=problem.days,
        chains=tuple(chains),
        teams=fleet.teams,
        loads=tuple(_loads(state)),
        shares=shares_of(fleet, given),
        unplaced=tuple(sorted(unplaced, key=lambda each: (each.day, each.elevator))),
        cost=state.cost(),
        bound=min(bound, state.cost().total),
        unknown_years=unknown_years(problem.calendar, problem.start_date, problem.days),
        seed=seed,
        wall_s=round(wall_s, 3),
    )


def _visits(fleet: Fleet, number: int, chain: tuple[Placed, ...], given: Given) -> tuple[PlannedVisit, ...]:
    elevator = fleet.problem.elevators[number]
    first, last = elevator.first_day, elevator.last_day
    found = []
    for placed, rank in zip(chain, classes_of(elevator, [visit.day for visit in chain]), strict=True):
        service = elevator.services[rank]
        slot = None if placed.slot is None else fleet.slots[placed.slot]
        found.append(
            PlannedVisit(
                day=placed.day, first_day=first, last_day=last, maintenance_class=service.maintenance_class,
                service_s=service.service_s, team=None if slot is None else fleet.teams[slot.team].id,
                night=slot is not None and slot.night, crew=given.crews.get((number, placed.day)),
            )
        )  # fmt: skip
        first, last = placed.day + elevator.opens_days, placed.day + elevator.gap_days
    return tuple(found)


def _loads(state: State) -> list[Load]:
    fleet = state.fleet
    return [
        Load(
            team=fleet.teams[slot.team].id, day=day, night=slot.night, load_s=int(state.load_s[number, day]),
            capacity_s=capacity_s, visits=int(state.visits[number, day]), kind=fleet.kinds[day],
        )
        for number, slot in enumerate(fleet.slots)
        for day, capacity_s in enumerate(slot.capacity_s)
        if capacity_s
    ]  # fmt: skip


def _reason(state: State, number: int, visit: PlannedVisit) -> Unplaced:
    """Say why a visit found no day: the first of all reasons that holds."""
    fleet = state.fleet
    elevator = fleet.problem.elevators[number]
    unit = next(unit for unit in state.units if number in unit.members)
    window = [day for day in range(max(visit.first_day, 0), fleet.problem.days) if day <= max(visit.last_day, visit.day)]
    teams = tuple(dict.fromkeys(fleet.teams[fleet.slots[slot].team].id for slot in unit.slots))
    open_days = [day for day in window if unit.allowed[day] and any(fleet.slots[slot].capacity_s[day] for slot in unit.slots)]
    longest_s = max((fleet.slots[slot].capacity_s[day] for slot in unit.slots for day in open_days), default=0)
    code: ReasonCode = "full"
    days = open_days
    needed_s = visit.service_s + min(unit.ways, default=0)
    if not unit.slots:
        code, days = "no_crew", window
        detail = f"no crew that works in area {elevator.area} {_asks(elevator)}"
    elif not open_days:
        code, days = "no_day", window
        detail = f"nobody who could do it works {'on any day ' * (len(window) > 1)}{_span(fleet, window)}"
    elif longest_s < needed_s:
        most = f"the longest day of those who could do it has {_hours(longest_s)}"
        detail = f"it takes {_hours(needed_s)} with the way there, and {most}"
    else:
        detail = f"too few hours of {', '.join(teams)} are left {_span(fleet, open_days)}; it needs {_hours(needed_s)}"
    return Unplaced(elevator.id, visit.day, code, detail, tuple(days), teams)


def _asks(elevator: Elevator) -> str:
    """Say what an elevator asks of a crew."""
    asked = [
        f"has {elevator.people} people" if elevator.people > 1 else "",
        f"works at {elevator.hours}" * (elevator.hours != "any"),
    ]
    asked.append(f"has the skills {', '.join(elevator.skills)}" if elevator.skills else "")
    return " and ".join(part.replace("works at day", "works by day") for part in asked if part)


def _hours(seconds: int) -> str:
    return f"{seconds / 3600:.1f} h"


def _span(fleet: Fleet, days: list[int]) -> str:
    """Name days by their dates."""
    start = fleet.problem.start_date
    first, last = (start + datetime.timedelta(days=day) for day in (days[0], days[-1]))
    return f"on {first}" if first == last else f"from {first} to {last}"
