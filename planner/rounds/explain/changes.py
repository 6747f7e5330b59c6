"""The cheapest single change that lets a visit be planned that is left out.

Every kind of change is tried where it costs least, all other visits left alone (a swap moves one of them). Prices are the
plan's: what it takes to train a crew or to open a building earlier is for people to weigh, so all kinds are told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import msgspec

from planner.rounds.explain.apply import Change, Kind, change_of, longer, nearest_shift, with_days
from planner.rounds.explain.difference import Difference
from planner.rounds.explain.here import lacks
from planner.rounds.explain.look import Hours, Look, difference, hours_of, inserter_of, price_of, varied
from planner.rounds.explain.reasons import endless, lateness_s
from planner.rounds.explain.swaps import swaps
from planner.rounds.explain.words import MINUTE_S
from planner.rounds.insertion import Spot
from planner.rounds.model import NEVER_S
from planner.rounds.problem import Crew, Problem, Visit
from planner.rounds.solution import Solution
from planner.rounds.timing import timetable

MOST_OVERTIME_MIN = 180
"""More minutes than that are another shift, not overtime."""
ROUTES_TRIED = 24
"""Routes on which overtime is tried, those with the most room first."""
MOST_DAYS = 7
"""Days by which a window of days is made longer at most."""
WIDER_S = (1800, 3600, 7200, 14400)
"""By how much the times of day are made wider, the least that helps."""
GRID_S = 300
"""Times of day are named in whole five minutes."""


def changes(look: Look, visit_id: str) -> tuple[Change, ...]:
    """Find what would let a visit be planned, the best of every kind, the cheapest first; empty if no one thing would.

    Raises
    ------
    FaultyInputError
        If the problem has no such visit.
    """
    i = look.number(visit_id)
    if look.solution.duty_of[i] >= 0:
        return ()
    at_once = list(_plan_it(look, i))
    if at_once and at_once[0].difference.cost <= 0:
        return tuple(at_once)  # only the plan is to blame
    found = sorted((change for kind in _KINDS for change in kind(look, i)), key=lambda change: change.difference.cost)
    kinds = [change.kind for change in found]
    # nothing has to change for more than it costs to plan the visit as things are
    return tuple(found[: kinds.index("plan_it") + 1] if "plan_it" in kinds else found)


def _plan_it(look: Look, i: int) -> Iterator[Change]:
    """Plan it although it costs more than leaving it out."""
    visit, spot = look.visit(i), inserter_of(look.solution).best(i, NEVER_S, everywhere=True)
    if spot is not None and (not visit.mandatory or spot.cost <= look.model.price[i]):
        more = max(0, spot.cost - look.model.price[i] + 1)
        yield from _done(look, i, spot, look.solution, "plan_it", amount=more)


def _overtime(look: Look, i: int) -> Iterator[Change]:
    """Let one crew work longer on one day."""
    found = min(_longer_days(look, i), default=None)
    if found is None:
        return
    _, minutes, k, _ = found
    duty = look.model.duties[k]
    crew = _crew(look, duty.crew)
    shift = next(shift for shift in crew.shifts if shift.day == duty.day)
    hours = hours_of(look.problem, crew, longer(shift, minutes))
    other = varied(look.solution, options={i: {k: look.model.options[i][k]}}, duties={k: hours})
    yield from _spotted(look, i, other, "overtime", amount=minutes)


def _longer_days(look: Look, i: int) -> Iterator[tuple[int, int, int, int]]:
    """Give cost, minutes that are missing, duty and position of every place for which the hours are too short."""
    model, ways = look.model, look.solution.ways
    prices = look.problem.costs
    room = [k for k in model.options[i] if _has_room(look, k, i)]
    for k in sorted(room, key=lambda k: (-ways[k].widest_s, k))[:ROUTES_TRIED]:
        duty, way = model.duties[k], ways[k]
        for p in range(len(way.stops) + 1):
            stops = [*way.stops[:p], i, *way.stops[p:]]
            times = timetable(model, endless(duty), stops)
            late_s = lateness_s(duty, times)
            if times is None or late_s is None or late_s > MOST_OVERTIME_MIN * MINUTE_S:
                continue
            places = [duty.start, *(model.place[j] for j in stops), duty.end]
            driving_s = sum(model.travel[a][b] for a, b in zip(places, places[1:], strict=False))  # noqa: RUF007
            cost = driving_s - sum(way.legs)
            cost = cost * prices.travel_per_s + max(0, times.return_s - duty.to_s) * prices.overtime_per_s
            cost += model.options[i][k] - max(0, way.return_s - duty.to_s) * prices.overtime_per_s
            yield cost + (0 if way.stops else prices.shift_used), -(-late_s // MINUTE_S), k, p


def _has_room(look: Look, k: int, i: int) -> bool:
    capacity = look.model.duties[k].capacity
    return capacity is None or look.solution.ways[k].load + look.model.load[i] <= capacity


def _window(look: Look, i: int) -> Iterator[Change]:
    """Let it start earlier or later in the day."""
    windows, visit = look.model.windows[i], look.visit(i)
    if windows is None:
        return
    for wider_s in WIDER_S:
        wider = tuple((max(0, begin - wider_s), end + wider_s) for begin, end in windows)
        other = varied(look.solution, windows={i: wider})
        spot = inserter_of(other).best(i, NEVER_S, everywhere=True)
        if spot is None:
            continue
        stops = other.ways[spot.duty].stops
        times = other.timetable(spot.duty, [*stops[: spot.position], i, *stops[spot.position :]])
        if times is None:
            continue
        start_s = times.start_s[spot.position]
        if any(begin <= start_s <= end for begin, end in windows):
            continue  # its hours are not what is in the way
        near = min(visit.windows, key=lambda window: max(window.from_s - start_s, start_s - window.to_s))
        from_s, to_s = min(near.from_s, start_s // GRID_S * GRID_S), max(near.to_s, -(-start_s // GRID_S) * GRID_S)
        merged = (*windows, (from_s, to_s))
        exact = varied(look.solution, windows={i: _in_order(merged)})
        yield from _done(look, i, spot, exact, "window", from_s=from_s, to_s=to_s)
        return


def _in_order(windows: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """Give windows in order and apart."""
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(windows):
        if joined and begin <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return tuple(joined)


def _more_days(look: Look, i: int) -> Iterator[Change]:
    """Let it be done after its last day, or before its first."""
    visit, problem = look.visit(i), look.problem
    if visit.pinned is not None:
        return
    kinds: tuple[tuple[Kind, range], ...] = (
        ("last_day", range(visit.last_day + 1, min(problem.days, visit.last_day + MOST_DAYS + 1))),
        ("first_day", range(min(problem.days, visit.first_day) - 1, max(-1, visit.first_day - MOST_DAYS - 1), -1)),
    )
    for kind, days in kinds:
        if not days:
            continue
        longest = with_days(visit, days[-1])
        options = _options(look, longest, partial(_able_in, look, visit, days))
        other = varied(look.solution, problem=_with(look, longest), options={i: options})
        spot = inserter_of(other).best(i, NEVER_S, everywhere=True)
        if spot is not None:
            day = look.model.duties[spot.duty].day
            yield from _done(look, i, spot, other, kind, limit=day, amount=abs(day - _edge(visit, kind)))


def _able_in(look: Look, visit: Visit, days: range, crew: Crew, day: int) -> bool:
    return day in days and lacks(look, visit, crew) is None


def _edge(visit: Visit, kind: str) -> int:
    return visit.last_day if kind == "last_day" else visit.first_day


def _shift(look: Look, i: int) -> Iterator[Change]:
    """Let a crew work on a day on which it does not; a visit with neighbours in its bank is left aside."""
    visit, model = look.visit(i), look.model
    if visit.pinned is not None or model.bank[i] >= 0:
        return
    last = min(visit.last_day, look.problem.days - 1)
    best: tuple[Difference, str, int] | None = None
    for crew in look.problem.crews:
        if not crew.shifts or lacks(look, visit, crew) is not None:
            continue
        at_work = {shift.day for shift in crew.shifts}
        for day in (day for day in range(visit.first_day, last + 1) if day not in at_work):
            found = _alone(look, i, crew, day)
            if found is not None and (best is None or found.cost < best[0].cost):
                best = found, crew.id, day
    if best is not None:
        cost, name, day = best
        yield change_of(look, i, "shift", name, day, 0, cost)


def _alone(look: Look, i: int, crew: Crew, day: int) -> Difference | None:
    """Price a route of one visit on a shift that a crew does not have."""
    visit, prices = look.visit(i), look.problem.costs
    duty = hours_of(look.problem, crew, nearest_shift(crew, day)).duty
    times = timetable(look.model, duty, [i])
    if times is None:
        return None
    place = look.model.place[i]
    driving_s = look.model.travel[duty.start][place] + look.model.travel[place][duty.end]
    overtime_s = max(0, times.return_s - duty.to_s)
    travel, overtime = driving_s * prices.travel_per_s, overtime_s * prices.overtime_per_s
    days = visit.day_costs[day - visit.first_day] if visit.day_costs else 0
    crews = visit.crew_costs.get(crew.id, 0)
    before = (look.problem.published or {}).get(visit.id)
    changed = prices.change if before is not None and (before.crew, before.day) != (crew.id, day) else 0
    total = travel + prices.shift_used + overtime + days + crews + changed
    cost = Difference(total, travel, prices.shift_used, overtime, days, crews, changed, 0, driving_s, overtime_s, 1)
    return cost - price_of(look.model, i)


def _unpin(look: Look, i: int) -> Iterator[Change]:
    """Take its pin off."""
    visit = look.visit(i)
    if visit.pinned is None:
        return
    free = msgspec.structs.replace(visit, pinned=None)
    options = _options(look, free, lambda crew, day: _in(visit, day) and lacks(look, visit, crew) is None)
    yield from _spotted(look, i, varied(look.solution, problem=_with(look, free), options={i: options}), "unpin")


def _people(look: Look, i: int) -> Iterator[Change]:
    """Give a crew more people, where it lacks nothing else."""
    visit = look.visit(i)
    yield from _if_crew_had(
        look, i, "people", lambda crew: crew.people < visit.people and _skilled(visit, crew) and _roomy(visit, crew)
    )


def _skill(look: Look, i: int) -> Iterator[Change]:
    """Give a crew the skills that it lacks, where it lacks nothing else."""
    visit = look.visit(i)
    yield from _if_crew_had(
        look, i, "skill", lambda crew: not _skilled(visit, crew) and crew.people >= visit.people and _roomy(visit, crew)
    )


def _if_crew_had(look: Look, i: int, kind: Kind, chosen: Callable[[Crew], bool]) -> Iterator[Change]:
    visit = look.visit(i)
    options = _options(look, visit, lambda crew, day: _may(visit, crew, day) and chosen(crew))
    other = varied(look.solution, options={i: options})
    spot = inserter_of(other).best(i, NEVER_S, everywhere=True)
    if spot is None:
        return
    crew = _crew(look, look.model.duties[spot.duty].crew)
    if kind == "people":
        yield from _done(look, i, spot, other, kind, amount=visit.people - crew.people)
    else:
        yield from _done(look, i, spot, other, kind, skills=tuple(sorted(set(visit.skills) - set(crew.skills))))


def _load(look: Look, i: int) -> Iterator[Change]:
    """Give a crew more room for load, where it lacks nothing else."""
    visit, model = look.visit(i), look.model
    options = _options(
        look, visit, lambda crew, day: _may(visit, crew, day) and _skilled(visit, crew) and crew.people >= visit.people
    )
    options = {k: cost for k, cost in options.items() if not _has_room(look, k, i)}
    endless_room = {
        k: Hours(model.duties[k]._replace(capacity=None), tuple(each._replace(capacity=None) for each in model.variants[k]))
        for k in options
    }
    other = varied(look.solution, options={i: options}, duties=endless_room)
    spot = inserter_of(other).best(i, NEVER_S, everywhere=True)
    if spot is not None:
        capacity = model.duties[spot.duty].capacity or 0
        yield from _done(look, i, spot, other, "load", amount=look.solution.ways[spot.duty].load + visit.load - capacity)


_KINDS: tuple[Callable[[Look, int], Iterator[Change]], ...] = (
    _plan_it, swaps, _overtime, _window, _shift, _more_days, _unpin, _people, _skill, _load,
)  # fmt: skip
"""Of changes with the same cost the earlier is told first: what costs nobody anything before what has to be arranged."""


def _skilled(visit: Visit, crew: Crew) -> bool:
    return set(visit.skills) <= set(crew.skills)


def _roomy(visit: Visit, crew: Crew) -> bool:
    return crew.load_capacity is None or visit.load <= crew.load_capacity


def _in(visit: Visit, day: int) -> bool:
    return visit.first_day <= day <= visit.last_day


def _may(visit: Visit, crew: Crew, day: int) -> bool:
    """Tell whether its days and its pin allow a visit a crew on a day."""
    return _in(visit, day) and (visit.pinned is None or (visit.pinned.crew, visit.pinned.day) == (crew.id, day))


def _crew(look: Look, name: str) -> Crew:
    return next(crew for crew in look.problem.crews if crew.id == name)


def _with(look: Look, visit: Visit) -> Problem:
    """Give the problem with one visit different."""
    visits = tuple(visit if each.id == visit.id else each for each in look.problem.visits)
    return msgspec.structs.replace(look.problem, visits=visits)


def _options(look: Look, visit: Visit, chosen: Callable[[Crew, int], bool]) -> dict[int, int]:
    """Price a visit on every duty of chosen crews and days."""
    crews = {crew.id: crew for crew in look.problem.crews}
    before, change = (look.problem.published or {}).get(visit.id), look.problem.costs.change
    found: dict[int, int] = {}
    for k, duty in enumerate(look.model.duties):
        if chosen(crews[duty.crew], duty.day):
            day_cost = visit.day_costs[duty.day - visit.first_day] if visit.day_costs else 0
            moved = before is not None and (before.crew, before.day) != (duty.crew, duty.day)
            found[k] = day_cost + visit.crew_costs.get(duty.crew, 0) + (change if moved else 0)
    return found


def _spotted(look: Look, i: int, other: Solution, kind: Kind, **given: Any) -> Iterator[Change]:
    """Plan a visit at its cheapest place under other circumstances, if there is one."""
    spot = inserter_of(other).best(i, NEVER_S, everywhere=True)
    if spot is not None:
        yield from _done(look, i, spot, other, kind, **given)


def _done(look: Look, i: int, spot: Spot, other: Solution, kind: Kind, **given: Any) -> Iterator[Change]:
    """Plan a visit at a place under other circumstances, and say what that changes."""
    after = varied(other)
    if inserter_of(after).insert(i, spot):
        duty = look.model.duties[spot.duty]
        yield change_of(look, i, kind, duty.crew, duty.day, spot.position, difference(look.solution, after), **given)
