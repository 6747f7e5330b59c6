"""A search in parts: one after the other, or several at a time by a team."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass

import msgspec

from planner.rounds.insertion import Neighbourhood
from planner.rounds.pool import Pool
from planner.rounds.scale import task
from planner.rounds.scale.back import Best, met_routes, put_back
from planner.rounds.scale.part import Part, part_of
from planner.rounds.scale.schedule import Schedule
from planner.rounds.scale.team import Team, TeamError, is_loss
from planner.rounds.scale.territory import Atlas, Territory
from planner.rounds.search import COLD
from planner.rounds.solution import Solution

FEW = 40
"""Up to so many visits a team is of no use."""
ALONE = 1500
"""Up to so many visits one process does best with the whole problem."""
WHOLE = 800
"""Up to so many visits the members of a team do best with the whole problem each, beyond with a territory each."""
JOINED_SHARE = 0.6
"""Share of the search after which all who search the whole problem begin from the best of what they found."""
MUCH = 0.1
"""Share of all visits from which on those left out are many: which of them to take is a question to the whole problem."""
EVERY_S = 0.1
"""Seconds between two questions whether to go on, while all others search."""
TRIES = 4
"""Times that a task is sent before its loss is taken for more than bad luck."""
SEEDS = 1 << 31
"""Seeds of tasks are drawn from so many."""


def is_spread(visits: int, team: Team | None) -> bool:
    """Tell whether a problem of so many visits is searched in parts."""
    return visits > (ALONE if team is None else FEW)


def leaves_out_much(solution: Solution) -> bool:
    """Tell whether so many visits are left out, of a problem that one process can search, that territories do not help."""
    options = solution.model.options
    missing = sum(1 for i in solution.left_out() if options[i])
    return FEW < solution.model.visits <= ALONE and missing > MUCH * solution.model.visits


def improve(
    solution: Solution,
    *,
    team: Team | None,
    seed: int,
    rounds: int | None,
    left_s: Callable[[], float],
    keep_going: Callable[[float, int, int], bool],
    warm: float,
    cold: float = COLD,
    pool: Pool | None = None,
    near: Neighbourhood | None = None,
) -> int:
    """Search for a cheaper solution in parts of it, as `planner.rounds.kernel.improve` does in the whole.

    Parameters
    ----------
    solution
        Where it begins; changed in place to the cheapest solution met.
    team
        Who searches; None for this process alone, one part after the other.
    seed
        All chance comes from here.
    rounds
        Rounds in all parts together, about; None for no limit. With a limit of rounds alone, the same seed and a team of the
        same size, the result is the same.
    left_s
        Seconds left for the search, infinite without a limit of time.
    keep_going
        Told some times a second the share of the search that is done, by its rounds or its time (0..1), what the best
        solution so far costs and how many visits it plans; false stops the search at once.
    warm, cold
        Temperatures at the beginning and at the end of the whole search.
    pool
        Is told of routes met.
    near
        The model's neighbourhood, where the caller has it already.

    Returns
    -------
    int
        Rounds done in all parts together.
    """
    near = near or Neighbourhood(solution.model)
    visits = solution.model.visits
    lanes = team is not None and (visits <= WHOLE or leaves_out_much(solution))
    hands = 1 if team is None else max(1, team.size())
    schedule = Schedule(warm, cold, rounds, left_s, visits, hands, lanes=lanes)
    spread = _Spread(solution, near, random.Random(seed), pool, schedule, keep_going)  # noqa: S311 - no secret
    if team is None or team.failure:
        spread.alone()
    else:
        try:
            spread.together(team)
        except TeamError as error:
            team.failure = str(error)
            spread.alone()
    spread.best.restore()
    return schedule.done_rounds


@dataclass
class _Lane:
    """One of several searches of the whole problem side by side.

    Attributes
    ----------
    ways
        Stops per duty with which its last task ended.
    apart
        Whether it still goes its own way; later it starts from the best of all.
    """

    ways: list[list[int]]
    apart: bool = True


@dataclass
class _Flight:
    """A task under way."""

    territory: Territory
    part: Part
    data: bytes
    future: Future[bytes]
    due_s: float
    """Seconds that were left when it was to be ready."""
    lane: _Lane | None = None
    tries: int = 1


class _Spread:
    """One search in parts."""

    def __init__(
        self,
        solution: Solution,
        near: Neighbourhood,
        rng: random.Random,
        pool: Pool | None,
        schedule: Schedule,
        keep_going: Callable[[float, int, int], bool],
    ) -> None:
        self._solution = solution
        self._near = near
        self._rng = rng
        self._pool = pool
        self._schedule = schedule
        self._keep_going = keep_going
        self.best = Best(solution)
        self._atlas = Atlas(solution.model, rng)
        self._flights: list[_Flight] = []
        self._whole: Part | None = None
        self._lanes: list[_Lane] = []

    def _goes_on(self) -> bool:
        return self._keep_going(self._schedule.share(), self.best.cost, self.best.planned)

    def alone(self) -> None:
        """Search one part after the other in this process."""
        while self._goes_on():
            chosen = self._next(None)
            if chosen is None:
                return
            territory, part, terms, due_s = chosen
            del territory
            better = task.search(part.problem, part.matrix, terms, self._until(terms.seconds))
            self._take(part, better, due_s)

    def _until(self, seconds: float | None) -> Callable[[], float | None]:
        """Give the share of a task in this process that is done, None when it is over or the whole search is."""
        begun_s = self._schedule.left_s()

        def share() -> float | None:
            if not self._goes_on():
                return None
            done = 0.0 if seconds is None else (begun_s - self._schedule.left_s()) / seconds
            return done if done < 1 else None

        return share

    def together(self, team: Team) -> None:
        """Have a team search several parts at a time."""
        try:
            while self._goes_on():
                if self._schedule.lanes:
                    self._send_lanes(team)
                else:
                    self._send(team)
                if not self._flights:
                    return
                self._receive(team)
        finally:
            for flight in self._flights:
                flight.future.cancel()

    def _next(self, until_s: float | None) -> tuple[Territory, Part, task.Terms, float] | None:
        """Choose the next task: where, what, how, and how many seconds are to be left when it is over."""
        size = self._schedule.size
        territory = self._atlas.choose(self._solution, size, [flight.territory for flight in self._flights])
        if territory is None:
            return None
        part = part_of(self._solution.model, territory.duties, territory.visits)
        terms = self._schedule.next(self._ways(part), self._rng.randrange(SEEDS), until_s)
        return None if terms is None else (territory, part, terms, self._due_s(terms))

    def _ways(self, part: Part) -> list[list[int]]:
        number = {i: n for n, i in enumerate(part.visits)}
        return [[number[i] for i in self._solution.ways[k].stops] for k in part.duties]

    def _due_s(self, terms: task.Terms) -> float:
        return self._schedule.left_s() - (terms.seconds or math.inf)

    def _send(self, team: Team) -> None:
        """Start tasks for all who have none.

        Where the territories under way leave little else to choose from, the next ones are chosen when all are back, for
        otherwise the cuts between them would stay where they are.
        """
        schedule = self._schedule
        busy = sum(len(flight.territory.visits) for flight in self._flights)
        if self._flights and self._solution.model.visits - busy < 2 * schedule.size:
            return
        while len(self._flights) < team.size():
            until_s = None
            if self._flights and 2 * schedule.size * team.size() > self._solution.model.visits:
                until_s = max(0.0, schedule.left_s() - self._flights[-1].due_s)
            chosen = self._next(until_s)
            if chosen is None:
                return
            territory, part, terms, due_s = chosen
            self._start(team, part, terms, territory, due_s)

    def _start(
        self, team: Team, part: Part, terms: task.Terms, territory: Territory, due_s: float, lane: _Lane | None = None
    ) -> None:
        data = task.encode(part.problem, part.matrix, terms)
        self._flights.append(_Flight(territory, part, data, team.submit(task.run, data), due_s, lane))

    def _send_lanes(self, team: Team) -> None:
        """Send the whole problem to all who have nothing to do, each from where its lane has come to."""
        if self._whole is None:
            model = self._solution.model
            self._whole = part_of(model, range(len(model.duties)), range(model.visits))
        whole = self._whole
        while len(self._lanes) < team.size():
            self._lanes.append(_Lane(self._ways(whole)))
        under_way = [flight.lane for flight in self._flights]
        for lane in self._lanes[: team.size()]:
            if any(lane is other for other in under_way):
                continue
            if lane.apart and self._schedule.share() >= JOINED_SHARE:
                lane.apart = False
                self.best.restore()
                lane.ways = self._ways(whole)
            terms = self._schedule.next(lane.ways, self._rng.randrange(SEEDS), None)
            if terms is None:
                return
            self._start(team, whole, terms, Territory([], []), self._due_s(terms), lane)

    def _receive(self, team: Team) -> None:
        """Wait a little for answers, and put in what has come; counted rounds are put in in the order of their sending."""
        flights = self._flights[:1] if self._schedule.counted else self._flights
        done = wait([flight.future for flight in flights], EVERY_S, FIRST_COMPLETED).done
        for flight in [flight for flight in flights if flight.future in done]:
            try:
                better = msgspec.json.decode(flight.future.result(), type=task.Better)
            except Exception as error:
                if not is_loss(error):
                    raise
                self._send_again(team, flight, error)
                continue
            self._flights.remove(flight)
            team.compiling = not better.compiled
            self._take(flight.part, better, flight.due_s, flight.lane)

    def _send_again(self, team: Team, flight: _Flight, error: BaseException) -> None:
        """Send a task again whose worker died."""
        team.lost += 1
        flight.tries += 1
        if flight.tries > TRIES:
            raise TeamError(f"a part of the search was lost {TRIES} times: {error}") from error
        flight.future = team.submit(task.run, flight.data)

    def _take(self, part: Part, better: task.Better, due_s: float, lane: _Lane | None = None) -> None:
        """Note what was found, and go on from where the search ended."""
        put_back(self._solution, part, better.ways, self._near, self._rng)
        self.best.note()
        self._schedule.answered(better.rounds, due_s)
        if self._pool is not None:
            self._pool.add_routes(met_routes(part, better))
            self._pool.add(self._solution.ways[k] for k in part.duties)
        if lane is not None:
            lane.ways = better.last
        elif better.last != better.ways:
            put_back(self._solution, part, better.last, self._near, self._rng)
