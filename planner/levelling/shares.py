"""Who of a team takes which weekend, public holiday and night, so that each crew's share of what it could work is the same.

Those days are lumpy: a visit is one crew's, and a crew that comes for one visit has lost its free day. So they are given out
visit by visit, with CP-SAT: the greatest and the least share are brought together first, then as few crews as possible are
called on a free day. Ordinary hours then make up for it: whoever worked at night works less by day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from planner.levelling.fleet import Fleet
from planner.levelling.levels import Share
from planner.levelling.state import State

PERMILLE = 1000
LEAST_WORTH = 5
"""Permille of a crew's free days' hours that one crew less on one of them is worth."""
LEAST_WEIGHT = 1e-6
"""Keeps a crew that has done its part already in the sharing, in case the others have no hours left."""
WORK_PER_TEAM = 0.5
"""CP-SAT's measure of work for one team's days off; the start is nearly always the best already."""


@dataclass(frozen=True)
class Stop:
    """What a team does at one site on a special day: one crew's.

    Attributes
    ----------
    slot, day
        Where and when.
    elevators
        Indices of the elevators.
    work_s
        With the way there.
    """

    slot: int
    day: int
    elevators: tuple[int, ...]
    work_s: int


@dataclass
class Given:
    """Who takes what: crew by elevator and day, and seconds by crew, day and whether by night."""

    crews: dict[tuple[int, int], str] = field(default_factory=dict)
    work_s: dict[tuple[str, int, bool], int] = field(default_factory=lambda: defaultdict(int))


def give_out(state: State, seed: int, left_s: Callable[[], float]) -> Given:
    """Give special days to crews; ordinary work is shared so that all of a team's crews do the same part of their hours."""
    fleet = state.fleet
    given = Given()
    stops: dict[int, list[Stop]] = defaultdict(list)
    for stop in special_stops(state):
        stops[fleet.slots[stop.slot].team].append(stop)
    for number, of_team in sorted(stops.items()):
        for night in (False, True):
            kind = [stop for stop in of_team if fleet.slots[stop.slot].night is night]
            _give_team(fleet, number, kind, given, seed, left_s)
    _share_ordinary(state, given)
    return given


def special_stops(state: State) -> Iterator[Stop]:
    """Give the stops at weekends, on public holidays and at night, by day."""
    fleet = state.fleet
    found: dict[tuple[int, int, int], list[tuple[tuple[int, ...], int]]] = defaultdict(list)
    way_s: dict[tuple[int, int], int] = {}
    for unit, chain in zip(state.units, state.chains, strict=True):
        for visit in chain or ():
            if visit.slot is not None and (fleet.slots[visit.slot].night or fleet.kinds[visit.day] != "ordinary"):
                found[visit.day, visit.slot, unit.site].append((unit.members, visit.service_s))
                way_s[visit.slot, unit.site] = unit.way_s[visit.slot]
    for (day, slot, site), parts in sorted(found.items()):
        members = tuple(number for numbers, _ in parts for number in numbers)
        yield Stop(slot, day, members, way_s[slot, site] + sum(work_s for _, work_s in parts))


def _give_team(fleet: Fleet, team: int, stops: list[Stop], given: Given, seed: int, left_s: Callable[[], float]) -> None:
    """Give one team's stops of one kind to its crews."""
    if not stops:
        return
    night = fleet.slots[stops[0].slot].night
    crews = fleet.teams[team].crews
    hours = {crew: fleet.crew_hours[crew][night] for crew in crews}
    counts = {crew: sum(h for day, h in enumerate(hours[crew]) if night or fleet.kinds[day] != "ordinary") for crew in crews}
    start = _by_turns(stops, hours, counts)
    chosen = start
    if len(crews) > 1 and left_s() > 0:
        chosen = _by_solver(stops, hours, counts, start, seed, left_s()) or start
    for stop, crew in zip(stops, chosen, strict=True):
        given.work_s[crew, stop.day, night] += stop.work_s
        for number in stop.elevators:
            given.crews[number, stop.day] = crew


def _by_turns(stops: list[Stop], hours: dict[str, tuple[int, ...]], counts: dict[str, int]) -> list[str]:
    """Give each stop to the crew with room that has done the least of its part, one that is there already if nearly so."""
    done: dict[str, int] = dict.fromkeys(hours, 0)
    used: dict[tuple[str, int], int] = defaultdict(int)
    chosen = []
    for stop in stops:
        there = [crew for crew in hours if hours[crew][stop.day]]
        room = [crew for crew in there if used[crew, stop.day] + stop.work_s <= hours[crew][stop.day]] or there
        share = {name: done[name] * PERMILLE // max(1, counts[name]) for name in room}
        wish = {name: share[name] - LEAST_WORTH * ((name, stop.day) in used) for name in room}
        crew = min(room, key=lambda name: (wish[name], name))
        used[crew, stop.day] += stop.work_s
        done[crew] += stop.work_s
        chosen.append(crew)
    return chosen


def _by_solver(
    stops: list[Stop], hours: dict[str, tuple[int, ...]], counts: dict[str, int], start: list[str], seed: int, left_s: float
) -> list[str] | None:
    from ortools.sat.python import cp_model

    model: Any = cp_model.CpModel()
    takes = {(i, crew): model.new_bool_var("") for i, stop in enumerate(stops) for crew in hours if hours[crew][stop.day]}
    for i in range(len(stops)):
        model.add_exactly_one([takes[i, crew] for crew in hours if (i, crew) in takes])
    for (i, crew), literal in takes.items():
        model.add_hint(literal, start[i] == crew)
    comes = _limit_days(model, stops, hours, takes, start)
    most, least = model.new_int_var(0, 10 * PERMILLE, ""), model.new_int_var(0, 10 * PERMILLE, "")
    for crew in (crew for crew in hours if counts[crew]):
        work = sum(stop.work_s * takes[i, crew] for i, stop in enumerate(stops) if (i, crew) in takes)
        model.add(PERMILLE * work <= most * counts[crew])
        model.add(PERMILLE * work >= least * counts[crew])
    model.minimize(len(hours) * (most - least) + LEAST_WORTH * sum(comes))
    solver: Any = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed % 2**31
    solver.parameters.max_deterministic_time = WORK_PER_TEAM
    solver.parameters.max_time_in_seconds = left_s
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return [
        next(crew for crew in hours if (i, crew) in takes and solver.boolean_value(takes[i, crew])) for i in range(len(stops))
    ]


def _limit_days(
    model: Any, stops: list[Stop], hours: dict[str, tuple[int, ...]], takes: dict[tuple[int, str], Any], start: list[str]
) -> list[Any]:
    """Keep a crew's stops of a day within its hours where the start does, and note who comes on which day."""
    comes = []
    for day in sorted({stop.day for stop in stops}):
        for crew in hours:
            of_day = [(i, stop.work_s) for i, stop in enumerate(stops) if stop.day == day and (i, crew) in takes]
            if not of_day:
                continue
            here = model.new_bool_var("")
            begun_s = sum(work_s for i, work_s in of_day if start[i] == crew)
            model.add(sum(work_s * takes[i, crew] for i, work_s in of_day) <= max(hours[crew][day], begun_s))
            for i, _ in of_day:
                model.add_implication(takes[i, crew], here)
            comes.append(here)
    return comes


def _share_ordinary(state: State, given: Given) -> None:
    """Share the load of ordinary days, in proportion to what each crew has still to do for an equal part of all hours."""
    fleet = state.fleet
    for number, slot in enumerate(fleet.slots):
        if slot.night:
            continue
        crews = fleet.teams[slot.team].crews
        ordinary = [day for day, kind in enumerate(fleet.kinds) if kind == "ordinary" and slot.capacity_s[day]]
        weight = _weights(state, number, crews, ordinary, given)
        for day in ordinary:
            left_s = int(state.load_s[number, day])
            hours = {crew: fleet.crew_hours[crew][False][day] for crew in crews}
            for crew, part_s in _split(left_s, hours, weight).items():
                given.work_s[crew, day, False] += part_s


def _weights(state: State, number: int, crews: tuple[str, ...], ordinary: list[int], given: Given) -> dict[str, float]:
    """Return which part of its ordinary hours each crew should work."""
    fleet = state.fleet
    special = {crew: sum(work for (name, _, _), work in given.work_s.items() if name == crew) for crew in crews}
    available = {crew: sum(fleet.crew_hours[crew][False]) + sum(fleet.crew_hours[crew][True]) for crew in crews}
    by_day = {crew: sum(fleet.crew_hours[crew][False][day] for day in ordinary) for crew in crews}
    load_s = sum(int(state.load_s[number, day]) for day in ordinary)
    part = (load_s + sum(special.values())) / max(1, sum(available.values()))
    return {crew: max(0.0, part * available[crew] - special[crew]) / max(1, by_day[crew]) for crew in crews}


def _split(load_s: int, hours: dict[str, int], weight: dict[str, float]) -> dict[str, int]:
    """Split a load by weight and hours; nobody gets more than its hours."""
    parts = dict.fromkeys(hours, 0)
    wish = {crew: (weight[crew] + LEAST_WEIGHT) * hours[crew] for crew in hours}
    # Who is full first comes first, so that the others share what is left.
    order = sorted(hours, key=lambda crew: (hours[crew] / wish[crew] if wish[crew] else 0.0, crew))
    for i, crew in enumerate(order):
        left_s, left_wish = load_s - sum(parts.values()), sum(wish[other] for other in order[i:])
        fair_s = round(left_s * wish[crew] / left_wish) if left_wish else 0
        parts[crew] = min(hours[crew], left_s if i == len(order) - 1 else fair_s)
    return parts


def shares_of(fleet: Fleet, given: Given) -> tuple[Share, ...]:
    """Return what every crew works of what it could."""
    team_of = {crew: team.id for team in fleet.teams for crew in team.crews}
    found = []
    for crew in fleet.problem.crews:
        by_day, by_night = fleet.crew_hours[crew.id]
        off = [day for day, kind in enumerate(fleet.kinds) if kind != "ordinary"]
        work = {key[1:]: seconds for key, seconds in given.work_s.items() if key[0] == crew.id}
        found.append(
            Share(
                crew=crew.id, team=team_of[crew.id], work_s=sum(work.values()), available_s=sum(by_day) + sum(by_night),
                off_days_s=sum(seconds for (day, _), seconds in work.items() if fleet.kinds[day] != "ordinary"),
                off_days_available_s=sum(by_day[day] + by_night[day] for day in off),
                night_s=sum(seconds for (_, night), seconds in work.items() if night), night_available_s=sum(by_night),
            )
        )  # fmt: skip
    return tuple(found)
