"""The planner's answer with names, for people: which crew, which stop, before and after. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from backend.rounds.plan_views import ElevatorName
from backend.rounds.repair_day import Question
from backend.rounds.repair_facts import DayFacts
from backend.rounds.repair_views import CrewLine, OptionView, Part, StopLine, VisitLine
from planner.rounds.plan import Plan, Route
from planner.today.answer import At, CrewChange, Outcome, Repair, VisitChange
from planner.today.words import Names

WEEKDAYS_ZH = "一二三四五六日"


def names_of(facts: DayFacts, question: Question) -> Names:
    """Return what the planner's sentences call visits, crews and days; as dictionaries, which other processes take."""
    visits = {name: stop_name(facts.places, elevator) for name, elevator in question.elevator_of.items()}
    crews = {name: facts.crew_names.get(crew, name) for name, crew in question.crew_of.items()}
    last = max([question.problem.days, *(visit.last_day for visit in question.problem.visits)])
    days = {number: question.day(number) for number in range(last + 1)}
    en = {number: day.isoformat() for number, day in days.items()}
    zh = {number: f"{day.month}月{day.day}日（周{WEEKDAYS_ZH[day.weekday()]}）" for number, day in days.items()}
    return Names(visits.__getitem__, crews.__getitem__, en.__getitem__, zh.__getitem__)


def stop_name(places: Mapping[UUID, ElevatorName], elevator: UUID | None) -> str:
    """Return what people call an elevator."""
    place = places.get(elevator) if elevator is not None else None
    if place is None:
        return str(elevator)
    return f"{place.site_name} {place.unit_name or place.registration_code}".strip()


def options_of(facts: DayFacts, question: Question, answer: Repair) -> list[OptionView]:
    """Return the planner's options, the best first; of anything but an emergency there is one."""
    if not answer.options:
        if answer.outcome is None:
            return []
        return [_option(facts, question, answer, 1, answer.outcome)]
    found = []
    for number, option in enumerate(answer.options, 1):
        view = _option(facts, question, answer, number, option.outcome)
        crew = question.crew_of[option.crew]
        found.append(
            OptionView(
                number=number, en=option.en, zh=option.zh, crew=crew, crew_name=facts.crew_names.get(crew, ""),
                arrive_s=option.arrive_s, late_s=option.late_s, redirect=option.redirect, visits=view.visits, crews=view.crews,
            )
        )  # fmt: skip
    return found


def _option(facts: DayFacts, question: Question, answer: Repair, number: int, outcome: Outcome) -> OptionView:
    frozen = {each.crew: each.stops for each in answer.frozen}
    return OptionView(
        number=number, en="", zh="", crew=None, crew_name=None, arrive_s=None, late_s=None, redirect=False,
        visits=[visit_line(facts, question, change) for change in outcome.visits],
        crews=[crew_line(facts, question, change, outcome.plan, frozen, _changed(outcome)) for change in outcome.crews],
    )  # fmt: skip


def _changed(outcome: Outcome) -> set[str]:
    """Give the visits that are new where they stand now, or turned round there."""
    return {change.visit for change in outcome.visits if change.kind in ("added", "moved", "order")}


def visit_line(facts: DayFacts, question: Question, change: VisitChange) -> VisitLine:
    """Return what changes for a stop, with names."""
    elevator = question.elevator_of[change.visit]
    before, after = change.before, change.after
    return VisitLine(
        order=UUID(change.visit),
        elevator=elevator,
        name=stop_name(facts.places, elevator),
        kind=change.kind,
        code=change.code,
        crew_before=_called(facts, question, before),
        day_before=_day(question, before),
        start_before_s=before.start_s if before else None,
        crew_after=_called(facts, question, after),
        day_after=_day(question, after),
        start_after_s=after.start_s if after else None,
        by_s=change.by_s,
        last_day=question.day(change.last_day),
        en=change.en,
        zh=change.zh,
    )


def _called(facts: DayFacts, question: Question, at: At | None) -> str | None:
    return None if at is None else facts.crew_names.get(question.crew_of[at.crew], at.crew)


def _day(question: Question, at: At | None) -> date | None:
    return None if at is None else question.day(at.day)


def crew_line(
    facts: DayFacts, question: Question, change: CrewChange, plan: Plan, frozen: Mapping[str, int], changed: set[str]
) -> CrewLine:
    """Return what changes for a crew, with its stops as they would be; `frozen` are those over or under way, by crew."""
    crew, day = question.crew_of[change.crew], question.day(change.day)
    old = next((each for each in question.plan.routes if (each.crew, each.day) == (change.crew, change.day)), None)
    new = next((each for each in plan.routes if (each.crew, each.day) == (change.crew, change.day)), None)
    pause_s = question.pauses.get((change.crew, change.day))
    gone = {stop.visit for stop in old.stops} - {stop.visit for stop in new.stops} if old and new else set()
    kept = frozen.get(change.crew, 0) if change.day == question.today.day else 0
    rested = new.break_start_s if new else None
    return CrewLine(
        crew=crew,
        crew_name=facts.crew_names.get(crew, change.crew),
        day=day,
        round=next((each.id for each in facts.rounds if (each.crew, each.day) == (crew, day)), None),
        en=change.en,
        zh=change.zh,
        before=_parts(old, pause_s, gone),
        after=_parts(new, pause_s, changed),
        depart_s=new.depart_s if new else None,
        return_s=new.return_s if new else None,
        break_start_s=rested,
        break_duration_s=pause_s if rested is not None else None,
        stops=[
            StopLine(
                order=UUID(stop.visit), elevator=(elevator := question.elevator_of[stop.visit]),
                name=stop_name(facts.places, elevator), arrive_s=stop.arrive_s, start_s=stop.start_s, leave_s=stop.leave_s,
                frozen=position < kept,
            )
            for position, stop in enumerate(new.stops if new else ())
            if not stop.visit.startswith("visit:")
        ],
    )  # fmt: skip


def _parts(route: Route | None, pause_s: int | None, changed: set[str]) -> list[Part]:
    """Return a round for a drawing: the time out, then what is done in it."""
    if route is None:
        return []
    parts = [Part(kind="drive", from_s=route.depart_s, to_s=route.return_s)]
    if route.break_start_s is not None and pause_s:
        parts.append(Part(kind="break", from_s=route.break_start_s, to_s=route.break_start_s + pause_s))
    parts += [Part(kind="work", from_s=stop.start_s, to_s=stop.leave_s, changed=stop.visit in changed) for stop in route.stops]
    return parts
