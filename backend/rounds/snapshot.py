"""The snapshot: facts become a `Problem` of the planner, and what stands beside it. Pure; the same facts give the same bytes.

What cannot be planned is listed with its reason before the search; what is published already is kept and not planned twice.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec
from msgspec import Struct

from backend.rounds.chains import after, chain_rule
from backend.rounds.crew_days import LostDay, WorkDay, work_days
from backend.rounds.due_days import DueDays, RiskPrices, due_days
from backend.rounds.facts import ElevatorFact, Facts, HoursFact, OrderFact, RoundFact, WindowFact
from backend.rounds.preferences import COSTS, PREFERENCES, TRAVEL
from backend.rounds.problem_parts import base_location, base_of, shift_of, without
from backend.travel.record import Travelled
from planner.intervals.rules import RulePack, UnknownPackError, load_pack
from planner.rounds.problem import DAY_S, Crew, Location, Problem, Travel, Visit, Window


class OutCode(StrEnum):
    """Why an elevator is left out before the search."""

    NO_WINDOW = "no_window"
    NO_POSITION = "no_position"
    UNKNOWN_PACK = "unknown_pack"
    NO_CREW = "no_crew"
    TOO_FEW_PEOPLE = "too_few_people"
    NO_SKILL = "no_skill"
    NO_DAY = "no_day"
    """Not due yet, and on the days that its window has in the horizon nobody works who could do it."""

    BANK_TAKEN = "bank_taken"
    """A neighbour of its bank is published for all hours at which it could be visited."""

    PUBLISHED_LATE = "published_late"
    """It is published, but for a day after its last."""


class Item(Struct, frozen=True, kw_only=True):
    """A visit of the problem as upkeep sees it; the visit's id is the elevator's."""

    elevator: UUID
    first_day: date
    last_day: date
    maintenance_class: str
    bent: str
    reason_en: str
    reason_zh: str


class Out(Struct, frozen=True, kw_only=True):
    """An elevator that the problem leaves out."""

    elevator: UUID
    code: OutCode
    mandatory: bool
    first_day: date | None = None
    last_day: date | None = None
    maintenance_class: str | None = None
    detail: dict[str, str] = {}
    """Numbers and names for the sentence."""


class Kept(Struct, frozen=True, kw_only=True):
    """An elevator that has a published stop."""

    elevator: UUID
    round: UUID
    day: date


class Snapshot(Struct, frozen=True, kw_only=True):
    """What a run of the planner was asked, and what it was not asked and why."""

    problem: Problem
    items: tuple[Item, ...]
    """One per visit of the problem, in its order."""

    out: tuple[Out, ...]
    kept: tuple[Kept, ...]
    rounds: tuple[RoundFact, ...]
    """Published rounds inside the horizon."""

    lost_days: tuple[LostDay, ...]
    crew_of: dict[str, UUID]
    """Crew of the problem → crew; a crew whose people or skills differ by day is several in the problem."""

    travel: Travelled | None = None
    """Where the travel times of the run come from; None as long as no engine was asked. No part of the hash: they are no fact
    of the register, and a plan stays the plan that was made with them."""

    @property
    def start_date(self) -> date:
        """First day of the horizon."""
        return self.problem.start_date

    def day(self, number: int) -> date:
        """Return the date of a day of the problem."""
        return self.problem.start_date + timedelta(days=number)

    def sha256(self) -> str:
        """Return the hash of all that matters to a plan: reasons are words, and change without harm."""
        bare = [msgspec.structs.replace(item, reason_en="", reason_zh="") for item in self.items]
        whole = (self.problem, bare, self.out, self.kept, self.rounds, self.lost_days, self.crew_of)
        return hashlib.sha256(msgspec.json.encode(whole, order="deterministic")).hexdigest()


def take_snapshot(facts: Facts) -> Snapshot:
    """Turn facts into a problem and what stands beside it."""
    return _Builder(facts).build()


class _Demand(Struct, frozen=True):
    """What a visit asks of a crew."""

    people: int
    skills: tuple[str, ...]


class _Builder:
    """Builds one snapshot; holds what several steps look up."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.elevators = {each.id: each for each in facts.elevators}
        self.orders_of_bank: dict[tuple[UUID, str], list[OrderFact]] = defaultdict(list)
        for order in facts.orders:
            if order.bank:
                self.orders_of_bank[order.site, order.bank].append(order)
        self.published: dict[UUID, OrderFact] = {}
        self.last_published: dict[UUID, OrderFact] = {}
        for order in sorted(facts.orders, key=lambda order: order.day):
            self.published.setdefault(order.elevator, order)
            self.last_published[order.elevator] = order
        self.targets: dict[UUID, list[date]] = defaultdict(list)
        for target in facts.targets:
            self.targets[target.elevator].append(target.day)
        self.risks = {risk.elevator: risk for risk in facts.risks}
        self.last_crew = {each.elevator: each.crew for each in facts.last_crews}
        self.packs: dict[str, RulePack | None] = {}
        self.work: list[WorkDay] = []
        self.workable: dict[_Demand, list[int]] = {}
        self.visits: list[Visit] = []
        self.items: list[Item] = []
        self.out: list[Out] = []
        self.kept: list[Kept] = []

    def build(self) -> Snapshot:
        """Go through windows and elevators once."""
        due = sorted(self.facts.windows, key=lambda window: (window.last_day, window.elevator))
        due = [window for window in due if window.elevator in self.elevators]
        needed = [_people(pack) for window in due if (pack := self._pack_of(window)) is not None]
        self.work, lost = work_days(self.facts, min(needed, default=1))
        crews, crew_of = self._crews()
        names_of: dict[UUID, list[str]] = defaultdict(list)
        for name, crew in crew_of.items():
            names_of[crew].append(name)
        for window in due:
            self._take(window, names_of)
        with_window = {window.elevator for window in due}
        self.out += [
            Out(elevator=each.id, code=OutCode.NO_WINDOW, mandatory=False)
            for each in sorted(self.facts.elevators, key=lambda each: each.id)
            if each.id not in with_window and each.id not in self.published
        ]
        return Snapshot(
            problem=self._problem(crews),
            items=tuple(self.items),
            out=tuple(self.out),
            kept=tuple(self.kept),
            rounds=tuple(sorted(self.facts.rounds, key=lambda each: (each.day, each.crew))),
            lost_days=tuple(lost),
            crew_of=crew_of,
        )

    def _pack_of(self, window: WindowFact) -> RulePack | None:
        """Return the pack of an elevator; None where there is none, or none that knows the class."""
        name = self.elevators[window.elevator].rule_pack
        if name not in self.packs:
            try:
                self.packs[name] = load_pack(name, self.facts.today)
            except UnknownPackError:
                self.packs[name] = None
        pack = self.packs[name]
        return pack if pack is not None and window.maintenance_class in pack.visit.service_s else None

    def _take(self, window: WindowFact, names_of: Mapping[UUID, list[str]]) -> None:
        """Put a due elevator among the visits, the kept or those left out."""
        facts, elevator, pack = self.facts, self.elevators[window.elevator], self._pack_of(window)
        order = self.published.get(elevator.id)
        if order is not None:
            self.kept.append(Kept(elevator=elevator.id, round=order.round, day=order.day))
            if order.day > window.last_day >= facts.today:
                self._leave_out(window, OutCode.PUBLISHED_LATE, day=order.day.isoformat())
            following = self._following(window, elevator, pack)
            if following is None:
                return
            window = following
        if elevator.lat is None or elevator.lon is None:
            self._leave_out(window, OutCode.NO_POSITION)
            return
        if pack is None:
            self._leave_out(window, OutCode.UNKNOWN_PACK, pack=elevator.rule_pack)
            return
        demand = _Demand(_people(pack), tuple(sorted(set(elevator.skills))))
        if not self._workable(demand):
            self._leave_out_for_want_of_crew(window, demand)
            return
        days = due_days(
            window.first_day, window.last_day, facts.start_date, facts.days, self._workable(demand), PREFERENCES,
            self._target(window), self._risk(window, order is not None),
        )  # fmt: skip
        if days is None:
            self._leave_out(window, OutCode.NO_DAY)
            return
        service_s = elevator.service_s(pack.visit, window.maintenance_class)
        hours = self._hours(elevator, service_s, days)
        if hours is None:
            self._leave_out(window, OutCode.BANK_TAKEN)
            return
        self._add(window, elevator, demand, service_s, days, hours, names_of)

    def _following(self, window: WindowFact, elevator: ElevatorFact, pack: RulePack | None) -> WindowFact | None:
        """Return the window of the visit after the last published one, if it opens inside the horizon.

        It counts from the published day, as it will when that visit has been made.
        """
        if pack is None:
            return None
        published = self.last_published[elevator.id].day
        rule = chain_rule(pack, window.mode_effective, window.class_days, elevator, window.gap_days)
        first, last, maintenance_class = after(rule, published)
        if published < self.facts.today or first > self.facts.start_date + timedelta(days=self.facts.days - 1):
            return None
        return msgspec.structs.replace(
            window, first_day=first, last_day=last, maintenance_class=maintenance_class,
            reason_en=f"within {rule.gap_days} days after the visit that is published for {published}",
            reason_zh=f"距已发布的{published}维保不得超过{rule.gap_days}日",
        )  # fmt: skip

    def _risk(self, window: WindowFact, published: bool) -> RiskPrices | None:
        """Return what the days of a window cost by expected faults, counted from the last visit, or from the published one."""
        risk = self.risks.get(window.elevator)
        if risk is None:
            return None
        since = self.last_published[window.elevator].day if published else risk.last_visit
        return RiskPrices(best=(since - self.facts.start_date).days + risk.best_gap_days, steep_s=risk.steep_s)

    def _target(self, window: WindowFact) -> date | None:
        """Return the day that the levelling chose for the visit of a window."""
        days = self.targets.get(window.elevator, ())
        return next((day for day in days if window.first_day <= day <= window.last_day), None)

    def _add(
        self,
        window: WindowFact,
        elevator: ElevatorFact,
        demand: _Demand,
        service_s: int,
        days: DueDays,
        hours: list[Window],
        names_of: Mapping[UUID, list[str]],
    ) -> None:
        last_crew = self.last_crew.get(elevator.id)
        names = names_of.get(last_crew, []) if last_crew is not None else []
        self.visits.append(
            Visit(
                id=str(elevator.id),
                location=str(elevator.site),
                service_s=service_s,
                first_day=days.first_day,
                last_day=days.last_day,
                windows=tuple(hours),
                skills=demand.skills,
                people=demand.people,
                mandatory=days.mandatory,
                defer_cost=days.defer_cost,
                day_costs=days.day_costs,
                crew_costs=dict.fromkeys(sorted(names), PREFERENCES.same_crew),
                bank=f"{elevator.site}:{elevator.bank}" if elevator.bank else None,
            )
        )
        self.items.append(
            Item(
                elevator=elevator.id,
                first_day=window.first_day,
                last_day=window.last_day,
                maintenance_class=window.maintenance_class,
                bent=days.bent.value,
                reason_en=window.reason_en,
                reason_zh=window.reason_zh,
            )
        )

    def _leave_out(self, window: WindowFact, code: OutCode, **detail: str) -> None:
        horizon_end = self.facts.start_date + timedelta(days=self.facts.days - 1)
        self.out.append(
            Out(
                elevator=window.elevator,
                code=code,
                mandatory=window.last_day <= horizon_end,
                first_day=window.first_day,
                last_day=window.last_day,
                maintenance_class=window.maintenance_class,
                detail=detail,
            )
        )

    def _workable(self, demand: _Demand) -> list[int]:
        """Return the days on which some crew has the people and skills."""
        if demand not in self.workable:
            able = {work.day for work in self.work if _can(work, demand)}
            self.workable[demand] = sorted(able)
        return self.workable[demand]

    def _leave_out_for_want_of_crew(self, window: WindowFact, demand: _Demand) -> None:
        most = max((work.people for work in self.work), default=0)
        if not self.work:
            self._leave_out(window, OutCode.NO_CREW)
        elif most < demand.people:
            self._leave_out(window, OutCode.TOO_FEW_PEOPLE, needed=str(demand.people), most=str(most))
        else:
            self._leave_out(window, OutCode.NO_SKILL, needed=str(demand.people), skills=", ".join(demand.skills))

    def _hours(self, elevator: ElevatorFact, service_s: int, days: DueDays) -> list[Window] | None:
        """Return when a visit may start: the site's hours, less those in which a published stop has the bank.

        A window of the contract holds on every day, so a neighbour's hours are kept free on all of them.
        None where no hour is left.
        """
        hours = sorted(elevator.access_hours, key=lambda each: each.from_s)
        taken = [
            HoursFact(order.start_s - service_s + 1, order.leave_s - 1)
            for order in self.orders_of_bank.get((elevator.site, elevator.bank), ())
            if days.first_day <= (order.day - self.facts.start_date).days <= days.last_day
        ]
        if not taken:
            return [Window(from_s=each.from_s, to_s=each.to_s) for each in hours]
        left = hours or [HoursFact(0, 2 * DAY_S)]
        for gap in taken:
            left = [part for each in left for part in without(each, gap)]
        return [Window(from_s=each.from_s, to_s=each.to_s) for each in left] or None

    def _crews(self) -> tuple[tuple[Crew, ...], dict[str, UUID]]:
        """Return the crews of the problem: one per crew and kind of day, because people and skills are a crew's there."""
        days_of: dict[UUID, list[WorkDay]] = defaultdict(list)
        for work in self.work:
            days_of[work.crew].append(work)
        crews: list[Crew] = []
        crew_of: dict[str, UUID] = {}
        for crew in sorted(self.facts.crews, key=lambda each: each.id):
            kinds: dict[tuple[int, tuple[str, ...]], list[WorkDay]] = defaultdict(list)
            for work in days_of[crew.id]:
                kinds[work.people, work.skills].append(work)
            for number, ((people, skills), days) in enumerate(kinds.items()):
                name = str(crew.id) if number == 0 else f"{crew.id}/{number + 1}"
                crew_of[name] = crew.id
                shifts = tuple(shift_of(work, base_of(crew.id)) for work in days)
                crews.append(Crew(id=name, shifts=shifts, people=people, skills=skills))
        return tuple(crews), crew_of

    def _problem(self, crews: tuple[Crew, ...]) -> Problem:
        sites = {visit.location: self.elevators[UUID(visit.id)] for visit in self.visits}
        at_work = {work.crew for work in self.work}
        places = [base_location(crew) for crew in sorted(self.facts.crews, key=lambda each: each.id) if crew.id in at_work]
        places += [Location(id=name, lat=sites[name].lat, lon=sites[name].lon) for name in sorted(sites)]
        return Problem(
            schema="liftrounds/problem/1",
            start_date=self.facts.start_date,
            days=self.facts.days,
            time_zone=self.facts.time_zone,
            locations=tuple(places),
            travel=Travel(estimate=TRAVEL),
            visits=tuple(self.visits),
            crews=crews,
            costs=COSTS,
        )


def _people(pack: RulePack) -> int:
    return pack.visit.minimum_technicians


def _can(work: WorkDay, demand: _Demand) -> bool:
    return work.people >= demand.people and set(demand.skills) <= set(work.skills)
