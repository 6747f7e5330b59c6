"""Facts of a firm become a levelling problem, and what stands beside it. Pure; the same facts give the same question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from uuid import UUID

from msgspec import Struct

from backend.levelling.areas import EVERYWHERE, Base, Place, area_of_crews, area_of_sites, help_areas
from backend.rounds.chains import ChainRule, chain_rule
from backend.rounds.crew_days import WorkDay, work_days
from backend.rounds.facts import ElevatorFact, Facts, OrderFact, WindowFact
from planner.intervals.items import CLASSES
from planner.intervals.rules import RulePack, UnknownPackError, load_pack
from planner.levelling.calendar import Calendar
from planner.levelling.problem import MAX_S, Crew, CrewDay, Elevator, LevellingProblem, Service
from planner.rounds.problem import DAY_S

NIGHT_FROM_S, NIGHT_TO_S = 21 * 3600, 6 * 3600
"""Hours between nine in the evening and six in the morning are those of the night."""

AWAY_S = 1800
"""Half an hour more for a crew that helps in the area next to its own."""

STOP_S = 900
"""Driving to a site and walking in: a quarter of an hour, what plans in towns come to per stop."""


class LeftOut(Struct, frozen=True, kw_only=True):
    """An elevator that is not levelled: without a due window, or under a rule pack that nobody knows."""

    elevator: UUID
    code: str


class Question(Struct, frozen=True, kw_only=True):
    """What is asked, and what stands beside it."""

    problem: LevellingProblem
    left_out: tuple[LeftOut, ...]
    published: int
    """Elevators whose next visit is published; their chain goes on from that day."""


def ask(facts: Facts, calendar: Calendar | None, areas: Mapping[UUID, str], districts: Mapping[UUID, str]) -> Question:
    """Turn facts of a horizon into a problem.

    Parameters
    ----------
    facts
        As for plans; crews' days that are published are not among those that can be planned.
    calendar
        Public holidays, whose work is dearer; hours of crews that rest on them are in the facts already.
    areas
        Area of each crew, as in the register.
    districts
        District of each site.
    """
    return _Asking(facts, calendar, areas, districts).question()


class _Asking:
    def __init__(
        self, facts: Facts, calendar: Calendar | None, areas: Mapping[UUID, str], districts: Mapping[UUID, str]
    ) -> None:
        self.facts = facts
        self.calendar = calendar
        self.districts = districts
        self.elevators = {each.id: each for each in facts.elevators}
        self.published: dict[UUID, OrderFact] = {}
        for order in sorted(facts.orders, key=lambda order: order.day):
            self.published[order.elevator] = order
        self.packs: dict[str, RulePack | None] = {}
        self.left_out: list[LeftOut] = []
        due = [window for window in facts.windows if window.elevator in self.elevators]
        people = [pack.visit.minimum_technicians for window in due if (pack := self.pack(window)) is not None]
        self.work, _ = work_days(facts, min(people, default=1))
        self.bases = [
            Base(crew=crew.id, area=areas.get(crew.id, ""), lat=crew.base_lat, lon=crew.base_lon)
            for crew in sorted(facts.crews, key=lambda crew: crew.id)
        ]
        self.due = sorted(due, key=lambda window: (window.last_day, window.elevator))

    def pack(self, window: WindowFact) -> RulePack | None:
        """Return the pack of an elevator; None where there is none."""
        name = self.elevators[window.elevator].rule_pack
        if name not in self.packs:
            try:
                self.packs[name] = load_pack(name, self.facts.start_date)
            except UnknownPackError:
                self.packs[name] = None
        return self.packs[name]

    def question(self) -> Question:
        """Put everything together."""
        rules: dict[UUID, ChainRule] = {}
        for window in self.due:
            pack = self.pack(window)
            elevator = self.elevators[window.elevator]
            if pack is None:
                self.left_out.append(LeftOut(elevator=window.elevator, code="unknown_pack"))
                continue
            rules[window.elevator] = chain_rule(pack, window.mode_effective, window.class_days, elevator, window.gap_days)
        with_window = {window.elevator for window in self.due}
        self.left_out += [
            LeftOut(elevator=each.id, code="no_window")
            for each in sorted(self.facts.elevators, key=lambda each: each.id)
            if each.id not in with_window
        ]
        area_of = self.areas_of_sites(rules)
        asked = [self.elevator(window, rules[window.elevator], area_of) for window in self.due if window.elevator in rules]
        problem = LevellingProblem(
            schema="liftrounds/levelling/1", start_date=self.facts.start_date, days=self.facts.days, elevators=tuple(asked),
            crews=tuple(self.crews()), calendar=self.calendar, stop_s=STOP_S, away_s=AWAY_S,
        )  # fmt: skip
        published = sum(window.elevator in self.published for window in self.due)
        return Question(problem=problem, left_out=tuple(self.left_out), published=published)

    def areas_of_sites(self, rules: Mapping[UUID, ChainRule]) -> dict[UUID, str]:
        """Return the area of every site that is asked about; one without a position lies in the first."""
        some = {self.elevators[id_].site: self.elevators[id_] for id_ in rules}
        located = [
            Place(site=site, district=self.districts.get(site, ""), lat=one.lat, lon=one.lon)
            for site, one in some.items()
            if one.lat is not None and one.lon is not None
        ]
        found = area_of_sites(located, self.bases)
        anywhere = min(area_of_crews(self.bases).values(), default=EVERYWHERE)
        return {site: found.get(site, anywhere) for site in some}

    def elevator(self, window: WindowFact, rule: ChainRule, area_of: Mapping[UUID, str]) -> Elevator:
        """Return an elevator as the levelling is asked about it; what is published counts as made."""
        fact, pack = self.elevators[window.elevator], self.pack(window)
        assert pack is not None  # noqa: S101 - others are left out before
        first, last = self.day(window.first_day), self.day(window.last_day)
        order = self.published.get(window.elevator)
        classes = rule.classes
        due: dict[str, int | None] = {
            each.maintenance_class: None if each.due_day is None else self.day(each.due_day) for each in classes
        }
        if order is not None:
            first, last = self.day(order.day) + rule.opens_days, self.day(order.day) + rule.gap_days
            due |= self.done_by(window.maintenance_class, rule, self.day(order.day))
        elif window.maintenance_class != CLASSES[0]:
            known = due.get(window.maintenance_class)
            due[window.maintenance_class] = last if known is None else min(known, max(first, 0) + rule.gap_days - 1)
        services = tuple(
            Service(
                each.maintenance_class, min(each.service_s, MAX_S), each.gap_days, due[each.maintenance_class] if n else None
            )
            for n, each in enumerate(classes)
        )
        return Elevator(
            id=str(fact.id), area=area_of[fact.site], first_day=min(first, last), last_day=last, opens_days=rule.opens_days,
            gap_days=rule.gap_days, services=services, site=str(fact.site), hours="night" if _at_night(fact) else "day",
            skills=tuple(sorted(set(fact.skills))), people=pack.visit.minimum_technicians,
        )  # fmt: skip

    def done_by(self, maintenance_class: str, rule: ChainRule, day: int) -> dict[str, int | None]:
        """Return from when the classes count that a published visit will have done."""
        done = CLASSES[: CLASSES.index(maintenance_class) + 1]
        return {
            each.maintenance_class: None if each.gap_days is None else day + each.gap_days
            for each in rule.classes
            if each.maintenance_class in done
        }

    def day(self, day: date) -> int:
        """Return a date as a day of the problem."""
        return (day - self.facts.start_date).days

    def crews(self) -> list[Crew]:
        """Return the crews with their hours on single days: weeks, absences and calendar are in them already."""
        area_of, helps_in = area_of_crews(self.bases), help_areas(self.bases)
        days_of: dict[UUID, list[WorkDay]] = defaultdict(list)
        for work in self.work:
            days_of[work.crew].append(work)
        found = []
        for base in self.bases:
            days = days_of[base.crew]
            if not days:
                continue
            by_day: dict[int, tuple[int, int]] = {}
            for work in days:
                day_s, night_s = hours_of(work)
                by_day[work.day] = (day_s, night_s)
            skills = set.intersection(*(set(work.skills) for work in days))
            found.append(
                Crew(
                    id=str(base.crew), areas=(area_of[base.crew],), helps_in=helps_in[base.crew],
                    people=min(work.people for work in days), skills=tuple(sorted(skills)), keeps_calendar=False,
                    days=tuple(CrewDay(day, *hours) for day, hours in sorted(by_day.items())),
                )
            )  # fmt: skip
        return found


def hours_of(work: WorkDay) -> tuple[int, int]:
    """Return a crew's seconds of work by day and by night on one day, the break taken off."""
    night_s = _overlap(work, 0, NIGHT_TO_S) + _overlap(work, NIGHT_FROM_S, DAY_S + NIGHT_TO_S)
    whole_s = work.to_s - work.from_s
    rest_s = 0 if work.pause is None else work.pause.duration_s
    day_s = whole_s - night_s
    return (max(0, day_s - rest_s), night_s) if day_s >= night_s else (day_s, max(0, night_s - rest_s))


def _overlap(work: WorkDay, from_s: int, to_s: int) -> int:
    return max(0, min(work.to_s, to_s) - max(work.from_s, from_s))


def _at_night(fact: ElevatorFact) -> bool:
    """Return whether a visit may start in no hour of the day: a metro, a hotel that asks for it."""
    hours = fact.access_hours
    return bool(hours) and all(each.from_s >= NIGHT_FROM_S or each.to_s <= NIGHT_TO_S for each in hours)
