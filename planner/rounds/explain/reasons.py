"""Why a visit is left out: the first reason that binds over all crews and days, and one plain sentence about it."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence

import msgspec

from planner.rounds.explain.words import MINUTE_S, Told, Value, Wording
from planner.rounds.insertion import Inserter, Neighbourhood
from planner.rounds.model import NEVER_S, Duty
from planner.rounds.plan import Unplanned
from planner.rounds.problem import Crew, Place, Visit
from planner.rounds.solution import Solution
from planner.rounds.timing import Timetable, timetable

ROUTES_TRIED = 24
"""Routes of a visit's crews and days, the ones with the most room first, of which the missing minutes are worked out."""


class Reason(msgspec.Struct, frozen=True):
    """Why one visit is left out, or may not be on a certain crew and day.

    Attributes
    ----------
    visit
        Its id.
    code
        ``skill`` no crew has the skills; ``people`` none that has them is large enough; ``load`` none of those has room
        for it even when empty; ``pin`` the crew and day that it is pinned to cannot take it; ``day`` none of those works
        on its days; ``window`` none can start within its windows, even without other visits; ``too_long`` the visit and the way
        there and back are longer than any shift; ``bank`` another elevator of its bank is at work whenever it would fit;
        ``load_full`` what the crews carry already leaves no room; ``shift_full`` the shifts lack `amount` minutes;
        ``not_worth_it`` planning it would cost `amount` more than leaving it out; ``possible`` it would cost `amount` less,
        so that only the plan is to blame (no plan of ours, or one that was stopped).
    told
        The sentence, as data.
    detail
        The sentence in English, with the ids of the problem.
    crew, day
        Where it comes closest to fitting, if the reason speaks of one place.
    amount
        Minutes, people, load or cost that are missing, if the reason speaks of any.
    """

    visit: str
    code: str
    told: Told
    detail: str
    crew: str | None = None
    day: int | None = None
    amount: int | None = None

    def unplanned(self) -> Unplanned:
        """Give the line of a plan."""
        return Unplanned(self.visit, self.code, self.detail)


def reasons(solution: Solution, near: Neighbourhood, hurry: Callable[[], bool]) -> list[Reason]:
    """Explain every visit that a solution leaves out, mandatory ones first, otherwise in the problem's order.

    Parameters
    ----------
    solution
        Not changed.
    near
        Its model's neighbourhood.
    hurry
        Asked before every visit until it is true: whether to leave the minutes of full shifts uncounted from then on.
    """
    visits = solution.model.problem.visits
    explainer = Explainer(solution, Inserter(solution, near, random.Random(0)))  # noqa: S311 - nothing is drawn from it
    found = []
    hurried = False
    for i in sorted(solution.left_out(), key=lambda i: not visits[i].mandatory):
        hurried = hurried or hurry()
        found.append(explainer.reason(i, counted=not hurried))
    return found


class Explainer:
    """Finds reasons on the routes as they are, the cheap ones first: they need no look at the routes.

    Parameters
    ----------
    solution
        The routes; not changed.
    inserter
        Of this solution.
    """

    def __init__(self, solution: Solution, inserter: Inserter) -> None:
        self._solution = solution
        self._model = solution.model
        self._inserter = inserter
        self._wording = Wording(solution.model.problem)

    def reason(self, i: int, *, counted: bool = True) -> Reason:
        """Say why a visit is left out.

        Parameters
        ----------
        i
            Its number.
        counted
            Whether to work out how many minutes a full shift lacks.
        """
        visit = self._model.problem.visits[i]
        found = self._of_crews(visit) or self._of_days(visit) or self._alone(i, visit)
        if found is not None:
            return found
        return self._beside_others(i, visit) if counted else self._told(visit, "shift_full", "shift_full")

    def alone(self, i: int) -> Reason | None:
        """Say what keeps a visit from its crews and days even if they had nothing else to do; None if nothing does."""
        return self._alone(i, self._model.problem.visits[i])

    def beside_others(self, i: int) -> Reason:
        """Say what the routes lack for a visit that is on none of them, or what it would cost more than leaving it out."""
        return self._beside_others(i, self._model.problem.visits[i])

    def _told(
        self,
        visit: Visit,
        code: str,
        form: str,
        *,
        at: Duty | Place | None = None,
        amount: int | None = None,
        **values: Value,
    ) -> Reason:
        crew, day = (None, None) if at is None else (at.crew, at.day)
        if at is not None:
            values |= {"crew": at.crew, "day": at.day}
        told = Told(form, values)
        return Reason(visit.id, code, told, self._wording.say(told).en, crew, day, amount)

    def _of_crews(self, visit: Visit) -> Reason | None:
        """Skills, people and room: the same on every day."""
        crews = self._model.problem.crews
        skilled = [crew for crew in crews if set(visit.skills) <= set(crew.skills)]
        if not skilled:
            form, skills = _lacking_skill(visit, crews)
            return self._told(visit, "skill", form, skills=skills)
        enough = [crew for crew in skilled if crew.people >= visit.people]
        if not enough:
            most = max(crew.people for crew in skilled)
            return self._told(visit, "people", "people", needed=visit.people, most=most, amount=visit.people - most)
        rooms = [crew.load_capacity for crew in enough if crew.load_capacity is not None]
        if len(rooms) == len(enough) and max(rooms) < visit.load:
            return self._told(visit, "load", "load", needed=visit.load, most=max(rooms), amount=visit.load - max(rooms))
        return None

    def _of_days(self, visit: Visit) -> Reason | None:
        problem, model = self._model.problem, self._model
        if visit.pinned is not None or model.options[model.number[visit.id]]:
            return None
        if visit.first_day >= problem.days:
            return self._told(visit, "day", "day_after", day=visit.first_day)
        if visit.first_day == visit.last_day:
            return self._told(visit, "day", "day_only", day=visit.first_day)
        return self._told(visit, "day", "day_none", day=visit.first_day, last=min(visit.last_day, problem.days - 1))

    def _alone(self, i: int, visit: Visit) -> Reason | None:
        """Whether any crew could do it if it had nothing else to do."""
        model = self._model
        windowless = False
        least_s, at = NEVER_S, -1
        for k in model.options[i]:
            duty = model.duties[k]
            if timetable(model, duty, [i]) is not None:
                return None
            late_s = lateness_s(duty, timetable(model, endless(duty), [i]))
            if late_s is not None and late_s < least_s:
                least_s, at = late_s, k
            windowless = windowless or self._fits_without_windows(duty, i)
        if visit.pinned is not None:
            return self._told(visit, "pin", "pin_alone" if model.options[i] else "pin_unable", at=visit.pinned)
        if windowless or at < 0:
            return self._told(visit, "window", "window_alone")
        minutes = math.ceil(least_s / MINUTE_S)
        return self._told(visit, "too_long", "too_long", at=model.duties[at], amount=minutes, minutes=minutes)

    def _fits_without_windows(self, duty: Duty, i: int) -> bool:
        """Tell whether nothing but the visit's windows keeps a crew from it."""
        model = self._model
        takes_s = model.travel[duty.start][model.place[i]] + model.service_s[i] + model.travel[model.place[i]][duty.end]
        longest_s = duty.latest_s - duty.from_s
        if duty.max_duration_s is not None:
            longest_s = min(longest_s, duty.max_duration_s)
        return model.windows[i] is not None and takes_s <= longest_s

    def _beside_others(self, i: int, visit: Visit) -> Reason:
        """Say what stands in its way on the routes as they are."""
        model, price, pin = self._model, self._model.price[i], visit.pinned
        if pin is not None:
            return self._told(visit, "pin", "pin_beside", at=pin)
        spot = self._inserter.best(i, NEVER_S, everywhere=True)
        if spot is not None:
            return self._priced(visit, model.duties[spot.duty], spot.cost - price)
        loads = [self._excess(k, i) for k in model.options[i]]
        if all(excess > 0 for excess in loads):
            return self._told(visit, "load_full", "load_full", room=min(loads), amount=min(loads))
        if self._solution.has_banks and model.bank[i] >= 0 and self._fits_but_for_bank(i):
            return self._told(visit, "bank", "bank", bank=str(visit.bank))
        return self._missing_minutes(i, visit)

    def _priced(self, visit: Visit, at: Duty, more: int) -> Reason:
        """Say what planning it costs more than leaving it out, where nothing else stands in its way."""
        if more == 0:
            return self._told(visit, "not_worth_it", "not_worth_it_same", at=at, amount=0)
        code = "not_worth_it" if more > 0 else "possible"
        return self._told(visit, code, code, at=at, amount=abs(more), cost=abs(more))

    def _excess(self, k: int, i: int) -> int:
        capacity = self._model.duties[k].capacity
        return 0 if capacity is None else self._solution.ways[k].load + self._model.load[i] - capacity

    def _routes_with(self, i: int) -> Iterator[tuple[int, list[int]]]:
        """Give the routes of its crews and days with the visit in every place; those with the most room come first."""
        ways = self._solution.ways
        roomy = sorted(self._model.options[i], key=lambda k: (-ways[k].widest_s, k))
        for k in [k for k in roomy if self._excess(k, i) <= 0][:ROUTES_TRIED]:
            stops = ways[k].stops
            for p in range(len(stops) + 1):
                yield k, [*stops[:p], i, *stops[p:]]

    def _fits_but_for_bank(self, i: int) -> bool:
        model = self._model
        return any(timetable(model, model.duties[k], stops) is not None for k, stops in self._routes_with(i))

    def _missing_minutes(self, i: int, visit: Visit) -> Reason:
        least_s, at = NEVER_S, -1
        for k, stops in self._routes_with(i):
            duty = self._model.duties[k]
            late_s = lateness_s(duty, timetable(self._model, endless(duty), stops))
            if late_s is not None and late_s < least_s:
                least_s, at = late_s, k
        if at < 0:
            return self._told(visit, "window", "window_beside")
        minutes = math.ceil(least_s / MINUTE_S)
        return self._told(visit, "shift_full", "shift_full_by", at=self._model.duties[at], amount=minutes, minutes=minutes)


def _lacking_skill(visit: Visit, crews: Sequence[Crew]) -> tuple[str, tuple[str, ...]]:
    """Give the form of the sentence, and the skills that it names."""
    if not crews:
        return "no_crew", ()
    held = {skill for crew in crews for skill in crew.skills}
    unknown = tuple(sorted(set(visit.skills) - held))
    if unknown:
        return ("skill_one" if len(unknown) == 1 else "skill_some"), unknown
    return "skill_all", tuple(sorted(set(visit.skills)))


def endless(duty: Duty) -> Duty:
    """Give the same shift without an end."""
    return duty._replace(latest_s=NEVER_S, max_duration_s=None)


def lateness_s(duty: Duty, times: Timetable | None) -> int | None:
    """Give the seconds that a route is longer than its shift; None if it cannot be done even in endless time."""
    if times is None or times.return_s >= NEVER_S:
        return None
    too_long_s = 0 if duty.max_duration_s is None else times.return_s - times.depart_s - duty.max_duration_s
    return max(1, times.return_s - duty.latest_s, too_long_s)
