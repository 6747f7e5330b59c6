"""The problem as plain arrays: teams of crews that stand in for each other, units of elevators that are visited together."""

from __future__ import annotations

import datetime
import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from planner.levelling.calendar import DayKind, SpecialDay, kind_of
from planner.levelling.classes import repeats, ripenings
from planner.levelling.levels import Team
from planner.levelling.prices import OVERDUE_DAYS
from planner.levelling.problem import Crew, Elevator, LevellingProblem

UNIT_SHARE = 2
"""Elevators of a site form units of at most a half of a crew's longest day, so that a unit always fits beside something."""


@dataclass(frozen=True)
class Slot:
    """A team by day or by night: where a visit's work goes.

    Attributes
    ----------
    team
        Index of the team.
    night
        Whether these are the hours of the night.
    capacity_s
        Seconds per day of the horizon.
    """

    team: int
    night: bool
    capacity_s: tuple[int, ...]


@dataclass(frozen=True)
class Unit:
    """Elevators of one site that are visited on the same days: same rule of the chain, windows that overlap.

    Attributes
    ----------
    members
        Indices of the elevators.
    site
        Index of the site.
    first, last
        Days of the first visit, both included; `last` may lie beyond the horizon.
    due
        By member: the last day of its own window, before 0 for what is overdue.
    opens, gap
        Days from one visit to the next.
    slots
        Indices of the slots that may do it.
    ways
        By slot: seconds of getting to the site.
    allowed
        By day of the horizon: whether it may be visited.
    base_s
        Work of all members at the lowest class.
    extras
        By member that has any: (ripe day, work on top of the lowest class), rising by day.
    repeats
        Whether a class may become due twice inside the horizon; then its day hangs on the whole chain.
    """

    members: tuple[int, ...]
    site: int
    first: int
    last: int
    due: tuple[int, ...]
    opens: int
    gap: int
    slots: tuple[int, ...]
    ways: tuple[int, ...]
    allowed: tuple[bool, ...]
    base_s: int
    extras: tuple[tuple[tuple[int, int], ...], ...]
    repeats: bool = False

    @functools.cached_property
    def way_s(self) -> dict[int, int]:
        """Seconds of getting to the site by slot."""
        return dict(zip(self.slots, self.ways, strict=True))

    @functools.cached_property
    def rows(self) -> dict[int, tuple[int, ...]]:
        """By day of a visit after which a higher class becomes due: the work of the next visit, `opens`..`gap` days later."""
        days = {day for member in self.extras for ripe, _ in member for day in range(max(0, ripe - self.gap), ripe)}
        steps = range(self.opens, self.gap + 1)
        return {day: tuple(self.service_s(day, day + step) for step in steps) for day in days}

    def service_s(self, before: int | None, day: int) -> int:
        """Return the work of a visit on a day whose visit before was on another (None for the first visit)."""
        extra = 0
        for member in self.extras:
            extra += max((more for ripe, more in member if ripe <= day and (before is None or before < ripe)), default=0)
        return self.base_s + extra


@dataclass(frozen=True)
class Fleet:
    """A levelling problem, compiled.

    Attributes
    ----------
    problem
        Where it comes from.
    kinds
        By day of the horizon.
    teams, slots, units
        See there.
    site_sizes
        Elevators per site.
    crew_hours
        By crew id: (by day, by night) seconds per day of the horizon.
    """

    problem: LevellingProblem
    kinds: tuple[DayKind, ...]
    teams: tuple[Team, ...]
    slots: tuple[Slot, ...]
    units: tuple[Unit, ...]
    site_sizes: tuple[int, ...]
    crew_hours: dict[str, tuple[tuple[int, ...], tuple[int, ...]]]


def compile_fleet(problem: LevellingProblem) -> Fleet:
    """Turn a problem into arrays."""
    special = special_days(problem)
    dates = [problem.start_date + datetime.timedelta(days=day) for day in range(problem.days)]
    hours = {crew.id: crew_hours(problem, crew, special) for crew in problem.crews}
    teams, crews_of = _teams(problem)
    slots = tuple(
        Slot(number, night, tuple(map(sum, zip(*(hours[crew.id][night] for crew in crews), strict=True))))
        for number, crews in enumerate(crews_of)
        for night in (False, True)
    )
    sites: dict[tuple[str, str, str], int] = {}
    for elevator in problem.elevators:
        sites.setdefault(_site(elevator), len(sites))
    sizes = [0] * len(sites)
    for elevator in problem.elevators:
        sizes[sites[_site(elevator)]] += 1
    builder = _Units(problem, slots, crews_of, sites, hours)
    return Fleet(
        problem=problem,
        kinds=tuple(kind_of(date, special.get(day)) for day, date in enumerate(dates)),
        teams=teams,
        slots=slots,
        units=tuple(builder.build()),
        site_sizes=tuple(sizes),
        crew_hours=hours,
    )


def special_days(problem: LevellingProblem) -> dict[int, SpecialDay]:
    """Return the calendar's special days by day of the horizon."""
    if problem.calendar is None:
        return {}
    found = {(special.day - problem.start_date).days: special for special in problem.calendar.days}
    return {day: special for day, special in found.items() if 0 <= day < problem.days}


def crew_hours(
    problem: LevellingProblem, crew: Crew, special: dict[int, SpecialDay]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return a crew's seconds by day and by night, per day of the horizon."""
    by_day, by_night = [], []
    absent = {
        day
        for absence in crew.absences
        for day in range(max(absence.first_day, 0), min(absence.last_day, problem.days - 1) + 1)
    }
    single = {each.day: each for each in crew.days}
    for day in range(problem.days):
        weekday: int | None = (problem.start_date.weekday() + day) % 7
        named = special.get(day) if crew.keeps_calendar else None
        if named is not None:
            weekday = None if named.kind == "holiday" else named.like_weekday
        if day in absent:
            weekday = None
        day_s = crew.week_s[weekday] if weekday is not None and crew.week_s else 0
        night_s = crew.night_week_s[weekday] if weekday is not None and crew.night_week_s else 0
        if day in single:
            day_s, night_s = single[day].day_s, single[day].night_s
        by_day.append(day_s)
        by_night.append(night_s)
    return tuple(by_day), tuple(by_night)


def _teams(problem: LevellingProblem) -> tuple[tuple[Team, ...], list[list[Crew]]]:
    alike: dict[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], int], list[Crew]] = defaultdict(list)
    for crew in problem.crews:
        home, helps = tuple(sorted(set(crew.areas))), tuple(sorted(set(crew.helps_in) - set(crew.areas)))
        alike[home, helps, tuple(sorted(set(crew.skills))), crew.people].append(crew)
    teams = tuple(
        Team(id=f"team {number + 1}", areas=areas, crews=tuple(crew.id for crew in crews))
        for number, ((areas, _, _, _), crews) in enumerate(alike.items())
    )
    return teams, list(alike.values())


def _site(elevator: Elevator) -> tuple[str, str, str]:
    """Return the key of an elevator's site; without one it is a site of its own."""
    return ("own", elevator.area, elevator.id) if elevator.site is None else ("site", elevator.area, elevator.site)


class _Units:
    """Bundles elevators into units."""

    def __init__(
        self,
        problem: LevellingProblem,
        slots: tuple[Slot, ...],
        crews_of: list[list[Crew]],
        sites: dict[tuple[str, str, str], int],
        hours: dict[str, tuple[tuple[int, ...], tuple[int, ...]]],
    ) -> None:
        self.problem = problem
        self.slots = slots
        self.crews_of = crews_of
        self.sites = sites
        self.longest_s = [
            max((max(hours[crew.id][slot.night], default=0) for crew in crews_of[slot.team]), default=0) for slot in slots
        ]
        self.able: dict[tuple[object, ...], tuple[int, ...]] = {}

    def build(self) -> Iterator[Unit]:
        """Give the units: greedily, elevators of a site by last day."""
        alike: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for number, each in enumerate(self.problem.elevators):
            alike[(*_site(each), each.opens_days, each.gap_days, *_demand(each), each.weekdays)].append(number)
        for numbers in alike.values():
            numbers.sort(key=lambda number: (*_window(self.problem.elevators[number], self.problem.days), number))
            yield from self._split(numbers)

    def _split(self, numbers: list[int]) -> Iterator[Unit]:
        bundle: list[int] = []
        for number in numbers:
            if bundle and not self._together([*bundle, number]):
                yield self.unit(bundle)
                bundle = []
            bundle.append(number)
        yield self.unit(bundle)

    def _together(self, numbers: list[int]) -> bool:
        """Return whether elevators can be one unit: their windows overlap, and half a day is enough."""
        elevators = [self.problem.elevators[number] for number in numbers]
        windows = [_window(each, self.problem.days) for each in elevators]
        if max(first for first, _ in windows) > min(last for _, last in windows):
            return False
        longest_s = max((self.longest_s[slot] for slot in self.slots_of(elevators[0])), default=0)
        work_s = self.problem.stop_s + sum(each.services[0].service_s for each in elevators)
        return UNIT_SHARE * work_s <= longest_s

    def slots_of(self, elevator: Elevator) -> tuple[int, ...]:
        """Return the slots whose crews may do an elevator."""
        key = (elevator.area, *_demand(elevator))
        if key not in self.able:
            self.able[key] = tuple(number for number, slot in enumerate(self.slots) if self._able(slot, elevator))
        return self.able[key]

    def _able(self, slot: Slot, elevator: Elevator) -> bool:
        crew = self.crews_of[slot.team][0]
        hours = {"day": (False,), "night": (True,), "any": (False, True)}[elevator.hours]
        near = elevator.area in crew.areas or elevator.area in crew.helps_in
        fits = near and set(elevator.skills) <= set(crew.skills) and elevator.people <= crew.people
        return fits and slot.night in hours and any(slot.capacity_s)

    def way_s(self, slot: int, area: str) -> int:
        """Return how long it takes the crews of a slot to get to a site of an area."""
        at_home = area in self.crews_of[self.slots[slot].team][0].areas
        return self.problem.stop_s + (0 if at_home else self.problem.away_s)

    def unit(self, numbers: list[int]) -> Unit:
        """Make a unit of some elevators."""
        elevators = [self.problem.elevators[number] for number in numbers]
        one, days = elevators[0], self.problem.days
        weekdays = set(one.weekdays) or set(range(7))
        start = self.problem.start_date.weekday()
        extras = [
            tuple((ripe, each.services[rank].service_s - each.services[0].service_s) for ripe, rank in ripenings(each, days))
            for each in elevators
        ]
        windows = [_window(each, self.problem.days) for each in elevators]
        return Unit(
            members=tuple(numbers),
            site=self.sites[_site(one)],
            first=max(first for first, _ in windows),
            last=min(last for _, last in windows),
            due=tuple(each.last_day for each in elevators),
            opens=one.opens_days,
            gap=one.gap_days,
            slots=self.slots_of(one),
            ways=tuple(self.way_s(slot, one.area) for slot in self.slots_of(one)),
            allowed=tuple((start + day) % 7 in weekdays for day in range(days)),
            base_s=sum(each.services[0].service_s for each in elevators),
            extras=tuple(extra for extra in extras if extra),
            repeats=any(repeats(each, days) for each in elevators),
        )


def dissolved(fleet: Fleet, unit: Unit) -> list[Unit]:
    """Return the members of a unit as units of their own."""
    sites = {_site(fleet.problem.elevators[number]): unit.site for number in unit.members}
    return _singly(fleet, sites, unit.members)


def single_units(fleet: Fleet) -> list[Unit]:
    """Return every elevator as a unit of its own."""
    sites = {_site(fleet.problem.elevators[number]): unit.site for unit in fleet.units for number in unit.members}
    return _singly(fleet, sites, range(len(fleet.problem.elevators)))


def _singly(fleet: Fleet, sites: dict[tuple[str, str, str], int], numbers: Iterable[int]) -> list[Unit]:
    crews = {crew.id: crew for crew in fleet.problem.crews}
    crews_of = [[crews[name] for name in team.crews] for team in fleet.teams]
    builder = _Units(fleet.problem, fleet.slots, crews_of, sites, fleet.crew_hours)
    return [builder.unit([number]) for number in numbers]


def _demand(elevator: Elevator) -> tuple[object, ...]:
    return (elevator.hours, tuple(sorted(set(elevator.skills))), elevator.people)


def _window(elevator: Elevator, horizon: int) -> tuple[int, int]:
    """Return the days on which the first visit may be made; what is overdue gets days from the first one on."""
    last = min(OVERDUE_DAYS, horizon) - 1 if elevator.last_day < 0 else elevator.last_day
    return max(0, min(elevator.first_day, last)), last
