"""A plan explained with names: what the planner says about ids becomes what people read. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from msgspec import Struct

from backend.rounds import reasons
from backend.rounds.explain_views import (
    CostDifference,
    CrewChoice,
    ExplainedVisit,
    Help,
    OtherPlace,
    PlannedWhere,
    Rule,
    WhyNotAnswer,
    WhyNotMove,
)
from backend.rounds.plan_views import ElevatorName
from backend.rounds.snapshot import Item, Out, Snapshot
from planner.rounds.explain import report
from planner.rounds.explain.apply import Change
from planner.rounds.explain.changes import changes
from planner.rounds.explain.difference import Difference
from planner.rounds.explain.forced import Moved, why_not
from planner.rounds.explain.look import Look
from planner.rounds.explain.planned import Elsewhere
from planner.rounds.explain.reasons import Reason
from planner.rounds.explain.words import Sentence, Wording
from planner.rounds.plan import Plan
from planner.rounds.problem import Place


class Named(Struct, frozen=True, kw_only=True):
    """What people call elevators and crews, by id."""

    elevators: Mapping[UUID, ElevatorName]
    crews: Mapping[UUID, str]


class WhyLeftOut(Struct, frozen=True, kw_only=True):
    """Why a visit is left out, as data, and the cheapest change that would let it be planned."""

    reason: Reason
    help: Change | None
    """None where no single change would do, or where there were too many visits to look for one."""


HELPED = 60
"""Visits left out for which a plan's page looks for help, those that must be done first; each has a page of its own besides."""


def why_left_out(look: Look) -> dict[str, WhyLeftOut]:
    """Explain every visit that the search left out, by its id."""
    found: dict[str, WhyLeftOut] = {}
    for i in sorted(look.solution.left_out(), key=lambda i: not look.visit(i).mandatory):
        visit = look.visit(i).id
        helps = changes(look, visit) if len(found) < HELPED else ()
        found[visit] = WhyLeftOut(reason=look.explainer.reason(i), help=helps[0] if helps else None)
    return found


def look_at(snapshot: Snapshot, plan: Plan) -> Look:
    """Make the plan of a run ready for questions."""
    return Look(snapshot.problem, plan)


def wording_of(snapshot: Snapshot, elevators: Mapping[UUID, ElevatorName], crews: Mapping[UUID, str]) -> Wording:
    """Return how sentences about a snapshot call its crews, elevators and banks."""
    banks = {visit.bank: visit.bank.partition(":")[2] for visit in snapshot.problem.visits if visit.bank}
    called = {str(id_): called_as(place) for id_, place in elevators.items()}
    return Wording(
        snapshot.problem, {name: crews.get(crew, str(crew)) for name, crew in snapshot.crew_of.items()}, called, banks
    )


def called_as(place: ElevatorName) -> str:
    """Return what people call an elevator."""
    return " ".join(part for part in (place.site_name, place.unit_name or place.registration_code) if part)


class Explaining:
    """Answers about the plan of one run.

    Parameters
    ----------
    run, snapshot
        The run, and what it was asked.
    look
        Its plan.
    names
        Of its elevators and crews.
    """

    def __init__(self, run: UUID, snapshot: Snapshot, look: Look, names: Named) -> None:
        self._run = run
        self._snapshot = snapshot
        self._look = look
        self._names = names
        self._wording = wording_of(snapshot, names.elevators, names.crews)
        self._items = {item.elevator: item for item in snapshot.items}
        self._out = {out.elevator: out for out in snapshot.out}

    def visit(self, elevator: UUID) -> ExplainedVisit | None:
        """Explain an elevator; None where the run knows nothing of it."""
        item = self._items.get(elevator)
        if item is None:
            out = self._out.get(elevator)
            return None if out is None else self._before_search(out)
        if self._look.solution.duty_of[self._look.number(str(elevator))] < 0:
            return self.left_out(item)
        return self._planned(item)

    def all_left_out(self) -> list[ExplainedVisit]:
        """Explain all that the plan leaves out, what must be done first, then by last day."""
        out = [
            self.left_out(item)
            for item in self._snapshot.items
            if self._look.solution.duty_of[self._look.number(str(item.elevator))] < 0
        ]
        out += [self._before_search(each) for each in self._snapshot.out]
        return sorted(out, key=lambda each: (not each.mandatory, each.due_last_day or date.max, each.place.registration_code))

    def left_out(self, item: Item) -> ExplainedVisit:
        """Explain an elevator that the search left out."""
        found = report.left_out(self._look, self._wording, str(item.elevator))
        helps = [self._help(each.change, each.said) for each in found.changes]
        return self._explained(item, found.said, mandatory=found.mandatory, code=found.reason.code, helps=helps)

    def why_not(self, elevator: UUID, crew: UUID | None, day: date | None) -> WhyNotAnswer | None:
        """Force an elevator to a crew, a day, or both; None where the run did not ask for it, or the crew has no part in it."""
        if elevator not in self._items:
            return None
        alike = [name for name, each in self._snapshot.crew_of.items() if each == crew]
        if crew is not None and not alike:
            return None
        number = None if day is None else (day - self._snapshot.start_date).days
        answer = why_not(self._look, str(elevator), crew=alike[0] if alike else None, day=number, alike=alike)
        said = report.say_why_not(self._wording, answer)
        rules = [
            Rule(code=rule.code, said_en=told.en, said_zh=told.zh) for rule, told in zip(answer.rules, said.rules, strict=True)
        ]
        return WhyNotAnswer(
            run=self._run, place=self._place(elevator), crew=crew, crew_name=self._crew(crew), day=day, outcome=answer.outcome,
            said_en=said.said.en, said_zh=said.said.zh, parts_en=said.parts.en if said.parts else "",
            parts_zh=said.parts.zh if said.parts else "", rules=rules, alone=_maybe(answer.alone),
            difference=_maybe(answer.difference),
            moved=[self._move(each, answer.newly_left_out, answer.nearer_to_last_day) for each in answer.moved],
        )  # fmt: skip

    def _planned(self, item: Item) -> ExplainedVisit:
        found = report.here(self._look, self._wording, str(item.elevator))
        at, day = found.visit, self._snapshot.day(found.visit.day)
        crew = self._snapshot.crew_of[at.crew]
        # a crew whose people or skills differ by day is several in the problem: of one day only one of them counts
        others = [each for each in found.crews if self._snapshot.crew_of[str(each.place.crew)] != crew]
        others = [each for each in others if each.place.rule is None or each.place.rule.told.form != "crew_off"]
        where = PlannedWhere(
            crew=crew, crew_name=self._crew(crew), day=day, position=at.position, start_s=at.start_s,
            spare_days=(item.last_day - day).days, days=[self._other(each.place, each.said) for each in found.days],
            crews=[self._other(each.place, each.said) for each in others],
        )  # fmt: skip
        visit = self._look.visit(self._look.number(str(item.elevator)))
        return self._explained(item, found.said, mandatory=visit.mandatory, planned=where)

    def _before_search(self, out: Out) -> ExplainedVisit:
        why = reasons.of_out(out.code, out.detail)
        return ExplainedVisit(
            run=self._run, place=self._place(out.elevator), maintenance_class=out.maintenance_class,
            due_first_day=out.first_day, due_last_day=out.last_day, mandatory=out.mandatory, window_en="", window_zh="",
            planned=None, code=out.code.value, said_en=why.en, said_zh=why.zh, helps=[], choices=[],
        )  # fmt: skip

    def _explained(
        self,
        item: Item,
        said: Sentence,
        *,
        mandatory: bool,
        planned: PlannedWhere | None = None,
        code: str = "",
        helps: list[Help] | None = None,
    ) -> ExplainedVisit:
        return ExplainedVisit(
            run=self._run, place=self._place(item.elevator), maintenance_class=item.maintenance_class,
            due_first_day=item.first_day, due_last_day=item.last_day, mandatory=mandatory, window_en=item.reason_en,
            window_zh=item.reason_zh, planned=planned, code=code, said_en=said.en, said_zh=said.zh, helps=helps or [],
            choices=self._choices(),
        )  # fmt: skip

    def _choices(self) -> list[CrewChoice]:
        crews = [CrewChoice(crew=crew, crew_name=self._crew(crew)) for crew in set(self._snapshot.crew_of.values())]
        return sorted(crews, key=lambda each: (each.crew_name, each.crew))

    def _other(self, place: Elsewhere, said: Sentence) -> OtherPlace:
        crew = None if place.crew is None else self._snapshot.crew_of[place.crew]
        return OtherPlace(
            day=self._snapshot.day(place.day), offset=place.offset, crew=crew, crew_name=self._crew(crew),
            start_s=place.start_s, difference=_maybe(place.difference), code="" if place.rule is None else place.rule.code,
            said_en=said.en, said_zh=said.zh,
        )  # fmt: skip

    def _help(self, change: Change, said: Sentence) -> Help:
        day = self._snapshot.day
        crew = self._snapshot.crew_of[change.crew]
        other_crew = None if change.other_crew is None else self._snapshot.crew_of[change.other_crew]
        return Help(
            kind=change.kind, crew=crew, crew_name=self._crew(crew), day=day(change.day), amount=change.amount,
            limit=None if change.limit is None else day(change.limit), from_s=change.from_s, to_s=change.to_s,
            skills=list(change.skills), other=None if change.other is None else self._place(UUID(change.other)),
            other_crew_name=None if other_crew is None else self._crew(other_crew),
            other_day=None if change.other_day is None else day(change.other_day), difference=_costs(change.difference),
            said_en=said.en, said_zh=said.zh,
        )  # fmt: skip

    def _move(self, moved: Moved, left_out: tuple[str, ...], later: tuple[str, ...]) -> WhyNotMove:
        item = self._items[UUID(moved.visit)]
        day_before, crew_before = self._where(moved.before)
        day_after, crew_after = self._where(moved.after)
        risk = "left_out" if moved.visit in left_out else "later" if moved.visit in later else ""
        return WhyNotMove(
            place=self._place(item.elevator), day_before=day_before, crew_before=crew_before, day_after=day_after,
            crew_after=crew_after, due_last_day=item.last_day, mandatory=moved.mandatory, risk=risk,
        )  # fmt: skip

    def _where(self, place: Place | None) -> tuple[date | None, str | None]:
        if place is None:
            return None, None
        return self._snapshot.day(place.day), self._crew(self._snapshot.crew_of[place.crew])

    def _crew(self, crew: UUID | None) -> str:
        return "" if crew is None else self._names.crews.get(crew, str(crew))

    def _place(self, elevator: UUID) -> ElevatorName:
        return name_of(elevator, self._names.elevators)


def name_of(elevator: UUID, known: Mapping[UUID, ElevatorName]) -> ElevatorName:
    """Return the names of an elevator; one that is no longer registered is called by its id."""
    if elevator in known:
        return known[elevator]
    return ElevatorName(
        elevator=elevator, registration_code=str(elevator), rescue_code="", unit_name="", site=elevator, site_name="",
        address="", district="", lat=None, lon=None,
    )  # fmt: skip


def _maybe(difference: Difference | None) -> CostDifference | None:
    return None if difference is None else _costs(difference)


def _costs(found: Difference) -> CostDifference:
    return CostDifference(
        total=found.cost, travel=found.travel, overtime=found.overtime, days=found.days, crews=found.crews,
        changes=found.changes, left_out=found.left_out, driving_s=found.driving_s, overtime_s=found.overtime_s,
        routes=found.routes,
    )  # fmt: skip
