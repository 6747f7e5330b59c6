"""A day under way as a question for `planner.today`: rounds become a problem and its plan, scans the progress. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from backend.rounds.crew_days import WorkDay, work_days
from backend.rounds.facts import ElevatorFact
from backend.rounds.preferences import COSTS, TRAVEL
from backend.rounds.problem_parts import base_of
from backend.rounds.repair_facts import DayFacts, MadeVisit, RoundOfDay
from backend.rounds.repair_views import Events
from backend.rounds.views import OrderState, WorkOrderView
from planner.intervals.rules import UnknownPackError, load_pack
from planner.rounds.plan import SCHEMA as PLAN
from planner.rounds.plan import Plan, Route, Stop
from planner.rounds.problem import Break, Crew, Location, Problem, Shift, Travel, Visit, Window
from planner.today.asked import SCHEMA, Closed, CrewOut, Delay, Emergency, Position, Progress, Today, UnderWay

OPTIONS = 5
"""Places for an emergency that are shown."""
LATEST_REST_S = 7200
"""A crew that has not rested by so long after its planned break began has rested somewhere between."""


class Question(Struct, frozen=True, kw_only=True):
    """What the planner is asked, and how its names lead back.

    Attributes
    ----------
    problem, plan, today
        The documents of the planner; a visit's id is its work order's.
    crew_of
        Crew of the problem → crew; a crew whose people or skills differ by day is several.
    elevator_of
        Visit → elevator.
    pauses
        Crew of the problem and day → seconds of its break.
    fresh
        Work orders that emergencies would become.
    """

    problem: Problem
    plan: Plan
    today: Today
    crew_of: dict[str, UUID]
    elevator_of: dict[str, UUID]
    pauses: dict[tuple[str, int], int]
    fresh: dict[str, UUID]

    def day(self, number: int) -> date:
        """Return the date of a day of the problem."""
        return self.problem.start_date + timedelta(days=number)


def question(facts: DayFacts, events: Events, fresh: list[UUID]) -> Question:
    """Turn a day into a question.

    Parameters
    ----------
    facts
        The day.
    events
        What has happened; everything that it names is in `facts`.
    fresh
        Ids of the work orders to be, one per emergency.
    """
    return _Builder(facts, events, fresh).build()


class _Builder:
    """Builds one question; holds what several steps look up."""

    def __init__(self, facts: DayFacts, events: Events, fresh: list[UUID]) -> None:
        self.facts, self.events, self.fresh = facts, events, fresh
        self.orders: dict[UUID, list[WorkOrderView]] = defaultdict(list)
        for order in facts.orders:
            if order.state not in (OrderState.CANCELLED, OrderState.MISSED):
                self.orders[order.round].append(order)
        self.known = {order.id for orders in self.orders.values() for order in orders}
        self.name_of: dict[tuple[UUID, int], str] = {}
        self.crew_of: dict[str, UUID] = {}
        self.elevator_of: dict[str, UUID] = {}

    def build(self) -> Question:
        """Build crews first, for they have the names that everything else uses."""
        crews = self._crews()
        visits = [self._visit(order) for orders in self.orders.values() for order in orders if self._placed(order.elevator)]
        asked = {visit.id for visit in visits}
        extra = [made for made in self.facts.visits if self._name(made) not in asked and self._placed(made.elevator)]
        visits += [self._made(made) for made in extra]
        emergencies = tuple(self._emergency(number) for number in range(len(self.events.emergencies)))
        known = {visit.id for visit in visits}
        problem = Problem(
            schema="liftrounds/problem/1",
            start_date=self.facts.today,
            days=self.facts.days,
            time_zone=self.facts.time_zone,
            locations=tuple(self._locations(crews, [*visits, *(each.visit for each in emergencies)])),
            travel=Travel(estimate=TRAVEL),
            visits=tuple(visits),
            crews=crews,
            costs=COSTS,
        )
        routes = tuple(self._route(each, known) for each in self.facts.rounds)
        return Question(
            problem=problem,
            plan=Plan(PLAN, tuple(route for route in routes if route.stops), ()),
            today=self._today(known, emergencies),
            crew_of=self.crew_of,
            elevator_of=self.elevator_of,
            pauses={
                (crew.id, shift.day): shift.break_.duration_s
                for crew in crews
                for shift in crew.shifts
                if shift.break_ is not None
            },
            fresh={str(each): each for each in self.fresh},
        )

    # Crews.

    def _crews(self) -> tuple[Crew, ...]:
        """Return the crews: one per crew and kind of day, as in a snapshot; who has a round has a shift for it."""
        work, _lost = work_days(self.facts.work, 1)
        days = {(each.crew, each.day): each for each in work}
        for each in self.facts.rounds:
            number = (each.day - self.facts.today).days
            days[each.crew, number] = self._wide_enough(days.get((each.crew, number)), each, number)
        kinds: dict[tuple[UUID, int, tuple[str, ...]], list[WorkDay]] = defaultdict(list)
        for (crew, _), day in sorted(days.items()):
            kinds[crew, day.people, day.skills].append(day)
        crews: list[Crew] = []
        used: dict[UUID, int] = defaultdict(int)
        for (crew, people, skills), of_kind in kinds.items():
            used[crew] += 1
            name = str(crew) if used[crew] == 1 else f"{crew}/{used[crew]}"
            self.crew_of[name] = crew
            for day in of_kind:
                self.name_of[crew, day.day] = name
            crews.append(Crew(name, tuple(_shift(day, base_of(crew)) for day in of_kind), people, skills))
        return tuple(crews)

    def _wide_enough(self, work: WorkDay | None, round_: RoundOfDay, number: int) -> WorkDay:
        """Widen a shift to the round that was published on it; make one where nobody is left to work it."""
        if work is None:
            elevators = [self.facts.elevators[order.elevator] for order in self.orders[round_.id]]
            skills = tuple(sorted({skill for each in elevators for skill in each.skills}))
            people = max((_people(each.rule_pack, self.facts.today) for each in elevators), default=1)
            return WorkDay(
                crew=round_.crew, day=number, people=people, skills=skills, from_s=round_.depart_s, to_s=round_.return_s,
                max_overtime_s=0, pause=None,
            )  # fmt: skip
        over_s = max(work.max_overtime_s, round_.return_s - work.to_s)
        return replace(work, from_s=min(work.from_s, round_.depart_s), max_overtime_s=over_s)

    # Visits.

    def _placed(self, elevator: UUID) -> bool:
        place = self.facts.elevators[elevator]
        return place.lat is not None and place.lon is not None

    def _visit(self, order: WorkOrderView) -> Visit:
        """Return a stop as a visit; nothing is moved past its due window, nor past the day that it has if that is later."""
        elevator = self.facts.elevators[order.elevator]
        self.elevator_of[str(order.id)] = order.elevator
        published = (order.day - self.facts.today).days
        first = min((order.due_first_day - self.facts.today).days, published)
        last = max((order.due_last_day - self.facts.today).days, published)
        return Visit(
            id=str(order.id),
            location=f"site:{elevator.site}",
            service_s=order.leave_s - order.start_s,
            first_day=max(0, first),
            last_day=last,
            windows=tuple(
                Window(hours.from_s, hours.to_s) for hours in sorted(elevator.access_hours, key=lambda each: each.from_s)
            ),
            skills=tuple(sorted(set(elevator.skills))),
            people=_people(elevator.rule_pack, self.facts.today),
            bank=f"{elevator.site}:{elevator.bank}" if elevator.bank else None,
        )

    def _name(self, made: MadeVisit) -> str:
        return str(made.work_order) if made.work_order in self.known else f"visit:{made.id}"

    def _made(self, made: MadeVisit) -> Visit:
        """Return a visit that no round asked for."""
        elevator = self.facts.elevators[made.elevator]
        name = self._name(made)
        self.elevator_of[name] = made.elevator
        return Visit(name, f"site:{elevator.site}", _service_s(elevator, made.maintenance_class, self.facts.today), 0, 0)

    def _emergency(self, number: int) -> Emergency:
        event, name = self.events.emergencies[number], str(self.fresh[number])
        elevator = self.facts.elevators[event.elevator]
        self.elevator_of[name] = event.elevator
        within = event.within_minutes
        bank = f"{elevator.site}:{elevator.bank}" if elevator.bank else None
        visit = Visit(
            name, f"site:{elevator.site}", event.minutes * 60, 0, 0, (), tuple(sorted(set(elevator.skills))), event.people
        )
        return Emergency(replace(visit, bank=bank), latest_start_s=None if within is None else self.facts.now_s + within * 60)

    def _locations(self, crews: Iterable[Crew], visits: Iterable[Visit]) -> list[Location]:
        bases = {each.id: each for each in self.facts.work.crews}
        found = {}
        for crew in crews:
            of = bases[self.crew_of[crew.id]]
            found[base_of(of.id)] = Location(base_of(of.id), of.base_lat, of.base_lon)
        for visit in visits:
            place = self.facts.elevators[self.elevator_of[visit.id]]
            found.setdefault(visit.location, Location(visit.location, place.lat, place.lon))
        return list(found.values())

    # The plan, and how far it has come.

    def _route(self, round_: RoundOfDay, known: set[str]) -> Route:
        number = (round_.day - self.facts.today).days
        stops = [
            Stop(str(order.id), order.arrive_s, order.start_s, order.leave_s)
            for order in sorted(self.orders[round_.id], key=lambda each: each.position)
            if str(order.id) in known
        ]
        name = self.name_of[round_.crew, number]
        return Route(name, number, round_.depart_s, round_.return_s, tuple(stops), round_.break_start_s)

    def _today(self, known: set[str], emergencies: tuple[Emergency, ...]) -> Today:
        events = self.events
        out = [(self.name_of_all(each.crew), each) for each in events.crews_out]
        return Today(
            schema=SCHEMA,
            day=0,
            now_s=self.facts.now_s,
            progress=tuple(self._progress(known)),
            emergencies=emergencies,
            crews_out=tuple(
                CrewOut(name, each.from_s, None if each.through is None else (each.through - self.facts.today).days)
                for names, each in out
                for name in names
            ),
            closed=tuple(
                Closed(
                    () if each.site is None else (f"site:{each.site}",),
                    () if each.order is None else (str(each.order),),
                    each.from_s,
                    each.to_s,
                )
                for each in events.closed
            ),
            delays=tuple(
                Delay(
                    each.minutes * 60,
                    visit=None if each.order is None else str(each.order),
                    crew=None if each.crew is None else self.name_of[each.crew, 0],
                )
                for each in events.delays
            ),
            cancelled=tuple(str(each.order) for each in events.cancelled),
            options=OPTIONS,
        )

    def name_of_all(self, crew: UUID) -> list[str]:
        """Return all names that a crew has in the problem."""
        return [name for name, each in self.crew_of.items() if each == crew]

    def _progress(self, known: set[str]) -> Iterable[Progress]:
        """Say how far the crews have come, by the scans; who has a round and made none of it has set off as planned."""
        round_of = {each.crew: each for each in self.facts.rounds if each.day == self.facts.today}
        made: dict[UUID, list[MadeVisit]] = defaultdict(list)
        for visit in self.facts.visits:
            crew = visit.crew or self._crew_by_order(visit)
            if crew is not None and (crew, 0) in self.name_of and self._name(visit) in known:
                made[crew].append(visit)
        for crew in sorted(round_of.keys() | made.keys()):
            yield self._of_crew(crew, round_of.get(crew), made[crew])

    def _crew_by_order(self, visit: MadeVisit) -> UUID | None:
        return next((order.crew for order in self.facts.orders if order.id == visit.work_order), None)

    def _of_crew(self, crew: UUID, round_: RoundOfDay | None, made: list[MadeVisit]) -> Progress:
        now_s, name = self.facts.now_s, self.name_of[crew, 0]
        done: list[Stop] = []
        under_way: UnderWay | None = None
        clock_s = 0
        for visit in made:
            arrive_s = min(max(self._second(visit.arrived_at), clock_s), now_s)
            if visit.departed_at is None:
                under_way = UnderWay(self._name(visit), arrive_s, arrive_s, max(now_s, arrive_s + self._work_s(visit)))
                continue  # of two that are open the later one counts
            leave_s = min(max(self._second(visit.departed_at), arrive_s), now_s)
            done.append(Stop(self._name(visit), arrive_s, arrive_s, leave_s))
            clock_s = leave_s
        if under_way is not None and done and done[-1].leave_s > under_way.arrive_s:
            under_way = replace(under_way, arrive_s=done[-1].leave_s, start_s=done[-1].leave_s)
        first_s = min([stop.arrive_s for stop in done] + ([under_way.arrive_s] if under_way else []), default=None)
        departed_s: int | None = None
        if first_s is not None:
            departed_s = first_s if round_ is None else min(round_.depart_s, first_s)
        elif round_ is not None and round_.depart_s <= now_s:
            departed_s = round_.depart_s
        marks = [(mark.kind, min(self._second(mark.at), now_s)) for mark in self.facts.marks if mark.crew == crew]
        started_s = min((at_s for kind, at_s in marks if kind == "start"), default=None)
        if started_s is not None:
            departed_s = started_s if first_s is None else min(started_s, first_s)
        rested_s = None if departed_s is None else self._rested(round_, done, under_way)
        here = None if departed_s is None or under_way is not None else self._paused_at(crew, done, marks)
        return Progress(name, departed_s, tuple(done), under_way, rested_s, here)

    def _paused_at(self, crew: UUID, done: list[Stop], marks: list[tuple[str, int]]) -> Position | None:
        """Say where a crew stood when its pause ended, or stands now: it drove nowhere in the meantime, as far as it says."""
        paused = next((kind == "pause" for kind, _ in reversed(marks) if kind in ("pause", "resume")), False)
        at_s = self.facts.now_s if paused else max((at_s for kind, at_s in marks if kind == "resume"), default=None)
        if at_s is None:
            return None
        place = f"site:{self.facts.elevators[self.elevator_of[done[-1].visit]].site}" if done else base_of(crew)
        return Position(place, at_s)

    def _rested(self, round_: RoundOfDay | None, done: list[Stop], under_way: UnderWay | None) -> int | None:
        """Say when a crew began its break: as planned, or after the work that was in its way; None while it has not."""
        if round_ is None or round_.break_start_s is None or round_.break_start_s > self.facts.now_s:
            return None
        begin_s = round_.break_start_s
        for stop in done:
            if stop.arrive_s < begin_s + (round_.break_duration_s or 0) and begin_s < stop.leave_s:
                begin_s = stop.leave_s
        if under_way is not None and under_way.arrive_s < begin_s + (round_.break_duration_s or 0):
            late = self.facts.now_s > round_.break_start_s + LATEST_REST_S
            return round_.break_start_s if late else None
        return begin_s if begin_s <= self.facts.now_s else None

    def _work_s(self, visit: MadeVisit) -> int:
        order = next((each for each in self.facts.orders if each.id == visit.work_order), None)
        if order is not None:
            return order.leave_s - order.start_s
        return _service_s(self.facts.elevators[visit.elevator], visit.maintenance_class, self.facts.today)

    def _second(self, at: datetime) -> int:
        local = at.astimezone(ZoneInfo(self.facts.time_zone)).replace(tzinfo=None)
        return max(0, math.floor((local - datetime.combine(self.facts.today, time.min)).total_seconds()))


def _people(pack: str, today: date) -> int:
    try:
        return load_pack(pack, today).visit.minimum_technicians
    except UnknownPackError:
        return 1


def _service_s(elevator: ElevatorFact, maintenance_class: str, today: date) -> int:
    try:
        return elevator.service_s(load_pack(elevator.rule_pack, today).visit, maintenance_class) or 3600
    except UnknownPackError:
        return 3600


def _shift(work: WorkDay, base: str) -> Shift:
    pause: Break | None = work.pause
    return Shift(work.day, work.from_s, work.to_s, base, base, work.max_overtime_s, None, pause)
