"""The best places for an emergency: on every crew that may do it, at every position, a crew that is driving included.

What no longer fits after it is pushed off and set down elsewhere; so an option is a whole repaired plan with its price.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from planner.rounds.model import Windows
from planner.rounds.solution import Way
from planner.today.asked import Emergency
from planner.today.mend import Mended, fit, insert_everywhere
from planner.today.rest import Rest

LATE_FACTOR = 10
"""A second after the latest start counts as so many seconds of waiting: it may be had only where nothing else can."""
TRIED = 2
"""Candidates per option asked for whose consequences are worked out to the end."""


class Candidate(NamedTuple):
    """A place that can be had.

    Attributes
    ----------
    rest, mended
        The rest of the days without the emergency on any round.
    way
        The crew's round with it.
    pushed
        What does not fit there any more → code.
    visit, position
        Its number, and its place on the way.
    start_s, late_s
        When the work begins, and how much too late that is.
    price
        What it costs at the least, the wait included, while it is not known where the pushed visits go.
    """

    rest: Rest
    mended: Mended
    way: Way
    pushed: dict[str, str]
    visit: int
    position: int
    start_s: int
    late_s: int
    price: int


class Chosen(NamedTuple):
    """A candidate followed to its end: the ways of the whole solution with it, and what they cost beyond those before."""

    candidate: Candidate
    ways: list[Way]
    price: int


def best_places(
    settings: list[tuple[Rest, Mended]], emergency: Emergency, most: int, *, redirects: dict[str, str | None]
) -> list[Chosen]:
    """Give the best places for an emergency, the best first: those in time before those too late, then by price.

    Parameters
    ----------
    settings
        The rest of the days as crews drive on, then as they turn round where they are, each without the emergency.
    emergency
        What is to be placed.
    most
        How many, two of one crew at most.
    redirects
        Crews that are driving, for the second setting: only the place right where they are counts there.
    """
    found: list[Candidate] = []
    for turning, (rest, mended) in enumerate(settings):
        found += _candidates(rest, mended, emergency, only=redirects if turning else None)
    found.sort(key=lambda each: (each.late_s > 0, each.price))
    chosen = [_followed(candidate) for candidate in _per_crew(found)[: TRIED * most]]
    chosen.sort(key=lambda each: (each.candidate.late_s > 0, each.price))
    best = chosen[:most]
    soonest = min(chosen, key=lambda each: each.candidate.start_s, default=None)
    if soonest is not None and soonest not in best:
        best[-1] = soonest  # whoever asks for help wants to know who could be there first
    return best


def _per_crew(found: list[Candidate]) -> list[Candidate]:
    """Keep the best place of every crew, and its best one by turning round."""
    kept: dict[tuple[str, int], Candidate] = {}
    for each in found:
        crew = each.mended.solution.model.duties[each.way.duty].crew
        kept.setdefault((crew, id(each.rest)), each)
    return list(kept.values())


def _candidates(rest: Rest, mended: Mended, emergency: Emergency, only: dict[str, str | None] | None) -> Iterator[Candidate]:
    solution = mended.solution
    model = solution.model
    visit = model.number.get(emergency.visit.id)
    if visit is None:
        return
    for duty in model.options[visit]:
        crew = model.duties[duty].crew
        if model.duties[duty].day != rest.days[0] or (only is not None and crew not in only):
            continue
        stops = solution.ways[duty].stops
        held = 1 if crew in rest.anchors else 0
        last = held if only is not None else len(stops)
        best: Candidate | None = None
        for position in range(held, last + 1):
            way = solution.way(duty, [*stops[:position], visit, *stops[position:]])
            if way is not None:
                found = _weighed(rest, mended, emergency, way, {}, visit, position)
                best = found if best is None or (found.late_s, found.price) < (best.late_s, best.price) else best
        if best is None or best.position > held:
            # the soonest place, whatever it pushes off
            kept = {*stops[:held], visit}
            way, pushed = fit(solution, duty, [*stops[:held], visit, *stops[held:]], kept)
            if way is not None and pushed:
                yield _weighed(rest, mended, emergency, way, dict.fromkeys(pushed, "displaced"), visit, held)
        if best is not None:
            yield best


def _weighed(
    rest: Rest, mended: Mended, emergency: Emergency, way: Way, pushed: dict[str, str], visit: int, position: int
) -> Candidate:
    solution = mended.solution
    model = solution.model
    times = solution.timetable(way.duty, way.stops)
    assert times is not None  # noqa: S101 - the way has been made
    start_s = times.start_s[position]
    late_s = 0 if emergency.latest_start_s is None else max(0, start_s - emergency.latest_start_s)
    per_s = model.problem.costs.travel_per_s if emergency.wait_per_s is None else emergency.wait_per_s
    waits_s = start_s - rest.case.today.now_s + LATE_FACTOR * late_s
    lost = sum(min(model.price[model.number[name]], model.problem.costs.change) for name in pushed)
    price = way.cost - solution.ways[way.duty].cost + lost + per_s * waits_s
    return Candidate(rest, mended, way, pushed, visit, position, start_s, late_s, price)


def no_later(windows: Windows | None, start_s: int) -> Windows:
    """Cut the allowed starts of a visit off after one of them."""
    if windows is None:
        return ((0, start_s),)
    return tuple((begin, min(end, start_s)) for begin, end in windows if begin <= start_s)


def _followed(candidate: Candidate) -> Chosen:
    """Carry a candidate out, set what it pushes off down elsewhere, note the ways, and take all of it back."""
    solution = candidate.mended.solution
    model = solution.model
    before, cost = list(solution.ways), solution.cost
    waits = candidate.price - (candidate.way.cost - solution.ways[candidate.way.duty].cost)
    waits -= sum(min(model.price[model.number[name]], model.problem.costs.change) for name in candidate.pushed)
    hours = model.windows[candidate.visit]
    # whatever is set down again must not come in between: from here on the emergency may begin no later
    model.windows[candidate.visit] = no_later(hours, candidate.start_s)
    way = solution.way(candidate.way.duty, candidate.way.stops)
    solution.put(candidate.way if way is None else way)
    insert_everywhere(candidate.rest, solution, [model.number[name] for name in candidate.pushed])
    model.windows[candidate.visit] = hours
    price = solution.cost - (cost - model.price[candidate.visit]) + waits
    ways = list(solution.ways)
    solution.restore([way for way, now in zip(before, ways, strict=True) if way is not now], cost)
    return Chosen(candidate, ways, price)
