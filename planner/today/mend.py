"""Sets down what was set free: at once by insertion, then, where there is time, by a search that moves few other visits."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from planner.rounds.answer import settle
from planner.rounds.construct import by_urgency
from planner.rounds.insertion import Inserter, Neighbourhood
from planner.rounds.model import NEVER_S, Model
from planner.rounds.solution import Solution, Way
from planner.rounds.stop import Stop
from planner.rounds.timing import timetable
from planner.today.rest import Rest

WARM = 0.2
"""Temperature of the search at its beginning: warm enough to exchange visits, too cold to rebuild the day."""
NEAR_VISITS, NEAR_ROUNDS = 40, 12
"""So many visits next to one that was set free may give way, and rounds on which it would cost least."""
SHARE_KEPT_S = 0.3
"""Seconds kept of the time given, for stating the plan and what changes."""


class Mended(NamedTuple):
    """A solution of the rest, and what happened on the way to it.

    Attributes
    ----------
    solution
        Where everything goes.
    pushed
        Visits that did not fit any more where they were → code: `window`, `shift` or `load`.
    """

    solution: Solution
    pushed: dict[str, str]


def kept_rounds(rest: Rest) -> Mended:
    """Put on every round what still stands on it; what does not fit any more is pushed off, as little as possible."""
    model = Model(rest.problem, rest.matrix)
    solution = Solution(model)
    pushed: dict[str, str] = {}
    for k, duty in enumerate(model.duties):
        names = list(rest.before.get((duty.crew, duty.day), ()))
        anchor = rest.anchors.get(duty.crew) if duty.day == rest.days[0] else None
        known = [model.number[name] for name in names if name in model.number]
        stops = [i for i in known if k in model.options[i]]
        pushed |= {model.problem.visits[i].id: "window" for i in known if k not in model.options[i]}
        held = [] if anchor is None else [model.number[anchor]]
        way, gone = fit(solution, k, held + stops, set(held))
        pushed |= gone
        if way is not None:
            solution.put(way)
    return Mended(solution, pushed)


def fit(solution: Solution, duty: int, stops: list[int], held: Collection[int]) -> tuple[Way | None, dict[str, str]]:
    """Make a way of stops in this order; take out as few as possible where they do not fit, never those held.

    Returns
    -------
    tuple
        The way, None if even those held do not fit, and what was taken out → code of the reason.
    """
    visits = solution.model.problem.visits
    gone: dict[str, str] = {}
    left = list(stops)
    while (way := solution.way(duty, left)) is None:
        free = [i for i in left if i not in held]
        if not free:
            return None, gone
        code = _why(solution, duty, left)
        out = _least(solution, duty, left, free)
        gone[visits[out].id] = code
        left.remove(out)
    return way, gone


def _least(solution: Solution, duty: int, stops: Sequence[int], free: Sequence[int]) -> int:
    """Choose the stop to take out: the cheapest to leave out of those whose absence is enough, the latest of equals."""
    price = solution.model.price
    enough = [i for i in free if solution.way(duty, [other for other in stops if other != i]) is not None]
    return min(enough, key=lambda i: (price[i], -stops.index(i))) if enough else free[-1]


def _why(solution: Solution, duty: int, stops: list[int]) -> str:
    """Say what keeps stops from being done: the shift, hours of visits, or the load."""
    model = solution.model
    shift = model.duties[duty]
    if shift.capacity is not None and sum(model.load[i] for i in stops) > shift.capacity:
        return "load"
    endless = shift._replace(latest_s=NEVER_S // 2, max_duration_s=None)
    return "window" if timetable(model, endless, stops) is None else "shift"


class _Everywhere(Neighbourhood):
    """No neighbours: few visits are placed, and each looks at every round anyway, so that working them out would be lost."""

    def __init__(self) -> None:
        self.visits = []
        self.homes = []


def insert_everywhere(rest: Rest, solution: Solution, visits: Iterable[int]) -> list[int]:
    """Insert visits, the most urgent first, each at its cheapest place anywhere; give those that find none."""
    model = solution.model
    inserter = Inserter(solution, _Everywhere(), random.Random(0))  # noqa: S311 - no chance is used
    homeless = []
    for i in by_urgency(model, visits):
        spot = inserter.best(i, model.price[i], everywhere=True)
        if spot is None or not inserter.insert(i, spot):
            homeless.append(i)
    _anchors_first(rest, solution)
    return homeless


def _anchors_first(rest: Rest, solution: Solution) -> None:
    """Put what holds a crew first again, where work that takes no time at a place no drive away has slipped in before it."""
    model = solution.model
    for crew, name in rest.anchors.items():
        anchor, duty = model.number[name], model.duty_number[crew, rest.days[0]]
        stops = solution.ways[duty].stops
        if stops[:1] != [anchor]:
            way, _ = fit(solution, duty, [anchor, *(i for i in stops if i != anchor)], {anchor})
            assert way is not None  # noqa: S101 - alone it always fits
            solution.put(way)


def search(rest: Rest, mended: Mended, stop: Stop, seed: int) -> int:
    """Improve a solution for the time given; only what was set free and what stands near it may move. Give the rounds done.

    Rounds that came to the same visits in another order go back to the order they had, unless that saves a change's price.
    """
    from planner.rounds.kernel import improve

    solution, model = mended.solution, mended.solution.model
    begun_s = stop.elapsed_s()
    given_s = stop.left_s() - SHARE_KEPT_S if stop.time_limit_s is not None else None

    def share() -> float | None:
        if stop.requested():
            return None
        if given_s is None:
            return 0.0
        done = (stop.elapsed_s() - begun_s) / given_s if given_s > 0 else 1.0
        return None if done >= 1 else done

    free = _around(rest, mended)
    if not free or share() is None or stop.rounds == 0:
        return 0
    rounds = improve(solution, seed=seed, rounds=stop.rounds, keep_going=share, warm=WARM, free=free)
    insert_everywhere(rest, solution, [i for i in solution.left_out() if model.options[i]])
    _back_to_order(rest, solution)
    settle(solution)
    return rounds


def _around(rest: Rest, mended: Mended) -> set[int]:
    """Choose the visits that may move: what was set free, its neighbours, and the rounds on which it now is."""
    solution, model = mended.solution, mended.solution.model
    loose = [model.number[name] for name in (*rest.released, *mended.pushed) if name in model.number]
    if not loose:
        return set()
    held = {model.number[name] for name in rest.anchors.values()}
    free = set(loose)
    touched = {solution.duty_of[i] for i in loose if solution.duty_of[i] >= 0}
    near = Neighbourhood(model, NEAR_VISITS)
    for i in loose:
        duties = [solution.duty_of[j] for j in near.visits[i] if solution.duty_of[j] in model.options[i]]
        touched.update(list(dict.fromkeys(duties))[:NEAR_ROUNDS])
    for k in touched:
        free.update(solution.ways[k].stops)
    return free - held


def _back_to_order(rest: Rest, solution: Solution) -> None:
    model = solution.model
    worth = model.problem.costs.change
    for way in list(solution.ways):
        duty = model.duties[way.duty]
        anchor = rest.anchors.get(duty.crew) if duty.day == rest.days[0] else None
        before = [anchor] if anchor is not None else []
        before += rest.before.get((duty.crew, duty.day), [])
        stops = [model.number[name] for name in before if name in model.number]
        if way.stops == stops or sorted(way.stops) != sorted(stops):
            continue
        old = solution.way(way.duty, stops)
        if old is not None and old.cost <= way.cost + worth:
            solution.put(old)
