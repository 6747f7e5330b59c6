"""A change named by an explanation, done to the problem: the same problem with one thing different."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from planner.rounds.explain.difference import Difference
from planner.rounds.explain.look import Look
from planner.rounds.explain.words import MINUTE_S, Told, Value
from planner.rounds.problem import Crew, Problem, Shift, Visit, Window

Kind = Literal["plan_it", "swap", "overtime", "window", "shift", "first_day", "last_day", "unpin", "people", "skill", "load"]


class Change(msgspec.Struct, frozen=True):
    """One thing that would let a visit that is left out be planned.

    Attributes
    ----------
    kind
        ``plan_it`` nothing stands against it but its price: leaving it out would have to cost `amount` more; ``swap``
        the visit `other` goes elsewhere, or is left out; ``overtime`` the crew works up to `amount` minutes longer on the
        day; ``window`` it may start from `from_s` to `to_s` as well; ``shift`` the crew works on the day too, at its hours
        of another day; ``first_day``, ``last_day`` it may be done from, or until, `limit` (a day); ``unpin`` its pin is
        taken off; ``people`` the crew has `amount` more people; ``skill`` the crew has `skills` too; ``load`` the crew has
        room for `amount` more.
    visit
        What is planned then.
    crew, day, position
        Where: before the stop at that position.
    difference
        What the plan costs more with it, the price of leaving it out saved.
    told
        The sentence, as data.
    amount, limit, from_s, to_s, skills
        See `kind`.
    other, other_crew, other_day, other_position
        Of a swap: the visit that gives way and where it goes; None where it is left out.
    """

    kind: Kind
    visit: str
    crew: str
    day: int
    position: int
    difference: Difference
    told: Told
    amount: int | None = None
    limit: int | None = None
    from_s: int | None = None
    to_s: int | None = None
    skills: tuple[str, ...] = ()
    other: str | None = None
    other_crew: str | None = None
    other_day: int | None = None
    other_position: int | None = None


def change_of(
    look: Look, i: int, kind: Kind, crew: str, day: int, position: int, difference: Difference, **given: Any
) -> Change:
    """Name a change with its sentence; `given` are the fields of its kind."""
    values: dict[str, Value] = {"crew": crew, "day": day}
    values |= {_PLACES.get((kind, name), name): value for name, value in given.items() if value is not None}
    form = f"change_{kind}" + ("_out" if kind == "swap" and given["other_crew"] is None else "")
    return Change(kind, look.visit(i).id, crew, day, position, difference, Told(form, values), **given)


_PLACES = {
    ("overtime", "amount"): "minutes",
    ("plan_it", "amount"): "cost",
    ("last_day", "amount"): "days",
    ("first_day", "amount"): "days",
    ("last_day", "limit"): "last",
    ("first_day", "limit"): "last",
}
"""Names of a field in the sentences where they say what it is."""


def apply(problem: Problem, change: Change) -> Problem:
    """Do a change to a problem; a swap needs none."""
    if change.kind == "swap":
        return problem
    if change.kind in ("overtime", "shift", "people", "skill", "load"):
        crews = tuple(_crew(crew, change) if crew.id == change.crew else crew for crew in problem.crews)
        return msgspec.structs.replace(problem, crews=crews)
    visits = tuple(_visit(visit, change) if visit.id == change.visit else visit for visit in problem.visits)
    return msgspec.structs.replace(problem, visits=visits)


def _crew(crew: Crew, change: Change) -> Crew:
    amount = change.amount or 0
    if change.kind == "people":
        return msgspec.structs.replace(crew, people=crew.people + amount)
    if change.kind == "skill":
        return msgspec.structs.replace(crew, skills=(*crew.skills, *change.skills))
    if change.kind == "load":
        return msgspec.structs.replace(crew, load_capacity=(crew.load_capacity or 0) + amount)
    if change.kind == "shift":
        return msgspec.structs.replace(crew, shifts=(*crew.shifts, nearest_shift(crew, change.day)))
    shifts = tuple(longer(shift, amount) if shift.day == change.day else shift for shift in crew.shifts)
    return msgspec.structs.replace(crew, shifts=shifts)


def longer(shift: Shift, minutes: int) -> Shift:
    """Give a shift with more overtime allowed."""
    most_s = None if shift.max_duration_s is None else shift.max_duration_s + minutes * MINUTE_S
    return msgspec.structs.replace(shift, max_overtime_s=shift.max_overtime_s + minutes * MINUTE_S, max_duration_s=most_s)


def nearest_shift(crew: Crew, day: int) -> Shift:
    """Give the hours that a crew would have on a day on which it does not work: those of its nearest shift."""
    nearest = min(crew.shifts, key=lambda shift: (abs(shift.day - day), shift.day))
    return msgspec.structs.replace(nearest, day=day)


def _visit(visit: Visit, change: Change) -> Visit:
    if change.kind == "plan_it":
        return msgspec.structs.replace(visit, defer_cost=visit.defer_cost + (change.amount or 0))
    if change.kind == "unpin":
        return msgspec.structs.replace(visit, pinned=None)
    if change.kind == "window":
        assert change.from_s is not None and change.to_s is not None  # noqa: PT018, S101 - a change of this kind has both
        return msgspec.structs.replace(visit, windows=(*visit.windows, Window(change.from_s, change.to_s)))
    assert change.limit is not None  # noqa: S101 - a change of this kind has it
    return with_days(visit, change.limit)


def with_days(visit: Visit, day: int) -> Visit:
    """Give a visit whose days reach to one more day; the days between cost what the nearest of its own costs."""
    earlier, later = max(0, visit.first_day - day), max(0, day - visit.last_day)
    costs = visit.day_costs
    if costs:
        costs = (costs[0],) * earlier + costs + (costs[-1],) * later
    return msgspec.structs.replace(visit, first_day=visit.first_day - earlier, last_day=visit.last_day + later, day_costs=costs)
