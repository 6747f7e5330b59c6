"""Every rule of a levelling again, from the two documents alone: nothing here is shared with the search.

Of an answer only the days, teams and crews are believed; windows, classes, loads and costs are worked out anew.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator

from msgspec import Struct

from planner.levelling.levels import Chain, Cost, Levels, PlannedVisit
from planner.levelling.problem import Crew, Elevator, LevellingProblem

PIECES = 20
OVERDUE_DAYS = 7


class Violation(Struct, frozen=True):
    """A rule that an answer breaks."""

    rule: str
    message: str


class Verdict(Struct, frozen=True):
    """What is wrong with an answer, and what it costs."""

    violations: tuple[Violation, ...]
    cost: Cost

    @property
    def valid(self) -> bool:
        """Whether no rule is broken."""
        return not self.violations


def evaluate(problem: LevellingProblem, levels: Levels) -> Verdict:
    """Check an answer against its problem."""
    checker = _Checker(problem, levels)
    return Verdict(tuple(checker.violations()), checker.cost())


class _Checker:
    def __init__(self, problem: LevellingProblem, levels: Levels) -> None:
        self.problem = problem
        self.levels = levels
        self.elevators = {elevator.id: elevator for elevator in problem.elevators}
        self.crews = {crew.id: crew for crew in problem.crews}
        self.special = {} if problem.calendar is None else {special.day: special for special in problem.calendar.days}
        self.team_crews = {team.id: [self.crews[name] for name in team.crews if name in self.crews] for team in levels.teams}
        self.work: dict[tuple[str, int, bool], int] = defaultdict(int)
        self.there: dict[tuple[str, int, bool], set[tuple[str, str]]] = defaultdict(set)
        for chain in levels.chains:
            elevator = self.elevators.get(chain.elevator)
            if elevator is None:
                continue
            for visit, service in zip(chain.visits, self.services(elevator, chain), strict=True):
                if visit.team is not None:
                    self.work[visit.team, visit.day, visit.night] += service
                    self.there[visit.team, visit.day, visit.night].add((elevator.area, elevator.site or f"\0{elevator.id}"))

    def date(self, day: int) -> datetime.date:
        return self.problem.start_date + datetime.timedelta(days=day)

    def hours(self, crew: Crew, day: int, night: bool) -> int:
        for single in crew.days:
            if single.day == day:
                return single.night_s if night else single.day_s
        if any(absence.first_day <= day <= absence.last_day for absence in crew.absences):
            return 0
        weekday = self.date(day).weekday()
        special = self.special.get(self.date(day))
        if special is not None and crew.keeps_calendar:
            if special.kind == "holiday":
                return 0
            weekday = special.like_weekday
        week = crew.night_week_s if night else crew.week_s
        return week[weekday] if week else 0

    def capacity(self, team: str, day: int, night: bool) -> int:
        return sum(self.hours(crew, day, night) for crew in self.team_crews.get(team, ()))

    def load(self, team: str, day: int, night: bool) -> int:
        home = {area for crew in self.team_crews.get(team, ()) for area in crew.areas}
        ways = [self.problem.stop_s + (0 if area in home else self.problem.away_s) for area, _ in self.there[team, day, night]]
        return self.work[team, day, night] + sum(ways)

    def services(self, elevator: Elevator, chain: Chain) -> list[int]:
        """Seconds of each visit by the classes due on its day."""
        limits = {number: service.due_day for number, service in enumerate(elevator.services)}
        found = []
        for visit in chain.visits:
            next_last = visit.day + elevator.gap_days
            due = [number for number, limit in limits.items() if number and limit is not None and limit < next_last]
            best = max(due) if due else 0
            for number in range(1, best + 1):
                gap = elevator.services[number].gap_days
                limits[number] = visit.day + gap if gap is not None else None
            found.append(elevator.services[best].service_s)
        return found

    def violations(self) -> Iterator[Violation]:
        named = [chain.elevator for chain in self.levels.chains]
        if sorted(named) != sorted(self.elevators):
            yield Violation("elevators", "the chains are not those of the problem's elevators, each once")
        teamed = [name for team in self.levels.teams for name in team.crews]
        if sorted(teamed) != sorted(self.crews):
            yield Violation("teams", "the teams are not made of the problem's crews, each once")
        for chain in self.levels.chains:
            if chain.elevator in self.elevators:
                yield from self.chain_violations(self.elevators[chain.elevator], chain)
        yield from self.load_violations()
        yield from self.listed_violations()
        if self.cost() != self.levels.cost:
            yield Violation("cost", f"the cost stated is {self.levels.cost}, it is {self.cost()}")
        if self.levels.bound > self.levels.cost.total:
            yield Violation("bound", f"the bound {self.levels.bound} is above the cost {self.levels.cost.total}")

    def chain_violations(self, elevator: Elevator, chain: Chain) -> Iterator[Violation]:
        first, last = elevator.first_day, elevator.last_day
        begun = False
        for visit, service in zip(chain.visits, self.services(elevator, chain), strict=True):
            name = f"{elevator.id} on day {visit.day}"
            latest = min(OVERDUE_DAYS, self.problem.days) - 1 if not begun and last < 0 else last
            if not max(0, min(first, latest)) <= visit.day <= min(latest, self.problem.days - 1):
                yield Violation("window", f"{name}: outside of {first}..{latest}")
            if (visit.first_day, visit.last_day) != (first, last):
                yield Violation("window", f"{name}: window {first}..{last} stated as {visit.first_day}..{visit.last_day}")
            if visit.service_s != service:
                yield Violation("class", f"{name}: takes {service} s, stated {visit.service_s}")
            yield from self.place_violations(elevator, visit, name)
            first, last = visit.day + elevator.opens_days, visit.day + elevator.gap_days
            begun = True
        if last < self.problem.days:
            yield Violation("gap", f"{elevator.id}: no visit until day {last}")

    def place_violations(self, elevator: Elevator, visit: PlannedVisit, name: str) -> Iterator[Violation]:
        if visit.team is None:
            return
        if elevator.weekdays and self.date(visit.day).weekday() not in elevator.weekdays:
            yield Violation("weekday", f"{name}: not on this weekday")
        if (elevator.hours == "day" and visit.night) or (elevator.hours == "night" and not visit.night):
            yield Violation("hours", f"{name}: not at this time of day")
        for crew in self.team_crews.get(visit.team, ()):
            if (
                elevator.area not in (*crew.areas, *crew.helps_in)
                or not set(elevator.skills) <= set(crew.skills)
                or elevator.people > crew.people
            ):
                yield Violation("crew", f"{name}: {crew.id} cannot do it")
        if visit.crew is not None:
            named = [crew for crew in self.team_crews.get(visit.team, ()) if crew.id == visit.crew]
            if not named or not self.hours(named[0], visit.day, visit.night):
                yield Violation("crew", f"{name}: {visit.crew} is not of the team or does not work then")

    def load_violations(self) -> Iterator[Violation]:
        listed = {(load.team, load.day, load.night): load for load in self.levels.loads}
        for key in list(self.work):
            load, capacity = self.load(*key), self.capacity(*key)
            if load > capacity or not capacity:
                yield Violation("capacity", f"{key}: {load} s of {capacity} s")
            if key not in listed or listed[key].load_s != load or listed[key].capacity_s != capacity:
                yield Violation("loads", f"{key}: {load} s of {capacity} s stated as {listed.get(key)}")
        for crew in self.problem.crews:
            share = next((share for share in self.levels.shares if share.crew == crew.id), None)
            days = range(self.problem.days)
            available = sum(self.hours(crew, day, night) for day in days for night in (False, True))
            if share is None or share.available_s != available:
                yield Violation("shares", f"{crew.id}: {available} s available, stated {share}")
        for team in self.levels.teams:
            worked = sum(share.work_s for share in self.levels.shares if share.team == team.id)
            loaded = sum(self.load(*key) for key in list(self.work) if key[0] == team.id)
            if worked > loaded + 1 or worked < loaded - len(self.levels.loads):
                yield Violation("shares", f"{team.id}: {loaded} s of load, shared out {worked}")

    def listed_violations(self) -> Iterator[Violation]:
        missing = {(chain.elevator, visit.day) for chain in self.levels.chains for visit in chain.visits if visit.team is None}
        if missing != {(each.elevator, each.day) for each in self.levels.unplaced}:
            yield Violation("unplaced", "the list of what was not placed is not that of the chains")

    def cost(self) -> Cost:
        weights = self.problem.weights
        early = last_days = late = unplaced = 0
        for chain in self.levels.chains:
            elevator = self.elevators.get(chain.elevator)
            last = elevator.last_day if elevator else 0
            for visit in chain.visits if elevator else ():
                early += max(0, last - visit.day) * weights.early_per_day_s
                late += max(0, visit.day - last) * weights.late_per_day_s
                last_days += weights.last_day_s if visit.day == last else 0
                unplaced += weights.unplaced_s if visit.team is None else 0
                last = visit.day + elevator.gap_days if elevator else 0
        peaks = off = 0
        for team, day, night in list(self.work):
            load = self.load(team, day, night)
            peaks += self.peak(self.capacity(team, day, night), load)
            off += self.off_percent(day) * load
        total = 100 * (early + last_days + late + unplaced) + peaks + off
        return Cost(100 * early, 100 * last_days, 100 * late, 100 * unplaced, peaks, off, total)

    def peak(self, capacity: int, load: int) -> int:
        """Price of a load: each piece of the day's hours at its own price per second."""
        total = 0
        for piece in range(PIECES):
            begin = capacity * piece // PIECES
            end = capacity * (piece + 1) // PIECES if piece + 1 < PIECES else load
            total += max(0, min(load, end) - begin) * (self.problem.weights.peak_percent * (2 * piece + 1) // (2 * PIECES))
        return total

    def off_percent(self, day: int) -> int:
        special = self.special.get(self.date(day))
        if special is not None:
            return self.problem.weights.holiday_percent if special.kind == "holiday" else 0
        return self.problem.weights.weekend_percent if self.date(day).weekday() >= 5 else 0
