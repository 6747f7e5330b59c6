"""Why not this day or crew: the visit is forced there, the routes around it are planned anew, and both plans compared."""

from __future__ import annotations

import random
from collections.abc import Collection
from typing import Literal

import msgspec

from planner.rounds.answer import plan_of
from planner.rounds.explain.difference import Difference
from planner.rounds.explain.here import beside_others, day_forbidden, lacks, place_forbidden, told
from planner.rounds.explain.local import resettle
from planner.rounds.explain.look import Look, difference, inserter_of, nowhere, varied, without
from planner.rounds.explain.reasons import Reason
from planner.rounds.explain.words import Told, Value
from planner.rounds.faults import Fault, FaultyInputError
from planner.rounds.model import NEVER_S, PIN_PRICE
from planner.rounds.plan import Plan
from planner.rounds.problem import Place
from planner.rounds.solution import Solution

TARGETS = 3
"""Crew-days that the visit may go to where only the day or only the crew is asked for: the cheapest ones."""
AROUND = 6
"""Other routes that may change, those that have the nearest visits on the days concerned."""
ROUNDS = 500
"""Rounds of the search around the visit."""

NEAREST = ("too_long", "window", "load", "people", "skill", "pin", "day")
"""Rules that forbid a crew and day whatever the routes; who fails the first of these comes closest, and is named first."""

Outcome = Literal["same", "forbidden", "does_not_fit", "possible"]


class Moved(msgspec.Struct, frozen=True):
    """A visit whose crew or day differs; None on the side that leaves it out.

    `last_day` is the visit's, `mandatory` whether leaving it out breaks its due window.
    """

    visit: str
    before: Place | None
    after: Place | None
    last_day: int
    mandatory: bool


class WhyNot(msgspec.Struct, frozen=True):
    """The answer.

    Attributes
    ----------
    visit, crew, day
        What was asked for; None for any crew, or any day.
    outcome
        ``same`` it is there already; ``forbidden`` a rule forbids it whatever the routes; ``does_not_fit`` no plan with it
        there was found; ``possible``.
    told
        One sentence.
    rules
        What forbids it, or what the routes lack.
    alone
        What the plan would cost more with the visit put there and all others left alone; None where it does not fit so.
    difference
        What it would cost more with the routes around planned anew; None where it is not possible or was not searched.
    moved
        Every other visit whose crew or day would differ.
    newly_left_out, nearer_to_last_day
        Of those, the ones that the plan had, and the ones that come later than now: the overdue risk.
    plan
        The plan with it, checked; None where there is none.
    """

    visit: str
    crew: str | None
    day: int | None
    outcome: Outcome
    told: Told
    rules: tuple[Reason, ...] = ()
    alone: Difference | None = None
    difference: Difference | None = None
    moved: tuple[Moved, ...] = ()
    newly_left_out: tuple[str, ...] = ()
    nearer_to_last_day: tuple[str, ...] = ()
    plan: Plan | None = None


def why_not(
    look: Look,
    visit_id: str,
    *,
    crew: str | None = None,
    day: int | None = None,
    rounds: int = ROUNDS,
    seed: int = 1,
    alike: Collection[str] = (),
) -> WhyNot:
    """Force a visit to a crew, a day, or both, and say what that would change.

    Parameters
    ----------
    look
        The plan; not changed.
    visit_id
        A visit, planned or left out.
    crew, day
        Where it is to go; at least one of them.
    rounds
        Of the search around it; 0 answers at once, with all other visits left alone.
    seed
        All chance comes from here.
    alike
        Crews of the problem that count as this crew, too: the same people on other days.

    Raises
    ------
    FaultyInputError
        If the problem has no such visit or crew, or neither crew nor day is given.
    """
    i = look.number(visit_id)
    if crew is None and day is None:
        raise FaultyInputError([Fault("day", "name a crew, a day, or both")])
    if crew is not None and all(each.id != crew for each in look.problem.crews):
        raise FaultyInputError([Fault("crew", f"{crew} is no crew of the problem")])
    asked = WhyNot(visit_id, crew, day, "same", Told("why_not_same"))
    now = look.solution.duty_of[i]
    crews = {each.id for each in look.problem.crews} if crew is None else {crew, *alike}
    if now >= 0 and _meets(look, now, crews, day):
        return asked
    duties = [k for k in look.model.options[i] if _meets(look, k, crews, day)]
    rules = _rules(look, i, crews, day, duties)
    if rules:
        return msgspec.structs.replace(asked, outcome="forbidden", rules=rules, told=rules[0].told)
    return _forced(look, i, duties, asked, rounds, seed)


def _meets(look: Look, k: int, crews: Collection[str], day: int | None) -> bool:
    duty = look.model.duties[k]
    return duty.crew in crews and (day is None or duty.day == day)


def _rules(look: Look, i: int, asked: Collection[str], day: int | None, duties: list[int]) -> tuple[Reason, ...]:
    """Name what forbids it whatever the routes; empty where nothing does."""
    visit = look.visit(i)
    crews = [each for each in look.problem.crews if each.id in asked]
    if day is not None:
        found = day_forbidden(look, visit, day)
        if found is not None:
            return (found,)
        each_crew = [place_forbidden(look, visit, one, day) for one in crews]
    else:
        each_crew = [lacks(look, visit, one) or _days_of(look, i, one.id, duties) for one in crews]
    rules = [rule for rule in each_crew if rule is not None]
    if len(rules) < len(crews):
        return ()
    nearest = sorted(rules, key=lambda rule: NEAREST.index(rule.code))
    return tuple({rule.detail: rule for rule in nearest}.values())


def _days_of(look: Look, i: int, crew: str, duties: list[int]) -> Reason | None:
    """Say what keeps a crew from a visit on all of its days."""
    visit = look.visit(i)
    duties = [k for k in duties if look.model.duties[k].crew == crew]
    if not duties and visit.pinned is not None:
        return told(look, visit, "pin", "pinned_elsewhere", visit.pinned.crew, visit.pinned.day)
    if not duties:
        last = min(visit.last_day, look.problem.days - 1)
        return told(look, visit, "day", "crew_off_all", crew, visit.first_day, last=last)
    return next((None for k in duties if _alone(look, i, k) is None), _alone(look, i, duties[0]))


def _alone(look: Look, i: int, k: int) -> Reason | None:
    duty = look.model.duties[k]
    crew = next(each for each in look.problem.crews if each.id == duty.crew)
    return place_forbidden(look, look.visit(i), crew, duty.day)


def _forced(look: Look, i: int, duties: list[int], asked: WhyNot, rounds: int, seed: int) -> WhyNot:
    options = look.model.options[i]
    base = without(look.solution, i)
    if base is None:
        rule = told(look, look.visit(i), "window", "route_needs_it", None, None)
        return msgspec.structs.replace(asked, outcome="does_not_fit", rules=(rule,), told=rule.told)
    forced = varied(base, options={i: {k: options[k] for k in duties}}, price={i: PIN_PRICE})
    inserter = inserter_of(forced)
    spot = inserter.best(i, NEVER_S, everywhere=True)
    alone = None
    if spot is not None and inserter.insert(i, spot):
        alone = difference(look.solution, forced)
        asked = msgspec.structs.replace(asked, alone=alone)
    if rounds > 0:
        forced = _searched(look, forced, i, duties, rounds, seed)
    if forced.duty_of[i] < 0:
        rule = beside_others(base, i, duties)
        return msgspec.structs.replace(asked, outcome="does_not_fit", rules=(rule,), told=rule.told)
    return _compared(look, forced, i, asked)


def _searched(look: Look, forced: Solution, i: int, duties: list[int], rounds: int, seed: int) -> Solution:
    """Plan the routes around a visit anew: where it may go, where it was, and the nearest ones on those days."""
    around = _routes_around(look, forced, i, duties)
    chosen = set(around)
    free = {j for k in around for j in forced.ways[k].stops} | {
        j for j in forced.left_out() if not chosen.isdisjoint(forced.model.options[j])
    }
    narrow = {j: {k: cost for k, cost in forced.model.options[j].items() if k in chosen} for j in free}
    search = varied(forced, options=narrow)
    if search.duty_of[i] < 0:
        _make_room(search, i)
    resettle(search, around, rounds, random.Random(seed))  # noqa: S311 - a search, not a secret
    return varied(search, options={j: look.model.options[j] for j in free}, price={i: look.model.price[i]})


def _make_room(search: Solution, i: int) -> None:
    """Put a visit on the emptiest of its routes, whose other visits are left out until they are put back."""
    for k in sorted(search.model.options[i], key=lambda k: (-search.ways[k].widest_s, k)):
        pinned = [j for j in search.ways[k].stops if search.model.price[j] >= PIN_PRICE]
        for p in range(len(pinned) + 1):
            way = search.way(k, [*pinned[:p], i, *pinned[p:]])
            if way is not None:
                search.put(way)
                return


def _routes_around(look: Look, forced: Solution, i: int, duties: list[int]) -> list[int]:
    """Choose the routes that may change: the cheapest targets, the route that it leaves, and near ones on those days."""
    model, now = look.model, look.solution.duty_of[i]
    away, back = model.travel[model.place[i]], model.travel_to[model.place[i]]

    def apart(k: int) -> int:
        stops = forced.ways[k].stops
        places = [model.place[j] for j in stops] or [model.duties[k].start]
        return min(away[place] + back[place] for place in places)

    here = forced.duty_of[i]
    targets = sorted(duties, key=lambda k: (k != here, apart(k), k))[:TARGETS]
    days = {model.duties[k].day for k in targets} | ({model.duties[now].day} if now >= 0 else set())
    others = [k for k in range(len(model.duties)) if k not in targets and k != now]
    near = sorted(others, key=lambda k: (model.duties[k].day not in days, apart(k), k))[:AROUND]
    return [*targets, *([now] if now >= 0 else []), *near]


def _compared(look: Look, forced: Solution, i: int, asked: WhyNot) -> WhyNot:
    moved = tuple(_moves(look, forced, i))
    more = difference(look.solution, forced)
    left_out = tuple(each.visit for each in moved if each.after is None)
    nearer = tuple(each.visit for each in moved if each.before and each.after and each.after.day > each.before.day)
    plan = plan_of(forced, nowhere(), lambda: True, seed=1, wall_s=None)
    values: dict[str, Value] = {"cost": abs(more.cost)} if more.cost else {}
    form = "why_not_costs" if more.cost > 0 else "why_not_as_good" if more.cost == 0 else "why_not_better"
    return msgspec.structs.replace(
        asked, outcome="possible", told=Told(form, values), difference=more, moved=moved, newly_left_out=left_out,
        nearer_to_last_day=nearer, plan=plan,
    )  # fmt: skip


def _moves(look: Look, forced: Solution, i: int) -> list[Moved]:
    found = []
    for j, (old, new) in enumerate(zip(look.solution.duty_of, forced.duty_of, strict=True)):
        if old != new and j != i:
            visit = look.visit(j)
            found.append(Moved(visit.id, _place(look, old), _place(look, new), visit.last_day, visit.mandatory))
    return found


def _place(look: Look, k: int) -> Place | None:
    return None if k < 0 else Place(look.model.duties[k].crew, look.model.duties[k].day)
