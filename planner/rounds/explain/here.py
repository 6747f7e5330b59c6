"""What forbids a visit a certain crew and day, the cheap rules first."""

from __future__ import annotations

from planner.rounds.explain.look import Look, inserter_of, varied
from planner.rounds.explain.reasons import Explainer, Reason
from planner.rounds.explain.words import Told, Value, Wording
from planner.rounds.problem import Crew, Visit
from planner.rounds.solution import Solution


def told(look: Look, visit: Visit, code: str, form: str, crew: str | None, day: int | None, **values: Value) -> Reason:
    """Make a reason about one place."""
    where: dict[str, Value] = {}
    if crew is not None:
        where["crew"] = crew
    if day is not None:
        where["day"] = day
    said = Told(form, where | values)
    return Reason(visit.id, code, said, Wording(look.problem).say(said).en, crew, day)


def lacks(look: Look, visit: Visit, crew: Crew) -> Reason | None:
    """Say what a crew lacks for a visit whatever the day: skills, people, room."""
    missing = tuple(sorted(set(visit.skills) - set(crew.skills)))
    if missing:
        return told(look, visit, "skill", "crew_lacks_skill", crew.id, None, skills=missing)
    if crew.people < visit.people:
        return told(look, visit, "people", "crew_too_small", crew.id, None, needed=visit.people, most=crew.people)
    if crew.load_capacity is not None and crew.load_capacity < visit.load:
        return told(look, visit, "load", "crew_no_room", crew.id, None, needed=visit.load, most=crew.load_capacity)
    return None


def day_forbidden(look: Look, visit: Visit, day: int) -> Reason | None:
    """Say what keeps a visit from a day whatever the crew: its pin, its due window, the end of the plan, nobody at work."""
    problem = look.problem
    if not 0 <= day < problem.days:
        return told(look, visit, "day", "day_outside_plan", None, day)
    if day < visit.first_day:
        return told(look, visit, "day", "day_before_first", None, day, other_day=visit.first_day)
    if day > visit.last_day:
        return told(look, visit, "day", "day_after_last", None, day, other_day=visit.last_day)
    if visit.pinned is not None and visit.pinned.day != day and look.model.options[look.model.number[visit.id]]:
        return told(look, visit, "pin", "pinned_elsewhere", visit.pinned.crew, visit.pinned.day)
    if all(duty.day != day for duty in look.model.duties):
        return told(look, visit, "day", "day_nobody_works", None, day)
    return None


def place_forbidden(look: Look, visit: Visit, crew: Crew, day: int) -> Reason | None:
    """Say what keeps a visit from a crew on a day, the routes left aside but for its hours."""
    found = day_forbidden(look, visit, day) or lacks(look, visit, crew)
    if found is not None:
        return found
    k = look.model.duty_number.get((crew.id, day))
    if k is None:
        return told(look, visit, "day", "crew_off", crew.id, day)
    i = look.model.number[visit.id]
    if k not in look.model.options[i]:
        assert visit.pinned is not None  # noqa: S101 - nothing else is left
        return told(look, visit, "pin", "pinned_elsewhere", visit.pinned.crew, visit.pinned.day)
    return alone_forbidden(look, i, [k])


def alone_forbidden(look: Look, i: int, duties: list[int]) -> Reason | None:
    """Say what keeps a visit from some of its crews and days even if they had nothing else to do; None if nothing does."""
    narrow = narrowed(look.solution, i, duties)
    return Explainer(narrow, inserter_of(narrow)).alone(i)


def beside_others(solution: Solution, i: int, duties: list[int]) -> Reason:
    """Say what the routes of some duties lack for a visit that is left out."""
    narrow = narrowed(solution, i, duties)
    return Explainer(narrow, inserter_of(narrow)).beside_others(i)


def narrowed(solution: Solution, i: int, duties: list[int]) -> Solution:
    """Copy a solution in which a visit may go to some of its duties only."""
    options = solution.model.options[i]
    return varied(solution, options={i: {k: options[k] for k in duties}})
