"""The one entry: a plan, the present time and what has happened become a repaired plan and the list of what changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from planner.rounds.plan import Plan
from planner.rounds.problem import Problem
from planner.rounds.stop import Stop
from planner.rounds.travel import Matrix
from planner.today import changes, options, words
from planner.today.answer import SCHEMA, Frozen, Option, Outcome, Repair
from planner.today.asked import Emergency, Today
from planner.today.events import Case, amended, case_of, stands
from planner.today.join import Joined, join
from planner.today.mend import Mended, insert_everywhere, kept_rounds, search
from planner.today.rest import Rest, rest_of
from planner.today.standing import Stand
from planner.today.words import Names

replace = msgspec.structs.replace


class _Found(NamedTuple):
    """A whole plan that answers the question.

    `free` are the visits that could not stay where they were, with the code of the reason, `codes` these and why others found
    no place, `lost` those that found none; `searched` the rounds of search behind it.
    """

    joined: Joined
    rest: Rest
    free: dict[str, str]
    codes: dict[str, str]
    lost: set[str]
    searched: int


def repair(
    problem: Problem,
    plan: Plan,
    today: Today,
    stop: Stop | None = None,
    seed: int = 1,
    *,
    matrix: Matrix | None = None,
    names: Names | None = None,
) -> Repair:
    """Repair a published plan.

    Parameters
    ----------
    problem, plan, today
        Without faults (see `planner.today.links`).
    stop
        Time to search for something better than the first repair; None gives that one at once. An emergency alone is never
        searched for: its options are complete.
    seed
        Of the search.
    matrix
        `travel_matrix` of the problem, if the caller has it.
    names
        What visits, crews and days are called in sentences; their ids without them.

    Returns
    -------
    Repair
        In which everything that is over or under way is as it was, and every other difference is listed.
    """
    return _Repairer(problem, plan, today, stop, seed, matrix, names or Names()).run()


def problem_after(problem: Problem, plan: Plan, today: Today, after: Plan) -> Problem:
    """Give the problem of which a repaired plan is a plan: emergencies are in it, what is over or under way is as it came.

    Parameters
    ----------
    problem, plan, today
        As for `repair`.
    after
        The repaired plan.
    """
    case = case_of(problem, plan, today)
    return amended(case, stands(case, turning=False), after)


class _Repairer:
    """One repair; holds what several steps look up."""

    def __init__(
        self, problem: Problem, plan: Plan, today: Today, stop: Stop | None, seed: int, matrix: Matrix | None, names: Names
    ) -> None:
        self.plan, self.today, self.stop, self.seed, self.names = plan, today, stop, seed, names
        self.case = case_of(problem, plan, today, matrix)
        self.stands = stands(self.case, turning=False)

    def run(self) -> Repair:
        """Place emergencies, then set down what else was set free."""
        case = self.case
        choices: list[Option] = []
        loose: dict[str, str] = {}
        turned: set[str] = set()
        alone = self._is_alone()
        for emergency in self.today.emergencies:
            offered = self._places(case, emergency, most=self.today.options if alone else 1, loose=loose)
            if alone or not offered:
                choices = [self._option(case, emergency, chosen) for chosen in offered]
                continue
            best = offered[0]
            found = self._joined(best)
            loose |= {name: found.free.get(name, "displaced") for name in sorted(found.lost) if name not in case.new}
            case = case.with_plan(found.joined.plan)
            turned |= self._turned(best)
        if choices:
            return self._answer(choices[0].outcome, choices, {}, [], 0)
        if alone:
            return self._answer(None, [], {}, [], 0)
        found = self._settled(case, loose, self.stop)
        released = {
            **found.rest.released,
            **{name: code for name, code in found.codes.items() if name not in found.rest.released},
        }
        return self._answer(self._outcome(found, turned), [], released, found.rest.unpinned, found.searched)

    def _is_alone(self) -> bool:
        """Tell whether one emergency is all that has happened, as far as rounds that cannot stay as they are go."""
        today = self.today
        return len(today.emergencies) == 1 and not (today.crews_out or today.closed or today.cancelled or today.delays)

    # Emergencies.

    def _places(self, case: Case, emergency: Emergency, most: int, loose: Mapping[str, str]) -> list[options.Chosen]:
        settings: list[tuple[Rest, Mended]] = []
        driving: dict[str, str | None] = {}
        for turning in (False, True):
            where = stands(case, turning=turning)
            if turning:
                driving = {crew: stand.heading for crew, stand in where.items() if stand.heading is not None}
                if not driving:
                    break
            rest = rest_of(case, where, {self.today.day}, loose)
            settings.append((rest, kept_rounds(rest)))
        return options.best_places(settings, emergency, most, redirects=driving)

    def _joined(self, chosen: options.Chosen) -> _Found:
        """State the plan of a chosen place, today's rounds alone looked at."""
        candidate = chosen.candidate
        solution, rest = candidate.mended.solution, candidate.rest
        before, cost = list(solution.ways), solution.cost
        solution.restore([way for way, old in zip(chosen.ways, before, strict=True) if way is not old])
        codes = {**rest.released, **candidate.mended.pushed, **candidate.pushed}
        found = self._stated(rest, candidate.mended, codes, 0)
        solution.restore([old for old, now in zip(before, solution.ways, strict=True) if now is not old], cost)
        return found

    def _option(self, case: Case, emergency: Emergency, chosen: options.Chosen) -> Option:
        candidate = chosen.candidate
        found = self._joined(chosen)
        if found.lost:
            placed = case.with_plan(found.joined.plan)
            wider = self._settled(placed, dict.fromkeys(sorted(found.lost), "displaced"), None)
            found = wider._replace(codes={**found.codes, **wider.codes})
        outcome = self._outcome(found, self._turned(chosen))
        of = next(change for change in outcome.visits if change.visit == emergency.visit.id)
        assert of.after is not None  # noqa: S101 - it has just been placed
        delayed = {each.visit: each.by_s for each in outcome.visits if each.by_s is not None and each.by_s > 0}
        lost = {each.visit: each.code for each in outcome.visits if each.kind in ("moved", "dropped")}
        option = Option(
            of.after.crew, of.after.position, of.after.arrive_s, of.after.start_s, candidate.late_s, bool(self._turned(chosen)),
            chosen.price, delayed, lost, outcome, "", "",
        )  # fmt: skip
        return words.reworded(option, self.names)

    def _turned(self, chosen: options.Chosen) -> set[str]:
        """Give the visit that a crew was driving to and does not come to next any more."""
        candidate = chosen.candidate
        crew = candidate.mended.solution.model.duties[candidate.way.duty].crew
        now, planned = candidate.rest.stands[crew], self.stands[crew]
        return {stop.visit for stop in planned.stops} - {stop.visit for stop in now.stops}

    # Whatever was set free.

    def _settled(self, case: Case, loose: Mapping[str, str], stop: Stop | None) -> _Found:
        """Set down what is free; on the present day alone where that is enough to know, else on all days it may go to."""
        where = stands(case, turning=False)
        days = {self.today.day} | self._days_of(loose) | self._days_of_begun(case, where)
        rest = rest_of(case, where, days, loose)
        mended = kept_rounds(rest)
        wider = days | self._days_of([*rest.released, *mended.pushed])
        if wider != days:
            rest = rest_of(case, where, wider, loose)
            mended = kept_rounds(rest)
        solution, model = mended.solution, mended.solution.model
        insert_everywhere(rest, solution, [i for i in solution.left_out() if model.options[i]])
        searched = search(rest, mended, stop, self.seed) if stop is not None else 0
        return self._stated(rest, mended, {**rest.released, **mended.pushed}, searched)

    def _days_of(self, names: Mapping[str, str] | list[str]) -> set[int]:
        """Give the days on which some crew works and one of these visits may be made; and those of crews that are out."""
        found: set[int] = set()
        for name in names:
            visit = self.case.visits[name]
            found.update(range(max(visit.first_day, self.today.day), min(visit.last_day, self.case.problem.days - 1) + 1))
        for _, last in self.case.out.values():
            found.update(range(self.today.day, min(last, self.case.problem.days - 1) + 1))
        return found

    def _days_of_begun(self, case: Case, where: Mapping[str, Stand]) -> set[int]:
        """Give the later days that have a visit which was made today instead."""
        begun = {stop.visit for stand in where.values() for stop in stand.stops}
        later = {day for (_, day), route in case.routes.items() if any(stop.visit in begun for stop in route.stops)}
        return {day for day in later if day > self.today.day}

    def _stated(self, rest: Rest, mended: Mended, codes: dict[str, str], searched: int) -> _Found:
        solution, model = mended.solution, mended.solution.model
        planned = {model.problem.visits[i].id for way in solution.ways for i in way.stops}
        frozen = {stop.visit for stand in rest.stands.values() for stop in stand.stops}
        was = {stop.visit for route in self.plan.routes for stop in route.stops if route.day in rest.days}
        was |= set(rest.released) | {emergency.visit.id for emergency in self.today.emergencies}
        lost = {name for name in was if name not in planned and name not in frozen}
        reasons = {name: self._why_lost(rest, mended, name) for name in sorted(lost)}
        joined = join(rest, solution, {name: (code, words.CODES[code][0]) for name, code in reasons.items()})
        return _Found(joined, rest, codes, codes | reasons, {name for name in lost if reasons[name] != "cancelled"}, searched)

    def _why_lost(self, rest: Rest, mended: Mended, name: str) -> str:
        """Say why a visit finds no place."""
        if self.case.off.get(name) == "cancelled":
            return "cancelled"
        model = mended.solution.model
        visit, last = self.case.visits[name], max(rest.days)
        if name not in model.number or visit.first_day > min(visit.last_day, self.case.problem.days - 1):
            return "closed" if self.case.off.get(name) == "closed" else "day"
        if not model.options[model.number[name]]:
            return "skill"
        return "day" if visit.last_day == self.today.day and last > self.today.day else "full"

    # The answer.

    def _outcome(self, found: _Found, turned: set[str]) -> Outcome:
        frozen = {stop.visit for stand in self.stands.values() for stop in stand.stops} - turned
        visits = changes.visit_changes(
            self.plan, found.joined.plan, self.case.visits, frozen, found.codes, self.names, self.today.day
        )
        crews = changes.crew_changes(self.plan, found.joined.plan, visits, self.names, self.today.day)
        return Outcome(found.joined.plan, visits, crews, found.joined.verdict.cost)

    def _answer(
        self, outcome: Outcome | None, choices: list[Option], released: dict[str, str], unpinned: list[str], searched: int
    ) -> Repair:
        stood = [
            Frozen(crew, len(stand.stops), stand.free_s) for crew, stand in self.stands.items() if stand.depart_s is not None
        ]
        late = [crew for crew, stand in self.stands.items() if stand.rest_late]
        notes = [
            *(words.of_late_rest(crew, self.names) for crew in late),
            *(words.of_pin(name, self.names) for name in unpinned),
        ]
        wall_s = None if self.stop is None or self.stop.time_limit_s is None else round(self.stop.elapsed_s(), 3)
        return Repair(
            SCHEMA,
            self.today.day,
            self.today.now_s,
            outcome,
            tuple(choices),
            tuple(stood),
            released,
            tuple(notes),
            searched,
            wall_s,
        )
