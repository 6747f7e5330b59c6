"""Week after week: what is due is planned, what is planned is taken as done, and the next due windows count from there.

Due windows come from `planner.intervals.due`, so every rule counts as ever: longer gaps only while an elevator is entitled to
them, wear at its present rate, classes, special checks. What nobody can know is left as it is: no fault happens, monitors go on
as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Protocol

import msgspec

from planner.intervals.due import DueWindow, due_window
from planner.intervals.facts import ElevatorFacts, UsageFact, VisitFact
from planner.intervals.items import CLASSES, class_rank
from planner.intervals.receipt import Mode
from planner.intervals.rules import load_pack
from planner.rounds.plan import Plan
from planner.rounds.problem import Problem
from planner.whatif.driving import Driving
from planner.whatif.policies import Policy, facts_under
from planner.whatif.result import Counted

WEEK_DAYS = 7
"""Days planned together: shorter than the gaps of the rules, so that an elevator is due once in a problem. What wears out
faster than that waits for the next week, under every policy."""


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """An elevator that is due, as a week's planning sees it."""

    elevator: str
    first_day: date
    last_day: date
    maintenance_class: str
    mode: Mode
    """The mode that counts: an elevator that is not entitled to longer gaps is maintained as ever."""


class Weeks(Protocol):
    """Turns what is due in some days into rounds to be planned, and knows how far they drive."""

    def problem(self, start: date, days: int, due: Sequence[Due]) -> Problem:
        """Return the problem; a visit's id is its elevator's, what cannot be planned is left out."""

    def metres(self, problem: Problem, plan: Plan) -> int:
        """Return how far a plan drives."""


Solve = Callable[[Problem, int], Plan]
"""Plans a problem with a seed; the same effort for every policy."""


def roll(
    policy: Policy,
    fleet: Mapping[str, ElevatorFacts],
    weeks: Weeks,
    solve: Solve,
    *,
    start: date,
    days: int,
    seed: int,
    on_week: Callable[[int], None] = lambda _days: None,
) -> Counted:
    """Maintain a fleet under a policy for some days, and count.

    Parameters
    ----------
    policy
        The rules.
    fleet
        By elevator's id, its facts on the first day.
    weeks, solve
        See there.
    start, days
        The horizon, planned in weeks.
    seed
        Of the searches.
    on_week
        Told how many days are over.
    """
    run = _Run(policy, fleet, start)
    for begin in range(0, days, WEEK_DAYS):
        length = min(WEEK_DAYS, days - begin)
        first = start + timedelta(days=begin)
        due = run.due(first, first + timedelta(days=length - 1))
        problem = weeks.problem(first, length, due)
        plan = solve(problem, seed)
        run.done(first, problem, plan, weeks.metres(problem, plan))
        on_week(begin + length)
    return run.counted(start + timedelta(days=days - 1), days)


class _Run:
    """A fleet on its way through the weeks."""

    def __init__(self, policy: Policy, fleet: Mapping[str, ElevatorFacts], start: date) -> None:
        self._pack = load_pack(policy.pack, start)
        self._facts = {name: facts_under(policy, facts, start) for name, facts in fleet.items() if facts.state == "in_use"}
        self._windows: dict[str, DueWindow] = {}
        self._count = Counted()

    def due(self, first: date, last: date) -> list[Due]:
        """Return what may be visited by a day, and note in which mode every elevator is."""
        found = []
        on_demand = 0
        for name, facts in self._facts.items():
            answer = due_window(facts, self._pack, first)
            if answer is None:
                continue
            window = answer[0]
            self._windows[name] = window
            self._facts[name] = _noted(facts, window)
            on_demand += window.mode_effective == "on_demand"
            if window.first_day <= last and not window.paused:
                found.append(
                    Due(
                        elevator=name, first_day=window.first_day, last_day=window.last_day,
                        maintenance_class=window.maintenance_class, mode=window.mode_effective,
                    )
                )  # fmt: skip
        length = (last - first).days + 1
        self._count = self._count.more(elevator_days=len(self._facts) * length, on_demand_days=on_demand * length)
        return found

    def done(self, first: date, problem: Problem, plan: Plan, metres: int) -> None:
        """Take a week's plan as done."""
        people = {crew.id: crew.people for crew in problem.crews}
        service = {visit.id: visit.service_s for visit in problem.visits}
        driven = Driving(problem).of(plan)
        on_site_s = driving_s = 0
        for route in plan.routes:
            day = first + timedelta(days=route.day)
            worked_s = sum(service[stop.visit] for stop in route.stops)
            on_site_s += worked_s * people[route.crew]
            driving_s += driven[route.crew, route.day] * people[route.crew]
            for stop in route.stops:
                self._visit(stop.visit, day)
        visits = sum(len(route.stops) for route in plan.routes)
        self._count = self._count.more(
            visits=visits, on_site_s=on_site_s, driving_s=driving_s, metres=metres,
            crew_days=sum(bool(route.stops) for route in plan.routes),
        )  # fmt: skip

    def _visit(self, name: str, day: date) -> None:
        window, facts = self._windows[name], self._facts[name]
        late = max(0, (day - window.last_day).days)
        self._count = self._count.more(overdue_days=late, late_visits=int(late > 0))
        self._facts[name] = _visited(facts, day, window.maintenance_class)

    def counted(self, last: date, days: int) -> Counted:
        """Return the sums, with the days that what is still open is overdue."""
        open_days = 0
        for facts in self._facts.values():
            answer = due_window(facts, self._pack, last)
            if answer is not None and not answer[0].paused:
                open_days += max(0, (last - answer[0].last_day).days)
        return self._count.more(overdue_days=open_days, days=days, elevators=len(self._facts))


def _noted(facts: ElevatorFacts, window: DueWindow) -> ElevatorFacts:
    """Return the facts with what the next computation is handed."""
    history = msgspec.structs.replace(facts.history, effective=window.mode_effective, fixed_again_on=window.fixed_again_on)
    monitor = msgspec.structs.replace(facts.monitor, checked_on=window.checked_on)
    return msgspec.structs.replace(facts, history=history, monitor=monitor)


def _visited(facts: ElevatorFacts, day: date, maintenance_class: str) -> ElevatorFacts:
    """Return the facts after a visit: it is the newest of its class, and all counters begin anew for what it covers."""
    kept = tuple(visit for visit in facts.visits if visit.maintenance_class != maintenance_class)
    before = next((visit for visit in facts.visits if visit.maintenance_class == maintenance_class), None)
    left_out = () if before is None else before.left_out
    visits = (*kept, VisitFact(day=day, maintenance_class=maintenance_class, left_out=left_out))
    newest = {fact.counter: fact for fact in sorted(facts.usage, key=lambda fact: fact.since)}
    fresh = tuple(
        UsageFact(counter=counter, since=day, used=0, per_day=fact.per_day, known_until=day, pattern=fact.pattern)
        for counter, fact in newest.items()
    )
    since = _still_counted(visits, facts)
    usage = tuple(fact for fact in facts.usage if fact.since in since and fact.since != day) + fresh
    return msgspec.structs.replace(facts, visits=visits, usage=usage)


def _still_counted(visits: Sequence[VisitFact], facts: ElevatorFacts) -> set[date]:
    """Return the days from which some item may still count, so that old counts do not pile up."""
    newest = {
        rank: max((visit.day for visit in visits if class_rank(visit.maintenance_class) >= rank), default=None)
        for rank in range(len(CLASSES))
    }
    known = {day for day in newest.values() if day is not None}
    return known if None not in newest.values() else known | {fact.since for fact in facts.usage}
