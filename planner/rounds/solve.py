"""The one entry to the search: a validated problem in, a plan out."""

from __future__ import annotations

import random

from planner.rounds import kernel
from planner.rounds.answer import better, plan_of
from planner.rounds.construct import adopt, by_urgency, insert_all, place_pinned
from planner.rounds.insertion import Neighbourhood
from planner.rounds.merge import Limits, merge
from planner.rounds.model import Model
from planner.rounds.plan import Plan
from planner.rounds.pool import Pool
from planner.rounds.problem import Problem
from planner.rounds.scale import Team, is_spread, leaves_out_much
from planner.rounds.scale import improve as improve_in_parts
from planner.rounds.scale.beside import Beside, is_beside
from planner.rounds.search import COLD, WARM
from planner.rounds.solution import Solution
from planner.rounds.stop import OnProgress, Reporter, Stop
from planner.rounds.travel import travel_matrix

SEEDS = 1 << 31
"""Seeds of parts of a search are drawn from so many."""
LUKEWARM = 0.1
"""Temperature at the beginning when there is a plan to begin with, which a hotter search would forget."""
SMALL = 40
"""Problems of up to so many visits are searched for `ROUNDS_PER_VISIT` rounds a visit, however much time is given."""
ROUNDS_PER_VISIT = 1000
MERGE_SHARE, MERGE_MOST_S, MERGE_LEAST_S = 0.05, 3.0, 1.0
"""Time for the last mix of routes: a share of the whole, at most and at least so much. To load CP-SAT alone takes half a
second, so that in less time the search gains more than the mix."""
MERGE_EFFORT = 2.0
"""Limit of CP-SAT in its deterministic units where the search is limited by rounds."""
ANSWER_SHARE, ANSWER_LEAST_S, ANSWER_PER_VISIT_S = 0.02, 0.05, 1e-4
"""Time kept for stating and checking the plan: a share of the whole, at least so much and so much per visit."""
ANSWER_PER_BUILD, ANSWER_MOST_SHARE = 0.7, 0.25
"""The same in terms of the time that the model took to build, which tells how busy the machine is; at most that share."""
FIRST_PLAN_S = 30.0
"""Seconds that the first plan may take even if the time is over: a plan that leaves out what nobody has looked at is none."""
LAST_SHARE = 0.35
"""Share of the search that begins from the mix of what two engines found side by side."""
FILLING_SHARE = 0.05
"""Share of the search in which one process fills a first plan that leaves out much, before a team shares the work by it."""
MARGIN_S = 0.3
"""Seconds by which the other engine ends before ours, for it may be slow to answer."""
HURRY_SHARE = 0.5
"""When less than this share of that time is left, reasons are given without their minutes."""
REASONS_WHEN_ASKED_S = 1.0
"""Seconds for reasons with minutes when somebody waits for the search to stop."""


def solve(
    problem: Problem,
    stop: Stop,
    seed: int = 1,
    start: Plan | None = None,
    progress: OnProgress | None = None,
    team: Team | None = None,
) -> Plan:
    """Find a good plan.

    Parameters
    ----------
    problem
        A problem without faults.
    stop
        When to end. With a limit of rounds alone the same arguments give the same plan on any machine.
    seed
        All chance comes from here.
    start
        A plan to begin with; what the problem does not allow of it is left aside.
    progress
        Told now and then how far the search is.
    team
        Who searches, see `planner.rounds.scale`; None for this process alone.

    Returns
    -------
    Plan
        Valid whatever the problem and the time, unless its pins cannot be kept together; what is left out has its reason.
    """
    search = Search(problem, stop, seed, progress, team=team)
    search.construct(start)
    search.improve()
    search.merge()
    return search.answer()


class Search:
    """The steps of `solve` one by one.

    Parameters
    ----------
    problem, stop, seed, progress, team
        As for `solve`.
    """

    def __init__(
        self, problem: Problem, stop: Stop, seed: int, progress: OnProgress | None = None, *, team: Team | None = None
    ) -> None:
        begun_s = stop.elapsed_s()
        self._stop = stop
        self._seed = seed
        self._team = team
        self._reporter = Reporter(stop, progress, len(problem.visits))
        self._model = Model(problem, travel_matrix(problem.travel, problem.locations))
        self._near = Neighbourhood(self._model)
        self._rng = random.Random(seed)  # noqa: S311 - a search, not a secret
        self._solution = Solution(self._model)
        self._pool = Pool()
        self._start: Plan | None = None
        self._warm = WARM
        self._answer_s = self._merge_s = 0.0
        limit_s = stop.time_limit_s
        if limit_s is not None:
            kept_s = ANSWER_LEAST_S + ANSWER_PER_VISIT_S * self._model.visits
            by_build_s = min(ANSWER_PER_BUILD * (stop.elapsed_s() - begun_s), ANSWER_MOST_SHARE * limit_s)
            self._answer_s = max(kept_s, ANSWER_SHARE * limit_s, by_build_s)
            merge_s = min(limit_s * MERGE_SHARE, MERGE_MOST_S)
            self._merge_s = merge_s if merge_s >= MERGE_LEAST_S else 0.0

    def construct(self, start: Plan | None = None) -> None:
        """Make a first plan: out of another one, as far as the problem allows it, or of nothing."""
        solution, near, rng = self._solution, self._near, self._rng
        self._start = start
        if start is not None:
            self._warm = LUKEWARM
            adopt(solution, start)
        place_pinned(solution, near, rng, self._endless)
        insert_all(solution, near, by_urgency(self._model, solution.left_out()), rng, self._endless)
        self._reporter.tell("construct", 0.0, solution.cost, solution.planned())

    def improve(self) -> None:
        """Search until it is time to merge."""
        most = self._stop.rounds
        if self._model.visits <= SMALL:
            enough = ROUNDS_PER_VISIT * self._model.visits
            most = enough if most is None else min(most, enough)
        timed = self._stop.time_limit_s is not None
        if timed and self._team is not None and most is None and leaves_out_much(self._solution):
            filling_s = FILLING_SHARE * (self._left_s() - self._merge_s)
            self._search(None, self._stop.left_s() - filling_s, self._warm, whole=True)
        if self._team is not None and most is None and is_beside(self._solution, self._team):
            self._search_beside(self._team)
        else:
            self._search(most, self._merge_s + self._answer_s, self._warm)

    def merge(self) -> None:
        """Choose the best mix of all routes met, and use the time left to improve on it."""
        timed = self._stop.time_limit_s is not None
        if self._reporter.asked() or (timed and self._left_s() < 0.8 * MERGE_LEAST_S):
            return
        self._reporter.tell("merge", self._reporter.share, self._solution.cost, self._solution.planned())
        merge(
            self._solution, self._pool, self._seed, Limits(self._left_s if timed else None, MERGE_EFFORT if not timed else None)
        )
        if timed and self._model.visits > SMALL:
            self._search(None, self._answer_s, COLD)

    def answer(self) -> Plan:
        """State the best plan."""
        stop = self._stop
        timed = stop.time_limit_s is not None
        begun_s = stop.elapsed_s()

        def hurry() -> bool:
            waiting = self._reporter.asked() and stop.elapsed_s() > begun_s + REASONS_WHEN_ASKED_S
            return waiting or (timed and stop.left_s() < HURRY_SHARE * self._answer_s)

        insert_all(self._solution, self._near, self._solution.left_out(), self._rng, hurry)
        wall_s = stop.elapsed_s if timed else None
        plan = plan_of(self._solution, self._near, hurry, seed=self._seed, wall_s=wall_s)
        if self._start is not None:
            plan = better(self._model.problem, self._model.matrix, plan, self._start)
        self._reporter.tell("done", 1.0, self._solution.cost, self._solution.planned())
        return plan

    def _left_s(self) -> float:
        """Give the seconds left for the search, the answer's taken off."""
        return self._stop.left_s() - self._answer_s

    def _endless(self) -> bool:
        """Tell whether the first plan has to do as it is; no shortage of time and no wish to stop is worth half a plan."""
        return self._left_s() <= 0 and self._stop.elapsed_s() > FIRST_PLAN_S

    def _search_beside(self, team: Team) -> None:
        """Search in this process and with another engine on all of the team but one; mix, and once more from the mix."""
        kept_s = self._merge_s + self._answer_s
        last_s = LAST_SHARE * (self._stop.left_s() - kept_s)
        self._beside_once(team, kept_s + last_s, self._warm)
        left_s = self._stop.left_s
        until_s = left_s() - MERGE_MOST_S
        merge(self._solution, self._pool, self._seed, Limits(lambda: max(left_s() - until_s, 0.0), None))
        self._beside_once(team, kept_s, LUKEWARM)

    def _beside_once(self, team: Team, kept_s: float, warm: float) -> None:
        seconds = self._stop.left_s() - kept_s - MARGIN_S
        if seconds <= 0 or self._reporter.asked():
            return
        others = [
            Beside.begin(self._solution, team, self._rng.randrange(SEEDS), seconds, afresh=warm == WARM)
            for _ in range(team.size() - 1)
        ]
        self._search(None, kept_s, warm, whole=True)
        self._pool.add(self._solution.ways)
        for other in others:
            if not self._reporter.asked():
                other.take(self._solution, self._pool)

    def _search(self, most: int | None, kept_s: float, warm: float, *, whole: bool = False) -> None:
        """Run ruin and recreate up to a number of rounds, or until only so many seconds are left."""
        solution, stop, reporter = self._solution, self._stop, self._reporter
        begun_s = stop.elapsed_s()
        given_s = None if stop.time_limit_s is None else stop.time_limit_s - kept_s - begun_s
        if not whole and is_spread(self._model.visits, self._team):
            self._search_in_parts(most, kept_s, warm)
            return
        waits = stop.time_limit_s is None
        cost, planned = solution.cost, solution.planned()

        def note(best_cost: int, best_planned: int) -> None:
            nonlocal cost, planned
            cost, planned = best_cost, best_planned

        def share() -> float | None:
            elapsed_s = stop.elapsed_s()
            timed = 0.0 if given_s is None else (elapsed_s - begun_s) / given_s if given_s > 0 else 1.0
            of_all = elapsed_s / stop.time_limit_s if stop.time_limit_s else 0.0
            reporter.tell("search" if kernel.at_hand() else "compile", of_all, cost, planned)
            return None if timed >= 1 or reporter.asked() else timed

        kernel.improve(
            solution,
            seed=self._rng.randrange(SEEDS),
            rounds=most,
            keep_going=share,
            warm=warm,
            pool=self._pool,
            near=self._near,
            waits=waits,
            tell=note,
        )

    def _search_in_parts(self, most: int | None, kept_s: float, warm: float) -> None:
        """Do the same in parts, by the team if there is one."""
        solution, stop, reporter, team = self._solution, self._stop, self._reporter, self._team

        def left_s() -> float:
            return stop.left_s() - kept_s

        def go_on(share: float, cost: int, planned: int) -> bool:
            of_all = stop.elapsed_s() / stop.time_limit_s if stop.time_limit_s else share
            compiling = not kernel.at_hand() if team is None else team.compiling
            reporter.tell("compile" if compiling else "search", of_all, cost, planned)
            return left_s() > 0 and not reporter.asked()

        improve_in_parts(
            solution,
            team=team,
            seed=self._rng.randrange(SEEDS),
            rounds=most,
            left_s=left_s,
            keep_going=go_on,
            warm=warm,
            pool=self._pool,
            near=self._near,
        )
