"""A planned visit: why it is where it is, and what another day or another crew would cost, all other visits left alone."""

from __future__ import annotations

import msgspec

from planner.rounds.explain.difference import Difference
from planner.rounds.explain.here import beside_others, day_forbidden, lacks, place_forbidden, told
from planner.rounds.explain.look import Look, difference, inserter_of, varied, without
from planner.rounds.explain.reasons import Reason
from planner.rounds.explain.words import Told, Value
from planner.rounds.faults import Fault, FaultyInputError
from planner.rounds.model import NEVER_S
from planner.rounds.problem import Visit
from planner.rounds.solution import Solution

OFFSETS = (-3, -2, -1, 1, 2, 3)
"""Days earlier and later that are looked at."""


class Elsewhere(msgspec.Struct, frozen=True):
    """Another place for a planned visit.

    Attributes
    ----------
    day
        Its number; `offset` days from where the visit is now.
    crew
        The crew; None where no crew can do it on that day.
    position, start_s
        Place on the crew's route and start of the service; None where it cannot be done.
    difference
        What the plan would cost more; None where it cannot be done.
    rule
        What forbids it; None where it can be done.
    """

    day: int
    offset: int
    crew: str | None
    position: int | None = None
    start_s: int | None = None
    difference: Difference | None = None
    rule: Reason | None = None


class Planned(msgspec.Struct, frozen=True):
    """A planned visit explained.

    Attributes
    ----------
    visit, crew, day, position, start_s
        What is where.
    first_day, last_day
        Its due window, which may end beyond the plan.
    spare_days
        Days from its day to its last.
    told
        One sentence: how it compares with the best other day and crew.
    skipping
        What the plan would cost more if it were left out.
    days
        Other days, each with its cheapest crew.
    crews
        Other crews on the same day, cheapest first, then those that cannot.
    """

    visit: str
    crew: str
    day: int
    position: int
    start_s: int
    first_day: int
    last_day: int
    spare_days: int
    told: Told
    skipping: Difference | None
    days: tuple[Elsewhere, ...]
    crews: tuple[Elsewhere, ...]


def planned(look: Look, visit_id: str) -> Planned:
    """Explain a planned visit.

    Raises
    ------
    FaultyInputError
        If the problem has no such visit, or the plan leaves it out.
    """
    i = look.number(visit_id)
    k = look.solution.duty_of[i]
    if k < 0:
        raise FaultyInputError([Fault("visit", f"{visit_id} is left out of the plan")])
    visit, duty = look.visit(i), look.model.duties[k]
    base = without(look.solution, i)
    days = tuple(_on_day(look, base, i, duty.day + offset, offset) for offset in OFFSETS)
    others = [crew.id for crew in look.problem.crews if crew.id != duty.crew]
    crews = sorted((_with_crew(look, base, i, crew, duty.day) for crew in others), key=_rank)
    way = look.solution.ways[k]
    position = way.stops.index(i)
    times = look.solution.timetable(k, way.stops)
    assert times is not None  # noqa: S101 - every way of a solution can be timed
    return Planned(
        visit=visit_id,
        crew=duty.crew,
        day=duty.day,
        position=position,
        start_s=times.start_s[position],
        first_day=visit.first_day,
        last_day=visit.last_day,
        spare_days=visit.last_day - duty.day,
        told=_told(days, tuple(crews)),
        skipping=None if base is None else difference(look.solution, base),
        days=days,
        crews=tuple(crews),
    )


def _rank(one: Elsewhere) -> tuple[bool, int]:
    return one.difference is None, 0 if one.difference is None else one.difference.cost


def _told(days: tuple[Elsewhere, ...], crews: tuple[Elsewhere, ...]) -> Told:
    """Say what the cheapest other place would cost."""
    others = [one for one in (*days, *crews) if one.difference is not None]
    if not others:
        return Told("planned_only_place")
    best = min(others, key=_rank)
    assert best.difference is not None and best.crew is not None  # noqa: PT018, S101 - chosen so
    cost = best.difference.cost
    form = "planned_best" if cost > 0 else "planned_as_good" if cost == 0 else "planned_better"
    values: dict[str, Value] = {"crew": best.crew, "day": best.day}
    return Told(form, values | ({"cost": abs(cost)} if cost else {}))


def _on_day(look: Look, base: Solution | None, i: int, day: int, offset: int) -> Elsewhere:
    """Find the cheapest crew for a visit on another day."""
    visit = look.visit(i)
    rule = day_forbidden(look, visit, day)
    if rule is None:
        duties = [k for k in look.model.options[i] if look.model.duties[k].day == day]
        if duties:
            return _placed(look, base, i, duties, Elsewhere(day, offset, None))
        rule = _nobody_able(look, visit, day)
    return Elsewhere(day, offset, None, rule=rule)


def _nobody_able(look: Look, visit: Visit, day: int) -> Reason:
    """Say what the crews that work on a day lack; the one that lacks least speaks for all."""
    crews = {crew.id: crew for crew in look.problem.crews}
    at_work = [crews[duty.crew] for duty in look.model.duties if duty.day == day]
    nearest = min(at_work, key=lambda crew: (len(set(visit.skills) - set(crew.skills)), max(0, visit.people - crew.people)))
    found = lacks(look, visit, nearest) or place_forbidden(look, visit, nearest, day)
    assert found is not None  # noqa: S101 - no crew of the day may have it
    return found


def _with_crew(look: Look, base: Solution | None, i: int, crew_id: str, day: int) -> Elsewhere:
    """Price a visit on another crew's route of the same day."""
    crew = next(crew for crew in look.problem.crews if crew.id == crew_id)
    here = Elsewhere(day, 0, crew_id)
    rule = place_forbidden(look, look.visit(i), crew, day)
    if rule is not None:
        return msgspec.structs.replace(here, rule=rule)
    return _placed(look, base, i, [look.model.duty_number[crew_id, day]], here)


def _placed(look: Look, base: Solution | None, i: int, duties: list[int], here: Elsewhere) -> Elsewhere:
    """Insert a visit at its cheapest place on some duties."""
    if base is None:
        return msgspec.structs.replace(here, rule=told(look, look.visit(i), "window", "route_needs_it", None, None))
    options = look.model.options[i]
    after = varied(base, options={i: {k: options[k] for k in duties}})
    inserter = inserter_of(after)
    spot = inserter.best(i, NEVER_S, everywhere=True)
    if spot is None or not inserter.insert(i, spot):
        return msgspec.structs.replace(here, rule=beside_others(base, i, duties))
    times = after.timetable(spot.duty, after.ways[spot.duty].stops)
    assert times is not None  # noqa: S101 - every way of a solution can be timed
    return msgspec.structs.replace(
        here,
        crew=look.model.duties[spot.duty].crew,
        position=spot.position,
        start_s=times.start_s[spot.position],
        difference=difference(look.solution, after),
    )
